//! ACCOUNT: somebody has logged in or out.
//!
//! Spec: `IRCv3` "account-notify".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, account) = (nick_of(line)?, line.params.get(0)?);
    state.person_mut(nick)?.account = Some(account).filter(|name| *name != "*").map(Box::from);
    Some(Change::Person(nick.into()))
}
