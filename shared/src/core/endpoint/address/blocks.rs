//! The ranges of the IANA IPv4 and IPv6 Special-Purpose Address Registries, with multicast and the
//! IPv6 address space that is not global unicast. The registries are those of 2026-09-28 (the IPv6
//! one was last updated on 2025-10-09); the tests go through their rows.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A range of addresses that no attempt may reach, and where the range is defined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) net: IpNet,
    pub(super) name: &'static str,
    pub(super) source: &'static str,
}

const fn v4(address: [u8; 4], prefix: u8, name: &'static str, source: &'static str) -> Block {
    let [a, b, c, d] = address;
    let net = Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix);
    Block { net: IpNet::V4(net), name, source }
}

/// `start` holds the first four groups of the address; the others are zero.
const fn v6(start: [u16; 4], prefix: u8, name: &'static str, source: &'static str) -> Block {
    let [a, b, c, d] = start;
    let net = Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix);
    Block { net: IpNet::V6(net), name, source }
}

/// The first match names the reason, so a narrower range stands before the one around it.
pub(super) static V4_BLOCKS: [Block; 19] = [
    v4([0, 0, 0, 0], 8, "this network", "RFC 791"),
    v4([10, 0, 0, 0], 8, "private use", "RFC 1918"),
    v4([100, 64, 0, 0], 10, "shared address space", "RFC 6598"),
    v4([127, 0, 0, 0], 8, "loopback", "RFC 1122"),
    v4([169, 254, 0, 0], 16, "link-local", "RFC 3927"),
    v4([172, 16, 0, 0], 12, "private use", "RFC 1918"),
    v4([192, 0, 0, 0], 24, "IETF protocol assignments", "RFC 6890"),
    v4([192, 0, 2, 0], 24, "documentation", "RFC 5737"),
    v4([192, 31, 196, 0], 24, "AS112", "RFC 7535"),
    v4([192, 52, 193, 0], 24, "multicast tunnelling", "RFC 7450"),
    v4([192, 88, 99, 0], 24, "6to4 relay anycast", "RFC 7526"),
    v4([192, 168, 0, 0], 16, "private use", "RFC 1918"),
    v4([192, 175, 48, 0], 24, "AS112", "RFC 7534"),
    v4([198, 18, 0, 0], 15, "benchmarking", "RFC 2544"),
    v4([198, 51, 100, 0], 24, "documentation", "RFC 5737"),
    v4([203, 0, 113, 0], 24, "documentation", "RFC 5737"),
    v4([224, 0, 0, 0], 4, "multicast", "RFC 5771"),
    v4([255, 255, 255, 255], 32, "limited broadcast", "RFC 919"),
    v4([240, 0, 0, 0], 4, "reserved", "RFC 1112"),
];

pub(super) static UNSPECIFIED: Block = v6([0; 4], 128, "unspecified", "RFC 4291");
pub(super) static LOOPBACK: Block = Block {
    net: IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
    name: "loopback",
    source: "RFC 4291",
};

/// As [`V4_BLOCKS`]. What is in no range here and outside `2000::/3` falls to [`NOT_GLOBAL`].
pub(super) static V6_BLOCKS: [Block; 18] = [
    // The place of the IPv4 address inside depends on the operator's prefix length (RFC 6052),
    // which nobody outside can know, so this range cannot be judged by it.
    v6([0x64, 0xff9b, 1, 0], 48, "local-use NAT64", "RFC 8215"),
    v6([0x100, 0, 0, 0], 64, "discard-only", "RFC 6666"),
    v6([0x100, 0, 0, 1], 64, "dummy prefix", "RFC 9780"),
    v6([0x2001, 2, 0, 0], 48, "benchmarking", "RFC 5180"),
    v6([0x2001, 3, 0, 0], 32, "multicast tunnelling", "RFC 7450"),
    v6([0x2001, 4, 0x112, 0], 48, "AS112", "RFC 7535"),
    v6([0x2001, 0x10, 0, 0], 28, "ORCHID", "RFC 4843"),
    v6([0x2001, 0x20, 0, 0], 28, "ORCHIDv2", "RFC 7343"),
    v6([0x2001, 0x30, 0, 0], 28, "drone remote identification", "RFC 9374"),
    v6([0x2001, 0, 0, 0], 23, "IETF protocol assignments", "RFC 2928"),
    v6([0x2001, 0xdb8, 0, 0], 32, "documentation", "RFC 3849"),
    v6([0x2620, 0x4f, 0x8000, 0], 48, "AS112", "RFC 7534"),
    v6([0x3fff, 0, 0, 0], 20, "documentation", "RFC 9637"),
    v6([0x5f00, 0, 0, 0], 16, "segment routing", "RFC 9602"),
    v6([0xfc00, 0, 0, 0], 7, "unique-local", "RFC 4193"),
    v6([0xfe80, 0, 0, 0], 10, "link-local", "RFC 4291"),
    v6([0xfec0, 0, 0, 0], 10, "site-local", "RFC 3879"),
    v6([0xff00, 0, 0, 0], 8, "multicast", "RFC 4291"),
];

pub(super) static GLOBAL: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
pub(super) static NOT_GLOBAL: Block = v6([0; 4], 0, "outside global unicast 2000::/3", "RFC 4291");
