use super::*;
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use soak::Fault;

fn parse(line: &str) -> Result<Command, clap::Error> {
    let line = std::iter::once("postrider").chain(line.split_whitespace());
    CommandLine::try_parse_from(line).map(|parsed| parsed.command)
}

#[track_caller]
fn refused(line: &str, kind: ErrorKind) {
    let error = parse(line).map(|command| panic!("{line} is {command:?}"));
    assert_eq!(error.unwrap_err().kind(), kind, "{line}");
}

fn help(line: &str) -> String {
    let error = parse(line).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DisplayHelp);
    error.to_string()
}

#[test]
fn the_command_tree_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn options_of_another_subcommand_are_errors() {
    for line in [
        "soak 10 --in-flight",
        "soak 10 --update-docs",
        "soak 10 --logs info",
        "up --events 3",
        "up --faults all",
        "up --keep",
        "demo --ephemeral",
        "demo --endpoints",
        "bench 10 --faults all",
        "isolation --data somewhere",
        "simulate --parameter Nonsense=1",
        "simulate --port 0",
        "units --data somewhere",
        "units --http-concurrency 2",
        "starts --http-concurrency 2",
        "cost --data somewhere",
        "--port 0 up",
    ] {
        refused(line, ErrorKind::UnknownArgument);
    }
}

#[test]
fn options_that_exclude_each_other_are_errors() {
    for line in [
        "up --data somewhere --ephemeral",
        "up --endpoints --receiver-port 0",
        "cost --counted --parameter LogLevel=info",
        "cost --counted --port 4400",
        "cost --counted --logs info",
        "cost --counted --http-concurrency 2",
        "cost --counted --aws-ms 3",
    ] {
        refused(line, ErrorKind::ArgumentConflict);
    }
}

#[test]
fn values_out_of_range_are_errors() {
    for line in ["soak 0", "bench 0", "up --http-concurrency 0", "soak --pace 0", "up --port 65536"]
    {
        refused(line, ErrorKind::ValueValidation);
    }
    refused("soak --faults kill,flood", ErrorKind::InvalidValue);
    refused("up --parameter LogLevel", ErrorKind::ValueValidation);
    refused("up 3", ErrorKind::UnknownArgument);
    refused("nonsense", ErrorKind::InvalidSubcommand);
    refused("", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand);
}

#[test]
fn what_the_readme_shows_is_accepted() {
    for line in [
        "up",
        "up --parameter OrderedDelivery=true",
        "demo --keep --port 0 --receiver-port 0",
        "bench 5000",
        "isolation",
        "simulate --update-docs",
        "units",
        "cost",
        "cost --counted --update-docs",
        "starts --update-docs",
    ] {
        assert!(parse(line).is_ok(), "{line}");
    }
    let Ok(Command::Soak(soak)) = parse("soak 2000 --faults all,clock --seed 42 --pace 40") else {
        panic!("no soak");
    };
    assert_eq!((soak.events, soak.seed, soak.pace), (2_000, Some(42), 40));
    assert_eq!(soak.faults, [Fault::All, Fault::Clock]);
}

#[test]
fn help_says_how_to_call_each_subcommand() {
    let usage = |line: &str| {
        let help = help(line);
        help.lines().find(|line| line.starts_with("Usage: ")).unwrap_or_default().to_owned()
    };
    assert_eq!(usage("--help"), "Usage: postrider <COMMAND>");
    assert_eq!(usage("up --help"), "Usage: postrider up [OPTIONS]");
    assert_eq!(usage("demo --help"), "Usage: postrider demo [OPTIONS]");
    assert_eq!(usage("bench --help"), "Usage: postrider bench [OPTIONS] [EVENTS]");
    assert_eq!(usage("soak --help"), "Usage: postrider soak [OPTIONS] [EVENTS]");
    assert_eq!(usage("simulate --help"), "Usage: postrider simulate [OPTIONS]");
}

#[test]
fn help_lists_the_subcommands_for_people_alone() {
    let help = help("--help");
    for name in ["up", "demo", "bench", "soak", "isolation", "simulate", "units", "cost", "starts"]
    {
        assert!(help.contains(&format!("\n  {name} ")), "{name} is not in {help}");
    }
    assert!(!help.contains("bench-client"), "{help}");
}

#[test]
fn only_figures_that_depend_on_it_need_a_release_build() {
    let profile = |line: &str| parse(line).map(|command| command.profile()).unwrap();
    for line in ["bench", "cost", "starts"] {
        assert_eq!(profile(line), Profile::Release, "{line}");
    }
    for line in ["up", "demo", "soak", "isolation", "simulate", "units", "cost --counted"] {
        assert_eq!(profile(line), Profile::Dev, "{line}");
    }
}
