use super::*;

#[test]
fn the_readme_has_the_tables_of_these_counts_prices_and_template() {
    let readme = std::fs::read_to_string(readme::file("README.md")).unwrap();
    let tables = Counts::kept().unwrap().tables().unwrap();
    assert!(
        readme::section(&readme, PLACE) == Some(&tables),
        "README.md is stale: run `cargo postrider cost --counted --update-docs`"
    );
}
