//! One thing that is to be said or changed.

use irc::write::LineWriter;
use serde::{Deserialize, Serialize};

use crate::outcome::{Receipt, Refusal};

/// A client tag that goes along, unescaped.
pub type Tag = (Box<str>, Option<Box<str>>);

/// What is to be said or changed. Lengths are the caller's affair: what does not fit a line the server refuses, and cannot
/// say for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// PRIVMSG or NOTICE.
    Say {
        /// Whether it is a NOTICE.
        notice: bool,
        /// A channel or a nick.
        target: Box<str>,
        /// The text; with `\n` in it, a message of several lines.
        text: Box<str>,
        /// Client tags.
        tags: Vec<Tag>,
    },
    /// TAGMSG: client tags alone.
    Tags {
        /// A channel or a nick.
        target: Box<str>,
        /// Client tags, such as a reaction.
        tags: Vec<Tag>,
    },
    /// EDIT: other words for something that was said.
    Edit {
        /// Where it was said.
        target: Box<str>,
        /// Its id.
        msgid: Box<str>,
        /// The new words.
        text: Box<str>,
    },
    /// REDACT: something that was said is taken back.
    Redact {
        /// Where it was said.
        target: Box<str>,
        /// Its id.
        msgid: Box<str>,
        /// Why; none for no reason.
        reason: Option<Box<str>>,
    },
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was not sent, or is known not to be kept.
    Waiting,
    /// It was sent on the connection at hand.
    Sent,
    /// It was sent, and the connection ended before anything was known.
    Unknown,
    /// The server keeps it.
    Kept(Receipt),
    /// The server does not keep it, and it is not sent again.
    Refused(Refusal),
}

/// An entry of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub what: What,
    /// How far it is.
    pub state: State,
}

impl State {
    /// Tells whether nothing can become of it any more.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Kept(_) | Self::Refused(_))
    }
}

impl What {
    /// Says something in a channel or to somebody.
    pub fn say(target: &str, text: &str) -> Self {
        Self::Say { notice: false, target: target.into(), text: text.into(), tags: Vec::new() }
    }

    /// Tells whether it is a message of several lines.
    pub(super) fn has_lines(&self) -> bool {
        matches!(self, Self::Say { text, .. } if text.contains('\n'))
    }

    /// Returns the command and the target, as a refusal names them.
    pub(super) fn names(&self) -> (&'static str, &str) {
        match self {
            Self::Say { notice: true, target, .. } => ("NOTICE", target),
            Self::Say { notice: false, target, .. } => ("PRIVMSG", target),
            Self::Tags { target, .. } => ("TAGMSG", target),
            Self::Edit { target, .. } => ("EDIT", target),
            Self::Redact { target, .. } => ("REDACT", target),
        }
    }

    /// Writes its lines. `tag` stands on the one that is answered; without `takes_tags`, client tags are left out.
    pub(super) fn write(&self, tag: Option<(&str, &str)>, number: u64, takes_tags: bool, out: &mut Vec<u8>) {
        let (command, _) = self.names();
        match self {
            Self::Say { target, text, tags, .. } => {
                let tags = if takes_tags { &tags[..] } else { &[] };
                if !self.has_lines() {
                    return with_tags(begin(tag, out), tags).command(command).param(target).trailing(text).end();
                }
                let name = format!("out-{number}");
                with_tags(begin(tag, out), tags)
                    .command("BATCH")
                    .param(&format!("+{name}"))
                    .param("draft/multiline")
                    .param(target)
                    .end();
                for line in text.split('\n') {
                    let tagged = LineWriter::new(out).tag("batch", Some(&name));
                    tagged.command(command).param(target).trailing(line).end();
                }
                LineWriter::new(out).command("BATCH").param(&format!("-{name}")).end();
            }
            Self::Tags { target, tags } => with_tags(begin(tag, out), tags).command("TAGMSG").param(target).end(),
            Self::Edit { target, msgid, text } => begin(tag, out)
                .tag("draft/target-msgid", Some(msgid))
                .tag("draft/edit-text", Some(text))
                .command("EDIT")
                .param(target)
                .end(),
            Self::Redact { target, msgid, reason } => {
                let line = begin(tag, out).command("REDACT").param(target).param(msgid);
                match reason {
                    Some(reason) => line.trailing(reason).end(),
                    None => line.end(),
                }
            }
        }
    }
}

/// Begins the line that is answered.
fn begin<'a>(tag: Option<(&str, &str)>, out: &'a mut Vec<u8>) -> LineWriter<'a> {
    let line = LineWriter::new(out);
    match tag {
        Some((key, value)) => line.tag(key, Some(value)),
        None => line,
    }
}

fn with_tags<'a>(line: LineWriter<'a>, tags: &[Tag]) -> LineWriter<'a> {
    tags.iter().fold(line, |line, (key, value)| line.tag(key, value.as_deref()))
}
