//! INVITE on the wire. Meaning: `chat::features::invite`. Proof: `scenarios/invite.txt`, `invite-notify.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::{ChannelName, Nick};
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{Render, event_line};
use crate::settings::Settings;

/// Reads `INVITE nick #channel`, or `INVITE` alone: where one is invited to.
///
/// # Errors
/// 461 for a nick without a channel.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    match message.params.as_slice() {
        [] => Ok(smallvec![Command::InviteList]),
        [nick, channel, ..] => Ok(smallvec![Command::Invite { nick: Box::from(*nick), channel: Box::from(*channel) }]),
        [_] => Err(Complaint::need_more_params("INVITE")),
    }
}

/// Writes `INVITE nick #channel`, for the guest and (`invite-notify`) for operators of the channel.
pub fn event(event: &Event, channel: &ChannelRef, guest: &Nick, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("INVITE").param(guest.as_str()).param(channel.name.as_str()).end();
}

/// Writes 341.
pub fn reply(nick: &str, channel: &ChannelName, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_INVITING, &[nick, channel.as_str()]);
}

/// Writes 336 for each channel, and 337.
pub fn reply_list(channels: &[ChannelName], render: &mut Render<'_>) {
    for channel in channels {
        render.numeric(numerics::RPL_INVITELIST, &[channel.as_str()]);
    }
    render.numeric(numerics::RPL_ENDOFINVITELIST, &[]);
}
