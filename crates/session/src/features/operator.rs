//! REHASH and STATS on the wire: what the shard does for server operators. Who may: `chat::features::oper`. Proof:
//! `scenarios/rehash.txt`, `stats.txt`.

use chat::command::{Command, OperatorAct};
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::shard::Action;

/// The file that 382 names.
const CONFIGURATION: &str = "loggia.toml";

/// The query of STATS for how long the server has been up. `k` and `d` are [`super::server_ban`]'s.
const UPTIME: &str = "u";

/// Reads `REHASH`.
///
/// # Errors
/// None of its own: 481 is the hall's.
pub fn ask_rehash(_session: &IrcSession, _message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    Ok(smallvec![Command::AskOperator { what: OperatorAct::Rehash }])
}

/// Reads `STATS query`.
///
/// # Errors
/// 461 without a query; for a query that has no answer, 219 at once: there is nothing to keep from anybody.
pub fn ask_stats(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let Some(query) = message.params.get(0).filter(|query| !query.is_empty()) else {
        return Err(Complaint::need_more_params("STATS"));
    };
    if let Some(bans) = super::server_ban::ask_stats(query) {
        return Ok(bans);
    }
    if !query.eq_ignore_ascii_case(UPTIME) {
        return Err(Complaint::numeric(numerics::RPL_ENDOFSTATS, &[query]));
    }
    Ok(smallvec![Command::AskOperator { what: OperatorAct::Stats }])
}

/// Does what the hall has allowed: has the configuration read again (382), tells the uptime (242, 219), or goes on with UPLOADS.
pub fn permitted(session: &mut IrcSession, act: OperatorAct, cx: &mut Cx<'_>) {
    match act {
        OperatorAct::Rehash => {
            cx.actions.push(Action::Rehash { session: cx.id });
            session.render(cx, |render| render.numeric(numerics::RPL_REHASHING, &[CONFIGURATION]));
        }
        OperatorAct::Stats => {
            let up = uptime(cx.now.wall.seconds() - cx.settings.started.seconds());
            session.render(cx, |render| {
                let [days, hours, minutes, seconds] = &up;
                render.numeric(numerics::RPL_STATSUPTIME, &[days, hours, minutes, seconds]);
                render.numeric(numerics::RPL_ENDOFSTATS, &[UPTIME]);
            });
        }
        OperatorAct::Uploads => super::uploads::permitted(session, cx),
    }
}

/// Splits seconds into days, hours, minutes and seconds, as 242 shows them: `3`, `4`, `05`, `06`. A clock that was set
/// back is no reason for negative numbers.
fn uptime(seconds: i64) -> [String; 4] {
    let seconds = seconds.max(0);
    [
        (seconds / 86_400).to_string(),
        (seconds / 3600 % 24).to_string(),
        format!("{:02}", seconds / 60 % 60),
        format!("{:02}", seconds % 60),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::isupport::Isupport;
    use crate::features::testing::{asked, complained, settings};
    use chat::ids::SessionId;
    use chat::time::{Now, Timestamp};

    #[test]
    fn questions() {
        assert_eq!(asked(ask_rehash, "REHASH"), [Command::AskOperator { what: OperatorAct::Rehash }]);
        assert_eq!(asked(ask_stats, "STATS U"), [Command::AskOperator { what: OperatorAct::Stats }]);
        assert_eq!(complained(ask_stats, "STATS"), ":loggia.local 461 alice STATS :Not enough parameters\r\n");
        assert_eq!(complained(ask_stats, "STATS x"), ":loggia.local 219 alice x :End of /STATS report\r\n");
    }

    #[test]
    fn what_operators_are_told() {
        let mut session = IrcSession::new(Now::default());
        let (mut out, mut requests, mut actions) = (Vec::new(), Vec::new(), Vec::new());
        for act in [OperatorAct::Stats, OperatorAct::Rehash] {
            let mut cx = Cx {
                settings: &settings(),
                isupport: &Isupport::of(&settings()),
                now: Now { wall: Timestamp(86_400_000 + 61_000), ..Now::default() },
                id: SessionId(1),
                peer: &mut crate::settings::Peer::new([127, 0, 0, 1].into()),
                out: &mut out,
                requests: &mut requests,
                actions: &mut actions,
                unknown: 0,
            };
            permitted(&mut session, act, &mut cx);
        }
        assert_eq!(
            String::from_utf8_lossy(&out),
            ":loggia.local 242 * :Server up 1 days 0:01:01\r\n:loggia.local 219 * u :End of /STATS report\r\n\
             :loggia.local 382 * loggia.toml :Rehashing\r\n"
        );
        assert_eq!(actions, [Action::Rehash { session: SessionId(1) }]);
    }

    #[test]
    fn uptimes() {
        assert_eq!(uptime(0), ["0", "0", "00", "00"]);
        assert_eq!(uptime(3 * 86_400 + 4 * 3600 + 5 * 60 + 6), ["3", "4", "05", "06"]);
        assert_eq!(uptime(-7), ["0", "0", "00", "00"]);
    }
}
