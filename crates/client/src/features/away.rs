//! AWAY: who is not at their keyboard.
//!
//! Spec: `IRCv3` "away-notify"; Modern IRC, "RPL_AWAY (301)", "RPL_UNAWAY (305)", "RPL_NOWAWAY (306)".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, text) = match line.command {
        "305" | "306" => {
            state.is_away = line.command == "306";
            return Some(Change::Person(state.me.clone()));
        }
        "301" => (line.params.get(1)?, line.params.get(2)),
        _ => (nick_of(line)?, line.params.get(0)),
    };
    state.person_mut(nick)?.away = text.filter(|text| !text.is_empty()).map(Box::from);
    Some(Change::Person(nick.into()))
}
