//! `postrider`: parses the command line, builds the workspace, and becomes `lab`, which runs it.

mod launch;

use std::process::ExitCode;

use clap::Parser as _;
use postrider::CommandLine;

fn main() -> ExitCode {
    // Help, the version and errors end here, before anything is built.
    let profile = CommandLine::parse().command.profile();
    let failure = launch::build_and_become_lab(profile);
    eprintln!("postrider did not start: {failure}");
    ExitCode::FAILURE
}
