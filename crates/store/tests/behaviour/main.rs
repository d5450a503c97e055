//! The store as its callers see it: real files, real threads.

#![allow(clippy::unwrap_used, reason = "tests")]

mod archive;
mod delivery;
mod edits;
mod format;
mod history;
mod index;
mod log;
mod migrations;
mod model;
#[path = "../../../chat/tests/chat/naive_history.rs"]
mod naive_history;
mod removal;
#[path = "../../src/scratch.rs"]
mod scratch;
mod search;
mod secrets;
mod since;
mod sqlite;
mod stepped;
mod support;
mod trouble;
mod verify;
