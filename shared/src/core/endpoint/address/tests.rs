mod cases;
mod registries;

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use proptest::prelude::*;

use super::*;
use cases::{BLOCKED, PASS};
use registries::{CARRIERS, REGISTRIES};

fn ip(text: &str) -> IpAddr {
    text.parse().expect(text)
}

#[test]
fn the_cases_are_many_and_each_is_there_once() {
    assert!(
        PASS.len() >= 60 && BLOCKED.len() >= 120,
        "{} pass, {} are blocked",
        PASS.len(),
        BLOCKED.len()
    );
    let all = PASS.iter().chain(BLOCKED.iter().map(|(text, _)| text));
    let mut seen = BTreeSet::new();
    for text in all {
        assert!(seen.insert(ip(text)), "{text} is there twice");
    }
    let v6 = seen.iter().filter(|address| address.is_ipv6()).count();
    assert!(v6 >= 80 && seen.len() - v6 >= 80, "{v6} of {} are IPv6", seen.len());
}

#[test]
fn public_addresses_pass() {
    for text in PASS {
        assert_eq!(EgressRule::default().check(ip(text)), Ok(()), "{text}");
    }
}

#[test]
fn special_purpose_addresses_are_blocked_with_their_name() {
    for (text, name) in BLOCKED {
        let name_found = EgressRule::default().check(ip(text)).map_err(|blocked| blocked.name());
        assert_eq!(name_found, Err(*name), "{text}");
    }
}

#[test]
fn every_row_of_the_registries_is_blocked_or_judged_by_what_it_carries() {
    let ends = |row: &&str| {
        let net: IpNet = row.parse().expect(row);
        [net.network(), net.broadcast()]
    };
    for address in REGISTRIES.iter().flat_map(ends) {
        assert!(EgressRule::default().check(address).is_err(), "{address}");
    }
    for address in CARRIERS.iter().flat_map(ends) {
        let IpAddr::V6(address) = address else { panic!("{address} carries nothing") };
        assert!(carried_by_prefix(address.segments())[0].is_some(), "{address}");
    }
    let protocols: IpNet = "2001::/23".parse().unwrap();
    assert!(V6_BLOCKS.iter().any(|block| block.net == protocols));
}

#[test]
fn a_refusal_names_the_range_and_its_source() {
    let refusal = |text| EgressRule::default().check(ip(text)).unwrap_err().to_string();
    assert_eq!(refusal("10.0.0.1"), "10.0.0.1 is in 10.0.0.0/8 (private use, RFC 1918)");
    assert_eq!(
        refusal("64:ff9b::7f00:1"),
        "64:ff9b::7f00:1 carries 127.0.0.1, which is in 127.0.0.0/8 (loopback, RFC 1122)"
    );
}

#[test]
fn only_what_the_allow_list_contains_is_allowed_on_top() {
    let rule = EgressRule::parse(" 10.1.0.0/16,127.0.0.0/8 , fd00::/8").unwrap();
    for text in ["10.1.2.3", "::ffff:10.1.2.3", "127.0.0.1", "fd00::1"] {
        assert!(rule.is_allow_listed(ip(text)), "{text}");
        assert_eq!(rule.check(ip(text)), Ok(()), "{text}");
    }
    for text in ["10.2.0.1", "::1", "::10.1.2.3", "2002:a01:203::", "fc00::1"] {
        assert!(rule.check(ip(text)).is_err(), "{text}");
    }
    assert_eq!(rule.check(ip("8.8.8.8")), Ok(()));
    assert!(!rule.is_allow_listed(ip("8.8.8.8")));
}

#[test]
fn no_ipv6_block_allows_an_ipv4_address() {
    let rule = EgressRule::parse("::/0").unwrap();
    assert_eq!(rule.check(ip("fd00::1")), Ok(()));
    for text in ["127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"] {
        assert!(rule.check(ip(text)).is_err() && !rule.is_allow_listed(ip(text)), "{text}");
    }
}

#[test]
fn a_mapped_block_means_ipv4() {
    let rule = EgressRule::parse("::ffff:10.0.0.0/104").unwrap();
    assert_eq!(rule, EgressRule::parse("10.0.0.0/8").unwrap());
    assert_eq!(rule.check(ip("10.9.9.9")), Ok(()));
}

#[test]
fn blank_text_allows_nothing_on_top() {
    for text in ["", "  \n"] {
        assert_eq!(EgressRule::parse(text).unwrap(), EgressRule::default());
    }
}

#[test]
fn a_bad_entry_is_named_with_what_would_be_right() {
    for (list, message) in [
        ("10.0.0.0/8,lan", "`lan` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("10.0.0.0/8,", "`` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("10.0.0.0/33", "`10.0.0.0/33` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("::1", "`::1` is not a CIDR block: a single address is written ::1/128"),
        (
            "10.1.2.3/8",
            "`10.1.2.3/8` is not a CIDR block: bits are set beyond the prefix, write 10.0.0.0/8",
        ),
    ] {
        assert_eq!(EgressRule::parse(list).unwrap_err().to_string(), message);
    }
}

/// Half of the numbers near the edges of some range, half anywhere.
fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
    let near = (0..V4_BLOCKS.len(), -2..=2).prop_map(|(index, step)| {
        let net = V4_BLOCKS[index].net;
        let (IpAddr::V4(start), IpAddr::V4(end)) = (net.network(), net.broadcast()) else {
            unreachable!("a table of IPv4 ranges")
        };
        let edge = if step < 0 { start } else { end };
        Ipv4Addr::from(u32::from(edge).wrapping_add_signed(step))
    });
    prop_oneof![near, any::<u32>().prop_map(Ipv4Addr::from)]
}

proptest! {
    #[test]
    fn an_address_is_blocked_however_ipv6_carries_it(v4 in any_v4()) {
        let rule = EgressRule::default();
        let [.., a, b] = v4.to_ipv6_mapped().segments();
        let blocked = rule.check(IpAddr::V4(v4)).is_err();
        for carrier in [
            v4.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, a, b, 0, 0, !0x808, !0x808),
            Ipv6Addr::new(0x2001, 0, 0x808, 0x808, 0, 0, !a, !b),
            Ipv6Addr::new(0x2a05, 0xd014, 0, 0, 0, 0x5efe, a, b),
        ] {
            prop_assert_eq!(rule.check(IpAddr::V6(carrier)).is_err(), blocked, "{}", carrier);
        }
    }

    #[test]
    fn what_std_calls_special_is_blocked(v4 in any_v4()) {
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified()
        {
            prop_assert!(EgressRule::default().check(IpAddr::V4(v4)).is_err());
        }
    }

    #[test]
    fn a_passing_ipv6_address_is_global_unicast_or_carries_a_passing_ipv4(bits: u128) {
        let address = Ipv6Addr::from(bits);
        if EgressRule::default().check(IpAddr::V6(address)).is_ok() {
            prop_assert!(bits >> 125 == 1 || carried_by_prefix(address.segments())[0].is_some());
        }
    }

    #[test]
    fn an_allowed_block_admits_its_addresses_and_changes_no_other(
        v4 in any_v4(), other in any_v4(), prefix in 1_u8..=32,
    ) {
        let net = Ipv4Net::new(v4, prefix).unwrap().trunc();
        let rule = EgressRule::parse(&net.to_string()).unwrap();
        prop_assert_eq!(rule.check(IpAddr::V4(v4)), Ok(()));
        let unchanged = EgressRule::default().check(IpAddr::V4(other));
        let expected = if net.contains(&other) { Ok(()) } else { unchanged };
        prop_assert_eq!(rule.check(IpAddr::V4(other)), expected);
    }
}
