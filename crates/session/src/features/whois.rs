//! WHOIS on the wire. Meaning: `chat::features::whois`. Proof: `scenarios/whois.txt`.

use core::fmt;
use core::net::IpAddr;

use chat::command::Command;
use chat::person::Person;
use chat::rank::RankSet;
use chat::reply::{Whois, WhoisFound, WhoisPrivate};
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::ChannelName;
use irc::numerics;
use smallvec::smallvec;

use super::packing::write_list;
use super::target_server::Target;
use super::who::as_word;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `WHOIS [server] nick`; the server by its name, a mask of it, or the nick of somebody who is on it. Of several nicks
/// the first is answered for.
///
/// # Errors
/// 431 without a nick, 402 for another server.
pub fn ask(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let (server, nicks) = match message.params.as_slice() {
        [] => (None, ""),
        [nicks] => (None, *nicks),
        [server, nicks, ..] => (Some(*server), *nicks),
    };
    let nick = nicks.split(',').find(|nick| !nick.is_empty());
    let nick = nick.ok_or_else(|| Complaint::numeric(numerics::ERR_NONICKNAMEGIVEN, &[]))?;
    let at = match Target::read(server.unwrap_or_default(), cx.settings) {
        Target::Here => None,
        Target::OfUser(other) => Some(other.into()),
        Target::Unknown(server) => return Err(Complaint::numeric(numerics::ERR_NOSUCHSERVER, &[server])),
    };
    Ok(smallvec![Command::Whois { at, nick: nick.into() }])
}

/// Writes what is known, or 401; and 318.
pub fn reply(whois: &Whois, render: &mut Render<'_>) {
    match &whois.found {
        Some(found) => about(found, render),
        None => render.numeric(numerics::ERR_NOSUCHNICK, &[&whois.nick]),
    }
    render.numeric(numerics::RPL_ENDOFWHOIS, &[&whois.nick]);
}

fn about(found: &WhoisFound, render: &mut Render<'_>) {
    let person = &found.person;
    let nick = person.nick().as_str();
    render.numeric(numerics::RPL_WHOISUSER, &[nick, person.username(), person.host(), &person.realname]);
    let all_ranks = render.caps.contains(CapSet::MULTI_PREFIX);
    let channels = found.channels.iter().map(|(channel, ranks)| Membership { channel, ranks: *ranks, all_ranks });
    write_list(render, numerics::RPL_WHOISCHANNELS, &[nick], ' ', channels);
    let settings = render.settings;
    render.numeric(numerics::RPL_WHOISSERVER, &[nick, settings.server_name(), &settings.description]);
    if found.operator.is_some() {
        render.numeric(numerics::RPL_WHOISOPERATOR, &[nick]);
    }
    let (idle, since) = (found.idle_seconds.to_string(), found.signed_on.seconds().to_string());
    render.numeric(numerics::RPL_WHOISIDLE, &[nick, &idle, &since]);
    if let Some(text) = &found.away {
        render.numeric(numerics::RPL_AWAY, &[nick, text]);
    }
    if person.bot {
        render.numeric(numerics::RPL_WHOISBOT, &[nick]);
    }
    if let Some(account) = &person.account {
        render.numeric(numerics::RPL_WHOISACCOUNT, &[nick, account]);
    }
    for (key, value) in &found.metadata {
        // `*`: everybody may see it.
        render.numeric(numerics::RPL_WHOISKEYVALUE, &[nick, key, "*", value]);
    }
    if let Some(known) = &found.private {
        private(person, known, render);
    }
    if found.secure {
        render.numeric(numerics::RPL_WHOISSECURE, &[nick]);
    }
}

/// Writes where somebody connects from, by which gateway, and their modes.
fn private(person: &Person, known: &WhoisPrivate, render: &mut Render<'_>) {
    let nick = person.nick().as_str();
    let host = |address: &str| format!("{}@{address}", person.username());
    for address in known.addresses.iter().map(IpAddr::to_string) {
        render.numeric(numerics::RPL_WHOISHOST, &[nick, &host(&address), &address]);
    }
    for (gateway, address) in &known.gateways {
        let address = address.to_string();
        render.numeric(numerics::RPL_WHOISGATEWAY, &[nick, &host(&address), &as_word(&address), gateway]);
    }
    render.numeric(numerics::RPL_WHOISMODES, &[nick, &known.modes.shown()]);
}

/// A channel the user is in: `@#tea`.
struct Membership<'a> {
    channel: &'a ChannelName,
    ranks: RankSet,
    all_ranks: bool,
}

impl fmt::Display for Membership<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for symbol in self.ranks.symbols(self.all_ranks) {
            fmt::Write::write_char(f, symbol)?;
        }
        f.write_str(self.channel.as_str())
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv6Addr;

    use chat::modes::UserModes;
    use chat::time::Timestamp;
    use chat::user::OperatorClass;

    use super::*;
    use crate::features::testing::{alice, asked, complained, rendered, rendered_with, tea};

    #[test]
    fn the_server_in_front_is_this_one() {
        let whois = |at: Option<&str>| [Command::Whois { at: at.map(Box::from), nick: "bob".into() }];
        for line in ["WHOIS bob", "WHOIS LOGGIA.local bob", "WHOIS *.local bob", "WHOIS bob,eve"] {
            assert_eq!(asked(ask, line), whois(None), "{line}");
        }
        for at in ["bob", "eve"] {
            assert_eq!(asked(ask, &format!("WHOIS {at} bob")), whois(Some(at)));
        }
        let elsewhere = complained(ask, "WHOIS elsewhere.example bob");
        assert_eq!(elsewhere, ":loggia.local 402 alice elsewhere.example :No such server\r\n");
        for line in ["WHOIS", "WHOIS :", "WHOIS loggia.local :"] {
            assert_eq!(complained(ask, line), ":loggia.local 431 alice :No nickname given\r\n", "{line}");
        }
    }

    fn found() -> WhoisFound {
        WhoisFound {
            person: alice(),
            channels: vec![(tea().name, RankSet::OPERATOR | RankSet::VOICE), (tea().name, RankSet::empty())],
            away: None,
            operator: None,
            idle_seconds: 7,
            signed_on: Timestamp(5000),
            secure: false,
            metadata: Vec::new(),
            private: None,
        }
    }

    #[test]
    fn what_everybody_may_know() {
        let whois = Whois { nick: "ALICE".into(), found: Some(found()) };
        let expected = [
            ":loggia.local 311 alice alice ~alice home * :Alice A",
            ":loggia.local 319 alice alice :@#tea #tea",
            ":loggia.local 312 alice alice loggia.local :A test",
            ":loggia.local 317 alice alice 7 5 :seconds idle, signon time",
            ":loggia.local 318 alice ALICE :End of /WHOIS list",
        ];
        let written = rendered(|render| reply(&whois, render));
        assert_eq!(written.split_terminator("\r\n").collect::<Vec<_>>(), expected);
        let written = rendered_with(CapSet::MULTI_PREFIX, |render| reply(&whois, render));
        assert!(written.contains(" 319 alice alice :@+#tea #tea\r\n"));
    }

    #[test]
    fn what_only_some_may_know_and_only_some_are() {
        let person = alice().with(|fields| {
            fields.bot = true;
            fields.account = Some("al".into());
        });
        let found = WhoisFound {
            person,
            channels: Vec::new(),
            away: Some("Tea".into()),
            operator: Some(OperatorClass::Admin),
            secure: true,
            metadata: vec![("homepage".into(), "http://al".into())],
            private: Some(WhoisPrivate {
                addresses: vec![[192, 0, 2, 1].into(), Ipv6Addr::LOCALHOST.into()],
                gateways: vec![("kiwi".into(), Ipv6Addr::LOCALHOST.into())],
                modes: UserModes::BOT | UserModes::WALLOPS,
            }),
            ..found()
        };
        let written = rendered(|render| reply(&Whois { nick: "alice".into(), found: Some(found) }, render));
        let numbers: Vec<&str> = written.lines().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(
            numbers,
            ["311", "312", "313", "317", "301", "335", "330", "760", "378", "378", "350", "379", "671", "318"]
        );
        assert!(written.contains(" 378 alice alice :is connecting from ~alice@192.0.2.1 192.0.2.1\r\n"));
        assert!(written.contains(" 378 alice alice :is connecting from ~alice@::1 ::1\r\n"));
        let gateway = " 350 alice alice ~alice@::1 0::1 :is connected via the kiwi WEBIRC gateway\r\n";
        assert!(written.contains(gateway), "{written}");
        assert!(written.contains(" 379 alice alice :is using modes +Bw\r\n"));
    }

    #[test]
    fn nobody_is_an_error_and_an_end() {
        let written = rendered(|render| reply(&Whois { nick: "bob".into(), found: None }, render));
        assert_eq!(
            written,
            ":loggia.local 401 alice bob :No such nick/channel\r\n:loggia.local 318 alice bob :End of /WHOIS list\r\n"
        );
    }
}
