//! What has become durable: what reaches far leaves a few in each turn, and all that stands behind it in the log with it.
//!
//! One commit may hold hundreds of those who enter a room of ten thousand, because they are taken while it goes on. What they are told
//! would leave at once when it has ended, and whoever asks for something else would wait for all of it.

use std::collections::VecDeque;

use chat::hall::Input;
use chat::ids::Seq;

use super::far::REACH_PER_TURN;

/// The log's news in their order, and how far what waits for them reaches.
#[derive(Debug, Default)]
pub(super) struct Opening {
    news: VecDeque<Input>,
    /// What reaches far and waits: for which fact to be committed, ascending, and about how many names it costs.
    far: VecDeque<(Seq, usize)>,
    /// The newest fact that has its place.
    ordered: Seq,
    /// Through which fact the hall was told that all is committed.
    opened: Seq,
    spent: usize,
}

impl Opening {
    /// A turn begins: as much may leave as in every turn.
    pub(super) fn begin_turn(&mut self) {
        self.spent = 0;
    }

    /// Notes that a fact has its place in the log.
    pub(super) fn ordered(&mut self, seq: Seq) {
        self.ordered = self.ordered.max(seq);
    }

    /// Notes what a request costs that the hall has taken: what comes of it waits for the newest fact at most.
    pub(super) fn note(&mut self, reach: usize) {
        if reach == 0 || self.ordered <= self.opened {
            return;
        }
        match self.far.back_mut().filter(|(seq, _)| *seq == self.ordered) {
            Some((_, cost)) => *cost += reach,
            None => self.far.push_back((self.ordered, reach)),
        }
    }

    /// Puts news behind those that wait.
    pub(super) fn put(&mut self, news: Input) {
        self.news.push_back(news);
    }

    /// Returns what the hall is to be told next, as far as the turn goes.
    pub(super) fn next(&mut self) -> Option<Input> {
        let Some(Input::Committed(through)) = self.news.front() else { return self.news.pop_front() };
        let through = *through;
        while let Some((seq, cost)) = self.far.front().copied().filter(|(seq, _)| *seq <= through) {
            // The first of a turn may cost what it will.
            if self.spent > 0 && self.spent + cost > REACH_PER_TURN {
                let before = Seq(seq.0 - 1);
                return (before > self.opened).then(|| self.open(before));
            }
            self.spent += cost;
            self.far.pop_front();
        }
        self.news.pop_front();
        Some(self.open(through))
    }

    fn open(&mut self, through: Seq) -> Input {
        self.opened = self.opened.max(through);
        Input::Committed(through)
    }

    /// Returns how many news wait for a later turn.
    pub(super) fn waiting(&self) -> usize {
        self.news.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders facts, each of which reaches so far.
    fn order(opening: &mut Opening, facts: impl IntoIterator<Item = (u64, usize)>) {
        for (seq, reach) in facts {
            opening.ordered(Seq(seq));
            opening.note(reach);
        }
    }

    /// Returns through which facts the gate is opened in one turn.
    fn turn(opening: &mut Opening) -> Vec<u64> {
        opening.begin_turn();
        let news = std::iter::from_fn(|| opening.next());
        news.map(|news| if let Input::Committed(through) = news { through.0 } else { 0 }).collect()
    }

    #[test]
    fn a_commit_with_much_that_reaches_far_opens_the_gate_in_several_turns() {
        let mut opening = Opening::default();
        let half = REACH_PER_TURN / 2;
        order(&mut opening, [(1, 0), (2, half), (3, half), (4, 0), (5, half), (6, 0)]);
        opening.put(Input::Committed(Seq(6)));
        opening.put(Input::LogAccepts);
        assert_eq!((turn(&mut opening), opening.waiting()), (vec![4], 2));
        assert_eq!((turn(&mut opening), opening.waiting()), (vec![6, 0], 0), "what stands behind it comes after it");
        assert_eq!(turn(&mut opening), [0; 0]);
    }

    #[test]
    fn what_costs_more_than_a_turn_may_has_a_turn_of_its_own() {
        let mut opening = Opening::default();
        order(&mut opening, [(1, 1), (2, REACH_PER_TURN * 2), (3, 1)]);
        opening.put(Input::Committed(Seq(3)));
        assert_eq!([turn(&mut opening), turn(&mut opening), turn(&mut opening)], [vec![1], vec![2], vec![3]]);
        assert_eq!(opening.waiting(), 0);
    }

    #[test]
    fn answers_that_wait_for_the_same_fact_leave_together() {
        let mut opening = Opening::default();
        order(&mut opening, [(1, 1), (2, REACH_PER_TURN), (2, REACH_PER_TURN)]);
        opening.put(Input::Committed(Seq(1)));
        assert_eq!(turn(&mut opening), [1]);
        opening.put(Input::Committed(Seq(2)));
        assert_eq!(turn(&mut opening), [2]);
        // Nothing waits: what is asked now leaves at once.
        opening.note(REACH_PER_TURN);
        assert!(opening.far.is_empty());
    }
}
