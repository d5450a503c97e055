//! What ChanServ says when something was done or asked.

use chat::rank::Rank;
use chat::registration::Access;
use chat::reply::{ChannelInfo, RegistrationReply};
use irc::numerics::Language;

use super::super::{Service, say};
use crate::features::time::in_words;
use crate::render::Render;

/// Writes an answer about a channel's registration.
pub fn reply(reply: &RegistrationReply, render: &mut Render<'_>) {
    for line in lines(reply, render.settings.language) {
        say(Service::ChanServ, &line, render);
    }
}

fn lines(reply: &RegistrationReply, language: Language) -> Vec<String> {
    let english = language == Language::En;
    match reply {
        RegistrationReply::Registered { channel, founder } if english => {
            vec![format!("{channel} is registered to {founder}.")]
        }
        RegistrationReply::Registered { channel, founder } => {
            vec![format!("{channel} è registrato a nome di {founder}.")]
        }
        RegistrationReply::DropCode { channel, code } if english => {
            vec![format!("To end the registration of {channel}, say: DROP {channel} {code}")]
        }
        RegistrationReply::DropCode { channel, code } => {
            vec![format!("Per annullare la registrazione di {channel} scrivi: DROP {channel} {code}")]
        }
        RegistrationReply::Dropped { channel } if english => vec![format!("{channel} is not registered any more.")],
        RegistrationReply::Dropped { channel } => vec![format!("{channel} non è più registrato.")],
        RegistrationReply::Transferred { channel, founder } if english => {
            vec![format!("{channel} belongs to {founder} now.")]
        }
        RegistrationReply::Transferred { channel, founder } => vec![format!("{channel} ora è di {founder}.")],
        RegistrationReply::AccessChanged { channel, account, rank } => {
            vec![access_changed(channel.as_str(), account, *rank, language)]
        }
        RegistrationReply::AccessList { channel, founder, entries } => {
            access_list(channel.as_str(), founder, entries, language)
        }
        RegistrationReply::Info(info) => about(info, language),
    }
}

fn rank_name(rank: Rank, language: Language) -> &'static str {
    match (rank, language) {
        (Rank::Voice, Language::En) => "voice",
        (Rank::HalfOperator, Language::En) => "half operator",
        (Rank::Operator, Language::En) => "operator",
        (Rank::Admin, Language::En) => "admin",
        (Rank::Founder, Language::En) => "founder",
        (Rank::Voice, Language::It) => "voce",
        (Rank::HalfOperator, Language::It) => "mezzo operatore",
        (Rank::Operator, Language::It) => "operatore",
        (Rank::Admin, Language::It) => "amministratore",
        (Rank::Founder, Language::It) => "fondatore",
    }
}

fn access_changed(channel: &str, account: &str, rank: Option<Rank>, language: Language) -> String {
    match (rank, language) {
        (Some(rank), Language::En) => format!("{account} is {} in {channel} from now on.", rank_name(rank, language)),
        (None, Language::En) => format!("{account} is not on the list of {channel} any more."),
        (Some(rank), Language::It) => format!("D'ora in poi {account} è {} in {channel}.", rank_name(rank, language)),
        (None, Language::It) => format!("{account} non è più nella lista di {channel}."),
    }
}

fn access_list(channel: &str, founder: &str, entries: &[Access], language: Language) -> Vec<String> {
    let head = match language {
        Language::En => format!("Access list of {channel}:"),
        Language::It => format!("Lista di accesso di {channel}:"),
    };
    let owner = format!("{founder}: {}", rank_name(Rank::Founder, language));
    let each = entries.iter().map(|entry| format!("{}: {}", entry.account, rank_name(entry.rank, language)));
    [head, owner].into_iter().chain(each).collect()
}

fn about(info: &ChannelInfo, language: Language) -> Vec<String> {
    let channel = &info.channel;
    let mut lines = vec![match (&info.registration, language) {
        (Some((founder, at)), Language::En) => {
            format!("{channel} belongs to {founder}, registered {}.", in_words(*at))
        }
        (None, Language::En) => format!("{channel} is not registered; created {}.", in_words(info.created)),
        (Some((founder, at)), Language::It) => format!("{channel} è di {founder}, registrato {}.", in_words(*at)),
        (None, Language::It) => format!("{channel} non è registrato; creato {}.", in_words(info.created)),
    }];
    let (letters, params) = info.modes.shown(info.with_key);
    let modes = [letters].into_iter().chain(params).collect::<Vec<_>>().join(" ");
    lines.push(match language {
        Language::En => format!("Modes: {modes}. In it: {}.", info.members),
        Language::It => format!("Modi: {modes}. Presenti: {}.", info.members),
    });
    if let Some(topic) = &info.topic {
        lines.push(match language {
            Language::En => format!("Topic: {}", topic.text),
            Language::It => format!("Argomento: {}", topic.text),
        });
    }
    lines
}
