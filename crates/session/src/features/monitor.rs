//! MONITOR on the wire. Meaning: `chat::features::monitor`. Proof: `scenarios/monitor.txt`.

use std::sync::Arc;

use chat::command::{Command, MonitorCommand};
use irc::message::Message;
use irc::numerics::{self, Language};
use smallvec::smallvec;

use super::packing::write_list;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `MONITOR + nick,nick`, `MONITOR - nick,nick`, `MONITOR C`, `L` and `S`.
///
/// # Errors
/// 461 for `+` or `-` without nicks, 400 for any other letter.
pub fn ask(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let nicks = || -> Result<Vec<Box<str>>, Complaint> {
        let nicks = message.params.get(1).unwrap_or_default().split(',').filter(|nick| !nick.is_empty());
        let nicks: Vec<_> = nicks.map(Box::from).collect();
        if nicks.is_empty() { Err(Complaint::need_more_params("MONITOR")) } else { Ok(nicks) }
    };
    let command = match message.params.get(0).unwrap_or_default() {
        "+" => MonitorCommand::Add(nicks()?),
        "-" => MonitorCommand::Remove(nicks()?),
        "C" | "c" => MonitorCommand::Clear,
        "L" | "l" => MonitorCommand::List,
        "S" | "s" => MonitorCommand::Status,
        _ => {
            let text = match cx.settings.language {
                Language::En => "Use one of + - C L S",
                Language::It => "Usa uno di + - C L S",
            };
            return Err(Complaint::numeric(numerics::ERR_UNKNOWNERROR, &["MONITOR", text]));
        }
    };
    Ok(smallvec![Command::Monitor(command)])
}

/// Writes 730 for those who are there, as `nick!user@host`.
pub fn reply_online(masks: &[Arc<str>], render: &mut Render<'_>) {
    write_list(render, numerics::RPL_MONONLINE, &[], ',', masks);
}

/// Writes 731 for those who are not.
pub fn reply_offline(nicks: &[Box<str>], render: &mut Render<'_>) {
    write_list(render, numerics::RPL_MONOFFLINE, &[], ',', nicks);
}

/// Writes 732 for all who are watched, and 733.
pub fn reply_list(nicks: &[Box<str>], render: &mut Render<'_>) {
    write_list(render, numerics::RPL_MONLIST, &[], ',', nicks);
    render.numeric(numerics::RPL_ENDOFMONLIST, &[]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained, rendered};

    #[test]
    fn every_form_is_read() {
        let nicks = || vec![Box::from("a"), Box::from("b")];
        for (line, command) in [
            ("MONITOR + a,,b", MonitorCommand::Add(nicks())),
            ("MONITOR - a,b,", MonitorCommand::Remove(nicks())),
            ("MONITOR C", MonitorCommand::Clear),
            ("MONITOR l", MonitorCommand::List),
            ("MONITOR S", MonitorCommand::Status),
        ] {
            assert_eq!(asked(ask, line), [Command::Monitor(command)], "{line}");
        }
        for line in ["MONITOR +", "MONITOR - ,"] {
            assert_eq!(complained(ask, line), ":loggia.local 461 alice MONITOR :Not enough parameters\r\n");
        }
        assert_eq!(complained(ask, "MONITOR x"), ":loggia.local 400 alice MONITOR :Use one of + - C L S\r\n");
    }

    #[test]
    fn an_empty_list_just_ends() {
        let written = rendered(|render| reply_list(&[], render));
        assert_eq!(written, ":loggia.local 733 alice :End of MONITOR list\r\n");
        let written = rendered(|render| reply_online(&["a!b@c".into(), "d!e@f".into()], render));
        assert_eq!(written, ":loggia.local 730 alice :a!b@c,d!e@f\r\n");
    }
}
