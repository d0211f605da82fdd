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
    let refused = |overrides| read(overrides, &[]).unwrap_err();
    assert_eq!(
        refused(&[("Key", "k"), ("Seconds", "61")]),
        "template: parameter Seconds: \"61\" is not allowed: must be between 1 and 60"
    );
    assert!(refused(&[("Key", "k"), ("Seconds", "soon")]).ends_with("must be a number"));
    assert!(refused(&[("Key", "k"), ("Seconds", "NaN")]).ends_with("must be a number"));
    assert!(refused(&[("Key", "k"), ("Level", "loud")]).ends_with("must be one of info, debug"));
    assert!(refused(&[]).contains("no default"));
    assert!(read(&[("Key", "k")], &[("Seconds", "0")]).is_err(), "a local default is checked");
}

/// The product's own template, with one parameter.
fn product(name: &str, value: &str) -> Result<Value, String> {
    let document = Document::read(&crate::Options::default().template).unwrap();
    let overrides = [(name.to_owned(), value.to_owned())];
    let values = document.parameters(&overrides, &BTreeMap::new());
    values.map(|mut values| values.remove(name).unwrap()).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(name: &str, value: &str, rule: &str) {
    let error = product(name, value).unwrap_err();
    assert!(error.starts_with(&format!("template: parameter {name}: \"")), "{error}");
    assert!(error.contains(&format!(" is not allowed: {rule}")), "{error}");
}

#[test]
fn the_product_allows_ports_and_address_ranges_and_nothing_else_for_egress() {
    for ports in ["443", "443, 8443", "1,65535"] {
        assert_eq!(product("EgressPorts", ports).unwrap(), ports);
    }
    for ports in ["foo", "", "443,", "65536", "0", "443\n", "443 "] {
        refused("EgressPorts", ports, "must match (6553[0-5]|");
    }
    assert_eq!(product("EgressAllow", "10.20.0.0/16, ::1/128").unwrap(), "10.20.0.0/16, ::1/128");
    assert_eq!(product("EgressAllow", "").unwrap(), "");
    for ranges in ["anywhere", "10.20.0.1", "10.20.0.0/16,", " "] {
        refused("EgressAllow", ranges, "must be empty, or CIDR blocks with commas between them");
    }
}

#[test]
fn the_products_own_words_say_what_is_allowed_where_it_has_some() {
    refused("PortalColour", "red", "must be a colour such as #1f5fbf");
    refused("PortalColour", "#1f5fbf0", "must be a colour such as #1f5fbf");
    refused("AlarmEmail", "nobody", "must be an e-mail address or empty");
    assert_eq!(product("AlarmEmail", "").unwrap(), "");
    let too_long = format!("data:image/png;base64,{}", "A".repeat(2_800));
    refused("PortalLogo", &too_long, "must be an image of 2 KB at most");
    assert!(product("PortalLogo", &too_long).unwrap_err().len() < 200, "the value is shortened");
}

#[test]
fn the_product_bounds_numbers_and_lengths_and_lists_values() {
    refused("TickSeconds", "61", "must be between 1 and 60");
    refused("OrderedDelivery", "True", "must be one of true, false");
    refused("LogRetentionDays", "31", "must be one of 1, 3, 5");
    refused("PortalName", "", "its number of characters must be between 1 and 60");
    assert_eq!(product("PortalName", &"é".repeat(60)).unwrap(), "é".repeat(60));
    refused("PortalName", &"é".repeat(61), "its number of characters must be between 1 and 60");
}
