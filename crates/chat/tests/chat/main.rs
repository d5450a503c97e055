//! Tests of the whole hall: transcripts, random commands, and the printed rule book.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
#![allow(unreachable_pub, reason = "the modules of one test program")]
#![allow(missing_docs, reason = "tests are read, not called")]

mod commands;
mod delivery;
mod history;
mod invitation;
mod naive_history;
mod permission_table;
mod random;
mod reach;
mod shown;
mod table;
mod transcripts;
