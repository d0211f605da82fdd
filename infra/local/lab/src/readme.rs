//! Text in a document of this source tree that a command writes: what stands between `<!-- NAME
//! -->` and `<!-- /NAME -->`.

use std::io;
use std::path::PathBuf;

/// A file of this source tree, where this crate was built.
pub(crate) fn file(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../..", path].iter().collect()
}

/// Puts text into the README in place of what is there under this name. An error if the README has
/// no such place.
pub(crate) fn update(name: &str, content: &str) -> io::Result<()> {
    update_in("README.md", name, content)
}

/// As [`update`], in another document.
pub(crate) fn update_in(document: &str, name: &str, content: &str) -> io::Result<()> {
    let path = file(document);
    let text = std::fs::read_to_string(&path)?;
    let replaced = replace(&text, name, content).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::NotFound,
            format!("<!-- {name} --> … <!-- /{name} --> is not in it"),
        )
    })?;
    std::fs::write(path, replaced)
}

/// The day by the machine's clock, as a date.
pub(crate) fn today() -> String {
    time::OffsetDateTime::now_utc().date().to_string()
}

/// What stands there under this name.
pub(crate) fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n"))?;
    rest.split_once(&format!("<!-- /{name} -->")).map(|(section, _)| section)
}

fn replace(text: &str, name: &str, content: &str) -> Option<String> {
    let old = section(text, name)?;
    let start = old.as_ptr() as usize - text.as_ptr() as usize;
    Some(format!("{}{content}{}", &text[..start], &text[start + old.len()..]))
}

#[cfg(test)]
mod tests;
