//! Logs of irssi, as it writes them without changes to its theme.
//!
//! ```text
//! --- Log opened Sun Nov 29 18:30:00 2026
//! 18:30 <@alice> hello
//! 18:31  * bob waves
//! 18:31 -bob:#tea- psst
//! --- Day changed Mon Nov 30 2026
//! ```
//!
//! A log does not say where it was written, nor in which time zone: both are told to the reader. Who came and went is left
//! out.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::local_time::LocalTime;
use crate::said::{How, Said, Sink, SourceId};
use crate::trouble::Trouble;

/// Reads a log line by line.
#[derive(Debug)]
pub struct Reader {
    what: String,
    channel: String,
    time: LocalTime,
    day: Option<Date>,
    line: u64,
    repeated: Repeated,
}

/// How often the very same line has come in a row: two equal lines of a minute are two messages.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    last: String,
    times: u32,
}

impl Repeated {
    /// Counts a line within its minute or second.
    pub(crate) fn count(&mut self, line: &str) -> String {
        self.times = if self.last == line { self.times + 1 } else { 0 };
        line.clone_into(&mut self.last);
        self.times.to_string()
    }
}

impl Reader {
    /// Begins a log of this channel; `what` names the file in what is said about it.
    pub fn new(what: &str, channel: &str, zone: TimeZone) -> Self {
        Self {
            what: what.to_owned(),
            channel: channel.to_owned(),
            time: LocalTime::new(zone),
            day: None,
            line: 0,
            repeated: Repeated::default(),
        }
    }

    /// Takes a line, without its end.
    ///
    /// # Errors
    /// When it is no line of such a log, and what the sink says.
    pub fn line<E>(&mut self, line: &str, sink: &mut impl Sink<E>) -> Result<(), Trouble<E>> {
        self.line += 1;
        if let Some(mark) = line.strip_prefix("--- ") {
            return self.mark(mark);
        }
        if line.is_empty() {
            return Ok(());
        }
        let Some((clock, rest)) = line.split_once(' ') else {
            return Err(self.wrong("this is no line of an irssi log"));
        };
        let Some(clock) = clock_time(clock) else { return Err(self.wrong("it does not begin with a time")) };
        let Some(day) = self.day else {
            return Err(self.wrong("no line before it tells the day (`--- Log opened …`)"));
        };
        let Some((how, by, text)) = said(rest) else {
            sink.left_out("lines that tell who came, went or changed something");
            return Ok(());
        };
        let wall = day.to_datetime(clock);
        let source = SourceId::of(&["irssi", &self.channel, &wall.to_string(), line, &self.repeated.count(line)]);
        let Some(at) = self.time.at(wall) else { return Err(self.wrong("its time is beyond the calendar")) };
        let (channel, by, text) = (self.channel.clone(), by.to_owned(), text.to_owned());
        let said = Said { source, at, channel, by, how, text, reply_to: None, reactions: Vec::new() };
        sink.said(said).map_err(Trouble::Keep)
    }

    fn mark<E>(&mut self, mark: &str) -> Result<(), Trouble<E>> {
        let day = if let Some(opened) = mark.strip_prefix("Log opened ") {
            date_time(opened).map(DateTime::date)
        } else if let Some(changed) = mark.strip_prefix("Day changed ") {
            parsed("%a %b %d %Y", changed).and_then(|parsed| parsed.to_date().ok())
        } else {
            return Ok(());
        };
        self.day = Some(day.ok_or_else(|| self.wrong("this day cannot be read"))?);
        Ok(())
    }

    fn wrong<E>(&self, why: &str) -> Trouble<E> {
        Trouble::Format { what: self.what.clone(), line: self.line, why: why.to_owned() }
    }
}

fn parsed(format: &str, text: &str) -> Option<BrokenDownTime> {
    BrokenDownTime::parse(format, text.trim_end()).ok()
}

fn date_time(text: &str) -> Option<DateTime> {
    parsed("%a %b %d %H:%M:%S %Y", text)?.to_datetime().ok()
}

/// Reads `18:30` or `18:30:05`.
fn clock_time(text: &str) -> Option<Time> {
    let is_clock = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let format = match text.len() {
        5 => "%H:%M",
        8 => "%H:%M:%S",
        _ => return None,
    };
    is_clock.then(|| parsed(format, text))??.to_time().ok()
}

/// Takes apart what stands behind the time; `None` for what nobody said.
fn said(rest: &str) -> Option<(How, &str, &str)> {
    let (how, by, text) = if let Some(rest) = rest.strip_prefix('<') {
        let (by, text) = rest.split_once("> ")?;
        (How::Message, without_rank(by), text)
    } else if let Some(rest) = rest.strip_prefix(" * ") {
        let (by, text) = rest.split_once(' ')?;
        (How::Action, by, text)
    } else if rest.starts_with("-!-") {
        return None;
    } else {
        let (by, text) = rest.strip_prefix('-')?.split_once("- ")?;
        (How::Notice, by.split(':').next().unwrap_or(by), text)
    };
    (!by.is_empty() && !text.is_empty()).then_some((how, by, text))
}

/// Takes the sign of a rank from a nick, or the space that stands for none.
pub(crate) fn without_rank(nick: &str) -> &str {
    nick.strip_prefix([' ', '~', '&', '@', '%', '+']).unwrap_or(nick)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::said::testing::{Heap, times};

    const LOG: &str = "\
--- Log opened Sun Nov 29 23:59:00 2026
23:59 -!- bob [~bob@example.net] has joined #tea
23:59 <@alice> hello: <b> & all
23:59 < bob> hi
23:59 < bob> hi
23:59  * bob waves
--- Day changed Mon Nov 30 2026
00:01 -carol:#tea- psst
00:01:30 <dave> with seconds
--- Log closed Mon Nov 30 00:02:00 2026
";

    fn read(log: &str) -> Result<Heap, Trouble<()>> {
        let (mut heap, mut reader) = (Heap::default(), Reader::new("tea.log", "#tea", TimeZone::UTC));
        log.lines().try_for_each(|line| reader.line(line, &mut heap))?;
        Ok(heap)
    }

    #[test]
    fn what_was_said_is_read_with_its_day() {
        let heap = read(LOG).unwrap();
        let said: Vec<_> = heap.said.iter().map(|said| (said.by.as_str(), said.how, said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("alice", How::Message, "hello: <b> & all"),
                ("bob", How::Message, "hi"),
                ("bob", How::Message, "hi"),
                ("bob", How::Action, "waves"),
                ("carol", How::Notice, "psst"),
                ("dave", How::Message, "with seconds"),
            ]
        );
        assert_eq!(
            times(&heap),
            [
                "2026-11-29T23:59:00Z",
                "2026-11-29T23:59:00.001Z",
                "2026-11-29T23:59:00.002Z",
                "2026-11-29T23:59:00.003Z",
                "2026-11-30T00:01:00Z",
                "2026-11-30T00:01:30Z",
            ]
        );
        assert_eq!(heap.left_out.len(), 1);
    }

    #[test]
    fn the_same_log_gives_the_same_ids_and_equal_lines_different_ones() {
        let ids = |heap: &Heap| heap.said.iter().map(|said| said.source).collect::<Vec<_>>();
        let (first, second) = (read(LOG).unwrap(), read(LOG).unwrap());
        assert_eq!(ids(&first), ids(&second));
        let mut unique = ids(&first);
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), first.said.len());
    }

    #[test]
    fn what_is_no_log_is_told_with_its_line() {
        for (log, line, why) in [
            ("18:30 <alice> hello", 1, "no line before it tells the day"),
            ("--- Log opened Sun Nov 29 23:59:00 2026\nhello there", 2, "does not begin with a time"),
            ("--- Log opened some day", 1, "this day cannot be read"),
            ("--- Log opened Sun Nov 29 23:59:00 2026\n99:99 <a> b", 2, "does not begin with a time"),
            ("hello", 1, "no line of an irssi log"),
        ] {
            let Err(Trouble::Format { line: found, why: said, .. }) = read(log) else { panic!("{log}") };
            assert!(found == line && said.contains(why), "{log}: {found}: {said}");
        }
    }
}
