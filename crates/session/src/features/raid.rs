//! RAID on the wire. Meaning: `chat::features::raid`. Proof: `scenarios/raid.txt`.

use chat::command::{Command, RaidCommand};
use chat::raid::Raid;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::moderation as texts;

/// Reads `RAID ON [:reason]`, `RAID OFF` or `RAID`.
///
/// # Errors
/// `FAIL RAID INVALID_PARAMS` for another word.
pub fn ask(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let word = message.params.get(0).unwrap_or_default().to_ascii_uppercase();
    let command = match word.as_str() {
        "" => RaidCommand::Query,
        "OFF" => RaidCommand::Off,
        "ON" => {
            let reason: Vec<&str> = (1..message.params.len()).filter_map(|place| message.params.get(place)).collect();
            RaidCommand::On { reason: reason.join(" ").into() }
        }
        _ => return Err(Complaint::fail("RAID", "INVALID_PARAMS", texts::raid_usage(cx.settings.language))),
    };
    Ok(smallvec![Command::Raid(command)])
}

/// Tells how the raid mode stands.
pub fn reply(raid: Option<&Raid>, render: &mut Render<'_>) {
    render.notice(&texts::raid(raid, render.settings.language));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained};

    #[test]
    fn one_switch() {
        assert_eq!(asked(ask, "RAID"), [Command::Raid(RaidCommand::Query)]);
        assert_eq!(asked(ask, "RAID off"), [Command::Raid(RaidCommand::Off)]);
        let on = |reason: &str| [Command::Raid(RaidCommand::On { reason: reason.into() })];
        assert_eq!(asked(ask, "RAID ON"), on(""));
        assert_eq!(asked(ask, "RAID on :many nicks"), on("many nicks"));
        assert_eq!(asked(ask, "RAID on many nicks"), on("many nicks"));
        assert!(complained(ask, "RAID maybe").starts_with(":loggia.local FAIL RAID INVALID_PARAMS :RAID ON"));
    }
}
