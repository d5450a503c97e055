//! The answer no, as a numeric or a standard reply. In words for people: [`crate::texts::refusal`].

use chat::refusal::Refusal;
use irc::numerics::{self, Language, Numeric};
use irc::write::word_or_star;

use crate::render::Render;
use crate::texts;

/// Writes a refusal.
///
/// Spec: Modern IRC, "Numerics"; `IRCv3` "standard-replies" for what has no numeric.
pub fn reply(refusal: &Refusal, render: &mut Render<'_>) {
    if let Some((numeric, args)) = numeric(refusal, render.settings.language) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        render.numeric(numeric, &args);
    }
    if let Some((command, code, context)) = standard_reply(refusal) {
        let context: Vec<&str> = context.into_iter().map(word_or_star).collect();
        let text = texts::refusal(refusal, render.settings.language);
        render.fail(word_or_star(command), code, &context, &text);
    }
}

/// Returns the numeric of a refusal and its arguments; `None` for what only a standard reply can say.
pub fn numeric(refusal: &Refusal, language: Language) -> Option<(&'static Numeric, Vec<String>)> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Some(match refusal {
        Refusal::NoSuchNick(nick) => (numerics::ERR_NOSUCHNICK, words(&[nick])),
        Refusal::NoSuchChannel(channel) => (numerics::ERR_NOSUCHCHANNEL, words(&[channel])),
        Refusal::CannotSend { channel, .. } => (numerics::ERR_CANNOTSENDTOCHAN, words(&[channel])),
        Refusal::NoText => (numerics::ERR_NOTEXTTOSEND, Vec::new()),
        Refusal::WasNoSuchNick(nick) => (numerics::ERR_WASNOSUCHNICK, words(&[nick])),
        Refusal::ErroneousNickname(nick) => (numerics::ERR_ERRONEUSNICKNAME, words(&[nick])),
        Refusal::NicknameInUse(nick) => (numerics::ERR_NICKNAMEINUSE, words(&[nick])),
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
        Refusal::NotAnOperator => (numerics::ERR_NOPRIVILEGES, Vec::new()),
        Refusal::OperatorNeeded(channel) => (numerics::ERR_CHANOPRIVSNEEDED, words(&[channel])),
        Refusal::UnknownUserMode => (numerics::ERR_UMODEUNKNOWNFLAG, Vec::new()),
        Refusal::UsersDontMatch => (numerics::ERR_USERSDONTMATCH, Vec::new()),
        Refusal::BadModeParam { target, letter, param } => {
            let text = texts::refusal(refusal, language);
            (numerics::ERR_INVALIDMODEPARAM, words(&[target, &letter.to_string(), param, &text]))
        }
        Refusal::ChannelOpen(channel) => (numerics::ERR_CHANOPEN, words(&[channel])),
        Refusal::KnockOnChannel(channel) => (numerics::ERR_KNOCKONCHAN, words(&[channel])),
        Refusal::TooManyKnocks(channel) => (numerics::ERR_TOOMANYKNOCK, words(&[channel])),
        Refusal::MonitorListFull { limit, nicks } => {
            (numerics::ERR_MONLISTFULL, words(&[&limit.to_string(), nicks]))
        }
        // Clients that know no standard replies show this one beside the text that was not sent.
        Refusal::CannotKeep { command: "PRIVMSG", target: Some(target), .. } if !is_nick(target) => {
            (numerics::ERR_CANNOTSENDTOCHAN, words(&[target]))
        }
        Refusal::CannotKeep { .. } | Refusal::BadRealName | Refusal::BadHost => return None,
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
        Refusal::BadHost => Some(("CHGHOST", "INVALID_HOST", Vec::new())),
        Refusal::CannotKeep { command, target, .. } => {
            Some((command, "CANNOT_KEEP", target.iter().map(AsRef::as_ref).collect()))
        }
        _ => None,
    }
}
