//! What the server says once the client is in.

use std::borrow::Cow;

use irc::text::truncate_at_char;
use irc::write::LineWriter;
use plain::Prefix;

use super::naming::nick_of;
use super::{Classroom, MESSAGE_BYTES_MAX, ROOM, SERVER, Stage};

/// The longest name that stands before a message, in bytes: what is longer is a sentence with a colon in it.
pub(super) const NAME_BYTES_MAX: usize = 64;

/// What one read, or a line of it, says.
#[derive(Debug, PartialEq, Eq)]
enum Heard<'t> {
    Joined(&'t str),
    Left(&'t str),
    Said(&'t str, &'t str),
    Other(&'t str),
}

/// Somebody whose connection has ended without a word.
#[derive(Debug)]
pub(super) struct Silent {
    /// What the server goes on to write: `name: `.
    unit: Box<str>,
    /// So much of it the last read has ended with, in bytes.
    cut: usize,
}

impl Classroom {
    /// Takes what one read has brought: mostly one message; what a newline parts are several, and in the variant whose
    /// clients write their name themselves a line without name goes on with the message before it.
    pub(super) fn read(&mut self, text: &str) {
        let text = &*self.without_silence(text);
        let mut last: Option<Box<str>> = None;
        for line in text.split('\n').map(|line| line.trim_end_matches('\r')) {
            let line = line.replace(['\0', '\r'], "");
            if line.trim().is_empty() {
                continue;
            }
            // Some servers do not write who has said something; what comes back is known all the same.
            if self.said.front().is_some_and(|said| *said.rest == *line) && self.is_echo(&line) {
                continue;
            }
            match self.meaning(&line) {
                Heard::Joined(name) => self.happened("JOIN", name),
                Heard::Left(name) => self.happened("PART", name),
                Heard::Said(name, text) => {
                    let nick = nick_of(name);
                    self.said_by(&nick, text);
                    last = Some(nick.into());
                }
                Heard::Other(text) => match last.clone().filter(|_| self.variant.prefix == Prefix::Client) {
                    Some(nick) => self.said_by(&nick, text),
                    None => self.server_says(text),
                },
            }
        }
    }

    /// Takes out what nobody has said: where a connection has ended without a word, some servers read nothing from it again
    /// and again, and write that to everybody, `name: name: name: `, between what others say.
    fn without_silence<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if self.variant.prefix == Prefix::Client {
            return text.into();
        }
        let text =
            self.silent.as_ref().and_then(|silent| text.strip_prefix(&silent.unit[silent.cut..])).unwrap_or(text);
        if let Some(unit) = unsaid(text) {
            self.silent = Some(Silent { unit: unit.into(), cut: 0 });
        }
        let Some(Silent { unit, cut }) = &mut self.silent else { return text.into() };
        *cut = 0;
        if !text.starts_with(&**unit) && !text.contains(&unit.repeat(2)) {
            return text.into();
        }
        let mut said = if text.contains(&unit.repeat(2)) {
            text.replace(&**unit, "\n")
        } else {
            text.trim_start_matches(&**unit).to_owned()
        };
        // A read ends somewhere.
        let end = said.rsplit('\n').next().unwrap_or_default();
        if unit.starts_with(end) {
            *cut = end.len();
            said.truncate(said.len() - *cut);
        }
        said.into()
    }

    fn meaning<'t>(&self, line: &'t str) -> Heard<'t> {
        let is_name = |name: &&str| !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(": ");
        let named = |template: &str| -> Option<&'t str> {
            let (before, after) = template.split_once("%name%")?;
            line.strip_prefix(before)?.strip_suffix(after).filter(is_name)
        };
        if line == self.variant.welcome.replace("%name%", &self.shown()) {
            return Heard::Other(line);
        }
        if let Some(name) = named(&self.variant.join) {
            return Heard::Joined(name);
        }
        if let Some(name) = named(&self.variant.leave) {
            return Heard::Left(name);
        }
        match line.split_once(": ") {
            Some((name, text)) if !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX => Heard::Said(name, text),
            _ => Heard::Other(line),
        }
    }

    fn happened(&mut self, command: &str, name: &str) {
        let nick = nick_of(name);
        // Whoever comes in speaks, also under the name of somebody who does not any more.
        self.silent.take_if(|silent| silent.unit.strip_suffix(": ") == Some(name));
        // The client's own name may be another's too, in variants that let two have one.
        if *nick != *self.nick {
            self.from(&nick).command(command).last(ROOM).end();
        }
    }

    fn said_by(&mut self, nick: &str, text: &str) {
        if *nick == *self.nick && self.is_echo(text) {
            return;
        }
        // What is longer than a line of IRC is several messages there.
        let mut rest = text;
        while !rest.is_empty() {
            let piece = truncate_at_char(rest, (MESSAGE_BYTES_MAX + NAME_BYTES_MAX).saturating_sub(nick.len()).max(4));
            self.from(nick).command("PRIVMSG").param(ROOM).trailing(piece).end();
            rest = &rest[piece.len()..];
        }
    }

    /// Tells whether this is what the client has said, come back; the network hears it when all of it has.
    fn is_echo(&mut self, text: &str) -> bool {
        let Some(said) = self.said.front_mut() else { return false };
        let Some(rest) = said.rest.strip_prefix(text).map(Box::<str>::from) else { return false };
        said.rest = rest;
        if said.rest.is_empty()
            && let Some(said) = self.said.pop_front()
        {
            let out = LineWriter::new(&mut self.lines);
            let out = match &said.label {
                Some(label) => out.tag("label", Some(label)),
                None => out,
            };
            let source = format!("{}!{SERVER}@{SERVER}", self.nick);
            out.source(&source).command("PRIVMSG").param(ROOM).trailing(&said.text).end();
        }
        true
    }

    /// What the server itself says; the word with which it stops ends the conversation.
    fn server_says(&mut self, text: &str) {
        let is_last = !self.variant.shutdown.is_empty() && text == self.variant.shutdown;
        let out = LineWriter::new(&mut self.lines).source(SERVER);
        if is_last {
            out.command("ERROR").trailing(text).end();
            self.stage = Stage::Over;
        } else {
            out.command("NOTICE")
                .param(&self.nick)
                .trailing(truncate_at_char(text, MESSAGE_BYTES_MAX - NAME_BYTES_MAX))
                .end();
        }
    }
}

/// Decodes what one read has brought. Servers relay what they have read, which may begin and end inside a character.
pub(super) fn text_of(read: &[u8]) -> Cow<'_, str> {
    let is_utf8 = read.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    if is_utf8 { String::from_utf8_lossy(read) } else { plain::decode(read).into() }
}

/// Returns the name, with the colon behind it, with which a read begins in which its owner says nothing.
fn unsaid(read: &str) -> Option<&str> {
    let (unit, rest) = read.split_at(read.find(": ")? + 2);
    let is_name = unit.len() > 2 && unit.len() <= NAME_BYTES_MAX + 2;
    (is_name && (rest.is_empty() || rest.starts_with(unit))).then_some(unit)
}
