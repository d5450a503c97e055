//! METADATA: what people say of themselves: the name by which they want to be shown, and a picture.
//!
//! Spec: `IRCv3` drafts "metadata-2" and "metadata-3".

use irc::message::Message;
use irc::write::LineWriter;

use crate::state::{Change, State};

/// The name by which somebody wants to be shown. This key and the next are those of the specification's registry.
pub(crate) const DISPLAY_NAME: &str = "display-name";
/// The address of a picture.
pub(crate) const AVATAR: &str = "avatar";

/// The longest value that is kept or said, in bytes: more fits in no line beside the names.
const VALUE_BYTES_MAX: usize = 300;

/// Tells whether something can be said of the person.
pub(crate) fn is_value(value: &str) -> bool {
    value.len() <= VALUE_BYTES_MAX && irc::write::is_text(value)
}

/// Asks to be told of both keys from now on.
pub(crate) fn subscribe(out: &mut Vec<u8>) {
    LineWriter::new(out).command("METADATA").param("*").param("SUB").param(DISPLAY_NAME).last(AVATAR).end();
}

/// Says something of the person themself; with nothing, no longer.
pub(crate) fn set(key: &str, value: &str, out: &mut Vec<u8>) {
    let line = LineWriter::new(out).command("METADATA").param("*").param("SET");
    if value.is_empty() {
        line.last(key).end();
    } else {
        line.param(key).trailing(value).end();
    }
}

/// `METADATA target key visibility :value`; 761 and 766 (a key that is not set) have the client's nick in front.
pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let skipped = usize::from(line.command != "METADATA");
    let param = |place: usize| line.params.get(place + skipped);
    let (target, key) = (param(0)?, param(1)?);
    let value = if line.command == "766" { "" } else { param(3).unwrap_or_default() };
    let value = Some(value).filter(|value| !value.is_empty() && value.len() <= VALUE_BYTES_MAX).map(Box::<str>::from);
    let nick = if target == "*" { state.me.clone() } else { target.into() };
    if state.is_me(&nick) {
        match key {
            DISPLAY_NAME => state.own_display_name.clone_from(&value),
            AVATAR => state.own_avatar.clone_from(&value),
            _ => return None,
        }
    }
    if let Some(person) = state.person_mut(&nick) {
        match key {
            DISPLAY_NAME => person.display_name = value,
            AVATAR => person.avatar = value,
            _ => return None,
        }
    }
    Some(Change::Person(nick))
}
