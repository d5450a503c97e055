//! The checker itself: a seed gives one run, and a broken rule is noticed and named.

use sim::run::{Outcome, Run};
use sim::{Rule, Sabotage};

/// In how many steps, over all seeds until then, a sabotage has to be noticed: a few seconds.
const STEPS_MAX: u64 = 2_000_000;

fn run(seed: u64, sabotage: Option<Sabotage>) -> Outcome {
    Run { seed, sabotage, transcript: false }.go()
}

#[test]
fn a_seed_gives_the_same_run_again() {
    for seed in [4, 6] {
        let run = Run { seed, sabotage: None, transcript: true };
        let (first, second) = (run.go(), run.go());
        assert!(first.transcript.len() > 100, "{} lines", first.transcript.len());
        assert_eq!(first, second);
    }
}

/// Runs seed after seed until the sabotage is noticed; the first violation must be of these rules.
fn is_noticed(sabotage: Sabotage, rules: &[Rule]) {
    let mut steps = 0;
    let found = (0..).find_map(|seed| {
        let outcome = run(seed, Some(sabotage));
        steps += outcome.steps;
        assert!(steps < STEPS_MAX, "{sabotage:?} is not noticed in {steps} steps, with {} seeds", seed + 1);
        (!outcome.violations.is_empty()).then_some(outcome.violations)
    });
    let found = found.unwrap_or_default();
    assert!(found.iter().any(|violation| rules.contains(&violation.rule)), "{sabotage:?}: {found:?}");
}

#[test]
fn showing_before_the_commit_is_noticed() {
    // What is shown and lost may be a message, or that one was taken back.
    is_noticed(Sabotage::ShowBeforeCommit, &[Rule::Kept, Rule::Erased]);
}

#[test]
fn a_sync_that_does_nothing_is_noticed() {
    is_noticed(Sabotage::SkipSync, &[Rule::Kept, Rule::Whole]);
}

#[test]
fn a_failed_sync_that_is_hidden_is_noticed() {
    // What is lost may be a message, that one was taken back, or what a cursor points at.
    is_noticed(Sabotage::HideFailedSync, &[Rule::Kept, Rule::Whole, Rule::Erased, Rule::Complete]);
}

#[test]
fn a_private_past_that_is_shown_is_noticed() {
    is_noticed(Sabotage::ForgetPrivacy, &[Rule::Permission]);
}

#[test]
fn ids_that_are_forgotten_are_noticed() {
    // Said again and kept twice; or said again and refused, when it may not be said any more.
    is_noticed(Sabotage::ForgetIds, &[Rule::Once, Rule::Refused]);
}

#[test]
fn who_left_and_goes_on_hearing_is_noticed() {
    is_noticed(Sabotage::ForgetDepartures, &[Rule::Permission]);
}

#[test]
fn answers_that_are_lost_are_noticed() {
    is_noticed(Sabotage::LoseAnswers, &[Rule::Answered]);
}

#[test]
fn messages_that_come_twice_are_noticed() {
    is_noticed(Sabotage::DeliverTwice, &[Rule::Once]);
}

#[test]
fn another_order_is_noticed() {
    is_noticed(Sabotage::Reorder, &[Rule::Order]);
}

#[test]
fn a_queue_without_a_bound_is_noticed() {
    is_noticed(Sabotage::NoQueueBound, &[Rule::Bounded]);
}

#[test]
fn a_refused_message_that_is_kept_is_noticed() {
    // What a classroom program said it is not told about in a way that it could note; but others lack it.
    is_noticed(Sabotage::KeepVoided, &[Rule::Refused, Rule::Complete]);
}

#[test]
fn a_message_that_is_not_told_to_who_comes_back_is_noticed() {
    is_noticed(Sabotage::SkipResumed, &[Rule::Complete]);
}

#[test]
fn a_cursor_that_goes_back_is_noticed() {
    // By the cursor itself, or by what is told again: twice, or behind what is later.
    is_noticed(Sabotage::TurnCursorBack, &[Rule::Complete, Rule::Once, Rule::Order]);
}

#[test]
fn a_search_that_shows_what_somebody_else_has_found_is_noticed() {
    // Of what somebody else has found before, something may have been taken back meanwhile.
    is_noticed(Sabotage::SearchOthers, &[Rule::Permission, Rule::Erased]);
}

#[test]
fn a_search_that_does_not_find_the_newest_is_noticed() {
    is_noticed(Sabotage::FindLess, &[Rule::Complete]);
}

#[test]
fn removing_more_than_is_too_old_is_noticed() {
    is_noticed(Sabotage::KeepLess, &[Rule::Kept]);
}

#[test]
fn removing_more_than_is_too_much_is_noticed() {
    is_noticed(Sabotage::KeepFewerBytes, &[Rule::Kept]);
}

#[test]
fn a_backup_of_the_file_alone_is_noticed() {
    is_noticed(Sabotage::CopyWithoutLog, &[Rule::Whole]);
}

#[test]
fn what_a_removed_account_has_said_and_stays_is_noticed() {
    is_noticed(Sabotage::KeepRemoved, &[Rule::Erased]);
}

#[test]
fn markers_that_are_forgotten_are_noticed() {
    is_noticed(Sabotage::ForgetMarkers, &[Rule::Kept]);
}
