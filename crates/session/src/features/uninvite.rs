//! UNINVITE on the wire. Meaning: `chat::features::uninvite`. Proof: `scenarios/uninvite.txt`.

use chat::command::Command;
use irc::message::Message;
use irc::names::ChannelName;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `UNINVITE nick #channel`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let [nick, channel] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    Ok(smallvec![Command::Uninvite { nick, channel }])
}

/// Writes 494, for whoever asked.
pub fn reply(nick: &str, channel: &ChannelName, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_INVITEREMOVED, &[channel.as_str(), nick]);
}

/// Writes 493, for the guest.
pub fn reply_to_guest(by: &str, channel: &ChannelName, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_UNINVITED, &[channel.as_str(), by]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, rendered, tea};

    #[test]
    fn both_are_told() {
        let command = Command::Uninvite { nick: "bob".into(), channel: "#tea".into() };
        assert_eq!(asked(ask, "UNINVITE bob #tea"), [command]);
        let name = tea().name;
        assert_eq!(
            rendered(|render| reply("bob", &name, render)) + &rendered(|render| reply_to_guest("alice", &name, render)),
            ":loggia.local 494 alice #tea bob :Uninvited\r\n\
             :loggia.local 493 alice :You were uninvited from #tea by alice\r\n"
        );
    }
}
