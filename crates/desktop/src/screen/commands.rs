//! `/commands`: what the person can type. Each is explained in the catalogues under `help.NAME`.

use client::network::Network;
use client::outbox::What;

use super::search::{self, Search};
use super::{Dialog, Screen};

/// Their names, for completion and help.
pub const NAMES: &[&str] = &[
    "away", "back", "ban", "deop", "help", "ignore", "invite", "join", "kick", "me", "mode", "msg", "nick", "notice",
    "op", "part", "quit", "search", "topic", "unban", "unignore", "unvoice", "voice", "whois",
];

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on its way.
    Done,
    /// The program is to end.
    Quit,
    /// Something is to be said to the person: a key of the catalogue under `notice.`, and what it is about.
    Notice(&'static str, String),
}

const NEEDS_ROOM: Outcome = Outcome::Notice("needsRoom", String::new());
const NOT_CONNECTED: Outcome = Outcome::Notice("notConnected", String::new());

/// Reads `/name rest`; nothing when a text is no command. `//` is how a text begins that only looks like one.
pub fn read(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('/').filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_alphabetic()))?;
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    // `/usr/bin` is no command, nor is a path with anything behind it.
    let name = &rest[..end];
    name.chars().all(|letter| letter.is_ascii_alphabetic()).then(|| (name, rest[end..].trim()))
}

/// Carries out a command in the conversation that is shown.
pub fn run(name: &str, rest: &str, screen: &mut Screen, network: &mut Network) -> Outcome {
    let (first, more) = rest.split_once(char::is_whitespace).map_or((rest, ""), |(first, more)| (first, more.trim()));
    let room = screen.active.as_deref().and_then(|key| network.state().room(key)).map(|room| room.name.clone());
    let channel = room.clone().filter(|name| network.state().isupport.is_channel(name));
    let name = name.to_ascii_lowercase();
    let takes_words = !matches!(name.as_str(), "away" | "back" | "help" | "mode" | "part" | "quit");
    if takes_words && first.is_empty() && NAMES.contains(&name.as_str()) {
        return Outcome::Notice("usage", name);
    }
    let sent = |is_sent: bool| if is_sent { Outcome::Done } else { NOT_CONNECTED };
    match name.as_str() {
        "ignore" | "unignore" => {
            screen.ignore(first, name == "ignore");
            network.ignore(screen.ignored.iter().map(|nick| &**nick));
        }
        "search" => {
            let is_asked = network.search(rest, None);
            let outcome = if is_asked { search::Outcome::Asked } else { search::Outcome::Cannot };
            screen.dialog = Some(Dialog::Search(Search { words: rest.to_owned(), is_here: false, outcome }));
        }
        "help" => screen.dialog = Some(Dialog::Help),
        "quit" => return Outcome::Quit,
        "away" => return sent(network.command("AWAY", &[if rest.is_empty() { "away" } else { rest }])),
        "back" => return sent(network.command("AWAY", &[])),
        "nick" => return sent(network.command("NICK", &[first])),
        "whois" => return sent(network.command("WHOIS", &[first])),
        "join" => {
            for channel in first.split(',') {
                join(channel, screen, network);
            }
        }
        "msg" | "notice" => {
            let state = network.state();
            let key: Box<str> = state.isupport.fold(first).into();
            if name == "msg" {
                screen.expected = Some(key);
            }
            if !more.is_empty() {
                network.say(What::Say {
                    notice: name == "notice",
                    target: first.into(),
                    text: more.into(),
                    tags: Vec::new(),
                });
            }
        }
        "me" => {
            let Some(target) = room else { return NEEDS_ROOM };
            let text = format!("\u{1}ACTION {}\u{1}", rest.replace('\n', " "));
            network.say(What::say(&target, &text));
        }
        "ban" | "deop" | "invite" | "kick" | "mode" | "op" | "part" | "topic" | "unban" | "unvoice" | "voice" => {
            let Some(channel) = channel else { return NEEDS_ROOM };
            return sent(in_channel(&name, &channel, (first, more, rest), network));
        }
        _ => return Outcome::Notice("noSuchCommand", format!("/{name}")),
    }
    Outcome::Done
}

/// Enters a channel, which is shown as soon as the server has let the person in. `#` may be left out.
pub fn join(name: &str, screen: &mut Screen, network: &mut Network) {
    let name = name.trim();
    if name.is_empty() {
        return;
    }
    let is_channel = network.state().isupport.is_channel(name);
    let channel = if is_channel { name.to_owned() } else { format!("#{name}") };
    if network.join(&channel) {
        screen.expected = Some(network.state().isupport.fold(&channel).into());
    }
}

fn in_channel(name: &str, channel: &str, (first, more, rest): (&str, &str, &str), network: &mut Network) -> bool {
    let rank = |change: &str, network: &mut Network| {
        let nicks: Vec<&str> = rest.split_whitespace().collect();
        let modes = format!("{}{}", &change[..1], change[1..].repeat(nicks.len()));
        let params: Vec<&str> = [channel, &modes].into_iter().chain(nicks).collect();
        network.command("MODE", &params)
    };
    match name {
        "ban" => network.command("MODE", &[channel, "+b", &mask(first)]),
        "unban" => network.command("MODE", &[channel, "-b", &mask(first)]),
        "op" => rank("+o", network),
        "deop" => rank("-o", network),
        "voice" => rank("+v", network),
        "unvoice" => rank("-v", network),
        "invite" => network.command("INVITE", &[first, channel]),
        "kick" if more.is_empty() => network.command("KICK", &[channel, first]),
        "kick" => network.command("KICK", &[channel, first, more]),
        "topic" => network.command("TOPIC", &[channel, rest]),
        "part" => {
            network.part(channel, rest);
            true
        }
        _ => {
            let params: Vec<&str> = [channel].into_iter().chain(rest.split_whitespace()).collect();
            network.command("MODE", &params)
        }
    }
}

/// Returns the mask that a word means: a nick is everybody with that nick.
pub fn mask(word: &str) -> String {
    if word.contains(['!', '@', '*', ':']) { word.to_owned() } else { format!("{word}!*@*") }
}
