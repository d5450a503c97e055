//! One of each refusal, in numbers and in words.

use chat::refusal::{
    AccountRefusal, BadServerBan, CannotDeliver, CannotRegister, CannotRelay, CannotResume, MetadataRefusal, NoHistory,
    NoSearch, RegistrationRefusal,
};
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
        (Refusal::NoSuchServer("bob".into()), 402),
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
        (Refusal::NotInvited { nick: "bob".into(), channel: "#tea".into() }, 505),
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
        (Refusal::TokenScope("#tea".into()), 0),
        (Refusal::TooManySubscriptions { endpoint: "https://push.example/1".into(), limit: 10 }, 0),
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
        (Refusal::CannotDeliver { command: "EDIT", why: CannotDeliver::Gone }, 0),
        (Refusal::CannotResume { cursor: "1-2".into(), why: CannotResume::Unknown }, 0),
        (Refusal::CannotResume { cursor: "1-2".into(), why: CannotResume::Unreadable }, 0),
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
        (Refusal::Account(AccountRefusal::PasswordChanged), 0),
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
        Refusal::CannotResume { .. } => 55,
        Refusal::NoSuchServer(_) => 56,
        Refusal::NotInvited { .. } => 57,
        Refusal::TokenScope(_) => 58,
        Refusal::TooManySubscriptions { .. } => 59,
    }
}

#[test]
fn every_refusal_is_tested() {
    let mut places: Vec<usize> = all().iter().map(|(refusal, _)| place(refusal)).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places, (0..60).collect::<Vec<_>>());
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
