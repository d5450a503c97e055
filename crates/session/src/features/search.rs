//! SEARCH on the wire, under both names that clients know. Meaning: `chat::features::search`. Proof: `scenarios/search.txt`.
//!
//! Spec: `IRCv3` pull request 496 "search" (`draft/search`), soju `doc/ext/search.md` (`soju.im/search`).

use chat::command::Command;
use chat::history::memory::said_event;
use chat::reply::Kept;
use chat::search::{Asked, Operator};
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use irc::tags::Tags;
use irc::write::is_middle;
use smallvec::smallvec;

use super::chathistory::{in_batch, write_events};
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::search::{self as texts, Bad};

const COMMAND: &str = "SEARCH";

/// Either lets a client search.
const CAPS: CapSet = CapSet::SEARCH.union(CapSet::SOJU_SEARCH);

/// Reads `SEARCH in=#tea;from=anna;text=green\stea;limit=10`.
///
/// # Errors
/// 421 without the capability, else `FAIL SEARCH INVALID_PARAMS` and what is not understood.
pub fn ask(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if !session.caps().intersects(CAPS) {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[COMMAND]));
    }
    let invalid = |what: &str, why: Bad| {
        let what = if is_middle(what) { what } else { "text" };
        Complaint::fail_about(COMMAND, "INVALID_PARAMS", &[what], texts::bad(why, cx.settings.language))
    };
    if message.params.len() > 1 {
        return Err(invalid(message.params.get(1).unwrap_or_default(), Bad::Spaces));
    }
    let mut asked = Asked::default();
    for tag in Tags::new(message.params.get(0).unwrap_or_default()).iter() {
        let value = tag.unescaped();
        // As in tags, an empty value is none.
        if value.is_empty() {
            continue;
        }
        match (tag.key, Operator::named(tag.key)) {
            (_, Some(operator)) => {
                asked.set(operator, &value).map_err(|why| invalid(tag.key, Bad::Unclear(why)))?;
            }
            ("text", None) => asked.read(&value).map_err(|(why, word)| invalid(word, Bad::Unclear(why)))?,
            ("limit", None) => {
                let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
                let limit = is_number.then(|| value.parse().unwrap_or(usize::MAX)).filter(|limit| *limit > 0);
                asked.limit = Some(limit.ok_or_else(|| invalid(tag.key, Bad::Limit))?);
            }
            // It would narrow the search: what is found without it is not what was asked for.
            (_, None) => return Err(invalid(tag.key, Bad::Attribute)),
        }
    }
    Ok(smallvec![Command::Search(Box::new(asked))])
}

/// Writes what was found: each message as it was when it was said, in a batch for who understands that.
pub fn reply(messages: &[Kept], given_up: bool, render: &mut Render<'_>) {
    if given_up && render.caps.contains(CapSet::STANDARD_REPLIES) {
        let text = texts::given_up(render.settings.language);
        render.line().command("WARN").param(COMMAND).param("INCOMPLETE").trailing(text).end_cut();
    }
    let kind = if render.caps.contains(CapSet::SOJU_SEARCH) { "soju.im/search" } else { "search" };
    let events: Vec<_> = messages.iter().map(|kept| said_event(kept.id, kept.at, &kept.message)).collect();
    in_batch(&[kind], false, render, |render, batch| write_events(events.iter(), render, batch));
}

#[cfg(test)]
mod tests {
    use chat::time::Timestamp;

    use super::*;
    use crate::features::testing::{asked_with, complained, complained_with, rendered_with};

    fn asked(line: &str) -> Asked {
        let lines = [CapSet::SEARCH, CapSet::SOJU_SEARCH].map(|caps| match &asked_with(caps, ask, line)[..] {
            [Command::Search(asked)] => (**asked).clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(lines[0], lines[1]);
        lines[0].clone()
    }

    #[test]
    fn attributes_and_words_say_the_same() {
        let by_attributes = asked(
            "SEARCH from=anna;in=#tea;after=2026-11-01T00:00:00.000Z;before=2026-12-01T00:00:00.000Z;text=green\\stea;limit=7",
        );
        let in_words = asked(
            "SEARCH :text=green\\stea\\sfrom:anna\\sin:#tea\\safter:2026-11-01\\sbefore:2026-12-01T00:00;limit=7",
        );
        assert_eq!(by_attributes, in_words);
        assert_eq!(by_attributes.limit, Some(7));
        assert_eq!(by_attributes.since, Timestamp::parse("2026-11-01T00:00:00.000Z"));
        assert_eq!(asked("SEARCH"), Asked::default());
        assert_eq!(asked("SEARCH in=;text=;limit"), Asked::default());
        assert_eq!(asked("SEARCH limit=99999999999999999999999").limit, Some(usize::MAX));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (words, answer) in [
            ("text=tea green", "INVALID_PARAMS green :"),
            ("text=?!", "INVALID_PARAMS ?! :"),
            ("text=?\\s!", "INVALID_PARAMS text :"),
            ("text=tea\\s-from:anna", "INVALID_PARAMS -from:anna :"),
            ("text=before:noon", "INVALID_PARAMS before:noon :"),
            ("before=noon", "INVALID_PARAMS before :"),
            ("in=#a;text=in:#b", "INVALID_PARAMS in:#b :"),
            ("limit=0", "INVALID_PARAMS limit :"),
            ("limit=-1", "INVALID_PARAMS limit :"),
            ("limit=x", "INVALID_PARAMS limit :"),
            ("colour=red", "INVALID_PARAMS colour :"),
        ] {
            let complaint = complained_with(CapSet::SEARCH, ask, &format!("SEARCH {words}"));
            let expected = format!(":loggia.local FAIL SEARCH {answer}");
            assert!(complaint.starts_with(&expected), "{words}: {complaint}");
        }
        assert_eq!(complained(ask, "SEARCH text=tea"), ":loggia.local 421 alice SEARCH :Unknown command\r\n");
    }

    #[test]
    fn nothing_found_is_an_empty_batch_and_a_search_without_end_is_told() {
        let shown = |caps, given_up| rendered_with(caps, |render| reply(&[], given_up, render));
        let empty = |kind| format!(":loggia.local BATCH +1 {kind}\r\n:loggia.local BATCH -1\r\n");
        assert_eq!(shown(CapSet::SEARCH | CapSet::BATCH, false), empty("search"));
        assert_eq!(shown(CapSet::SOJU_SEARCH | CapSet::BATCH, true), empty("soju.im/search"));
        assert_eq!(shown(CapSet::SEARCH, false), "");
        let warned = shown(CapSet::SEARCH | CapSet::STANDARD_REPLIES, true);
        assert!(warned.starts_with(":loggia.local WARN SEARCH INCOMPLETE :"), "{warned}");
    }
}
