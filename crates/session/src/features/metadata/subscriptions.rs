//! SUB, UNSUB and SUBS: the keys that a session wants to know about. It keeps them itself, to pass over what it does not
//! want to be told; the hall has them too, to know what to tell it on entry.

use std::sync::Arc;

use chat::command::{Command, MetadataCommand};
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics::{self, Numeric};
use smallvec::smallvec;

use super::replies::{Frame, warn_of_key};
use super::{Version, is_aware, keys};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts;

/// The most bytes of keys on one line: what every server's and client's names leave room for.
const LINE_BYTES_MAX: usize = 300;

/// The most keys on one line: older clients know of fifteen parameters, the first of which is their nick.
const LINE_KEYS_MAX: usize = 13;

/// Carries out SUB, UNSUB and SUBS.
pub(super) fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let given: Vec<&str> = message.params.as_slice().get(2..).unwrap_or_default().to_vec();
    match message.params.get(1).unwrap_or_default().to_ascii_uppercase().as_str() {
        "SUB" => subscribe(session, &given, cx),
        "UNSUB" => unsubscribe(session, &given, cx),
        _ => list(session, cx),
    }
}

/// "The server MUST process each key in order".
fn subscribe(session: &mut IrcSession, given: &[&str], cx: &mut Cx<'_>) {
    let version = Version::of(session.caps);
    let limit = cx.settings.chat.metadata_subscriptions;
    let (mut taken, mut added, mut invalid, mut over) = (Vec::new(), Vec::new(), Vec::new(), None);
    for given in given {
        let Some(key) = keys::key(version, given).map(Arc::<str>::from) else {
            invalid.push(*given);
            continue;
        };
        if !session.metadata.contains(&key) {
            if session.metadata.len() >= limit {
                over = Some(key);
                break;
            }
            session.metadata.insert(Arc::clone(&key));
            added.push(Arc::clone(&key));
        }
        taken.push(key);
    }
    session.render(cx, |render| {
        write_keys(numerics::RPL_METADATASUBOK, &taken, &Frame::none(), render);
        for key in invalid {
            warn_of_key(key, &Frame::none(), render);
        }
        if let Some(key) = over {
            let (text, most) = (texts::metadata::subscriptions(render.settings.language), limit.to_string());
            match version {
                Version::Two => render.fail("METADATA", "TOO_MANY_SUBS", &[&key], text),
                Version::Three => render.fail("METADATA", "LIMIT_REACHED", &["SUB", &key, &most], text),
            }
        }
    });
    if !added.is_empty() {
        ask(session, MetadataCommand::Subscribe { keys: added }, cx);
    }
}

fn unsubscribe(session: &mut IrcSession, given: &[&str], cx: &mut Cx<'_>) {
    let version = Version::of(session.caps);
    let (mut gone, mut invalid) = (Vec::new(), Vec::new());
    for given in given {
        match keys::key(version, given).map(Arc::<str>::from) {
            Some(key) => {
                session.metadata.remove(&key);
                gone.push(key);
            }
            None => invalid.push(*given),
        }
    }
    session.render(cx, |render| {
        write_keys(numerics::RPL_METADATAUNSUBOK, &gone, &Frame::none(), render);
        for key in invalid {
            warn_of_key(key, &Frame::none(), render);
        }
    });
    ask(session, MetadataCommand::Unsubscribe { keys: gone }, cx);
}

fn list(session: &IrcSession, cx: &mut Cx<'_>) {
    let keys: Vec<Arc<str>> = session.metadata.iter().cloned().collect();
    session.render(cx, |render| {
        Frame::around("metadata-subs", None, render, |frame, render| {
            write_keys(numerics::RPL_METADATASUBS, &keys, frame, render);
        });
    });
}

/// Asks the hall, if it knows the session.
fn ask(session: &mut IrcSession, command: MetadataCommand, cx: &mut Cx<'_>) {
    if session.is_registered() {
        session.ask(smallvec![Command::Metadata(command)], None, cx);
    }
}

/// Goes by other capabilities than `before`: "If a client removes this capability or the batch capability from themselves,
/// servers MUST clear that client's subscription list".
pub fn negotiated(session: &mut IrcSession, before: CapSet, cx: &mut Cx<'_>) {
    match (is_aware(before), is_aware(session.caps)) {
        (true, false) => {
            session.metadata.clear();
            ask(session, MetadataCommand::Forget, cx);
        }
        (false, true) => {
            let keys = session.metadata.iter().cloned().collect();
            ask(session, MetadataCommand::Subscribe { keys }, cx);
        }
        _ => {}
    }
}

/// Writes a numeric with keys, as often as they need lines.
fn write_keys(numeric: &Numeric, keys: &[Arc<str>], frame: &Frame, render: &mut Render<'_>) {
    let mut rest = keys;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(LINE_KEYS_MAX).take_while(|key| {
            bytes += key.len() + 1;
            bytes <= LINE_BYTES_MAX
        });
        let (line, later) = rest.split_at(fits.count().max(1));
        let words: Vec<&str> = line.iter().map(AsRef::as_ref).collect();
        frame.numeric(numeric, &words, render);
        rest = later;
    }
}
