use super::*;

#[test]
fn three_of_ten_go_to_the_first_and_the_others_share_the_rest_evenly() {
    let mut counts = [0; SUBSCRIPTIONS];
    places().take(900).for_each(|place| counts[place] += 1);
    assert_eq!(counts, [270, 70, 70, 70, 70, 70, 70, 70, 70, 70]);
}
