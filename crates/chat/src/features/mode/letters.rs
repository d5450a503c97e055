//! Reads mode letters and their parameters.

use crate::modes::{ChannelFlags, MaskList};
use crate::rank::Rank;

/// The most letters that are looked at: whatever fits into a line with parameters, and an end to letters without.
pub(super) const CHANGES_MAX: usize = 20;

/// One thing that is asked of a channel's modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    /// Switch a flag.
    Flag { flag: ChannelFlags, on: bool },
    /// Set the key; `None` takes it away, whatever key was given along.
    Key(Option<&'a str>),
    /// Set the limit; `None` takes it away.
    Limit(Option<&'a str>),
    /// Set how many may enter in how long; `None` takes it away.
    Throttle(Option<&'a str>),
    /// Add a mask to a list, or remove it.
    Mask { list: MaskList, mask: &'a str, on: bool },
    /// Give a rank, or take it.
    Rank { rank: Rank, nick: &'a str, on: bool },
    /// See a list.
    List(MaskList),
    /// A letter that nobody knows.
    Unknown(char),
}

/// Reads letters such as `+o-vb`, each with its parameter where it takes one. A letter whose parameter is missing is
/// passed over, except that a list's letter then asks for the list.
pub(super) fn read<'a>(letters: &str, params: &'a [Box<str>]) -> Vec<Asked<'a>> {
    let mut params = params.iter().map(AsRef::as_ref);
    let mut on = true;
    let mut asked = Vec::new();
    for letter in letters.chars() {
        match letter {
            '+' => on = true,
            '-' => on = false,
            letter => {
                let next = read_one(letter, on, &mut params);
                // One answer to a question is enough.
                let again = |next| matches!(next, Asked::List(_) | Asked::Unknown(_)) && asked.contains(&next);
                if let Some(next) = next.filter(|next| !again(*next)) {
                    asked.push(next);
                }
            }
        }
        if asked.len() == CHANGES_MAX {
            break;
        }
    }
    asked
}

fn read_one<'a>(letter: char, on: bool, params: &mut impl Iterator<Item = &'a str>) -> Option<Asked<'a>> {
    if let Some(flag) = ChannelFlags::from_letter(letter) {
        return Some(Asked::Flag { flag, on });
    }
    if let Some(list) = MaskList::from_letter(letter) {
        let mask = params.next().filter(|mask| !mask.is_empty());
        return Some(mask.map_or(Asked::List(list), |mask| Asked::Mask { list, mask, on }));
    }
    if let Some(rank) = Rank::from_letter(letter) {
        return params.next().map(|nick| Asked::Rank { rank, nick, on });
    }
    match (letter, on) {
        ('k', true) => params.next().map(|key| Asked::Key(Some(key))),
        ('k', false) => {
            // Taking a key away takes a parameter too (type B of CHANMODES), and none that anybody needs to know.
            params.next();
            Some(Asked::Key(None))
        }
        ('j', true) => params.next().map(|throttle| Asked::Throttle(Some(throttle))),
        ('j', false) => Some(Asked::Throttle(None)),
        ('l', true) => params.next().map(|limit| Asked::Limit(Some(limit))),
        ('l', false) => Some(Asked::Limit(None)),
        _ => Some(Asked::Unknown(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(written: &[&str]) -> Vec<Box<str>> {
        written.iter().map(|param| Box::from(*param)).collect()
    }

    #[test]
    fn signs_hold_until_the_next_and_parameters_go_to_those_that_take_one() {
        let params = params(&["bob", "3", "*!*@x", "whatever", "eve"]);
        let expected = [
            Asked::Rank { rank: Rank::Operator, nick: "bob", on: true },
            Asked::Flag { flag: ChannelFlags::INVITE_ONLY, on: true },
            Asked::Limit(Some("3")),
            Asked::Mask { list: MaskList::Ban, mask: "*!*@x", on: false },
            Asked::Key(None),
            Asked::Limit(None),
            Asked::Rank { rank: Rank::Voice, nick: "eve", on: false },
        ];
        assert_eq!(read("oi+l-bklv", &params), expected);
    }

    #[test]
    fn what_lacks_its_parameter_is_passed_over_or_asks_for_the_list() {
        assert_eq!(read("+klov", &[]), []);
        assert_eq!(read("+bbeI", &[]), MaskList::ALL.map(Asked::List));
        assert_eq!(read("b", &params(&[""])), [Asked::List(MaskList::Ban)]);
        assert_eq!(read("-k", &[]), [Asked::Key(None)]);
    }

    #[test]
    fn unknown_letters_are_named_once_and_letters_come_to_an_end() {
        assert_eq!(read("+xyx-x", &[]), [Asked::Unknown('x'), Asked::Unknown('y')]);
        assert_eq!(read(&"+i-i".repeat(1000), &[]).len(), CHANGES_MAX);
    }
}
