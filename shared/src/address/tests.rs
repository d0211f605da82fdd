use proptest::prelude::*;

use ipnet::Ipv4Net;

use super::*;

const PASS: [&str; 44] = [
    // Ordinary hosts, and the neighbours of blocked ranges.
    "1.0.0.0",
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "52.95.110.1",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:db7:ffff::1",
    "2001:db9::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2600:1f18::1",
    "2606:4700:4700::1111",
    "2a05:d014::1",
    "3fff:1000::1",
    // A public IPv4 address inside.
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2002:808:808::5efe:8.8.4.4",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
    "2a05:d014::5efe:8.8.8.8",
    "2a05:d014::200:5efe:8.8.8.8",
];

const BLOCKED: [(&str, &str); 78] = [
    ("0.0.0.0", "this network"),
    ("0.255.255.255", "this network"),
    ("10.0.0.0", "private use"),
    ("10.255.255.255", "private use"),
    ("100.64.0.0", "shared address space"),
    ("100.127.255.255", "shared address space"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"),
    ("169.254.0.0", "link-local"),
    ("169.254.169.254", "link-local"),
    ("169.254.170.2", "link-local"),
    ("169.254.255.255", "link-local"),
    ("172.16.0.0", "private use"),
    ("172.31.255.255", "private use"),
    ("192.0.0.0", "IETF protocol assignments"),
    ("192.0.0.170", "IETF protocol assignments"),
    ("192.0.0.255", "IETF protocol assignments"),
    ("192.0.2.1", "documentation"),
    ("192.31.196.1", "AS112"),
    ("192.52.193.1", "multicast tunnelling"),
    ("192.88.99.1", "6to4 relay anycast"),
    ("192.168.0.0", "private use"),
    ("192.168.255.255", "private use"),
    ("192.175.48.1", "AS112"),
    ("198.18.0.0", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.7", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.0", "reserved"),
    ("255.255.255.254", "reserved"),
    ("255.255.255.255", "limited broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::2", "this network"),
    ("::127.0.0.1", "loopback"),
    ("::169.254.169.254", "link-local"),
    ("::ffff:0.0.0.0", "this network"),
    ("::ffff:10.0.0.1", "private use"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:169.254.169.254", "link-local"),
    ("::ffff:0:8.8.8.8", "outside global unicast 2000::/3"),
    ("64:ff9a::8.8.8.8", "outside global unicast 2000::/3"),
    ("64:ff9b::10.0.0.1", "private use"),
    ("64:ff9b::169.254.169.254", "link-local"),
    ("64:ff9b:0:1::8.8.8.8", "outside global unicast 2000::/3"),
    ("64:ff9b:1::8.8.8.8", "local-use NAT64"),
    ("64:ff9b:1:ffff::10.0.0.1", "local-use NAT64"),
    ("64:ff9b:2::8.8.8.8", "outside global unicast 2000::/3"),
    ("100::1", "discard-only"),
    ("100:0:0:1::1", "dummy prefix"),
    ("100:0:0:2::1", "outside global unicast 2000::/3"),
    ("2001::1", "this network"),
    ("2001:0:a00:1:0:0:f7f7:f7f7", "private use"),
    ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "private use"),
    ("2001:1::1", "IETF protocol assignments"),
    ("2001:2::1", "benchmarking"),
    ("2001:4:112::1", "AS112"),
    ("2001:10::1", "ORCHID"),
    ("2001:20::1", "ORCHIDv2"),
    ("2001:30::1", "drone remote identification"),
    ("2001:1ff:ffff::1", "IETF protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("2002:a00:1::1", "private use"),
    ("2002:7f00:1::", "loopback"),
    ("2002:808:808::5efe:10.0.0.1", "private use"),
    ("2620:4f:8000::1", "AS112"),
    ("2a05:d014::5efe:10.0.0.1", "private use"),
    ("2a05:d014::200:5efe:169.254.169.254", "link-local"),
    ("3fff:fff:ffff::1", "documentation"),
    ("4000::1", "outside global unicast 2000::/3"),
    ("5f00::1", "segment routing"),
    ("fc00::1", "unique-local"),
    ("fd00:ec2::254", "unique-local"),
    ("fe80::1", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
];

fn ip(text: &str) -> IpAddr {
    text.parse().expect(text)
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
        assert_eq!(name_found, Err(name), "{text}");
    }
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
fn a_mapped_block_means_ipv4() {
    let rule = EgressRule::parse("::ffff:10.0.0.0/104").unwrap();
    assert_eq!(rule, EgressRule::parse("10.0.0.0/8").unwrap());
    assert_eq!(rule.check(ip("10.9.9.9")), Ok(()));
}

#[test]
fn blank_text_allows_nothing_on_top() {
    for text in ["", "  \n"] {
        let rule = EgressRule::parse(text).unwrap();
        assert_eq!(rule, EgressRule::default());
        assert!(!rule.has_allow_list());
    }
}

#[test]
fn a_bad_entry_is_named_with_what_would_be_right() {
    for (list, message) in [
        ("10.0.0.0/8,lan", "`lan` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("10.0.0.0/8,", "`` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("10.0.0.0/33", "`10.0.0.0/33` is not a CIDR block: write one such as 10.0.0.0/8"),
        ("::1", "`::1` is not a CIDR block: a single address is written ::1/128"),
        ("10.1.2.3/8", "`10.1.2.3/8` is not a CIDR block: bits are set beyond the prefix, write 10.0.0.0/8"),
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
