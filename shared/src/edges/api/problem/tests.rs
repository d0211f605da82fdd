use super::*;

#[test]
fn an_answer_stays_small_whatever_the_request_was() {
    let long = "é".repeat(1 << 20);
    let fault = FieldError { path: long.clone(), message: long.clone() };
    for error in [ApiError::Malformed(long), ApiError::Invalid(vec![fault; MAX_FAULTS + 1])] {
        let response = error.response();
        let Body::Text(text) = response.body() else { panic!("a problem is text") };
        assert!(text.len() < MAX_FAULTS * (2 * MAX_TEXT_LEN + 100), "{} bytes", text.len());
    }
    let said = ApiError::invalid("data", "a short message is told whole").response();
    let Body::Text(text) = said.body() else { panic!("a problem is text") };
    assert!(text.contains(r#""message":"a short message is told whole""#), "{text}");
}
