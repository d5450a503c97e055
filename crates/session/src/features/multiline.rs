//! Multi-line messages on the wire. Meaning: `chat::features::multiline`. Proof: `scenarios/multiline.txt`.
//!
//! A client sends them as a batch, which `irc_session::batch` collects into a [`Draft`]; whoever has the capability is sent a
//! batch again, and everybody else one message for each line that is not blank. A message of one line is an ordinary one.
//!
//! Spec: `IRCv3` draft "multiline". NOTICE is taken as well as PRIVMSG: the two share every rule here.

use chat::command::Say;
use chat::event::{Event, Message, MessageKind, MessageTags};
use chat::features::multiline::{Joined, Line, lines};
use irc::capability::CapSet;
use irc::line::LineLimits;
use irc::tags::{Tags, escape};
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter, word_or_star};

use super::message::{client_tags, first_line, head_bytes, relayed_tags, split, tagged_line};
use super::resume;
use crate::irc_session::commands::Complaint;
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_tags;
use crate::settings::Settings;
use crate::texts;

/// The type of the batch, and of the tag on lines that continue the one before them.
pub const BATCH_TYPE: &str = "draft/multiline";
const CONCAT_TAG: &str = "draft/multiline-concat";

/// Whoever has both is sent batches: `draft/multiline` depends on `batch`.
pub const BATCH_CAPS: CapSet = CapSet::BATCH.union(CapSet::MULTILINE);

/// A message that a client is sending line by line. Never more than the limits of a message.
#[derive(Clone, Debug)]
pub struct Draft {
    target: Box<str>,
    tags: MessageTags,
    /// What its first line was.
    kind: Option<MessageKind>,
    joined: Joined,
}

impl Draft {
    /// Begins one: `BATCH +reference draft/multiline target`.
    ///
    /// # Errors
    /// MULTILINE_INVALID without exactly one target.
    pub fn open(session: &IrcSession, message: &irc::message::Message<'_>, cx: &Cx<'_>) -> Result<Self, Complaint> {
        let target = message.params.get(2).filter(|target| !target.is_empty() && !target.contains(','));
        let target = target.ok_or_else(|| invalid(texts::multiline_target(cx.settings.language)))?;
        Ok(Self {
            target: target.into(),
            tags: client_tags(session, message.tags),
            kind: None,
            joined: Joined::default(),
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// MULTILINE_INVALID_TARGET, MULTILINE_MAX_LINES, MULTILINE_MAX_BYTES; MULTILINE_INVALID for what is neither PRIVMSG nor
    /// NOTICE, or not both times the same, for a blank line that continues another, and for a line that would not fit
    /// those that others are sent, and for tags that together are too many.
    pub fn add(
        &mut self,
        session: &IrcSession,
        message: &irc::message::Message<'_>,
        cx: &Cx<'_>,
    ) -> Result<(), Complaint> {
        let language = cx.settings.language;
        let kind = [MessageKind::Privmsg, MessageKind::Notice].into_iter().find(|kind| message.is_command(kind.name()));
        let (Some(kind), Some(target), Some(text)) = (kind, message.params.get(0), message.params.get(1)) else {
            return Err(invalid(texts::multiline_line(language)));
        };
        if *self.kind.get_or_insert(kind) != kind {
            return Err(invalid(texts::multiline_line(language)));
        }
        if !cx.settings.chat.names.casemapping.same(target, &self.target) {
            let context = [word_or_star(&self.target), word_or_star(target)];
            let text = texts::multiline_target(language);
            return Err(Complaint::fail_about("BATCH", "MULTILINE_INVALID_TARGET", &context, text));
        }
        let line = Line { text, concat: message.tags.get(CONCAT_TAG).is_some() };
        if line.concat && text.is_empty() {
            return Err(invalid(texts::multiline_blank(language)));
        }
        if head_bytes(session.mask(), kind, target) + text.len() > BODY_CONTENT_BYTES_MAX {
            return Err(invalid(texts::multiline_long_line(language)));
        }
        let (bytes_max, lines_max) = (cx.settings.multiline_max_bytes, cx.settings.multiline_max_lines);
        if self.joined.lines() >= lines_max {
            let text = texts::multiline_lines(language);
            return Err(Complaint::fail_about("BATCH", "MULTILINE_MAX_LINES", &[&lines_max.to_string()], text));
        }
        if self.joined.bytes_with(line) > bytes_max {
            let text = texts::multiline_bytes(language);
            return Err(Complaint::fail_about("BATCH", "MULTILINE_MAX_BYTES", &[&bytes_max.to_string()], text));
        }
        self.take_tags(session, message.tags, cx)?;
        self.joined.push(line);
        Ok(())
    }

    /// Takes the client's tags on a line inside: the whole message has them. What the opening line, or an earlier one, says
    /// of the same key counts. Clients are to put them all on the opening line; what some put elsewhere is not lost.
    fn take_tags(&mut self, session: &IrcSession, tags: Tags<'_>, cx: &Cx<'_>) -> Result<(), Complaint> {
        for (key, value) in client_tags(session, tags) {
            if !self.tags.iter().any(|(known, _)| *known == key) {
                self.tags.push((key, value));
            }
        }
        if tags_bytes(&self.tags) > usize::from(LineLimits::FROM_CLIENT.tags_bytes_max) {
            return Err(invalid(texts::multiline_tags(cx.settings.language)));
        }
        Ok(())
    }

    /// Ends it: what is said. Nothing is left of the draft then; with an error, all of it.
    ///
    /// # Errors
    /// MULTILINE_INVALID when there is nothing to read in it.
    pub fn finish(&mut self, cx: &Cx<'_>) -> Result<Say, Complaint> {
        let Some(kind) = self.kind.filter(|_| !self.joined.is_blank()) else {
            return Err(invalid(texts::multiline_blank(cx.settings.language)));
        };
        let one_line = self.joined.lines() == 1;
        let (text, concats) = core::mem::take(&mut self.joined).finish();
        let (target, tags) = (core::mem::take(&mut self.target), core::mem::take(&mut self.tags));
        Ok(Say { kind, target, text: text.into(), tags, concats: Some(concats).filter(|_| !one_line) })
    }
}

/// Returns the bytes of `@key=value;key ` as these tags are passed on.
fn tags_bytes(tags: &MessageTags) -> usize {
    let bytes = |(key, value): &(Box<str>, Option<Box<str>>)| {
        key.len() + value.as_ref().map_or(0, |value| "=".len() + escape(value).len()) + ";".len()
    };
    tags.iter().map(bytes).sum::<usize>() + "@".len()
}

/// Makes the complaint for all that has no code of its own.
pub fn invalid(text: &'static str) -> Complaint {
    Complaint::fail("BATCH", "MULTILINE_INVALID", text)
}

/// Writes a message of several lines: a batch, or the lines alone. A line that does not fit — plain clients send such — is
/// cut into pieces that continue it.
pub fn event(event: &Event, message: &Message, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    let target = message.target.shown();
    let room = BODY_CONTENT_BYTES_MAX.saturating_sub(head_bytes(message.sender.mask(), message.how, &target));
    let concats = message.concats.as_deref().unwrap_or_default();
    let pieces: Vec<Line<'_>> = lines(&message.text, concats).flat_map(|line| split::fitting(line, room)).collect();
    if let [line] = pieces[..] {
        return first_line(event, message, caps, out).param(&target).trailing(line.text).end();
    }
    if caps.contains(BATCH_CAPS) {
        return batch(event, message, &target, &pieces, caps, settings, out);
    }
    let mut pieces = pieces.iter().filter(|line| !line.text.is_empty());
    let Some(first) = pieces.next() else { return };
    let mut rest_of = pieces.peekable();
    let first_caps = if rest_of.peek().is_some() { caps - CapSet::DELIVERY } else { caps };
    first_line(event, message, first_caps, out).param(&target).trailing(first.text).end();
    let rest = Event { id: None, ..event.clone() };
    while let Some(piece) = rest_of.next() {
        // Who has seen the last line has seen all.
        let line = LineWriter::new(out);
        let line = if rest_of.peek().is_none() { resume::cursor(line, event, caps) } else { line };
        tagged_line(line, &rest, message, caps).param(&target).trailing(piece.text).end();
    }
}

fn batch(
    event: &Event,
    message: &Message,
    target: &str,
    pieces: &[Line<'_>],
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    // One batch for all who see it: named after the message, which no batch that answers a label is.
    let reference = event.id.map_or_else(|| "m".to_owned(), |id| format!("m{id}"));
    let source = message.sender.mask();
    relayed_tags(event_tags(LineWriter::new(out), event, caps - CapSet::DELIVERY), message, caps)
        .source(source)
        .command("BATCH")
        .param(&format!("+{reference}"))
        .param(BATCH_TYPE)
        .param(target)
        .end();
    for piece in pieces {
        let line = LineWriter::new(out).tag("batch", Some(&reference));
        let line = if piece.concat { line.tag(CONCAT_TAG, None) } else { line };
        line.source(source).command(message.how.name()).param(target).trailing(piece.text).end();
    }
    let line = resume::cursor(LineWriter::new(out), event, caps).source(settings.server_name());
    line.command("BATCH").param(&format!("-{reference}")).end();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chat::command::Command;
    use chat::event::{EventKind, Target};
    use chat::ids::{ChannelId, LogId, MsgId, Seq, SessionId, UserId};
    use chat::time::Now;
    use proptest::prelude::*;

    use super::*;
    use crate::features::isupport::Isupport;
    use crate::features::testing::{alice, settings, shown_as, tea};
    use crate::irc_session::Stage;
    use crate::settings::Peer;

    /// The text of each line that somebody with these capabilities is sent, and whether it continues the one before it.
    fn seen(joined: Joined, caps: CapSet) -> Vec<(String, bool)> {
        let (text, concats) = joined.finish();
        let message = Arc::new(Message {
            how: MessageKind::Privmsg,
            user: UserId(1),
            sender: alice(),
            target: Target::Channel { id: ChannelId(1), name: tea().name, rank: None },
            text: text.into(),
            tags: Vec::new(),
            concats: Some(concats),
            relayed_by: None,
        });
        let id = Some(MsgId { log: LogId(1), seq: Seq(2) });
        let kind = EventKind::Message(Arc::clone(&message));
        let written = shown_as(&kind, id, alice(), |happened, out| event(happened, &message, caps, &settings(), out));
        let lines = written.split_terminator("\r\n").map(|line| irc::message::Message::parse(line.as_bytes()));
        let messages = lines.flatten().filter(|line| line.is_command("PRIVMSG"));
        messages
            .map(|line| (line.params.get(1).unwrap_or_default().to_owned(), line.tags.get(CONCAT_TAG).is_some()))
            .collect()
    }

    /// Returns what alice says with these lines in a batch to bob, or the codes of what she is told.
    fn sent(given: &[(String, bool)], lines_max: usize, bytes_max: usize) -> Result<Say, Vec<String>> {
        let settings = Settings { multiline_max_lines: lines_max, multiline_max_bytes: bytes_max, ..settings() };
        let mut session = IrcSession::new(Now::default());
        session.stage = Stage::Registered;
        session.caps = BATCH_CAPS;
        session.set_person(alice());
        let (mut out, mut requests, mut actions) = (Vec::new(), Vec::new(), Vec::new());
        let lines = given.iter().map(|(text, concat)| {
            let tag = if *concat { ";draft/multiline-concat" } else { "" };
            format!("@batch=1{tag} PRIVMSG bob :{text}")
        });
        let (begin, isupport) = ("BATCH +1 draft/multiline bob".to_owned(), Isupport::of(&settings));
        for line in core::iter::once(begin).chain(lines).chain(["BATCH -1".to_owned()]) {
            let mut cx = Cx {
                settings: &settings,
                isupport: &isupport,
                now: Now::default(),
                id: SessionId(1),
                peer: &mut Peer::new([127, 0, 0, 1].into()),
                out: &mut out,
                requests: &mut requests,
                actions: &mut actions,
                unknown: 0,
            };
            session.receive(format!("{line}\r\n").as_bytes(), &mut cx);
        }
        let mut commands = requests.into_iter().flat_map(|request| request.commands);
        match (commands.next(), commands.next(), out.is_empty()) {
            (Some(Command::Message(say)), None, true) => Ok(*say),
            (None, None, false) => {
                let told = String::from_utf8_lossy(&out).into_owned();
                Err(told
                    .split_terminator("\r\n")
                    .filter_map(|line| line.split(' ').nth(3))
                    .map(str::to_owned)
                    .collect())
            }
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        /// A message within the limits is said as it is; one that is over any of them is refused once, with the reason that
        /// came first, and nothing of it is said.
        #[test]
        fn the_limits_hold_to_the_line_and_the_byte(
            given in prop::collection::vec(("|[a-zè]{1,6}", any::<bool>()), 1..8),
            lines_max in 1_usize..8,
            bytes_max in 1_usize..40,
        ) {
            let (mut text, mut reason) = (String::new(), None);
            for (place, (line, concat)) in given.iter().enumerate() {
                let end = if place > 0 && !concat { "\n" } else { "" };
                reason = reason.or(match () {
                    () if *concat && line.is_empty() => Some("MULTILINE_INVALID"),
                    () if place >= lines_max => Some("MULTILINE_MAX_LINES"),
                    () if text.len() + end.len() + line.len() > bytes_max => Some("MULTILINE_MAX_BYTES"),
                    () => None,
                });
                text = [&text, end, line].concat();
            }
            let is_blank = text.bytes().all(|byte| byte == b'\n');
            match reason.or(is_blank.then_some("MULTILINE_INVALID")) {
                None => prop_assert_eq!(sent(&given, lines_max, bytes_max).map(|say| say.text.to_string()), Ok(text)),
                Some(reason) => {
                    let told = sent(&given, lines_max, bytes_max).map(|say| say.text);
                    prop_assert_eq!(told, Err(vec![reason.to_owned()]));
                }
            }
        }

        /// What a batch says is what was said; the lines alone say the same, but for those that are blank. Nothing is too
        /// long for its line.
        #[test]
        fn a_batch_and_its_lines_say_the_same(
            given in prop::collection::vec(("[a-zè ]{0,3}|[è]{300}", any::<bool>()), 1..6)
        ) {
            let mut joined = Joined::default();
            for (place, (text, concat)) in given.iter().enumerate() {
                joined.push(Line { text, concat: *concat && place > 0 && !text.is_empty() });
            }
            let (text, _) = joined.clone().finish();
            let batch = seen(joined.clone(), BATCH_CAPS);
            let mut again = String::new();
            for (place, (line, concat)) in batch.iter().enumerate() {
                prop_assert!(line.len() <= BODY_CONTENT_BYTES_MAX - ":alice!~alice@home PRIVMSG #tea :".len());
                if place > 0 && !concat {
                    again.push('\n');
                }
                again.push_str(line);
            }
            prop_assert_eq!(&again, &text);
            let blank = |line: &&(String, bool)| !line.0.is_empty();
            let expected: Vec<&str> = batch.iter().filter(blank).map(|(line, _)| line.as_str()).collect();
            let alone = seen(joined, CapSet::empty());
            let alone: Vec<&str> = alone.iter().filter(blank).map(|(line, _)| line.as_str()).collect();
            prop_assert_eq!(alone, expected);
        }
    }
}
