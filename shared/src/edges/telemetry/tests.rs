use super::*;

#[test]
fn the_four_levels_are_known_and_any_other_word_is_info() {
    for (name, wanted) in
        [("error", LevelFilter::ERROR), ("warn", LevelFilter::WARN), ("debug", LevelFilter::DEBUG)]
    {
        assert_eq!(level(Some(name)), wanted);
    }
    for other in [None, Some("info"), Some("trace"), Some("off"), Some("5"), Some("?")] {
        assert_eq!(level(other), LevelFilter::INFO, "{other:?}");
    }
}
