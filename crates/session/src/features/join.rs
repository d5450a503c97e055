//! JOIN on the wire. Meaning: `chat::features::join`. Proof: `scenarios/join.txt`, `extended-join.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use irc::capability::CapSet;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `JOIN #a,#b key,key`, or `JOIN 0`: leave everything. Keys belong to channels by their place.
///
/// # Errors
/// 461 when the list has no name in it.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let channels = message.params.get(0).unwrap_or_default();
    if channels == "0" {
        return Ok(smallvec![Command::PartAll]);
    }
    let keys = message.params.get(1).unwrap_or_default().split(',').map(Some).chain(core::iter::repeat(None));
    let commands: Commands = channels
        .split(',')
        .zip(keys)
        .filter(|(channel, _)| !channel.is_empty())
        .map(|(channel, key)| Command::Join {
            channel: channel.into(),
            key: key.filter(|key| !key.is_empty()).map(Box::from),
        })
        .collect();
    if commands.is_empty() { Err(Complaint::need_more_params("JOIN")) } else { Ok(commands) }
}

/// Writes `JOIN #channel`, with `extended-join` also the account (`*` for none) and the real name.
pub fn event(event: &Event, channel: &ChannelRef, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    let line = event_line(out, event, caps, settings).command("JOIN").param(channel.name.as_str());
    match &event.actor {
        Some(actor) if caps.contains(CapSet::EXTENDED_JOIN) => {
            let account = actor.person.account.as_deref().unwrap_or("*");
            line.param(account).trailing(&actor.person.realname).end_cut();
        }
        _ => line.end(),
    }
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{asked, complained, settings, shown, tea};

    fn join(channel: &str, key: Option<&str>) -> Command {
        Command::Join { channel: channel.into(), key: key.map(Box::from) }
    }

    #[test]
    fn keys_belong_to_channels_by_place() {
        assert_eq!(asked(ask, "JOIN #a"), [join("#a", None)]);
        assert_eq!(asked(ask, "JOIN #a,#b one"), [join("#a", Some("one")), join("#b", None)]);
        assert_eq!(asked(ask, "JOIN #a,,#b ,two,three,four"), [join("#a", None), join("#b", Some("three"))]);
        assert_eq!(asked(ask, "JOIN 0"), [Command::PartAll]);
        assert_eq!(complained(ask, "JOIN ,"), ":loggia.local 461 alice JOIN :Not enough parameters\r\n");
    }

    #[test]
    fn account_and_real_name_are_for_those_who_ask() {
        let kind = EventKind::Joined { channel: tea() };
        let line = |caps| shown(&kind, |happened, out| event(happened, &tea(), caps, &settings(), out));
        assert_eq!(line(CapSet::empty()), ":alice!~alice@home JOIN #tea\r\n");
        assert_eq!(line(CapSet::EXTENDED_JOIN), ":alice!~alice@home JOIN #tea * :Alice A\r\n");
    }
}
