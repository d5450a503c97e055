//! MODE of a user on the wire. Meaning: `chat::features::user_mode`. Proof: `scenarios/mode-user.txt`, `bot-mode.txt`.
//!
//! How MODE is read, for users and for channels, stands in [`super::mode`].

use chat::event::Event;
use chat::modes::{UserModes, shown_together};
use irc::capability::CapSet;
use irc::numerics;
use irc::write::LineWriter;

use crate::render::{Render, standing_tags};

/// Writes `MODE nick +iw-B`: what is on now, then what is off.
pub fn event(event: &Event, before: UserModes, now: UserModes, caps: CapSet, out: &mut Vec<u8>) {
    let Some(actor) = &event.actor else { return };
    // The server's confirmation, not something a bot says: without the tag `bot`, also when the mode goes away.
    let mut line = LineWriter::new(out);
    if caps.contains(CapSet::SERVER_TIME) {
        line = line.tag("time", Some(&event.at.to_string()));
    }
    let line = standing_tags(line, &actor.person, caps)
        .source(actor.person.mask())
        .command("MODE")
        .param(actor.person.nick().as_str());
    line.param(&changes(before, now)).end();
}

fn changes(before: UserModes, now: UserModes) -> String {
    let of = |modes: UserModes, on| {
        UserModes::LETTERS
            .into_iter()
            .filter(move |(_, mode)| modes.contains(*mode))
            .map(move |(letter, _)| (on, letter, None))
    };
    let (letters, _) = shown_together(of(now - before, true).chain(of(before - now, false)));
    letters
}

/// Writes 221.
pub fn reply(modes: UserModes, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_UMODEIS, &[&modes.shown()]);
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{alice, shown_as};

    #[test]
    fn a_bot_that_is_none_any_more() {
        let (before, now) = (UserModes::BOT, UserModes::empty());
        let bot = alice().with(|fields| fields.bot = true);
        let line = shown_as(&EventKind::UserModesChanged { before, now }, None, bot, |change, out| {
            event(change, before, now, CapSet::MESSAGE_TAGS | CapSet::SERVER_TIME, out);
        });
        assert_eq!(line, "@time=1970-01-01T00:00:01.000Z :alice!~alice@home MODE alice -B\r\n");
    }

    #[test]
    fn what_is_on_comes_before_what_is_off() {
        let (bot, invisible, wallops) = (UserModes::BOT, UserModes::INVISIBLE, UserModes::WALLOPS);
        assert_eq!(changes(UserModes::empty(), bot | wallops), "+Bw");
        assert_eq!(changes(bot | invisible, invisible | wallops), "+w-B");
        assert_eq!(changes(invisible, UserModes::empty()), "-i");
    }
}
