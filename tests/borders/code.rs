//! Reads the paths that a source file names: those of its `use` declarations, written out, and
//! those in its code. Comments, strings and characters name nothing.

/// A path that a file names, such as `crate::core::id::EventId`.
pub struct Named {
    /// From 1.
    pub line: usize,
    /// Its parts.
    pub path: Vec<String>,
    /// It stands in a `use`, and brings this name into the file; `*` for all that is there.
    pub import: Option<String>,
    /// The `use` is a `pub use`: others find the name here.
    pub is_public: bool,
}

/// Everything a file names.
pub struct Code {
    /// The paths of two parts and more, and every import.
    pub named: Vec<Named>,
    /// The words of the code, with their lines.
    pub words: Vec<(usize, String)>,
}

struct Token<'a> {
    line: usize,
    text: &'a str,
}

/// Reads a file.
pub fn read(text: &str) -> Code {
    let tokens = tokens(text);
    let words = tokens.iter().filter(|token| is_word(token.text));
    let words = words.map(|token| (token.line, token.text.to_owned())).collect();
    let mut named = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].text == "use" {
            let is_public = is_public(&tokens[..at]);
            at = tree(&tokens, at + 1, &[], is_public, &mut named);
        } else if is_word(tokens[at].text) {
            at = path(&tokens, at, &mut named);
        } else {
            at += 1;
        }
    }
    Code { named, words }
}

/// `pub`, or `pub(super)` and the like, is what stands before.
fn is_public(before: &[Token<'_>]) -> bool {
    match before.last().map(|token| token.text) {
        Some(")") => before.iter().rev().take(6).any(|token| token.text == "pub"),
        text => text == Some("pub"),
    }
}

/// A path in the code, from its first word on; returns where it ends.
fn path(tokens: &[Token<'_>], start: usize, named: &mut Vec<Named>) -> usize {
    let mut path = vec![tokens[start].text.to_owned()];
    let mut at = start + 1;
    while let [colons, word, ..] = &tokens[at..] {
        if colons.text != "::" || !is_word(word.text) {
            break;
        }
        path.push(word.text.to_owned());
        at += 2;
    }
    if path.len() > 1 {
        let line = tokens[start].line;
        named.push(Named { line, path, import: None, is_public: false });
    }
    at
}

/// A tree of a `use`, below `prefix`; returns where it ends.
fn tree(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &[String],
    is_public: bool,
    named: &mut Vec<Named>,
) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &path, is_public, named);
                    if tokens.get(at).is_some_and(|token| token.text == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "," | ";" | "}" => break,
            text => {
                at += 1;
                let line = token.line;
                // `{self}` is what stands before it.
                if text != "self" || path.is_empty() {
                    path.push(text.to_owned());
                }
                if tokens.get(at).is_some_and(|token| token.text == "::") {
                    continue;
                }
                let mut import = path.last().cloned();
                if tokens.get(at).is_some_and(|token| token.text == "as") {
                    import = tokens.get(at + 1).map(|token| token.text.to_owned());
                    at += 2;
                }
                if text == "*" {
                    path.pop();
                }
                named.push(Named { line, path, import, is_public });
                return at;
            }
        }
    }
    at
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words, `::`, and every other sign by itself.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let (len, is_code) = next(rest);
        if is_code {
            found.push(Token { line, text: &rest[..len] });
        }
        line += rest[..len].matches('\n').count();
        at += len;
    }
    found
}

/// The bytes of what comes next, and if it is code: neither space, comment, string nor character.
fn next(rest: &str) -> (usize, bool) {
    let first = rest.chars().next().unwrap_or(' ');
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (comment(rest), false)
    } else if let Some(len) = string(rest) {
        (len, false)
    } else if first == '\'' {
        character(rest)
    } else if word > 0 {
        (word, true)
    } else if rest.starts_with("::") {
        (2, true)
    } else {
        (first.len_utf8(), !first.is_whitespace())
    }
}

/// The bytes of a comment in `/*` and `*/`, which may hold others.
fn comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let step = &rest.as_bytes()[at..];
        if step.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if step.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// The bytes of a string, raw or not, if one starts here.
fn string(rest: &str) -> Option<usize> {
    let quoted = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - quoted.len();
    if prefix > 1 {
        return None;
    }
    if let Some(raw) = quoted.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let len = body.find(&end)? + end.len();
        return Some(prefix + 1 + hashes + 1 + len);
    }
    let body = quoted.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = body.find(|c: char| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })?;
    Some(prefix + 1 + end + 1)
}

/// The bytes of a character, or of the sign that starts a lifetime's name.
fn character(rest: &str) -> (usize, bool) {
    let body = &rest[1..];
    let len = match body.strip_prefix('\\') {
        Some(escaped) => escaped.get(1..).and_then(|after| after.find('\'')).map(|end| end + 2),
        None => {
            body.chars().next().map(char::len_utf8).filter(|len| body[*len..].starts_with('\''))
        }
    };
    (len.map_or(1, |len| 1 + len + 1), false)
}

#[cfg(test)]
mod tests;
