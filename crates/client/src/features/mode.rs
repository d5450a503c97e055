//! MODE: members get ranks, and lose them. Other modes are shown, and not kept.
//!
//! Spec: Modern IRC, "MODE message", "Channel Modes".

use irc::message::Message;

use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (channel, modes) = (line.params.get(0)?, line.params.get(1)?);
    state.room(channel)?;
    let (mut set, mut place) = (true, 2);
    for mode in modes.chars() {
        match mode {
            '+' | '-' => set = mode == '+',
            _ if state.isupport.takes_parameter(mode, set) => {
                let parameter = line.params.get(place).unwrap_or_default();
                place += 1;
                if let Some(sign) = state.isupport.sign_of(mode) {
                    rank(state, channel, parameter, sign, set);
                }
            }
            _ => {}
        }
    }
    Some(Change::Room(channel.into()))
}

fn rank(state: &mut State, channel: &str, nick: &str, sign: char, set: bool) {
    let folded = Box::<str>::from(state.isupport.fold(nick));
    let isupport = state.isupport.clone();
    let Some(signs) = state.room_mut(channel).and_then(|room| room.members.get_mut(&folded)) else { return };
    let mut all: Vec<char> = signs.chars().filter(|known| *known != sign).collect();
    if set {
        all.push(sign);
    }
    all.sort_by_key(|sign| isupport.height(*sign));
    *signs = String::from_iter(all).into();
}
