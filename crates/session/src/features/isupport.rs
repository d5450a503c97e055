//! ISUPPORT on the wire: what this server is like, for clients to adapt to. Proof: `scenarios/isupport.txt`.
//!
//! Spec: Modern IRC, "RPL_ISUPPORT (005)" and "Feature Advertisement".

use chat::features::chghost::HOST_BYTES_MAX;
use chat::modes::{ChannelFlags, MaskList, UserModes};
use chat::rank::Rank;
use chat::settings::Settings;
use irc::isupport::lines;
use irc::message::PARAMS_MAX;
use irc::names::CHANNEL_PREFIX;
use irc::numerics;

use super::{kick, message, names};
use crate::render::Render;

/// Changes with an argument that one MODE has parameters for: all but those for the target and the letters.
const MODE_ARGUMENTS_MAX: usize = PARAMS_MAX - 2;

/// A token: its name, and its value if it has one.
type Token = (&'static str, Option<String>);

/// Writes 005, in as many lines as it takes. Part of the welcome and of VERSION.
pub fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    for line in
        lines(&tokens(&settings.chat, &settings.network), settings.server_name(), settings.chat.names.nick_bytes_max)
    {
        let args: Vec<&str> = line.iter().map(String::as_str).collect();
        render.numeric(numerics::RPL_ISUPPORT, &args);
    }
}

/// Returns all tokens in the order they are sent.
fn tokens(chat: &Settings, network: &str) -> Vec<Token> {
    let number = |name, value: usize| (name, Some(value.to_string()));
    let text = |name, value: String| (name, Some(value));
    let lists: String = MaskList::ALL.map(MaskList::letter).iter().collect();
    vec![
        number("AWAYLEN", chat.away_length),
        ("BOT", letter_of(UserModes::BOT)),
        text("CASEMAPPING", chat.names.casemapping.isupport_value().to_owned()),
        text("CHANLIMIT", format!("{CHANNEL_PREFIX}:{}", chat.channels_per_user)),
        text("CHANMODES", channel_modes()),
        number("CHANNELLEN", chat.names.channel_bytes_max),
        text("CHANTYPES", CHANNEL_PREFIX.to_string()),
        text("ELIST", "CMNTU".to_owned()),
        text("EXCEPTS", MaskList::Exception.letter().to_string()),
        number("HOSTLEN", HOST_BYTES_MAX),
        text("INVEX", MaskList::InviteException.letter().to_string()),
        number("KICKLEN", chat.kick_length),
        ("KNOCK", None),
        text("MAXLIST", format!("{lists}:{}", chat.list_mode_entries)),
        number("MODES", MODE_ARGUMENTS_MAX),
        number("MONITOR", chat.monitor_entries),
        number("NAMELEN", chat.names.real_name_bytes_max),
        text("NETWORK", network.to_owned()),
        number("NICKLEN", chat.names.nick_bytes_max),
        text("PREFIX", prefix()),
        text("STATUSMSG", Rank::ALL.map(Rank::symbol).iter().collect()),
        text("TARGMAX", targets()),
        number("TOPICLEN", chat.topic_length),
        number("USERLEN", chat.names.user_bytes_max),
        ("UTF8ONLY", None),
        ("WHOX", None),
    ]
}

/// Returns the letter of a user mode.
fn letter_of(wanted: UserModes) -> Option<String> {
    UserModes::LETTERS.iter().find(|(_, mode)| *mode == wanted).map(|(letter, _)| letter.to_string())
}

/// Returns the four groups of channel modes: lists, always with a parameter, only when set, never.
fn channel_modes() -> String {
    // In the order of `CHANMODES` in Modern IRC: bans, exceptions, invite exceptions.
    let lists: String = MaskList::ALL.map(MaskList::letter).iter().collect();
    let flags: String = ChannelFlags::LETTERS.iter().map(|(letter, _)| *letter).collect();
    format!("{lists},k,l,{flags}")
}

/// Returns how many targets one command takes; nothing behind the colon: any number.
fn targets() -> String {
    let (kick, names, message) = (kick::TARGETS_MAX, names::TARGETS_MAX, message::TARGETS_MAX);
    format!(
        "JOIN:,KICK:{kick},KILL:1,MONITOR:,NAMES:{names},NOTICE:{message},PART:,PRIVMSG:{message},TAGMSG:{message},\
         USERHOST:5,WHOIS:1,WHOWAS:1"
    )
}

/// Returns the letters and symbols of ranks, highest first.
fn prefix() -> String {
    let letters: String = Rank::ALL.map(Rank::letter).iter().collect();
    let symbols: String = Rank::ALL.map(Rank::symbol).iter().collect();
    format!("({letters}){symbols}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens() {
        let tokens: Vec<String> = lines(&tokens(&Settings::default(), "Tea House"), "irc", 32).concat();
        assert_eq!(
            tokens,
            [
                "AWAYLEN=200",
                "BOT=B",
                "CASEMAPPING=ascii",
                "CHANLIMIT=#:100",
                "CHANMODES=beI,k,l,Cimnst",
                "CHANNELLEN=64",
                "CHANTYPES=#",
                "ELIST=CMNTU",
                "EXCEPTS=e",
                "HOSTLEN=64",
                "INVEX=I",
                "KICKLEN=390",
                "KNOCK",
                "MAXLIST=beI:60",
                "MODES=13",
                "MONITOR=100",
                "NAMELEN=150",
                "NETWORK=Tea\\x20House",
                "NICKLEN=32",
                "PREFIX=(qaohv)~&@%+",
                "STATUSMSG=~&@%+",
                "TARGMAX=JOIN:,KICK:10,KILL:1,MONITOR:,NAMES:10,NOTICE:4,PART:,PRIVMSG:4,TAGMSG:4,USERHOST:5,WHOIS:1,\
                 WHOWAS:1",
                "TOPICLEN=390",
                "USERLEN=10",
                "UTF8ONLY",
                "WHOX",
            ]
        );
    }
}
