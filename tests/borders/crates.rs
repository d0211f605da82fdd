//! Which packages of the workspace a package may depend on, tests included.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{folders, root, shown};

/// Stands for all functions.
const FUNCTIONS: &str = "functions/*";

/// Folders to the packages that they may depend on, and why no others.
const RULES: &[(&str, &[&str], &str)] = &[
    (FUNCTIONS, &["shared"], "a function depends on no other function and on no tool"),
    ("shared", &[], "what the functions share depends on none of them and on no tool"),
    ("infra/local/sqs", &[], "the stand-in for SQS knows nothing of Postrider"),
    ("infra/local/aws", &["shared", "sqs"], "the stand-in for AWS knows nothing of the laboratory"),
    (
        "infra/local/lab",
        &["shared", "sqs", "aws", "postrider"],
        "the laboratory does what the command line says, and runs functions as the stack does",
    ),
    (
        "infra/openapi",
        &["shared", "aws", FUNCTIONS],
        "the description is made of the functions alone",
    ),
    ("cli", &[], "the command starts before anything is built"),
    ("tests", &["shared"], "the tests drive the whole from outside"),
];

struct Package {
    folder: PathBuf,
    name: String,
    /// Names of dependencies, with their lines.
    dependencies: Vec<(usize, String)>,
}

/// All dependencies that no rule allows, and all packages without a rule.
pub fn findings() -> Vec<String> {
    let packages = packages();
    let places: BTreeMap<&str, String> =
        packages.iter().map(|package| (package.name.as_str(), place(&package.folder))).collect();
    let mut found = Vec::new();
    for package in &packages {
        let manifest = shown(&package.folder.join("Cargo.toml"));
        let Some((_, allowed, why)) = RULES.iter().find(|rule| rule.0 == place(&package.folder))
        else {
            found.push(format!(
                "{manifest}:1: {} has no rule: say in RULES what it may depend on",
                package.name
            ));
            continue;
        };
        for (line, name) in &package.dependencies {
            let Some(other) = places.get(name.as_str()) else { continue };
            if !allowed.contains(&name.as_str()) && !allowed.contains(&other.as_str()) {
                found.push(format!("{manifest}:{line}: {} depends on {name}: {why}", package.name));
            }
        }
    }
    found
}

/// The folder as the rules name it.
fn place(folder: &Path) -> String {
    let shown = shown(folder);
    if shown.starts_with("functions/") { FUNCTIONS.to_owned() } else { shown }
}

fn packages() -> Vec<Package> {
    let root = root();
    let mut all = vec![root.join("cli"), root.join("shared"), root.join("tests")];
    for folder in ["functions", "infra", "infra/local"] {
        all.extend(folders(&root.join(folder)));
    }
    all.into_iter().map(package).collect()
}

/// The folders of all crates.
pub fn crates() -> Vec<PathBuf> {
    packages().into_iter().map(|package| package.folder).collect()
}

fn package(folder: PathBuf) -> Package {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    let (mut section, mut name, mut dependencies) = (String::new(), None, Vec::new());
    for (line, text) in (1..).zip(manifest.lines()) {
        if let Some(header) = text.strip_prefix('[') {
            header.trim_end_matches(']').clone_into(&mut section);
            // `[dependencies.name]`
            if let Some((_, dependency)) = section.split_once("dependencies.") {
                dependencies.push((line, dependency.to_owned()));
            }
            continue;
        }
        let Some((key, value)) = text.split_once('=') else { continue };
        if section == "package" && key.trim() == "name" {
            name = Some(value.trim().trim_matches('"').to_owned());
        } else if section.ends_with("dependencies") && !key.starts_with('#') {
            let key = key.trim().split('.').next().unwrap_or_default();
            let renamed =
                value.split_once("package = \"").and_then(|(_, rest)| rest.split_once('"'));
            dependencies.push((line, renamed.map_or(key, |(name, _)| name).to_owned()));
        }
    }
    Package { folder, name: name.expect("a package has a name"), dependencies }
}
