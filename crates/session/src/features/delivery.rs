//! Exactly once, on the wire: the id that a client gives what it sends (`loggia.chat/id`), and its outcome, which carries the
//! id. State: `chat::delivery`. Proof: `scenarios/delivery.txt`.
//!
//! Spec: `docs/protocol/delivery.md`: capability `loggia.chat/delivery`.

use chat::command::{Command, Deliver};
use chat::delivery::{DeliveryId, NUMBER_MAX, STREAM_CHARS_MAX, STREAM_CHARS_MIN};
use irc::capability::CapSet;
use irc::message::Message;
use smallvec::smallvec;

use crate::features::services::Service;
use crate::irc_session::IrcSession;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::labels;
use crate::settings::Settings;
use crate::texts::delivery::{Delivery as Text, delivery};

/// Who has both may give ids: the capability depends on `message-tags`.
const CAPS: CapSet = CapSet::DELIVERY.union(CapSet::MESSAGE_TAGS);

/// The tag with the id: `<stream>.<number>`.
const ID_TAG: &str = "loggia.chat/id";

/// The commands that may have an id, but for BATCH.
const COMMANDS: [&str; 5] = ["EDIT", "NOTICE", "PRIVMSG", "REDACT", "TAGMSG"];

/// Tells whether the client has given a line an id, right or wrong. Without the capability the tag means nothing.
pub fn has_id(session: &IrcSession, message: &Message<'_>) -> bool {
    session.is_registered() && session.caps().contains(CAPS) && message.tags.get(ID_TAG).is_some()
}

/// Reads a line's id, if it has one.
///
/// # Errors
/// `INVALID_ID` for one that is none, or for a command that takes none.
pub fn read(
    session: &IrcSession,
    message: &Message<'_>,
    name: &str,
    settings: &Settings,
) -> Result<Option<DeliveryId>, Complaint> {
    if !has_id(session, message) {
        return Ok(None);
    }
    let invalid = |text| Complaint::fail(name, "INVALID_ID", delivery(text, settings.language));
    let id = message.tags.value(ID_TAG).and_then(|id| parse(&id)).ok_or_else(|| invalid(Text::Form))?;
    let may = name == "BATCH" || COMMANDS.contains(&name);
    if !may || (name == "PRIVMSG" && Service::of_message(message).is_some()) {
        return Err(invalid(Text::Command));
    }
    Ok(Some(id))
}

/// Reads an id.
fn parse(text: &str) -> Option<DeliveryId> {
    let (stream, number) = text.split_once('.')?;
    let is_stream = (STREAM_CHARS_MIN..=STREAM_CHARS_MAX).contains(&stream.len())
        && stream.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    // One number has one form.
    let is_number = number.starts_with(|first: char| matches!(first, '1'..='9'))
        && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|number| is_number && *number <= NUMBER_MAX)?;
    is_stream.then(|| DeliveryId { stream: stream.into(), number })
}

/// Writes an id as the client has given it.
pub fn written(id: &DeliveryId) -> String {
    format!("{}.{}", id.stream, id.number)
}

/// Gives what a line asks for its id.
///
/// # Errors
/// `INVALID_ID` when the line asks for several things, or for nothing: an id has one outcome.
pub fn wrap(
    mut commands: Commands,
    id: Option<DeliveryId>,
    name: &str,
    settings: &Settings,
) -> Result<Commands, Complaint> {
    let Some(id) = id else { return Ok(commands) };
    let name = COMMANDS.iter().find(|known| **known == name);
    match (commands.pop(), name) {
        (Some(command), Some(name)) if commands.is_empty() => {
            Ok(smallvec![Command::Deliver(Box::new(Deliver { id, name, command }))])
        }
        _ => Err(Complaint::fail(name.unwrap_or(&"*"), "INVALID_ID", delivery(Text::One, settings.language))),
    }
}

/// Returns the id of what is asked, as the client wrote it.
pub fn id_of(commands: &Commands) -> Option<Box<str>> {
    match &commands[..] {
        [Command::Deliver(sent)] => Some(written(&sent.id).into()),
        _ => None,
    }
}

/// Returns the id of a line that is refused, as the client wrote it.
pub fn id_of_line(session: &IrcSession, message: &Message<'_>) -> Option<Box<str>> {
    let id = message.tags.value(ID_TAG).filter(|_| has_id(session, message))?;
    parse(&id).map(|id| written(&id).into())
}

/// Writes an outcome with its id, which stands on its first line.
pub fn outcome(id: &str, lines: &[u8], out: &mut Vec<u8>) {
    if !lines.is_empty() {
        labels::with_tag(lines, ID_TAG, id, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let stream = "AbCd-efgh_ij0123";
        let id = parse(&format!("{stream}.17"));
        assert_eq!(id, Some(DeliveryId { stream: stream.into(), number: 17 }));
        assert_eq!(id.as_ref().map(written), Some(format!("{stream}.17")));
        assert!(parse(&format!("{}.9223372036854775807", "x".repeat(64))).is_some());
        for bad in [
            "",
            ".",
            "17",
            stream,
            "AbCd-efgh_ij0123.",
            "AbCd-efgh_ij0123.0",
            "AbCd-efgh_ij0123.01",
            "AbCd-efgh_ij0123.+1",
            "AbCd-efgh_ij0123.-1",
            "AbCd-efgh_ij0123.1.2",
            "AbCd-efgh_ij0123.9223372036854775808",
            "AbCd-efgh_ij0123.99999999999999999999",
            "AbCd-efgh_ij012.1",
            "AbCd efgh_ij0123.1",
            "AbCd=efgh_ij0123.1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(parse(&format!("{}.1", "x".repeat(65))), None);
    }
}
