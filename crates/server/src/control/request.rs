//! What is asked by the control socket.

use std::sync::Arc;
use std::time::Duration;

use chat::command::{AccountCommand, Command, InvitationCommand};
use irc::numerics::Language;
use serde::{Deserialize, Serialize};
use session::features::register::password_trouble;
use session::secrets::{SECRET_BYTES, hash_of_word, word_of};
use session::texts;

use crate::archive::Import;
use crate::credentials::Passwords;

/// One thing asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Make an account.
    AccountAdd {
        /// Its name.
        name: String,
        /// Its password.
        password: String,
        /// Whether its owner runs the server.
        operator: bool,
    },
    /// Write a backup.
    Backup {
        /// The file, as an absolute path.
        file: String,
    },
    /// Look through the database.
    Verify {},
    /// Take in what was said elsewhere. Files are absolute paths.
    Import(Import),
    /// Remove an account.
    AccountRemove {
        /// Its name.
        name: String,
        /// Whether what was said from it stays.
        #[serde(default)]
        keep_messages: bool,
    },
    /// Give an account another password.
    AccountPasswd {
        /// Its name.
        name: String,
        /// The new password.
        password: String,
    },
    /// Make a code to set another password.
    AccountReset {
        /// The account's name.
        name: String,
    },
    /// List all accounts.
    AccountList,
    /// Make an invitation.
    InviteCreate {
        /// How many accounts it makes.
        uses: u32,
        /// For how long it holds.
        days: Option<u32>,
    },
    /// List invitations.
    InviteList,
    /// End an invitation.
    InviteRevoke {
        /// Which.
        id: String,
    },
}

impl std::fmt::Debug for Request {
    /// Leaves out passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

impl Request {
    /// Tells whether it is done beside the hall, and may take long.
    pub(super) fn is_long(&self) -> bool {
        matches!(self, Self::Backup { .. } | Self::Verify {} | Self::Import(_))
    }

    /// Turns it into what the hall takes: passwords are hashed and codes are made, which takes long.
    ///
    /// # Errors
    /// A sentence: the password is no good, or the system gives no random numbers.
    pub fn into_command(self, passwords: &Passwords) -> Result<Command, String> {
        let account = |command| Command::Account(Box::new(command));
        Ok(match self {
            Self::Backup { .. } | Self::Verify {} | Self::Import(_) => {
                return Err("this is not asked of the hall".to_owned());
            }
            Self::AccountAdd { name, password, operator } => {
                let credentials = credentials(passwords, &name, &password)?;
                account(AccountCommand::Add { name: name.into(), credentials, operator })
            }
            Self::AccountPasswd { name, password } => {
                let credentials = credentials(passwords, &name, &password)?;
                account(AccountCommand::SetPassword { account: name.into(), credentials, proof: None })
            }
            Self::AccountRemove { name, keep_messages } => {
                account(AccountCommand::Remove { account: Some(name.into()), code: None, keep_messages })
            }
            Self::AccountReset { name } => {
                let code = new_word()?;
                let hash = hash_of_word(&code);
                account(AccountCommand::IssueReset { account: name.into(), code: code.into(), hash })
            }
            Self::AccountList => account(AccountCommand::List),
            Self::InviteCreate { uses, days } => {
                let word = new_word()?;
                let (hash, time) = (hash_of_word(&word), days.map(|days| Duration::from_hours(24) * days));
                let word = word.into();
                Command::Invitation(InvitationCommand::Create { word, hash, uses, time, operator: false })
            }
            Self::InviteList => Command::Invitation(InvitationCommand::List),
            Self::InviteRevoke { id } => Command::Invitation(InvitationCommand::Revoke { id: id.into() }),
        })
    }
}

fn credentials(passwords: &Passwords, name: &str, password: &str) -> Result<Arc<str>, String> {
    if password.is_empty() {
        return Err("the password is empty".to_owned());
    }
    if let Some(trouble) = password_trouble(name, password) {
        return Err(texts::accounts::register(trouble, Language::En));
    }
    passwords.make(&session::sasl::prepared(password)).map_err(|error| format!("{error:#}"))
}

/// Makes a word that nobody can guess.
pub(super) fn new_word() -> Result<String, String> {
    let mut random = [0; SECRET_BYTES];
    getrandom::fill(&mut random).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(word_of(&random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_one_line_and_read_back() {
        let request = Request::AccountAdd { name: "anna".into(), password: "a\nb".into(), operator: true };
        let line = serde_json::to_string(&request).unwrap_or_default();
        assert_eq!(line, r#"{"do":"account_add","name":"anna","password":"a\nb","operator":true}"#);
        assert_eq!(serde_json::from_str::<Request>(&line).ok(), Some(request.clone()));
        assert!(!format!("{request:?}").contains("a\\nb"));
        assert!(serde_json::from_str::<Request>(r#"{"do":"account_remove","name":"anna","more":1}"#).is_err());
    }
}
