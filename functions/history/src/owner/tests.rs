use super::*;

const DAY: Duration = Duration::from_hours(24);
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn owner(retention_days: Option<u16>) -> Owner {
    let tenant = Tenant { retention_days, ..Tenant::operations() };
    Owner::new(Arc::new(tenant), 30 * DAY, NOW)
}

#[test]
fn the_record_goes_back_as_far_as_both_the_tenant_and_the_deployment_keep_it() {
    assert_eq!(owner(None).since, NOW.before(30 * DAY));
    assert_eq!(owner(Some(7)).since, NOW.before(7 * DAY));
    assert_eq!(owner(Some(90)).since, NOW.before(30 * DAY), "the deployment keeps less");
}

#[test]
fn what_is_older_than_the_record_is_not_found() {
    let owner = owner(Some(7));
    let oldest = EventId::new(owner.since, 1);
    let older = EventId::new(owner.since.before(Duration::from_millis(1)), 1);
    assert_eq!(owner.kept(oldest, "event"), Ok(oldest));
    assert_eq!(owner.kept(older, "delivery"), Err(ApiError::NotFound("delivery")));
}
