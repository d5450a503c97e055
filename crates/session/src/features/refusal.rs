//! The answer no, as a numeric or a standard reply. In words for people: [`crate::texts::refusal`].

mod standard;
#[cfg(test)]
mod tests;

use chat::refusal::{CannotChange, CannotSend, Refusal};
use irc::numerics::{self, Language, Numeric};
use irc::write::word_or_star;

use super::metadata;
use crate::render::Render;
use crate::texts;
use standard::standard_reply;

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
            | Refusal::TokenScope(_)
            | Refusal::TooManySubscriptions { .. }
            | Refusal::CannotChange { .. }
            | Refusal::CannotDeliver { .. }
            | Refusal::CannotResume { .. }
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
        Refusal::NoSuchServer(target) => (numerics::ERR_NOSUCHSERVER, words(&[target])),
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
        Refusal::NotInvited { nick, channel } => (numerics::ERR_NOTINVITED, words(&[nick, channel])),
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
        | Refusal::TokenScope(_)
        | Refusal::TooManySubscriptions { .. }
        | Refusal::Registration { .. }
        | Refusal::Account(_)
        | Refusal::CannotKeep { .. }
        | Refusal::Metadata(_)
        | Refusal::BadRealName
        | Refusal::BadHost
        | Refusal::CannotChange { .. }
        | Refusal::CannotDeliver { .. }
        | Refusal::CannotResume { .. }
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
