//! An event loop of the simulated server: a shard, its box, and the way by which effects come to the shard.

use std::sync::Arc;
use std::time::Duration;

use chat::effect::Effect;
use chat::event::{EventKind, Target};
use chat::ids::SessionId;
use chat::reply::{Kept, Reply};
use chat::time::Now;
use session::settings::Settings;
use session::shard::{Shard, number_of};

use super::CONNECTIONS_PER_ADDRESS;
use crate::sabotage::Sabotage;

/// An event loop.
pub(super) struct EventLoop {
    pub(super) shard: Shard,
    pub(super) delivery: Delivery,
    /// What others have put into its box.
    pub(super) mail: Vec<Mail>,
    /// It has something to do that shows nowhere else.
    pub(super) is_woken: bool,
}

/// One thing to know or to do for an event loop.
pub(super) enum Mail {
    Effect(Effect),
    /// The configuration was read again.
    Reload,
    /// Say goodbye to everybody.
    Stop,
}

/// How effects get to the shard.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) sabotage: Option<Sabotage>,
    /// An event that is held back, to be delivered in the wrong order.
    held_back: Option<Effect>,
    /// What somebody has found, to be shown to whoever searches next.
    found: Vec<Kept>,
}

impl EventLoop {
    pub(super) fn new(number: u8, settings: &Arc<Settings>, sabotage: Option<Sabotage>) -> Self {
        Self {
            shard: Shard::new(number, Arc::clone(settings), CONNECTIONS_PER_ADDRESS),
            delivery: Delivery { sabotage, held_back: None, found: Vec::new() },
            mail: Vec::new(),
            is_woken: true,
        }
    }

    /// Tells whether a turn has something to do, besides reading from sockets.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.is_woken
            || !self.mail.is_empty()
            || self.shard.has_dirty()
            || self.shard.next_wake().is_some_and(|at| at.since_start() <= now)
    }
}

/// Returns the place of the event loop that has a session.
pub(super) fn place_of(session: SessionId) -> usize {
    usize::from(number_of(session))
}

/// Puts an effect into the boxes of those whom it concerns.
pub(super) fn post(effect: Effect, loops: &mut [EventLoop]) {
    match &effect {
        Effect::Attached { to, .. }
        | Effect::Reply { to, .. }
        | Effect::Tell { to, .. }
        | Effect::Done { to }
        | Effect::Close { to, .. } => loops[place_of(*to)].mail.push(Mail::Effect(effect)),
        Effect::Event { .. } | Effect::BannedNetworks(_) | Effect::AccountRemoved(_) | Effect::Push(_) => {
            for one in loops {
                one.mail.push(Mail::Effect(effect.clone()));
            }
        }
    }
}

impl Delivery {
    pub(super) fn deliver(&mut self, shard: &mut Shard, mut effect: Effect, now: Now) {
        let kind = match &effect {
            Effect::Event { event, .. } | Effect::Reply { reply: Reply::Event(event), .. } => Some(&event.kind),
            _ => None,
        };
        let is_message = matches!(kind, Some(EventKind::Message(_))) && matches!(effect, Effect::Event { .. });
        match self.sabotage {
            Some(Sabotage::ForgetDepartures) if matches!(kind, Some(EventKind::Parted { .. })) => return,
            Some(Sabotage::DeliverTwice) if is_message => shard.effect(&effect, now),
            Some(Sabotage::Reorder) if is_message => {
                let Some(first) = self.held_back.replace(effect) else { return };
                if let Some(second) = self.held_back.take() {
                    shard.effect(&second, now);
                }
                return shard.effect(&first, now);
            }
            Some(Sabotage::SearchOthers) => {
                let is_direct = |kept: &Kept| matches!(kept.message.target, Target::User { .. });
                if let Effect::Reply { reply: Reply::Found { messages, .. }, .. } = &mut effect
                    && messages.iter().any(is_direct)
                {
                    std::mem::swap(messages, &mut self.found);
                }
            }
            Some(Sabotage::TurnCursorBack) => {
                if let Effect::Reply { reply: Reply::Resumed { next, .. }, .. } = &mut effect {
                    next.seq.0 /= 2;
                }
            }
            _ => {}
        }
        shard.effect(&effect, now);
    }
}
