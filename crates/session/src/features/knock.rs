//! KNOCK on the wire. Meaning: `chat::features::knock`. Proof: `scenarios/knock.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::ChannelName;
use irc::numerics;
use irc::write::LineWriter;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{Render, event_tags};
use crate::settings::Settings;

/// Reads `KNOCK #channel [:text]`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let channel = message.params.get(0).unwrap_or_default().into();
    let text = message.params.get(1).filter(|text| !text.is_empty()).map(Box::from);
    Ok(smallvec![Command::Knock { channel, text }])
}

/// Writes 710 for the channel's operators: `710 #channel #channel who :has asked for an invite (text)`.
///
/// The channel stands where numerics have the client's nick, so that one line serves all; servers that have KNOCK do so.
pub fn event(event: &Event, channel: &ChannelRef, text: &str, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    let channel = channel.name.as_str();
    let who = event.actor.as_ref().map_or("*", |actor| actor.person.mask());
    let line = event_tags(LineWriter::new(out), event, caps)
        .source(settings.server_name())
        .numeric(numerics::RPL_KNOCK.code)
        .param(channel)
        .param(channel)
        .param(who)
        .trailing(numerics::RPL_KNOCK.text(settings.language).unwrap_or_default());
    if text.is_empty() {
        line.end_cut();
    } else {
        line.more(" (").more(text).more(")").end_cut();
    }
}

/// Writes 711.
pub fn reply(channel: &ChannelName, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_KNOCKDLVR, &[channel.as_str()]);
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{settings, shown, tea};

    #[test]
    fn operators_see_who_knocks_and_why() {
        let line = |text: &str| {
            let kind = EventKind::Knocked { channel: tea(), text: text.into() };
            shown(&kind, |happened, out| event(happened, &tea(), text, CapSet::empty(), &settings(), out))
        };
        assert_eq!(line(""), ":loggia.local 710 #tea #tea alice!~alice@home :has asked for an invite\r\n");
        assert_eq!(
            line("May I?"),
            ":loggia.local 710 #tea #tea alice!~alice@home :has asked for an invite (May I?)\r\n"
        );
    }
}
