use clap::ValueEnum as _;

use super::*;

#[test]
fn all_is_every_kind_but_the_clock_and_none_is_none() {
    let shown = |faults: &[Fault]| kinds(faults).to_string();
    let all = "kill,throttle,internal,sqs,duplicate,reorder,slow,outage";
    assert_eq!(shown(&[Fault::All]), all);
    assert_eq!(shown(&[Fault::All, Fault::Clock]), format!("{all},clock"));
    assert_eq!(shown(&[Fault::None]), "none");
}

#[test]
fn the_faults_that_a_report_names_can_be_given_again() {
    for kind in Kind::ALL {
        let fault = Fault::from_str(kind.name(), false).unwrap();
        assert_eq!(each(fault), [kind]);
    }
}
