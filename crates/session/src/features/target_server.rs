//! ADMIN, INFO, MOTD, TIME and VERSION on the wire, as far as they have a `<target>`: which server is asked. There is one.
//! Meaning of a nick there: `chat::features::target_server`. Proof: `scenarios/version.txt`.
//!
//! Spec: Modern IRC, "Server Queries and Commands".

use chat::command::AboutServer::{self, Admin, Info, Motd, Time, Version};
use chat::command::Command;
use irc::mask::glob;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::{admin, info, motd, time, version};
use crate::irc_session::commands::{Complaint, Run};
use crate::irc_session::{Cx, IrcSession};
use crate::settings::Settings;

/// Who is to answer a question about a server.
pub(super) enum Target<'a> {
    /// This server.
    Here,
    /// The server that somebody of this nick is on, if there is anybody: the hall knows.
    OfUser(&'a str),
    /// No server here.
    Unknown(&'a str),
}

impl<'a> Target<'a> {
    /// Reads the name of a server, a mask of it, or a nick; nothing means this server.
    pub(super) fn read(target: &'a str, settings: &Settings) -> Self {
        let is_here = |target: &str| glob(&target.to_ascii_lowercase(), &settings.server_name().to_ascii_lowercase());
        match target {
            "" => Self::Here,
            _ if is_here(target) => Self::Here,
            _ if settings.chat.names.nick(target).is_ok() => Self::OfUser(target),
            _ => Self::Unknown(target),
        }
    }
}

/// Reads `ADMIN [target]` and its siblings.
///
/// # Errors
/// 402 for another server. For a nick that is nobody's it is the hall's.
pub fn read(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Run, Complaint> {
    match Target::read(message.params.get(0).unwrap_or_default(), cx.settings) {
        Target::Here => Ok(Run::Here(here)),
        Target::OfUser(nick) => {
            Ok(Run::Ask(smallvec![Command::AskServer { nick: nick.into(), about: about(message) }]))
        }
        Target::Unknown(target) => Err(Complaint::numeric(numerics::ERR_NOSUCHSERVER, &[target])),
    }
}

fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    reply(session, about(message), cx);
}

/// Says what is asked: the command's name does.
fn about(message: &Message<'_>) -> AboutServer {
    let asked = [("ADMIN", Admin), ("INFO", Info), ("MOTD", Motd), ("TIME", Time)];
    let is_asked = |(name, _): &&(&str, AboutServer)| name.eq_ignore_ascii_case(message.command);
    asked.iter().find(is_asked).map_or(Version, |(_, about)| *about)
}

/// Answers for this server.
pub fn reply(session: &IrcSession, about: AboutServer, cx: &mut Cx<'_>) {
    let now = cx.now.wall;
    session.render(cx, |render| match about {
        Admin => admin::reply(render),
        Info => info::reply(render),
        Motd => motd::reply(render),
        Time => time::reply(now, render),
        Version => version::reply(render),
    });
}

#[cfg(test)]
mod tests {
    use crate::features::testing::{settings, told};
    use crate::irc_session::Stage;

    #[test]
    fn there_is_one_server() {
        for command in ["ADMIN", "INFO", "MOTD", "TIME", "VERSION"] {
            let answers = |target: &str| told(&settings(), Stage::Registered, &[&format!("{command} {target}")]);
            for here in ["", "loggia.local", "LOGGIA.*"] {
                let answers = answers(here);
                let is_answer = |line: &String| !line.contains(" 402 ") && !line.starts_with("? ");
                assert!(!answers.is_empty() && answers.iter().all(is_answer), "{answers:?}");
            }
            let [asked] = &answers("bob")[..] else { panic!("{command} bob is one question") };
            assert!(asked.starts_with("? ") && asked.to_uppercase().contains(&format!("ABOUT: {command}")), "{asked}");
            assert_eq!(answers("elsewhere.example"), [":loggia.local 402 alice elsewhere.example :No such server"]);
        }
    }

    #[test]
    fn what_the_server_says_of_itself() {
        let motd = crate::settings::Settings { motd: vec!["Welcome.".into(), "".into()], ..settings() };
        for (line, answers) in [
            (
                "ADMIN",
                &[
                    ":loggia.local 256 alice loggia.local :Administrative info",
                    ":loggia.local 257 alice :Loggia",
                    ":loggia.local 258 alice :A test",
                    ":loggia.local 259 alice :Ask an operator; /WHO * o lists those who are online",
                ][..],
            ),
            (
                "INFO",
                &[
                    ":loggia.local 371 alice :loggia-test",
                    ":loggia.local 371 alice :A chat you run yourself: browsers, IRC clients, netcat and classroom clients in \
                 the same rooms.",
                    ":loggia.local 371 alice :Running since 1970-01-01 00:00:00 UTC.",
                    ":loggia.local 374 alice :End of /INFO list",
                ],
            ),
            (
                "LINKS",
                &[
                    ":loggia.local 364 alice loggia.local loggia.local :0 A test",
                    ":loggia.local 365 alice * :End of /LINKS list",
                ],
            ),
            (
                "MOTD",
                &[
                    ":loggia.local 375 alice :- loggia.local Message of the day -",
                    ":loggia.local 372 alice :Welcome.",
                    ":loggia.local 372 alice :",
                    ":loggia.local 376 alice :End of /MOTD command",
                ],
            ),
            ("TIME", &[":loggia.local 391 alice loggia.local :1970-01-01 00:00:00 UTC"]),
            (
                "HELP ison",
                &[
                    ":loggia.local 704 alice ison :ISON <nick> [<nick> ...]",
                    ":loggia.local 705 alice ison :Tells which of these people are online.",
                    ":loggia.local 706 alice ison :End of /HELP",
                ],
            ),
            ("HELPOP tea", &[":loggia.local 524 alice tea :No help available on this topic"]),
        ] {
            assert_eq!(told(&motd, Stage::Registered, &[line]), answers, "{line}");
        }
        assert_eq!(
            told(&settings(), Stage::Registered, &["MOTD"]),
            [":loggia.local 422 alice :There is no message of the day"]
        );
    }
}
