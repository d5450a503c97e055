//! When each connection is to be looked at again, and what is done then.

use chat::time::{Instant, Now};

use super::connections::Talk;
use super::rooms::Slot;
use super::{CloseHow, Shard};

impl Shard {
    /// Returns when [`Self::wake`] is to be called at the latest.
    pub fn next_wake(&self) -> Option<Instant> {
        self.timers.first().map(|((at, _), ())| *at)
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Now) {
        // Only those that are due now: what becomes due meanwhile comes with the next turn.
        let mut due = Vec::new();
        while self.next_wake().is_some_and(|at| at <= now.instant) {
            due.extend(self.timers.pop_first().map(|((_, slot), ())| slot));
        }
        for slot in due {
            let Some(entry) = self.connections.get_mut(slot) else { continue };
            entry.timer = None;
            if entry.closing.is_some_and(|(_, until)| until <= now.instant) {
                self.close(slot, CloseHow::Reset);
                continue;
            }
            self.decide(slot, now, false);
            self.with(slot, now, |talk, cx| match talk {
                Talk::Irc(irc) => irc.wake(cx),
                Talk::Classroom(classroom) => classroom.handle(plain::Input::Wake, cx),
                Talk::Doorway(_) | Talk::Over => {}
            });
        }
    }

    /// Puts the connection's next deadline among the timers. One that has moved later is found out when it comes.
    pub(super) fn schedule(&mut self, slot: Slot) {
        let Some(entry) = self.connections.get(slot) else { return };
        let by_talk = match &entry.talk {
            Talk::Doorway(doorway) => Some(self.doorway_timeout(doorway, entry.door, &entry.peer)),
            Talk::Irc(irc) => irc.timeout(&self.settings),
            Talk::Classroom(classroom) => classroom.timeout(),
            Talk::Over => None,
        };
        let Some(entry) = self.connections.get_mut(slot) else { return };
        let due = [by_talk, entry.closing.map(|(_, until)| until)].into_iter().flatten().min();
        let Some(due) = due.filter(|due| entry.timer.is_none_or(|timer| *due < timer)) else { return };
        if let Some(timer) = entry.timer.replace(due) {
            self.timers.remove(&(timer, slot));
        }
        self.timers.insert((due, slot), ());
    }
}
