//! RESUME on the wire, and the cursors that it takes (`loggia.chat/cursor`). Meaning: `chat::features::resume`.
//! Proof: `scenarios/resume.txt`.
//!
//! Spec: `docs/protocol/delivery.md`: capability `loggia.chat/delivery`.

use chat::command::{Command, ResumeAsked};
use chat::event::{Event, EventKind, MessageKind};
use chat::features::message::is_kept;
use chat::history::Kinds;
use chat::ids::{MsgId, UserId};
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use irc::write::{LineWriter, word_or_star};
use smallvec::smallvec;

use crate::features;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::labels::put_into_batch;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::delivery::{Resume as Text, resume};

const COMMAND: &str = "RESUME";

/// The type of the batch that answers.
const BATCH_TYPE: &str = "loggia.chat/resume";

/// The tag on everything that happened: the place in the log up to which the client has seen all.
const CURSOR_TAG: &str = "loggia.chat/cursor";

/// Who has them may ask.
const CAPS: CapSet = CapSet::DELIVERY.union(CapSet::MESSAGE_TAGS).union(CapSet::BATCH);

/// Reads `RESUME cursor [limit]`, or `RESUME *` for the place where the client is.
///
/// # Errors
/// 421 without the capabilities or without history, else `FAIL RESUME` with `INVALID_PARAMS` or `CURSOR_UNKNOWN`.
pub fn ask(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if !session.caps().contains(CAPS) || !cx.settings.chat.history {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[COMMAND]));
    }
    let language = cx.settings.language;
    let given = message.params.get(0).unwrap_or_default();
    let cursor = match given {
        "*" => None,
        given => Some(given.parse().map_err(|()| {
            let context = [word_or_star(given)];
            Complaint::fail_about(COMMAND, "CURSOR_UNKNOWN", &context, resume(Text::Unknown, language))
        })?),
    };
    let limit = match message.params.get(1) {
        None => Some(usize::MAX),
        Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => Some(text.parse().unwrap_or(usize::MAX)),
        Some(_) => None,
    };
    let Some(limit) = limit.filter(|limit| *limit > 0 && message.params.len() <= 2) else {
        let context = [word_or_star(message.params.get(1).unwrap_or_default())];
        return Err(Complaint::fail_about(COMMAND, "INVALID_PARAMS", &context, resume(Text::Limit, language)));
    };
    let caps = session.caps();
    let kinds = Kinds { events: caps.contains(CapSet::EVENT_PLAYBACK), tagmsgs: true };
    Ok(smallvec![Command::Resume(ResumeAsked { cursor, limit, kinds })])
}

/// Writes a page: each entry as those saw it who were there, in a batch that says where to go on.
pub fn reply(user: UserId, entries: &[Event], next: MsgId, is_end: bool, has_gap: bool, render: &mut Render<'_>) {
    // The session leaves it out of answers: what they show has no place of its own in what the client sees.
    let caps = render.caps | CapSet::DELIVERY;
    render.batches.set(render.batches.get().wrapping_add(1));
    let name = render.batches.get().to_string();
    let line = LineWriter::new(render.out);
    let line = if has_gap { line.tag("loggia.chat/gap", None) } else { line };
    let line = line.source(render.settings.server_name()).command("BATCH").param(&format!("+{name}"));
    line.param(BATCH_TYPE).param(&next.to_string()).last(if is_end { "end" } else { "more" }).end();
    let mut lines = Vec::new();
    for event in entries.iter().filter(|event| is_shown(event, caps, user)) {
        lines.clear();
        features::event(event, caps, render.settings, &mut lines);
        put_into_batch(&name, &lines, render.out);
    }
    render.line().command("BATCH").param(&format!("-{name}")).end();
}

fn is_shown(event: &Event, caps: CapSet, user: UserId) -> bool {
    match &event.kind {
        EventKind::Message(message) => message.how != MessageKind::Tagmsg || caps.contains(CapSet::MESSAGE_TAGS),
        EventKind::Redacted { .. } | EventKind::Edited { .. } => features::is_shown(event, caps, user),
        // What happened in channels is shown as in history: only to those who asked for it, and then all of it.
        _ => caps.contains(CapSet::EVENT_PLAYBACK),
    }
}

/// Tells whether an event has a place in the log that clients may go on from.
pub fn has_cursor(event: &Event) -> bool {
    event.id.is_some() && !matches!(&event.kind, EventKind::Message(message) if !is_kept(message))
}

/// Adds the cursor to a line, for who wants it. Of an event that is several lines it stands on the last: who has seen that
/// has seen all.
pub fn cursor<'a>(line: LineWriter<'a>, event: &Event, caps: CapSet) -> LineWriter<'a> {
    match event.id.filter(|_| caps.contains(CapSet::DELIVERY | CapSet::MESSAGE_TAGS) && has_cursor(event)) {
        Some(id) => line.tag(CURSOR_TAG, Some(&id.to_string())),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use chat::ids::{LogId, Seq};

    use super::*;
    use crate::features::testing::{asked_with, complained, complained_with};

    #[test]
    fn a_cursor_and_a_limit_are_read() {
        let asked = |line| match &asked_with(CAPS, ask, line)[..] {
            [Command::Resume(asked)] => asked.clone(),
            other => panic!("{other:?}"),
        };
        let cursor = Some(MsgId { log: LogId(16), seq: Seq(33) });
        assert_eq!(asked("RESUME g-11 5").cursor, cursor);
        assert_eq!(asked("RESUME g-11 5").limit, 5);
        assert_eq!(asked("RESUME g-11").limit, usize::MAX);
        assert_eq!(asked("RESUME * 5").cursor, None);
        assert!(!asked("RESUME *").kinds.events);
        for (line, answer) in [
            ("RESUME g-11 0", "INVALID_PARAMS 0 :"),
            ("RESUME g-11 x", "INVALID_PARAMS x :"),
            ("RESUME g-11 5 6", "INVALID_PARAMS 5 :"),
            ("RESUME here", "CURSOR_UNKNOWN here :"),
        ] {
            let complaint = complained_with(CAPS, ask, line);
            assert!(complaint.starts_with(&format!(":loggia.local FAIL RESUME {answer}")), "{complaint}");
        }
        assert!(complained(ask, "RESUME *").contains(" 421 "));
    }
}
