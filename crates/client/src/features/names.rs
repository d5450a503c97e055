//! NAMES: who is in a room, with their ranks.
//!
//! Spec: Modern IRC, "RPL_NAMREPLY (353)", "RPL_ENDOFNAMES (366)"; `IRCv3` "multi-prefix", "userhost-in-names".

use irc::message::Message;

use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    if line.command == "366" {
        let channel = line.params.get(1)?;
        state.room_mut(channel)?.is_listing = false;
        state.forget_strangers();
        return Some(Change::Room(channel.into()));
    }
    let (channel, names) = (line.params.get(2)?, line.params.get(3)?);
    let room = state.room_mut(channel).filter(|room| room.is_joined)?;
    if !std::mem::replace(&mut room.is_listing, true) {
        room.members.clear();
    }
    for name in names.split_ascii_whitespace() {
        let (signs, person) = state.isupport.parted(name);
        let (nick, address) = person.split_once('!').map_or((person, None), |(nick, rest)| (nick, Some(rest)));
        let (signs, folded) = (Box::from(signs), Box::from(state.isupport.fold(nick)));
        let known = state.person_or_new(nick);
        if let Some(address) = address {
            known.address = Some(address.into());
        }
        if let Some(room) = state.room_mut(channel) {
            room.members.insert(folded, signs);
        }
    }
    None
}
