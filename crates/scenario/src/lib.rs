//! Runs the transcripts of `scenarios/` in process and over sockets.
//!
//! A transcript says what people send and see; `scenarios/README.md` describes the format. The way of one:
//!
//! ```text
//! file ──parse──▶ Scenario ──run──▶ Driver ──▶ the server (over sockets, or the pure crates with a simulated clock)
//! ```
//!
//! Parsing and matching are pure. [`run`](mod@run) walks through the steps, splits what arrives into lines and keeps the
//! connections in step with each other; only a [`Driver`](driver::Driver) knows how bytes travel and time passes.

mod connection;
pub mod driver;
mod fingerprint;
pub mod in_process;
pub mod model;
pub mod parse;
pub mod report;
pub mod run;
mod scram;
pub mod sockets;
pub mod suite;
pub mod text;
mod websocket;
