use super::*;

#[test]
fn an_unknown_resource_type_is_refused_by_name() {
    let document = Document::parse("Resources: { Bucket: { Type: 'AWS::S3::Bucket' } }").unwrap();
    let error = document.check_types().unwrap_err().to_string();
    assert!(error.contains("Bucket") && error.contains("AWS::S3::Bucket"), "{error}");
}

#[test]
fn a_known_but_irrelevant_type_is_passed_over() {
    let document = Document::parse("Resources: { Logs: { Type: 'AWS::Logs::LogGroup' } }").unwrap();
    document.check_types().unwrap();
}
