//! The borders between the crates and modules, read from the sources: nothing is built or started.
//!
//! - [`core`]: what the rules in `shared/src/core` must not name.
//! - [`crates`]: which packages of the workspace a package may depend on.
//! - [`circles`]: no file imports another one that imports it, however long the way.
//!
//! A failure names the file, the line and the rule.

mod circles;
mod code;
mod core;
mod crates;
mod files;

/// Fails with all findings, each on a line of its own.
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "{} broken:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn the_core_names_nothing_of_the_edges_and_nothing_outside() {
    assert_none(&core::findings());
}

#[test]
fn a_package_depends_on_no_other_than_its_rule_allows() {
    assert_none(&crates::findings());
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_none(&circles::findings());
}
