//! SQLite answers every question as the plainest model does: `chat`'s, with which the store in memory is compared too. Also
//! after the log has lost its beginning, and after a restart.

use std::sync::Arc;

use chat::fact::Fact;
use chat::ids::Seq;
use chat::time::Timestamp;
use proptest::prelude::*;
use store::Keep;

use crate::naive_history::{Happens, answer, past, query, written};
use crate::removal::until;
use crate::support::{Scratch, Store};

/// Puts a past into a store. The log leaves no places free, so something that nobody sees stands where the past has none.
fn fill(store: &mut Store, past: &[Happens]) -> Vec<Happens> {
    let mut filled: Vec<Happens> = Vec::new();
    for next in past {
        while (filled.len() as u64) + 1 < next.seq.0 {
            let seq = Seq(filled.len() as u64 + 1);
            filled.push(Happens { seq, at: next.at, fact: Fact::NodeStarted {}, happening: None });
        }
        filled.push(next.clone());
    }
    for Happens { seq, at, fact, happening } in &filled {
        assert_eq!(store.log.order(Arc::new(fact.clone()), *at), (*seq, *at));
        if let Some(happening) = happening {
            store.log.file(*seq, *at, Box::new(happening.clone()));
        }
    }
    store.log.flush();
    store.settle();
    filled
}

fn number(sqlite: &rusqlite::Connection, sql: &str) -> i64 {
    sqlite.query_row(sql, [], |row| row.get(0)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_the_plainest_answer(
        past in past(),
        queries in proptest::collection::vec(query(), 12),
        removed in 0..40_usize,
    ) {
        let scratch = Scratch::new("model");
        let mut store = Store::open(&scratch);
        let past = fill(&mut store, &past);
        until(&scratch, |sqlite| number(sqlite, "SELECT count(*) FROM erasures") == 0);
        for query in &queries {
            let found = store.find(query.clone());
            prop_assert_eq!(written(&found), answer(&past, Seq::ZERO, query), "{:?}", query);
        }
        // What happened before some moment is removed.
        let since = past.get(removed).map_or(Timestamp(i64::MAX), |first| first.at);
        let begin = past.iter().find(|fact| fact.at >= since).map_or(Seq(u64::MAX), |fact| fact.seq);
        store.log.keep_only(Keep { since: Some(since), bytes: None });
        let kept = past.iter().filter(|fact| fact.seq >= begin).count();
        until(&scratch, |sqlite| number(sqlite, "SELECT count(*) FROM facts") == i64::try_from(kept).unwrap());
        store.log.close().unwrap();
        let report = store::verify(&scratch.0).unwrap();
        prop_assert!(report.is_well(), "{}", report);
        let mut store = Store::open(&scratch);
        prop_assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
        for query in &queries {
            let found = store.find(query.clone());
            prop_assert_eq!(written(&found), answer(&past, begin, query), "after {:?} was removed: {:?}", begin, query);
        }
    }
}
