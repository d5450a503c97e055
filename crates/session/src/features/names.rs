//! NAMES on the wire. Meaning: `chat::features::names`. Proof: `scenarios/names.txt`, `multi-prefix.txt`,
//! `userhost-in-names.txt`, `no-implicit-names.txt`.

use core::fmt;

use chat::command::Command;
use chat::person::Person;
use chat::rank::RankSet;
use chat::reply::Names;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::packing::write_list;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// The most channels that one NAMES is answered for (ISUPPORT `TARGMAX`).
pub const TARGETS_MAX: usize = 10;

/// What 366 repeats when no channel was named: nothing is listed then.
const NO_CHANNEL: &str = "*";

/// Reads `NAMES #a,#b`. Channels beyond the limit are left out, of 366 too.
///
/// # Errors
/// None.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let wanted = message.params.get(0).filter(|wanted| !wanted.is_empty()).unwrap_or(NO_CHANNEL);
    let argument = match wanted.match_indices(',').nth(TARGETS_MAX - 1) {
        Some((end, _)) => &wanted[..end],
        None => wanted,
    };
    Ok(smallvec![Command::Names { argument: argument.into() }])
}

/// Writes 353 for each channel, in as many lines as it takes, and one 366. On entry, `no-implicit-names` leaves it out.
pub fn reply(names: &Names, render: &mut Render<'_>) {
    if names.on_entry && render.caps.intersects(CapSet::NO_IMPLICIT_NAMES.union(CapSet::DRAFT_NO_IMPLICIT_NAMES)) {
        return;
    }
    let caps = render.caps;
    for channel in &names.channels {
        let symbol = if channel.secret { "@" } else { "=" };
        let members = channel.members.iter().map(|(person, ranks)| Member { person, ranks: *ranks, caps });
        write_list(render, numerics::RPL_NAMREPLY, &[symbol, channel.channel.as_str()], ' ', members);
    }
    render.numeric(numerics::RPL_ENDOFNAMES, &[&names.argument]);
}

/// One member as a client with these capabilities sees them: `@alice`, or `@+alice!~alice@home`.
struct Member<'a> {
    person: &'a Person,
    ranks: RankSet,
    caps: CapSet,
}

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for symbol in self.ranks.symbols(self.caps.contains(CapSet::MULTI_PREFIX)) {
            fmt::Write::write_char(f, symbol)?;
        }
        let in_full = self.caps.contains(CapSet::USERHOST_IN_NAMES);
        f.write_str(if in_full { self.person.mask() } else { self.person.nick().as_str() })
    }
}

#[cfg(test)]
mod tests {
    use chat::reply::NamesOf;

    use super::*;
    use crate::features::testing::{alice, asked, person, rendered_with, tea};

    fn names(on_entry: bool, secret: bool) -> Names {
        let members = vec![(alice(), RankSet::OPERATOR | RankSet::VOICE), (person("bob"), RankSet::empty())];
        Names { argument: "#Tea".into(), channels: vec![NamesOf { channel: tea().name, secret, members }], on_entry }
    }

    #[test]
    fn capabilities_say_how_members_look() {
        let line = |caps| {
            let written = rendered_with(caps, |render| reply(&names(false, false), render));
            let end = ":loggia.local 366 alice #Tea :End of /NAMES list\r\n";
            written.strip_suffix(end).map(str::to_owned)
        };
        let expected = |list: &str| Some(format!(":loggia.local 353 alice = #tea :{list}\r\n"));
        assert_eq!(line(CapSet::empty()), expected("@alice bob"));
        assert_eq!(line(CapSet::MULTI_PREFIX), expected("@+alice bob"));
        assert_eq!(line(CapSet::USERHOST_IN_NAMES), expected("@alice!~alice@home bob!~bob@home"));
    }

    #[test]
    fn on_entry_the_list_may_be_unwanted() {
        for cap in [CapSet::NO_IMPLICIT_NAMES, CapSet::DRAFT_NO_IMPLICIT_NAMES] {
            assert_eq!(rendered_with(cap, |render| reply(&names(true, false), render)), "");
            assert!(!rendered_with(cap, |render| reply(&names(false, false), render)).is_empty());
        }
        let secret = rendered_with(CapSet::empty(), |render| reply(&names(true, true), render));
        assert!(secret.starts_with(":loggia.local 353 alice @ #tea :@alice bob\r\n"), "{secret}");
    }

    #[test]
    fn a_crowd_fits_its_lines() {
        let members = (0..500).map(|number| (person(&format!("visitor{number}")), RankSet::empty())).collect();
        let crowd = Names {
            argument: "#tea".into(),
            channels: vec![NamesOf { channel: tea().name, secret: false, members }],
            on_entry: true,
        };
        let written = rendered_with(CapSet::USERHOST_IN_NAMES, |render| reply(&crowd, render));
        assert!(written.split_terminator("\r\n").all(|line| line.len() <= 510 && !line.ends_with(' ')));
        assert_eq!(written.matches("!~visitor").count(), 500);
    }

    #[test]
    fn ten_channels_at_the_most() {
        let argument = |line: &str| match &asked(ask, line)[..] {
            [Command::Names { argument }] => argument.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(argument("NAMES"), "*");
        assert_eq!(argument("NAMES #a,#b"), "#a,#b");
        assert_eq!(argument("NAMES a,b,c,d,e,f,g,h,i,j,k,l"), "a,b,c,d,e,f,g,h,i,j");
    }
}
