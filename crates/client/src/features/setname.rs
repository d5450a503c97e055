//! SETNAME: somebody has another real name.
//!
//! Spec: `IRCv3` "setname".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, name) = (nick_of(line)?, line.params.get(0)?);
    state.person_mut(nick)?.realname = Some(name.into());
    Some(Change::Person(nick.into()))
}
