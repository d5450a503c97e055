//! ChanServ: registered channels, in the words that IRC users know. Meaning: `chat::features::registration`; MODE, KICK, TOPIC
//! and INVITE are those of the commands. Proof: `scenarios/chanserv.txt`.

mod answers;
mod help;

use chat::command::{Command, RegistrationCommand};
use chat::rank::Rank;
use irc::numerics::Language;
use smallvec::smallvec;

pub use answers::reply;

use super::Words;
use super::help as shared;
use crate::irc_session::commands::Commands;

/// Reads what somebody with this nick said to ChanServ.
pub fn read(text: &str, nick: &str, language: Language) -> Words {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let params: Vec<&str> = words.collect();
    if name == "HELP" {
        return Words::Say(shared::about(help::TOPICS, help::first(language), params.first().copied(), language));
    }
    let Some(topic) = shared::find(help::TOPICS, &name) else {
        return Words::Say(vec![shared::unknown(&name, language)]);
    };
    match commands(&name, &params, text, nick) {
        Some(commands) => Words::Ask(commands),
        None => Words::Say(vec![topic.usage_line(language)]),
    }
}

/// Returns what the words ask for; `None` when some are missing or wrong.
fn commands(name: &str, params: &[&str], text: &str, nick: &str) -> Option<Commands> {
    let channel: Box<str> = (*params.first()?).into();
    let param = |place: usize| params.get(place).map(|word| Box::<str>::from(*word));
    let registration = |what| Command::Registration { channel: channel.clone(), what };
    let rank = |sign: char, rank: Rank| Command::ChannelMode {
        channel: channel.clone(),
        letters: format!("{sign}{}", rank.letter()).into(),
        params: vec![param(1).unwrap_or_else(|| nick.into())],
    };
    let ban = |sign: char| {
        Some(Command::ChannelMode {
            channel: channel.clone(),
            letters: format!("{sign}b").into(),
            params: vec![param(1)?],
        })
    };
    let command = match name {
        "REGISTER" => registration(RegistrationCommand::Register),
        "DROP" => registration(RegistrationCommand::Drop { code: param(1) }),
        "INFO" | "GETKEY" => registration(RegistrationCommand::Info),
        "ACCESS" | "FLAGS" => registration(access(&params[1..])?),
        "TRANSFER" => registration(RegistrationCommand::Transfer { account: param(1)? }),
        "OWNER" => rank('+', Rank::Founder),
        "DEOWNER" => rank('-', Rank::Founder),
        "PROTECT" => rank('+', Rank::Admin),
        "DEPROTECT" => rank('-', Rank::Admin),
        "OP" => rank('+', Rank::Operator),
        "DEOP" => rank('-', Rank::Operator),
        "HALFOP" => rank('+', Rank::HalfOperator),
        "DEHALFOP" => rank('-', Rank::HalfOperator),
        "VOICE" => rank('+', Rank::Voice),
        "DEVOICE" => rank('-', Rank::Voice),
        "TOPIC" => Command::TopicSet { channel, text: after(text, 2).into() },
        "KICK" => {
            let reason = Some(after(text, 3)).filter(|reason| !reason.is_empty()).map(Box::from);
            Command::Kick { nick: param(1)?, channel, reason }
        }
        "BAN" => ban('+')?,
        "UNBAN" => ban('-')?,
        "INVITE" => Command::Invite { nick: param(1)?, channel },
        "UNINVITE" => Command::Uninvite { nick: param(1)?, channel },
        _ => return None,
    };
    Some(smallvec![command])
}

/// Reads `[LIST]`, `ADD account rank`, `DEL account`; the rank by its letter or by its name.
fn access(params: &[&str]) -> Option<RegistrationCommand> {
    let word = params.first().map(|word| word.to_ascii_uppercase());
    let account = || params.get(1).map(|account| Box::<str>::from(*account));
    match word.as_deref() {
        None | Some("LIST") => Some(RegistrationCommand::AccessList),
        Some("ADD") => {
            let rank = rank_named(params.get(2)?)?;
            Some(RegistrationCommand::Access { account: account()?, rank: Some(rank) })
        }
        Some("DEL") => Some(RegistrationCommand::Access { account: account()?, rank: None }),
        Some(_) => None,
    }
}

/// The ranks that the list gives; whose channel it is stands apart.
fn rank_named(word: &str) -> Option<Rank> {
    match word.trim_start_matches('+').to_ascii_lowercase().as_str() {
        "v" | "voice" | "vop" => Some(Rank::Voice),
        "h" | "halfop" | "hop" => Some(Rank::HalfOperator),
        "o" | "op" | "operator" | "aop" => Some(Rank::Operator),
        "a" | "admin" | "sop" => Some(Rank::Admin),
        _ => None,
    }
}

/// Returns what stands behind this many words, as it was typed.
fn after(text: &str, words: usize) -> &str {
    let mut rest = text.trim_start();
    for _ in 0..words {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    rest.trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Command {
        match read(text, "alice", Language::En) {
            Words::Ask(commands) if commands.len() == 1 => commands[0].clone(),
            other => panic!("{text} leads to {other:?}"),
        }
    }

    fn said(text: &str) -> Vec<String> {
        match read(text, "alice", Language::En) {
            Words::Say(lines) => lines,
            other @ Words::Ask(_) => panic!("{text} leads to {other:?}"),
        }
    }

    #[test]
    fn words_become_the_commands_that_others_use() {
        let registration = |what| Command::Registration { channel: "#tea".into(), what };
        let mode = |letters: &str, param: &str| Command::ChannelMode {
            channel: "#tea".into(),
            letters: letters.into(),
            params: vec![param.into()],
        };
        let access = |rank| RegistrationCommand::Access { account: "bob".into(), rank };
        for (text, command) in [
            ("register #tea", registration(RegistrationCommand::Register)),
            ("DROP #tea", registration(RegistrationCommand::Drop { code: None })),
            ("DROP #tea ab12", registration(RegistrationCommand::Drop { code: Some("ab12".into()) })),
            ("GETKEY #tea", registration(RegistrationCommand::Info)),
            ("ACCESS #tea", registration(RegistrationCommand::AccessList)),
            ("ACCESS #tea list", registration(RegistrationCommand::AccessList)),
            ("access #tea add bob OP", registration(access(Some(Rank::Operator)))),
            ("FLAGS #tea ADD bob +v", registration(access(Some(Rank::Voice)))),
            ("ACCESS #tea DEL bob", registration(access(None))),
            ("TRANSFER #tea bob", registration(RegistrationCommand::Transfer { account: "bob".into() })),
            ("OP #tea", mode("+o", "alice")),
            ("deop #tea bob", mode("-o", "bob")),
            ("OWNER #tea", mode("+q", "alice")),
            ("BAN #tea *!*@bad", mode("+b", "*!*@bad")),
            ("UNBAN #tea bob", mode("-b", "bob")),
            (" TOPIC  #tea  two  words ", Command::TopicSet { channel: "#tea".into(), text: "two  words".into() }),
            (
                "KICK #tea bob go away",
                Command::Kick { channel: "#tea".into(), nick: "bob".into(), reason: Some("go away".into()) },
            ),
            ("KICK #tea bob", Command::Kick { channel: "#tea".into(), nick: "bob".into(), reason: None }),
            ("INVITE #tea bob", Command::Invite { channel: "#tea".into(), nick: "bob".into() }),
            ("UNINVITE #tea bob", Command::Uninvite { channel: "#tea".into(), nick: "bob".into() }),
        ] {
            assert_eq!(asked(text), command, "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_explained() {
        for text in ["REGISTER", "ACCESS #tea ADD bob", "ACCESS #tea ADD bob q", "ACCESS #tea sell", "KICK #tea"] {
            assert!(said(text).concat().starts_with("It is written: "), "{text}");
        }
        assert_eq!(said("dance"), ["There is no DANCE here; HELP tells what there is."]);
        assert!(said("").len() > 10 && said("HELP") == said(""));
        assert!(said("HELP access").concat().contains("ACCESS <channel>"));
    }

    #[test]
    fn every_topic_of_help_is_understood() {
        for topic in help::TOPICS {
            let params = ["#tea", "ADD", "bob", "v"];
            let text = format!("{} {}", topic.name, params.join(" "));
            assert!(matches!(read(&text, "alice", Language::It), Words::Ask(_)), "{text}");
        }
    }
}
