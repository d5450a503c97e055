//! What lines of the server mean for what a client knows: one file for each feature, named as in the server's `session`.

pub mod account_notify;
pub mod away;
pub mod channel_rename;
pub mod chathistory;
pub mod chghost;
pub mod edit;
pub mod filehost;
pub mod isupport;
pub mod join;
pub mod kick;
pub mod message;
pub mod message_redaction;
pub mod metadata;
pub mod mode;
pub mod names;
pub mod nick;
pub mod part;
pub mod quit;
pub mod read_marker;
pub mod search;
pub mod setname;
pub mod topic;
pub mod typing;

use irc::message::Message;

use crate::state::{Change, State};

/// Takes a line that tells what happens now; returns what has changed for people.
pub(crate) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    match line.command {
        "001" => {
            state.me = line.params.get(0)?.into();
            None
        }
        "005" => {
            line.params.iter().for_each(|token| state.isupport.take(token));
            None
        }
        "ACCOUNT" => account_notify::receive(state, line),
        "AWAY" | "301" | "305" | "306" => away::receive(state, line),
        "CHGHOST" => chghost::receive(state, line),
        "JOIN" => join::receive(state, line),
        "KICK" => kick::receive(state, line),
        "MARKREAD" => read_marker::receive(state, line),
        "METADATA" | "761" | "766" => metadata::receive(state, line),
        "MODE" => mode::receive(state, line),
        "353" | "366" => names::receive(state, line),
        "NICK" => nick::receive(state, line),
        "PART" => part::receive(state, line),
        "QUIT" => quit::receive(state, line),
        // Where the client still catches up, this is held back. What is taken back is gone at once.
        "REDACT" => message_redaction::show(state, line),
        "RENAME" => channel_rename::receive(state, line),
        "TAGMSG" => typing::receive(state, line),
        "SETNAME" => setname::receive(state, line),
        "TOPIC" | "331" | "332" | "333" => topic::receive(state, line),
        _ => None,
    }
}

/// Takes a line of what was said, in its place in the conversation, and of the person's own coming and going there; returns what
/// has changed for people.
pub(crate) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    match line.command {
        "PRIVMSG" | "NOTICE" | "BATCH" | "TAGMSG" => message::show(state, line),
        "EDIT" => edit::show(state, line),
        "REDACT" => message_redaction::show(state, line),
        "JOIN" => join::show(state, line),
        "PART" => part::show(state, line),
        "KICK" => kick::show(state, line),
        _ => None,
    }
}

/// Returns the nick of who a line comes from.
fn nick_of<'a>(line: &Message<'a>) -> Option<&'a str> {
    line.source?.split('!').next()
}

#[cfg(test)]
mod tests;
