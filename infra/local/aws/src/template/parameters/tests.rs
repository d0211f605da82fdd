use super::super::Document;
use super::*;

const TEMPLATE: &str = "
Parameters:
  Seconds: { Type: Number, Default: 60, MinValue: 1, MaxValue: 60 }
  Level: { Type: String, Default: info, AllowedValues: [info, debug] }
  Key: { Type: String }
Resources: {}
";

fn read(
    overrides: &[(&str, &str)],
    local: &[(&str, &str)],
) -> Result<BTreeMap<String, Value>, String> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let overrides: Vec<_> = overrides.iter().map(own).collect();
    let local = local.iter().map(own).collect();
    let document = Document::parse(TEMPLATE).unwrap();
    document.parameters(&overrides, &local).map_err(|error| error.to_string())
}

#[test]
fn an_override_beats_the_local_default_which_beats_the_declared_one() {
    let values = read(&[("Key", "k")], &[("Seconds", "5"), ("Key", "local")]).unwrap();
    assert_eq!(values["Key"], "k");
    assert_eq!(values["Seconds"], 5);
    assert_eq!(values["Level"], "info");
}

#[test]
fn an_unknown_parameter_is_refused_and_the_known_ones_are_listed() {
    let error = read(&[("Secnds", "5")], &[]).unwrap_err();
    assert!(error.contains("Secnds") && error.contains("Key, Level, Seconds"), "{error}");
}

#[test]
fn values_outside_what_the_template_allows_are_refused() {
    assert!(read(&[("Key", "k"), ("Seconds", "61")], &[]).unwrap_err().contains("1 to 60"));
    assert!(read(&[("Key", "k"), ("Seconds", "soon")], &[]).unwrap_err().contains("not a number"));
    assert!(read(&[("Key", "k"), ("Level", "loud")], &[]).unwrap_err().contains("info, debug"));
    assert!(read(&[], &[]).unwrap_err().contains("no default"));
}
