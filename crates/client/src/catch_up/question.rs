//! What history is asked, one thing at a time. Behind each question goes a PING: when it is answered, so is the question,
//! whatever the server made of it.

use irc::message::Message;
use irc::time::Timestamp;
use irc::write::LineWriter;
use serde::{Deserialize, Serialize};

use super::said::{Assembly, Batches, Place, Said, closed, opened};

/// The most entries that are asked for at once, where the server does not say that it gives fewer.
pub(crate) const PAGE_ENTRIES: u32 = 100;

/// Returns how many entries are asked for at once from a server that says this of itself (a token of ISUPPORT); nothing when
/// it is another token.
pub(crate) fn page_entries(token: &str) -> Option<u32> {
    let most = token.strip_prefix("CHATHISTORY=")?.parse().ok().filter(|most| *most > 0);
    Some(most.map_or(PAGE_ENTRIES, |most: u32| most.min(PAGE_ENTRIES)))
}

/// Later than everything: the end of what is asked for.
const END_OF_TIME: &str = "timestamp=9999-12-31T23:59:59.999Z";

/// Up to where something is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mark {
    /// Nothing: before everything.
    Beginning,
    /// A message, by its id.
    Message(Box<str>, Option<Timestamp>),
    /// A moment: what was said in it may be known or not.
    Moment(Timestamp),
}

/// One thing to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// What stands at the end of a conversation.
    End(Box<str>),
    /// What was said in a conversation behind a mark.
    After(Box<str>, Mark),
    /// What was said before a message, `msgid=…` or `timestamp=…`; with `*`, what was said last.
    Before(Box<str>, Box<str>),
    /// With whom something was said since.
    People(Timestamp),
}

/// Where to go on behind a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) mark: Mark,
    /// More was there in one millisecond, and without ids, than a page holds: something of it may be left out.
    pub(super) may_skip: bool,
}

/// A question that is under way, and what has come of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) question: Question,
    number: u64,
    pub(super) assembly: Assembly,
    pub(super) said: Vec<Said>,
    /// With whom, and when last.
    pub(super) people: Vec<(Box<str>, Timestamp)>,
    /// The last entry that has an id.
    last_id: Option<(Box<str>, Option<Timestamp>)>,
    /// When the last entry that has a time happened.
    last_time: Option<Timestamp>,
    /// How many entries came: also of what happened and is no message.
    entries: u32,
    most: u32,
    /// Whether the server has said that there is no more.
    pub(super) is_end: bool,
    pub(super) is_answered: bool,
}

impl Question {
    /// Returns it for a server that takes no ids.
    pub(super) fn by_time(self) -> Self {
        match self {
            Self::After(target, mark) => {
                let mark = mark.by_time().unwrap_or(mark);
                Self::After(target, mark)
            }
            other => other,
        }
    }
}

impl Mark {
    pub(super) fn of(said: &Said) -> Option<Self> {
        match (&said.id, said.time) {
            (Some(id), time) => Some(Self::Message(id.clone(), time)),
            (None, time) => time.map(Self::Moment),
        }
    }

    /// Returns the same place without an id; nothing when there is no other way to say it.
    pub(super) fn by_time(&self) -> Option<Self> {
        match self {
            Self::Message(_, time) => time.map(Self::Moment),
            Self::Beginning | Self::Moment(_) => None,
        }
    }

    fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Message(_, time) => *time,
            Self::Moment(time) => Some(*time),
            Self::Beginning => None,
        }
    }

    fn reference(&self) -> String {
        match self {
            Self::Beginning => moment(Timestamp(0)),
            Self::Message(id, _) => format!("msgid={id}"),
            // What was said in the same millisecond is asked for again.
            Self::Moment(time) => moment(Timestamp(time.0 - 1)),
        }
    }
}

fn moment(time: Timestamp) -> String {
    format!("timestamp={time}")
}

impl Asked {
    /// Asks.
    pub(super) fn begin(question: Question, number: u64, most: u32, is_labelled: bool, out: &mut Vec<u8>) -> Self {
        let mut line = LineWriter::new(out);
        let token = token(number);
        if is_labelled {
            line = line.tag("label", Some(&token));
        }
        let line = line.command("CHATHISTORY");
        match &question {
            Question::End(target) => line.param("LATEST").param(target).param("*").last("1").end(),
            Question::After(target, mark) => {
                line.param("AFTER").param(target).param(&mark.reference()).last(&most.to_string()).end();
            }
            Question::Before(target, reference) => {
                let subcommand = if &**reference == "*" { "LATEST" } else { "BEFORE" };
                line.param(subcommand).param(target).param(reference).last(&most.to_string()).end();
            }
            Question::People(since) => {
                line.param("TARGETS").param(&moment(*since)).param(END_OF_TIME).last(&most.to_string()).end();
            }
        }
        LineWriter::new(out).command("PING").last(&token).end();
        Self {
            question,
            number,
            assembly: Assembly::default(),
            said: Vec::new(),
            people: Vec::new(),
            last_id: None,
            last_time: None,
            entries: 0,
            most,
            is_end: false,
            is_answered: false,
        }
    }

    /// Tells whether a batch answers it.
    pub(super) fn is_answered_by(&self, batch: &Message<'_>, is_labelled: bool) -> bool {
        let kind = match self.question {
            Question::End(_) | Question::After(..) | Question::Before(..) => "chathistory",
            Question::People(_) => "draft/chathistory-targets",
        };
        batch.params.get(1) == Some(kind)
            && (!is_labelled || batch.tags.value("label").is_some_and(|label| *label == *token(self.number)))
    }

    /// Tells whether everything that the server says about it has come.
    pub(super) fn is_over(&self, line: &Message<'_>) -> bool {
        line.command == "PONG" && line.params.last() == Some(&token(self.number))
    }

    /// Takes a line of the answer.
    pub(super) fn take(&mut self, bytes: &[u8], line: &Message<'_>, me: &str) {
        if line.command == "CHATHISTORY" {
            let time = line.params.get(2).and_then(Timestamp::parse);
            self.people.extend(line.params.get(1).map(Box::from).zip(time));
            return;
        }
        self.said.extend(self.assembly.take(bytes, line, me));
        // What happened, and is no message, has a place too.
        let time = line.tags.value("time").and_then(|time| Timestamp::parse(&time));
        let id = line.tags.value("msgid");
        self.entries += u32::from(id.is_some() || time.is_some());
        self.last_time = time.or(self.last_time);
        if let Some(id) = id {
            self.last_id = Some((id.into(), time));
        }
    }

    /// Returns up to where everything is known with it. A time may be that of several entries: it is the last resort.
    pub(super) fn last(&self) -> Option<Mark> {
        let by_id = self.last_id.clone().map(|(id, time)| Mark::Message(id, time));
        by_id.or_else(|| self.last_time.map(Mark::Moment))
    }

    /// Returns where the page goes on that was asked for from a mark; nothing when it is empty.
    pub(super) fn next(&self, mark: &Mark, takes_ids: bool) -> Option<Next> {
        if let Some((id, time)) = self.last_id.clone().filter(|_| takes_ids) {
            return Some(Next { mark: Mark::Message(id, time), may_skip: false });
        }
        let last = self.last_time?;
        // Within one millisecond, nothing is asked for by time.
        let is_stuck = mark.time().is_some_and(|time| last <= time);
        let next = if is_stuck { Timestamp(last.0.max(mark.time().map_or(last.0, |time| time.0)) + 1) } else { last };
        Some(Next { mark: Mark::Moment(next), may_skip: is_stuck && self.is_full() })
    }

    /// Tells whether as much came as was asked for.
    pub(super) fn is_full(&self) -> bool {
        self.entries.max(u32::try_from(self.people.len()).unwrap_or(u32::MAX)) >= self.most
    }
}

fn token(number: u64) -> String {
    format!("past-{number}")
}

/// Tells where a line stands, and notes which batches it opens and closes, and whether the question is answered.
pub(super) fn place(batches: &mut Batches, asked: Option<&mut Asked>, is_labelled: bool, line: &Message<'_>) -> Place {
    let place = batches.place(line);
    if let Some(name) = closed(line) {
        let place = batches.place_of(name).unwrap_or(place);
        batches.close(name);
        return place;
    }
    let Some(name) = opened(line) else { return place };
    let of_batch = match (line.params.get(1).unwrap_or_default(), asked) {
        _ if place != Place::Live => place,
        (kind, _) if is_live(kind) => Place::Live,
        (_, Some(asked)) if asked.is_answered_by(line, is_labelled) => {
            asked.is_answered = true;
            asked.is_end |= line.tags.get("draft/chathistory-end").is_some();
            Place::Answer
        }
        _ => Place::Elsewhere,
    };
    batches.open(name, of_batch);
    place
}

/// Tells whether what is in a batch of this kind happens now.
fn is_live(kind: &str) -> bool {
    matches!(kind, "draft/multiline" | "labeled-response" | "metadata" | "netsplit" | "netjoin")
}
