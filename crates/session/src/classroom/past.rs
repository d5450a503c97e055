//! What a person at `nc` or telnet asks about the past: `/history` and `/search`. In segment mode nobody can ask.
//!
//! Proof: `scenarios/plain-past.txt`.

use chat::command::{Command, HistoryAsked};
use chat::event::{Event, EventKind, Message};
use chat::history::{Kinds, Span};
use chat::reply::Kept;
use chat::search::Asked as Searched;
use chat::time::Timestamp;
use smallvec::smallvec;

use super::screen::row_of;
use super::{Asked, Classroom, words};
use crate::irc_session::Cx;
use crate::texts::search::{self as texts, Bad};

/// How many messages are shown to who does not say how many: about a screen. No key: `/history` takes any number up to
/// `history.max_messages_per_request`.
const SHOWN_MESSAGES: usize = 20;

impl Classroom {
    /// Asks for the last messages of the room.
    pub(super) fn ask_history(&mut self, most: Option<usize>, cx: &mut Cx<'_>) {
        if !self.keeps_history(cx) {
            return;
        }
        let asked = HistoryAsked {
            subcommand: "LATEST",
            target: self.room.as_ref().into(),
            span: Span::Latest(None),
            limit: most.unwrap_or(SHOWN_MESSAGES),
            kinds: Kinds::default(),
        };
        self.ask(Asked::Anything, smallvec![Command::History(Box::new(asked))], cx);
    }

    /// Searches, in the room unless another place is named.
    pub(super) fn ask_search(&mut self, text: &str, cx: &mut Cx<'_>) {
        if !self.keeps_history(cx) {
            return;
        }
        let mut asked = Searched::default();
        if let Err((why, word)) = asked.read(text) {
            let why = texts::bad(Bad::Unclear(why), cx.settings.language);
            return self.answer_in_turn(vec![format!("{word}: {why}")], cx);
        }
        asked.target.get_or_insert_with(|| self.room.as_ref().into());
        asked.limit = Some(SHOWN_MESSAGES);
        self.ask(Asked::Anything, smallvec![Command::Search(Box::new(asked))], cx);
    }

    fn keeps_history(&mut self, cx: &mut Cx<'_>) -> bool {
        let keeps = cx.settings.chat.history;
        if !keeps {
            self.answer_in_turn(vec![words::nothing_kept(cx.settings.language).to_owned()], cx);
        }
        keeps
    }

    /// Shows the last messages.
    pub(super) fn show_history(&mut self, entries: &[Event], cx: &mut Cx<'_>) {
        let messages = entries.iter().filter_map(|event| match &event.kind {
            EventKind::Message(message) => Some((event.at, &**message)),
            _ => None,
        });
        self.show_past(messages.collect(), cx);
    }

    /// Shows what was found.
    pub(super) fn show_found(&mut self, messages: &[Kept], given_up: bool, cx: &mut Cx<'_>) {
        self.show_past(messages.iter().map(|kept| (kept.at, &*kept.message)).collect(), cx);
        if given_up {
            self.notice(texts::given_up(cx.settings.language), cx);
        }
    }

    fn show_past(&mut self, messages: Vec<(Timestamp, &Message)>, cx: &mut Cx<'_>) {
        self.notice(&words::past(messages.len(), cx.settings.language), cx);
        for (at, message) in messages {
            let Some((from, text, action)) = row_of(message) else { continue };
            // Seconds and less say nothing to a person.
            let at = at.to_string().replace('T', " ");
            let at = at.get(..MINUTE_BYTES).unwrap_or(&at);
            for text in text.split(['\r', '\n']).filter(|text| !text.is_empty()) {
                let line = if action { format!("{at} * {from} {text}") } else { format!("{at} {from}: {text}") };
                self.notice(&line, cx);
            }
        }
    }
}

/// The length of `2026-11-29 18:30`.
const MINUTE_BYTES: usize = 16;
