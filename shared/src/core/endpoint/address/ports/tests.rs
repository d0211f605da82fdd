use super::*;

#[test]
fn a_list_is_read_and_told_in_order() {
    for (list, told) in
        [("443", "443"), (" 8443,443 , 1", "1, 443, 8443"), ("65535,65535", "65535")]
    {
        assert_eq!(Ports::parse(list).map(|ports| ports.to_string()), Ok(told.to_owned()));
    }
}

#[test]
fn what_is_no_port_is_named() {
    for (list, entry) in [
        ("", ""),
        ("443,", ""),
        ("0", "0"),
        ("65536", "65536"),
        ("443, +1", "+1"),
        ("-1", "-1"),
        ("1-9", "1-9"),
    ] {
        assert_eq!(Ports::parse(list), Err(BadPort(entry.to_owned())), "{list}");
    }
    let words = Ports::parse("443,https").unwrap_err().to_string();
    assert_eq!(words, "`https` is not a port: write a number from 1 to 65535");
}

#[test]
fn the_default_is_https_alone() {
    let ports = Ports::default();
    assert_eq!([443, 80, 8443, 0].map(|port| ports.contain(port)), [true, false, false, false]);
    assert_eq!(Ports::parse("443"), Ok(ports));
}
