//! What the index holds of one message: words, and the tokens of where it was said and by whom.

use std::borrow::Cow;

use chat::event::MessageKind;
use chat::fact::Fact;
use chat::history::Pair;
use chat::search::words_of_message;
use irc::casemap::CaseMapping;
use irc::names::CHANNEL_PREFIX;
use serde::Deserialize;

/// The columns of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) words: String,
    pub(crate) place: String,
    pub(crate) sender: String,
}

/// As much of a fact's JSON as a message to a channel needs, where it stands; the whole is read for direct messages only.
#[derive(Deserialize)]
struct Said<'data> {
    #[serde(borrow)]
    message: SaidMessage<'data>,
}

#[derive(Deserialize)]
struct SaidMessage<'data> {
    how: MessageKind,
    #[serde(borrow)]
    sender: Sender<'data>,
}

#[derive(Deserialize)]
struct Sender<'data> {
    #[serde(borrow)]
    nick: Cow<'data, str>,
}

impl Entry {
    /// Makes the columns of what was said, from those of the table `facts`; `None` for what nobody can find: tags alone,
    /// what was for some ranks of a channel, what cannot be read.
    pub(crate) fn of(channel: Option<&str>, data: &str, text: &str, mapping: CaseMapping) -> Option<Self> {
        let said: Said<'_> = serde_json::from_str(data).ok()?;
        if said.message.how == MessageKind::Tagmsg {
            return None;
        }
        let nick = &said.message.sender.nick;
        if let Some(key) = channel {
            return Self::of_channel(key, nick, text, mapping);
        }
        let Ok(Fact::Said { message, .. }) = serde_json::from_str::<Fact>(data) else { return None };
        let place = places_of_pair(&Pair::of(&message, mapping)?);
        Some(Self { words: words_of_message(text), place, sender: sender_of(nick, mapping) })
    }

    /// Makes the columns of what was said in a channel; `None` for what was for some ranks of it.
    pub(crate) fn of_channel(key: &str, nick: &str, text: &str, mapping: CaseMapping) -> Option<Self> {
        key.starts_with(CHANNEL_PREFIX).then(|| Self {
            words: words_of_message(text),
            place: place_of_channel(key),
            sender: sender_of(nick, mapping),
        })
    }
}

/// A token: two names rarely have the same, and then a message is looked at in vain.
fn token(letter: char, parts: &[&str]) -> String {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let hash = hasher.finalize();
    // As `{letter}{hash:08x}` would be, which takes longer than all else that is done here.
    let mut token = String::with_capacity(9);
    token.push(letter);
    token.extend((0..8).rev().map(|digit| char::from(b"0123456789abcdef"[(hash >> (4 * digit)) as usize & 15])));
    token
}

/// Returns the token of a channel, by its key in the log.
pub(crate) fn place_of_channel(key: &str) -> String {
    token('c', &[key])
}

/// Returns the token of all direct messages of an owner.
pub(crate) fn place_of_owner(owner: &str) -> String {
    token('o', &[owner])
}

/// Returns the token of an owner's direct messages with somebody.
pub(crate) fn place_of_conversation(owner: &str, peer: &str) -> String {
    token('d', &[owner, peer])
}

/// Returns the token of a nick.
pub(crate) fn sender_of(nick: &str, mapping: CaseMapping) -> String {
    token('n', &[&mapping.fold_cow(nick)])
}

fn places_of_pair(Pair { sender, receiver }: &Pair) -> String {
    [
        place_of_owner(&sender.owner),
        place_of_owner(&receiver.owner),
        place_of_conversation(&sender.owner, &receiver.peer),
        place_of_conversation(&receiver.owner, &sender.peer),
    ]
    .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_letter_and_a_checksum() {
        for key in ["#tea", "#piazza", "#99", ""] {
            let hash = crc32fast::hash(format!("{key}\0").as_bytes());
            assert_eq!(place_of_channel(key), format!("c{hash:08x}"));
        }
    }
}
