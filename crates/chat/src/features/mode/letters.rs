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
    use proptest::prelude::*;

    use super::*;
    use crate::modes::shown_together;

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

    /// One thing as a MODE line writes it: on or off, its letter, its parameter.
    fn written(asked: &Asked<'_>) -> (bool, char, Option<String>) {
        match *asked {
            Asked::Flag { flag, on } => {
                let known = ChannelFlags::LETTERS.iter().find(|(_, known)| *known == flag);
                (on, known.map_or('?', |(letter, _)| *letter), None)
            }
            Asked::Key(key) => (key.is_some(), 'k', Some(key.unwrap_or("*").to_owned())),
            Asked::Limit(limit) => (limit.is_some(), 'l', limit.map(str::to_owned)),
            Asked::Throttle(throttle) => (throttle.is_some(), 'j', throttle.map(str::to_owned)),
            Asked::Mask { list, mask, on } => (on, list.letter(), Some(mask.to_owned())),
            Asked::Rank { rank, nick, on } => (on, rank.letter(), Some(nick.to_owned())),
            Asked::List(list) => (true, list.letter(), None),
            Asked::Unknown(letter) => (true, letter, None),
        }
    }

    /// Anything that changes a channel's modes.
    fn any_change() -> impl Strategy<Value = Asked<'static>> {
        let word = || prop::sample::select(&["bob", "*!*@x", "3", "5:10", "earl"][..]);
        let flag = prop::sample::select(ChannelFlags::LETTERS.map(|(_, flag)| flag).to_vec());
        let list = prop::sample::select(MaskList::ALL.to_vec());
        let rank = prop::sample::select(Rank::ALL.to_vec());
        prop_oneof![
            (flag, any::<bool>()).prop_map(|(flag, on)| Asked::Flag { flag, on }),
            prop::option::of(word()).prop_map(Asked::Key),
            prop::option::of(word()).prop_map(Asked::Limit),
            prop::option::of(word()).prop_map(Asked::Throttle),
            (list, word(), any::<bool>()).prop_map(|(list, mask, on)| Asked::Mask { list, mask, on }),
            (rank, word(), any::<bool>()).prop_map(|(rank, nick, on)| Asked::Rank { rank, nick, on }),
        ]
    }

    proptest! {
        /// What all members are told reads as what was meant: letters, signs and parameters find each other again.
        #[test]
        fn what_is_shown_reads_the_same(changes in prop::collection::vec(any_change(), 0..CHANGES_MAX)) {
            let (letters, shown) = shown_together(changes.iter().map(written));
            let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
            let given = params(&shown);
            prop_assert_eq!(read(&letters, &given), changes);
        }

        /// Whatever is typed, no parameter is used twice or out of order, and there is an end.
        #[test]
        fn parameters_are_taken_in_order(letters in "[-+a-zA-Zè]{0,40}", count in 0_usize..16) {
            let numbers: Vec<String> = (100..100 + count).map(|number| number.to_string()).collect();
            let numbers = params(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
            let asked = read(&letters, &numbers);
            prop_assert!(asked.len() <= CHANGES_MAX);
            let used: Vec<String> = asked.iter().filter_map(|asked| written(asked).2).filter(|used| used != "*").collect();
            prop_assert!(used.is_sorted() && used.windows(2).all(|pair| pair[0] != pair[1]), "{used:?}");
        }
    }
}
