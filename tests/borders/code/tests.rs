use super::*;

/// Every path that a text names, with its line, and `pub` where others find it.
fn named(text: &str) -> Vec<String> {
    let shown = |named: &Named| {
        let import = named.import.as_ref().map_or(String::new(), |name| format!(" as {name}"));
        let public = if named.is_public { "pub " } else { "" };
        format!("{}: {public}{}{import}", named.line, named.path.join("::"))
    };
    read(text).named.iter().map(shown).collect()
}

#[test]
fn imports_are_written_out() {
    let text = "use a::{self, b::{C, d as e},\n    f::*};\npub(super) use super::g;\npub use h;";
    let right = [
        "1: a as a",
        "1: a::b::C as C",
        "1: a::b::d as e",
        "2: a::f as *",
        "3: pub super::g as g",
        "4: pub h as h",
    ];
    assert_eq!(named(text), right);
}

#[test]
fn paths_in_the_code_are_named_too() {
    let text = "fn f<'a>(x: &'a crate::b::C) -> d::E<'a> {\n    g::<h::I>(x.j);\n    k!(l::m)\n}";
    assert_eq!(named(text), ["1: crate::b::C", "1: d::E", "2: h::I", "3: l::m"]);
}

#[test]
fn comments_strings_and_characters_name_nothing() {
    let text = r##"
// a::b
/* a::b /* a::b */ a::b */
const T: &[&str] = &["a::b \" a::b", r"a::b\", r#"a::b " a::b"#];
const B: (&[u8], u8, char, char) = (b"a::b", b'"', '\'', '"');
/// a::b
fn f() { c::d() }
"##;
    assert_eq!(named(text), ["7: c::d"]);
}
