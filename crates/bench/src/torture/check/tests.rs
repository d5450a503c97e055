//! Every fault is found, and what is right has none.

use super::*;

fn key(number: u32) -> Key {
    Key { client: 1, number }
}

/// The message with this number, as it is kept and shown: in order, all in one room.
fn message(number: u32) -> Shown {
    Shown { id: format!("id{number}").into(), time: format!("time{number}").into(), room: 0, key: key(number) }
}

/// Messages 0 to 9 are kept.
fn past() -> Past {
    let mut faults = Faults::default();
    let past = Past::new((0..10).map(message).collect(), &mut faults);
    assert!(faults.is_none());
    past
}

/// Compares with a client that saw these on its connections.
fn faults_of_irc(connections: &[&[Shown]]) -> Faults {
    let mut shows = Shows::default();
    let seen = |connection: &&[Shown], shows: &mut Shows| {
        connection.iter().map(|shown| Seen::Irc(shows.place_of(shown.clone()))).collect()
    };
    let connections = connections.iter().map(|connection| seen(connection, &mut shows)).collect();
    past().compare(2, &Transcript { connections, ..Transcript::default() }, &shows, false)
}

fn faults_of_plain(numbers: &[u32]) -> Faults {
    let seen = numbers.iter().map(|number| Seen::Plain(key(*number))).collect();
    let transcript = Transcript { connections: vec![seen], ..Transcript::default() };
    past().compare(2, &transcript, &Shows::default(), false)
}

fn counts(faults: &Faults) -> [u64; 6] {
    let Faults { lost, doubled, reordered, skipped, unanswered, other, .. } = faults;
    [*lost, *doubled, *reordered, *skipped, *unanswered, *other]
}

#[test]
fn what_is_right_has_no_faults() {
    assert_eq!(
        faults_of_irc(&[&[message(2), message(3)], &[], &[message(7), message(8), message(9)]]),
        Faults::default()
    );
    assert_eq!(faults_of_plain(&[4, 5, 6]), Faults::default());
    assert_eq!(faults_of_plain(&[]), Faults::default());
}

#[test]
fn what_was_seen_and_is_not_kept_is_lost() {
    assert_eq!(counts(&faults_of_irc(&[&[message(9), message(10)]])), [1, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&faults_of_plain(&[9, 10])), [1, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&faults_of_plain(&[10, 11])), [2, 0, 0, 0, 0, 0]);
}

#[test]
fn what_is_kept_with_another_time_or_other_words_is_lost() {
    let other_time = Shown { time: "later".into(), ..message(3) };
    let other_words = Shown { key: key(17), ..message(3) };
    assert_eq!(counts(&faults_of_irc(&[&[other_time]])), [1, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&faults_of_irc(&[&[other_words]])), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn what_was_acknowledged_and_is_not_kept_is_lost() {
    let transcript = Transcript { acknowledged: [key(3), key(10)].into(), ..Transcript::default() };
    assert_eq!(counts(&past().compare(2, &transcript, &Shows::default(), true)), [1, 0, 0, 0, 0, 0]);
}

#[test]
fn what_is_shown_twice_is_doubled() {
    assert_eq!(counts(&faults_of_irc(&[&[message(3), message(3)]])), [0, 1, 0, 0, 0, 0]);
    // Plain clients cannot tell this from another order.
    assert_eq!(counts(&faults_of_plain(&[3, 3])), [0, 0, 1, 0, 0, 0]);
}

#[test]
fn another_order_is_found_on_a_connection_and_over_several() {
    assert_eq!(counts(&faults_of_irc(&[&[message(3), message(5), message(4)]])), [0, 0, 1, 1, 0, 0]);
    assert_eq!(counts(&faults_of_irc(&[&[message(5)], &[message(4)]])), [0, 0, 1, 0, 0, 0]);
    assert_eq!(counts(&faults_of_plain(&[4, 3])), [0, 0, 1, 0, 0, 0]);
}

#[test]
fn what_is_left_out_is_found() {
    assert_eq!(counts(&faults_of_irc(&[&[message(3), message(5)]])), [0, 0, 0, 1, 0, 0]);
    assert_eq!(counts(&faults_of_plain(&[3, 5])), [0, 0, 0, 1, 0, 0]);
}

#[test]
fn what_is_kept_twice_is_doubled_for_who_sends_with_ids_only() {
    let again = Shown { id: "other".into(), ..message(3) };
    let past = Past::new((0..10).map(message).chain([again]).collect(), &mut Faults::default());
    assert_eq!(past.kept_again(), 1);
    let compare = |once| past.compare(1, &Transcript::default(), &Shows::default(), once);
    assert_eq!((counts(&compare(true)), counts(&compare(false))), ([0, 1, 0, 0, 0, 0], [0; 6]));
    // A plain client who saw the second copy has seen what is right.
    let transcript =
        Transcript { connections: vec![vec![Seen::Plain(key(9)), Seen::Plain(key(3))]], ..Transcript::default() };
    assert!(past.compare(2, &transcript, &Shows::default(), false).is_none());
}

#[test]
fn what_was_said_in_another_order_is_found() {
    let past = Past::new([0, 2, 1].map(message).into(), &mut Faults::default());
    assert_eq!(counts(&past.compare(1, &Transcript::default(), &Shows::default(), true)), [0, 0, 1, 0, 0, 0]);
}

#[test]
fn an_id_that_stands_twice_is_found() {
    let mut faults = Faults::default();
    Past::new(vec![message(1), Shown { key: key(2), ..message(1) }], &mut faults);
    assert_eq!(counts(&faults), [0, 1, 0, 0, 0, 0]);
}

#[test]
fn history_and_database_are_compared() {
    let compare = |numbers: &[u32]| {
        let mut faults = Faults::default();
        past().compare_with_database(&numbers.iter().map(|number| key(*number)).collect::<Vec<_>>(), &mut faults);
        counts(&faults)
    };
    assert_eq!(compare(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), [0; 6]);
    assert_eq!(compare(&[0, 1, 2, 3, 4, 5, 6, 7, 9, 8]), [0, 0, 2, 0, 0, 0]);
    assert_eq!(compare(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), [1, 0, 0, 0, 0, 1]);
    assert_eq!(compare(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn what_answers_a_message_that_was_sent_again_may_be_of_long_ago() {
    let mut shows = Shows::default();
    let mut compare = |seen: &[(u32, bool)]| {
        let seen = seen.iter().map(|(number, is_answer)| {
            let place = shows.place_of(message(*number));
            if *is_answer { Seen::Answer(place) } else { Seen::Irc(place) }
        });
        let transcript = Transcript { connections: vec![seen.collect()], ..Transcript::default() };
        counts(&past().compare(2, &transcript, &shows, true))
    };
    assert_eq!(compare(&[(1, true), (5, false), (2, true), (6, false), (6, true)]), [0; 6]);
    // It must be kept, and does not stand for what is to be shown in its place.
    assert_eq!(compare(&[(10, true)]), [1, 0, 0, 0, 0, 0]);
    assert_eq!(compare(&[(5, false), (6, true), (7, false)]), [0, 0, 0, 1, 0, 0]);
}

#[test]
fn who_sends_with_ids_misses_nothing_while_it_is_away() {
    let mut shows = Shows::default();
    let mut compare = |once| {
        let connections =
            [[2, 3], [6, 7]].map(|numbers| numbers.map(|number| Seen::Irc(shows.place_of(message(number)))).into());
        let transcript = Transcript { connections: connections.into(), ..Transcript::default() };
        counts(&past().compare(2, &transcript, &shows, once))
    };
    assert_eq!((compare(true), compare(false)), ([0, 0, 0, 1, 0, 0], [0; 6]));
}
