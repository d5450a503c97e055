//! What people say to `NickServ`, as they are used to saying it.

use chat::command::{AccountCommand, Command, PersistenceCommand};

use crate::features::{invitation, register};

/// What the words ask for. Those that hold a password keep it as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// The hall can answer at once.
    Ask(Command),
    /// Make an account called like the nick.
    Register { password: Box<str>, email: Option<Box<str>>, invitation: Option<Box<str>> },
    /// Log in; without an account, to the one called like the nick.
    Identify { account: Option<Box<str>>, password: Box<str> },
    /// Log in by certificate.
    IdentifyByCertificate,
    /// Set another password.
    SetPassword { old: Box<str>, new: Box<str> },
    /// Set another password with a code.
    Reset { account: Box<str>, code: Box<str>, new: Box<str> },
    /// Make such a code.
    IssueReset { account: Box<str> },
    /// Add a certificate, the connection's own when none is named.
    AddCertificate(Option<Box<str>>),
    /// Remove one.
    RemoveCertificate(Option<Box<str>>),
    /// Become an operator by the word of an invitation.
    TakeOperator { word: Box<str> },
    /// Something about invitations.
    Invitation(invitation::Wish),
    /// VERIFY: there is nothing to verify.
    Verify,
    /// RELEASE: nothing is ever held back.
    Release,
}

impl core::fmt::Debug for Wish {
    /// Leaves out what is secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Ask(command) => f.debug_tuple("Ask").field(command).finish(),
            _ => f.write_str("Wish"),
        }
    }
}

/// Tells whether there is a password or a code in what is said to `NickServ`.
pub fn is_secret(text: &str) -> bool {
    let mut words = text.split_whitespace().map(str::to_ascii_uppercase);
    match words.next().as_deref() {
        Some("SET") => words.next().is_some_and(|word| word.starts_with("PASS")),
        Some("INVITATION") => words.next().is_some_and(|word| word == "USE"),
        Some(word) => {
            ["REGISTER", "IDENTIFY", "LOGIN", "PASSWD", "RESETPASS", "OPERATOR", "GHOST", "REGAIN", "RECOVER"]
                .contains(&word)
        }
        None => false,
    }
}

fn ask(command: AccountCommand) -> Wish {
    Wish::Ask(Command::Account(Box::new(command)))
}

impl Wish {
    /// Reads a word and what follows it; `None` when something is missing or wrong.
    pub(super) fn read(name: &str, params: &[&str]) -> Option<Self> {
        let param = |place: usize| params.get(place).map(|word| Box::<str>::from(*word));
        Some(match name {
            "REGISTER" => Self::read_register(params)?,
            "IDENTIFY" | "LOGIN" => match params {
                [] => Self::IdentifyByCertificate,
                [password] => Self::Identify { account: None, password: (*password).into() },
                [account, password, ..] => {
                    Self::Identify { account: Some((*account).into()), password: (*password).into() }
                }
            },
            "LOGOUT" => match params.first().map(|word| word.to_ascii_uppercase()).as_deref() {
                None => Self::Ask(Command::LogOut),
                Some("OTHERS") => ask(AccountCommand::EndOtherSessions),
                Some(_) => return None,
            },
            "PASSWD" => Self::SetPassword { old: param(0)?, new: param(1)? },
            "SET" => Self::read_set(params)?,
            "CERT" => match params.first()?.to_ascii_uppercase().as_str() {
                "ADD" => Self::AddCertificate(param(1)),
                "DEL" => Self::RemoveCertificate(param(1)),
                "LIST" => ask(AccountCommand::Info { account: None }),
                _ => return None,
            },
            "GHOST" => ask(AccountCommand::Ghost { nick: param(0)? }),
            "REGAIN" | "RECOVER" => ask(AccountCommand::Regain { nick: param(0)? }),
            "RELEASE" => Self::Release,
            "SESSIONS" | "LIST" => ask(AccountCommand::Sessions),
            "INFO" => ask(AccountCommand::Info { account: param(0) }),
            "DROP" | "UNREGISTER" => Self::read_drop(params),
            "VERIFY" => Self::Verify,
            "RESETPASS" => Self::Reset { account: param(0)?, code: param(1)?, new: param(2)? },
            "RESETCODE" => Self::IssueReset { account: param(0)? },
            "OPERATOR" => Self::TakeOperator { word: param(0)? },
            "INVITATION" => Self::Invitation(invitation::Wish::read(params)?),
            _ => return None,
        })
    }

    /// Reads `password [email] [invite:word]`.
    fn read_register(params: &[&str]) -> Option<Self> {
        let password = (*params.first()?).into();
        let rest = &params[1..];
        let invitation = rest.iter().find_map(|word| word.strip_prefix("invite:")).map(Box::from);
        let email = rest.iter().find(|word| !word.starts_with("invite:")).map(|word| Box::<str>::from(*word));
        Some(Self::Register { password, email, invitation })
    }

    fn read_set(params: &[&str]) -> Option<Self> {
        let value = params.get(1).copied();
        let on = || match value?.to_ascii_uppercase().as_str() {
            "ON" | "TRUE" | "YES" => Some(Some(true)),
            "OFF" | "FALSE" | "NO" => Some(Some(false)),
            "DEFAULT" => Some(None),
            _ => None,
        };
        Some(match params.first()?.to_ascii_uppercase().as_str() {
            "PASSWORD" | "PASSWD" | "PASS" => {
                Self::SetPassword { old: value?.into(), new: params.get(2).copied()?.into() }
            }
            "EMAIL" => {
                let email = value.filter(|email| !matches!(*email, "*" | "NONE" | "none"));
                if value.is_none() || email.is_some_and(|email| !register::is_email(email)) {
                    return None;
                }
                ask(AccountCommand::SetEmail(email.map(Into::into)))
            }
            "ALWAYS-ON" | "ALWAYSON" => Self::Ask(Command::Persistence(PersistenceCommand::Set(on()?))),
            "ENFORCE" | "PROTECT" | "KILL" => ask(AccountCommand::Protect(on()?.unwrap_or(true))),
            _ => return None,
        })
    }

    /// Reads nothing, `code`, or `account [code]`: a code is four hexadecimal digits, and no name begins with a digit.
    fn read_drop(params: &[&str]) -> Self {
        let (account, code) = match params {
            [] => (None, None),
            [code] if code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_hexdigit()) => (None, Some(*code)),
            [account] => (Some(*account), None),
            [account, code, ..] => (Some(*account), Some(*code)),
        };
        let (account, code) = (account.map(Box::from), code.map(Box::from));
        ask(AccountCommand::Remove { account, code, keep_messages: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Wish> {
        let words: Vec<&str> = text.split(' ').collect();
        Wish::read(words[0], &words[1..])
    }

    #[test]
    fn words_become_wishes() {
        let protect = |on| Some(ask(AccountCommand::Protect(on)));
        let persist = |wish| Some(Wish::Ask(Command::Persistence(PersistenceCommand::Set(wish))));
        let remove = |account: Option<&str>, code: Option<&str>| {
            let (account, code) = (account.map(Box::from), code.map(Box::from));
            Some(ask(AccountCommand::Remove { account, code, keep_messages: false }))
        };
        let register = |email: Option<&str>, invitation: Option<&str>| {
            let (email, invitation) = (email.map(Box::from), invitation.map(Box::from));
            Some(Wish::Register { password: "secret".into(), email, invitation })
        };
        for (text, wish) in [
            ("REGISTER secret", register(None, None)),
            ("REGISTER secret a@b.it", register(Some("a@b.it"), None)),
            ("REGISTER secret invite:ab a@b.it", register(Some("a@b.it"), Some("ab"))),
            ("IDENTIFY", Some(Wish::IdentifyByCertificate)),
            ("LOGIN anna hush", Some(Wish::Identify { account: Some("anna".into()), password: "hush".into() })),
            ("LOGOUT", Some(Wish::Ask(Command::LogOut))),
            ("LOGOUT others", Some(ask(AccountCommand::EndOtherSessions))),
            ("SET ENFORCE off", protect(false)),
            ("SET ALWAYS-ON default", persist(None)),
            ("SET PASSWORD one two", Some(Wish::SetPassword { old: "one".into(), new: "two".into() })),
            ("SET EMAIL *", Some(ask(AccountCommand::SetEmail(None)))),
            ("DROP", remove(None, None)),
            ("DROP ab12", remove(None, Some("ab12"))),
            ("DROP anna", remove(Some("anna"), None)),
            ("UNREGISTER anna ab12", remove(Some("anna"), Some("ab12"))),
            ("RECOVER anna", Some(ask(AccountCommand::Regain { nick: "anna".into() }))),
        ] {
            assert_eq!(read(text), wish, "{text}");
        }
        for text in ["REGISTER", "LOGOUT me", "SET", "SET EMAIL", "SET EMAIL a", "SET PASSWORD one", "CERT", "CERT BUY"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_secret_is_known() {
        for text in ["register hush", "IDENTIFY hush", " set password a b", "PASSWD a b", "invitation USE ab-cd"] {
            assert!(is_secret(text), "{text}");
        }
        for text in ["", "HELP REGISTER", "SET ENFORCE on", "INFO"] {
            assert!(!is_secret(text), "{text}");
        }
        assert!(!format!("{:?}", read("IDENTIFY hush")).contains("hush"));
    }
}
