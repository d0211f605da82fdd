use super::*;

#[test]
fn memory_and_faults_are_read_from_the_kernels_files() {
    let status = "Name:\tintake\nVmPeak:\t  999 kB\nVmHWM:\t   12000 kB\n";
    let stat = "42 (a b) S 1 42 42 0 -1 4194304 1500 7 3 9 25 50 0 0 20 0 1 0 12345 0 0";
    assert_eq!(
        parse(status, stat),
        Some(Memory { peak: 12_000, minor_faults: 1_500, major_faults: 3 })
    );
    assert_eq!(parse("Name:\tintake\n", stat), None);
}

#[test]
fn a_function_is_a_row_with_the_middle_of_its_starts() {
    let started = Memory { peak: 10_000, minor_faults: 1_500, major_faults: 0 };
    let inits = [4, 5, 9].map(Duration::from_millis).to_vec();
    let measured = Measured { name: "intake".to_owned(), inits, pid: 42, started };
    let table = table(&[measured], &[Memory { peak: 15_000, ..started }]);
    assert!(
        table.ends_with("| intake | 4.0 | 5.0 | 9.0 | 1500 / 0 | 10.2 MB | 15.4 MB |\n"),
        "{table}"
    );
}
