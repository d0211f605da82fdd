use super::*;

#[test]
fn each_limit_has_its_own_count() {
    let exceeded = Exceeded::default();
    let limits = [Limit::Memory, Limit::Deadline, Limit::Answer, Limit::Payload, Limit::Temporary];
    for (times, limit) in (1..).zip(limits) {
        (0..times).for_each(|_| exceeded.count(limit));
    }
    let expected = ExceededCounts { memory: 1, deadline: 2, answer: 3, payload: 4, temporary: 5 };
    assert_eq!(exceeded.counts(), expected);
}

#[test]
fn the_files_of_a_directory_and_of_those_in_it_are_counted() {
    let directory = std::env::temp_dir().join(format!("postrider-size-{}", std::process::id()));
    fs::create_dir_all(directory.join("inner")).unwrap();
    fs::write(directory.join("one"), [0; 1000]).unwrap();
    fs::write(directory.join("inner/two"), [0; 24]).unwrap();
    assert_eq!(size(&directory), 1024);
    fs::remove_dir_all(&directory).unwrap();
    assert_eq!(size(&directory), 0);
}
