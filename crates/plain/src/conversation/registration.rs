//! From the prompt to an accepted name (section 6, "Registration").

use std::time::Duration;

use super::room::Member;
use super::{Close, CloseReason, Conversation, LeaveReason, Output, Stage};
use crate::framing::Mode;
use crate::text::without_controls;
use crate::variant::{Clash, Prefix, fill};

/// How long a `nick` client's second alias is waited for (section 6, "Registration", 2).
pub const ALIAS_WAIT: Duration = Duration::from_millis(250);
/// The text in 000's entry that a user who does not delete it sends as the name (section 2); never a name.
pub const UNTOUCHED_ENTRY: &str = "Scrivi qui i tuoi messaggi.";

/// The last number that is tried after a name that is taken.
const SUFFIX_MAX: u32 = 9999;

/// A client that has been asked for a name.
#[derive(Debug)]
pub(super) struct Naming {
    /// A name must be accepted by then.
    name_by: Duration,
    /// A `nick` client's alias, until its second copy comes or the wait for it is over.
    alias: Option<Box<Alias>>,
}

#[derive(Debug)]
struct Alias {
    text: String,
    wait_until: Duration,
}

/// A name that the caller is looking up.
#[derive(Debug)]
pub(super) struct Wanted {
    name_by: Duration,
    /// As typed, which is what a `nick` client writes before its messages.
    alias: String,
    /// What was asked for first.
    name: String,
    /// The client sent its alias twice, so it is a program that cannot give another.
    twice: bool,
    /// The number after the name in the last attempt; 1 stands for none.
    suffix: u32,
}

impl Naming {
    pub(super) fn timeout(&self) -> (Duration, &'static str) {
        match &self.alias {
            Some(alias) if alias.wait_until < self.name_by => (alias.wait_until, "second alias"),
            _ => (self.name_by, "time to give a name"),
        }
    }
}

impl Conversation {
    pub(super) fn open(&mut self, first_bytes: &[u8], now: Duration) {
        if !matches!(self.stage, Stage::Unopened) {
            return;
        }
        self.stage = Stage::Naming(Naming { name_by: now + self.limits.name_time, alias: None });
        if !first_bytes.is_empty() {
            self.framing.push(first_bytes, now);
        }
        // In line mode already if the first bytes were a line, so that the prompt gets its newline.
        self.prompt();
    }

    pub(super) fn naming_wake(&mut self, now: Duration) {
        let Stage::Naming(naming) = &mut self.stage else { return };
        if naming.alias.as_ref().is_some_and(|alias| alias.wait_until <= now)
            && let Some(alias) = naming.alias.take()
        {
            // Both copies may have come in one read.
            match half_of(&alias.text) {
                Some(half) => self.want(half.to_owned(), true, now),
                None => self.want(alias.text, false, now),
            }
        } else if naming.name_by <= now {
            let how = self.server_close();
            self.leave_at_once(LeaveReason::Lost, how, CloseReason::NameTime);
        }
    }

    /// Takes a unit of a client that has no name yet.
    pub(super) fn take_name_unit(&mut self, unit: &str, now: Duration) {
        let Stage::Naming(naming) = &mut self.stage else { return };
        if let Some(alias) = naming.alias.take() {
            self.take_after_alias(alias.text, unit, now);
        } else if self.variant.prefix == Prefix::Client && !matches!(self.framing.mode(), Mode::Line { .. }) {
            naming.alias = Some(Box::new(Alias {
                text: unit.trim_matches(['\r', '\n']).to_owned(),
                wait_until: now + ALIAS_WAIT,
            }));
            self.framing.name_taken();
        } else {
            self.want(unit.trim().to_owned(), false, now);
        }
    }

    /// Takes what followed an alias: its second copy, or already a message, or both in one read.
    fn take_after_alias(&mut self, alias: String, unit: &str, now: Duration) {
        if let Some(message) = after_second_alias(unit, &alias) {
            if !message.is_empty() {
                self.framing.put_back(message.to_owned());
            }
            self.want(alias, true, now);
        } else {
            let half = half_of(&alias).filter(|half| is_message_of(unit, half)).map(str::to_owned);
            self.framing.put_back(unit.to_owned());
            match half {
                Some(half) => self.want(half, true, now),
                None => self.want(alias, false, now),
            }
        }
    }

    /// Checks a name and asks the caller for it.
    fn want(&mut self, alias: String, twice: bool, now: Duration) {
        let Stage::Naming(naming) = &self.stage else { return };
        let name_by = naming.name_by;
        let name = if twice { self.fitted(&alias) } else { alias.trim().to_owned() };
        let unfit = name.is_empty()
            || name == UNTOUCHED_ENTRY
            || name.chars().any(char::is_control)
            || name.chars().count() > self.limits.name_length_max;
        if unfit {
            self.ask_again(None, twice, now);
            return;
        }
        self.framing.name_taken();
        self.outputs.push_back(Output::Name(name.clone()));
        self.stage = Stage::Awaiting(Box::new(Wanted { name_by, alias, name, twice, suffix: 1 }));
    }

    /// Makes a name of what a client sent that cannot be asked for another.
    fn fitted(&self, name: &str) -> String {
        let visible = without_controls(name).replace('\n', " ");
        shortened(visible.trim(), self.limits.name_length_max).to_owned()
    }

    pub(super) fn name_accepted(&mut self, shown: &str, _now: Duration) {
        let Stage::Awaiting(wanted) = &mut self.stage else { return };
        let alias = std::mem::take(&mut wanted.alias).into_boxed_str();
        let segments = !matches!(self.framing.mode(), Mode::Line { .. });
        let alias_may_follow = self.variant.prefix == Prefix::Client && segments && !wanted.twice;
        self.stage = Stage::InRoom(Member { alias, shown: shown.into(), alias_may_follow });
        let welcome = fill(&self.variant.welcome, shown);
        self.show(&welcome);
    }

    pub(super) fn name_taken(&mut self, now: Duration) {
        let Stage::Awaiting(wanted) = &mut self.stage else { return };
        if self.variant.clash == Clash::AskAgain && !wanted.twice {
            let question = self.variant.ask_again().to_owned();
            self.ask_again(Some(&question), false, now);
            return;
        }
        wanted.suffix += 1;
        if wanted.suffix > SUFFIX_MAX {
            let twice = wanted.twice;
            self.ask_again(None, twice, now);
            return;
        }
        let suffix = format!("_{}", wanted.suffix);
        let room = self.limits.name_length_max.saturating_sub(suffix.len()).max(1);
        let name = format!("{}{suffix}", shortened(&wanted.name, room).trim_end());
        self.outputs.push_back(Output::Name(name));
    }

    pub(super) fn name_refused(&mut self, reason: &str, now: Duration) {
        let Stage::Awaiting(wanted) = &self.stage else { return };
        let twice = wanted.twice;
        if self.speaks_lines() {
            self.show(reason);
        }
        self.ask_again(None, twice, now);
    }

    /// Asks for another name, unless the client is a program that would answer with the same one for ever.
    fn ask_again(&mut self, question: Option<&str>, twice: bool, now: Duration) {
        let name_by = match &self.stage {
            Stage::Naming(naming) => naming.name_by,
            Stage::Awaiting(wanted) => wanted.name_by,
            _ => now,
        };
        if twice {
            let how = self.server_close();
            self.leave_at_once(LeaveReason::Lost, how, CloseReason::NameRefused);
            return;
        }
        self.stage = Stage::Naming(Naming { name_by, alias: None });
        self.framing.name_refused();
        match question {
            Some(question) => self.show(question),
            None => self.prompt(),
        }
    }

    fn prompt(&mut self) {
        let variant = self.variant.clone();
        self.show(&variant.prompt);
    }
}

/// Returns what follows a second copy of the alias, if the unit is one: nothing, or a first message with the alias in
/// front that came in the same read.
pub(super) fn after_second_alias<'a>(unit: &'a str, alias: &str) -> Option<&'a str> {
    if unit.trim() == alias.trim() {
        return Some("");
    }
    unit.strip_prefix(alias).filter(|rest| is_message_of(rest, alias))
}

/// Tells whether a client with this alias wrote the text as a message.
fn is_message_of(text: &str, alias: &str) -> bool {
    !alias.is_empty() && text.strip_prefix(alias).is_some_and(|rest| rest.starts_with(": "))
}

/// Returns one half of a doubled text such as `annaanna`.
fn half_of(text: &str) -> Option<&str> {
    let (first, second) = text.split_at_checked(text.len() / 2)?;
    (!first.is_empty() && first == second).then_some(first)
}

/// The first `length_max` characters.
fn shortened(name: &str, length_max: usize) -> &str {
    name.char_indices().nth(length_max).map_or(name, |(end, _)| &name[..end])
}

impl Conversation {
    /// Tells whether a client without a name is being ended, for which nothing is announced.
    pub(super) fn is_in_room(&self) -> bool {
        matches!(self.stage, Stage::InRoom(_))
    }

    /// Ends the connection now, announcing it if the client was in the room.
    pub(super) fn leave_at_once(&mut self, leaving: LeaveReason, how: Close, reason: CloseReason) {
        if matches!(self.stage, Stage::Closed) {
            return;
        }
        if self.is_in_room() {
            self.outputs.push_back(Output::Left { reason: leaving });
        }
        self.outgoing.clear();
        self.stage = Stage::Closed;
        self.outputs.push_back(Output::Close { how, reason });
    }
}
