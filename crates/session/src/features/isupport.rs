//! ISUPPORT on the wire: what this server is like, for clients to adapt to. Proof: `scenarios/isupport.txt`,
//! `extended-isupport.txt`, `network-icon.txt`, `safe-rate.txt`.
//!
//! Spec: Modern IRC, "RPL_ISUPPORT (005)" and "Feature Advertisement"; `IRCv3` "extended-isupport", "network-icon",
//! "account-extban", "utf8-only", and the pull request for SAFERATE.

use chat::features::chghost::HOST_BYTES_MAX;
use chat::features::mode::KEY_BYTES_MAX;
use chat::modes::{ChannelFlags, MaskList, UserModes};
use chat::rank::Rank;
use irc::capability::CapSet;
use irc::isupport::lines;
use irc::message::{Message, PARAMS_MAX};
use irc::names::CHANNEL_PREFIX;
use irc::numerics;
use irc::write::{LineWriter, word_or_star};

use super::{kick, message, names};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::settings::Settings;

/// Changes with an argument that one MODE has parameters for: all but those for the target and the letters.
const MODE_ARGUMENTS_MAX: usize = PARAMS_MAX - 2;

/// A token: its name, and its value if it has one.
type Token = (&'static str, Option<String>);

/// The tokens of one line, with a space between them.
type Line = String;

/// Answers `ISUPPORT`: also before registration, for who has `draft/extended-isupport`.
pub fn here(session: &mut IrcSession, _message: &Message<'_>, cx: &mut Cx<'_>) {
    session.render(cx, reply);
}

/// What 005 says to everybody: it is the same until the settings are others.
#[derive(Debug)]
pub struct Isupport {
    plain: Vec<Line>,
    /// To those whose connections are encrypted.
    secure: Vec<Line>,
}

impl Isupport {
    /// Returns what 005 says by these settings.
    pub fn of(settings: &Settings) -> Self {
        let [plain, secure] = [false, true].map(|secure| in_lines(&tokens(settings, secure), settings));
        Self { plain, secure }
    }
}

/// Writes 005, in as many lines as it takes. Part of the welcome and of VERSION.
pub fn reply(render: &mut Render<'_>) {
    let isupport = render.isupport;
    write(if render.secure { &isupport.secure } else { &isupport.plain }, render);
}

/// Tells a client what a reload has changed: the tokens that are new or have another value, and `-NAME` for what is gone.
///
/// Who is not registered has not been told anything yet, or has asked and can ask again.
pub fn reloaded(session: &mut IrcSession, before: &Settings, cx: &mut Cx<'_>) {
    if session.is_registered() {
        let secure = cx.peer.secure;
        let changed = changes(&tokens(before, secure), &tokens(cx.settings, secure));
        let lines = in_lines(&changed, cx.settings);
        session.render(cx, |render| write(&lines, render));
    }
}

fn changes(before: &[Token], after: &[Token]) -> Vec<(String, Option<String>)> {
    let gone = before.iter().filter(|(name, _)| !after.iter().any(|(known, _)| known == name));
    let gone: Vec<_> = gone.map(|(name, _)| (format!("-{name}"), None)).collect();
    let changed = after.iter().filter(|token| !before.contains(token));
    changed.map(|(name, value)| ((*name).to_owned(), value.clone())).chain(gone).collect()
}

fn in_lines<Name: AsRef<str>>(tokens: &[(Name, Option<String>)], settings: &Settings) -> Vec<Line> {
    let lines = lines(tokens, settings.server_name(), settings.chat.names.nick_bytes_max);
    lines.iter().map(|line| line.join(" ")).collect()
}

/// Writes lines, or a batch of lines: "the server MUST NOT send any unbatched `RPL_ISUPPORT` message".
fn write(lines: &[Line], render: &mut Render<'_>) {
    if lines.is_empty() {
        return;
    }
    if !render.caps.contains(CapSet::BATCH | CapSet::EXTENDED_ISUPPORT) {
        for line in lines {
            write_one(line, None, render);
        }
        return;
    }
    render.batch("draft/isupport", |render, batch| {
        for line in lines {
            write_one(line, Some(batch), render);
        }
    });
}

/// Writes a line: its tokens are what they were when they were put together, so nobody looks at each again.
fn write_one(tokens: &Line, batch: Option<&str>, render: &mut Render<'_>) {
    let numeric = numerics::RPL_ISUPPORT;
    let text = numeric.text(render.settings.language).unwrap_or_default();
    let line = LineWriter::new(render.out);
    let line = if batch.is_some() { line.tag("batch", batch) } else { line };
    let line = line.source(render.settings.server_name()).numeric(numeric.code).param(word_or_star(render.client));
    line.params(tokens).trailing(text).end_cut();
}

/// Returns all tokens in the order they are sent.
fn tokens(settings: &Settings, secure: bool) -> Vec<Token> {
    let chat = &settings.chat;
    let number = |name, value: usize| (name, Some(value.to_string()));
    let text = |name, value: String| (name, Some(value));
    let lists: String = MaskList::ALL.map(MaskList::letter).iter().collect();
    let mut tokens = vec![
        text("ACCOUNTEXTBAN", "account,a".to_owned()),
        number("AWAYLEN", chat.away_length),
        ("BOT", letter_of(UserModes::BOT)),
        text("CASEMAPPING", chat.names.casemapping.isupport_value().to_owned()),
        text("CHANLIMIT", format!("{CHANNEL_PREFIX}:{}", chat.channels_per_user)),
        text("CHANMODES", channel_modes()),
        number("CHANNELLEN", chat.names.channel_bytes_max),
        text("CHANTYPES", CHANNEL_PREFIX.to_string()),
        text("ELIST", "CMNTU".to_owned()),
        text("EXCEPTS", MaskList::Exception.letter().to_string()),
        // Without a prefix: `a:` an account, `m:` a mute.
        text("EXTBAN", ",am".to_owned()),
        number("HOSTLEN", HOST_BYTES_MAX),
        text("INVEX", MaskList::InviteException.letter().to_string()),
        number("KICKLEN", chat.kick_length),
        number("KEYLEN", KEY_BYTES_MAX),
        ("KNOCK", None),
        text("MAXLIST", format!("{lists}:{}", chat.list_mode_entries)),
        number("MODES", MODE_ARGUMENTS_MAX),
        number("MONITOR", chat.monitor_entries),
        number("NAMELEN", chat.names.real_name_bytes_max),
        text("NETWORK", settings.network.as_ref().to_owned()),
        number("NICKLEN", chat.names.nick_bytes_max),
        text("PREFIX", prefix()),
        // Over the budget the next lines wait; nobody is closed for it.
        ("SAFERATE", None),
        text("STATUSMSG", Rank::ALL.map(Rank::symbol).iter().collect()),
        text("TARGMAX", targets()),
        number("TOPICLEN", chat.topic_length),
        number("USERLEN", chat.names.user_bytes_max),
        ("UTF8ONLY", None),
        ("WHOX", None),
        // The same as SAFERATE, under the name that clients look for today.
        ("soju.im/SAFERATE", None),
    ];
    if chat.history {
        tokens.push(number("CHATHISTORY", chat.history_messages));
        tokens.push(text("MSGREFTYPES", "msgid,timestamp".to_owned()));
    }
    if let Some(icon) = &settings.icon {
        tokens.push(text("draft/ICON", icon.as_ref().to_owned()));
    }
    if let Some(key) = &settings.vapid {
        tokens.push(text("VAPID", key.as_ref().to_owned()));
    }
    if let Some(filehost) = &settings.filehost {
        tokens.push(("draft/AUTHTOKEN", None));
        if let Some(address) = filehost.address(secure) {
            // The same under the name of the draft and under the name that clients look for today.
            tokens.push(text("draft/FILEHOST", address.as_ref().to_owned()));
            tokens.push(text("soju.im/FILEHOST", address.as_ref().to_owned()));
            if filehost.previews {
                tokens.push(text("loggia.chat/PREVIEW", "/preview".to_owned()));
            }
        }
    }
    tokens
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
    format!("{lists},k,jl,{flags}")
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
    use crate::features::testing::settings;
    use crate::settings::FileHost;

    #[test]
    fn the_tokens() {
        let settings = Settings { network: "Tea House".into(), ..settings() };
        let lines = in_lines(&tokens(&settings, false), &settings);
        let tokens: Vec<&str> = lines.iter().flat_map(|line| line.split(' ')).collect();
        assert_eq!(
            tokens,
            [
                "ACCOUNTEXTBAN=account,a",
                "AWAYLEN=200",
                "BOT=B",
                "CASEMAPPING=ascii",
                "CHANLIMIT=#:100",
                "CHANMODES=beI,k,jl,CMRWimnst",
                "CHANNELLEN=64",
                "CHANTYPES=#",
                "ELIST=CMNTU",
                "EXCEPTS=e",
                "EXTBAN=,am",
                "HOSTLEN=64",
                "INVEX=I",
                "KICKLEN=390",
                "KEYLEN=32",
                "KNOCK",
                "MAXLIST=beI:60",
                "MODES=13",
                "MONITOR=100",
                "NAMELEN=150",
                "NETWORK=Tea\\x20House",
                "NICKLEN=32",
                "PREFIX=(qaohv)~&@%+",
                "SAFERATE",
                "STATUSMSG=~&@%+",
                "TARGMAX=JOIN:,KICK:10,KILL:1,MONITOR:,NAMES:10,NOTICE:4,PART:,PRIVMSG:4,TAGMSG:4,USERHOST:5,WHOIS:1,\
                 WHOWAS:1",
                "TOPICLEN=390",
                "USERLEN=10",
                "UTF8ONLY",
                "WHOX",
                "soju.im/SAFERATE",
                "CHATHISTORY=100",
                "MSGREFTYPES=msgid,timestamp",
            ]
        );
    }

    #[test]
    fn an_encrypted_client_is_told_an_encrypted_address_only() {
        let told = |filehost: FileHost, secure| {
            let settings = Settings { filehost: Some(filehost), ..settings() };
            let tokens = tokens(&settings, secure).into_iter();
            tokens.filter_map(|(name, value)| value.filter(|_| name == "soju.im/FILEHOST")).collect::<String>()
        };
        let both = FileHost {
            secure: Some("https://irc/upload".into()),
            plain: Some("http://irc/upload".into()),
            previews: false,
        };
        assert_eq!(told(both.clone(), true), "https://irc/upload");
        assert_eq!(told(both.clone(), false), "http://irc/upload");
        assert_eq!(told(FileHost { plain: None, ..both.clone() }, false), "https://irc/upload");
        assert_eq!(told(FileHost { secure: None, ..both.clone() }, true), "");
        let looks = Settings { filehost: Some(FileHost { previews: true, ..both.clone() }), ..settings() };
        let token = ("loggia.chat/PREVIEW", Some("/preview".to_owned()));
        assert!(tokens(&looks, true).contains(&token));
        assert!(!tokens(&Settings { filehost: Some(both), ..settings() }, true).contains(&token));
    }

    #[test]
    fn what_a_reload_changes() {
        let before = Settings { icon: Some("https://a.example/i.png".into()), ..settings() };
        let after = Settings { network: "Tea".into(), icon: None, ..settings() };
        let told = |before, after| changes(&tokens(before, false), &tokens(after, false));
        assert_eq!(told(&before, &before), []);
        assert_eq!(
            told(&before, &after),
            [("NETWORK".to_owned(), Some("Tea".to_owned())), ("-draft/ICON".to_owned(), None)]
        );
        assert_eq!(
            told(&after, &before),
            [
                ("NETWORK".to_owned(), Some("Loggia".to_owned())),
                ("draft/ICON".to_owned(), Some("https://a.example/i.png".to_owned()))
            ]
        );
    }
}
