//! Logs of WeeChat, as its logger writes them without changes to its settings: time, prefix and text, separated by tabs.
//!
//! ```text
//! 2026-11-29 18:30:00 ⇥ @alice ⇥ hello
//! 2026-11-29 18:31:00 ⇥  *     ⇥ bob waves
//! 2026-11-29 18:31:10 ⇥ --     ⇥ Notice(bob): psst
//! ```
//!
//! Channel and time zone are told to the reader; who came and went is left out.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::irssi::{Repeated, without_rank};
use crate::local_time::LocalTime;
use crate::said::{How, Said, Sink, SourceId};
use crate::trouble::Trouble;

/// Reads a log line by line.
#[derive(Debug)]
pub struct Reader {
    what: String,
    channel: String,
    time: LocalTime,
    line: u64,
    repeated: Repeated,
}

impl Reader {
    /// Begins a log of this channel; `what` names the file in what is said about it.
    pub fn new(what: &str, channel: &str, zone: TimeZone) -> Self {
        let (what, channel) = (what.to_owned(), channel.to_owned());
        Self { what, channel, time: LocalTime::new(zone), line: 0, repeated: Repeated::default() }
    }

    /// Takes a line, without its end.
    ///
    /// # Errors
    /// When it is no line of such a log, and what the sink says.
    pub fn line<E>(&mut self, line: &str, sink: &mut impl Sink<E>) -> Result<(), Trouble<E>> {
        self.line += 1;
        if line.is_empty() {
            return Ok(());
        }
        let mut columns = line.splitn(3, '\t');
        let (Some(time), Some(prefix), Some(text)) = (columns.next(), columns.next(), columns.next()) else {
            return Err(self.wrong("it does not have a time, a prefix and a text, separated by tabs"));
        };
        let Some(wall) = wall(time) else { return Err(self.wrong("its time cannot be read")) };
        let Some((how, by, text)) = said(prefix, text) else {
            sink.left_out("lines that tell who came, went or changed something");
            return Ok(());
        };
        let source = SourceId::of(&["weechat", &self.channel, line, &self.repeated.count(line)]);
        let Some(at) = self.time.at(wall) else { return Err(self.wrong("its time is beyond the calendar")) };
        let (channel, by, text) = (self.channel.clone(), by.to_owned(), text.to_owned());
        let said = Said { source, at, channel, by, how, text, reply_to: None, reactions: Vec::new() };
        sink.said(said).map_err(Trouble::Keep)
    }

    fn wrong<E>(&self, why: &str) -> Trouble<E> {
        Trouble::Format { what: self.what.clone(), line: self.line, why: why.to_owned() }
    }
}

fn wall(time: &str) -> Option<DateTime> {
    BrokenDownTime::parse("%Y-%m-%d %H:%M:%S", time).ok()?.to_datetime().ok()
}

/// Says who said what; `None` for what nobody said.
fn said<'a>(prefix: &'a str, text: &'a str) -> Option<(How, &'a str, &'a str)> {
    let (how, by, text) = match prefix.trim_start() {
        "*" => {
            let (by, text) = text.split_once(' ')?;
            (How::Action, by, text)
        }
        "--" => {
            let (by, text) = text.strip_prefix("Notice(")?.split_once("): ")?;
            (How::Notice, by, text)
        }
        "-->" | "<--" | "=!=" | "" => return None,
        by => (How::Message, without_rank(by), text),
    };
    (!by.is_empty() && !text.is_empty()).then_some((how, by, text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::said::testing::{Heap, times};

    fn read(log: &str) -> Result<Heap, Trouble<()>> {
        let (mut heap, mut reader) = (Heap::default(), Reader::new("tea.weechatlog", "#tea", TimeZone::UTC));
        log.lines().try_for_each(|line| reader.line(line, &mut heap))?;
        Ok(heap)
    }

    #[test]
    fn what_was_said_is_read() {
        let log = "2026-11-29 18:30:00\t-->\tbob (~bob@example.net) has joined #tea\n\
                   2026-11-29 18:30:00\t@alice\thello\twith a tab\n\
                   2026-11-29 18:30:00\t@alice\thello\twith a tab\n\
                   2026-11-29 18:31:00\t *\tbob waves\n\
                   2026-11-29 18:31:10\t--\tNotice(bob): psst\n\
                   2026-11-29 18:31:10\t--\tMode #tea [+o bob] by alice\n";
        let heap = read(log).unwrap();
        let said: Vec<_> = heap.said.iter().map(|said| (said.by.as_str(), said.how, said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("alice", How::Message, "hello\twith a tab"),
                ("alice", How::Message, "hello\twith a tab"),
                ("bob", How::Action, "waves"),
                ("bob", How::Notice, "psst"),
            ]
        );
        assert_eq!(times(&heap)[..2], ["2026-11-29T18:30:00Z", "2026-11-29T18:30:00.001Z"]);
        assert_ne!(heap.said[0].source, heap.said[1].source);
        assert_eq!(heap.left_out.len(), 2);
    }

    #[test]
    fn what_is_no_log_is_told_with_its_line() {
        for (log, why) in
            [("18:30 <alice> hello", "separated by tabs"), ("2026-13-29 18:30:00\talice\thello", "time cannot be read")]
        {
            let Err(Trouble::Format { line: 1, why: said, .. }) = read(log) else { panic!("{log}") };
            assert!(said.contains(why), "{log}: {said}");
        }
    }
}
