use super::*;

fn secrets(data: &Data) -> Secrets {
    let secret = Secret {
        name: "Key".to_owned(),
        arn: "arn:aws:secretsmanager:r:a:secret:Key-1".to_owned(),
        length: 40,
    };
    Secrets::open(data, &[secret]).unwrap()
}

#[test]
fn a_secret_is_made_once_read_by_name_and_arn_and_changed() {
    let data = Data::ephemeral(false).unwrap();
    let secrets = secrets(&data);
    let get =
        |id: &str| secrets.run("GetSecretValue", json!({ "SecretId": id }).to_string().as_bytes());
    let made = get("Key").unwrap()["SecretString"].as_str().unwrap().to_owned();
    assert_eq!(made.len(), 40);
    let change = json!({ "SecretId": "Key", "SecretString": "another" }).to_string();
    assert!(secrets.run("PutSecretValue", change.as_bytes()).is_ok());
    let again = get("arn:aws:secretsmanager:r:a:secret:Key-1").unwrap();
    assert_eq!((&again["SecretString"], &again["Name"]), (&json!("another"), &json!("Key")));
    assert_eq!(get("None").unwrap_err().0, "ResourceNotFoundException");
}
