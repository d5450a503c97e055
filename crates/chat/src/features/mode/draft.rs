//! Judges the changes of one MODE, each in the light of those before it.

use std::sync::Arc;

use irc::casemap::CaseMapping;
use irc::mask::Mask;

use super::letters::Asked;
use super::{KEY_BYTES_MAX, MASK_BYTES_MAX};
use crate::channel::{Channel, muted};
use crate::features::audit;
use crate::modes::{MaskList, ModeChange};
use crate::permission::{self, Action, Standing};
use crate::rank::Rank;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

/// A channel as it would be after the changes so far, and these.
pub(super) struct Draft<'a> {
    world: &'a World,
    user: &'a User,
    channel: &'a Channel,
    standing: Standing,
    at: Timestamp,
    /// Modes and lists, and of the members those whose ranks were asked about: a channel may have thousands.
    changed: Channel,
    changes: Vec<ModeChange>,
    /// Whether one of them was allowed by a server operator's right only.
    forced: bool,
}

impl<'a> Draft<'a> {
    /// Begins with the channel as it is.
    pub(super) fn new(world: &'a World, user: &'a User, channel: &'a Channel, at: Timestamp) -> Self {
        let mut changed = Channel::new(channel.id, channel.name.clone(), channel.created, channel.permanent);
        changed.modes.clone_from(&channel.modes);
        changed.lists.clone_from(&channel.lists);
        let standing = Standing::of(user, channel, world.mapping());
        Self { world, user, channel, standing, at, changed, changes: Vec::new(), forced: false }
    }

    /// Tells whether one of the changes was allowed by a server operator's right only.
    pub(super) fn is_forced(&self) -> bool {
        self.forced
    }

    /// Returns what is to be recorded.
    pub(super) fn into_changes(self) -> Vec<ModeChange> {
        self.changes
    }

    /// Takes a change in, if it is allowed and changes something.
    pub(super) fn judge(&mut self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let (change, action) = match *asked {
            Asked::Unknown(letter) => return Err(Refusal::UnknownMode { letter }),
            Asked::List(_) => return Ok(()),
            Asked::Rank { rank, nick, on } => {
                let action = self.action_on_rank(rank, nick, on);
                (Some(self.rank(rank, nick, on, action)?), action)
            }
            ref other => {
                permission::check(self.standing, Action::ChangeModes, self.channel)?;
                (self.ordinary(other)?, Some(Action::ChangeModes))
            }
        };
        if let Some(change) = change
            && self.changed.change(&change, &self.user.nick().into(), self.at, self.mapping())
        {
            self.changes.push(change);
            self.forced |= action.is_some_and(|action| audit::is_forced(self.standing, action, self.channel));
        }
        Ok(())
    }

    /// Returns what a change of a rank is; `None` for stepping down by oneself, which everybody may.
    fn action_on_rank(&self, rank: Rank, nick: &str, on: bool) -> Option<Action> {
        let is_oneself = self.world.user_by_nick(nick).is_some_and(|member| member.id == self.user.id);
        match (is_oneself, on) {
            (true, false) => None,
            (true, true) => Some(Action::TakeRank(rank)),
            (false, _) => Some(Action::Grant(rank)),
        }
    }

    fn mapping(&self) -> CaseMapping {
        self.world.mapping()
    }

    fn ordinary(&self, asked: &Asked<'_>) -> Result<Option<ModeChange>, Refusal> {
        Ok(match *asked {
            Asked::Flag { flag, on } => Some(ModeChange::Flag { flag, on }),
            Asked::Key(None) => Some(ModeChange::Key { key: None }),
            Asked::Key(Some(key)) => Some(ModeChange::Key { key: Some(self.valid_key(key)?) }),
            Asked::Limit(None) => Some(ModeChange::Limit { limit: None }),
            Asked::Limit(Some(limit)) => Some(ModeChange::Limit { limit: Some(self.valid_limit(limit)?) }),
            Asked::Throttle(None) => Some(ModeChange::Throttle { throttle: None }),
            Asked::Throttle(Some(written)) => {
                let throttle = written.parse().map_err(|_| self.bad_param('j', written))?;
                Some(ModeChange::Throttle { throttle: Some(throttle) })
            }
            Asked::Mask { list, mask, on: true } => Some(self.added(list, mask)?),
            Asked::Mask { list, mask, on: false } => self.removed(list, mask),
            Asked::Rank { .. } | Asked::List(_) | Asked::Unknown(_) => None,
        })
    }

    fn rank(&mut self, rank: Rank, nick: &str, on: bool, action: Option<Action>) -> Result<ModeChange, Refusal> {
        if let Some(action) = action {
            permission::check(self.standing, action, self.channel)?;
        }
        let member = self.world.user_by_nick(nick).ok_or_else(|| Refusal::NoSuchNick(nick.into()))?;
        let Some(ranks) = self.channel.ranks_of(member.id) else {
            return Err(Refusal::UserNotInChannel { nick: nick.into(), channel: self.channel.shown() });
        };
        self.changed.members.entry(member.id).or_insert(ranks);
        Ok(ModeChange::Rank { rank, member: member.id, nick: member.nick().into(), on })
    }

    /// A key is a parameter of JOIN, in a list with commas, and of the line that tells it to the channel.
    fn valid_key(&self, key: &str) -> Result<Arc<str>, Refusal> {
        let unusable = |character: char| character == ',' || character.is_whitespace() || character.is_control();
        if key.is_empty() || key.len() > KEY_BYTES_MAX || key.starts_with(':') || key.contains(unusable) {
            return Err(self.bad_param('k', "*"));
        }
        Ok(key.into())
    }

    fn valid_limit(&self, limit: &str) -> Result<u32, Refusal> {
        // `parse` alone would take `+3`.
        let number = limit.parse().ok().filter(|number| *number > 0 && limit.bytes().all(|byte| byte.is_ascii_digit()));
        number.ok_or_else(|| self.bad_param('l', limit))
    }

    fn added(&self, list: MaskList, mask: &str) -> Result<ModeChange, Refusal> {
        let mask = completed(mask);
        let is_word = is_word(mask.as_str());
        if !is_word || mask.as_str().len() > MASK_BYTES_MAX {
            return Err(self.bad_param(list.letter(), if is_word { mask.as_str() } else { "*" }));
        }
        let entries: usize = self.changed.lists.iter().map(Vec::len).sum();
        let is_new = self.changed.find_mask(list, mask.as_str(), self.mapping()).is_none();
        if is_new && entries >= self.world.settings.list_mode_entries {
            return Err(Refusal::ListFull { channel: self.channel.shown(), mask: mask.as_str().into() });
        }
        Ok(ModeChange::Mask { list, mask: mask.as_str().into(), on: true })
    }

    /// The line that all see has the mask as it stands in the list.
    fn removed(&self, list: MaskList, mask: &str) -> Option<ModeChange> {
        let mask = completed(mask);
        let entry = self.changed.find_mask(list, mask.as_str(), self.mapping())?;
        Some(ModeChange::Mask { list, mask: Arc::clone(&entry.mask), on: false })
    }

    fn bad_param(&self, letter: char, param: &str) -> Refusal {
        let param = if is_word(param) { param } else { "*" };
        Refusal::BadModeParam { target: self.channel.shown(), letter, param: param.into() }
    }
}

/// Completes a mask, also the one behind `m:`: `m:bob` is `m:bob!*@*`.
fn completed(mask: &str) -> Mask {
    match muted(mask) {
        Some(muted) => {
            let kind = &mask[..mask.len() - muted.len()];
            Mask::new(&format!("{kind}{}", Mask::parse_hostmask(muted)))
        }
        None => Mask::parse_hostmask(mask),
    }
}

/// Tells whether a text can stand in the middle of a line.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(':') && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
