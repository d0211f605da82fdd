use super::*;

fn admitted(reach: Reach, list: &str, addresses: &[&str]) -> Result<Vec<String>, String> {
    let rule = EgressRule::parse(list).unwrap();
    let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
    admit(addresses, |address| reach.judge(&rule, address))
        .map(|addresses| addresses.map(|address| address.to_string()).collect())
        .map_err(|refusal| refusal.to_string())
}

#[test]
fn exactly_the_judged_addresses_are_handed_on() {
    let public = ["1.1.1.1:0", "[2606:4700:4700::1111]:0"];
    let found = admitted(Reach::Checked, "", &public).unwrap();
    assert_eq!(found, public);
}

#[test]
fn one_bad_address_refuses_the_host() {
    for bad in ["10.0.0.1:0", "[::ffff:127.0.0.1]:0", "[fd00::1]:0", "[fe80::1%2]:0"] {
        let found = admitted(Reach::Checked, "", &["1.1.1.1:0", bad, "8.8.8.8:0"]);
        assert!(found.unwrap_err().contains("is not publicly reachable"), "{bad}");
    }
}

#[test]
fn what_goes_to_own_networks_alone_needs_an_allow_listed_address() {
    let own = "10.0.0.0/8";
    assert!(admitted(Reach::OwnNetworks, own, &["10.0.0.1:0"]).is_ok());
    assert!(admitted(Reach::Checked, own, &["10.0.0.1:0", "1.1.1.1:0"]).is_ok());
    let mixed = admitted(Reach::OwnNetworks, own, &["10.0.0.1:0", "1.1.1.1:0"]);
    assert!(mixed.unwrap_err().contains("none of this deployment's own networks"));
}

#[test]
fn no_address_at_all_is_not_found() {
    assert_eq!(admitted(Reach::Checked, "", &[]), Err(Refusal::NotFound.to_string()));
}

#[test]
fn a_refusal_does_not_tell_the_address() {
    let refusal = admitted(Reach::Checked, "", &["10.11.12.13:0"]).unwrap_err();
    assert_eq!(
        refusal,
        "the host's address is in 10.0.0.0/8 (private use), which is not publicly reachable"
    );
}
