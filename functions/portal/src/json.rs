//! JSON as people read it: indented, and nothing else of it changed.

use maud::{Markup, html};
use serde::de::IgnoredAny;

/// What is deeper, or longer in bytes, stays as it is: each level's spaces would make of a small
/// text a huge page.
const DEEPEST: usize = 32;
const LONGEST: usize = 64 * 1024;

/// JSON, indented; other text as it is; the beginning of what is too long.
#[must_use]
pub fn shown(text: &str) -> Markup {
    let end = text.floor_char_boundary(LONGEST);
    let whole = end == text.len();
    html! {
        pre tabindex="0" { code { @if whole { (indented(text)) } @else { (text[..end]) "…" } } }
        @if !whole { p.quiet { "The first " (end) " bytes of " (text.len()) "." } }
    }
}

/// JSON text with line ends and spaces where people want them. The order of members and the text of
/// numbers stay; text that is no JSON, or not worth it, stays whole.
#[must_use]
pub fn indented(json: &str) -> String {
    if json.len() > LONGEST || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let (mut shown, mut depth, mut in_text, mut escaped) =
        (String::with_capacity(2 * json.len()), 0, false, false);
    let line = |shown: &mut String, depth: usize| {
        shown.push('\n');
        shown.extend(std::iter::repeat_n("  ", depth));
    };
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_text {
            shown.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                shown.push(c);
            }
            '{' | '[' => {
                shown.push(c);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    shown.push(end);
                } else if depth == DEEPEST {
                    return json.to_owned();
                } else {
                    depth += 1;
                    line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut shown, depth);
                shown.push(c);
            }
            ',' => {
                shown.push(c);
                line(&mut shown, depth);
            }
            ':' => shown.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests;
