use super::*;

#[test]
fn a_scope_has_its_capabilities_and_no_others() {
    use Capability::{Manage, Publish, Resend, View};
    let all = [View, Manage, Resend, Publish];
    let of = |scope: Scope| all.map(|capability| scope.capabilities().have(capability));
    assert_eq!(of(Scope::Full), [true; 4]);
    assert_eq!(of(Scope::ReadOnly), [true, false, false, false]);
    assert_eq!(of(Scope::PublishOnly), [false, false, false, true]);
    for scope in [Scope::Full, Scope::ReadOnly, Scope::PublishOnly] {
        assert_eq!(scope.as_str().parse(), Ok(scope));
        assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
    }
    assert_eq!("all".parse::<Scope>(), Err(InvalidScope));
}
