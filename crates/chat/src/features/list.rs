//! LIST: which channels there are.
//!
//! Spec: Modern IRC, "LIST message" and "ELIST parameter". Wire: `session::features::list`. Proof: `scenarios/list.txt`.

use irc::mask::Mask;

use crate::channel::Channel;
use crate::reply::{ListEntry, Reply};
use crate::time::{Now, Timestamp};
use crate::user::User;
use crate::world::World;

/// Answers with the channels that the user may know of and that fit: one of the names and masks, if there are any, and
/// all other conditions. A room that is kept while nobody is in it is told only to those who name it: to everybody else
/// a channel begins with its first member.
pub fn query(world: &World, user: &User, filters: &[Box<str>], now: Now) -> Reply {
    let conditions: Vec<Condition> = filters
        .iter()
        .flat_map(|filter| filter.split(','))
        .filter(|filter| !filter.is_empty())
        .map(Condition::parse)
        .collect();
    let by_name = conditions.iter().any(|condition| matches!(condition, Condition::Named(_)));
    let fits = |channel: &Channel| {
        let named = conditions.iter().any(|condition| match condition {
            Condition::Named(mask) => mask.matches(channel.name.as_str(), world.mapping()),
            _ => false,
        });
        (named || !by_name) && conditions.iter().all(|condition| condition.holds(world, channel, now.wall))
    };
    let asked_by_name = |channel: &Channel| {
        let mut written = filters.iter().flat_map(|filter| filter.split(','));
        written.any(|name| world.channel_by_name(name).is_some_and(|named| named.id == channel.id))
    };
    let is_there = |channel: &Channel| !channel.members.is_empty() || asked_by_name(channel);
    let entries = world
        .channels
        .values()
        .filter(|channel| channel.is_visible_to(user) && fits(channel) && is_there(channel))
        .map(|channel| ListEntry {
            channel: channel.name.clone(),
            members: channel.members.len(),
            topic: channel.topic.as_ref().map(|topic| topic.text.clone()).unwrap_or_default(),
        })
        .collect();
    Reply::List(entries)
}

/// One thing that is asked of a channel.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    /// `#tea`, `*tea*` (M): a name or a mask.
    Named(Mask),
    /// `!*tea*` (N): a mask that must not fit.
    NotNamed(Mask),
    /// `>3`, `<3` (U): the number of members.
    Members(Bound),
    /// `C>3`, `C<3`: the channel's age in minutes.
    Created(Bound),
    /// `T>3`, `T<3`: how long the topic has stood, in minutes. A channel without topic never fits.
    TopicSet(Bound),
}

/// More or fewer than a number, never just as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    MoreThan(i64),
    LessThan(i64),
}

impl Condition {
    /// Reads a condition; what is none is a name.
    fn parse(written: &str) -> Self {
        let prefixed =
            |letter: char| written.strip_prefix([letter, letter.to_ascii_lowercase()]).and_then(Bound::parse);
        if let Some(bound) = Bound::parse(written) {
            Self::Members(bound)
        } else if let Some(bound) = prefixed('C') {
            Self::Created(bound)
        } else if let Some(bound) = prefixed('T') {
            Self::TopicSet(bound)
        } else if let Some(mask) = written.strip_prefix('!') {
            Self::NotNamed(Mask::new(mask))
        } else {
            Self::Named(Mask::new(written))
        }
    }

    fn holds(&self, world: &World, channel: &Channel, now: Timestamp) -> bool {
        match self {
            Self::Named(_) => true,
            Self::NotNamed(mask) => !mask.matches(channel.name.as_str(), world.mapping()),
            Self::Members(bound) => bound.holds(i64::try_from(channel.members.len()).unwrap_or(i64::MAX)),
            Self::Created(bound) => bound.holds_for_age(channel.created, now),
            Self::TopicSet(bound) => channel.topic.as_ref().is_some_and(|topic| bound.holds_for_age(topic.at, now)),
        }
    }
}

impl Bound {
    fn parse(written: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse::<u32>().ok().map(i64::from);
        match written.split_at_checked(1)? {
            (">", digits) => number(digits).map(Self::MoreThan),
            ("<", digits) => number(digits).map(Self::LessThan),
            _ => None,
        }
    }

    fn holds(self, number: i64) -> bool {
        match self {
            Self::MoreThan(bound) => number > bound,
            Self::LessThan(bound) => number < bound,
        }
    }

    /// Compares minutes, exact to the millisecond.
    fn holds_for_age(self, since: Timestamp, now: Timestamp) -> bool {
        const MINUTE: i64 = 60_000;
        let in_milliseconds = match self {
            Self::MoreThan(minutes) => Self::MoreThan(minutes * MINUTE),
            Self::LessThan(minutes) => Self::LessThan(minutes * MINUTE),
        };
        in_milliseconds.holds(now.0.saturating_sub(since.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_what_is_none_is_a_name() {
        assert_eq!(Condition::parse(">3"), Condition::Members(Bound::MoreThan(3)));
        assert_eq!(Condition::parse("<3"), Condition::Members(Bound::LessThan(3)));
        assert_eq!(Condition::parse("C>60"), Condition::Created(Bound::MoreThan(60)));
        assert_eq!(Condition::parse("t<0"), Condition::TopicSet(Bound::LessThan(0)));
        assert_eq!(Condition::parse("!*tea"), Condition::NotNamed(Mask::new("*tea")));
        for name in ["#tea", "*tea*", ">", "C>", "C>x", "C", ">-1", "\u{e9}>1"] {
            assert_eq!(Condition::parse(name), Condition::Named(Mask::new(name)));
        }
    }

    #[test]
    fn younger_and_older_leave_out_the_very_age() {
        let age = |bound: Bound, minutes: i64| bound.holds_for_age(Timestamp(0), Timestamp(minutes * 60_000));
        assert!(age(Bound::LessThan(2), 1) && !age(Bound::LessThan(2), 2) && !age(Bound::LessThan(0), 0));
        assert!(age(Bound::MoreThan(2), 3) && !age(Bound::MoreThan(2), 2));
    }
}
