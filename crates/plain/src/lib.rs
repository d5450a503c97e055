//! The classroom chat protocols: variants as data, and their framing.
//!
//! Specification: `seed-protocols.md` (the "section" numbers in this crate are its). Pure: no sockets, no clock, no
//! threads. A [`Conversation`] takes what happened to one connection and says what is to be done; time is an argument,
//! a [`Duration`](std::time::Duration) since the program's start.
//!
//! This crate never sees a room or a user: it asks for a name, hands over what was said, and renders what it is told.

mod variant;

mod framing;
mod telnet;
mod text;

mod conversation;

pub use conversation::commands::SlashCommand;
pub use conversation::ending::{FLUSH_TIME_MAX, QUIT_SILENCE, SHUTDOWN_GAP};
pub use conversation::outgoing::{SEND_BYTES_MAX, SEND_GAP};
pub use conversation::registration::{ALIAS_WAIT, UNTOUCHED_ENTRY};
pub use conversation::{Close, CloseReason, Conversation, Input, LeaveReason, Limits, Output};
pub use framing::{Framing, Mode, READ_BYTES_ORIGINAL, READ_WAIT, UNIT_BYTES_MAX, Unit, messages_in};
pub use text::{decode, without_controls};
pub use variant::{Clash, OnStop, Prefix, Variant, VariantOverrides};
