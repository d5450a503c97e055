//! Logs and exports of other programs: whatever stands in them, what is read has a time, a name and a text.

use import::{Said, Sink, discord, irssi, mattermost, slack, weechat};
use jiff::tz::TimeZone;

/// Parts of them.
pub const WORDS: &[&[u8]] = &[
    b"--- Log opened Sun Nov 29 18:30:00 2026\n",
    b"--- Day changed Mon Nov 30 2026\n",
    b"18:30 <@alice> hello\n",
    b"18:31  * bob waves\n",
    b"18:31 -bob:#tea- psst\n",
    b"2026-11-29 18:30:00\t@alice\thello\n",
    b"2026-11-29 18:30:00\t--\tNotice(bob): psst\n",
    b"{\"type\":\"version\",\"version\":1}\n",
    b"{\"type\":\"channel\",\"channel\":{\"team\":\"t\",\"name\":\"tea\",\"type\":\"O\"}}\n",
    b"{\"type\":\"post\",\"post\":{\"team\":\"t\",\"channel\":\"tea\",\"user\":\"a\",\"message\":\"m\",\"create_at\":1}}\n",
    b"{\"channel\":{\"name\":\"tea\"},\"messages\":[",
    b"{\"id\":\"1\",\"timestamp\":\"2026-11-29T18:30:00Z\",\"content\":\"<@1>\",\"author\":{\"name\":\"a\"}}",
    b"[{\"type\":\"message\",\"user\":\"U1\",\"ts\":\"1795973400.000200\",\"text\":\"<@U1> <http://a|b>\"}]",
    b"\"reactions\":[{\"name\":\"+1\",\"users\":[\"U1\"]}]",
    b"9999-12-31 23:59:59",
];

/// Looks at what is read.
#[derive(Default)]
struct Looker {
    /// Of logs, whose times only grow.
    last: Option<i64>,
    is_log: bool,
}

impl Sink<()> for Looker {
    fn said(&mut self, said: Said) -> Result<(), ()> {
        assert!(!said.text.is_empty() && !said.channel.is_empty(), "{said:?}");
        if self.is_log {
            assert!(self.last.is_none_or(|last| last < said.at), "time goes back to {said:?}");
            assert!(!said.by.is_empty());
            self.last = Some(said.at);
        }
        Ok(())
    }

    fn left_out(&mut self, _why: &'static str) {}
}

/// The whole input is one file. What is wrong with it is an error, and nothing else.
pub fn import(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let log = || Looker { is_log: true, ..Looker::default() };
    let (mut looker, mut reader) = (log(), irssi::Reader::new("file", "#tea", TimeZone::UTC));
    let _ = text.lines().try_for_each(|line| reader.line(line, &mut looker));
    let (mut looker, mut reader) = (log(), weechat::Reader::new("file", "#tea", TimeZone::UTC));
    let _ = text.lines().try_for_each(|line| reader.line(line, &mut looker));
    let (mut looker, mut reader) = (Looker::default(), mattermost::Reader::new("file"));
    let _ = text.lines().try_for_each(|line| reader.line(line, &mut looker));
    let _ = discord::read("file", data, Some("#tea"), &mut looker);
    let users = slack::Users::read::<()>(data).unwrap_or_default();
    for channel in slack::channels::<()>(br#"[{"name":"tea"}]"#).unwrap_or_default() {
        let _ = slack::day("file", &channel, &users, data, &mut looker);
    }
}
