//! The rules are pure: `shared/src/core` names neither the edges nor anything outside.

use crate::code::Named;
use crate::files::{Module, modules, root};

/// A part of the first part of a path is enough where a name ends in `*`.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["crate::edges", "shared::edges"], "the core imports nothing of the edges"),
    (&["tokio", "futures_*", "async_*"], "the core does not wait for anything"),
    (&["aws_*", "lambda_*"], "the core knows no AWS"),
    (&["reqwest", "hyper", "hyper_*", "rustls", "tower_*", "axum"], "the core makes no requests"),
    (
        &[
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::net::ToSocketAddrs",
            "std::os",
        ],
        "the core opens no sockets; addresses alone are values",
    ),
    (&["tracing", "tracing_*", "log"], "the core writes no logs"),
    (&["std::env"], "the environment is read in edges::env alone"),
    (
        &["std::fs", "std::process", "std::thread::spawn", "std::thread::sleep"],
        "the core touches nothing of the machine",
    ),
    (&["std::time::SystemTime", "std::time::Instant"], "time is an argument, a `Timestamp`"),
    (&["getrandom", "rand", "rand_*", "fastrand"], "chance is an argument"),
];

/// Words that no pure function needs.
const FORBIDDEN_WORDS: &[(&str, &str)] = &[
    ("async", "the core does not wait for anything"),
    ("await", "the core does not wait for anything"),
    ("println", "the core prints nothing"),
    ("eprintln", "the core prints nothing"),
    ("dbg", "the core prints nothing"),
];

/// All that the core names and must not.
pub fn findings() -> Vec<String> {
    let shared = modules(&root().join("shared"));
    let core: Vec<&Module> =
        shared.values().filter(|module| module.path.first().is_some_and(|p| p == "core")).collect();
    assert!(core.len() > 30, "the core has {} files; is it elsewhere now?", core.len());
    core.into_iter().flat_map(of_module).collect()
}

fn of_module(module: &Module) -> Vec<String> {
    let at = |line: usize, what: &str, why: &str| format!("{}:{line}: {what}: {why}", module.file);
    let mut found = Vec::new();
    for named in &module.code.named {
        let path = absolute(&module.path, &named.path).join("::");
        let forbidden = FORBIDDEN.iter().find(|(names, _)| {
            names.iter().any(|name| is_within(&path, name) || opens(named, &path, name))
        });
        if let Some((_, why)) = forbidden {
            found.push(at(named.line, &path, why));
        }
    }
    for (line, word) in &module.code.words {
        if let Some((_, why)) = FORBIDDEN_WORDS.iter().find(|(forbidden, _)| forbidden == word) {
            found.push(at(*line, word, why));
        }
    }
    found
}

/// The path is the forbidden one, or below it.
fn is_within(path: &str, name: &str) -> bool {
    match name.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        }
    }
}

/// An import of a module that holds a forbidden name, so that the code need not name the whole
/// path.
fn opens(named: &Named, path: &str, name: &str) -> bool {
    let has_module = named.import.is_some() && path != "crate";
    has_module && name.strip_prefix(path).is_some_and(|rest| rest.starts_with("::"))
}

/// The path as the crate's top would write it.
pub fn absolute(module: &[String], path: &[String]) -> Vec<String> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let rest = match path.first().map(String::as_str) {
        Some("super") => &path[supers..],
        Some("self") => &path[1..],
        _ => return path.to_vec(),
    };
    let above = &module[..module.len().saturating_sub(supers)];
    let start = [String::from("crate")];
    start.iter().chain(above).chain(rest).cloned().collect()
}
