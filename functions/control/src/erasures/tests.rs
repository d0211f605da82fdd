use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn tenant() -> TenantId {
    "shop-1".parse().expect("an id")
}

fn running(what: What) -> Erasure {
    Erasure::new(tenant(), what, NOW.before(Duration::from_mins(10)))
}

fn ended(what: What) -> Erasure {
    Erasure { finished_at: Some(NOW), ..running(what) }
}

fn follows(known: Option<Erasure>, what: What) -> Next {
    next(known, &tenant(), what, NOW)
}

#[test]
fn an_erasure_begins_where_none_runs() {
    for what in [What::Payloads, What::Everything] {
        let new = Next::Begins(Erasure::new(tenant(), what, NOW));
        assert_eq!(follows(None, what), new);
        assert!(!ended(What::Payloads).is_running());
        assert_eq!(follows(Some(ended(What::Payloads)), what), new);
        assert_eq!(follows(Some(ended(What::Everything)), what), new);
    }
}

#[test]
fn one_of_payloads_that_runs_starts_over_for_what_is_asked_now() {
    for what in [What::Payloads, What::Everything] {
        let Next::Begins(erasure) = follows(Some(running(What::Payloads)), what) else {
            panic!("{what:?}")
        };
        assert_eq!(erasure.what, what);
        assert_eq!(erasure, running(What::Payloads).anew(what, NOW));
    }
}

#[test]
fn while_everything_is_erased_nothing_is_left_to_ask_for() {
    for what in [What::Payloads, What::Everything] {
        let known = running(What::Everything);
        assert_eq!(follows(Some(known.clone()), what), Next::Runs(known));
    }
}
