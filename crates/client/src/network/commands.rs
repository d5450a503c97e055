//! What the person does on a network.

use std::time::Duration;

use irc::time::Timestamp;
use irc::write::{LineWriter, is_middle, is_text};

use super::{Network, News, Stage};
use crate::features::chathistory::Fetching;
use crate::features::search::Searching;
use crate::features::{filehost, metadata, read_marker, typing};
use crate::outbox::What;
use crate::state::{Change, State};

impl Network {
    /// Says something, now or as soon as there is a connection; returns its number in the outbox.
    pub fn say(&mut self, what: What) -> u64 {
        let number = self.kept.outbox.push(what);
        if let Stage::Open(open) = &mut self.stage {
            open.connection.pump(&mut self.kept.outbox);
        }
        number
    }

    /// Drops an entry of the outbox that has its outcome.
    pub fn forget(&mut self, number: u64) {
        self.kept.outbox.forget(number);
    }

    /// Sends what is doubtful again, or drops it.
    pub fn decide(&mut self, number: u64, resend: bool) {
        if resend {
            self.kept.outbox.resend(number);
        } else {
            self.kept.outbox.give_up(number);
        }
        if let Stage::Open(open) = &mut self.stage {
            open.connection.pump(&mut self.kept.outbox);
        }
    }

    /// Enters a channel, now and after each new connection. Returns `false` for what is no name of one.
    pub fn join(&mut self, channel: &str) -> bool {
        let is_name = is_middle(channel) && !channel.contains(',');
        if is_name {
            self.kept.channels.insert(channel.into());
            self.command("JOIN", &[channel]);
        }
        is_name
    }

    /// Leaves a channel, saying why; with no reason, or one that cannot be said in a line, it just leaves.
    pub fn part(&mut self, channel: &str, reason: &str) {
        self.kept.channels.retain(|known| !self.state.isupport.same(known, channel));
        let params: &[&str] = if reason.is_empty() || !is_text(reason) { &[channel] } else { &[channel, reason] };
        self.command("PART", params);
    }

    /// Sends a command, when the client is somebody. What would be no line of IRC is not sent.
    pub fn command(&mut self, command: &str, params: &[&str]) -> bool {
        let (last, middle) = params.split_last().map_or(("", params), |(last, middle)| (*last, middle));
        let is_line = middle.iter().all(|param| is_middle(param)) && is_text(last);
        let Stage::Open(open) = &self.stage else { return false };
        if !is_line || !open.connection.handshake().is_ready() {
            return false;
        }
        let line = LineWriter::new(&mut self.out).command(command);
        let line = middle.iter().fold(line, |line, param| line.param(param));
        if params.is_empty() {
            line.end();
        } else {
            line.last(last).end();
        }
        true
    }

    /// Notes that the person has read everything in a room.
    pub fn read(&mut self, room: &str) {
        let Stage::Open(open) = &self.stage else { return };
        let keeps = open.connection.handshake().has("draft/read-marker");
        if read_marker::read(&mut self.state, room, keeps, &mut self.out) {
            self.news.push_back(News::Changed(Change::Said(room.into())));
        }
    }

    /// Says what time it is: when something was said on a server that does not tell it is when it came.
    pub fn set_clock(&mut self, at: Timestamp) {
        self.state.arrival = (!self.has_times).then_some(at);
    }

    /// Prepares the next connection: 128 random bits of its own, and whether nobody can listen on it.
    pub fn prepare(&mut self, nonce: u128, is_private: bool) {
        self.identity.nonce = Some(nonce);
        self.identity.is_private = is_private;
    }

    /// Says whom the person does not want to hear: what they say is no news. It is in the windows all the same.
    pub fn ignore<'n>(&mut self, nicks: impl IntoIterator<Item = &'n str>) {
        let isupport = &self.state.isupport;
        self.state.ignored = nicks.into_iter().map(|nick| isupport.fold(nick).into()).collect();
    }

    /// Opens a conversation with somebody, or a room that is known. Returns whether it is there.
    pub fn open(&mut self, name: &str) -> bool {
        is_middle(name) && !name.contains(',') && self.state.room_or_new(name).is_some()
    }

    /// Puts a conversation away; it comes back with the next message.
    pub fn put_away(&mut self, name: &str) {
        let folded = Box::from(self.state.isupport.fold(name));
        self.state.rooms.remove(&folded);
        self.state.forget_strangers();
    }

    /// Tells others that the person writes in a room, or does not any more.
    pub fn typing(&mut self, room: &str, is_writing: bool) {
        let Stage::Open(open) = &self.stage else { return };
        if open.is_live && open.connection.handshake().has("message-tags") && is_middle(room) {
            typing::tell(room, is_writing, &mut self.out);
        }
    }

    /// Looks for what was said, everywhere or in one room: [`News::Found`] comes. Returns `false` where the server cannot.
    pub fn search(&mut self, words: &str, room: Option<&str>) -> bool {
        let Stage::Open(open) = &mut self.stage else { return false };
        let handshake = open.connection.handshake();
        if !open.is_live || !handshake.has("draft/search") || !handshake.has("batch") || open.searching.is_some() {
            return false;
        }
        open.searching = Some(Searching::begin(words, room, &mut self.out));
        true
    }

    /// Asks for a token to send a file with: [`News::Token`] comes. Returns `false` where the server takes no files, or is not there.
    pub fn ask_token(&mut self) -> bool {
        let Stage::Open(open) = &self.stage else { return false };
        let can = open.is_live && self.state.isupport.filehost().is_some() && self.state.isupport.has_tokens();
        if can {
            filehost::ask(&mut self.out);
        }
        can
    }

    /// Says of the person by which name they want to be shown, and at which address a picture is; with nothing, no longer. What
    /// is said already is not said again. Returns `false` where the server cannot keep it, or a value fits in no line.
    pub fn describe(&mut self, display_name: &str, avatar: &str) -> bool {
        if !self.has("draft/metadata-2") || ![display_name, avatar].iter().all(|value| metadata::is_value(value)) {
            return false;
        }
        let State { own_display_name, own_avatar, .. } = &self.state;
        for (key, value, before) in
            [(metadata::DISPLAY_NAME, display_name, own_display_name), (metadata::AVATAR, avatar, own_avatar)]
        {
            if before.as_deref().unwrap_or_default() != value.trim() {
                metadata::set(key, value.trim(), &mut self.out);
            }
        }
        true
    }

    /// Tells whether the server has granted a capability on the connection at hand.
    pub fn has(&self, capability: &str) -> bool {
        matches!(&self.stage, Stage::Open(open) if open.connection.handshake().has(capability))
    }

    /// Tries to connect at once, where it waits to.
    pub fn hurry(&mut self, now: Duration) {
        if let Stage::Waiting { until } = &mut self.stage {
            *until = now.min(*until);
        }
    }

    /// Fetches what was said in a room before its newest gap, or its beginning. Returns whether it was asked for.
    pub fn older(&mut self, room: &str) -> bool {
        let Stage::Open(open) = &mut self.stage else { return false };
        let handshake = open.connection.handshake();
        let can = handshake.has("draft/chathistory") && handshake.has("batch");
        let is_labelled = handshake.has("labeled-response");
        // What was missed comes first: it follows what the window has.
        if !can || open.fetching.is_some() || !open.is_live {
            return false;
        }
        open.pages += 1;
        open.fetching = Fetching::begin(&self.state, room, open.pages, is_labelled, &mut self.out);
        open.fetching.is_some()
    }
}
