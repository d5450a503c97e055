//! An invitation makes as many accounts as it may, and no more, whenever the process is killed.

use std::collections::BTreeSet;

use chat::rows::Row;
use proptest::prelude::*;

use crate::table::{Pace, Table};

/// How many accounts the invitation may make.
const USES: u32 = 2;

const PEOPLE: [&str; 4] = ["pia", "rosa", "sara", "tina"];

#[derive(Clone, Debug)]
enum Step {
    /// Somebody makes an account by the invitation.
    Register(&'static str),
    Commit,
    /// The process is killed, and another one begins.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::sample::select(PEOPLE.to_vec()).prop_map(Step::Register),
        2 => Just(Step::Commit),
        1 => Just(Step::Crash),
    ]
}

/// Who was told that they have an account since the last look.
fn told(table: &mut Table) -> Vec<String> {
    let seen = std::mem::take(&mut table.seen);
    let told = |line: String| line.strip_prefix("Registered(\"")?.strip_suffix("\")").map(str::to_owned);
    seen.into_iter().filter_map(|(_, line)| told(line)).collect()
}

/// Returns whose accounts are kept, and how many more the invitation may make.
fn kept(table: &Table) -> (BTreeSet<String>, u32) {
    let accounts = table.rows.values().filter_map(|row| match row {
        Row::Account(account) if PEOPLE.contains(&&*account.name) => Some(account.name.to_string()),
        _ => None,
    });
    let uses = table.rows.values().filter_map(|row| match row {
        Row::Invitation(invitation) if &*invitation.hash == "welcome0" => Some(invitation.uses),
        _ => None,
    });
    (accounts.collect(), uses.sum())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_invitation_is_used_as_often_as_it_may_be_and_no_more(steps in prop::collection::vec(step(), 1..30)) {
        let mut table = Table::new();
        table.ask("anna", &format!("CONNECT ; OPER admin ; INVITATION welcome0 {USES}"));
        table.pace = Pace::CommitsLate;
        let mut have = BTreeSet::new();
        for step in &steps {
            match step {
                Step::Register(who) => table.ask(who, &format!("REGISTER {who} welcome0")),
                Step::Commit => table.commit(),
                Step::Crash => {
                    have.extend(told(&mut table));
                    table.crash();
                    let (accounts, uses) = kept(&table);
                    prop_assert!(have.is_subset(&accounts), "{have:?} were told, and kept are {accounts:?}");
                    prop_assert_eq!(u32::try_from(accounts.len()).unwrap() + uses, USES);
                }
            }
        }
        table.commit();
        // Whoever has none yet tries: all uses are there to be had.
        for who in PEOPLE {
            table.ask(who, &format!("REGISTER {who} welcome0"));
        }
        table.commit();
        have.extend(told(&mut table));
        let (accounts, uses) = kept(&table);
        prop_assert_eq!((&accounts, uses), (&have, 0));
        prop_assert_eq!(u32::try_from(accounts.len()).unwrap(), USES);
    }
}
