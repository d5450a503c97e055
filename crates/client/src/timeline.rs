//! What a client has seen, as if it had never been away: what it has missed and what comes live, in the order of the log.
//!
//! The place up to which it has seen everything is a cursor, to be kept on disk with what was shown. Nothing is shown twice
//! and nothing is left out, wherever a connection breaks: until the missed part is complete, live lines are held back, each
//! until its place has come, and forgotten with a connection that breaks; a message of several lines is shown when its last
//! line has come.
//!
//! Spec: `docs/protocol/delivery.md`. It needs `loggia.chat/delivery`, `batch` and `message-tags`.

use std::collections::VecDeque;

use irc::message::Message;
use irc::write::LineWriter;
use serde::{Deserialize, Serialize};

/// The tag with the place up to which everything is seen.
const CURSOR_TAG: &str = "loggia.chat/cursor";
/// The tag of what the client itself has sent.
const ID_TAG: &str = "loggia.chat/id";
const PAGE_TYPE: &str = "loggia.chat/resume";
const GAP_TAG: &str = "loggia.chat/gap";

/// The most things that are held back while the missed part is fetched; with more, the client starts anew from its cursor.
pub const HELD_MAX: usize = 100_000;

/// A line, without its end.
pub type Line = Box<[u8]>;

/// What was seen, and what is to come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Timeline {
    cursor: Option<Box<str>>,
    has_gap: bool,
    #[serde(skip)]
    stage: Stage,
}

/// Where the connection stands.
#[derive(Debug, Default)]
enum Stage {
    /// There is none.
    #[default]
    Away,
    /// What comes live is held back until its place has come: pages of what was missed are fetched.
    Behind { live: Assembly, held: VecDeque<Unit>, page: Option<Page> },
    /// Everything is shown as it comes.
    Live(Assembly),
}

/// One thing that happened: its lines, and its place.
#[derive(Debug)]
struct Unit {
    cursor: Box<str>,
    lines: Vec<Line>,
}

/// Puts lines together to what happened: a message may have several, and is whole with its last.
#[derive(Debug, Default)]
struct Assembly {
    lines: Vec<Line>,
    /// The batch of lines that is open.
    batch: Option<Box<str>>,
}

/// A page that is coming.
#[derive(Debug)]
struct Page {
    batch: Box<str>,
    next: Box<str>,
    is_end: bool,
    has_gap: bool,
    assembly: Assembly,
    units: Vec<Unit>,
}

/// What a program has to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    On,
    /// What was missed is shown; from now on everything is live.
    Live,
    /// The server does not know the cursor any more: [`Timeline::take_gap`]. It has been asked where it is now.
    Gap,
    /// The server could not look it up at this moment: wait a little, then [`Timeline::ask`] again.
    AskAgain,
    /// Too much came live meanwhile: a new connection is needed.
    Overrun,
}

impl Timeline {
    /// Returns the place up to which everything was shown. Whoever keeps what is shown keeps this with it.
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Tells whether something that was missed cannot be told any more, and forgets it.
    pub fn take_gap(&mut self) -> bool {
        std::mem::take(&mut self.has_gap)
    }

    /// Tells whether everything is shown as it comes.
    pub fn is_live(&self) -> bool {
        matches!(self.stage, Stage::Live(_))
    }

    /// Begins a connection: from its first line on.
    pub fn connected(&mut self) {
        self.stage = Stage::Behind { live: Assembly::default(), held: VecDeque::new(), page: None };
    }

    /// Ends it. What was held back is forgotten: it will be told again.
    pub fn disconnected(&mut self) {
        self.stage = Stage::Away;
    }

    /// Asks for what was missed, once the client is in all its channels again.
    pub fn ask(&self, out: &mut Vec<u8>) {
        LineWriter::new(out).command("RESUME").last(self.cursor.as_deref().unwrap_or("*")).end();
    }

    /// Takes a line of the server. What is to be shown is appended to `shown`, what is to be sent to `out`.
    pub fn receive(&mut self, line: &[u8], out: &mut Vec<u8>, shown: &mut Vec<Line>) -> Step {
        let Ok(message) = Message::parse(line) else { return Step::On };
        match &mut self.stage {
            Stage::Away => Step::On,
            Stage::Behind { .. } => self.receive_behind(line, &message, out, shown),
            Stage::Live(assembly) => {
                if is_answer(&message, assembly) {
                    return Step::On;
                }
                if let Some(unit) = assembly.take(line, &message) {
                    self.cursor = Some(unit.show(shown));
                }
                Step::On
            }
        }
    }

    fn receive_behind(&mut self, line: &[u8], message: &Message<'_>, out: &mut Vec<u8>, shown: &mut Vec<Line>) -> Step {
        let Stage::Behind { live, held, page } = &mut self.stage else { return Step::On };
        let name = message.params.get(0).unwrap_or_default();
        if message.command == "FAIL" && name == "RESUME" {
            if message.params.get(1) != Some("CURSOR_UNKNOWN") {
                return Step::AskAgain;
            }
            // Without its past, the client goes on from now.
            self.has_gap = true;
            self.cursor = None;
            self.ask(out);
            return Step::Gap;
        }
        if message.command == "BATCH" && message.params.get(1) == Some(PAGE_TYPE) {
            *page = Some(Page::begin(message));
            return Step::On;
        }
        if let Some(open) = page {
            if message.command == "BATCH" && name.strip_prefix('-') == Some(&open.batch) {
                return self.turn_page(out, shown);
            }
            if is_in(message, &open.batch) || open.assembly.has_open(message) {
                open.units.extend(open.assembly.take(line, message));
                return Step::On;
            }
        }
        if is_answer(message, live) {
            return Step::On;
        }
        if held.len() >= HELD_MAX {
            return Step::Overrun;
        }
        held.extend(live.take(line, message));
        Step::On
    }

    /// Shows a page that is complete, and what came live in its place between; then fetches the next, or goes on live.
    fn turn_page(&mut self, out: &mut Vec<u8>, shown: &mut Vec<Line>) -> Step {
        let Stage::Behind { live, held, page } = &mut self.stage else { return Step::On };
        let Some(page) = page.take() else { return Step::On };
        let mut show_before = |cursor: &str, shown: &mut Vec<Line>| {
            while held.front().is_some_and(|unit| !is_before(cursor, &unit.cursor)) {
                shown.extend(held.pop_front().into_iter().flat_map(|unit| unit.lines));
            }
        };
        for unit in page.units {
            show_before(&unit.cursor, shown);
            unit.show(shown);
        }
        show_before(&page.next, shown);
        self.has_gap |= page.has_gap;
        self.cursor = Some(page.next);
        if !page.is_end {
            self.ask(out);
            return Step::On;
        }
        let (live, held) = (std::mem::take(live), std::mem::take(held));
        for unit in held {
            self.cursor = Some(unit.show(shown));
        }
        self.stage = Stage::Live(live);
        Step::Live
    }
}

impl Unit {
    /// Shows it; returns its place.
    fn show(self, shown: &mut Vec<Line>) -> Box<str> {
        shown.extend(self.lines);
        self.cursor
    }
}

impl Page {
    fn begin(message: &Message<'_>) -> Self {
        let param = |place| message.params.get(place).unwrap_or_default();
        Self {
            batch: param(0).trim_start_matches('+').into(),
            next: param(2).into(),
            is_end: param(3) == "end",
            has_gap: message.tags.get(GAP_TAG).is_some(),
            assembly: Assembly::default(),
            units: Vec::new(),
        }
    }
}

impl Assembly {
    /// Tells whether a line belongs to the message of several lines that is open.
    fn has_open(&self, message: &Message<'_>) -> bool {
        self.batch.as_deref().is_some_and(|open| is_in(message, open))
    }

    /// Takes a line; returns what is whole with it. What has no place is left out: typing and the like, and what the client
    /// said before, which has its place already or will be told.
    fn take(&mut self, line: &[u8], message: &Message<'_>) -> Option<Unit> {
        let cursor = message.tags.value(CURSOR_TAG);
        if self.has_open(message) {
            self.lines.push(line.into());
            return None;
        }
        let closed = message.params.get(0).and_then(|name| name.strip_prefix('-'));
        if message.command == "BATCH" && self.batch.is_some() && closed == self.batch.as_deref() {
            self.batch = None;
            if cursor.is_none() {
                self.lines.clear();
            }
        }
        if let Some(cursor) = cursor {
            self.lines.push(line.into());
            return Some(Unit { cursor: cursor.into(), lines: std::mem::take(&mut self.lines) });
        }
        if message.command == "BATCH" && message.params.get(1) == Some("draft/multiline") {
            self.batch = message.params.get(0).map(|name| name.trim_start_matches('+').into());
            self.lines.push(line.into());
        } else if matches!(message.command, "PRIVMSG" | "NOTICE")
            && message.tags.get("msgid").is_some()
            && message.tags.get(ID_TAG).is_none()
        {
            // The first part of a text that did not fit a line.
            self.lines.push(line.into());
        }
        None
    }
}

/// Tells whether a line belongs to a batch.
fn is_in(message: &Message<'_>, batch: &str) -> bool {
    message.tags.value("batch").is_some_and(|name| *name == *batch)
}

/// Tells whether a line is of a batch that answers something else, such as a page of history or what a search has found:
/// nothing that happens now, and without place.
fn is_answer(message: &Message<'_>, assembly: &Assembly) -> bool {
    let is_in_batch = message.tags.get("batch").is_some() && !assembly.has_open(message);
    is_in_batch && message.tags.get(CURSOR_TAG).is_none()
}

/// Tells whether a place comes before another: of two cursors the shorter one, or of the same length the smaller one.
fn is_before(one: &str, other: &str) -> bool {
    (one.len(), one) < (other.len(), other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes lines; returns what is shown, and what is asked.
    fn take(timeline: &mut Timeline, lines: &[&str]) -> (Vec<String>, String, Step) {
        let (mut out, mut shown, mut step) = (Vec::new(), Vec::new(), Step::On);
        for line in lines {
            step = timeline.receive(line.as_bytes(), &mut out, &mut shown);
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let last_words = shown.iter().map(|line| text(line).rsplit(' ').next().unwrap_or_default().to_owned());
        (last_words.collect(), text(&out), step)
    }

    /// A timeline that has seen everything through `c0`.
    fn behind() -> Timeline {
        let mut timeline = Timeline { cursor: Some("c0".into()), ..Timeline::default() };
        timeline.connected();
        timeline
    }

    #[test]
    fn what_was_missed_comes_before_what_came_live() {
        let mut timeline = behind();
        let mut out = Vec::new();
        timeline.ask(&mut out);
        assert_eq!(out, b"RESUME c0\r\n");
        let live = "@loggia.chat/cursor=c9;msgid=9 :b!b@c PRIVMSG #tea :nine";
        let (shown, asked, _) = take(
            &mut timeline,
            &[
                live,
                "@label=r :irc BATCH +1 loggia.chat/resume c2 more",
                "@batch=1;loggia.chat/cursor=c1 :b!b@c PRIVMSG #tea :one",
                "@batch=1;loggia.chat/cursor=c2 :b!b@c PRIVMSG #tea :two",
                ":irc BATCH -1",
            ],
        );
        assert_eq!((shown, asked.as_str()), (vec![":one".into(), ":two".into()], "RESUME c2\r\n"));
        assert_eq!(timeline.cursor(), Some("c2"));
        let (shown, _, step) = take(
            &mut timeline,
            &[
                ":irc BATCH +2 loggia.chat/resume c8 end",
                "@batch=2;msgid=x :b!b@c BATCH +mx draft/multiline #tea",
                "@batch=mx :b!b@c PRIVMSG #tea :three",
                "@batch=2;loggia.chat/cursor=c3 :irc BATCH -mx",
                ":irc BATCH -2",
            ],
        );
        assert_eq!((shown, step), (vec!["#tea".into(), ":three".into(), "-mx".into(), ":nine".into()], Step::Live));
        assert_eq!(timeline.cursor(), Some("c9"));
    }

    #[test]
    fn what_came_live_in_one_channel_stands_where_it_was_said() {
        // The client was in #tea already, and not yet in #milk, when c4 was said there.
        let mut timeline = behind();
        let lines = [
            "@loggia.chat/cursor=c3 :b!b@c PRIVMSG #tea :three",
            "@loggia.chat/cursor=c10 :b!b@c PRIVMSG #tea :ten",
            ":irc BATCH +1 loggia.chat/resume c4 more",
            "@batch=1;loggia.chat/cursor=c2 :b!b@c PRIVMSG #tea :two",
            "@batch=1;loggia.chat/cursor=c4 :b!b@c PRIVMSG #milk :four",
            ":irc BATCH -1",
        ];
        assert_eq!(take(&mut timeline, &lines).0, [":two", ":three", ":four"]);
        assert_eq!(timeline.cursor(), Some("c4"));
        let end = [":irc BATCH +2 loggia.chat/resume c9 end", ":irc BATCH -2"];
        assert_eq!(take(&mut timeline, &end).0, [":ten"]);
        assert_eq!(timeline.cursor(), Some("c10"));
    }

    #[test]
    fn a_connection_that_breaks_leaves_the_cursor_where_everything_was_shown() {
        let mut timeline = behind();
        let page =
            [":irc BATCH +1 loggia.chat/resume c2 more", "@batch=1;loggia.chat/cursor=c1 :b!b@c PRIVMSG #tea :one"];
        assert_eq!(take(&mut timeline, &page).0, [""; 0]);
        timeline.disconnected();
        assert_eq!((timeline.cursor(), timeline.is_live()), (Some("c0"), false));
        assert_eq!(take(&mut timeline, &["@loggia.chat/cursor=c9 :b!b@c PRIVMSG #tea :late"]).0, [""; 0]);
    }

    #[test]
    fn live_a_message_of_several_lines_is_shown_when_it_is_whole() {
        let mut timeline = behind();
        take(&mut timeline, &[":irc BATCH +1 loggia.chat/resume c2 end", ":irc BATCH -1"]);
        let begun = [
            "@msgid=5 :b!b@c BATCH +m5 draft/multiline #tea",
            "@batch=m5 :b!b@c PRIVMSG #tea :five",
            "@+typing=active;msgid=t :b!b@c TAGMSG #tea",
        ];
        assert_eq!(take(&mut timeline, &begun).0, [""; 0]);
        assert_eq!(timeline.cursor(), Some("c2"));
        assert_eq!(take(&mut timeline, &["@loggia.chat/cursor=c5 :irc BATCH -m5"]).0, ["#tea", ":five", "-m5"]);
        assert_eq!(timeline.cursor(), Some("c5"));
        // What was sent again is told without a cursor: it has its place already.
        let again = [
            "@loggia.chat/id=s.1;msgid=5 :b!b@c PRIVMSG #tea :again",
            "@loggia.chat/id=s.2;msgid=6 :b!b@c BATCH +m6 draft/multiline #tea",
            "@batch=m6 :b!b@c PRIVMSG #tea :again",
            ":irc BATCH -m6",
            "@loggia.chat/cursor=c7 :b!b@c NOTICE #tea :seven",
        ];
        assert_eq!(take(&mut timeline, &again).0, [":seven"]);
        let cut = ["@msgid=8 :b!b@c NOTICE #tea :eig", "@loggia.chat/cursor=c8 :b!b@c NOTICE #tea :ht"];
        assert_eq!(take(&mut timeline, &cut).0, [":eig", ":ht"]);
    }

    #[test]
    fn an_answer_about_the_past_is_nothing_that_happens_now() {
        let mut timeline = behind();
        take(&mut timeline, &[":irc BATCH +1 loggia.chat/resume c2 end", ":irc BATCH -1"]);
        let lines = [
            ":irc BATCH +h chathistory #tea",
            "@batch=h;msgid=1 :b!b@c PRIVMSG #tea :old",
            "@batch=h;msgid=2 :b!b@c BATCH +hm draft/multiline #tea",
            "@batch=hm :b!b@c PRIVMSG #tea :older",
            "@batch=h :irc BATCH -hm",
            ":irc BATCH -h",
            "@loggia.chat/cursor=c3;msgid=3 :b!b@c PRIVMSG #tea :new",
        ];
        assert_eq!(take(&mut timeline, &lines).0, [":new"]);
    }

    #[test]
    fn what_is_held_back_is_bounded() {
        let mut timeline = behind();
        let line = "@loggia.chat/cursor=c9 :b!b@c PRIVMSG #tea :nine";
        for _ in 0..HELD_MAX {
            assert_eq!(take(&mut timeline, &[line]).2, Step::On);
        }
        assert_eq!(take(&mut timeline, &[line]).2, Step::Overrun);
    }

    #[test]
    fn a_cursor_that_nobody_knows_is_a_gap() {
        let mut timeline = behind();
        let unreadable = [":irc FAIL RESUME CURSOR_UNREADABLE c0 :again"];
        assert_eq!(take(&mut timeline, &unreadable).2, Step::AskAgain);
        let (_, asked, step) = take(&mut timeline, &[":irc FAIL RESUME CURSOR_UNKNOWN c0 :gap"]);
        assert_eq!((asked.as_str(), step), ("RESUME *\r\n", Step::Gap));
        assert!(timeline.take_gap() && !timeline.take_gap());
        take(&mut timeline, &["@loggia.chat/gap :irc BATCH +1 loggia.chat/resume c2 end", ":irc BATCH -1"]);
        assert!(timeline.take_gap() && timeline.is_live());
    }
}
