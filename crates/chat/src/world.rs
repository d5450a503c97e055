//! All chat state of a node: plain data and the indexes over it.

mod channels;
mod restore;
mod staying;
mod users;

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};

use crate::account::Accounts;
use crate::ascending::Ascending;
use crate::audit::Audit;
use crate::channel::Channel;
use crate::features::monitor::Watchers;
use crate::features::read_marker::Markers;
use crate::features::whowas::Memory;
use crate::ids::{ChannelId, LogId, SessionId, UserId};
use crate::invitation::Invitations;
use crate::metadata::{Metadata, Values};
use crate::privacy::Privacy;
use crate::raid::Raid;
use crate::reply::Counts;
use crate::server_ban::ServerBans;
use crate::settings::Settings;
use crate::throttle::Guesses;
use crate::user::User;
use crate::users::Users;

/// What is known of a session that is about to become a user, and is not logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    /// The address others do not see.
    pub address: Option<IpAddr>,
    /// The gateway that has named it.
    pub gateway: Option<Arc<str>>,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Connections that are not users.
    pub unknown: usize,
    /// Why they come already away.
    pub away: Option<Arc<str>>,
    /// The keys of metadata that the session wants to know about; `None`: it knows nothing of it.
    pub subscriptions: Option<Vec<Arc<str>>>,
}

/// Everything the hall knows. Changed by `apply` functions, and by unlogged state (away, MONITOR) where said so.
#[derive(Debug)]
pub struct World {
    /// Choices and limits.
    pub settings: Arc<Settings>,
    /// The number of the log that all of this comes of.
    pub log: LogId,
    /// All users.
    pub users: Users,
    /// All channels.
    pub channels: BTreeMap<ChannelId, Channel>,
    /// Which user a session is.
    pub sessions: Ascending<SessionId, UserId>,
    /// Registered identities.
    pub accounts: Accounts,
    /// Who may make an account.
    pub invitations: Invitations,
    /// How often passwords may be tried and accounts be made. Unlogged.
    pub guesses: Guesses,
    /// How far everybody has read.
    pub markers: Markers,
    /// Who is kept off the server.
    pub server_bans: ServerBans,
    /// The raid mode, while it is on.
    pub raid: Option<Raid>,
    /// What server operators have done.
    pub audit: Audit,
    /// Which of channels' past is private, by their folded names.
    pub privacy: BTreeMap<Folded, Privacy>,
    /// What accounts say of themselves, and who wants to know about what.
    pub metadata: Metadata,
    /// Who watches whom.
    pub watchers: Watchers,
    /// Who used which nick.
    pub whowas: Memory,
    /// What is not logged of sessions that the log has not made users yet.
    pub(crate) pending: BTreeMap<SessionId, Pending>,
    /// Users whose durable rows may have changed with the fact that is being applied.
    pub(crate) changed_users: BTreeSet<UserId>,
    /// The users who stay, by account.
    staying: BTreeMap<Folded, UserId>,
    names: BTreeMap<Folded, UserId>,
    channel_names: BTreeMap<Folded, ChannelId>,
    invisible_users: usize,
    operators: usize,
    max_users: usize,
    last_id: u64,
}

impl World {
    /// Returns what a user says of themself.
    pub fn metadata_of<'a>(&'a self, user: &'a User) -> &'a Values {
        match &user.person.account {
            Some(account) => self.metadata.of_account(account, self.mapping()),
            None => &user.seldom.metadata,
        }
    }

    /// Returns how names fold here.
    pub fn mapping(&self) -> CaseMapping {
        self.settings.names.casemapping
    }

    /// Folds a name for comparison.
    pub fn fold(&self, name: &str) -> Folded {
        self.mapping().fold(name)
    }

    /// Takes what was noted of a session when it asked to become a user.
    pub(crate) fn take_pending(&mut self, session: Option<SessionId>) -> Pending {
        session.and_then(|session| self.pending.remove(&session)).unwrap_or_default()
    }

    /// Tells whether the raid mode takes the word from a user: whoever is logged in to an account is known, since nobody
    /// makes one by themself while it lasts.
    pub fn is_silenced(&self, user: &User) -> bool {
        self.raid.is_some() && user.person.account.is_none() && !user.is_operator()
    }

    /// Counts users and channels, as LUSERS tells them.
    pub fn counts(&self, unknown: usize) -> Counts {
        Counts {
            visible: self.users.len().saturating_sub(self.invisible_users),
            invisible: self.invisible_users,
            operators: self.operators,
            unknown,
            channels: self.channels.len(),
            max: self.max_users,
        }
    }
}
