//! A member's rank in a channel.
//!
//! Spec: Modern IRC, "Channel Membership Prefixes"; `PREFIX=(qaohv)~&@%+`.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::bits::as_number;

/// One rank. Ordered: a later one stands above an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rank {
    /// `+v`, `+`: may speak in a moderated channel.
    Voice,
    /// `+h`, `%`: may kick and voice ordinary members.
    HalfOperator,
    /// `+o`, `@`: runs the channel.
    Operator,
    /// `+a`, `&`: an operator whom operators cannot remove.
    Admin,
    /// `+q`, `~`: whose channel it is.
    Founder,
}

impl Rank {
    /// Every rank, highest first, as `PREFIX` lists them.
    pub const ALL: [Self; 5] = [Self::Founder, Self::Admin, Self::Operator, Self::HalfOperator, Self::Voice];

    /// Returns the mode letter.
    pub fn letter(self) -> char {
        match self {
            Self::Founder => 'q',
            Self::Admin => 'a',
            Self::Operator => 'o',
            Self::HalfOperator => 'h',
            Self::Voice => 'v',
        }
    }

    /// Returns the symbol shown before a nick.
    pub fn symbol(self) -> char {
        match self {
            Self::Founder => '~',
            Self::Admin => '&',
            Self::Operator => '@',
            Self::HalfOperator => '%',
            Self::Voice => '+',
        }
    }

    /// Returns the rank with this mode letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.letter() == letter)
    }

    /// Returns the rank with this symbol.
    pub fn from_symbol(symbol: char) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.symbol() == symbol)
    }

    /// Returns the set with this rank alone.
    pub fn alone(self) -> RankSet {
        match self {
            Self::Voice => RankSet::VOICE,
            Self::HalfOperator => RankSet::HALF_OPERATOR,
            Self::Operator => RankSet::OPERATOR,
            Self::Admin => RankSet::ADMIN,
            Self::Founder => RankSet::FOUNDER,
        }
    }
}

bitflags! {
    /// All the ranks that one member has at once.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct RankSet: u8 {
        /// See [`Rank::Voice`].
        const VOICE = 1;
        /// See [`Rank::HalfOperator`].
        const HALF_OPERATOR = 2;
        /// See [`Rank::Operator`].
        const OPERATOR = 4;
        /// See [`Rank::Admin`].
        const ADMIN = 8;
        /// See [`Rank::Founder`].
        const FOUNDER = 16;
    }
}

as_number!(RankSet);

impl RankSet {
    /// Returns the highest rank of the set.
    pub fn highest(self) -> Option<Rank> {
        Rank::ALL.into_iter().find(|rank| self.contains(rank.alone()))
    }

    /// Tells whether the highest rank is at least `rank`.
    pub fn at_least(self, rank: Rank) -> bool {
        self.highest().is_some_and(|highest| highest >= rank)
    }

    /// Returns the ranks' symbols, highest first: all of them, or the highest only (`multi-prefix`).
    pub fn symbols(self, all: bool) -> impl Iterator<Item = char> {
        let most = if all { Rank::ALL.len() } else { 1 };
        Rank::ALL.into_iter().filter(move |rank| self.contains(rank.alone())).map(Rank::symbol).take(most)
    }
}
