//! What clients have given an id: decided once, and answered with its outcome however often it is asked.
//!
//! A command with an id that may have been kept waits for the store's answer; one whose id is under way waits until that is
//! committed or voided. Both are then looked at again. Only the session that asked waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Hall, Step};
use crate::command::Deliver;
use crate::delivery::{Delivery, DeliveryId, Look};
use crate::features::outlet::Outlet;
use crate::features::{self, Decision, Then};
use crate::history::{Delivered, Found, Query};
use crate::ids::{Seq, SessionId};
use crate::refusal::{CannotDeliver, Refusal};
use crate::time::{Now, Timestamp};

/// What a command with an id leads to.
pub(super) enum Delivering {
    /// It is decided.
    Decided(Result<Decision, Refusal>),
    /// It is to be looked at again when its session is woken.
    Wait(Box<Deliver>),
}

impl Hall {
    /// Decides something that has an id, if that was not done before.
    pub(super) fn deliver(&mut self, session: SessionId, sent: Box<Deliver>, now: Now) -> Delivering {
        let account = self.account_of(session);
        let streams_max = self.world.settings.delivery_streams;
        match self.deliveries.look(session, &sent.id, account.as_deref(), streams_max) {
            Look::Wait => Delivering::Wait(sent),
            Look::NotYours => Delivering::Decided(Err(not_delivered(&sent, CannotDeliver::NotYours))),
            Look::Ask => {
                let query = Query::Delivery { id: sent.id.clone(), before: Seq(u64::MAX) };
                Delivering::Decided(Ok(Decision::Query { query, then: Then::Deliver(sent) }))
            }
            Look::Fresh => Delivering::Decided(self.decide_fresh(session, *sent, now)),
        }
    }

    fn decide_fresh(&mut self, session: SessionId, sent: Deliver, now: Now) -> Result<Decision, Refusal> {
        self.delivering.insert(session, sent.id);
        self.decide(session, sent.command, now)
    }

    /// Goes on with what the store knows of an id.
    pub(super) fn found_delivery(
        &mut self,
        session: SessionId,
        sent: Box<Deliver>,
        found: Found,
        now: Now,
    ) -> Result<Decision, Refusal> {
        let account = self.account_of(session);
        let stream = &sent.id.stream;
        let Found::Delivery(Delivered { highest, account: owner, kept, is_gone }) = found else {
            self.deliveries.learned(stream, None, account.as_deref());
            return Err(not_delivered(&sent, CannotDeliver::Unreadable));
        };
        if !self.deliveries.learned(stream, Some((highest, owner)), account.as_deref()) {
            return Err(not_delivered(&sent, CannotDeliver::NotYours));
        }
        if is_gone {
            return Err(not_delivered(&sent, CannotDeliver::Gone));
        }
        let Some((id, at, fact)) = kept else {
            self.deliveries.begin(&sent.id);
            return self.decide_fresh(session, *sent, now);
        };
        let mut outlet = Outlet::answering(&mut self.gate, session, now.wall);
        features::delivery::echo(id, at, &fact, &mut outlet);
        Ok(Decision::Answered)
    }

    /// Takes the id of what a session is at, to be kept with its fact.
    pub(super) fn take_delivery(&mut self, session: SessionId, now: Timestamp) -> Option<Delivery> {
        let id = self.delivering.remove(&session)?;
        let remembered = Duration::from_hours(24 * u64::from(self.world.settings.delivery_days));
        let remembered = i64::try_from(remembered.as_millis()).unwrap_or(i64::MAX);
        let until = Timestamp(now.0.saturating_add(remembered));
        Some(Delivery { id, account: self.account_of(session), until })
    }

    /// Notes that nothing is recorded of what a session is at.
    pub(super) fn give_up_delivery(&mut self, session: SessionId) {
        if let Some(id) = self.delivering.remove(&session) {
            self.deliveries.give_up(&id);
        }
    }

    /// Goes on with the sessions that need not wait any more.
    pub(super) fn go_on_with_woken(&mut self, now: Now) {
        while let Some(session) = self.deliveries.next_woken() {
            if let Some(steps) = self.backlog.remove(&session) {
                self.run(session, steps, now);
            }
        }
    }

    /// Lets a session wait until it is woken, with what it wanted at the front.
    pub(super) fn park(&mut self, session: SessionId, sent: Box<Deliver>, mut steps: VecDeque<Step>) {
        steps.push_front(Step::Command(crate::command::Command::Deliver(sent)));
        self.backlog.insert(session, steps);
    }

    fn account_of(&self, session: SessionId) -> Option<Arc<str>> {
        let user = self.world.users.get(self.world.sessions.get(&session)?)?;
        user.person.account.clone()
    }
}

fn not_delivered(sent: &Deliver, why: CannotDeliver) -> Refusal {
    Refusal::CannotDeliver { command: sent.name, why }
}

/// Whose command with an id is being decided.
pub(super) type UnderDecision = std::collections::BTreeMap<SessionId, DeliveryId>;
