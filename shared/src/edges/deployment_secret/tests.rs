use futures_util::future::join_all;

use super::*;
use crate::edges::aws::tests::{FakeAws, fake_aws, settings};

async fn read(aws: &FakeAws) -> DeploymentSecret<String> {
    DeploymentSecret::read(&settings(&aws.url), "arn".to_owned()).await.unwrap()
}

#[tokio::test]
async fn a_secret_is_read_again_by_one_for_all_who_want_it_newer_and_not_before_its_time() {
    let aws =
        fake_aws(&[(200, r#"{"SecretString":"old"}"#), (200, r#"{"SecretString":"new"}"#)]).await;
    let secret = read(&aws).await;
    let now = clock::now();
    assert_eq!(*secret.current(now).await, "old");
    let later = now.after(LIFETIME + Duration::from_secs(1));
    let all = join_all((0..10).map(|_| secret.current(later))).await;
    assert!(all.iter().all(|value| **value == "new"), "{all:?}");
    assert_eq!(aws.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_secret_that_is_not_answered_is_what_it_was_and_one_that_never_was_is_an_error() {
    let aws = fake_aws(&[(200, r#"{"SecretString":"old"}"#)]).await;
    let secret = read(&aws).await;
    assert_eq!(*secret.current(clock::now().after(2 * LIFETIME)).await, "old");
    let refused =
        fake_aws(&[(400, r#"{"__type":"ResourceNotFoundException","message":"none"}"#)]).await;
    let error = DeploymentSecret::<String>::read(&settings(&refused.url), "arn".to_owned())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("secret arn: ResourceNotFoundException"), "{error}");
}
