//! EDIT: something that was said has other words.
//!
//! Spec: `docs/protocol/edit.md`.

use irc::message::Message;

use super::message_redaction::room_with;
use crate::state::{Change, State};

pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let tag = |key| line.tags.value(key);
    let (id, text) = (tag("draft/target-msgid")?, tag("draft/edit-text")?);
    let room = room_with(state, line, &id)?;
    let entry = room.window.find(&id)?;
    entry.text = text.into();
    entry.is_edited = true;
    Some(Change::Said(room.name.clone()))
}
