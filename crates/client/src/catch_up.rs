//! What a client has missed on a server without `loggia.chat/delivery`, found by CHATHISTORY.
//!
//! For each conversation it is known up to which message everything was shown. On a new connection what is said is held back,
//! conversation by conversation, until history has been asked for what came behind that message (`AFTER`), and with whom
//! something was said meanwhile (`TARGETS`). What comes both ways is told by its id and shown once. So within one conversation
//! everything is shown once, in the server's order, wherever a connection breaks; between conversations there is no order, as
//! such servers tell none. What was corrected or taken back meanwhile is told as far as the server's history tells it.
//!
//! It needs `draft/chathistory`, `batch`, `message-tags` and `server-time`; where messages have no ids, the same words in
//! the same millisecond are taken for one message. It sees by itself which channels the client enters.
//!
//! Spec: `IRCv3` "chathistory".

mod pager;
mod question;
mod said;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use irc::casemap::CaseMapping;
use irc::message::Message;
use irc::time::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use pager::{Answer, Pager, id_and_time, reference_before};
use question::{Asked, Mark, Next, Question, place};
pub(crate) use question::{PAGE_ENTRIES, page_entries};
use said::{Assembly, Said};
pub(crate) use said::{Batches, Place};

pub use crate::timeline::{HELD_MAX, Line, Step};

/// Tells where a line stands, for whoever asks nothing: whether it happens now, or answers a question.
pub(crate) fn track(batches: &mut Batches, line: &Message<'_>) -> Place {
    place(batches, None, false, line)
}

/// What channels begin with, where the server does not say it (Modern IRC, "CHANTYPES parameter").
const CHANNEL_TYPES_USUAL: &str = "#&";

/// The most conversations that are remembered; with more, those with people are forgotten, and found again by their times.
const CONVERSATIONS_MAX: usize = 1000;

/// How many of the messages that were shown last are told from those that come again.
const SHOWN_REMEMBERED: usize = 512;

/// How far a server's times may be from the order in which it tells things, in milliseconds.
const TIMES_APART: i64 = 60_000;

/// What was seen, and what is to come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct CatchUp {
    /// By folded name: up to where everything was shown.
    conversations: BTreeMap<Box<str>, Known>,
    /// When everything that was said to the client had been shown.
    seen: Option<Timestamp>,
    /// The keys of what was shown last.
    shown: VecDeque<Box<str>>,
    has_gap: bool,
    #[serde(skip)]
    open: Option<Open>,
}

/// What is known of a conversation.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    /// Everything through this was shown, with all its lines.
    whole: Mark,
    /// This was shown too, but perhaps it had more lines.
    newest: Option<Mark>,
}

/// A connection.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other: each is one thing that is known")]
struct Open {
    me: Box<str>,
    casemapping: CaseMapping,
    channel_types: Box<str>,
    is_labelled: bool,
    page_entries: u32,
    /// Whether it can be asked by ids what was said after a message: `MSGREFTYPES`, and as long as no id was refused.
    takes_ids: bool,
    /// The newest time of any line.
    newest: Option<Timestamp>,
    batches: Batches,
    live: Assembly,
    questions: VecDeque<Question>,
    asked: Option<Asked>,
    number: u64,
    /// What is held back, by folded name.
    held: BTreeMap<Box<str>, VecDeque<Said>>,
    held_count: usize,
    /// The conversations whose past is shown.
    caught_up: BTreeSet<Box<str>>,
    /// Whether the server has told everything about itself.
    is_greeted: bool,
    /// Whether it is known with whom something was said meanwhile.
    knows_people: bool,
    /// Whether everything that was to be asked at first is answered.
    is_live: bool,
}

impl Default for Open {
    fn default() -> Self {
        Self {
            me: "".into(),
            casemapping: CaseMapping::Ascii,
            channel_types: CHANNEL_TYPES_USUAL.into(),
            is_labelled: false,
            page_entries: PAGE_ENTRIES,
            takes_ids: true,
            newest: None,
            batches: Batches::default(),
            live: Assembly::default(),
            questions: VecDeque::new(),
            asked: None,
            number: 0,
            held: BTreeMap::new(),
            held_count: 0,
            caught_up: BTreeSet::new(),
            is_greeted: false,
            knows_people: false,
            is_live: false,
        }
    }
}

impl CatchUp {
    /// Tells whether something that was missed cannot be told any more, and forgets it.
    pub fn take_gap(&mut self) -> bool {
        std::mem::take(&mut self.has_gap)
    }

    /// Tells whether what was missed before this connection is shown.
    pub fn is_live(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_live)
    }

    /// Begins a connection: from its first line on.
    pub fn connected(&mut self) {
        self.open = Some(Open::default());
    }

    /// Ends it. What was held back is forgotten: history has it.
    pub fn disconnected(&mut self) {
        let open = self.open.take().unwrap_or_default();
        if self.conversations.len() > CONVERSATIONS_MAX {
            self.conversations.retain(|name, _| open.is_channel(name));
        }
    }

    /// Takes a line of the server. What is to be shown is appended to `shown`, what is to be sent to `out`.
    pub fn receive(&mut self, line: &[u8], out: &mut Vec<u8>, shown: &mut Vec<Line>) -> Step {
        let Ok(message) = Message::parse(line) else { return Step::On };
        let Some(open) = &mut self.open else { return Step::On };
        open.learn(&message, self.seen);
        let place = place(&mut open.batches, open.asked.as_mut(), open.is_labelled, &message);
        match place {
            Place::Live => {
                if let Some(said) = open.live.take(line, &message, &open.me) {
                    self.said_live(said, shown);
                }
            }
            Place::Answer => {
                if let Some(asked) = &mut open.asked {
                    asked.take(line, &message, &open.me);
                }
            }
            Place::Elsewhere => {}
        }
        let Some(open) = &mut self.open else { return Step::On };
        open.follow_channels(&message, &self.conversations);
        let mut step = Step::On;
        if let Some(asked) = open.asked.take_if(|asked| asked.is_over(&message)) {
            step = self.answered(asked, shown);
        }
        let step = self.go_on(out, shown).unwrap_or(step);
        if place == Place::Live && self.is_live() {
            let time = message.tags.value("time").and_then(|time| Timestamp::parse(&time));
            self.seen = self.seen.max(time);
        }
        step
    }

    /// Takes what is said as it happens: shown, or held back.
    fn said_live(&mut self, said: Said, shown: &mut Vec<Line>) {
        let Some(open) = &mut self.open else { return };
        let key = open.fold(&said.target);
        let is_person = !open.is_channel(&said.target);
        let is_asked_about = open.is_asked_about(&key);
        let is_held = is_asked_about || open.held.contains_key(&key);
        if open.caught_up.contains(&key) || (is_person && open.knows_people && !is_held) {
            self.show(key, said, shown);
            return;
        }
        if !is_person && !is_asked_about {
            open.questions.push_back(question_about(&said.target, self.conversations.get(&key)));
        }
        open.held.entry(key).or_default().push_back(said);
        open.held_count += 1;
    }

    /// Shows something, unless it was shown; notes up to where its conversation is known.
    fn show(&mut self, key: Box<str>, said: Said, shown: &mut Vec<Line>) {
        if self.shown.contains(&said.key) {
            return;
        }
        if self.shown.len() >= SHOWN_REMEMBERED {
            self.shown.pop_front();
        }
        if let (Some(_), Some(mark)) = (&said.id, Mark::of(&said)) {
            let known = self.conversations.entry(key);
            let known =
                known.or_insert_with(|| Known { whole: self.seen.map_or(Mark::Beginning, earlier), newest: None });
            if let Some(before) = known.newest.replace(mark) {
                known.whole = before;
            }
        }
        self.shown.push_back(said.key);
        shown.extend(said.lines);
    }

    /// Takes everything that came of a question.
    fn answered(&mut self, asked: Asked, shown: &mut Vec<Line>) -> Step {
        match &asked.question {
            Question::End(target) => {
                let mark = if asked.is_answered { asked.last().unwrap_or(Mark::Beginning) } else { self.since() };
                self.caught_up(target, mark, shown)
            }
            Question::After(target, mark) => {
                let (target, mark) = (target.clone(), mark.clone());
                self.page(target, mark, asked, shown)
            }
            Question::People(since) => self.people(*since, &asked),
            Question::Before(..) => unreachable!("that is asked by a pager"),
        }
    }

    fn page(&mut self, target: Box<str>, mark: Mark, asked: Asked, shown: &mut Vec<Line>) -> Step {
        let Some(open) = &mut self.open else { return Step::On };
        if !asked.is_answered {
            if let Some(by_time) = mark.by_time() {
                open.takes_ids = false;
                open.questions.push_front(Question::After(target, by_time));
                return Step::On;
            }
            // Without its past, the conversation goes on from now.
            self.has_gap = true;
            let mark = self.since();
            self.caught_up(&target, mark, shown);
            return Step::Gap;
        }
        let key = open.fold(&target);
        let (next, last, is_end) = (asked.next(&mark, open.takes_ids), asked.last(), asked.is_end);
        for said in asked.said {
            self.drop_held(&key, &said.key);
            self.show(key.clone(), said, shown);
        }
        let Some(open) = &mut self.open else { return Step::On };
        match next {
            Some(Next { mark: next, may_skip }) if !is_end && next != mark => {
                self.conversations.insert(key, Known { whole: next.clone(), newest: None });
                open.questions.push_front(Question::After(target, next));
                self.has_gap |= may_skip;
                if may_skip { Step::Gap } else { Step::On }
            }
            _ => self.caught_up(&target, last.unwrap_or(mark), shown),
        }
    }

    fn people(&mut self, since: Timestamp, asked: &Asked) -> Step {
        let Some(open) = &mut self.open else { return Step::On };
        let unseen = self.seen.map_or(Mark::Beginning, earlier);
        for (name, _) in &asked.people {
            let key = open.fold(name);
            if !open.is_channel(name) && !open.is_asked_about(&key) {
                let mark = self.conversations.get(&key).map_or(&unseen, |known| &known.whole).clone();
                open.questions.push_back(Question::After(name.clone(), mark));
            }
        }
        if asked.is_end || !asked.is_full() {
            open.knows_people = true;
            return Step::On;
        }
        let last = asked.people.last().map(|(_, at)| *at);
        // Several may be of the same millisecond: it is asked for once more.
        if let Some(again) = last.map(|at| Timestamp(at.0 - 1)).filter(|at| *at > since) {
            open.questions.push_front(Question::People(again));
            return Step::On;
        }
        // A page full of one millisecond: more may have been said in it than the page holds.
        match last.filter(|at| *at > since) {
            Some(at) => open.questions.push_front(Question::People(at)),
            None => open.knows_people = true,
        }
        self.has_gap = true;
        Step::Gap
    }

    /// The past of a conversation is shown through `mark`: what was held back comes behind it.
    fn caught_up(&mut self, target: &str, mark: Mark, shown: &mut Vec<Line>) -> Step {
        let Some(open) = &mut self.open else { return Step::On };
        let key = open.fold(target);
        open.caught_up.insert(key.clone());
        self.conversations.insert(key.clone(), Known { whole: mark, newest: None });
        self.release(&key, shown);
        Step::On
    }

    /// What is found in the past is not shown again when it came live, too.
    fn drop_held(&mut self, key: &str, of: &str) {
        let Some(open) = &mut self.open else { return };
        let Some(held) = open.held.get_mut(key) else { return };
        if let Some(place) = held.iter().position(|said| *said.key == *of) {
            held.remove(place);
            open.held_count -= 1;
        }
    }

    fn release(&mut self, key: &str, shown: &mut Vec<Line>) {
        let held = self.open.as_mut().and_then(|open| open.held.remove(key)).unwrap_or_default();
        if let Some(open) = &mut self.open {
            open.held_count -= held.len();
        }
        for said in held {
            self.show(key.into(), said, shown);
        }
    }

    /// Asks the next question; tells when the last is answered, or too much is held back.
    fn go_on(&mut self, out: &mut Vec<u8>, shown: &mut Vec<Line>) -> Option<Step> {
        let open = self.open.as_mut()?;
        if open.held_count > HELD_MAX {
            return Some(Step::Overrun);
        }
        if open.asked.is_some() || !open.is_greeted {
            return None;
        }
        if let Some(question) = open.questions.pop_front() {
            let question = if open.takes_ids { question } else { question.by_time() };
            open.number += 1;
            open.asked = Some(Asked::begin(question, open.number, open.page_entries, open.is_labelled, out));
            return None;
        }
        if !open.knows_people || open.is_live {
            return None;
        }
        // Who is left was said something to only just now.
        for key in open.held.keys().cloned().collect::<Vec<_>>() {
            self.release(&key, shown);
        }
        let open = self.open.as_mut()?;
        open.is_live = true;
        self.seen = self.seen.max(open.newest);
        Some(Step::Live)
    }

    /// The mark of a conversation whose past cannot be asked for.
    fn since(&self) -> Mark {
        let now = self.open.as_ref().and_then(|open| open.newest).or(self.seen);
        now.map_or(Mark::Beginning, Mark::Moment)
    }
}

/// A mark that is surely before everything that was not seen at a time.
fn earlier(seen: Timestamp) -> Mark {
    Mark::Moment(Timestamp(seen.0 - TIMES_APART))
}

fn question_about(target: &str, known: Option<&Known>) -> Question {
    match known {
        Some(known) => Question::After(target.into(), known.whole.clone()),
        None => Question::End(target.into()),
    }
}

impl Open {
    fn fold(&self, name: &str) -> Box<str> {
        self.casemapping.fold_cow(name).into()
    }

    fn is_channel(&self, name: &str) -> bool {
        name.starts_with(|first| self.channel_types.contains(first))
    }

    fn is_asked_about(&self, key: &str) -> bool {
        let about = |question: &Question| match question {
            Question::End(target) | Question::After(target, _) => *self.fold(target) == *key,
            Question::People(_) | Question::Before(..) => false,
        };
        self.questions.iter().any(about) || self.asked.as_ref().is_some_and(|asked| about(&asked.question))
    }

    /// Notes what a line says about the server and the client.
    fn learn(&mut self, line: &Message<'_>, seen: Option<Timestamp>) {
        let time = line.tags.value("time").and_then(|time| Timestamp::parse(&time));
        if line.tags.value("batch").is_none() {
            self.newest = self.newest.max(time);
        }
        let words = || line.params.last().unwrap_or_default().split_ascii_whitespace();
        match line.command {
            "CAP" if line.params.get(1) == Some("ACK") => {
                self.is_labelled |= words().any(|name| name == "labeled-response");
            }
            "001" => self.me = line.params.get(0).unwrap_or_default().into(),
            "005" => line.params.iter().for_each(|token| self.learn_token(token)),
            // The end of the greeting.
            "376" | "422" if !self.is_greeted => {
                self.is_greeted = true;
                match seen {
                    Some(seen) => self.questions.push_front(Question::People(Timestamp(seen.0 - TIMES_APART))),
                    // Nothing was missed before the first connection.
                    None => self.knows_people = true,
                }
            }
            _ => {}
        }
    }

    fn learn_token(&mut self, token: &str) {
        match token.split_once('=') {
            Some(("CASEMAPPING", value)) => self.casemapping = CaseMapping::from_isupport(value).unwrap_or_default(),
            Some(("CHANTYPES", value)) => self.channel_types = value.into(),
            Some(("MSGREFTYPES", value)) => self.takes_ids = value.split(',').any(|kind| kind == "msgid"),
            _ => self.page_entries = page_entries(token).unwrap_or(self.page_entries),
        }
    }

    /// Notes which channels the client enters and leaves, and who it is.
    fn follow_channels(&mut self, line: &Message<'_>, known: &BTreeMap<Box<str>, Known>) {
        let from = line.source.and_then(|source| source.split('!').next()).unwrap_or_default();
        let Some(first) = line.params.get(0) else { return };
        let is_me = |nick: &str, open: &Self| open.casemapping.same(nick, &open.me);
        if self.batches.place(line) != Place::Live {
            return;
        }
        let key = self.fold(first);
        match line.command {
            "NICK" if is_me(from, self) => self.me = first.into(),
            "JOIN" if is_me(from, self) && !self.is_asked_about(&key) && !self.caught_up.contains(&key) => {
                self.questions.push_back(question_about(first, known.get(&key)));
            }
            "PART" if is_me(from, self) => {
                self.caught_up.remove(&key);
            }
            "KICK" if is_me(line.params.get(1).unwrap_or_default(), self) => {
                self.caught_up.remove(&key);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
