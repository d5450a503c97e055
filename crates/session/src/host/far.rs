//! Requests that reach far: a few in each turn, the others wait in line.
//!
//! When ten thousand enter one room at the same moment, each of them is told who is there, and everybody that they came. Whoever asks
//! for something else meanwhile is not to wait for all of that.

use std::collections::{BTreeMap, VecDeque};

use chat::command::Request;
use chat::ids::SessionId;

/// About how many names the requests of one turn may cost; one request may cost more by itself. No key of the configuration: it changes no
/// meaning, only how long others wait, by some milliseconds.
pub const REACH_PER_TURN: usize = 20_000;

/// How many requests may wait in line before nobody is read from any more. One turn's come on top.
pub const WAITING_MAX: usize = 64 * 1024;

/// The line, and what this turn has cost. What a request costs is asked when its turn may have come: a room grows meanwhile.
#[derive(Debug, Default)]
pub(super) struct Far {
    line: VecDeque<Request>,
    /// How many requests of each session wait: its later ones stand behind them.
    of_session: BTreeMap<SessionId, usize>,
    spent: usize,
}

impl Far {
    /// A turn begins: as much may be asked as in every turn.
    pub(super) fn begin_turn(&mut self) {
        self.spent = 0;
    }

    /// Returns the request, and what it costs, if it may be carried out now; else it waits.
    pub(super) fn pass(&mut self, request: Request, cost: impl FnOnce(&Request) -> usize) -> Option<(Request, usize)> {
        if !self.of_session.contains_key(&request.session) {
            let cost = cost(&request);
            if cost == 0 || (self.line.is_empty() && self.affords(cost)) {
                self.spent += cost;
                return Some((request, cost));
            }
        }
        *self.of_session.entry(request.session).or_default() += 1;
        self.line.push_back(request);
        None
    }

    /// Returns the first in line, and what it costs, if the turn has a place for it.
    pub(super) fn next(&mut self, cost: impl FnOnce(&Request) -> usize) -> Option<(Request, usize)> {
        let cost = cost(self.line.front()?);
        if !self.affords(cost) {
            return None;
        }
        let request = self.line.pop_front()?;
        self.spent += cost;
        if let Some(count) = self.of_session.get_mut(&request.session) {
            *count -= 1;
            if *count == 0 {
                self.of_session.remove(&request.session);
            }
        }
        Some((request, cost))
    }

    /// Tells whether the turn may still spend so much. The first of a turn may cost what it will.
    fn affords(&self, cost: usize) -> bool {
        cost == 0 || self.spent == 0 || self.spent + cost <= REACH_PER_TURN
    }

    /// Returns how many wait.
    pub(super) fn waiting(&self) -> usize {
        self.line.len()
    }
}

#[cfg(test)]
mod tests {
    use chat::command::Command;

    use super::*;

    fn request(session: u64) -> Request {
        Request { session: SessionId(session), commands: smallvec::smallvec![Command::PartAll] }
    }

    fn session(passed: Option<(Request, usize)>) -> Option<u64> {
        passed.map(|(request, _)| request.session.0)
    }

    /// Lets a request come that costs so much.
    fn come(far: &mut Far, number: u64, cost: usize) -> Option<u64> {
        session(far.pass(request(number), |_| cost))
    }

    /// Returns the first in line, if it may come when it costs so much.
    fn next(far: &mut Far, cost: usize) -> Option<u64> {
        session(far.next(|_| cost))
    }

    #[test]
    fn what_costs_little_passes_those_in_line_but_not_its_own_sessions() {
        let mut far = Far::default();
        assert_eq!(come(&mut far, 1, REACH_PER_TURN), Some(1));
        assert_eq!(come(&mut far, 2, 5), None, "the turn has spent all");
        assert_eq!(come(&mut far, 3, 0), Some(3));
        assert_eq!(come(&mut far, 2, 0), None, "it stands behind its session's first");
        assert_eq!((next(&mut far, 5), far.waiting()), (None, 2));
        far.begin_turn();
        assert_eq!(come(&mut far, 4, 1), None, "who waits comes first");
        let in_line: Vec<_> = std::iter::from_fn(|| next(&mut far, 1)).collect();
        assert_eq!((in_line, far.waiting(), far.of_session.len()), (vec![2, 2, 4], 0, 0));
        assert_eq!(come(&mut far, 2, 0), Some(2));
    }

    #[test]
    fn one_that_costs_more_than_a_turn_may_has_a_turn_of_its_own() {
        let mut far = Far::default();
        assert_eq!(come(&mut far, 1, 1), Some(1));
        assert_eq!(come(&mut far, 2, REACH_PER_TURN), None);
        assert_eq!(next(&mut far, REACH_PER_TURN), None);
        far.begin_turn();
        assert_eq!(next(&mut far, REACH_PER_TURN * 3), Some(2), "the room has grown");
        assert_eq!(come(&mut far, 3, 1), None);
        far.begin_turn();
        assert_eq!(next(&mut far, 1), Some(3));
    }
}
