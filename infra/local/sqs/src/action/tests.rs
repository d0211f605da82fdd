use super::Action;

#[test]
fn every_action_is_found_by_its_target() {
    for (place, action) in Action::ALL.iter().enumerate() {
        assert_eq!(Action::of_target(&format!("AmazonSQS.{}", action.name())), Some(*action));
        assert_eq!(place, *action as usize);
    }
    assert_eq!(Action::of_target("SendMessage"), None);
    assert_eq!(Action::of_target("AmazonSQS.Nothing"), None);
}
