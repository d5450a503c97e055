//! The whole server and its clients in one thread under one seed: sessions, hall and the real store, on a simulated clock,
//! network and disk, watched by a small model of what each client may see.
//!
//! In reading order: [`run`] is a run; `plan` is what goes wrong in it, and when; `server` drives the real parts as
//! `loggia` does; `network`, `disk`, `vfs` and `crew` are what they stand on; `client` is who talks; `watch`, `complete`
//! and `truth` are the model; `sabotage` breaks one rule at a time, to show that the model notices.
//!
//! Outside of the simulation: TLS and WebSocket framing (`transport`), the event loop's own code (`server`; `server`
//! here takes its turns), the copy that a migration makes.

mod random;
pub mod run;

mod plan;

mod server;
mod settings;

mod crew;
mod disk;
mod network;
mod vfs;

mod client;
mod complete;

mod sabotage;
pub use sabotage::Sabotage;
mod truth;
mod watch;
pub use watch::{Rule, Violation};
