use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
    let data = Data::ephemeral(false).unwrap();
    assert_eq!(data.secret("key", || "first".to_owned()).unwrap(), "first");
    assert_eq!(data.secret("key", || "second".to_owned()).unwrap(), "first");
    let mode = fs::metadata(data.path().join("key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_directory_is_one_stacks_at_a_time_and_an_ephemeral_one_is_removed() {
    let data = Data::ephemeral(false).unwrap();
    let path = data.path().to_path_buf();
    assert!(matches!(Data::take(&path), Err(Error::DataInUse(_))));
    drop(data);
    assert!(!path.exists());
}
