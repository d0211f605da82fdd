use super::*;

#[test]
fn the_high_water_mark_is_read_in_bytes() {
    let status = b"Name:\tdelivery\nVmPeak:\t  9000 kB\nVmHWM:\t    2276 kB\nVmRSS:\t    2200 kB\n";
    assert_eq!(high_water(status), Some(2276 * 1024));
    assert_eq!(high_water(b"Name:\tdelivery\nState:\tZ (zombie)\n"), None);
}

#[test]
fn a_peak_stays_when_the_memory_is_given_back() {
    let memory = Memory::of(std::process::id());
    let before = memory.peak();
    drop(std::hint::black_box(vec![1_u8; 64 * 1024 * 1024]));
    let after = memory.peak();
    assert!(before > 0 && after >= before.max(64 * 1024 * 1024), "{before}, {after}");
}

#[test]
fn a_process_that_is_not_there_has_none() {
    // The kernel's largest process id is 2^22.
    assert_eq!(Memory::of(u32::MAX).peak(), 0);
}
