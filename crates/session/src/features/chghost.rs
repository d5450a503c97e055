//! CHGHOST on the wire. Meaning: `chat::features::chghost`. Proof: `scenarios/chghost.txt`.
//!
//! Spec: `IRCv3` "chghost".

use std::sync::Arc;

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use chat::ids::UserId;
use chat::modes::shown_together;
use chat::person::Person;
use chat::rank::{Rank, RankSet};
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics::Language;
use irc::write::LineWriter;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{event_line, event_tags};
use crate::settings::Settings;

/// Reads `CHGHOST nick user host`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let [nick, username, host] = [0, 1, 2].map(|place| message.params.get(place).unwrap_or_default().into());
    Ok(smallvec![Command::ChangeHost { nick, username, host }])
}

/// Tells whether a session that belongs to `user` is shown the change (or, for each channel, the coming back). Clients
/// with `chghost` see the change only; the others see the user leave and come back, except the user, who never left.
pub fn is_shown(event: &Event, is_coming_back: bool, caps: CapSet, user: UserId) -> bool {
    if caps.contains(CapSet::CHGHOST) {
        !is_coming_back
    } else {
        event.actor.as_ref().is_some_and(|actor| actor.user != user)
    }
}

/// Writes `CHGHOST user host`; for clients that do not know it, QUIT, and for each channel JOIN and MODE.
pub fn event(
    event: &Event,
    now: &Arc<Person>,
    back_in: Option<&(ChannelRef, RankSet)>,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    if caps.contains(CapSet::CHGHOST) {
        let line = event_line(out, event, caps, settings).command("CHGHOST");
        return line.param(now.username()).param(now.host()).end();
    }
    let Some((channel, ranks)) = back_in else {
        let reason = match settings.language {
            Language::En => "Changing host",
            Language::It => "Cambio di host",
        };
        return event_line(out, event, caps, settings).command("QUIT").trailing(reason).end_cut();
    };
    let channel = channel.name.as_str();
    let join = event_tags(LineWriter::new(out), event, caps).source(now.mask()).command("JOIN").param(channel);
    if caps.contains(CapSet::EXTENDED_JOIN) {
        join.param(now.account.as_deref().unwrap_or("*")).trailing(&now.realname).end_cut();
    } else {
        join.end_cut();
    }
    if ranks.is_empty() {
        return;
    }
    let nick = now.nick().as_str();
    let held = Rank::ALL.into_iter().filter(|rank| ranks.contains(rank.alone()));
    let (letters, params) = shown_together(held.map(|rank| (true, rank.letter(), Some(nick.to_owned()))));
    let mut mode = LineWriter::new(out);
    if caps.contains(CapSet::SERVER_TIME) {
        mode = mode.tag("time", Some(&event.at.to_string()));
    }
    let mode = mode.source(settings.server_name()).command("MODE").param(channel).param(&letters);
    params.iter().fold(mode, |line, param| line.param(param)).end_cut();
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{alice, asked, settings, shown, tea};

    fn kind(ranks: Option<RankSet>) -> EventKind {
        let now = alice().with(|fields| fields.host = "cups/saucer".into());
        EventKind::HostChanged { now, back_in: ranks.map(|ranks| (tea(), ranks)) }
    }

    fn seen(ranks: Option<RankSet>, caps: CapSet) -> String {
        shown(&kind(ranks), |change, out| crate::features::event(change, caps, &settings(), out))
    }

    #[test]
    fn the_change_and_its_fallback() {
        assert_eq!(seen(None, CapSet::CHGHOST), ":alice!~alice@home CHGHOST ~alice cups/saucer\r\n");
        assert_eq!(seen(None, CapSet::empty()), ":alice!~alice@home QUIT :Changing host\r\n");
        assert_eq!(seen(Some(RankSet::empty()), CapSet::empty()), ":alice!~alice@cups/saucer JOIN #tea\r\n");
        assert_eq!(
            seen(Some(RankSet::OPERATOR | RankSet::VOICE), CapSet::EXTENDED_JOIN | CapSet::SERVER_TIME),
            "@time=1970-01-01T00:00:01.000Z :alice!~alice@cups/saucer JOIN #tea * :Alice A\r\n\
             @time=1970-01-01T00:00:01.000Z :loggia.local MODE #tea +ov alice alice\r\n"
        );
    }

    #[test]
    fn everybody_sees_one_of_the_two_and_the_user_no_fallback() {
        let (alice, bob) = (UserId(1), UserId(2));
        for (ranks, caps, user, expected) in [
            (None, CapSet::CHGHOST, alice, true),
            (None, CapSet::CHGHOST, bob, true),
            (None, CapSet::empty(), alice, false),
            (None, CapSet::empty(), bob, true),
            (Some(RankSet::empty()), CapSet::CHGHOST, alice, false),
            (Some(RankSet::empty()), CapSet::CHGHOST, bob, false),
            (Some(RankSet::empty()), CapSet::empty(), alice, false),
            (Some(RankSet::empty()), CapSet::empty(), bob, true),
        ] {
            shown(&kind(ranks), |change, _| {
                assert_eq!(crate::features::is_shown(change, caps, user), expected, "{ranks:?} {caps:?} {user:?}");
            });
        }
    }

    #[test]
    fn asked_as_typed() {
        let change = Command::ChangeHost { nick: "bob".into(), username: "tea".into(), host: "two words".into() };
        assert_eq!(asked(ask, "CHGHOST bob tea :two words"), [change]);
    }
}
