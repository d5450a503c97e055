//! What the event loops of one process tell each other: a mailbox for each.
//!
//! Whoever runs the hall posts its effects while it has the hall to itself, so every shard gets them in the hall's
//! order. An event goes to all shards once, whatever the number of its recipients; everything else to one.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chat::effect::Effect;
use chat::ids::SessionId;
use mio::Waker;
use session::settings::Settings;
use session::shard::number_of;
use session::work::Outcome;

use super::introductions::Introduced;
use super::reloading::Reloaded;
use crate::web::{Visitor, WebSocket};

/// The shard whose loop has the doors, the signals and the owner's console.
pub(super) const FRONT: u8 = 0;

/// The most mail that may wait in one box before no shard reads from its sockets any more. What one turn of the hall
/// leads to comes on top.
const MAIL_MAX: usize = 64 * 1024;

/// One thing to know or to do for a shard's loop.
pub(super) enum Mail {
    /// What the hall has for its sessions.
    Effect(Effect),
    /// A new connection is its own.
    Connection(Introduced),
    /// Likewise, one that has become a WebSocket.
    WebSocket(Box<WebSocket>),
    /// What came of a session's work.
    Worked(SessionId, Outcome),
    /// Go by these settings, and let each address have so many connections; then drop the rest.
    Reload(Arc<Settings>, usize, Option<Arc<Reloaded>>),
    /// The configuration that an operator wanted read again is wrong.
    RehashFailed(SessionId, Arc<str>),
    /// Say goodbye to everybody.
    Stop,
    /// To the front: an operator wants the configuration read again.
    Rehash(SessionId),
    /// To the front: a connection speaks HTTP.
    Visitor(Box<Visitor>),
    /// To the front: a shard's loop, or the hall's thread, is over.
    Ended,
}

/// One shard's box.
struct Mailbox {
    mail: Mutex<Vec<Mail>>,
    /// How much mail there is, for those who only want to know that: every loop asks in every turn.
    waiting: AtomicUsize,
    waker: Waker,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Vec<Mail>> {
        // Whoever died while adding to it has added or not: there is nothing between.
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how much mail there is, while the lock is held.
    fn note(&self, mail: &[Mail]) {
        self.waiting.store(mail.len(), Ordering::Release);
    }
}

/// The boxes of all shards.
pub(super) struct Post {
    boxes: Vec<Mailbox>,
    /// Connections of all shards that are not users yet.
    unknown: AtomicUsize,
}

impl Post {
    /// Makes a box for each waker, in the order of the shards' numbers.
    pub(super) fn new(wakers: impl IntoIterator<Item = Waker>) -> Self {
        let boxes = wakers
            .into_iter()
            .map(|waker| Mailbox { mail: Mutex::default(), waiting: AtomicUsize::new(0), waker })
            .collect();
        Self { boxes, unknown: AtomicUsize::new(0) }
    }

    /// Returns the number of shards.
    pub(super) fn shards(&self) -> usize {
        self.boxes.len()
    }

    /// Puts one thing into a shard's box.
    pub(super) fn send(&self, shard: u8, mail: Mail) {
        let mailbox = &self.boxes[usize::from(shard)];
        let mut waiting = mailbox.lock();
        waiting.push(mail);
        mailbox.note(&waiting);
        // Who has mail already has been woken for it and takes all of it.
        let is_first = waiting.len() == 1;
        drop(waiting);
        if is_first {
            wake(mailbox.waker.wake());
        }
    }

    /// Puts one thing into the box of the shard that has a session.
    pub(super) fn send_to(&self, session: SessionId, mail: Mail) {
        self.send(shard_of(session), mail);
    }

    /// Puts one thing into every box but the front's.
    pub(super) fn send_to_others(&self, mut mail: impl FnMut() -> Mail) {
        for shard in 1..self.boxes.len() {
            self.send(u8::try_from(shard).unwrap_or(u8::MAX), mail());
        }
    }

    /// Empties each bag into the box of its shard. `from` is the shard that does so: it looks into its box in any case.
    pub(super) fn send_all(&self, bags: &mut [Vec<Mail>], from: Option<u8>) {
        for (number, (bag, mailbox)) in bags.iter_mut().zip(&self.boxes).enumerate() {
            if bag.is_empty() {
                continue;
            }
            let mut waiting = mailbox.lock();
            let was_empty = waiting.is_empty();
            waiting.append(bag);
            mailbox.note(&waiting);
            drop(waiting);
            if was_empty && from.map(usize::from) != Some(number) {
                wake(mailbox.waker.wake());
            }
        }
    }

    /// Takes all mail of a shard into `into`, which is empty.
    pub(super) fn take(&self, shard: u8, into: &mut Vec<Mail>) {
        let mailbox = &self.boxes[usize::from(shard)];
        // Who has put something in has said so before it let go of the lock, and woken the loop if it was the first.
        if mailbox.waiting.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut waiting = mailbox.lock();
        std::mem::swap(&mut *waiting, into);
        mailbox.note(&waiting);
        drop(waiting);
        if into.len() >= MAIL_MAX {
            // The others have stopped reading because of it.
            self.ring_all();
        }
    }

    /// Wakes a shard's loop, for news that are not in its box.
    pub(super) fn ring(&self, shard: u8) {
        wake(self.boxes[usize::from(shard)].waker.wake());
    }

    /// Wakes all loops: they may read from their sockets again.
    pub(super) fn ring_all(&self) {
        for mailbox in &self.boxes {
            wake(mailbox.waker.wake());
        }
    }

    /// Tells whether so much waits somewhere that nobody is to read from sockets.
    pub(super) fn is_full(&self) -> bool {
        self.boxes.iter().any(|mailbox| mailbox.waiting.load(Ordering::Relaxed) >= MAIL_MAX)
    }

    /// Takes how a shard's number of connections that are not users has changed.
    pub(super) fn count_unknown(&self, before: usize, now: usize) {
        // It wraps both ways: the sum is right whichever shard counts first.
        self.unknown.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
    }

    /// Returns how many connections of all shards are not users.
    pub(super) fn unknown(&self) -> usize {
        self.unknown.load(Ordering::Relaxed)
    }
}

/// Sorts an effect into one bag for each shard.
pub(super) fn sort(effect: Effect, bags: &mut [Vec<Mail>]) {
    let to = match &effect {
        Effect::Attached { to, .. }
        | Effect::Reply { to, .. }
        | Effect::Tell { to, .. }
        | Effect::Done { to }
        | Effect::Close { to, .. } => Some(*to),
        Effect::AccountRemoved(_) | Effect::Push(_) => Some(SessionId::DESK),
        Effect::Event { .. } | Effect::BannedNetworks(_) => None,
    };
    match to {
        Some(session) => bags[usize::from(shard_of(session))].push(Mail::Effect(effect)),
        None => {
            for bag in bags.iter_mut() {
                bag.push(Mail::Effect(effect.clone()));
            }
        }
    }
}

/// Returns the shard that has a session. The console and the desk are at the front.
fn shard_of(session: SessionId) -> u8 {
    if matches!(session, SessionId::CONSOLE | SessionId::DESK) { FRONT } else { number_of(session) }
}

/// A waker that cannot wake leaves a loop that never comes round: better to end.
fn wake(outcome: io::Result<()>) {
    outcome.unwrap_or_else(|error| panic!("cannot wake an event loop: {error}"));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chat::effect::Audience;
    use chat::event::{Event, EventKind};
    use chat::time::Timestamp;
    use mio::{Events, Poll, Token};

    use super::*;

    fn boxes(count: usize) -> (Post, Vec<Poll>) {
        let polls: Vec<_> = (0..count).map(|_| Poll::new().expect("a poll can be made")).collect();
        let waker = |poll: &Poll| Waker::new(poll.registry(), Token(0)).expect("a waker can be made");
        (Post::new(polls.iter().map(waker)), polls)
    }

    fn is_woken(poll: &mut Poll) -> bool {
        let mut events = Events::with_capacity(4);
        poll.poll(&mut events, Some(Duration::ZERO)).expect("the poll works");
        !events.is_empty()
    }

    fn done(shard: u64) -> Effect {
        Effect::Done { to: SessionId(shard << 56 | 7) }
    }

    #[test]
    fn a_loop_is_woken_for_the_first_mail_and_takes_all() {
        let (post, mut polls) = boxes(2);
        post.send(1, Mail::Stop);
        post.send(1, Mail::Stop);
        assert_eq!([is_woken(&mut polls[0]), is_woken(&mut polls[1])], [false, true]);
        let mut mail = Vec::new();
        post.take(1, &mut mail);
        assert_eq!(mail.len(), 2);
        mail.clear();
        post.take(1, &mut mail);
        assert_eq!((mail.len(), is_woken(&mut polls[1])), (0, false));
    }

    #[test]
    fn an_answer_goes_to_one_shard_and_an_event_once_to_each() {
        let (post, mut polls) = boxes(3);
        let mut bags: Vec<Vec<Mail>> = (0..3).map(|_| Vec::new()).collect();
        sort(done(2), &mut bags);
        sort(Effect::Done { to: SessionId::CONSOLE }, &mut bags);
        let event = Arc::new(Event { at: Timestamp(0), id: None, actor: None, kind: EventKind::Away { text: None } });
        sort(Effect::Event { audience: Audience::default(), event }, &mut bags);
        assert_eq!(bags.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2]);
        post.send_all(&mut bags, Some(1));
        assert!(bags.iter().all(Vec::is_empty));
        let woken: Vec<_> = polls.iter_mut().map(is_woken).collect();
        assert_eq!(woken, [true, false, true], "who posts looks into its box in any case");
    }

    #[test]
    fn a_box_that_was_full_wakes_everybody_when_it_is_emptied() {
        let (post, mut polls) = boxes(2);
        let mut bags = vec![Vec::new(), Vec::new()];
        for _ in 0..MAIL_MAX {
            sort(done(1), &mut bags);
        }
        assert!(!post.is_full());
        post.send_all(&mut bags, None);
        assert!(post.is_full() && is_woken(&mut polls[1]) && !is_woken(&mut polls[0]));
        post.take(1, &mut Vec::new());
        assert!(!post.is_full() && is_woken(&mut polls[0]));
    }

    #[test]
    fn connections_that_are_no_users_are_summed() {
        let (post, _polls) = boxes(2);
        post.count_unknown(0, 5);
        post.count_unknown(0, 2);
        post.count_unknown(5, 1);
        assert_eq!(post.unknown(), 3);
    }
}
