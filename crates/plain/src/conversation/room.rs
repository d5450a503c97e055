//! In the room: units become messages and commands, and what others do becomes texts (section 6).

use std::time::Duration;

use super::{Conversation, LeaveReason, Output, Stage, commands, registration};
use crate::framing::{Mode, messages_in};
use crate::text::without_controls;
use crate::variant::Prefix;

/// A client in the room.
#[derive(Debug)]
pub(super) struct Member {
    /// The name as typed, spaces around it included in segment mode: what a `nick` client writes before its
    /// messages, whatever it is called here.
    pub(super) alias: Box<str>,
    pub(super) shown: Box<str>,
    /// A `nick` client's second alias may still come as its first message (section 3.2).
    pub(super) alias_may_follow: bool,
}

impl Conversation {
    /// Takes a unit of a client that is in the room.
    pub(super) fn take_message_unit(&mut self, unit: &str, now: Duration) {
        let Stage::InRoom(member) = &mut self.stage else { return };
        let unit = if std::mem::take(&mut member.alias_may_follow) {
            registration::after_second_alias(unit, &member.alias).unwrap_or(unit)
        } else {
            unit
        };
        if self.speaks_lines() { self.take_line(unit, now) } else { self.take_segment(unit, now) }
    }

    fn take_line(&mut self, line: &str, now: Duration) {
        let Stage::InRoom(member) = &self.stage else { return };
        let text = match self.variant.prefix {
            Prefix::Server => line,
            // A person at a terminal may write the alias in front, as this dialect's programs do, or not.
            Prefix::Client => line.strip_prefix(&format!("{}: ", member.alias)).unwrap_or(line),
        };
        if self.variant.is_quit_word(text) {
            self.quit(LeaveReason::QuitWord, now);
            return;
        }
        match commands::parse(&without_controls(text)) {
            commands::Line::Empty => {}
            commands::Line::Said(said) => self.outputs.push_back(Output::Said(said)),
            commands::Line::Quit(reason) => self.quit(LeaveReason::Command(reason), now),
            commands::Line::Command(command) => self.outputs.push_back(Output::Command(command)),
        }
    }

    fn take_segment(&mut self, segment: &str, now: Duration) {
        let Stage::InRoom(member) = &self.stage else { return };
        let alias = member.alias.clone();
        for message in messages_in(segment, self.variant.prefix, &alias) {
            if self.variant.is_quit_word(message) {
                self.quit(LeaveReason::QuitWord, now);
                return;
            }
            let said = without_controls(message);
            if !said.is_empty() {
                self.outputs.push_back(Output::Said(said));
            }
        }
    }

    pub(super) fn renamed(&mut self, shown: &str) {
        if let Stage::InRoom(member) = &mut self.stage {
            member.shown = shown.into();
        }
    }

    pub(super) fn show_message(&mut self, from: &str, text: &str, own: bool, action: bool) {
        if !matches!(self.stage, Stage::InRoom(_)) || (own && !self.variant.echo) {
            return;
        }
        let prefix = if action { format!("* {from} ") } else { format!("{from}: ") };
        let text = without_controls(text);
        match (self.framing.mode(), self.variant.prefix) {
            (Mode::Line { crlf }, _) => {
                for line in text.split('\n').filter(|line| !line.is_empty()) {
                    self.outgoing.push_line(&prefix, line, crlf);
                }
            }
            (_, Prefix::Client) => self.outgoing.push_message(&prefix, &text, &self.variant.tail),
            // One `recv` is one row on these screens (section 3.4), so each line travels alone.
            (_, Prefix::Server) => {
                for line in text.split('\n').filter(|line| !line.is_empty()) {
                    self.outgoing.push_message(&prefix, line, &self.variant.tail);
                }
            }
        }
    }

    pub(super) fn show_in_room(&mut self, line: &str) {
        if matches!(self.stage, Stage::InRoom(_)) {
            self.show(line);
        }
    }

    pub(super) fn show_in_line_mode(&mut self, line: &str) {
        if matches!(self.stage, Stage::InRoom(_)) && self.speaks_lines() {
            self.show(line);
        }
    }
}
