//! PRIVMSG, NOTICE, TAGMSG, and messages of several lines: what was said, in its room.
//!
//! Spec: Modern IRC, "PRIVMSG message", "NOTICE message"; `IRCv3` "message-tags", "multiline", "reply", "react".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};
use crate::window::{Entry, How};

/// The most signs under one entry that are shown.
const REACTIONS_MAX: usize = 200;

/// The most bytes of a message of several lines that is put together; the rest of it is left out.
const LINES_BYTES_MAX: usize = 64 * 1024;

/// Puts lines together to entries: of a message of several lines, all stand between those that begin and end its batch.
#[derive(Debug, Default)]
pub(crate) struct Gathering(Option<Several>);

/// A message of several lines that has begun.
#[derive(Debug)]
struct Several {
    batch: Box<str>,
    target: Box<str>,
    entry: Entry,
    text: String,
    is_begun: bool,
}

impl Gathering {
    /// Takes a line; returns an entry that is complete with it, and where it was said.
    pub(crate) fn take(&mut self, line: &Message<'_>, me: &str) -> Option<(Box<str>, Entry)> {
        let name = line.params.get(0)?;
        if let Some(several) = &mut self.0 {
            if line.tags.value("batch").is_some_and(|batch| *batch == *several.batch) {
                several.take(line);
                return None;
            }
            if line.command == "BATCH" && name.strip_prefix('-') == Some(&several.batch) {
                let Several { target, entry, text, .. } = self.0.take()?;
                return Some((target, Entry { text: text.into(), ..entry }));
            }
        }
        if line.command == "BATCH" {
            let batch = name.strip_prefix('+').filter(|_| line.params.get(1) == Some("draft/multiline"))?.into();
            let (target, entry) = (line.params.get(2)?.into(), Entry::begun(line, me, How::Message, "")?);
            self.0 = Some(Several { batch, target, entry, text: String::new(), is_begun: false });
            return None;
        }
        Some((name.into(), Entry::of(line, me)?))
    }
}

impl Several {
    fn take(&mut self, line: &Message<'_>) {
        let text = line.params.get(1).unwrap_or_default();
        if line.command == "NOTICE" {
            self.entry.how = How::Notice;
        }
        if self.text.len() + text.len() >= LINES_BYTES_MAX {
            return;
        }
        if self.is_begun && line.tags.get("draft/multiline-concat").is_none() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.is_begun = true;
    }
}

pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    if line.command == "TAGMSG" {
        return react(state, line);
    }
    let me = state.me.clone();
    let (target, entry) = state.gathering.take(line, &me)?;
    add(state, &target, entry)
}

/// Adds an entry to its room, which is made when it is the first one there.
pub(crate) fn add(state: &mut State, target: &str, mut entry: Entry) -> Option<Change> {
    let name = Box::<str>::from(room_name(state, target, &entry.from)?);
    let me = state.me.clone();
    let is_heard = !state.is_ignored(&entry.from);
    entry.time = entry.time.or(state.arrival);
    let room = state.room_or_new(&name)?;
    let is_unread = !entry.is_own && is_heard && (entry.time.is_none() || entry.time > room.read_to);
    room.unread += u32::from(is_unread);
    room.mentions += u32::from(is_unread && is_mention(&entry, &me, room.is_channel));
    room.window.push(entry);
    Some(Change::Said(room.name.clone()))
}

/// Returns the name of the room in which something is shown: what is said to the client, with who says it.
pub(super) fn room_name<'n>(state: &State, target: &'n str, from: &'n str) -> Option<&'n str> {
    if let Some(channel) = state.isupport.channel_of(target) {
        return Some(channel);
    }
    let name = if state.is_me(target) { from } else { target };
    // What servers say to everybody is no conversation.
    (!name.is_empty() && !name.contains(['$', '*', '.'])).then_some(name)
}

/// Puts a sign under a message, or takes it away.
fn react(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let tag = |key| line.tags.value(key).filter(|value| !value.is_empty());
    let (nick, target) = (nick_of(line)?, line.params.get(0)?);
    let of = tag("+draft/reply").or_else(|| tag("+reply"))?;
    let room = Box::<str>::from(room_name(state, target, nick)?);
    let entry = state.room_mut(&room)?.window.find(&of)?;
    if let Some(sign) = tag("+draft/react") {
        let reaction = (Box::from(&*sign), Box::from(nick));
        if entry.reactions.len() >= REACTIONS_MAX || entry.reactions.contains(&reaction) {
            return None;
        }
        entry.reactions.push(reaction);
    } else if let Some(sign) = tag("+draft/unreact") {
        entry.reactions.retain(|(known, by)| **known != *sign || **by != *nick);
    } else {
        return None;
    }
    Some(Change::Said(room))
}

/// Tells whether an entry concerns the person: it is to them alone, or names them as a word of its own.
pub(crate) fn is_mention(entry: &Entry, me: &str, is_channel: bool) -> bool {
    if !is_channel {
        return true;
    }
    let (text, me) = (entry.text.to_lowercase(), me.to_lowercase());
    let is_of_name =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || "_-[]{}|^`".contains(letter));
    !me.is_empty()
        && text.match_indices(&*me).any(|(start, found)| {
            let (before, after) = (&text[..start], &text[start + found.len()..]);
            !is_of_name(before.chars().next_back()) && !is_of_name(after.chars().next())
        })
}
