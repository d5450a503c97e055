//! WHOWAS on the wire. Meaning: `chat::features::whowas`. Proof: `scenarios/whowas.txt`.

use chat::command::Command;
use chat::reply::WhowasEntry;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `WHOWAS nick [count]`; without a count, or with one that is no number, all are meant. Of several nicks the first is
/// answered for.
///
/// # Errors
/// 431 without a nick.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let nick = message.params.get(0).unwrap_or_default().split(',').find(|nick| !nick.is_empty());
    let nick = nick.ok_or_else(|| Complaint::numeric(numerics::ERR_NONICKNAMEGIVEN, &[]))?.into();
    let count = message.params.get(1).and_then(|count| count.parse().ok()).unwrap_or(0);
    Ok(smallvec![Command::Whowas { nick, count }])
}

/// Writes 314 and 312 for each, newest first, or 406; and 369. The text of 312 is when they left.
pub fn reply(nick: &str, entries: &[WhowasEntry], render: &mut Render<'_>) {
    if entries.is_empty() {
        render.numeric(numerics::ERR_WASNOSUCHNICK, &[nick]);
    }
    for WhowasEntry { person, at } in entries {
        let was = person.nick().as_str();
        render.numeric(numerics::RPL_WHOWASUSER, &[was, person.username(), person.host(), &person.realname]);
        let server = render.settings.server_name();
        render.numeric(numerics::RPL_WHOISSERVER, &[was, server, &at.to_string()]);
    }
    render.numeric(numerics::RPL_ENDOFWHOWAS, &[nick]);
}

#[cfg(test)]
mod tests {
    use chat::time::Timestamp;

    use super::*;
    use crate::features::testing::{alice, asked, complained, rendered};

    #[test]
    fn nick_and_count() {
        let whowas = |count| [Command::Whowas { nick: "bob".into(), count }];
        for (line, count) in [("WHOWAS bob", 0), ("WHOWAS bob 2", 2), ("WHOWAS bob -1", -1), ("WHOWAS bob x", 0)] {
            assert_eq!(asked(ask, line), whowas(count), "{line}");
        }
        assert_eq!(complained(ask, "WHOWAS"), ":loggia.local 431 alice :No nickname given\r\n");
    }

    #[test]
    fn who_it_was_and_when() {
        let entries = [WhowasEntry { person: alice(), at: Timestamp(1000) }];
        let expected = [
            ":loggia.local 314 alice alice ~alice home * :Alice A",
            ":loggia.local 312 alice alice loggia.local :1970-01-01T00:00:01.000Z",
            ":loggia.local 369 alice ALICE :End of WHOWAS",
        ];
        let written = rendered(|render| reply("ALICE", &entries, render));
        assert_eq!(written.split_terminator("\r\n").collect::<Vec<_>>(), expected);
        assert!(rendered(|render| reply("bob", &[], render)).starts_with(":loggia.local 406 alice bob :"));
    }
}
