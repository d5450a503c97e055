//! Whether clients that come back have missed nothing: from where to where a client says that it has shown everything, and
//! what of it was said.

use std::collections::{BTreeMap, BTreeSet};

use chat::ids::Seq;

/// Where things are said to a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// By name, in lower case.
    Channel(String),
    /// Between two people, all together.
    Direct,
}

/// A client says that it has shown everything that was said in this place between two facts.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) client: usize,
    pub(crate) place: Place,
    /// Excluded, as the next.
    pub(crate) from: Seq,
    pub(crate) to: Seq,
    /// The newest message that anybody had seen when it said so.
    pub(crate) by: Seq,
}

/// What clients say.
#[derive(Debug, Default)]
pub(crate) struct Complete {
    /// Something is removed from the log in this run because it is old, or too much.
    pub(crate) may_have_gaps: bool,
    shown: BTreeMap<usize, BTreeSet<Seq>>,
    held: Vec<Held>,
    /// Up to where a client had shown everything when a connection of it began, and the newest fact then.
    came_back: BTreeMap<usize, Vec<(Seq, Seq)>>,
}

/// Something that was said, for whoever was there.
pub(crate) struct Said<'log> {
    pub(crate) seq: Seq,
    pub(crate) place: Place,
    /// Tells whether it was said to this person, in private; or, in a channel, whether they were there.
    pub(crate) was_there: &'log dyn Fn(usize) -> bool,
}

impl Complete {
    /// A client has shown a message in its place.
    pub(crate) fn show(&mut self, client: usize, seq: Seq) {
        self.shown.entry(client).or_default().insert(seq);
    }

    pub(crate) fn hold(&mut self, held: Held) {
        self.held.push(held);
    }

    /// A client's connection begins, and it has shown everything through this place; the log has grown to `newest`.
    pub(crate) fn came_back(&mut self, client: usize, place: Seq, newest: Seq) {
        self.came_back.entry(client).or_default().push((place, newest));
    }

    /// Shortens what clients say where they could not know better: who is put out of a channel while they are away, or whose
    /// channel gets another name or is closed meanwhile, may never be told what was said there since they were last there. What
    /// they may read counts when they ask, which may be long after what they ask about.
    pub(crate) fn shorten(&mut self, breaks: &[(Seq, String, Option<String>)], name_of: impl Fn(usize) -> String) {
        for held in &mut self.held {
            let Place::Channel(channel) = &held.place else { continue };
            let who = name_of(held.client);
            let concerns = |(seq, name, whom): &&(Seq, String, Option<String>)| {
                held.from < *seq
                    && *seq < held.to.max(held.by)
                    && name == channel
                    && whom.as_ref().is_none_or(|whom| *whom == who)
            };
            if let Some((seq, ..)) = breaks.iter().find(concerns) {
                // It may come to a place before this only long after it, when it may not read there any more.
                let mut before = self.came_back.get(&held.client).into_iter().flatten().rev();
                held.to = before.find(|(_, newest)| newest < seq).map_or(Seq::ZERO, |(place, _)| *place);
            }
        }
    }

    /// Finds a client that should have shown this and has not.
    pub(crate) fn who_missed(&self, said: &Said<'_>) -> Option<&Held> {
        self.held.iter().find(|held| {
            held.place == said.place
                && held.from < said.seq
                && said.seq < held.to
                && (said.was_there)(held.client)
                && !self.shown.get(&held.client).is_some_and(|shown| shown.contains(&said.seq))
        })
    }

    /// Returns how many messages were shown in their place.
    pub(crate) fn shown(&self) -> u64 {
        self.shown.values().map(|shown| shown.len() as u64).sum()
    }
}
