//! What devices are to be told waits a little: whoever has the conversation in front of them on another device says so with
//! MARKREAD, and no telephone rings.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chat::event::EventKind;
use chat::push::Push;
use chat::time::{Instant, Timestamp};

/// The most notifications that wait; the oldest are dropped beyond.
const WAITING_MAX: usize = 10_000;
/// The most conversations of which it is known that devices show something; of another one, reading takes nothing away.
const SHOWN_MAX: usize = 100_000;

/// An account, and a conversation of its.
type Place = (Box<str>, Box<str>);

/// What waits, and what devices show.
#[derive(Debug)]
pub(super) struct Waiting {
    delay: Duration,
    /// By when they are due: all wait equally long.
    queue: VecDeque<(Instant, Push)>,
    /// When the newest was said that devices show.
    shown: BTreeMap<Place, Timestamp>,
}

impl Waiting {
    /// Makes one in which everything waits so long.
    pub(super) fn new(delay: Duration) -> Self {
        Self { delay, queue: VecDeque::new(), shown: BTreeMap::new() }
    }

    /// Takes news. What was read does not wait any more, and when devices show it, they are to be told: then it is returned.
    pub(super) fn take(&mut self, push: Push, now: Instant) -> Option<Push> {
        let EventKind::ReadMarked { at, .. } = push.event.kind else {
            if self.queue.len() >= WAITING_MAX {
                self.queue.pop_front();
            }
            self.queue.push_back((now + self.delay, push));
            return None;
        };
        self.queue.retain(|(_, waiting)| place(waiting) != place(&push) || waiting.event.at > at);
        let key = (push.account.as_ref().into(), push.conversation.clone());
        self.shown.get(&key).filter(|shown| **shown <= at)?;
        self.shown.remove(&key);
        Some(push)
    }

    /// Takes out what is due; devices show it from now on.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Push> {
        let count = self.queue.iter().take_while(|(due, _)| *due <= now).count();
        let due: Vec<_> = self.queue.drain(..count).map(|(_, push)| push).collect();
        for push in &due {
            let shown = self.shown.entry((push.account.as_ref().into(), push.conversation.clone())).or_default();
            *shown = (*shown).max(push.event.at);
        }
        while self.shown.len() > SHOWN_MAX {
            self.shown.pop_first();
        }
        due
    }

    /// Returns when the next is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }
}

fn place(push: &Push) -> (&str, &str) {
    (&push.account, &push.conversation)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::event::Event;

    use super::*;

    fn push(account: &str, conversation: &str, at: i64, kind: EventKind) -> Push {
        let event = Arc::new(Event { at: Timestamp(at), id: None, actor: None, kind });
        Push { account: account.into(), conversation: conversation.into(), event, subscriptions: Arc::default() }
    }

    fn said(account: &str, conversation: &str, at: i64) -> Push {
        push(account, conversation, at, EventKind::Wallops { text: "ciao".into() })
    }

    fn read(account: &str, conversation: &str, at: i64) -> Push {
        let kind = EventKind::ReadMarked { target: conversation.into(), at: Timestamp(at) };
        push(account, conversation, at + 1, kind)
    }

    fn times(due: &[Push]) -> Vec<i64> {
        due.iter().map(|push| push.event.at.0).collect()
    }

    #[test]
    fn what_is_read_meanwhile_is_not_sent() {
        let (start, second) = (Instant::default(), Duration::from_secs(1));
        let mut waiting = Waiting::new(second);
        for push in [said("anna", "#tea", 1), said("anna", "#tea", 2), said("anna", "bob", 1), said("carl", "#tea", 1)]
        {
            assert!(waiting.take(push, start).is_none());
        }
        assert_eq!(waiting.next(), Some(start + second));
        assert!(waiting.due(start).is_empty());
        assert!(waiting.take(read("anna", "#tea", 1), start).is_none(), "no device shows it");
        let due = waiting.due(start + second);
        let places: Vec<_> = due.iter().map(|push| (&*push.account, &*push.conversation)).collect();
        assert_eq!((times(&due), places), (vec![2, 1, 1], vec![("anna", "#tea"), ("anna", "bob"), ("carl", "#tea")]));
        assert_eq!(waiting.next(), None);
    }

    #[test]
    fn what_is_read_later_is_taken_away_once() {
        let now = Instant::default();
        let mut waiting = Waiting::new(Duration::ZERO);
        waiting.take(said("anna", "#tea", 5), now);
        assert_eq!(times(&waiting.due(now)), [5]);
        assert!(waiting.take(read("anna", "#tea", 4), now).is_none(), "not all that is shown is read");
        assert!(waiting.take(read("carl", "#tea", 9), now).is_none());
        assert!(waiting.take(read("anna", "#tea", 5), now).is_some());
        assert!(waiting.take(read("anna", "#tea", 6), now).is_none());
    }

    #[test]
    fn the_oldest_are_dropped_when_too_many_wait() {
        let now = Instant::default();
        let mut waiting = Waiting::new(Duration::ZERO);
        for at in 0..=WAITING_MAX {
            waiting.take(said("anna", "#tea", i64::try_from(at).unwrap_or_default()), now);
        }
        let due = times(&waiting.due(now));
        assert_eq!((due.len(), due.first()), (WAITING_MAX, Some(&1)));
    }
}
