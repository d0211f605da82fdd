//! No circle of files: a file is understood after those that it imports.
//!
//! Every path counts that one file names and that leads to something of another, wherever it
//! stands; a name that a third file exports again leads to the file that has it. Between a module
//! and those within it nothing counts: a module declares its parts, and they share what is its.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use crate::core::absolute;
use crate::crates::crates;
use crate::files::{Module, modules};

type Modules = BTreeMap<Vec<String>, Module>;
/// Files to those that they import, and the line that does.
type Imports = BTreeMap<Vec<String>, BTreeMap<Vec<String>, usize>>;

/// One line for every circle, which names the lines that make it.
pub fn findings() -> Vec<String> {
    crates()
        .iter()
        .filter(|folder| folder.join("src").is_dir())
        .flat_map(|folder| of_crate(folder))
        .collect()
}

fn of_crate(folder: &Path) -> Vec<String> {
    let modules = modules(folder);
    let imports: Imports =
        modules.iter().map(|(path, module)| (path.clone(), imports(&modules, module))).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for start in modules.keys() {
        let Some(circle) = circle(&imports, start) else { continue };
        if seen.insert(circle.iter().cloned().collect::<BTreeSet<_>>()) {
            let next = circle.iter().cycle().skip(1);
            let step = |(from, to): (&Vec<String>, &Vec<String>)| {
                format!("{}:{} imports {}", modules[from].file, imports[from][to], to.join("::"))
            };
            let steps: Vec<String> = circle.iter().zip(next).map(step).collect();
            found.push(format!("{}: files import each other in a circle", steps.join(", ")));
        }
    }
    found
}

/// The shortest way from a file back to itself.
fn circle(imports: &Imports, start: &Vec<String>) -> Option<Vec<Vec<String>>> {
    let mut ways = VecDeque::from([vec![start.clone()]]);
    let mut reached = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in imports.get(way.last()?)?.keys() {
            if next == start {
                return Some(way);
            }
            if reached.insert(next.clone()) {
                ways.push_back(way.iter().chain([next]).cloned().collect());
            }
        }
    }
    None
}

fn imports(modules: &Modules, module: &Module) -> BTreeMap<Vec<String>, usize> {
    let mut found = BTreeMap::new();
    for named in &module.code.named {
        let Some(file) = file_of(modules, module, &named.path, 0) else { continue };
        if !module.path.starts_with(file) && !file.starts_with(&module.path) {
            found.entry(file.to_vec()).or_insert(named.line);
        }
    }
    found
}

/// The file that has what a path names in a module; `None` where that is of another crate.
fn file_of<'a>(
    modules: &'a Modules,
    module: &Module,
    path: &[String],
    depth: usize,
) -> Option<&'a [String]> {
    let mut path = absolute(&module.path, path);
    if path.first().is_some_and(|part| part == "crate") {
        path.remove(0);
    } else {
        let within = module.path.iter().chain(path.first()).cloned().collect::<Vec<_>>();
        modules.get(&within)?;
        path = module.path.iter().cloned().chain(path).collect();
    }
    let len = (0..=path.len()).rev().find(|len| modules.contains_key(&path[..*len]))?;
    let file = &modules[&path[..len]];
    let exported = path.get(len).and_then(|name| {
        let mut public = file.code.named.iter().filter(|named| named.is_public);
        public.find(|named| named.import.as_ref() == Some(name))
    });
    // Names that export each other in a circle are an error of the compiler's.
    let through = exported.filter(|_| depth < 8);
    through.and_then(|named| file_of(modules, file, &named.path, depth + 1)).or(Some(&file.path))
}
