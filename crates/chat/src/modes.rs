//! Modes of channels and of users.
//!
//! Spec: Modern IRC, "Modes"; `CHANMODES=beI,k,jl,CMRWimnst`. `M`, `R` and `j` are as on other networks (`InspIRCd`).

use core::fmt::Write as _;
use std::sync::Arc;

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

use crate::arrivals::JoinThrottle;
use crate::bits::as_number;
use crate::rank::Rank;
use crate::time::Timestamp;

bitflags! {
    /// The modes of a channel that are on or off.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ChannelFlags: u16 {
        /// `+C`: no CTCP but ACTION.
        const NO_CTCP = 1;
        /// `+i`: only who is invited may enter.
        const INVITE_ONLY = 2;
        /// `+m`: only who has a rank may speak.
        const MODERATED = 4;
        /// `+n`: only members may speak.
        const NO_EXTERNAL = 8;
        /// `+s`: outsiders do not see the channel.
        const SECRET = 16;
        /// `+t`: only who has a rank above voice may set the topic.
        const TOPIC_LOCKED = 32;
        /// `+M`: only who has a rank or is logged in to an account may speak.
        const ACCOUNTS_SPEAK = 64;
        /// `+R`: only who is logged in to an account may enter.
        const ACCOUNTS_ENTER = 128;
        /// `+W`: newcomers may read what was said before, also while the channel was private.
        const WELCOME = 1 << 12;
    }
}

as_number!(ChannelFlags);

impl ChannelFlags {
    /// What a new channel starts with, the default room included.
    pub const INITIAL: Self = Self::NO_EXTERNAL.union(Self::TOPIC_LOCKED);

    /// Letters and flags, in the order `324` lists them.
    pub const LETTERS: [(char, Self); 9] = [
        ('C', Self::NO_CTCP),
        ('M', Self::ACCOUNTS_SPEAK),
        ('R', Self::ACCOUNTS_ENTER),
        ('W', Self::WELCOME),
        ('i', Self::INVITE_ONLY),
        ('m', Self::MODERATED),
        ('n', Self::NO_EXTERNAL),
        ('s', Self::SECRET),
        ('t', Self::TOPIC_LOCKED),
    ];

    /// Returns the flag of a mode letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::LETTERS.into_iter().find(|(known, _)| *known == letter).map(|(_, flag)| flag)
    }
}

/// The three lists of masks that a channel keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MaskList {
    /// `+b`: who may neither enter nor speak.
    Ban,
    /// `+e`: whom bans do not touch.
    Exception,
    /// `+I`: who may enter without invitation.
    InviteException,
}

impl MaskList {
    /// All of them, in the order of [`crate::channel::Channel::lists`].
    pub const ALL: [Self; 3] = [Self::Ban, Self::Exception, Self::InviteException];

    /// Returns the mode letter.
    pub fn letter(self) -> char {
        match self {
            Self::Ban => 'b',
            Self::Exception => 'e',
            Self::InviteException => 'I',
        }
    }

    /// Returns the list with this mode letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.letter() == letter)
    }
}

/// One mask of a list, and who set it when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskEntry {
    /// The mask, normalised (`nick!user@host` with wildcards).
    pub mask: Arc<str>,
    /// The setter's nick.
    pub by: Arc<str>,
    /// When it was set.
    pub at: Timestamp,
}

/// One change of a channel's modes that was allowed and is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModeChange {
    /// Switches a flag.
    Flag {
        /// Which.
        flag: ChannelFlags,
        /// On or off.
        on: bool,
    },
    /// Sets the key, or takes it away.
    Key {
        /// The new key. When one is taken away, `None`.
        key: Option<Arc<str>>,
    },
    /// Sets the limit, or takes it away.
    Limit {
        /// The most members, at least 1.
        limit: Option<u32>,
    },
    /// Sets how many may enter in how long, or takes that away.
    Throttle {
        /// The new measure.
        throttle: Option<JoinThrottle>,
    },
    /// Adds a mask to a list, or removes it.
    Mask {
        /// The list.
        list: MaskList,
        /// The mask, normalised.
        mask: Arc<str>,
        /// Add or remove.
        on: bool,
    },
    /// Gives a rank to a member, or takes it.
    Rank {
        /// The rank.
        rank: Rank,
        /// The member.
        member: crate::ids::UserId,
        /// The member's nick, for the line that all see.
        nick: Arc<str>,
        /// Give or take.
        on: bool,
    },
}

impl ModeChange {
    /// Returns sign, letter and parameter as a `MODE` line shows them.
    pub fn shown(&self) -> (bool, char, Option<String>) {
        match self {
            Self::Flag { flag, on } => {
                let letter = ChannelFlags::LETTERS.iter().find(|(_, known)| known == flag).map_or('?', |(l, _)| *l);
                (*on, letter, None)
            }
            // The key that is taken away is not repeated: `*` stands for it, as in Modern IRC's example.
            Self::Key { key } => (key.is_some(), 'k', Some(key.as_deref().unwrap_or("*").to_owned())),
            Self::Limit { limit } => (limit.is_some(), 'l', limit.map(|limit| limit.to_string())),
            Self::Throttle { throttle } => (throttle.is_some(), 'j', throttle.map(|measure| measure.to_string())),
            Self::Mask { list, mask, on } => (*on, list.letter(), Some(mask.to_string())),
            Self::Rank { rank, nick, on, .. } => (*on, rank.letter(), Some(nick.to_string())),
        }
    }
}

/// The modes of a channel that are not lists and not ranks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelModes {
    /// Those that are on or off.
    pub flags: ChannelFlags,
    /// `+k`: the word one must know to enter.
    pub key: Option<Arc<str>>,
    /// `+l`: the most members, checked on entry.
    pub limit: Option<u32>,
    /// `+j`: how many may enter in how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<JoinThrottle>,
}

impl ChannelModes {
    /// Returns `+Cijkl` and the parameters, as `324` lists them; the key only for those who may see it.
    pub fn shown(&self, with_key: bool) -> (String, Vec<String>) {
        let mut letters = String::from("+");
        let mut params = Vec::new();
        for (letter, flag) in ChannelFlags::LETTERS {
            if self.flags.contains(flag) {
                letters.push(letter);
            }
        }
        if let Some(throttle) = self.throttle {
            letters.push('j');
            params.push(throttle.to_string());
        }
        if let Some(key) = &self.key {
            letters.push('k');
            params.push(if with_key { key.to_string() } else { "*".to_owned() });
        }
        if let Some(limit) = self.limit {
            letters.push('l');
            params.push(limit.to_string());
        }
        (letters, params)
    }
}

bitflags! {
    /// The modes of a user.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct UserModes: u8 {
        /// `+i`: not found by masks in WHO, unless a channel is shared.
        const INVISIBLE = 1;
        /// `+o`: a server operator; only OPER sets it.
        const OPERATOR = 2;
        /// `+w`: hears WALLOPS.
        const WALLOPS = 4;
        /// `+B`: a bot.
        const BOT = 8;
    }
}

as_number!(UserModes);

impl UserModes {
    /// Letters and flags, in the order `221` lists them.
    pub const LETTERS: [(char, Self); 4] =
        [('B', Self::BOT), ('i', Self::INVISIBLE), ('o', Self::OPERATOR), ('w', Self::WALLOPS)];

    /// Returns the mode of a letter.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::LETTERS.into_iter().find(|(known, _)| *known == letter).map(|(_, mode)| mode)
    }

    /// Returns `+iw`, as `221` shows it; `+` when there is none.
    pub fn shown(self) -> String {
        let mut shown = String::from("+");
        for (letter, mode) in Self::LETTERS {
            if self.contains(mode) {
                shown.push(letter);
            }
        }
        shown
    }
}

/// Writes changes as a `MODE` line groups them: `+o-v alice bob`.
pub fn shown_together<'a>(changes: impl Iterator<Item = (bool, char, Option<String>)> + 'a) -> (String, Vec<String>) {
    let mut letters = String::new();
    let mut params = Vec::new();
    let mut sign = None;
    for (on, letter, param) in changes {
        if sign != Some(on) {
            letters.push(if on { '+' } else { '-' });
            sign = Some(on);
        }
        let _ = write!(letters, "{letter}");
        params.extend(param);
    }
    (letters, params)
}
