//! KICK on the wire. Meaning: `chat::features::kick`. Proof: `scenarios/kick.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use chat::person::Person;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// The most people that one KICK removes (ISUPPORT `TARGMAX`).
pub const TARGETS_MAX: usize = 10;

/// Reads `KICK #channel nick,nick [:reason]` and `KICK #a,#b nick,nick [:reason]`: one channel for all, or one for each.
///
/// # Errors
/// 461 when channels and nicks do not go together, 407 for too many; then nobody is kicked.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let list = |place| -> Vec<&str> {
        message.params.get(place).unwrap_or_default().split(',').filter(|name| !name.is_empty()).collect()
    };
    let (channels, nicks) = (list(0), list(1));
    if channels.is_empty() || nicks.is_empty() || (channels.len() > 1 && channels.len() != nicks.len()) {
        return Err(Complaint::need_more_params("KICK"));
    }
    if let Some(extra) = nicks.get(TARGETS_MAX) {
        return Err(Complaint::numeric(numerics::ERR_TOOMANYTARGETS, &[extra]));
    }
    let pairs = channels.iter().cycle().zip(&nicks);
    Ok(pairs
        .map(|(channel, nick)| Command::Kick {
            channel: Box::from(*channel),
            nick: Box::from(*nick),
            reason: message.params.get(2).map(Box::from),
        })
        .collect())
}

/// Writes `KICK #channel nick :reason`.
pub fn event(
    event: &Event,
    channel: &ChannelRef,
    person: &Person,
    reason: &str,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    event_line(out, event, caps, settings)
        .command("KICK")
        .param(channel.name.as_str())
        .param(person.nick().as_str())
        .trailing(reason)
        .end_cut();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained};

    fn kick(channel: &str, nick: &str, reason: Option<&str>) -> Command {
        Command::Kick { channel: channel.into(), nick: nick.into(), reason: reason.map(Box::from) }
    }

    #[test]
    fn one_channel_for_all_or_one_for_each() {
        assert_eq!(asked(ask, "KICK #c a"), [kick("#c", "a", None)]);
        assert_eq!(asked(ask, "KICK #c a,b :Out, now"), ["a", "b"].map(|nick| kick("#c", nick, Some("Out, now"))));
        assert_eq!(asked(ask, "KICK #c,#d a,b"), [kick("#c", "a", None), kick("#d", "b", None)]);
        assert_eq!(asked(ask, "KICK #c a,,b").len(), 2);
    }

    #[test]
    fn what_does_not_go_together_kicks_nobody() {
        for line in ["KICK #c,#d a", "KICK #c,#d a,b,c", "KICK #c ,", "KICK , a"] {
            assert_eq!(complained(ask, line), ":loggia.local 461 alice KICK :Not enough parameters\r\n", "{line}");
        }
    }

    #[test]
    fn ten_at_once() {
        let line =
            |count: usize| format!("KICK #c {}", (0..count).map(|n| format!("n{n}")).collect::<Vec<_>>().join(","));
        assert_eq!(asked(ask, &line(10)).len(), 10);
        assert!(complained(ask, &line(11)).starts_with(":loggia.local 407 alice n10 :"));
    }
}
