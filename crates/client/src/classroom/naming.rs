//! From the server's greeting to being in.

use irc::text::truncate_at_char;
use irc::write::LineWriter;
use plain::Clash;

use super::reading::NAME_BYTES_MAX;
use super::{Classroom, MESSAGE_BYTES_MAX, ROOM, SERVER, Stage, Turn};

impl Classroom {
    /// The server has spoken first: it is given the name, once that is known.
    pub(super) fn greeted(&mut self, text: &str) {
        self.greeting = Some(text.trim().into());
        self.give_name();
    }

    pub(super) fn give_name(&mut self) {
        if self.stage != Stage::Greeting || self.nick.is_empty() || self.greeting.is_none() {
            return;
        }
        self.stage = Stage::Naming { since: self.now };
        let bytes = self.shown().into_bytes();
        self.turns.push_back(Turn::Segment { bytes, said: None });
        // Nothing comes back there, so there is nothing to wait for.
        if self.variant.welcome.is_empty() && self.variant.clash == Clash::Suffix {
            self.enter();
        }
    }

    /// The first word of the server behind the name: it asks again, or the client is in.
    pub(super) fn named(&mut self, text: &str) {
        let asked = text.trim();
        // Some say what is wrong with the name before they ask again as they did at first.
        let is_greeting = self.greeting.as_deref().is_some_and(|greeting| asked.ends_with(greeting));
        if asked == self.variant.taken || is_greeting {
            let asked = asked.split(['\n', '\r', '\0']).next().unwrap_or_default();
            LineWriter::new(&mut self.lines)
                .source(SERVER)
                .command("433")
                .param("*")
                .param(&self.nick)
                .trailing(truncate_at_char(asked, MESSAGE_BYTES_MAX - NAME_BYTES_MAX))
                .end();
            self.stage = Stage::Over;
            return;
        }
        self.enter();
        self.read(text);
    }

    pub(super) fn enter(&mut self) {
        self.stage = Stage::Inside;
        self.welcome();
    }

    /// Tells the network that it is somebody, once it has asked for what it wants and the server has its name.
    pub(super) fn welcome(&mut self) {
        if !self.has_negotiated || self.stage != Stage::Inside || self.is_welcomed {
            return;
        }
        self.is_welcomed = true;
        let nick = self.nick.clone();
        let mut numeric = |code, text: &str| {
            LineWriter::new(&mut self.lines).source(SERVER).numeric(code).param(&nick).trailing(text).end();
        };
        numeric(1, "Welcome");
        LineWriter::new(&mut self.lines)
            .source(SERVER)
            .numeric(5)
            .param(&nick)
            .param("CHANTYPES=#")
            .param("CASEMAPPING=ascii")
            .trailing("are supported")
            .end();
        self.from(&nick).command("JOIN").last(ROOM).end();
        let names = LineWriter::new(&mut self.lines).source(SERVER).numeric(353).param(&nick).param("=").param(ROOM);
        names.trailing(&nick).end();
        LineWriter::new(&mut self.lines).source(SERVER).numeric(366).param(&nick).param(ROOM).trailing("End").end();
    }

    /// Begins a line that comes from somebody.
    pub(super) fn from(&mut self, nick: &str) -> LineWriter<'_> {
        LineWriter::new(&mut self.lines).source(&format!("{nick}!{SERVER}@{SERVER}"))
    }

    /// Returns the client's name as the server gets it.
    pub(super) fn shown(&self) -> String {
        self.nick.replace(NO_BREAK_SPACE, " ")
    }
}

/// Stands in nicks for the spaces that classroom names may have and nicks may not.
pub(super) const NO_BREAK_SPACE: char = '\u{a0}';

/// Writes a name of the classroom as a nick.
pub(super) fn nick_of(name: &str) -> String {
    let letters = name.trim().chars().filter(|letter| !letter.is_control());
    letters
        .map(|letter| {
            if letter == ' ' {
                NO_BREAK_SPACE
            } else if "!@:,*".contains(letter) {
                '_'
            } else {
                letter
            }
        })
        .collect()
}
