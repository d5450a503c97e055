//! Cuts what plain users say into what fits IRC's lines.

use std::borrow::Cow;

use chat::features::multiline::Line;
use irc::ctcp::{Ctcp, action};
use irc::text::truncate_at_char;
use irc::write::is_text;

/// The bytes that `/me` takes of each line.
const ACTION_BYTES: usize = "\x01ACTION \x01".len();

/// No character is longer, so even the smallest room takes one.
const CHARACTER_BYTES_MAX: usize = 4;

/// Cuts a text at its line ends, and into pieces of at most `room` bytes, never inside a character. What fits is left as
/// it is. Each piece of an action is an action. Empty lines are left out.
pub(super) fn pieces(text: &str, room: usize) -> Vec<Cow<'_, str>> {
    if text.len() <= room && is_text(text) {
        return vec![Cow::Borrowed(text)];
    }
    match Ctcp::parse(text) {
        Some(Ctcp::Action(said)) => {
            cut(said, room.saturating_sub(ACTION_BYTES)).map(|piece| Cow::Owned(action(piece))).collect()
        }
        _ => cut(text, room).map(Cow::Borrowed).collect(),
    }
}

/// Cuts a line of a message of several lines into what fits: the pieces behind the first continue it.
pub(in crate::features) fn fitting(line: Line<'_>, room: usize) -> impl Iterator<Item = Line<'_>> {
    let room = room.max(CHARACTER_BYTES_MAX);
    let (mut rest, mut concat) = (Some(line.text), line.concat);
    core::iter::from_fn(move || {
        let text = truncate_at_char(rest?, room);
        rest = rest.map(|rest| &rest[text.len()..]).filter(|rest| !rest.is_empty());
        Some(Line { text, concat: core::mem::replace(&mut concat, true) })
    })
}

fn cut(text: &str, room: usize) -> impl Iterator<Item = &str> {
    let room = room.max(CHARACTER_BYTES_MAX);
    text.split(['\r', '\n', '\0']).flat_map(move |mut rest| {
        core::iter::from_fn(move || {
            let piece = truncate_at_char(rest, room);
            rest = &rest[piece.len()..];
            (!piece.is_empty()).then_some(piece)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone() {
        for text in ["hello", "\x01ACTION waves", "\x01ACTION waves\x01", ""] {
            assert_eq!(pieces(text, 20), [text]);
        }
    }

    #[test]
    fn lines_and_characters_stay_whole() {
        assert_eq!(pieces("one\r\n\r\ntwo\n", 20), ["one", "two"]);
        assert_eq!(pieces("aèèè", 6), ["aèè", "è"]);
        assert_eq!(pieces("🍵🍵", 5), ["🍵", "🍵"]);
        assert_eq!(pieces("🍵🍵", 0), ["🍵", "🍵"]);
        assert!(pieces("\n\0\r", 20).is_empty());
    }

    #[test]
    fn lines_that_do_not_fit_are_continued() {
        let cut = |text, concat, room| {
            fitting(Line { text, concat }, room).map(|line| (line.text, line.concat)).collect::<Vec<_>>()
        };
        assert_eq!(cut("", false, 5), [("", false)]);
        assert_eq!(cut("aèèè", false, 6), [("aèè", false), ("è", true)]);
        assert_eq!(cut("🍵🍵", true, 0), [("🍵", true), ("🍵", true)]);
    }

    #[test]
    fn every_piece_of_an_action_is_one() {
        assert_eq!(pieces("\x01ACTION waves\nbows\x01", 20), ["\x01ACTION waves\x01", "\x01ACTION bows\x01"]);
        assert_eq!(
            pieces("\x01ACTION wavesbows", 13),
            ["\x01ACTION wave\x01", "\x01ACTION sbow\x01", "\x01ACTION s\x01"]
        );
    }
}
