//! The `<target>` of MOTD, VERSION, TIME and their kin: which server is asked. There is one.
//!
//! Spec: Modern IRC, "Server Queries and Commands".

use irc::mask::glob;
use irc::message::Message;
use irc::numerics;

use crate::irc_session::{Cx, IrcSession};

/// Tells whether the parameter at `place` names this server, or none is given. When it names another, the client has been
/// told so (402).
pub fn is_this_server(session: &IrcSession, message: &Message<'_>, place: usize, cx: &mut Cx<'_>) -> bool {
    let Some(target) = message.params.get(place).filter(|target| !target.is_empty()) else { return true };
    let found = names_this_server(target, cx);
    if !found {
        session.render(cx, |render| render.numeric(numerics::ERR_NOSUCHSERVER, &[target]));
    }
    found
}

/// Tells whether a name is this server's, a mask of it, or could be a user's: all users are on this server.
pub(super) fn names_this_server(target: &str, cx: &Cx<'_>) -> bool {
    glob(&target.to_ascii_lowercase(), &cx.settings.server_name().to_ascii_lowercase())
        || cx.settings.chat.names.nick(target).is_ok()
}

#[cfg(test)]
mod tests {
    use crate::features::testing::{settings, told};
    use crate::irc_session::Stage;

    #[test]
    fn there_is_one_server() {
        for command in ["ADMIN", "INFO", "MOTD", "TIME", "VERSION"] {
            let answers = |target: &str| told(&settings(), Stage::Registered, &[&format!("{command} {target}")]);
            for here in ["", "loggia.local", "LOGGIA.*", "alice", "bob"] {
                let answers = answers(here);
                assert!(!answers.is_empty() && !answers.iter().any(|line| line.contains(" 402 ")), "{answers:?}");
            }
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
