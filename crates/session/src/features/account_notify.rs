//! ACCOUNT on the wire. Meaning: `chat::features::login`. Proof: `scenarios/account-notify.txt`.
//!
//! Spec: `IRCv3` "account-notify".

use chat::event::Event;
use chat::person::Person;
use irc::capability::CapSet;

use crate::render::event_line;
use crate::settings::Settings;

/// Writes `:nick!user@host ACCOUNT name`, or `*` for a log-out.
pub fn event(event: &Event, now: &Person, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("ACCOUNT").param(now.account.as_deref().unwrap_or("*")).end();
}
