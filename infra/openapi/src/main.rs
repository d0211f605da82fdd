//! `cargo run -p openapi` writes the API's description to where the control function serves it
//! from.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::fs::write(openapi::PLACE, openapi::text()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", openapi::PLACE);
            ExitCode::FAILURE
        }
    }
}
