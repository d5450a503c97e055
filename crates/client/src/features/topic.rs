//! TOPIC: what a room is about.
//!
//! Spec: Modern IRC, "TOPIC message", "RPL_TOPIC (332)", "RPL_TOPICWHOTIME (333)".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State, Topic};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let is_news = line.command == "TOPIC";
    let place = usize::from(!is_news);
    let channel = line.params.get(place)?;
    let word = line.params.get(place + 1).unwrap_or_default();
    let room = state.room_mut(channel)?;
    match line.command {
        "333" => {
            let topic = room.topic.as_mut()?;
            topic.by = word.split('!').next().map(Box::from);
        }
        "331" => room.topic = None,
        _ if word.is_empty() => room.topic = None,
        _ => {
            let by = nick_of(line).filter(|_| is_news).map(Box::from);
            room.topic = Some(Topic { text: word.into(), by });
        }
    }
    Some(Change::Room(channel.into()))
}
