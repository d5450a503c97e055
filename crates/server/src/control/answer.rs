//! What is answered by the control socket.

use chat::reply::{AccountReply, InvitationReply, Reply};
use irc::numerics::Language;
use serde::{Deserialize, Serialize};
use session::features::time::in_words;
use session::texts;

use crate::archive::Done;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It is done; this is to be shown.
    Done {
        /// Lines of text, or none.
        lines: Vec<String>,
    },
    /// It is not.
    Refused {
        /// A sentence.
        why: String,
    },
}

/// One line from the server: before the answer to what takes long, how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// It goes on.
    Progress {
        /// How far it is.
        progress: Done,
    },
    /// The last line.
    Answer(Answer),
}

impl Answer {
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }
}

/// Says in lines of text what the hall has answered.
pub fn answer(replies: &[Reply]) -> Answer {
    let refusal =
        replies.iter().find_map(|reply| if let Reply::Refused(refusal) = reply { Some(refusal) } else { None });
    match refusal {
        Some(refusal) => Answer::refused(texts::refusal(refusal, Language::En)),
        None => Answer::Done { lines: replies.iter().flat_map(lines).collect() },
    }
}

fn lines(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Registered(name) => vec![format!("account {name} added")],
        Reply::Account(AccountReply::Removed { account, keeps_messages }) => vec![
            format!("account {account} removed"),
            "gone with it: password, certificates, settings, channels, read markers".to_owned(),
            if *keeps_messages { "what was said from it stays" } else { "what was said from it is erased" }.to_owned(),
            "its name stays reserved: nobody can register it again".to_owned(),
        ],
        Reply::Account(AccountReply::Changed { account, change }) => match change {
            chat::account::AccountChange::ResetIssued { until, code } => {
                vec![code.to_string(), format!("holds once, until {}: NickServ RESETPASS {account}", in_words(*until))]
            }
            _ => vec![format!("account {account} changed")],
        },
        Reply::Account(AccountReply::List(all)) => all.iter().map(account_line).collect(),
        Reply::Invitation(InvitationReply::Created { word, .. }) => vec![word.to_string()],
        Reply::Invitation(InvitationReply::List(all)) => {
            all.iter().map(|one| texts::invitations::about(one, Language::En)).collect()
        }
        Reply::Invitation(InvitationReply::Revoked { id }) => vec![format!("invitation {id} revoked")],
        _ => Vec::new(),
    }
}

/// Writes the name first, then words for what is special about an account.
fn account_line(info: &chat::reply::AccountInfo) -> String {
    let account = &info.account;
    let operator = match account.operator {
        Some(chat::user::OperatorClass::Admin) => " operator",
        Some(chat::user::OperatorClass::Moderator) => " moderator",
        None => "",
    };
    let password = if info.has_password { "" } else { " no-password" };
    let always_on = if account.always_on == Some(true) { " always-on" } else { "" };
    let connections = if info.connections > 0 { format!(" connections={}", info.connections) } else { String::new() };
    format!("{}{operator}{password}{always_on}{connections} registered={}", account.name, account.registered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_and_the_answer_are_told_apart() {
        let progress = Done { doing: crate::archive::Doing::Importing, done: 1, all: 2 };
        for (told, line) in [
            (Told::Progress { progress }, r#"{"progress":{"doing":"importing","done":1,"all":2}}"#),
            (Told::Answer(Answer::refused("no")), r#"{"answer":"refused","why":"no"}"#),
        ] {
            assert_eq!(serde_json::to_string(&told).unwrap_or_default(), line);
            assert_eq!(serde_json::from_str::<Told>(line).ok(), Some(told));
        }
    }
}
