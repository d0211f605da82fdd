//! JSON Schemas that an administrator saves, and data checked against them: compiling and checking
//! end in time (libFuzzer's `-timeout`) and in memory, refusals are short, and what is checked
//! twice is judged alike. Input: a schema, a line end, data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::core::event::schema::Schema;

fuzz_target!(|input: &str| {
    let (schema, data) = input.split_once('\n').unwrap_or((input, "null"));
    let Ok(schema) = Schema::compile(schema) else { return };
    let verdict = schema.check(data, "data");
    assert_eq!(schema.check(data, "data"), verdict);
    if let Err(faults) = verdict {
        assert!((1..=10).contains(&faults.len()));
        assert!(faults.iter().all(|fault| fault.path.starts_with("data") && !fault.message.is_empty()));
    }
});
