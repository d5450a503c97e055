//! Fuzz targets as plain functions: bytes in, and a panic when something that must hold does not.
//!
//! * [`TARGETS`] lists them; each is one file in [`targets`].
//! * `fuzz-stable` runs them on the stable compiler with kept and generated inputs; `tests/kept.rs` runs the kept inputs
//!   alone. How to do each: `README.md`.
//!
//! A target keeps nothing between two calls and asks no clock, so an input that fails once fails always.

pub mod kept;
pub mod targets;

use targets::{
    batch, classroom, client, command, first_bytes, found, http, import, line, mask, message, multiline, names,
    numerics, page, plain_conversation, plain_framing, proxy_header, sasl, search, server_ban, session, tags, terminal,
    upload, websocket,
};

/// One thing to throw bytes at.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called: on the command line, and as the folder of its kept inputs.
    pub name: &'static str,
    /// The function. It panics when something that must hold does not.
    pub run: fn(&[u8]),
    /// Words worth putting into its inputs.
    pub words: &'static [&'static [u8]],
    /// The longest input that teaches anything, in bytes.
    pub input_bytes_max: usize,
}

/// All targets, from the smallest to the whole.
pub const TARGETS: &[Target] = &[
    Target { name: "line", run: line::line, words: line::WORDS, input_bytes_max: 16 * 1024 },
    Target { name: "message", run: message::message, words: message::WORDS, input_bytes_max: 1024 },
    Target { name: "tags", run: tags::tags, words: tags::WORDS, input_bytes_max: 1024 },
    Target { name: "mask", run: mask::mask, words: mask::WORDS, input_bytes_max: 512 },
    Target { name: "server_ban", run: server_ban::server_ban, words: server_ban::WORDS, input_bytes_max: 256 },
    Target { name: "search", run: search::search, words: search::WORDS, input_bytes_max: 512 },
    Target { name: "http", run: http::http, words: http::WORDS, input_bytes_max: 1000 },
    Target { name: "import", run: import::import, words: import::WORDS, input_bytes_max: 4096 },
    Target { name: "names", run: names::names, words: names::WORDS, input_bytes_max: 256 },
    Target { name: "numerics", run: numerics::numerics, words: numerics::WORDS, input_bytes_max: 1024 },
    Target { name: "multiline", run: multiline::multiline, words: multiline::WORDS, input_bytes_max: 512 },
    Target { name: "first_bytes", run: first_bytes::first_bytes, words: first_bytes::WORDS, input_bytes_max: 6000 },
    Target { name: "proxy_header", run: proxy_header::proxy_header, words: proxy_header::WORDS, input_bytes_max: 2200 },
    Target { name: "sasl", run: sasl::sasl, words: sasl::WORDS, input_bytes_max: 4000 },
    Target { name: "upload", run: upload::upload, words: upload::WORDS, input_bytes_max: 2000 },
    Target { name: "page", run: page::page, words: page::WORDS, input_bytes_max: 2000 },
    Target { name: "found", run: found::found, words: found::WORDS, input_bytes_max: 1000 },
    Target { name: "websocket", run: websocket::websocket, words: websocket::WORDS, input_bytes_max: 20_000 },
    Target {
        name: "plain_framing",
        run: plain_framing::plain_framing,
        words: plain_framing::WORDS,
        input_bytes_max: 4096,
    },
    Target {
        name: "plain_conversation",
        run: plain_conversation::plain_conversation,
        words: plain_conversation::WORDS,
        input_bytes_max: 4096,
    },
    Target { name: "classroom", run: classroom::classroom, words: classroom::WORDS, input_bytes_max: 4096 },
    Target { name: "terminal", run: terminal::terminal, words: terminal::WORDS, input_bytes_max: 1024 },
    Target { name: "session", run: session::session, words: session::WORDS, input_bytes_max: 4096 },
    Target { name: "session_late", run: session::session_late, words: session::WORDS, input_bytes_max: 4096 },
    Target { name: "batch", run: batch::batch, words: &[], input_bytes_max: 1024 },
    Target { name: "client", run: client::client, words: client::WORDS, input_bytes_max: 4096 },
    Target { name: "command", run: command::command, words: &[], input_bytes_max: 1024 },
];

/// Finds a target by its name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
