//! The answer no, as a numeric or a standard reply. In words for people: [`crate::texts::refusal`].

use chat::refusal::{
    AccountRefusal, CannotChange, CannotDeliver, CannotRelay, CannotSend, NoHistory, NoSearch, Refusal,
    RegistrationRefusal,
};
use irc::numerics::{self, Language, Numeric};
use irc::write::word_or_star;

use super::metadata;
use crate::render::Render;
use crate::texts;

/// Writes a refusal.
///
/// Spec: Modern IRC, "Numerics"; `IRCv3` "standard-replies" for what has no numeric.
pub fn reply(refusal: &Refusal, render: &mut Render<'_>) {
    if let Refusal::Metadata(why) = refusal {
        return metadata::refused(why, render);
    }
    if let Some((numeric, args)) = numeric(refusal, render.settings.language) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        render.numeric(numeric, &args);
    }
    if let Some((command, code, context)) = standard_reply(refusal) {
        let number = match refusal {
            Refusal::CannotChange { why: CannotChange::TooLate { seconds }, .. } => Some(seconds.to_string()),
            _ => None,
        };
        let context: Vec<&str> = context.into_iter().chain(number.as_deref()).map(word_or_star).collect();
        let text = texts::refusal(refusal, render.settings.language);
        match refusal {
            // Their specifications ask for it.
            Refusal::BadRealName
            | Refusal::LogInNeeded { .. }
            | Refusal::CannotChange { .. }
            | Refusal::CannotDeliver { .. }
            | Refusal::Account(_)
            | Refusal::CannotRelay(_)
            | Refusal::ChannelNameInUse { .. }
            | Refusal::CannotRename { .. }
            | Refusal::NoHistory { .. }
            | Refusal::NoSearch(_) => {
                render.fail(command, code, &context, &text);
            }
            _ => render.fail_or_notice(word_or_star(command), code, &context, &text),
        }
    }
}

/// Returns the numeric of a refusal and its arguments; `None` for what only a standard reply can say.
pub fn numeric(refusal: &Refusal, language: Language) -> Option<(&'static Numeric, Vec<String>)> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Some(match refusal {
        Refusal::NoSuchNick(nick) => (numerics::ERR_NOSUCHNICK, words(&[nick])),
        Refusal::NoSuchChannel(channel) => (numerics::ERR_NOSUCHCHANNEL, words(&[channel])),
        Refusal::CannotSend { channel, why: CannotSend::AccountNeeded } | Refusal::AccountNeeded(channel) => {
            (numerics::ERR_NEEDREGGEDNICK, words(&[channel]))
        }
        Refusal::TooManyJoins(channel) => (numerics::ERR_THROTTLE, words(&[channel])),
        Refusal::CannotSend { channel, .. } => (numerics::ERR_CANNOTSENDTOCHAN, words(&[channel])),
        Refusal::NoText => (numerics::ERR_NOTEXTTOSEND, Vec::new()),
        Refusal::WasNoSuchNick(nick) => (numerics::ERR_WASNOSUCHNICK, words(&[nick])),
        Refusal::ErroneousNickname(nick) => (numerics::ERR_ERRONEUSNICKNAME, words(&[nick])),
        Refusal::NicknameInUse(nick) | Refusal::NicknameReserved(nick) | Refusal::TooManySessions { nick, .. } => {
            (numerics::ERR_NICKNAMEINUSE, words(&[nick]))
        }
        Refusal::UserNotInChannel { nick, channel } => (numerics::ERR_USERNOTINCHANNEL, words(&[nick, channel])),
        Refusal::NotOnChannel(channel) => (numerics::ERR_NOTONCHANNEL, words(&[channel])),
        Refusal::UserOnChannel { nick, channel } => (numerics::ERR_USERONCHANNEL, words(&[nick, channel])),
        Refusal::TooManyChannels(channel) => (numerics::ERR_TOOMANYCHANNELS, words(&[channel])),
        Refusal::ChannelIsFull(channel) => (numerics::ERR_CHANNELISFULL, words(&[channel])),
        Refusal::UnknownMode { letter } => (numerics::ERR_UNKNOWNMODE, vec![letter.to_string()]),
        Refusal::InviteOnly(channel) => (numerics::ERR_INVITEONLYCHAN, words(&[channel])),
        Refusal::Banned(channel) => (numerics::ERR_BANNEDFROMCHAN, words(&[channel])),
        Refusal::BadKey(channel) => (numerics::ERR_BADCHANNELKEY, words(&[channel])),
        Refusal::BadChannelName(channel) => (numerics::ERR_BADCHANMASK, words(&[channel])),
        Refusal::ListFull { channel, mask } => (numerics::ERR_BANLISTFULL, words(&[channel, mask])),
        Refusal::PrivilegeNeeded(privilege) => (numerics::ERR_NOPRIVS, words(&[privilege])),
        Refusal::ServerBanned { .. } => (numerics::ERR_YOUREBANNEDCREEP, vec![texts::refusal(refusal, language)]),
        Refusal::SilencedInPrivate(nick) => (numerics::ERR_CANNOTSENDTOUSER, words(&[nick])),
        Refusal::NotAnOperator => (numerics::ERR_NOPRIVILEGES, Vec::new()),
        Refusal::OperatorNeeded(channel) | Refusal::FounderNeeded(channel) => {
            (numerics::ERR_CHANOPRIVSNEEDED, words(&[channel]))
        }
        Refusal::UnknownUserMode => (numerics::ERR_UMODEUNKNOWNFLAG, Vec::new()),
        Refusal::UsersDontMatch => (numerics::ERR_USERSDONTMATCH, Vec::new()),
        Refusal::BadModeParam { target, letter, param } => {
            let text = texts::refusal(refusal, language);
            (numerics::ERR_INVALIDMODEPARAM, words(&[target, &letter.to_string(), param, &text]))
        }
        Refusal::ChannelOpen(channel) => (numerics::ERR_CHANOPEN, words(&[channel])),
        Refusal::KnockOnChannel(channel) => (numerics::ERR_KNOCKONCHAN, words(&[channel])),
        Refusal::TooManyKnocks(channel) => (numerics::ERR_TOOMANYKNOCK, words(&[channel])),
        Refusal::MonitorListFull { limit, nicks } => (numerics::ERR_MONLISTFULL, words(&[&limit.to_string(), nicks])),
        // Clients that know no standard replies show this one beside the text that was not sent.
        Refusal::CannotKeep { command: "PRIVMSG", target: Some(target), .. } if !is_nick(target) => {
            (numerics::ERR_CANNOTSENDTOCHAN, words(&[target]))
        }
        Refusal::LogInNeeded { .. }
        | Refusal::Registration { .. }
        | Refusal::Account(_)
        | Refusal::CannotKeep { .. }
        | Refusal::Metadata(_)
        | Refusal::BadRealName
        | Refusal::BadHost
        | Refusal::CannotChange { .. }
        | Refusal::CannotDeliver { .. }
        | Refusal::CannotRelay(_)
        | Refusal::ChannelNameInUse { .. }
        | Refusal::CannotRename { .. }
        | Refusal::TooManyGuesses { .. }
        | Refusal::NoSuchAccount
        | Refusal::AccountRequired
        | Refusal::CannotRegister { .. }
        | Refusal::BadServerBan { .. }
        | Refusal::NoSuchServerBan(_)
        | Refusal::NoHistory { .. }
        | Refusal::NoSearch(_) => return None,
    })
}

/// Tells whether a message's target is a person: a channel has its `#` at its beginning, or behind a rank's symbol.
fn is_nick(target: &str) -> bool {
    !target.contains(irc::names::CHANNEL_PREFIX)
}

/// Returns command, code and context of the standard reply that says what no numeric does.
fn standard_reply(refusal: &Refusal) -> Option<(&'static str, &'static str, Vec<&str>)> {
    match refusal {
        Refusal::BadRealName => Some(("SETNAME", "INVALID_REALNAME", Vec::new())),
        Refusal::Account(why) => Some(("INVITATION", account_code(why), Vec::new())),
        Refusal::NicknameReserved(nick) => Some(("NICK", "NICKNAME_RESERVED", vec![nick])),
        Refusal::TooManySessions { .. } => Some(("NICK", "TOO_MANY_SESSIONS", Vec::new())),
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
        AccountRefusal::NoSuchInvitation(_) => "NO_SUCH_INVITATION",
        AccountRefusal::TooManyInvitations { .. } => "TOO_MANY_INVITATIONS",
    }
}

#[cfg(test)]
mod tests {
    use chat::refusal::{BadServerBan, CannotRegister, CannotSend, MetadataRefusal};
    use chat::time::Timestamp;

    use super::*;
    use crate::features::testing::rendered;

    /// One of each, and the numeric it becomes; 0 for what is a standard reply only.
    #[expect(clippy::too_many_lines, reason = "a table: one of each refusal")]
    fn all() -> Vec<(Refusal, u16)> {
        let send = |why| Refusal::CannotSend { channel: "#tea".into(), why };
        let keep = |command, target: Option<&str>| Refusal::CannotKeep {
            command,
            target: target.map(Box::from),
            why: "disk full".into(),
        };
        let bad_ban = |why| Refusal::BadServerBan { what: "eve".into(), why };
        let history = |why| Refusal::NoHistory { subcommand: "LATEST", target: Some("#tea".into()), why };
        let param = |letter| Refusal::BadModeParam { target: "#tea".into(), letter, param: "*".into() };
        let change = |command, why| Refusal::CannotChange { command, target: "#tea".into(), id: "1-2".into(), why };
        vec![
            (Refusal::NoSuchNick("bob".into()), 401),
            (Refusal::NoSuchChannel("#tea".into()), 403),
            (send(CannotSend::External), 404),
            (send(CannotSend::Moderated), 404),
            (send(CannotSend::Banned), 404),
            (send(CannotSend::Ctcp), 404),
            (send(CannotSend::Muted), 404),
            (send(CannotSend::Raid), 404),
            (send(CannotSend::AccountNeeded), 477),
            (Refusal::SilencedInPrivate("bob".into()), 415),
            (Refusal::ServerBanned { reason: "x".into(), until: None }, 465),
            (Refusal::ServerBanned { reason: "x".into(), until: Some(Timestamp(0)) }, 465),
            (Refusal::AccountNeeded("#tea".into()), 477),
            (Refusal::TooManyJoins("#tea".into()), 480),
            (Refusal::PrivilegeNeeded("kill"), 723),
            (bad_ban(BadServerBan::Unreadable), 0),
            (bad_ban(BadServerBan::TooWide), 0),
            (bad_ban(BadServerBan::Yourself), 0),
            (bad_ban(BadServerBan::Loopback), 0),
            (bad_ban(BadServerBan::ListFull), 0),
            (Refusal::NoSuchServerBan("eve".into()), 0),
            (Refusal::TooManyChannels("#tea".into()), 405),
            (Refusal::WasNoSuchNick("bob".into()), 406),
            (Refusal::NoText, 412),
            (Refusal::ErroneousNickname("1".into()), 432),
            (Refusal::NicknameInUse("bob".into()), 433),
            (Refusal::NicknameReserved("bob".into()), 433),
            (Refusal::TooManySessions { nick: "bob".into(), limit: 20 }, 433),
            (Refusal::UserNotInChannel { nick: "bob".into(), channel: "#tea".into() }, 441),
            (Refusal::NotOnChannel("#tea".into()), 442),
            (Refusal::UserOnChannel { nick: "bob".into(), channel: "#tea".into() }, 443),
            (Refusal::ChannelIsFull("#tea".into()), 471),
            (Refusal::UnknownMode { letter: 'X' }, 472),
            (Refusal::InviteOnly("#tea".into()), 473),
            (Refusal::Banned("#tea".into()), 474),
            (Refusal::BadKey("#tea".into()), 475),
            (Refusal::BadChannelName("#t".into()), 476),
            (Refusal::ListFull { channel: "#tea".into(), mask: "a!*@*".into() }, 478),
            (Refusal::NotAnOperator, 481),
            (Refusal::OperatorNeeded("#tea".into()), 482),
            (Refusal::FounderNeeded("#tea".into()), 482),
            (Refusal::Registration { channel: "#tea".into(), why: RegistrationRefusal::NotRegistered }, 0),
            (Refusal::LogInNeeded { command: "PERSISTENCE" }, 0),
            (Refusal::UnknownUserMode, 501),
            (Refusal::UsersDontMatch, 502),
            (param('k'), 696),
            (param('l'), 696),
            (param('j'), 696),
            (param('o'), 696),
            (Refusal::TooManyKnocks("#tea".into()), 712),
            (Refusal::ChannelOpen("#tea".into()), 713),
            (Refusal::KnockOnChannel("#tea".into()), 714),
            (Refusal::MonitorListFull { limit: 100, nicks: "a,b".into() }, 734),
            (keep("PRIVMSG", Some("#tea")), 404),
            (keep("PRIVMSG", Some("@#tea")), 404),
            (keep("PRIVMSG", Some("bob")), 0),
            (keep("NOTICE", Some("#tea")), 0),
            (keep("JOIN", Some("#tea")), 0),
            (Refusal::BadRealName, 0),
            (history(NoHistory::Target), 0),
            (history(NoHistory::Message), 0),
            (history(NoHistory::Unreadable), 0),
            (Refusal::NoSearch(NoSearch::Target("#tea".into())), 0),
            (Refusal::NoSearch(NoSearch::Unreadable), 0),
            (Refusal::BadHost, 0),
            (Refusal::ChannelNameInUse { old: "#tea".into(), new: "#cake".into() }, 0),
            (Refusal::CannotRename { old: "#tea".into(), new: "#cake".into() }, 0),
            (change("REDACT", CannotChange::Target), 0),
            (change("REDACT", CannotChange::Forbidden), 0),
            (change("EDIT", CannotChange::Forbidden), 0),
            (change("EDIT", CannotChange::Unknown), 0),
            (change("EDIT", CannotChange::Unreadable), 0),
            (Refusal::CannotDeliver { command: "PRIVMSG", why: CannotDeliver::NotYours }, 0),
            (Refusal::CannotDeliver { command: "EDIT", why: CannotDeliver::Unreadable }, 0),
            (change("EDIT", CannotChange::TooLate { seconds: 60 }), 0),
            (change("REDACT", CannotChange::TooLate { seconds: 60 }), 0),
            (Refusal::CannotRelay(CannotRelay::NotEnabled), 0),
            (Refusal::CannotRelay(CannotRelay::PrivilegesNeeded), 0),
            (Refusal::CannotRelay(CannotRelay::InvalidNick), 0),
            (Refusal::CannotRelay(CannotRelay::Blank), 0),
            (Refusal::TooManyGuesses { seconds: 30 }, 0),
            (Refusal::NoSuchAccount, 0),
            (Refusal::Account(AccountRefusal::NotLoggedIn), 0),
            (Refusal::Account(AccountRefusal::Unknown("anna".into())), 0),
            (Refusal::Account(AccountRefusal::NotYours), 0),
            (Refusal::Account(AccountRefusal::BadFingerprint), 0),
            (Refusal::Account(AccountRefusal::CertificateTaken), 0),
            (Refusal::Account(AccountRefusal::CertificateUnknown), 0),
            (Refusal::Account(AccountRefusal::TooManyCertificates { limit: 10 }), 0),
            (Refusal::Account(AccountRefusal::BadCode), 0),
            (Refusal::Account(AccountRefusal::NickNotYours("bob".into())), 0),
            (Refusal::Account(AccountRefusal::NickIsYou("bob".into())), 0),
            (Refusal::Account(AccountRefusal::NoSuchInvitation("ab".into())), 0),
            (Refusal::Account(AccountRefusal::TooManyInvitations { limit: 1000 }), 0),
            (Refusal::AccountRequired, 0),
            (Refusal::CannotRegister { account: "anna".into(), why: CannotRegister::Exists }, 0),
            (Refusal::Metadata(MetadataRefusal::InvalidTarget("bob".into())), 0),
            (Refusal::Metadata(MetadataRefusal::NoPermission { target: "bob".into(), key: None }), 0),
            (Refusal::Metadata(MetadataRefusal::LimitReached { target: "bob".into(), limit: 10 }), 0),
        ]
    }

    /// A new refusal does not compile here until it is in the list above.
    fn place(refusal: &Refusal) -> usize {
        match refusal {
            Refusal::NoSuchNick(_) => 0,
            Refusal::NoSuchChannel(_) => 1,
            Refusal::CannotSend { .. } => 2,
            Refusal::NoText => 3,
            Refusal::WasNoSuchNick(_) => 4,
            Refusal::ErroneousNickname(_) => 5,
            Refusal::NicknameInUse(_) => 6,
            Refusal::UserNotInChannel { .. } => 7,
            Refusal::NotOnChannel(_) => 8,
            Refusal::UserOnChannel { .. } => 9,
            Refusal::TooManyChannels(_) => 10,
            Refusal::ChannelIsFull(_) => 11,
            Refusal::UnknownMode { .. } => 12,
            Refusal::InviteOnly(_) => 13,
            Refusal::Banned(_) => 14,
            Refusal::BadKey(_) => 15,
            Refusal::BadChannelName(_) => 16,
            Refusal::ListFull { .. } => 17,
            Refusal::NotAnOperator => 18,
            Refusal::OperatorNeeded(_) => 19,
            Refusal::UnknownUserMode => 20,
            Refusal::UsersDontMatch => 21,
            Refusal::BadModeParam { .. } => 22,
            Refusal::BadRealName => 23,
            Refusal::BadHost => 24,
            Refusal::ChannelOpen(_) => 25,
            Refusal::KnockOnChannel(_) => 26,
            Refusal::TooManyKnocks(_) => 27,
            Refusal::MonitorListFull { .. } => 28,
            Refusal::CannotKeep { .. } => 29,
            Refusal::ChannelNameInUse { .. } => 30,
            Refusal::CannotRename { .. } => 31,
            Refusal::CannotRelay(_) => 32,
            Refusal::TooManySessions { .. } => 33,
            Refusal::TooManyGuesses { .. } => 34,
            Refusal::NoSuchAccount => 35,
            Refusal::AccountRequired => 36,
            Refusal::CannotRegister { .. } => 37,
            Refusal::FounderNeeded(_) => 38,
            Refusal::Registration { .. } => 39,
            Refusal::LogInNeeded { .. } => 40,
            Refusal::AccountNeeded(_) => 41,
            Refusal::TooManyJoins(_) => 42,
            Refusal::PrivilegeNeeded(_) => 43,
            Refusal::ServerBanned { .. } => 44,
            Refusal::BadServerBan { .. } => 45,
            Refusal::NoSuchServerBan(_) => 46,
            Refusal::SilencedInPrivate(_) => 47,
            Refusal::NoHistory { .. } => 48,
            Refusal::CannotChange { .. } => 49,
            Refusal::NicknameReserved(_) => 50,
            Refusal::Account(_) => 51,
            Refusal::Metadata(_) => 52,
            Refusal::NoSearch(_) => 53,
            Refusal::CannotDeliver { .. } => 54,
        }
    }

    #[test]
    fn every_refusal_is_tested() {
        let mut places: Vec<usize> = all().iter().map(|(refusal, _)| place(refusal)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places, (0..55).collect::<Vec<_>>());
    }

    #[test]
    fn every_refusal_has_its_numeric_or_a_standard_reply() {
        for (refusal, code) in all() {
            match numeric(&refusal, Language::En) {
                Some((numeric, args)) => {
                    assert_eq!(numeric.code, code, "{refusal:?}");
                    assert!(numeric.args_fit(args.len()), "{refusal:?}");
                }
                None => assert_eq!(code, 0, "{refusal:?}"),
            }
            assert!(!rendered(|render| reply(&refusal, render)).is_empty(), "{refusal:?}");
        }
    }

    #[test]
    fn every_refusal_is_a_sentence_in_both_languages() {
        for (refusal, _) in all() {
            let [english, italian] = [Language::En, Language::It].map(|language| texts::refusal(&refusal, language));
            assert_ne!(english, italian, "{refusal:?}");
            for text in [english, italian] {
                assert!(!text.is_empty() && irc::write::is_text(&text), "{text:?}");
                assert!(!text.contains(['4', '+']), "no numerics, no mode letters with signs: {text:?}");
            }
        }
    }
}
