//! A channel: a room with members, modes, lists and a topic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::CaseMapping;
use irc::mask::{Mask, glob};
use irc::names::ChannelName;
use serde::{Deserialize, Serialize};

use crate::arrivals::Arrivals;
use crate::event::ChannelRef;
use crate::features::outlet::Outlet;
use crate::ids::{ChannelId, RulesVersion, Seq, UserId};
use crate::modes::{ChannelFlags, ChannelModes, MaskEntry, MaskList, ModeChange};
use crate::permission::{self, Hidden};
use crate::rank::{Rank, RankSet};
use crate::registration::Registration;
use crate::rows::{ChannelRow, Row};
use crate::time::Timestamp;
use crate::user::User;

/// What a channel is about, and who said so when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Never empty.
    pub text: Arc<str>,
    /// The setter's `nick!user@host`.
    pub by: Arc<str>,
    /// When.
    pub at: Timestamp,
}

/// A channel and what the hall knows of it.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Its name as its creator wrote it.
    pub name: ChannelName,
    /// When it was created.
    pub created: Timestamp,
    /// Whether the configuration says that it always exists; then nobody becomes its operator by entering.
    pub permanent: bool,
    /// Whose it is, when it is registered: then it stays too when everybody has left.
    pub registration: Option<Registration>,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Modes that are neither lists nor ranks.
    pub modes: ChannelModes,
    /// Bans, exceptions, invite exceptions, in the order of [`MaskList::ALL`].
    pub lists: [Vec<MaskEntry>; 3],
    /// The members who stay while nobody is connected: as long as there is one, the channel outlives the process.
    pub stayers: BTreeSet<UserId>,
    /// What it says of itself.
    pub metadata: crate::metadata::Values,
    /// The members and their ranks.
    pub members: BTreeMap<UserId, RankSet>,
    /// How often its rules have changed.
    pub rules: RulesVersion,
    /// Who entered lately: not logged.
    pub arrivals: Arrivals,
    /// From where on members may read what is private, when they were let in while it is.
    pub let_in: BTreeMap<UserId, Seq>,
}

impl Channel {
    /// Makes an empty channel with the modes that new ones have.
    pub fn new(id: ChannelId, name: ChannelName, created: Timestamp, permanent: bool) -> Self {
        Self {
            id,
            name,
            created,
            permanent,
            registration: None,
            stayers: BTreeSet::new(),
            topic: None,
            modes: ChannelModes { flags: ChannelFlags::INITIAL, ..ChannelModes::default() },
            lists: Default::default(),
            metadata: crate::metadata::Values::new(),
            members: BTreeMap::new(),
            rules: RulesVersion(0),
            arrivals: Arrivals::default(),
            let_in: BTreeMap::new(),
        }
    }

    /// Tells whether what is said is only for those who were let in: not everybody may enter, or see that there is a channel.
    pub fn is_private(&self) -> bool {
        let closed = ChannelFlags::INVITE_ONLY.union(ChannelFlags::SECRET);
        self.modes.flags.intersects(closed) || self.modes.key.is_some()
    }

    /// Names the channel in an event.
    pub fn named(&self) -> ChannelRef {
        ChannelRef { id: self.id, name: self.name.clone() }
    }

    /// Returns the name, shared.
    pub fn shown(&self) -> Arc<str> {
        self.name.as_str().into()
    }

    /// Returns a member's ranks; `None` for outsiders.
    pub fn ranks_of(&self, user: UserId) -> Option<RankSet> {
        self.members.get(&user).copied()
    }

    /// Tells whether outsiders may know that the channel exists.
    pub fn is_visible_to(&self, user: &User) -> bool {
        !self.modes.flags.contains(ChannelFlags::SECRET)
            || permission::may_see(Hidden::Channel, self.members.contains_key(&user.id), user.is_operator())
    }

    /// Returns one of the lists.
    pub fn list(&self, list: MaskList) -> &Vec<MaskEntry> {
        &self.lists[list as usize]
    }

    /// Finds a mask in a list, in any case.
    pub fn find_mask(&self, list: MaskList, mask: &str, mapping: CaseMapping) -> Option<&MaskEntry> {
        self.list(list).iter().find(|entry| mapping.same(&entry.mask, mask))
    }

    /// Tells whether a list has a mask that fits the user: `nick!user@host`, or the account of an extended one.
    pub fn list_matches(&self, list: MaskList, user: &User, mapping: CaseMapping) -> bool {
        let entries = self.list(list);
        if entries.is_empty() {
            return false;
        }
        let shown = mapping.fold_cow(user.person.mask());
        entries.iter().any(|entry| fits(&entry.mask, &shown, user, mapping))
    }

    /// Tells whether a mute (`m:` in the list of bans) fits the user, and no exception lets them speak.
    pub fn mutes(&self, user: &User, mapping: CaseMapping) -> bool {
        let mut mutes = self.list(MaskList::Ban).iter().filter_map(|entry| muted(&entry.mask)).peekable();
        if mutes.peek().is_none() {
            return false;
        }
        let shown = mapping.fold_cow(user.person.mask());
        mutes.any(|mask| fits(mask, &shown, user, mapping)) && !self.list_matches(MaskList::Exception, user, mapping)
    }

    /// Returns the members of a rank and above.
    pub fn members_of_rank(&self, rank: Rank) -> impl Iterator<Item = UserId> {
        self.members.iter().filter(move |(_, ranks)| ranks.at_least(rank)).map(|(id, _)| *id)
    }

    /// Tells whether the limit leaves no room.
    pub fn is_full(&self) -> bool {
        self.modes.limit.is_some_and(|limit| self.members.len() >= usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// Tells whether bans keep the user out, and no exception lets them in.
    pub fn bans(&self, user: &User, mapping: CaseMapping) -> bool {
        self.list_matches(MaskList::Ban, user, mapping) && !self.list_matches(MaskList::Exception, user, mapping)
    }

    /// Makes one change of modes, set by whom and when; tells whether it changed anything.
    pub fn change(&mut self, change: &ModeChange, by: &Arc<str>, at: Timestamp, mapping: CaseMapping) -> bool {
        match change {
            ModeChange::Flag { flag, on } => {
                let before = self.modes.flags;
                self.modes.flags.set(*flag, *on);
                self.modes.flags != before
            }
            ModeChange::Key { key } => core::mem::replace(&mut self.modes.key, key.clone()) != *key,
            ModeChange::Limit { limit } => core::mem::replace(&mut self.modes.limit, *limit) != *limit,
            ModeChange::Throttle { throttle } => core::mem::replace(&mut self.modes.throttle, *throttle) != *throttle,
            ModeChange::Mask { list, mask, on: true } => {
                let is_new = self.find_mask(*list, mask, mapping).is_none();
                if is_new {
                    let entry = MaskEntry { mask: Arc::clone(mask), by: Arc::clone(by), at };
                    self.lists[*list as usize].push(entry);
                }
                is_new
            }
            ModeChange::Mask { list, mask, on: false } => {
                let entries = &mut self.lists[*list as usize];
                let before = entries.len();
                entries.retain(|entry| !mapping.same(&entry.mask, mask));
                entries.len() != before
            }
            ModeChange::Rank { rank, member, on, .. } => self.members.get_mut(member).is_some_and(|ranks| {
                let before = *ranks;
                ranks.set(rank.alone(), *on);
                *ranks != before
            }),
        }
    }

    /// Notes that members, modes or lists changed.
    pub fn rules_changed(&mut self) {
        self.rules.0 += 1;
    }

    /// Returns the rank that the user's account has here.
    pub fn access_of(&self, user: &User, mapping: CaseMapping) -> Option<Rank> {
        self.registration.as_ref()?.rank_of(user.person.account.as_deref()?, mapping)
    }

    /// Tells whether it stays when everybody has left.
    pub fn stays_when_empty(&self) -> bool {
        self.permanent || self.registration.is_some()
    }

    /// Tells whether it outlives the process.
    pub fn is_kept(&self) -> bool {
        self.stays_when_empty() || !self.stayers.is_empty()
    }

    /// Keeps what outlives the process, if the channel does.
    pub fn keep(&self, outlet: &mut Outlet<'_>) {
        if self.is_kept() {
            outlet.keep(Row::Channel(self.row()));
        }
    }

    /// Becomes what was kept.
    pub(crate) fn restore(&mut self, row: &ChannelRow) {
        self.created = row.created;
        self.topic.clone_from(&row.topic);
        self.modes.clone_from(&row.modes);
        self.lists.clone_from(&row.lists);
        self.registration.clone_from(&row.registration);
        self.metadata.clone_from(&row.metadata);
    }

    /// Returns what of the channel outlives the process.
    pub fn row(&self) -> ChannelRow {
        ChannelRow {
            name: self.name.clone(),
            created: self.created,
            topic: self.topic.clone(),
            modes: self.modes.clone(),
            lists: self.lists.clone(),
            registration: self.registration.clone(),
            metadata: self.metadata.clone(),
        }
    }
}

/// Tells whether a mask fits a user: by account, or by `nick!user@host`, which is given folded.
fn fits(mask: &str, shown: &str, user: &User, mapping: CaseMapping) -> bool {
    match extended(mask) {
        Some(("a" | "account", wanted)) => {
            user.person.account.as_deref().is_some_and(|account| Mask::new(wanted).matches(account, mapping))
        }
        Some(_) => false,
        None => glob(&mapping.fold_cow(mask), shown),
    }
}

/// Returns the mask behind `m:`: whom it fits may enter but not speak.
pub(crate) fn muted(mask: &str) -> Option<&str> {
    match extended(mask)? {
        ("m" | "mute", muted) => Some(muted),
        _ => None,
    }
}

/// Splits an extended mask (`a:alice`, `~account:alice`) into its kind and what it is to fit.
///
/// Spec: `IRCv3` "account-extban".
fn extended(mask: &str) -> Option<(&str, &str)> {
    let (kind, wanted) = mask.strip_prefix('~').unwrap_or(mask).split_once(':')?;
    kind.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some((kind, wanted))
}
