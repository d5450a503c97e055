//! CHATHISTORY on the wire. Meaning: `chat::features::chathistory`. Proof: `scenarios/chathistory.txt`,
//! `chathistory-targets.txt`, `chathistory-direct.txt`, `event-playback.txt`, `history-privacy.txt`.

use chat::command::{Command, HistoryAsked};
use chat::event::{Event, EventKind, MessageKind};
use chat::history::{Kinds, Point, Span};
use chat::time::Timestamp;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use irc::write::word_or_star;
use smallvec::smallvec;

use crate::features;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::labels::put_into_batch;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::history::{History as Text, history};

const COMMAND: &str = "CHATHISTORY";

/// The subcommands, each with how many parameters stand behind it.
const SUBCOMMANDS: [(&str, usize); 6] =
    [("AFTER", 3), ("AROUND", 3), ("BEFORE", 3), ("BETWEEN", 4), ("LATEST", 3), ("TARGETS", 3)];

/// A message is named by its id or its time.
#[derive(Clone, Copy)]
enum Reference {
    Point(Point),
    /// No message of ours has this id.
    Unknown,
}

/// Reads `CHATHISTORY LATEST target * limit` and its siblings.
///
/// # Errors
/// 421 without the capability, else `FAIL CHATHISTORY` with `INVALID_PARAMS`, `INVALID_MSGREFTYPE` or `MESSAGE_ERROR`.
pub fn ask(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if !session.caps().contains(CapSet::CHATHISTORY) {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[COMMAND]));
    }
    let given = message.params.get(0).unwrap_or_default();
    let fail = |code, context: &[&str], text: Text| {
        let context: Vec<&str> = core::iter::once(&given).chain(context).map(|word| word_or_star(word)).collect();
        Complaint::fail_about(COMMAND, code, &context, history(text, cx.settings.language))
    };
    let invalid = |context: &[&str], text| fail("INVALID_PARAMS", context, text);
    if given.is_empty() {
        return Err(invalid(&[], Text::TooFew));
    }
    let known = SUBCOMMANDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(given));
    let Some((subcommand, params)) = known else { return Err(invalid(&[], Text::Subcommand)) };
    match message.params.len().cmp(&(params + 1)) {
        core::cmp::Ordering::Less => return Err(invalid(&[], Text::TooFew)),
        core::cmp::Ordering::Greater => return Err(invalid(&[], Text::TooMany)),
        core::cmp::Ordering::Equal => {}
    }
    let param = |place| message.params.get(place).unwrap_or_default();
    let last = param(*params);
    let limit = last.bytes().all(|byte| byte.is_ascii_digit()).then(|| last.parse().unwrap_or(usize::MAX));
    let limit = limit.filter(|limit| *limit > 0 && !last.is_empty()).ok_or_else(|| invalid(&[last], Text::Limit))?;
    if *subcommand == "TARGETS" {
        let time = |place| time_of(param(place)).ok_or_else(|| invalid(&[param(place)], Text::Timestamp));
        return Ok(smallvec![Command::HistoryTargets { from: time(1)?, to: time(2)?, limit }]);
    }
    let target = param(1);
    let point = |place| match reference(param(place)) {
        Ok(Reference::Point(point)) => Ok(point),
        Ok(Reference::Unknown) => Err(fail("MESSAGE_ERROR", &[target, param(place)], Text::NoSuchMessage)),
        Err(Text::ReferenceType) => Err(fail("INVALID_MSGREFTYPE", &[target, param(place)], Text::ReferenceType)),
        Err(text) => Err(invalid(&[param(place)], text)),
    };
    let span = match *subcommand {
        "AFTER" => Span::After(point(2)?),
        "AROUND" => Span::Around(point(2)?),
        "BEFORE" => Span::Before(point(2)?),
        "BETWEEN" => Span::Between(point(2)?, point(3)?),
        _ if param(2) == "*" => Span::Latest(None),
        _ => Span::Latest(Some(point(2)?)),
    };
    let kinds = kinds(session.caps());
    Ok(smallvec![Command::History(Box::new(HistoryAsked { subcommand, target: target.into(), span, limit, kinds }))])
}

/// Says which entries are for clients with these capabilities.
fn kinds(caps: CapSet) -> Kinds {
    let events = caps.contains(CapSet::EVENT_PLAYBACK);
    Kinds { events, tagmsgs: events && caps.contains(CapSet::MESSAGE_TAGS) }
}

fn time_of(text: &str) -> Option<Timestamp> {
    text.strip_prefix("timestamp=").and_then(Timestamp::parse)
}

fn reference(text: &str) -> Result<Reference, Text> {
    match text.split_once('=') {
        Some(("timestamp", _)) => time_of(text).map(|time| Reference::Point(Point::Time(time))).ok_or(Text::Timestamp),
        Some(("msgid", "")) | None => Err(Text::Reference),
        Some(("msgid", id)) => Ok(id.parse().map_or(Reference::Unknown, |id| Reference::Point(Point::Message(id)))),
        Some(_) => Err(Text::ReferenceType),
    }
}

/// Writes a page: each entry as it was when it happened, in a batch for who understands that.
pub fn reply(target: &str, entries: &[Event], is_end: bool, render: &mut Render<'_>) {
    let shown = kinds(render.caps);
    let is_shown = |event: &&Event| match &event.kind {
        EventKind::Message(message) => shown.tagmsgs || message.how != MessageKind::Tagmsg,
        _ => shown.events,
    };
    let entries = entries.iter().filter(is_shown);
    in_batch(&["chathistory", target], is_end, render, |render, batch| write_events(entries, render, batch));
}

/// Writes what happened as it was then, in a batch if there is one.
pub(super) fn write_events<'e>(events: impl Iterator<Item = &'e Event>, render: &mut Render<'_>, batch: Option<&str>) {
    let mut line = Vec::new();
    for event in events {
        line.clear();
        features::event(event, render.caps, render.settings, &mut line);
        match batch {
            Some(name) => put_into_batch(name, &line, render.out),
            None => render.out.extend_from_slice(&line),
        }
    }
}

/// Writes `CHATHISTORY TARGETS nick time` for each.
pub fn reply_targets(targets: &[(Box<str>, Timestamp)], is_end: bool, render: &mut Render<'_>) {
    in_batch(&["draft/chathistory-targets"], is_end, render, |render, batch| {
        for (name, at) in targets {
            let mut line = irc::write::LineWriter::new(render.out);
            if let Some(batch) = batch {
                line = line.tag("batch", Some(batch));
            }
            let line = line.source(render.settings.server_name()).command(COMMAND).param("TARGETS");
            line.param(name).last(&at.to_string()).end();
        }
    });
}

/// Writes lines in a batch, whose beginning says whether there is nothing more; for clients without batches, only the lines.
///
/// Spec: `IRCv3` "chathistory", the tag `draft/chathistory-end`.
pub(super) fn in_batch<'a>(
    kind: &[&str],
    is_end: bool,
    render: &mut Render<'a>,
    write: impl FnOnce(&mut Render<'a>, Option<&str>),
) {
    if !render.caps.contains(CapSet::BATCH) {
        return write(render, None);
    }
    render.batches.set(render.batches.get().wrapping_add(1));
    let name = render.batches.get().to_string();
    let mut line = irc::write::LineWriter::new(render.out);
    if is_end && render.caps.contains(CapSet::MESSAGE_TAGS) {
        line = line.tag("draft/chathistory-end", None);
    }
    let line = line.source(render.settings.server_name()).command("BATCH").param(&format!("+{name}"));
    kind.iter().fold(line, |line, word| line.param(word)).end();
    write(render, Some(&name));
    render.line().command("BATCH").param(&format!("-{name}")).end();
}

#[cfg(test)]
mod tests {
    use chat::ids::{LogId, MsgId, Seq};

    use super::*;
    use crate::features::testing::{asked_with, complained, complained_with};

    const CAPS: CapSet = CapSet::CHATHISTORY;

    fn page(line: &str) -> HistoryAsked {
        match &asked_with(CAPS, ask, line)[..] {
            [Command::History(asked)] => (**asked).clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_subcommand_is_a_span() {
        let time = |text: &str| Point::Time(Timestamp::parse(text).unwrap_or_default());
        let id = Point::Message(MsgId { log: LogId(16), seq: Seq(33) });
        let noon = "2026-01-01T12:00:00.000Z";
        for (words, span) in [
            ("LATEST #tea * 5".to_owned(), Span::Latest(None)),
            ("latest #tea msgid=g-11 5".to_owned(), Span::Latest(Some(id))),
            (format!("BEFORE #tea timestamp={noon} 5"), Span::Before(time(noon))),
            ("AFTER #tea msgid=g-11 5".to_owned(), Span::After(id)),
            ("AROUND #tea msgid=g-11 5".to_owned(), Span::Around(id)),
            (format!("BETWEEN #tea msgid=g-11 timestamp={noon} 5"), Span::Between(id, time(noon))),
        ] {
            let asked = page(&format!("CHATHISTORY {words}"));
            assert_eq!((asked.span, asked.limit, &*asked.target), (span, 5, "#tea"), "{words}");
        }
        assert_eq!(page("CHATHISTORY LATEST #tea * 99999999999999999999999").limit, usize::MAX);
        assert_eq!(page("CHATHISTORY LATEST #tea * 1").kinds, Kinds::default());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (words, answer) in [
            ("", "INVALID_PARAMS * :"),
            ("NEWEST #tea * 5", "INVALID_PARAMS NEWEST :"),
            ("LATEST #tea *", "INVALID_PARAMS LATEST :"),
            ("LATEST #tea * 5 6", "INVALID_PARAMS LATEST :"),
            ("LATEST #tea * 0", "INVALID_PARAMS LATEST 0 :"),
            ("LATEST #tea * -1", "INVALID_PARAMS LATEST -1 :"),
            ("LATEST #tea * x", "INVALID_PARAMS LATEST x :"),
            ("BEFORE #tea * 5", "INVALID_PARAMS BEFORE * :"),
            ("BEFORE #tea msgid= 5", "INVALID_PARAMS BEFORE msgid= :"),
            ("BEFORE #tea timestamp=noon 5", "INVALID_PARAMS BEFORE timestamp=noon :"),
            ("BEFORE #tea seq=7 5", "INVALID_MSGREFTYPE BEFORE #tea seq=7 :"),
            ("BEFORE #tea msgid=??? 5", "MESSAGE_ERROR BEFORE #tea msgid=??? :"),
            ("TARGETS msgid=1-1 timestamp=2026-01-01T12:00:00.000Z 5", "INVALID_PARAMS TARGETS msgid=1-1 :"),
        ] {
            let complaint = complained_with(CAPS, ask, &format!("CHATHISTORY {words}"));
            let expected = format!(":loggia.local FAIL CHATHISTORY {answer}");
            assert!(complaint.starts_with(&expected), "{words}: {complaint}");
        }
        let unknown = ":loggia.local 421 alice CHATHISTORY :Unknown command\r\n";
        assert_eq!(complained(ask, "CHATHISTORY LATEST #tea * 5"), unknown);
    }
}
