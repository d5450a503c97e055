//! A connection whose dialect is not known yet, and how it becomes known.

use core::time::Duration;

use chat::time::{Instant, Now};

use super::rooms::Slot;
use super::{Action, CloseHow, Shard, Talk};
use crate::classroom::Classroom;
use crate::door::{self, FIRST_BYTES_MAX, FirstBytes, PATIENCE};
use crate::irc_session::IrcSession;
use crate::parting;
use crate::settings::Settings;

/// What has come so far.
#[derive(Debug)]
pub(super) struct Doorway {
    bytes: Vec<u8>,
    opened: Instant,
    last: Instant,
}

impl Doorway {
    pub(super) fn new(now: Instant) -> Self {
        Self { bytes: Vec::new(), opened: now, last: now }
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.bytes.extend_from_slice(bytes);
        self.last = now;
    }

    /// When to look again: the patience with silence or an unfinished line, else the time to register.
    pub(super) fn timeout(&self, settings: &Settings, door: u16) -> Instant {
        let has_plain = settings.doors.get(usize::from(door)).is_some_and(|door| door.plain.is_some());
        if has_plain || !self.bytes.is_empty() {
            self.last + PATIENCE
        } else {
            self.opened + settings.registration_time
        }
    }
}

impl Shard {
    /// Finds out what a connection speaks, if it can be told already.
    pub(super) fn decide(&mut self, slot: Slot, now: Now, ended: bool) {
        let settings = std::sync::Arc::clone(&self.settings);
        let Some(entry) = self.entry_mut(slot) else { return };
        let Some(door) = settings.doors.get(usize::from(entry.door)) else { return };
        let (bytes, waited): (&[u8], Duration) = match &entry.talk {
            Talk::Doorway(doorway) => (&doorway.bytes, now.instant.since(doorway.last)),
            Talk::Classroom(classroom) if classroom.is_deciding() => {
                (classroom.first_bytes(), now.instant.since(classroom.last_first_byte()))
            }
            _ => return,
        };
        let greeted = matches!(entry.talk, Talk::Classroom(_));
        // Where nobody else is expected, there is nothing to wait for before the greeting.
        let expects_others = door.web || door.irc || !bytes.is_empty();
        let patient = waited < PATIENCE && expects_others && !ended;
        let first = match door::read(bytes) {
            // Nobody's name is a kilobyte long; more than this is decided as it stands.
            FirstBytes::Unfinished if patient && bytes.len() < FIRST_BYTES_MAX => return self.schedule(slot),
            FirstBytes::Silence if greeted || (door.plain.is_some() && patient) => return self.schedule(slot),
            other => other,
        };
        let bytes = bytes.to_vec();
        match first {
            FirstBytes::Http if door.web && !greeted => self.hand_off(slot, bytes),
            FirstBytes::Http | FirstBytes::Tls if greeted => self.close(slot, CloseHow::Fin),
            FirstBytes::Http => self.turn_away(slot, now, parting::HTTP_TURNED_AWAY),
            FirstBytes::Tls => self.turn_away(slot, now, parting::TLS_TURNED_AWAY),
            FirstBytes::Irc if door.irc => self.become_irc(slot, &bytes, now),
            _ if greeted => {
                self.with(slot, now, |talk, cx| {
                    if let Talk::Classroom(classroom) = talk {
                        classroom.take_first(cx);
                    }
                });
            }
            FirstBytes::Silence | FirstBytes::Unfinished | FirstBytes::Irc | FirstBytes::Other => {
                if let Some(variant) = &door.plain {
                    let classroom = Classroom::new(variant, &door.room, &settings);
                    self.become_plain(slot, classroom, &bytes, now);
                } else if door.irc && first != FirstBytes::Silence {
                    self.become_irc(slot, &bytes, now);
                } else if first != FirstBytes::Silence {
                    self.turn_away(slot, now, parting::HTTP_TURNED_AWAY);
                } else {
                    self.close_when_late(slot, now);
                }
            }
        }
    }

    fn close_when_late(&mut self, slot: Slot, now: Now) {
        let limit = self.settings.registration_time;
        let settings = std::sync::Arc::clone(&self.settings);
        let Some(entry) = self.entry_mut(slot) else { return };
        let Talk::Doorway(doorway) = &entry.talk else { return self.schedule(slot) };
        if now.instant.since(doorway.opened) < limit {
            self.schedule(slot);
        } else if settings.doors.get(usize::from(entry.door)).is_some_and(|door| door.irc) {
            // As an unfinished greeting ends: with the reason, which a program that only listens may show.
            self.with(slot, now, |talk, cx| {
                let mut irc = Box::new(IrcSession::new(now));
                irc.leave("Registration timed out", cx);
                *talk = Talk::Irc(irc);
            });
        } else {
            self.close(slot, CloseHow::Fin);
        }
    }

    fn become_irc(&mut self, slot: Slot, bytes: &[u8], now: Now) {
        self.with(slot, now, |talk, cx| {
            let mut irc = Box::new(IrcSession::new(now));
            irc.receive(bytes, cx);
            *talk = Talk::Irc(irc);
        });
    }

    fn become_plain(&mut self, slot: Slot, mut classroom: Classroom, bytes: &[u8], now: Now) {
        self.with(slot, now, |talk, cx| {
            classroom.open(bytes, cx);
            *talk = Talk::Classroom(Box::new(classroom));
        });
    }

    fn hand_off(&mut self, slot: Slot, bytes: Vec<u8>) {
        if let Some(entry) = self.forget(slot) {
            self.actions.push(Action::HandOff { session: entry.id, bytes, peer: entry.peer, door: entry.door });
        }
    }

    /// Says in its own protocol that this door does not take it.
    fn turn_away(&mut self, slot: Slot, now: Now, answer: &[u8]) {
        self.with(slot, now, |talk, cx| {
            cx.out.extend_from_slice(answer);
            *talk = Talk::Over;
            cx.actions.push(Action::Close { session: cx.id, how: CloseHow::Fin });
        });
    }
}
