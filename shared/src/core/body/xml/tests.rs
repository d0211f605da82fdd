use proptest::prelude::*;
use roxmltree::Node;
use serde_json::{Map, Value};

use super::*;

fn xml(json: &str) -> String {
    let document = render(json, "data").unwrap_or_else(|error| panic!("{json}: {error}"));
    String::from_utf8(document).expect("UTF-8")
}

/// What stands after the declaration.
fn body(json: &str) -> String {
    xml(json).strip_prefix(DECLARATION).expect("a declaration").to_owned()
}

/// Reads a document by the module's table; it shares no code with the writer.
fn read_back(xml: &str) -> Value {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    value(document.root_element())
}

fn value(node: Node<'_, '_>) -> Value {
    let elements = || node.children().filter(Node::is_element);
    let text: String =
        node.children().filter(Node::is_text).filter_map(|text| text.text()).collect();
    match (node.attribute("type"), node.attribute("encoding")) {
        (Some("number"), None) => serde_json::from_str(&text).expect("a number"),
        (Some("boolean"), None) => Value::Bool(text.parse().expect("true or false")),
        (Some("null"), None) => Value::Null,
        (Some("array"), None) => elements()
            .map(|item| {
                assert!(item.has_tag_name("item"));
                value(item)
            })
            .collect(),
        (Some("object"), None) => Value::Object(Map::new()),
        (None, Some("base64")) => Value::String(from_base64(&text)),
        (None, None) if elements().next().is_none() => Value::String(text),
        (None, None) => {
            assert_eq!(text, "", "text beside members");
            let mut members = Map::new();
            for element in elements() {
                let name = name(element);
                if element.attribute("repeated") == Some("true") {
                    let array = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                    array.as_array_mut().expect("all or none repeated").push(value(element));
                } else {
                    assert!(members.insert(name, value(element)).is_none(), "one member of a name");
                }
            }
            Value::Object(members)
        }
        other => panic!("{other:?}"),
    }
}

fn name(node: Node<'_, '_>) -> String {
    match (node.attribute("name"), node.attribute("name-base64")) {
        (None, None) => node.tag_name().name().to_owned(),
        (Some(name), None) => name.to_owned(),
        (None, Some(base64)) => from_base64(base64),
        other => panic!("{other:?}"),
    }
}

fn from_base64(text: &str) -> String {
    String::from_utf8(BASE64.decode(text).expect("base64")).expect("UTF-8")
}

/// Arrays within each other, `depth` of them.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn a_cloudcart_order_is_this_document() {
    let order = r#"{"id": 1001, "status": "pending", "payment_status": "requested", "fulfilment_status": "not_fulfilled",
        "total": "42.50", "customer": {"name": "Ани & Co <ltd>", "email": "ani@example.com"},
        "products": [{"sku": "A-1", "quantity": 2}, {"sku": "B-2", "quantity": 1}]}"#;
    let document = concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?><order><id type="number">1001</id><status>pending</status>"#,
        "<payment_status>requested</payment_status><fulfilment_status>not_fulfilled</fulfilment_status>",
        "<total>42.50</total>",
        "<customer><name>Ани &amp; Co &lt;ltd&gt;</name><email>ani@example.com</email></customer>",
        r#"<products repeated="true"><sku>A-1</sku><quantity type="number">2</quantity></products>"#,
        r#"<products repeated="true"><sku>B-2</sku><quantity type="number">1</quantity></products></order>"#,
    );
    assert_eq!(String::from_utf8(render(order, "order").expect("XML")).expect("UTF-8"), document);
}

#[test]
fn every_kind_of_value_has_its_form() {
    for (json, expected) in [
        (r#" "a" "#, "<data>a</data>"),
        (r#""""#, "<data/>"),
        (r#"" ""#, "<data> </data>"),
        ("true", r#"<data type="boolean">true</data>"#),
        ("false", r#"<data type="boolean">false</data>"#),
        ("null", r#"<data type="null"/>"#),
        ("{ }", r#"<data type="object"/>"#),
        ("[ ]", r#"<data type="array"/>"#),
        (
            r#"{"b":1,"a":{"c":{}}}"#,
            r#"<data><b type="number">1</b><a><c type="object"/></a></data>"#,
        ),
    ] {
        assert_eq!(body(json), expected, "{json}");
    }
}

#[test]
fn numbers_keep_the_producers_text() {
    for number in [
        "0",
        "-0",
        "1.50e0",
        "1E+2",
        "12345678901234567890.1",
        "1e999",
        "123456789012345678901234567890",
    ] {
        assert_eq!(
            body(&format!("[ {number} ]")),
            format!(r#"<data type="array"><item type="number">{number}</item></data>"#)
        );
    }
}

#[test]
fn arrays_are_repeated_as_members_and_items_elsewhere() {
    for (json, expected) in [
        (r#"{"a":[]}"#, r#"<data><a type="array"/></data>"#),
        (r#"{"a":["x"]}"#, r#"<data><a repeated="true">x</a></data>"#),
        (
            r#"{"a":[1,""]}"#,
            r#"<data><a repeated="true" type="number">1</a><a repeated="true"/></data>"#,
        ),
        (r#"{"a":[[]]}"#, r#"<data><a repeated="true" type="array"/></data>"#),
        (
            r#"{"a":[[true]]}"#,
            r#"<data><a repeated="true" type="array"><item type="boolean">true</item></a></data>"#,
        ),
        (r#"[{"a":["x"]}]"#, r#"<data type="array"><item><a repeated="true">x</a></item></data>"#),
        (
            r#"[[],["x"]]"#,
            r#"<data type="array"><item type="array"/><item type="array"><item>x</item></item></data>"#,
        ),
        (
            r#"{"a b":["\u0000"]}"#,
            r#"<data><member name="a b" repeated="true" encoding="base64">AA==</member></data>"#,
        ),
    ] {
        assert_eq!(body(json), expected, "{json}");
    }
}

#[test]
fn only_plain_names_become_elements_names() {
    for plain in ["a", "_", "A1.b-c_d", "item", "member", "data", "ml", "x", "xm", "aXml"] {
        assert_eq!(body(&format!(r#"{{"{plain}":""}}"#)), format!("<data><{plain}/></data>"));
    }
    for other in ["", "1", "-a", ".a", "a:b", "a b", "xml", "XmLa", "име", "aé", "a/", "éé"] {
        assert_eq!(
            body(&format!(r#"{{"{other}":""}}"#)),
            format!(r#"<data><member name="{other}"/></data>"#)
        );
    }
    assert_eq!(
        body(r#"{"<>&'\"\t\n\r":""}"#),
        r#"<data><member name="&lt;&gt;&amp;'&quot;&#9;&#10;&#13;"/></data>"#
    );
    assert_eq!(body(r#"{"a\u0001":""}"#), r#"<data><member name-base64="YQE="/></data>"#);
    assert_eq!(
        render("1", "a b").unwrap(),
        format!(r#"{DECLARATION}<member name="a b" type="number">1</member>"#).into_bytes()
    );
}

#[test]
fn text_is_escaped_and_keeps_its_whitespace() {
    assert_eq!(body(r#""<a>&amp;]]>'\"""#), r#"<data>&lt;a&gt;&amp;amp;]]&gt;'"</data>"#);
    assert_eq!(body(r#"" \t\n\r\n ""#), "<data> \t\n&#13;\n </data>");
    assert_eq!(body(r#""\u0444\ud83d\ude00""#), "<data>ф😀</data>");
}

#[test]
fn what_xml_cannot_hold_is_base64() {
    assert_eq!(body(r#""a\u0000""#), r#"<data encoding="base64">YQA=</data>"#);
    let beyond = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    for c in ('\0'..='\u{100}')
        .chain('\u{d7f0}'..='\u{e010}')
        .chain('\u{fff0}'..='\u{10010}')
        .chain(['\u{10ffff}'])
    {
        let json = serde_json::to_string(&c).unwrap();
        assert_eq!(xml(&json).contains("base64"), beyond(c), "{c:?}");
        assert_eq!(read_back(&xml(&json)), Value::String(c.into()), "{c:?}");
    }
}

#[test]
fn of_members_with_the_same_name_the_last_counts() {
    let json = r#"{"a":[1,2],"b":"x","\u0061":"y","c":"z"}"#;
    assert_eq!(body(json), "<data><b>x</b><a>y</a><c>z</c></data>");
}

#[test]
fn depth_has_a_limit_and_a_bomb_does_no_harm() {
    assert_eq!(
        read_back(&xml(&nested(MAX_DEPTH))),
        serde_json::from_str::<Value>(&nested(MAX_DEPTH)).unwrap()
    );
    assert_eq!(render(&nested(MAX_DEPTH + 1), "data"), Err(Unrenderable::TooDeep));
    assert_eq!(render(&nested(1 << 17), "data"), Err(Unrenderable::TooDeep));
    let objects =
        |depth: usize| format!("{}{{}}{}", r#"{"a":"#.repeat(depth - 1), "}".repeat(depth - 1));
    assert!(render(&objects(MAX_DEPTH), "data").is_ok());
    assert_eq!(render(&objects(MAX_DEPTH + 1), "data"), Err(Unrenderable::TooDeep));
    let members =
        |depth: usize| format!("{}1{}", r#"{"a":["#.repeat(depth / 2), "]}".repeat(depth / 2));
    assert!(render(&members(MAX_DEPTH), "data").is_ok());
    assert_eq!(render(&members(MAX_DEPTH + 2), "data"), Err(Unrenderable::TooDeep));
}

#[test]
fn a_lone_surrogate_is_no_text() {
    for json in [
        r#""\ud800""#,
        r#""\udc00a""#,
        r#""\ud800\ud800""#,
        r#"{"\ud800":1}"#,
        r#"[{"a":["\udfff"]}]"#,
    ] {
        assert!(serde_json::from_str::<&RawValue>(json).is_ok(), "{json}");
        assert_eq!(render(json, "data"), Err(Unrenderable::NotText), "{json}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in ["", " ", "{", "[1,]", "01", "nul", "{} {}", "\"\t\""] {
        assert_eq!(render(text, "data"), Err(Unrenderable::NotJson), "{text}");
    }
    assert_eq!(render(&"[".repeat(1 << 20), "data"), Err(Unrenderable::NotJson));
}

#[test]
fn a_long_name_over_a_long_array_is_stopped_at_the_limit() {
    let json = format!(r#"{{"{}":[1{}]}}"#, "a".repeat(1 << 19), ",1".repeat(1 << 17));
    assert_eq!(render(&json, "data"), Err(Unrenderable::TooLong));
    let around = DECLARATION.len() + "<data></data>".len();
    let of = |bytes: usize| render(&format!(r#""{}""#, "a".repeat(bytes - around)), "data");
    assert_eq!(of(MAX_BYTES).map(|document| document.len()), Ok(MAX_BYTES));
    assert_eq!(of(MAX_BYTES + 1), Err(Unrenderable::TooLong));
}

/// Strings that use few characters, those that mean something to XML or to JSON among them, and any
/// others.
fn string() -> impl Strategy<Value = String> {
    let telling = prop::sample::select(
        "ab:-. \t\n\r<>&\"'\\/]\0\u{1f}\u{7f}\u{85}\u{2028}\u{fffe}\u{ffff}😀и"
            .chars()
            .collect::<Vec<_>>(),
    );
    let c = prop_oneof![3 => telling, 1 => any::<char>()];
    prop_oneof![1 => Just(String::new()), 4 => prop::collection::vec(c, 0..8).prop_map(String::from_iter)]
}

fn member_name() -> impl Strategy<Value = String> {
    const NAMES: [&str; 15] = [
        "a", "b", "item", "member", "name", "type", "data", "xml", "XMLa", "xmlns", "a:b", "1",
        "a b", "", "име",
    ];
    prop_oneof![prop::sample::select(&NAMES[..]).prop_map(str::to_owned), string()]
}

/// The JSON string of these code units, each of them escaped.
fn escaped(units: impl IntoIterator<Item = u16>) -> String {
    let units: Vec<_> = units.into_iter().map(|unit| format!(r"\u{unit:04x}")).collect();
    format!(r#""{}""#, units.concat())
}

/// A JSON string, written with as few escapes as can be or with all that can be.
fn quoted(string: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (string, any::<bool>()).prop_map(|(string, all)| {
        if all { escaped(string.encode_utf16()) } else { serde_json::to_string(&string).unwrap() }
    })
}

fn number() -> impl Strategy<Value = String> {
    const TELLING: [&str; 7] =
        ["0", "-0", "1.50e0", "-0.0E-7", "12345678901234567890.1", "18446744073709551616", "1e308"];
    prop_oneof![
        prop::sample::select(&TELLING[..]).prop_map(str::to_owned),
        any::<i64>().prop_map(|n| n.to_string())
    ]
}

/// The text of any JSON value, with whitespace and members of the same name.
fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&["true", "false", "null", "[]", "{}", "[ ]", "{\n}"][..])
        .prop_map(str::to_owned);
    let leaf = prop_oneof![quoted(string()), number(), word];
    leaf.prop_recursive(6, 48, 5, |inner| {
        let gap = "[ \t\r\n]{0,2}";
        let array = (prop::collection::vec(inner.clone(), 0..5), gap);
        let member = (quoted(member_name()), gap, inner)
            .prop_map(|(name, gap, value)| format!("{name}{gap}:{gap}{value}"));
        let object = (prop::collection::vec(member, 0..5), gap);
        prop_oneof![
            array.prop_map(|(elements, gap)| format!(
                "{gap}[{gap}{}{gap}]",
                elements.join(&format!("{gap},{gap}"))
            )),
            object.prop_map(|(members, gap)| format!(
                "{{{gap}{}{gap}}}{gap}",
                members.join(&format!(",{gap}"))
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn what_is_read_back_equals_the_json(json in json()) {
        let expected: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(read_back(&xml(&json)), expected);
    }

    #[test]
    fn any_string_survives_as_value_and_as_name(string in prop_oneof![string(), any::<String>()]) {
        let data = serde_json::json!({ &string: [&string, { &string: &string }] });
        prop_assert_eq!(read_back(&xml(&data.to_string())), data);
    }

    #[test]
    fn exactly_what_is_utf_16_is_text(
        units in prop::collection::vec(prop_oneof![0xd7fe_u16..0xd804, 0xdbfe_u16..0xdc04, 0xdffe_u16..0xe002], 0..6),
        as_name: bool,
    ) {
        let string = escaped(units.iter().copied());
        let json = if as_name { format!("[{{{string}:1}}]") } else { format!(r#"[{{"a":{string}}}]"#) };
        if String::from_utf16(&units).is_ok() {
            prop_assert_eq!(read_back(&xml(&json)), serde_json::from_str::<Value>(&json).unwrap());
        } else {
            prop_assert_eq!(render(&json, "data"), Err(Unrenderable::NotText));
        }
    }
}
