use super::*;

#[test]
fn a_block_has_its_functions_name_to_sign_with_and_all_of_them_have_none() {
    let environment = |name: &str| Environment {
        variables: BTreeMap::from([("AWS_ACCESS_KEY_ID".to_owned(), name.to_owned())]),
    };
    let [intake, history] = ["intake", "history"].map(environment);
    let exports = Environment::exports([("intake", &intake), ("history", &history)]);
    let ids = exports.lines().filter_map(|line| line.strip_prefix("export AWS_ACCESS_KEY_ID="));
    assert_eq!(ids.collect::<Vec<_>>(), ["'intake'", "'history'", "'local'"]);
}
