use super::super::Document;
use super::*;

/// The value of the condition `It`, beside which there are others.
fn holds(it: &str) -> Result<bool, String> {
    let document = Document::parse(&format!(
        "
Parameters:
  Size: {{ Type: Number, Default: 3 }}
  Name: {{ Type: String, Default: '' }}
Conditions:
  IsThree: !Equals [!Ref Size, '3']
  IsNamed: !Not [!Equals [!Ref Name, '']]
  It: {it}
Resources: {{}}
"
    ))
    .unwrap();
    let parameters = document.parameters(&[], &BTreeMap::new()).unwrap();
    let scope = Scope::new(&document, parameters, "http://x", "http://y")
        .map_err(|error| error.to_string())?;
    Ok(scope.condition("It").unwrap())
}

#[test]
fn parameters_are_compared_as_text() {
    assert!(holds("!Equals [!Ref Size, 3]").unwrap());
    assert!(holds("!Equals [!Sub '${AWS::Region}-${Size}', us-east-1-3]").unwrap());
    assert!(!holds("!Equals [!Ref Name, x]").unwrap());
}

#[test]
fn conditions_are_made_of_others() {
    assert!(!holds("!And [!Condition IsThree, !Condition IsNamed]").unwrap());
    assert!(holds("!Or [!Condition IsThree, !Condition IsNamed]").unwrap());
    assert!(holds("!And [!Condition IsThree, !Not [!Condition IsNamed]]").unwrap());
}

#[test]
fn the_long_forms_mean_the_same() {
    assert!(holds("{ 'Fn::Not': [{ Condition: IsNamed }] }").unwrap());
    assert!(holds("{ 'Fn::Equals': [{ Ref: Size }, '3'] }").unwrap());
}

#[test]
fn what_is_no_condition_is_an_error() {
    for (wrong, expected) in [
        ("!Condition It", "refers to itself"),
        ("!Condition Nothing", "no such condition"),
        ("!Ref Size", "not a condition function"),
        ("!Equals [1]", "!Equals"),
        ("'true'", "not a condition function"),
    ] {
        let error = holds(wrong).unwrap_err();
        assert!(error.contains(expected), "{wrong}: {error}");
    }
}
