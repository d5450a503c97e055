//! What was said elsewhere: logs and exports of other chat programs, read.
//!
//! Text in, [`Said`] messages out, into a [`Sink`]; nothing here opens a file. Each format is read piece by piece, so that
//! memory does not follow the size of what is read: [`irssi`], [`weechat`], [`slack`], [`discord`], [`mattermost`].
//! Loggia's own archive is the store's to read and write. Guide: `docs/archive.md`.

mod said;
pub use said::{How, Reaction, Said, Sink, SourceId};
mod trouble;
pub use trouble::Trouble;

pub mod irssi;
pub mod weechat;

pub mod discord;
pub mod mattermost;
pub mod slack;

mod emoji;
mod local_time;
mod markup;
