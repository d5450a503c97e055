//! How a connection goes: being let in, entering rooms, what was missed, and then what happens now.

use std::time::Duration;

use irc::message::Message;
use irc::write::LineWriter;

use super::{Network, News, Past, Stage};
use crate::catch_up::{Place, track};
use crate::features::{self, message, metadata};
use crate::outbox::{State as Sending, What};
use crate::timeline::Step;
use crate::window::{Entry, How};

/// How long it waits when the server cannot look something up at this moment.
pub(super) const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What the server is asked when the client has asked to enter its channels.
pub(super) const ENTERED: &str = "entered";

impl Network {
    /// The client is somebody: it enters its channels, and then asks what it has missed.
    pub(super) fn ready(&mut self) {
        let Stage::Open(open) = &mut self.stage else { return };
        let handshake = open.connection.handshake();
        let has = |names: &[&str]| names.iter().all(|name| handshake.has(name));
        open.past = if has(&["loggia.chat/delivery", "batch", "message-tags"]) {
            self.kept.catch_up.disconnected();
            Past::Timeline
        } else if has(&["draft/chathistory", "batch", "message-tags", "server-time"]) {
            self.kept.timeline.disconnected();
            Past::CatchUp
        } else {
            self.kept.timeline.disconnected();
            self.kept.catch_up.disconnected();
            Past::Nothing
        };
        self.state.me = handshake.nick().into();
        self.has_times = handshake.has("server-time");
        if handshake.has("draft/metadata-2") && handshake.has("batch") {
            metadata::subscribe(&mut self.out);
        }
        for channel in &self.kept.channels {
            LineWriter::new(&mut self.out).command("JOIN").last(channel).end();
        }
        // Servers answer in order: with this, all channels were entered that let the client in.
        LineWriter::new(&mut self.out).command("PING").last(ENTERED).end();
        self.back_off.worked();
        self.other_nicks = 0;
        self.news.push_back(News::Standing);
    }

    /// Takes one line, without its end.
    pub(super) fn line(&mut self, bytes: &[u8], now: Duration) {
        let Ok(line) = Message::parse(bytes) else { return };
        let Stage::Open(open) = &mut self.stage else { return };
        let is_live_line = track(&mut open.batches, &line) == Place::Live;
        let (past, mut shown) = (open.past, Vec::new());
        let step = match past {
            Past::Unknown => {
                // Which it will be is not known yet: both hold back what comes.
                self.kept.timeline.receive(bytes, &mut self.out, &mut shown);
                self.kept.catch_up.receive(bytes, &mut self.out, &mut shown)
            }
            Past::Timeline => self.kept.timeline.receive(bytes, &mut self.out, &mut shown),
            Past::CatchUp => self.kept.catch_up.receive(bytes, &mut self.out, &mut shown),
            Past::Nothing => {
                shown.extend(is_live_line.then(|| bytes.into()));
                Step::On
            }
        };
        if is_live_line {
            let change = features::receive(&mut self.state, &line);
            self.news.extend(change.map(News::Changed));
            self.about_the_client(&line);
        }
        self.step(step, now);
        for shown in &shown {
            if let Ok(shown) = Message::parse(shown) {
                let change = features::show(&mut self.state, &shown);
                self.news.extend(change.map(News::Changed));
            }
        }
        self.fetched(bytes, &line);
        self.searched(&line);
    }

    fn step(&mut self, step: Step, now: Duration) {
        let Stage::Open(open) = &mut self.stage else { return };
        match step {
            Step::On => {}
            Step::Live => {
                open.is_live = true;
                self.news.push_back(News::Standing);
                if self.kept.timeline.take_gap() || self.kept.catch_up.take_gap() {
                    self.gap();
                }
            }
            Step::Gap => self.gap(),
            Step::AskAgain => {
                open.again_at.get_or_insert(now + AGAIN_AFTER);
            }
            // Too much came meanwhile: a new connection begins where this one did.
            Step::Overrun => self.lost(now, 0),
        }
    }

    fn gap(&mut self) {
        for room in self.state.rooms.values_mut() {
            room.window.break_off();
        }
        self.news.push_back(News::Gap);
    }

    /// All channels are entered: now it may be asked what was missed, and said what is to be said.
    pub(super) fn entered(&mut self) {
        let Stage::Open(open) = &mut self.stage else { return };
        if std::mem::replace(&mut open.has_entered, true) {
            return;
        }
        // Where it is not let in any more, or did not want to be when the connection broke, it was not told that it is gone.
        for room in self.state.rooms.values_mut().filter(|room| room.is_channel && !room.is_joined) {
            room.window.leave();
        }
        match open.past {
            Past::Timeline => {
                let is_new = self.kept.timeline.cursor().is_none();
                self.kept.timeline.ask(&mut self.out);
                open.connection.speak(&mut self.kept.outbox);
                if is_new {
                    self.break_off();
                }
            }
            Past::CatchUp | Past::Unknown => open.connection.speak(&mut self.kept.outbox),
            Past::Nothing => {
                open.is_live = true;
                open.connection.speak(&mut self.kept.outbox);
                self.break_off();
                self.news.push_back(News::Standing);
            }
        }
        if self.kept.outbox.doubtful().next().is_some() {
            self.news.push_back(News::Doubtful);
        }
    }

    /// What was said before this connection is not known, where the windows end.
    fn break_off(&mut self) {
        for room in self.state.rooms.values_mut() {
            room.window.break_off();
        }
    }

    /// Something has become of what was said. Where the server sends no echo, it is shown now.
    pub(super) fn settled(&mut self, number: u64) {
        self.news.push_back(News::Settled(number));
        let Stage::Open(open) = &self.stage else { return };
        let entry = self.kept.outbox.entry(number);
        let Some(entry) = entry.filter(|entry| matches!(entry.state, Sending::Kept(_))) else { return };
        if open.connection.handshake().has("echo-message") || open.past == Past::Timeline {
            return;
        }
        if let What::Say { notice, target, text, .. } = &entry.what {
            let shown = Entry {
                id: None,
                time: None,
                from: self.state.me.clone(),
                account: None,
                how: if *notice { How::Notice } else { How::Message },
                text: text.clone(),
                reply_to: None,
                is_own: true,
                is_edited: false,
                reactions: Vec::new(),
            };
            let change = message::add(&mut self.state, &target.clone(), shown);
            self.news.extend(change.map(News::Changed));
        }
    }
}
