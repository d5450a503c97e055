//! Which standard reply says what no numeric does.

use chat::refusal::{
    AccountRefusal, CannotChange, CannotDeliver, CannotRelay, CannotResume, CannotSend, NoHistory, NoSearch, Refusal,
    RegistrationRefusal,
};

/// Returns command, code and context of the standard reply that says what no numeric does.
pub(super) fn standard_reply(refusal: &Refusal) -> Option<(&'static str, &'static str, Vec<&str>)> {
    match refusal {
        Refusal::BadRealName => Some(("SETNAME", "INVALID_REALNAME", Vec::new())),
        Refusal::Account(why) => Some(("INVITATION", account_code(why), Vec::new())),
        Refusal::NicknameReserved(nick) => Some(("NICK", "NICKNAME_RESERVED", vec![nick])),
        Refusal::TooManySessions { .. } => Some(("NICK", "TOO_MANY_SESSIONS", Vec::new())),
        Refusal::TokenScope(scope) => Some(("TOKEN", "NO_PERMISSIONS", vec![scope])),
        Refusal::TooManySubscriptions { endpoint, .. } => {
            Some(("WEBPUSH", "TOO_MANY_SUBSCRIPTIONS", vec!["REGISTER", endpoint]))
        }
        Refusal::LogInNeeded { command } => Some((command, "ACCOUNT_REQUIRED", Vec::new())),
        Refusal::Registration { channel, why } => Some(("CHANSERV", registration_code(why), vec![channel])),
        Refusal::NoHistory { subcommand, target, why } => {
            let code = match why {
                NoHistory::Target => "INVALID_TARGET",
                NoHistory::Message | NoHistory::Unreadable => "MESSAGE_ERROR",
            };
            Some(("CHATHISTORY", code, core::iter::once(*subcommand).chain(target.as_deref()).collect()))
        }
        Refusal::NoSearch(NoSearch::Target(target)) => Some(("SEARCH", "INVALID_PARAMS", vec!["in", target])),
        Refusal::NoSearch(NoSearch::Unreadable) => Some(("SEARCH", "INTERNAL_ERROR", Vec::new())),
        Refusal::BadHost => Some(("CHGHOST", "INVALID_HOST", Vec::new())),
        Refusal::ChannelNameInUse { old, new } => Some(("RENAME", "CHANNEL_NAME_IN_USE", vec![old, new])),
        Refusal::CannotRename { old, new } => Some(("RENAME", "CANNOT_RENAME", vec![old, new])),
        Refusal::CannotChange { command, target, id, why } => Some(match why {
            CannotChange::Target => (command, "INVALID_TARGET", vec![target]),
            CannotChange::Forbidden if *command == "EDIT" => (command, "EDIT_FORBIDDEN", vec![target, id]),
            CannotChange::Forbidden => (command, "REDACT_FORBIDDEN", vec![target, id]),
            CannotChange::Unknown => (command, "UNKNOWN_MSGID", vec![target, id]),
            CannotChange::TooLate { .. } if *command == "EDIT" => (command, "EDIT_WINDOW_EXPIRED", vec![target, id]),
            CannotChange::TooLate { .. } => (command, "REDACT_WINDOW_EXPIRED", vec![target, id]),
            CannotChange::Unreadable => (command, "INTERNAL_ERROR", vec![target, id]),
        }),
        Refusal::CannotDeliver { command, why: CannotDeliver::NotYours } => Some((command, "ID_FORBIDDEN", Vec::new())),
        Refusal::CannotDeliver { command, why: CannotDeliver::Gone } => Some((command, "ID_EXPIRED", Vec::new())),
        Refusal::CannotResume { cursor, why: CannotResume::Unknown } => {
            Some(("RESUME", "CURSOR_UNKNOWN", vec![cursor]))
        }
        Refusal::CannotResume { cursor, why: CannotResume::Unreadable } => {
            Some(("RESUME", "CURSOR_UNREADABLE", vec![cursor]))
        }
        Refusal::CannotDeliver { command, why: CannotDeliver::Unreadable } => {
            Some((command, "ID_UNREADABLE", Vec::new()))
        }
        Refusal::CannotRelay(why) => {
            let code = match why {
                CannotRelay::NotEnabled => "NOT_ENABLED",
                CannotRelay::PrivilegesNeeded => "PRIVS_NEEDED",
                CannotRelay::InvalidNick => "INVALID_NICK",
                CannotRelay::Blank => "BLANK_MSG",
            };
            Some(("RELAYMSG", code, Vec::new()))
        }
        Refusal::TooManyGuesses { .. } => Some(("AUTHENTICATE", "TOO_MANY_ATTEMPTS", Vec::new())),
        Refusal::NoSuchAccount => Some(("AUTHENTICATE", "NOT_LOGGED_IN", Vec::new())),
        Refusal::AccountRequired => Some(("*", "ACCOUNT_REQUIRED", Vec::new())),
        Refusal::CannotRegister { account, .. } => Some(("REGISTER", "TEMPORARILY_UNAVAILABLE", vec![account])),
        Refusal::CannotSend { channel, why: CannotSend::Raid } => Some(("PRIVMSG", "RAID", vec![channel])),
        Refusal::SilencedInPrivate(nick) => Some(("PRIVMSG", "RAID", vec![nick])),
        Refusal::BadServerBan { what, .. } => Some(("BAN", "CANNOT_BAN", vec![what])),
        Refusal::NoSuchServerBan(what) => Some(("BAN", "NO_SUCH_BAN", vec![what])),
        Refusal::CannotKeep { command, target, .. } => {
            Some((command, "CANNOT_KEEP", target.iter().map(AsRef::as_ref).collect()))
        }
        _ => None,
    }
}

fn registration_code(why: &RegistrationRefusal) -> &'static str {
    match why {
        RegistrationRefusal::AccountNeeded => "ACCOUNT_REQUIRED",
        RegistrationRefusal::Registered => "ALREADY_REGISTERED",
        RegistrationRefusal::NotRegistered => "NOT_REGISTERED",
        RegistrationRefusal::Permanent => "PERMANENT",
        RegistrationRefusal::TooMany { .. } => "TOO_MANY_CHANNELS",
        RegistrationRefusal::NoSuchAccount(_) => "ACCOUNT_UNKNOWN",
        RegistrationRefusal::IsFounder(_) => "IS_FOUNDER",
        RegistrationRefusal::NotListed(_) => "NOT_LISTED",
        RegistrationRefusal::AccessFull { .. } => "ACCESS_LIST_FULL",
    }
}

/// Of what is asked without a service, invitations are all that can be refused so.
fn account_code(why: &AccountRefusal) -> &'static str {
    match why {
        AccountRefusal::NotLoggedIn => "ACCOUNT_REQUIRED",
        AccountRefusal::Unknown(_) => "ACCOUNT_UNKNOWN",
        AccountRefusal::NotYours | AccountRefusal::NickNotYours(_) | AccountRefusal::NickIsYou(_) => "NOT_ALLOWED",
        AccountRefusal::BadFingerprint
        | AccountRefusal::CertificateTaken
        | AccountRefusal::CertificateUnknown
        | AccountRefusal::TooManyCertificates { .. } => "INVALID_CERTIFICATE",
        AccountRefusal::BadCode => "INVALID_TOKEN",
        AccountRefusal::PasswordChanged => "PASSWORD_CHANGED",
        AccountRefusal::NoSuchInvitation(_) => "NO_SUCH_INVITATION",
        AccountRefusal::TooManyInvitations { .. } => "TOO_MANY_INVITATIONS",
    }
}
