//! A connection whose dialect is not known yet, and how it becomes known.

use core::time::Duration;

use chat::time::{Instant, Now};

use super::rooms::Slot;
use super::{Action, CloseHow, Shard, Talk};
use crate::classroom::Classroom;
use crate::door::{self, BROWSER_PATIENCE, FIRST_BYTES_MAX, FirstBytes, PATIENCE, TLS_HANDSHAKE};
use crate::irc_session::IrcSession;
use crate::parting;
use crate::settings::{Door, DoorTls, Peer};

/// How long a silent connection is given where TLS is required.
const TLS_PATIENCE: Duration = Duration::from_secs(5);

/// What has come so far.
#[derive(Debug)]
pub(super) struct Doorway {
    bytes: Vec<u8>,
    opened: Instant,
    last: Instant,
    /// Whether a TLS handshake is going on: what it brings is not for us.
    in_handshake: bool,
    /// Whether it is over: what is in there is not encrypted once more.
    has_tls: bool,
}

impl Doorway {
    pub(super) fn new(now: Instant) -> Self {
        Self { bytes: Vec::new(), opened: now, last: now, in_handshake: false, has_tls: false }
    }

    pub(super) fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.bytes.extend_from_slice(bytes);
        self.last = now;
    }

    /// The TLS handshake has ended: what comes now is looked at as if the connection had just been opened.
    pub(super) fn secured(&mut self, now: Instant) {
        self.in_handshake = false;
        self.has_tls = true;
        self.last = now;
    }
}

impl Shard {
    /// Returns when to look at it again: after the patience with silence or an unfinished line, else after the time to register.
    pub(super) fn doorway_timeout(&self, doorway: &Doorway, door: u16, peer: &Peer) -> Instant {
        match self.settings.doors.get(usize::from(door)) {
            Some(door) if !doorway.in_handshake && (door.plain.is_some() || !doorway.bytes.is_empty()) => {
                doorway.last + self.patience(door, peer, &doorway.bytes, doorway.last)
            }
            _ => doorway.opened + self.settings.registration_time,
        }
    }

    /// Returns how long what has come so far may stay as it is. Where everybody is to begin with TLS, silence is a slow
    /// network's rather than a plain client's; where a browser is, it may be a connection in reserve.
    fn patience(&self, door: &Door, peer: &Peer, bytes: &[u8], since: Instant) -> Duration {
        if !bytes.is_empty() {
            PATIENCE
        } else if door.tls == DoorTls::Required && !peer.secure {
            TLS_PATIENCE
        } else if door.web && self.browsers.are_at(peer.counted_as(), since) {
            BROWSER_PATIENCE
        } else {
            PATIENCE
        }
    }

    /// Finds out what a connection speaks, if it can be told already.
    pub(super) fn decide(&mut self, slot: Slot, now: Now, ended: bool) {
        let settings = std::sync::Arc::clone(&self.settings);
        let Some(entry) = self.connections.get(slot) else { return };
        let Some(door) = settings.doors.get(usize::from(entry.door)) else { return };
        let secure = entry.peer.secure;
        let speaks_tls = door.tls != DoorTls::Off;
        let needs_tls = door.tls == DoorTls::Required && !secure;
        let (bytes, since): (&[u8], Instant) = match &entry.talk {
            Talk::Doorway(doorway) if doorway.in_handshake => return self.close_when_late(slot, now),
            Talk::Doorway(doorway) if speaks_tls && !doorway.has_tls && doorway.bytes.starts_with(TLS_HANDSHAKE) => {
                return self.start_tls(slot);
            }
            Talk::Doorway(doorway) => (&doorway.bytes, doorway.last),
            Talk::Classroom(classroom) if classroom.is_deciding() => {
                (classroom.first_bytes(), classroom.last_first_byte())
            }
            _ => return,
        };
        let greeted = matches!(entry.talk, Talk::Classroom(_));
        // Where nobody else is expected, there is nothing to wait for before the greeting.
        let expects_others = door.web || door.irc || (speaks_tls && !secure) || !bytes.is_empty();
        let patience = self.patience(door, &entry.peer, bytes, since);
        let patient = now.instant.since(since) < patience && expects_others && !ended;
        let first = match door::read(bytes) {
            // Nobody's name is a kilobyte long; more than this is decided as it stands.
            FirstBytes::Unfinished if patient && bytes.len() < FIRST_BYTES_MAX => return self.schedule(slot),
            FirstBytes::Silence if greeted || (door.plain.is_some() && patient) => return self.schedule(slot),
            other => other,
        };
        let bytes = bytes.to_vec();
        match first {
            FirstBytes::Http if door.web && !greeted => self.hand_off(slot, bytes, now),
            FirstBytes::Http | FirstBytes::Tls if greeted => self.close(slot, CloseHow::Fin),
            FirstBytes::Tls if secure => self.close(slot, CloseHow::Fin),
            FirstBytes::Http => self.turn_away(slot, now, parting::HTTP_TURNED_AWAY),
            FirstBytes::Tls => self.turn_away(slot, now, parting::TLS_TURNED_AWAY),
            FirstBytes::Silence if needs_tls && door.plain.is_none() => self.close_when_late(slot, now),
            other if needs_tls => {
                let is_irc = other == FirstBytes::Irc || door.plain.is_none();
                self.turn_away(slot, now, &parting::tls_needed(settings.language, is_irc));
            }
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
        } else if doorway.in_handshake {
            // Nothing can be said to it that it would understand.
            self.close(slot, CloseHow::Fin);
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

    /// Leaves the connection to TLS until the handshake has ended.
    fn start_tls(&mut self, slot: Slot) {
        let Some(entry) = self.connections.get_mut(slot) else { return };
        let Talk::Doorway(doorway) = &mut entry.talk else { return };
        doorway.in_handshake = true;
        let bytes = core::mem::take(&mut doorway.bytes);
        self.actions.push(Action::StartTls { session: entry.id, door: entry.door, bytes });
        self.schedule(slot);
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

    fn hand_off(&mut self, slot: Slot, bytes: Vec<u8>, now: Now) {
        if let Some(entry) = self.forget(slot) {
            self.browsers.asked(entry.peer.counted_as(), now.instant);
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
