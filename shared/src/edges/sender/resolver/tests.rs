use super::*;

fn admitted(list: &str, addresses: &[&str]) -> Result<Vec<String>, String> {
    let rule = EgressRule::parse(list).unwrap();
    let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
    admit(addresses, &rule)
        .map(|addresses| addresses.map(|address| address.to_string()).collect())
        .map_err(|refusal| refusal.to_string())
}

#[test]
fn exactly_the_judged_addresses_are_handed_on() {
    let public = ["1.1.1.1:0", "[2606:4700:4700::1111]:0"];
    let found = admitted("", &public).unwrap();
    assert_eq!(found, public);
}

#[test]
fn one_bad_address_refuses_the_host() {
    for bad in ["10.0.0.1:0", "[::ffff:127.0.0.1]:0", "[fd00::1]:0", "[fe80::1%2]:0"] {
        let found = admitted("", &["1.1.1.1:0", bad, "8.8.8.8:0"]);
        assert!(found.unwrap_err().contains("is not publicly reachable"), "{bad}");
    }
}

#[test]
fn a_name_may_resolve_into_the_networks_that_the_deployment_allows() {
    let own = "10.0.0.0/8";
    let found = ["10.0.0.1:0", "1.1.1.1:0"];
    assert_eq!(admitted(own, &found).unwrap(), found);
    let refusal = admitted(own, &["10.0.0.1:0", "192.168.0.1:0"]).unwrap_err();
    assert!(refusal.contains("192.168.0.0/16"), "{refusal}");
}

#[test]
fn no_address_at_all_is_not_found() {
    assert_eq!(admitted("", &[]), Err(Refusal::NotFound.to_string()));
}

#[test]
fn a_refusal_does_not_tell_the_address() {
    let refusal = admitted("", &["10.11.12.13:0"]).unwrap_err();
    assert_eq!(
        refusal,
        "the host's address is in 10.0.0.0/8 (private use), which is not publicly reachable"
    );
}
