//! EDIT on the wire. Meaning: `chat::features::edit`. Proof: `scenarios/edit.txt`.
//!
//! Spec: `docs/protocol/edit.md`: capability `loggia.chat/edit`, in the shape of IRCv3's pull request 425
//! (`draft/message-edit`), which is taken as well.

use std::sync::Arc;

use chat::command::{Command, Correction, Named};
use chat::event::{Event, EventKind, Message, MessageKind};
use chat::ids::MsgId;
use irc::capability::CapSet;
use irc::ctcp::Ctcp;
use irc::numerics;
use irc::write::{BODY_CONTENT_BYTES_MAX, is_text, word_or_star};
use smallvec::smallvec;

use super::message;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::settings::Settings;
use crate::texts;

/// Who has either of them, and tags, is told of edits; everybody else hears the new words as a message.
pub const CAPS: CapSet = CapSet::EDIT.union(CapSet::MESSAGE_EDIT);

/// The tag that names what is edited.
const MESSAGE_TAG: &str = "draft/target-msgid";
/// The tag with the new words.
const TEXT_TAG: &str = "draft/edit-text";
/// The client tag that ties the fallback to what it corrects.
const REPLY_TAG: &str = "+draft/reply";

/// Tells whether a client with these capabilities is told of edits.
fn takes_edits(caps: CapSet) -> bool {
    caps.intersects(CAPS) && caps.contains(CapSet::MESSAGE_TAGS)
}

/// Reads `@draft/target-msgid=…;draft/edit-text=… EDIT target`.
///
/// # Errors
/// 421 without the capability; INVALID_EDIT when a tag is missing, or the words are none, of several lines, or too long for
/// the line that others are sent.
pub fn ask(session: &IrcSession, message: &irc::message::Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if !takes_edits(session.caps()) {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &["EDIT"]));
    }
    let target = message.params.get(0).unwrap_or_default();
    let value = |key| message.tags.get(key).map(irc::tags::Tag::unescaped).unwrap_or_default();
    let (id, text) = (value(MESSAGE_TAG), value(TEXT_TAG));
    let head = message::head_bytes(session.mask(), MessageKind::Privmsg, target);
    let fits = head + text.len() <= BODY_CONTENT_BYTES_MAX;
    if id.is_empty() || text.is_empty() || !is_text(&text) || !fits {
        let words = [word_or_star(target), word_or_star(&id)];
        let context = if id.is_empty() { &words[..1] } else { &words[..] };
        return Err(Complaint::fail_about("EDIT", "INVALID_EDIT", context, texts::edit_text(cx.settings.language)));
    }
    let message = Named { target: target.into(), id: (*id).into() };
    Ok(smallvec![Command::Edit(Box::new(Correction { message, text: (*text).into() }))])
}

/// Writes `@draft/target-msgid=…;draft/edit-text=… EDIT target`, or a message for who knows of no edits.
pub fn event(
    event: &Event,
    original: MsgId,
    message: &Arc<Message>,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    if !takes_edits(caps) {
        let message = Arc::new(as_message(message, original));
        let event = Event { kind: EventKind::Message(Arc::clone(&message)), ..event.clone() };
        return message::event(&event, &message, caps, settings, out);
    }
    crate::render::event_tags(irc::write::LineWriter::new(out), event, caps)
        .tag(MESSAGE_TAG, Some(&original.to_string()))
        .tag(TEXT_TAG, Some(&message.text))
        .source(message.sender.mask())
        .command("EDIT")
        .param(&message.target.shown())
        .end();
}

/// Returns what those hear who know of no edits: `* ` and the new words, as people correct themselves by hand.
pub fn as_message(message: &Message, original: MsgId) -> Message {
    let words = match Ctcp::parse(&message.text) {
        Some(Ctcp::Action(action)) => action,
        _ => &message.text,
    };
    let tags = vec![(REPLY_TAG.into(), Some(original.to_string().into()))];
    Message { text: format!("* {words}").into(), tags, ..message.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked_with, complained, complained_with};

    const BOTH: CapSet = CapSet::EDIT.union(CapSet::MESSAGE_TAGS);

    #[test]
    fn the_tags_say_what_and_how() {
        let message = Named { target: "#tea".into(), id: "1-2".into() };
        let expected = [Command::Edit(Box::new(Correction { message, text: "an example;".into() }))];
        let line = r"@draft/target-msgid=1-2;draft/edit-text=an\sexample\: EDIT #tea";
        assert_eq!(asked_with(BOTH, ask, line), expected);
        assert_eq!(asked_with(CapSet::MESSAGE_EDIT | CapSet::MESSAGE_TAGS, ask, line), expected);
        assert!(complained(ask, line).contains(" 421 "));
    }

    #[test]
    fn what_is_no_edit_is_told_with_what_it_names() {
        let long = format!("@draft/target-msgid=1-2;draft/edit-text={} EDIT #tea", "x".repeat(510));
        for (line, context) in [
            ("EDIT #tea", "#tea"),
            ("@draft/edit-text=x EDIT #tea", "#tea"),
            ("@draft/target-msgid=1-2 EDIT #tea", "#tea 1-2"),
            (r"@draft/target-msgid=1-2;draft/edit-text=a\nb EDIT #tea", "#tea 1-2"),
            (r"@draft/target-msgid=1\s2;draft/edit-text=a\rb EDIT #tea", "#tea *"),
            (&long, "#tea 1-2"),
        ] {
            let answer = complained_with(BOTH, ask, line);
            assert!(answer.starts_with(&format!(":loggia.local FAIL EDIT INVALID_EDIT {context} :")), "{answer}");
        }
    }
}
