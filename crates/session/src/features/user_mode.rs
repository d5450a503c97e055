//! MODE of a user on the wire. Meaning: `chat::features::user_mode`. Proof: `scenarios/mode-user.txt`, `bot-mode.txt`.
//!
//! How MODE is read, for users and for channels, stands in [`super::mode`].

use chat::event::Event;
use chat::modes::{UserModes, shown_together};
use irc::capability::CapSet;
use irc::numerics;

use crate::render::{Render, event_line};
use crate::settings::Settings;

/// Writes `MODE nick +iw-B`: what is on now, then what is off.
pub fn event(event: &Event, before: UserModes, now: UserModes, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    let Some(actor) = &event.actor else { return };
    let letters = changes(before, now);
    event_line(out, event, caps, settings)
        .command("MODE")
        .param(actor.person.nick().as_str())
        .param(&letters)
        .end_cut();
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
    use super::*;

    #[test]
    fn what_is_on_comes_before_what_is_off() {
        let (bot, invisible, wallops) = (UserModes::BOT, UserModes::INVISIBLE, UserModes::WALLOPS);
        assert_eq!(changes(UserModes::empty(), bot | wallops), "+Bw");
        assert_eq!(changes(bot | invisible, invisible | wallops), "+w-B");
        assert_eq!(changes(invisible, UserModes::empty()), "-i");
    }
}
