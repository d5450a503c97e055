//! The store in memory answers every question as the plainest model does.

use std::sync::Arc;

use chat::history::memory::Memory;
use chat::ids::Seq;
use proptest::prelude::*;

use crate::naive_history::{Happens, LOG, MAPPING, answer, past, query, written};

fn memory(past: &[Happens]) -> Memory {
    let mut memory = Memory::new(LOG, MAPPING);
    for Happens { seq, at, fact, happening } in past {
        memory.put(*seq, *at, Arc::new(fact.clone()));
        if let Some(happening) = happening {
            memory.file(*seq, *at, happening.clone());
        }
    }
    memory
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_the_plainest_answer(past in past(), queries in proptest::collection::vec(query(), 1..12)) {
        let memory = memory(&past);
        for query in &queries {
            prop_assert_eq!(written(&memory.find(query)), answer(&past, Seq::ZERO, query), "{:?}", query);
        }
    }
}
