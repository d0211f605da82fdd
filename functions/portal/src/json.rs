//! JSON as people read it: indented, and nothing else of it changed.

use maud::{Markup, html};
use serde::de::IgnoredAny;

/// What is deeper, or longer in bytes, stays as it is: each level's spaces would make of a small text a huge page.
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

/// JSON text with line ends and spaces where people want them. The order of members and the text of numbers stay; text
/// that is no JSON, or not worth it, stays whole.
#[must_use]
pub fn indented(json: &str) -> String {
    if json.len() > LONGEST || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return json.to_owned();
    }
    let (mut shown, mut depth, mut in_text, mut escaped) = (String::with_capacity(2 * json.len()), 0, false, false);
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
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_otherwise_left_as_it_is() {
        let given = r#"{"b":1.50, "a":[ ],"c":[1e3,{"d":"x\\\",{:"}], "e": {} }"#;
        let wanted = "{\n  \"b\": 1.50,\n  \"a\": [],\n  \"c\": [\n    1e3,\n    {\n      \"d\": \"x\\\\\\\",{:\"\n    }\n  ],\n  \"e\": {}\n}";
        assert_eq!(indented(given), wanted);
        assert!(shown("<b>not JSON").into_string().contains("&lt;b&gt;not JSON"));
    }

    #[test]
    fn what_is_deep_or_long_stays_small() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(indented(&nested(DEEPEST)).contains('\n'));
        // Brackets in texts are none.
        let hidden = "[\"]\",".repeat(5_000) + "1" + &"]".repeat(5_000);
        for text in [nested(DEEPEST + 2), nested(20_000), hidden, format!("[{}1]", "1,".repeat(LONGEST))] {
            assert_eq!(indented(&text), text);
        }
        let page = shown(&"é\"".repeat(LONGEST)).into_string();
        assert!(page.len() < 8 * LONGEST && page.contains("bytes of 196608"), "{}", page.len());
    }
}
