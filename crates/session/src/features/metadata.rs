//! METADATA on the wire, in two versions: each session is answered by the capability that it has.
//!
//! | | `draft/metadata-2` | `draft/metadata-3` |
//! |---|---|---|
//! | news | `METADATA target key * :value`, without a value: removed | 761, 766 |
//! | removing what is not set | `FAIL … KEY_NOT_SET` | 766 |
//! | CLEAR | 761 with an empty value | 766 |
//! | what is wrong with one of several keys | `FAIL … KEY_INVALID` | `WARN … INVALID_KEY` |
//! | other codes | `VALUE_INVALID`, `TOO_MANY_SUBS`, `SUBCOMMAND_INVALID` | `INVALID_VALUE`, `LIMIT_REACHED`, `INVALID_PARAMS` |
//! | capital letters in keys | are made small | are invalid |
//!
//! A session without either is answered as by the newer one, and without `batch` the lines come without a frame.
//! Meaning: `chat::features::metadata`. Proof: `scenarios/metadata.txt`, `metadata-2.txt`, `metadata-before-connect.txt`.

mod early;
mod keys;
mod replies;
mod subscriptions;

use std::collections::BTreeSet;
use std::sync::Arc;

use chat::command::{Command, MetadataCommand};
use irc::capability::{CapSet, Capability};
use irc::message::Message;
use irc::numerics;
use irc::write::word_or_star;
use smallvec::smallvec;

pub use early::{KEYS_MAX as EARLY_KEYS_MAX, of as early};
pub use keys::KEY_BYTES_MAX;
pub use replies::{changed, refused, reply, welcome};
pub use subscriptions::negotiated;

use crate::irc_session::commands::{Complaint, Run};
use crate::irc_session::{Cx, IrcSession};
use crate::settings::Settings;
use crate::texts;

/// The keys that a session wants to know about.
pub type Subscriptions = BTreeSet<Arc<str>>;

/// The client itself, as a target.
const ONESELF: &str = "*";

/// Which of the two drafts a session is answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Two,
    Three,
}

impl Version {
    fn of(caps: CapSet) -> Self {
        if caps.contains(CapSet::METADATA_2) { Self::Two } else { Self::Three }
    }

    /// Returns which of two words it has.
    fn choose<T>(self, two: T, three: T) -> T {
        match self {
            Self::Two => two,
            Self::Three => three,
        }
    }
}

/// Tells whether a client with these capabilities is told of metadata.
pub fn is_aware(caps: CapSet) -> bool {
    caps.contains(CapSet::BATCH) && caps.intersects(CapSet::METADATA.union(CapSet::METADATA_2))
}

/// Returns what the capabilities say of themselves.
pub fn offer(capability: Capability, settings: &Settings) -> String {
    let chat = &settings.chat;
    let before = if settings.metadata_before_connect { "before-connect," } else { "" };
    let key =
        if capability == Capability::Metadata { format!("max-key-bytes={KEY_BYTES_MAX},") } else { String::new() };
    let (subs, keys, value) = (chat.metadata_subscriptions, chat.metadata_keys, chat.metadata_value_bytes);
    format!("{before}max-subs={subs},max-keys={keys},{key}max-value-bytes={value}")
}

/// Reads `METADATA target SUBCOMMAND …`.
///
/// # Errors
/// 451 before registration where that is not allowed, and what the specification says: parameters, key, value, target.
pub fn read(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Run, Complaint> {
    let registered = session.is_registered();
    let version = Version::of(session.caps);
    let may_early = cx.settings.metadata_before_connect && is_aware(session.caps);
    if !registered && !may_early {
        return Err(Complaint::numeric(numerics::ERR_NOTREGISTERED, &[]));
    }
    let [target, subcommand, rest @ ..] = message.params.as_slice() else {
        return Err(parameters(version, message.params.get(1), cx));
    };
    let subcommand = subcommand.to_ascii_uppercase();
    let wrong = || parameters(version, Some(&subcommand), cx);
    let fits = match subcommand.as_str() {
        "GET" | "SUB" | "UNSUB" => !rest.is_empty(),
        "SET" => (1..=2).contains(&rest.len()),
        "LIST" | "CLEAR" | "SUBS" | "SYNC" => rest.is_empty(),
        _ => return Err(wrong()),
    };
    if !fits {
        return Err(wrong());
    }
    if subcommand == "SET" {
        keys::check_setting(version, rest, cx)?;
    }
    let is_own =
        *target == ONESELF || (registered && cx.settings.chat.names.casemapping.same(target, session.client()));
    if !is_own && (!registered || matches!(subcommand.as_str(), "SUB" | "UNSUB" | "SUBS")) {
        let text = texts::metadata::target(cx.settings.language);
        return Err(Complaint::fail_about("METADATA", "INVALID_TARGET", &[word_or_star(target)], text));
    }
    if matches!(subcommand.as_str(), "SUB" | "UNSUB" | "SUBS") {
        return Ok(Run::Here(subscriptions::here));
    }
    if !registered {
        return Ok(Run::Here(early::here));
    }
    let target = (*target).into();
    let command = match subcommand.as_str() {
        "GET" => MetadataCommand::Get { target, keys: keys::given(version, rest) },
        "LIST" => MetadataCommand::List { target },
        "SET" => {
            let (key, value) = keys::setting(version, rest);
            MetadataCommand::Set { target, key, value }
        }
        "CLEAR" => MetadataCommand::Clear { target },
        _ => MetadataCommand::Sync { target },
    };
    Ok(Run::Ask(smallvec![Command::Metadata(command)]))
}

/// Complains about parameters: too few, too many, or no such subcommand.
fn parameters(version: Version, subcommand: Option<&str>, cx: &Cx<'_>) -> Complaint {
    let known = ["GET", "LIST", "SET", "CLEAR", "SUB", "UNSUB", "SUBS", "SYNC"];
    let text = texts::metadata::parameters(cx.settings.language);
    match (version, subcommand) {
        (Version::Two, Some(word)) if !known.contains(&word) => {
            Complaint::fail_about("METADATA", "SUBCOMMAND_INVALID", &[word_or_star(word)], text)
        }
        (Version::Two, _) => Complaint::need_more_params("METADATA"),
        (Version::Three, word) => {
            Complaint::fail_about("METADATA", "INVALID_PARAMS", &[word_or_star(word.unwrap_or_default())], text)
        }
    }
}

#[cfg(test)]
mod tests;
