use super::*;

#[test]
fn cards_are_as_the_style_sheet_has_them() {
    let style = include_str!("../../assets/style.css");
    let cards: Vec<_> = style.split("--card: ").skip(1).map(|rest| &rest[..7]).collect();
    assert_eq!(cards, [LIGHT.to_string(), DARK.to_string()]);
}

#[test]
fn every_colour_can_be_read_in_both_looks_and_a_readable_one_stays_as_it_is() {
    for text in ["#000000", "#ffffff", "#ffff00", "#808080", "#1f5fbf", "#ff0000", "#00ff88"] {
        let colour: Colour = text.parse().unwrap();
        assert_eq!(colour.to_string(), text);
        assert!(
            colour.on_light().contrast(LIGHT) >= READABLE,
            "{text} on light: {}",
            colour.on_light()
        );
        assert!(
            colour.on_dark().contrast(DARK) >= READABLE,
            "{text} on dark: {}",
            colour.on_dark()
        );
    }
    assert_eq!(Colour::default().on_light(), Colour::default());
    assert!((Colour([0xff; 3]).contrast(Colour([0; 3])) - 21.0).abs() < 1e-9);
    for bad in ["", "1f5fbf", "#1f5fb", "#1f5fbg", "#+f5fbf", "red"] {
        assert_eq!(bad.parse::<Colour>(), Err(InvalidColour), "{bad}");
    }
}
