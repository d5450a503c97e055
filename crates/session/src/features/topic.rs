//! TOPIC on the wire. Meaning: `chat::features::topic`. Proof: `scenarios/topic.txt`.

use chat::channel::Topic;
use chat::command::Command;
use chat::event::{ChannelRef, Event};
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::ChannelName;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{Render, event_line};
use crate::settings::Settings;

/// Reads `TOPIC #channel [:text]`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let channel = message.params.get(0).unwrap_or_default().into();
    Ok(match message.params.get(1) {
        None => smallvec![Command::TopicQuery { channel }],
        Some(text) => smallvec![Command::TopicSet { channel, text: text.into() }],
    })
}

/// Writes `TOPIC #channel :text`.
pub fn event(event: &Event, channel: &ChannelRef, text: &str, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("TOPIC").param(channel.name.as_str()).trailing(text).end_cut();
}

/// Writes 332 and 333, or 331.
pub fn reply(channel: &ChannelName, topic: Option<&Topic>, render: &mut Render<'_>) {
    let channel = channel.as_str();
    match topic {
        None => render.numeric(numerics::RPL_NOTOPIC, &[channel]),
        Some(topic) => {
            render.numeric(numerics::RPL_TOPIC, &[channel, &topic.text]);
            render.numeric(numerics::RPL_TOPICWHOTIME, &[channel, &topic.by, &topic.at.seconds().to_string()]);
        }
    }
}
