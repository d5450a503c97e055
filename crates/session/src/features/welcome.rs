//! What a new user is told first. Proof: `scenarios/registration.txt`, `whoami.txt`.
//!
//! Spec: Modern IRC, "Connection Registration".

use chat::modes::{ChannelFlags, MaskList, UserModes};
use chat::rank::Rank;
use chat::reply::Welcome;
use irc::capability::CapSet;
use irc::numerics;
use irc::write::LineWriter;

use super::time::in_words;
use super::{authtoken, isupport, lusers, metadata, motd, persistence, user_mode};
use crate::render::Render;

/// Writes 001 to 005, for who asks how they are seen, the numbers of LUSERS, the message of the day, and the modes the user starts with.
pub fn reply(welcome: &Welcome, render: &mut Render<'_>) {
    let settings = render.settings;
    let name = settings.server_name();
    render.numeric(numerics::RPL_WELCOME, &[&settings.network, welcome.person.mask()]);
    render.numeric(numerics::RPL_YOURHOST, &[name, &settings.version]);
    render.numeric(numerics::RPL_CREATED, &[&in_words(settings.started)]);
    let [user_modes, channel_modes, with_parameter] = letters();
    let modes = [name, &settings.version, &user_modes, &channel_modes, &with_parameter];
    render.numeric(numerics::RPL_MYINFO, &modes);
    isupport::reply(render);
    if render.caps.contains(CapSet::WHOAMI | CapSet::CHGHOST) {
        // How the client is seen by others, so that it knows how much fits a line: `IRCv3` pull request 603, "whoami".
        let person = &welcome.person;
        LineWriter::new(render.out).source(person.mask()).command("SETNAME").trailing(&person.realname).end_cut();
    }
    if render.caps.contains(CapSet::AUTHTOKEN | CapSet::BATCH) {
        authtoken::services(render);
    }
    if let Some(status) = welcome.persistence.filter(|_| render.caps.contains(CapSet::PERSISTENCE)) {
        persistence::reply(status, render);
    }
    lusers::reply(&welcome.counts, render);
    if let Some(values) = &welcome.metadata {
        metadata::welcome(welcome.person.nick().as_str(), values, render);
    }
    motd::reply(render);
    if !welcome.modes.is_empty() {
        user_mode::reply(welcome.modes, render);
    }
}

/// Returns the letters of user modes, of channel modes, and of channel modes that take a parameter, each in order.
fn letters() -> [String; 3] {
    let user = UserModes::LETTERS.map(|(letter, _)| letter);
    let flags = ChannelFlags::LETTERS.map(|(letter, _)| letter);
    let lists = MaskList::ALL.map(MaskList::letter);
    let ranks = Rank::ALL.map(Rank::letter);
    let with_parameter: Vec<char> = [&lists[..], &['j', 'k', 'l'], &ranks].concat();
    let channel = [&flags[..], &with_parameter].concat();
    [user.to_vec(), channel, with_parameter].map(|mut letters| {
        letters.sort_unstable();
        letters.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use chat::reply::Counts;

    use super::*;
    use crate::features::testing::{alice, rendered};

    fn welcomed(modes: UserModes) -> String {
        let counts = Counts { visible: 1, invisible: 2, operators: 3, unknown: 4, channels: 5, max: 6 };
        rendered(|render| reply(&Welcome { person: alice(), modes, counts, persistence: None, metadata: None }, render))
    }

    #[test]
    fn the_burst_comes_in_its_order() {
        let written = welcomed(UserModes::empty());
        let numbers: Vec<&str> = written.lines().filter_map(|line| line.split(' ').nth(1)).collect();
        let expected =
            ["001", "002", "003", "004", "005", "005", "005", "251", "252", "253", "254", "255", "265", "266", "422"];
        assert_eq!(numbers, expected);
        for line in [
            ":loggia.local 001 alice :Welcome to the Loggia network, alice!~alice@home",
            ":loggia.local 002 alice :Your host is loggia.local, running version loggia-test",
            ":loggia.local 003 alice :This server was started 1970-01-01 00:00:00 UTC",
            ":loggia.local 004 alice loggia.local loggia-test Biow CIMRWabehijklmnoqstv Iabehjkloqv",
            ":loggia.local 251 alice :There are 1 users and 2 invisible on 1 servers",
            ":loggia.local 252 alice 3 :operator(s) online",
            ":loggia.local 253 alice 4 :unregistered connection(s)",
            ":loggia.local 254 alice 5 :channels formed",
            ":loggia.local 255 alice :I have 3 clients and 0 servers",
            ":loggia.local 265 alice 3 6 :Current local users 3, max 6",
            ":loggia.local 266 alice 3 6 :Current global users 3, max 6",
        ] {
            assert!(written.lines().any(|written| written == line), "{line}");
        }
    }

    #[test]
    fn modes_from_the_start_are_told_last() {
        let written = welcomed(UserModes::INVISIBLE | UserModes::WALLOPS);
        assert_eq!(written.lines().last(), Some(":loggia.local 221 alice +iw"));
    }

    #[test]
    fn the_letters_of_004() {
        assert_eq!(letters(), ["Biow", "CIMRWabehijklmnoqstv", "Iabehjkloqv"]);
    }
}
