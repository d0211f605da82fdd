use super::*;
use proptest::prelude::*;

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

proptest! {
    #[test]
    fn packing_keeps_every_byte(text in "\\PC{0,200}", repeat in 1usize..40, spaces in "[ \n\t]{0,9}") {
        let json = format!("{spaces}{{{spaces}\"a\":{}, \"n\": 1.50e0 }}", serde_json::to_string(&text.repeat(repeat)).unwrap());
        // RawValue drops what stands around the value, and nothing within.
        let json = json.trim_start();
        let packed = Packed::new(raw(json));
        prop_assert_eq!(&*packed.json().unwrap(), json);
    }
}

#[test]
fn what_sqs_refuses_travels_compressed() {
    let json = "\"\u{ffff}\"";
    let packed = Packed::new(raw(json));
    assert!(matches!(packed, Packed::Zstd(_)));
    assert_eq!(packed.json().unwrap(), json);
}

#[test]
fn a_frame_that_unpacks_beyond_the_limit_is_damaged() {
    let bomb = zstd::bulk::compress(&vec![b'0'; MAX_BYTES + 1], 3).unwrap();
    assert_eq!(Packed::Zstd(bomb).json().unwrap_err(), Damaged);
    assert_eq!(Packed::Zstd(b"no frame".to_vec()).json().unwrap_err(), Damaged);
}
