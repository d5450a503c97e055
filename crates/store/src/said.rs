//! What is said in channels, as rows that are made on the hall's thread.
//!
//! Nearly all that the log keeps is this. The facts themselves do not cross to the writer's thread: what the hall's thread has
//! allocated would be freed there, message by message and with `Durability::Memory` a second later, and each thread would wait for the
//! other's lock of the allocator. That was a sixth of the server's work in small rooms. So a turn's rows cross as one piece of memory.

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::ids::Seq;
use chat::rank::Rank;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;

use crate::row::{self, NewRow};

/// As the JSON of such a fact says it.
const KIND: &str = "said";

/// The words of a turn's rows, one behind the other. They are there when the turn has ended.
type Words = Arc<OnceLock<String>>;

/// A message as a row, without its place and time.
#[derive(Clone, Debug)]
pub(crate) struct SaidRow {
    words: Words,
    /// Where its channel's folded name begins in the words; the JSON, the text and the sender's nick follow.
    begin: usize,
    channel_bytes: u32,
    data_bytes: u32,
    text_bytes: u32,
    nick_bytes: u32,
    /// It is more than tags.
    has_words: bool,
    /// The lowest rank that it was for.
    rank: Option<Rank>,
    text_check: u32,
    row_check: u32,
}

impl SaidRow {
    /// Returns its columns.
    pub(crate) fn columns(&self) -> NewRow<'_> {
        let [channel, data, text, _] = self.parts();
        NewRow {
            kind: Cow::Borrowed(KIND),
            channel: Some((Cow::Borrowed(channel), self.rank)),
            direct: None,
            data: Cow::Borrowed(data),
            text: Some(text),
            text_check: Some(self.text_check),
            row_check: self.row_check,
        }
    }

    /// Returns the bytes of its text.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text_bytes as usize
    }

    /// Returns all the bytes of its words.
    pub(crate) fn bytes(&self) -> usize {
        [self.channel_bytes, self.data_bytes, self.text_bytes, self.nick_bytes].map(|bytes| bytes as usize).iter().sum()
    }

    /// Returns its text and the nick of its sender, when it has words that can be found.
    pub(crate) fn to_be_found(&self) -> Option<(&str, &str)> {
        let [_, _, text, nick] = self.parts();
        self.has_words.then_some((text, nick))
    }

    /// Returns the channel's folded name, the JSON, the text and the sender's nick.
    fn parts(&self) -> [&str; 4] {
        let mut words = self.words.get().map_or("", |words| &words[self.begin..]);
        [self.channel_bytes, self.data_bytes, self.text_bytes, self.nick_bytes].map(|bytes| {
            let (part, behind) = words.split_at(bytes as usize);
            words = behind;
            part
        })
    }
}

/// Where a turn's rows are made.
#[derive(Debug)]
pub(crate) struct Draft {
    mapping: CaseMapping,
    bytes: Vec<u8>,
    words: Words,
}

impl Draft {
    /// Makes one. Channels' names are folded by `mapping`.
    pub(crate) fn new(mapping: CaseMapping) -> Self {
        Self { mapping, bytes: Vec::new(), words: Words::default() }
    }

    /// Makes the row of a fact, if it is something that is said in a channel. What a client has given an id is noted under that too, so
    /// it goes the way of all other facts.
    pub(crate) fn row(&mut self, seq: Seq, at: Timestamp, fact: &Fact) -> Option<SaidRow> {
        let Fact::Said { message, delivery: None, .. } = fact else { return None };
        let Message { how, sender, target: Target::Channel { name, rank, .. }, text, .. } = &**message else {
            return None;
        };
        let begin = self.bytes.len();
        // A Vec takes everything, and a fact has nothing that JSON cannot say.
        write!(self.bytes, "{}", self.mapping.fold_cow(name.as_str())).expect("a Vec takes everything");
        let data = self.bytes.len();
        serde_json::to_writer(&mut self.bytes, fact).expect("a fact can be written as JSON");
        let text_check = row::text_check(text);
        let row_check = row::row_check(seq, at, KIND, &self.bytes[data..], Some(text_check));
        let data_end = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        let nick = sender.nick().as_str();
        self.bytes.extend_from_slice(nick.as_bytes());
        let bytes = |count| u32::try_from(count).expect("a message is bounded by the lines that carried it");
        Some(SaidRow {
            words: Arc::clone(&self.words),
            begin,
            channel_bytes: bytes(data - begin),
            data_bytes: bytes(data_end - data),
            text_bytes: bytes(text.len()),
            nick_bytes: bytes(nick.len()),
            has_words: *how != MessageKind::Tagmsg && !text.is_empty(),
            rank: *rank,
            text_check,
            row_check,
        })
    }

    /// Ends a turn: its rows have their words from now on.
    pub(crate) fn end_turn(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        // The next turn's will be about as many.
        let next = Vec::with_capacity(self.bytes.len());
        let words =
            String::from_utf8(core::mem::replace(&mut self.bytes, next)).expect("names, JSON and texts are UTF-8");
        let is_first = core::mem::take(&mut self.words).set(words).is_ok();
        debug_assert!(is_first, "each turn has words of its own");
    }
}

#[cfg(test)]
mod tests {
    use chat::ids::{ChannelId, RulesVersion, UserId};
    use chat::person::{Person, PersonFields};
    use irc::names::{ChannelName, Nick, UserName};
    use proptest::prelude::*;

    use super::*;

    fn said(channel: &str, rank: Option<Rank>, text: &str) -> Fact {
        let sender = Person::from(PersonFields {
            nick: Nick::trusted("alice"),
            username: UserName::trusted("~alice"),
            host: "home".into(),
            realname: "Alice \u{1f98a}".into(),
            shown: None,
            account: None,
            bot: false,
            operator: false,
        });
        let message = Message {
            how: MessageKind::Privmsg,
            user: UserId(1),
            sender: Arc::new(sender),
            target: Target::Channel { id: ChannelId(7), name: ChannelName::trusted(channel), rank },
            text: text.into(),
            tags: vec![("+x".into(), Some(text.into()))],
            concats: None,
            relayed_by: None,
        };
        Fact::Said { message: Arc::new(message), rules: RulesVersion(3), delivery: None }
    }

    proptest! {
        /// The rows of turns are what each fact's row would be by itself.
        #[test]
        fn rows_are_what_they_are_elsewhere(turns in prop::collection::vec(prop::collection::vec(("#[A-Za-zÀ-ž]{1,9}", any::<bool>(), any::<String>()), 0..5), 1..4)) {
            let mut draft = Draft::new(CaseMapping::Precis);
            let mut rows = Vec::new();
            for turn in &turns {
                for (channel, is_for_operators, text) in turn {
                    let fact = said(channel, is_for_operators.then_some(Rank::Operator), text);
                    let (seq, at) = (Seq(rows.len() as u64), Timestamp(5));
                    let row = draft.row(seq, at, &fact);
                    rows.push((seq, at, fact, row));
                }
                draft.end_turn();
            }
            for (seq, at, fact, row) in &rows {
                let row = row.as_ref().map(SaidRow::columns);
                prop_assert_eq!(row, Some(NewRow::of(*seq, *at, fact, CaseMapping::Precis)));
            }
        }
    }

    #[test]
    fn other_facts_are_not_taken() {
        let mut draft = Draft::new(CaseMapping::Ascii);
        let quit = Fact::UserQuit { user: UserId(1), by: None, banned: false, reason: "bye".into() };
        assert!(draft.row(Seq(1), Timestamp(1), &quit).is_none());
        let Fact::Said { message, rules, .. } = said("#tea", None, "hi") else { unreachable!("made above") };
        let mut to_somebody = Message::clone(&message);
        to_somebody.target = Target::User { id: UserId(2), nick: Nick::trusted("bob"), account: None };
        let direct = Fact::Said { message: Arc::new(to_somebody), rules, delivery: None };
        assert!(draft.row(Seq(1), Timestamp(1), &direct).is_none());
    }
}
