//! The store as the hall's log; and where a sabotage wants it, one that cannot be trusted.

use std::sync::Arc;

use chat::Input;
use chat::event::EventKind;
use chat::fact::Fact;
use chat::history::{Delivered, Found, Happening, Query};
use chat::ids::{Seq, SessionId, Ticket};
use chat::rows::RowChange;
use chat::time::Timestamp;
use chat::world::World;
use session::host::Log;
use store::{EmbeddedLog, News, Reader};

use crate::sabotage::Sabotage;

/// More groups than one turn needs: the shard and the hall would never come to rest.
const GROUPS_MAX: u32 = 200_000;

pub(super) struct KeptLog {
    pub(super) store: EmbeddedLog,
    reader: Reader,
    sabotage: Option<Sabotage>,
    /// Facts that are not committed yet, of which some may be voided.
    ordered: Vec<(Seq, Arc<Fact>)>,
    /// Messages that were voided, and are kept all the same.
    voided: Vec<Arc<Fact>>,
    /// When the last fact was ordered.
    now: Timestamp,
    /// What the hall was told to be committed though it is not.
    told: Seq,
    /// The hall knows that everything through this is safe.
    pub(super) committed: Seq,
    /// Since the turn has begun.
    pub(super) groups: u32,
}

impl KeptLog {
    pub(super) fn new(store: EmbeddedLog, reader: Reader, sabotage: Option<Sabotage>) -> Self {
        let (ordered, voided, now, told) = (Vec::new(), Vec::new(), Timestamp(0), Seq::ZERO);
        Self { store, reader, sabotage, ordered, voided, now, told, committed: Seq::ZERO, groups: 0 }
    }

    fn keep_voided(&mut self, news: &News) {
        match news {
            News::Committed(through) => self.ordered.retain(|(seq, _)| seq > through),
            News::Voided { facts, .. } => {
                let voided = self.ordered.iter().filter(|(seq, _)| facts.contains(seq));
                self.voided.extend(voided.map(|(_, fact)| Arc::clone(fact)));
            }
            News::Refuses { .. } => {}
            News::Accepts => {
                for fact in std::mem::take(&mut self.voided) {
                    self.store.order(fact, self.now);
                }
            }
        }
    }

    fn found(&self, found: Found) -> Found {
        match (self.sabotage, found) {
            (Some(Sabotage::ForgetIds), Found::Delivery(_)) => Found::Delivery(Delivered::default()),
            (Some(Sabotage::SkipResumed), Found::Since { mut entries, is_end, has_gap }) => {
                if let Some(place) = entries.iter().position(|event| matches!(event.kind, EventKind::Message(_))) {
                    entries.remove(place);
                }
                Found::Since { entries, is_end, has_gap }
            }
            (Some(Sabotage::FindLess), Found::Search { mut messages, given_up }) => {
                messages.pop();
                Found::Search { messages, given_up }
            }
            (_, found) => found,
        }
    }
}

impl Log for KeptLog {
    fn order(&mut self, _: Ticket, fact: &Arc<Fact>, _: &World, now: Timestamp) -> Option<(Seq, Timestamp)> {
        let kept = match &**fact {
            Fact::AccountRemoved { account, .. } if self.sabotage == Some(Sabotage::KeepRemoved) => {
                Arc::new(Fact::AccountRemoved { account: Arc::clone(account), keeps_messages: true })
            }
            _ => Arc::clone(fact),
        };
        let (seq, at) = self.store.order(kept, now);
        if self.sabotage == Some(Sabotage::KeepVoided) {
            self.ordered.push((seq, Arc::clone(fact)));
            self.now = now;
        }
        Some((seq, at))
    }

    fn keep(&mut self, change: RowChange) {
        self.store.keep(change);
    }

    fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>) {
        self.store.file(seq, at, happening);
    }

    fn ask(&mut self, session: SessionId, query: Query) {
        self.reader.ask(session, query);
    }

    fn flush(&mut self) {
        self.groups += 1;
        assert!(self.groups < GROUPS_MAX, "the shard and the hall never come to rest");
        self.store.flush();
    }

    fn news(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        if self.sabotage == Some(Sabotage::ShowBeforeCommit) && self.told < self.store.last() {
            self.told = self.store.last();
            inputs.push(Input::Committed(self.told));
        }
        for news in self.store.news() {
            if self.sabotage == Some(Sabotage::KeepVoided) {
                self.keep_voided(&news);
            }
            if let News::Committed(through) = news {
                self.committed = through;
            }
            inputs.push(news.into());
        }
        for answer in self.reader.answers() {
            if self.sabotage != Some(Sabotage::LoseAnswers) {
                inputs.push(Input::Found { session: answer.session, found: self.found(answer.found) });
            }
        }
        inputs
    }
}
