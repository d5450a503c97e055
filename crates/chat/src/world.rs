//! All chat state of a node: plain data and the indexes over it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};
use irc::names::{ChannelName, NameError};
use smallvec::SmallVec;

use crate::account::Accounts;
use crate::audit::Audit;
use crate::channel::Channel;
use crate::event::Actor;
use crate::features::monitor::Watchers;
use crate::features::read_marker::Markers;
use crate::features::whowas::Memory;
use crate::ids::{ChannelId, LogId, SessionId, UserId};
use crate::invitation::Invitations;
use crate::metadata::{Change, Metadata, Values};
use crate::modes::UserModes;
use crate::person::Person;
use crate::privacy::Privacy;
use crate::raid::Raid;
use crate::refusal::Refusal;
use crate::reply::Counts;
use crate::rows::{ChannelRow, MetadataRow, Row, RowChange, UserRow};
use crate::server_ban::ServerBans;
use crate::settings::{AlwaysOn, Settings};
use crate::throttle::Guesses;
use crate::time::{Instant, Timestamp};
use crate::user::{OperatorClass, User};

/// What is known of a session that is about to become a user, and is not logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    /// The address others do not see.
    pub address: Arc<str>,
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

/// Nicks that nobody may have: who writes to them talks to the server.
const SERVICE_NICKS: [&str; 2] = ["ChanServ", "NickServ"];

/// Everything the hall knows. Changed by `apply` functions, and by unlogged state (away, MONITOR) where said so.
#[derive(Debug)]
pub struct World {
    /// Choices and limits.
    pub settings: Arc<Settings>,
    /// The number of the log that all of this comes of.
    pub log: LogId,
    /// All users.
    pub users: BTreeMap<UserId, User>,
    /// All channels.
    pub channels: BTreeMap<ChannelId, Channel>,
    /// Which user a session is.
    pub sessions: BTreeMap<SessionId, UserId>,
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
    /// Makes a world from what was kept: the permanent channels as they were, accounts, bans, the raid mode, the audit log. No user or channel in the log has
    /// an id above `last_id`.
    pub fn new(settings: Arc<Settings>, rows: Vec<Row>, last_id: u64, now: Timestamp) -> Self {
        let mut world = Self {
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            sessions: BTreeMap::new(),
            accounts: Accounts::default(),
            invitations: Invitations::default(),
            guesses: Guesses::default(),
            markers: Markers::default(),
            server_bans: ServerBans::default(),
            raid: None,
            audit: Audit::default(),
            privacy: BTreeMap::new(),
            metadata: Metadata::default(),
            watchers: Watchers::default(),
            whowas: Memory::default(),
            pending: BTreeMap::new(),
            changed_users: BTreeSet::new(),
            staying: BTreeMap::new(),
            names: BTreeMap::new(),
            channel_names: BTreeMap::new(),
            invisible_users: 0,
            operators: 0,
            max_users: 0,
            last_id,
            log: LogId::default(),
            settings,
        };
        let mapping = world.mapping();
        let (mut channels, mut users, mut audit) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Channel(row) => channels.push(row),
                Row::Account(account) => world.accounts.put(*account, mapping),
                Row::RemovedAccount(removed) => world.accounts.retire(removed, mapping),
                Row::Invitation(invitation) => world.invitations.put(*invitation),
                Row::Marker(row) => world.markers.restore(&row, mapping),
                Row::User(user) => users.push(*user),
                Row::Audit(entry) => audit.push(entry),
                Row::Raid(raid) => world.raid = Some(raid),
                Row::ServerBan(ban) => world.server_bans.put(*ban, mapping),
                Row::Privacy(row) => {
                    world.privacy.entry(mapping.fold(row.name.as_str())).or_default().restore(&row);
                }
                Row::LetIn(row) => {
                    let privacy = world.privacy.entry(mapping.fold(row.name.as_str())).or_default();
                    privacy.restore_let_in(&row, mapping);
                }
                Row::Metadata(MetadataRow { account, key, value }) => {
                    world.metadata.set(&account, &Change { key, value: Some(value) }, mapping);
                }
            }
        }
        world.audit.restore(audit);
        world.open_permanent_channels(&channels, now);
        for row in channels.iter().filter(|row| row.registration.is_some()) {
            world.reopen(&row.name, &channels, now);
        }
        for row in users {
            world.bring_back(row, &channels, now);
        }
        world
    }

    /// Returns the channel of this name, as it was kept or new.
    fn reopen(&mut self, name: &ChannelName, rows: &[ChannelRow], now: Timestamp) -> ChannelId {
        if let Some(id) = self.channel_id(name.as_str()) {
            return id;
        }
        let mut channel = Channel::new(self.new_channel_id(), name.clone(), now, false);
        if let Some(row) = rows.iter().find(|row| self.mapping().same(row.name.as_str(), name.as_str())) {
            channel.restore(row);
        }
        let id = channel.id;
        self.insert_channel(channel);
        id
    }

    /// Brings back a user who stays, without sessions, into the channels they were in. Whose account does not wish it any
    /// more stays away.
    fn bring_back(&mut self, row: UserRow, channels: &[ChannelRow], now: Timestamp) {
        let mut fields = row.person;
        fields.operator = false;
        let is_wished = fields.account.as_deref().is_some_and(|account| self.is_always_on(account));
        if !is_wished || self.taken_name(fields.nick.as_str(), fields.shown.as_deref(), None).is_some() {
            return;
        }
        let id = self.new_user_id();
        self.insert_user(User {
            id,
            person: Arc::new(Person::from(fields)),
            modes: row.modes - UserModes::OPERATOR,
            operator: None,
            away: Some(row.away.unwrap_or_else(|| Arc::clone(&self.settings.disconnected))),
            metadata: Values::new(),
            channels: BTreeSet::new(),
            invitations: BTreeMap::new(),
            sessions: SmallVec::new(),
            connections: 0,
            stays: false,
            signed_on: row.signed_on,
            active: Instant::default(),
            knocks: BTreeMap::new(),
        });
        for (name, ranks) in row.channels {
            let channel = self.reopen(&name, channels, now);
            if let (Some(channel), Some(user)) = (self.channels.get_mut(&channel), self.users.get_mut(&id)) {
                channel.members.insert(id, ranks);
                user.channels.insert(channel.id);
            }
        }
        self.set_stays(id, true);
    }

    /// Tells whether the user of an account is to stay while nobody is connected.
    pub fn is_always_on(&self, account: &str) -> bool {
        let Some(account) = self.accounts.get(account, self.mapping()) else { return false };
        match self.settings.always_on {
            AlwaysOn::Off => false,
            AlwaysOn::OptIn => account.always_on == Some(true),
            AlwaysOn::Default => account.always_on != Some(false),
        }
    }

    /// Returns the user who stays for an account.
    pub fn staying_user(&self, account: &str) -> Option<&User> {
        self.staying.get(&*self.mapping().fold_cow(account)).and_then(|id| self.users.get(id))
    }

    /// Lets a user stay for their account from now on, or no more.
    pub(crate) fn set_stays(&mut self, id: UserId, stays: bool) {
        let mapping = self.mapping();
        let Some(user) = self.users.get_mut(&id) else { return };
        let Some(account) = user.person.account.as_deref() else { return };
        user.stays = stays;
        if stays {
            self.staying.insert(mapping.fold(account), id);
        } else {
            self.staying.remove(&*mapping.fold_cow(account));
        }
        for channel in &user.channels {
            if let Some(channel) = self.channels.get_mut(channel) {
                if stays {
                    channel.stayers.insert(id)
                } else {
                    channel.stayers.remove(&id)
                };
            }
        }
    }

    /// Returns what of a user who stays outlives the process.
    pub(crate) fn user_row(&self, user: &User) -> Option<UserRow> {
        user.person.account.as_ref()?;
        let channels = user.channels.iter().filter_map(|id| self.channels.get(id));
        Some(UserRow {
            person: (**user.person).clone(),
            modes: user.modes,
            signed_on: user.signed_on,
            away: user.away.clone().filter(|text| *text != self.settings.disconnected),
            channels: channels
                .map(|channel| (channel.name.clone(), channel.ranks_of(user.id).unwrap_or_default()))
                .collect(),
        })
    }

    /// Takes other settings: new permanent channels open, and those that are permanent no more vanish when they are
    /// empty. How names fold stays as it was: the indexes are made of folded names, so that needs a new process.
    pub fn reconfigure(&mut self, settings: Arc<Settings>, now: Timestamp) {
        let mapping = self.mapping();
        self.settings = settings;
        if self.mapping() != mapping {
            Arc::make_mut(&mut self.settings).names.casemapping = mapping;
        }
        for channel in self.channels.values_mut() {
            channel.permanent = false;
        }
        self.open_permanent_channels(&[], now);
        self.channels.retain(|_, channel| channel.stays_when_empty() || !channel.members.is_empty());
        self.channel_names.retain(|_, id| self.channels.contains_key(id));
    }

    fn open_permanent_channels(&mut self, rows: &[ChannelRow], now: Timestamp) {
        let mapping = self.mapping();
        for name in &Arc::clone(&self.settings).permanent_channels {
            let Ok(name) = self.settings.names.channel(name) else { continue };
            if let Some(existing) = self.channel_id(name.as_str()).and_then(|id| self.channels.get_mut(&id)) {
                existing.permanent = true;
                continue;
            }
            let mut channel = Channel::new(self.new_channel_id(), name, now, true);
            if let Some(row) = rows.iter().find(|row| mapping.same(row.name.as_str(), channel.name.as_str())) {
                channel.restore(row);
            }
            self.insert_channel(channel);
        }
    }

    /// Returns what a user says of themself.
    pub fn metadata_of<'a>(&'a self, user: &'a User) -> &'a Values {
        match &user.person.account {
            Some(account) => self.metadata.of_account(account, self.mapping()),
            None => &user.metadata,
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

    /// Takes a user id that was never used.
    pub fn new_user_id(&mut self) -> UserId {
        self.last_id += 1;
        UserId(self.last_id)
    }

    /// Takes a channel id that was never used.
    pub fn new_channel_id(&mut self) -> ChannelId {
        self.last_id += 1;
        ChannelId(self.last_id)
    }

    /// Finds a user by nick, or by the name a classroom user typed.
    pub fn user_by_nick(&self, nick: &str) -> Option<&User> {
        let mapping = self.mapping();
        let named = self.names.get(&*mapping.fold_cow(nick));
        // A classroom user's name is kept in lower case also where the case mapping leaves a letter as it is.
        let named =
            named.or_else(|| if nick.is_ascii() { None } else { self.names.get(&self.fold(&nick.to_lowercase())) });
        named.and_then(|id| self.users.get(id))
    }

    /// Finds a user by nick, or says that there is none (401).
    ///
    /// # Errors
    /// [`Refusal::NoSuchNick`].
    pub fn expect_user(&self, nick: &str) -> Result<&User, Refusal> {
        self.user_by_nick(nick).ok_or_else(|| Refusal::NoSuchNick(nick.into()))
    }

    /// Finds a channel's id by its name.
    pub fn channel_id(&self, name: &str) -> Option<ChannelId> {
        self.channel_names.get(&*self.mapping().fold_cow(name)).copied()
    }

    /// Finds a channel by its name.
    pub fn channel_by_name(&self, name: &str) -> Option<&Channel> {
        self.channel_id(name).and_then(|id| self.channels.get(&id))
    }

    /// Finds a channel by its name, or says that there is none (403).
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`].
    pub fn expect_channel(&self, name: &str) -> Result<&Channel, Refusal> {
        self.channel_by_name(name).ok_or_else(|| Refusal::NoSuchChannel(name.into()))
    }

    /// Finds a channel that a user is to know of: a secret one is none for outsiders (403).
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`].
    pub fn expect_visible_channel(&self, name: &str, user: &User) -> Result<&Channel, Refusal> {
        self.channel_by_name(name)
            .filter(|channel| channel.is_visible_to(user))
            .ok_or_else(|| Refusal::NoSuchChannel(name.into()))
    }

    /// Tells whether a name is a service's.
    pub fn is_service(&self, name: &str) -> bool {
        SERVICE_NICKS.iter().any(|service| self.mapping().same(service, name))
    }

    /// Tells whether a name is in use by somebody else than `but`, or is a service's.
    pub fn is_name_taken(&self, name: &str, but: Option<UserId>) -> bool {
        if self.is_service(name) {
            return true;
        }
        [self.fold(name), self.fold(&name.to_lowercase())]
            .iter()
            .any(|key| self.names.get(key).is_some_and(|holder| Some(*holder) != but))
    }

    /// Tells whether a name is that of an account which keeps it as a nick for its owner, and which the asker is not logged
    /// in to. Who has the nick already goes on having it.
    pub fn is_name_reserved(&self, name: &str, account: Option<&str>, but: Option<UserId>) -> bool {
        let mapping = self.mapping();
        let has_it = || but.and_then(|id| self.users.get(&id)).is_some_and(|user| mapping.same(user.nick(), name));
        let owner = self.accounts.get(name, mapping).filter(|owner| !owner.unprotected);
        owner.is_some_and(|owner| account.is_none_or(|own| !mapping.same(own, &owner.name))) && !has_it()
    }

    /// Returns the one of a person's names that is in use by somebody else than `but`: another node may have given it
    /// away while the log was ordering the fact.
    pub fn taken_name<'a>(&self, nick: &'a str, shown: Option<&'a str>, but: Option<UserId>) -> Option<&'a str> {
        shown.into_iter().chain([nick]).find(|name| self.is_name_taken(name, but))
    }

    /// Returns the names of the channels that a user is in.
    pub fn channel_names_of(&self, user: UserId) -> Vec<ChannelName> {
        let channels = self.users.get(&user).into_iter().flat_map(|user| &user.channels);
        channels.filter_map(|id| self.channels.get(id)).map(|channel| channel.name.clone()).collect()
    }

    /// Tells whether the raid mode takes the word from a user: whoever is logged in to an account is known, since nobody
    /// makes one by themself while it lasts.
    pub fn is_silenced(&self, user: &User) -> bool {
        self.raid.is_some() && user.person.account.is_none() && !user.is_operator()
    }

    /// Names a user as the actor of an event.
    pub fn actor(&self, user: UserId) -> Option<Actor> {
        self.users.get(&user).map(|user| Actor { user: user.id, person: Arc::clone(&user.person) })
    }

    /// Adds a user.
    pub fn insert_user(&mut self, user: User) {
        self.claim_names(&user.person, user.id);
        self.count(user.modes, user.operator, 1);
        self.users.insert(user.id, user);
        self.max_users = self.max_users.max(self.users.len());
    }

    /// Removes a user from everywhere: channels, names, sessions. Empty channels vanish. What that changes of durable
    /// rows is added to `rows`.
    pub fn remove_user(&mut self, id: UserId, rows: &mut Vec<RowChange>) -> Option<User> {
        if let Some(row) = self.users.get(&id).filter(|user| user.stays).and_then(|user| self.user_row(user)) {
            self.staying.remove(&*self.mapping().fold_cow(row.person.account.as_deref().unwrap_or_default()));
            rows.push(RowChange::Remove(Row::User(Box::new(row))));
        }
        let user = self.users.remove(&id)?;
        self.release_names(&user.person, id);
        self.count(user.modes, user.operator, -1);
        self.markers.forget_user(id);
        for session in user.session_ids() {
            self.sessions.remove(&session);
            self.watchers.forget(session);
            self.metadata.forget(session);
        }
        for channel in &user.channels {
            self.remove_member(*channel, id, rows);
        }
        Some(user)
    }

    /// Gives a user another appearance, and the names that belong to it.
    pub fn set_person(&mut self, id: UserId, person: &Arc<Person>) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let before = core::mem::replace(&mut user.person, Arc::clone(person));
        self.changed_users.insert(id);
        self.release_names(&before, id);
        self.claim_names(person, id);
    }

    /// Gives a user other modes, and the operator class that goes with `+o`.
    pub fn set_modes(&mut self, id: UserId, modes: UserModes, operator: Option<OperatorClass>) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let before = (user.modes, user.operator);
        self.changed_users.insert(id);
        (user.modes, user.operator) = (modes, operator);
        self.count(before.0, before.1, -1);
        self.count(modes, operator, 1);
    }

    /// Keeps the numbers of LUSERS, so that nobody has to be counted when somebody connects.
    fn count(&mut self, modes: UserModes, operator: Option<OperatorClass>, by: isize) {
        if modes.contains(UserModes::INVISIBLE) {
            self.invisible_users = self.invisible_users.saturating_add_signed(by);
        }
        if operator.is_some() {
            self.operators = self.operators.saturating_add_signed(by);
        }
    }

    fn claim_names(&mut self, person: &Person, id: UserId) {
        for key in self.name_keys(person) {
            self.names.entry(key).or_insert(id);
        }
    }

    fn release_names(&mut self, person: &Person, id: UserId) {
        for key in self.name_keys(person) {
            if self.names.get(&key) == Some(&id) {
                self.names.remove(&key);
            }
        }
    }

    /// A user holds their nick, and the name as typed where that is another: nobody else may be shown as either.
    fn name_keys(&self, person: &Person) -> impl Iterator<Item = Folded> + use<> {
        let shown = person.shown.as_ref().map(|shown| self.fold(&shown.to_lowercase()));
        core::iter::once(self.fold(person.nick().as_str())).chain(shown)
    }

    /// Adds a channel.
    pub fn insert_channel(&mut self, channel: Channel) {
        self.channel_names.insert(self.fold(channel.name.as_str()), channel.id);
        self.channels.insert(channel.id, channel);
    }

    /// Gives a channel another name. Nobody else may have it.
    pub fn rename_channel(&mut self, id: ChannelId, name: &ChannelName) {
        let mapping = self.mapping();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let old = core::mem::replace(&mut channel.name, name.clone());
        self.channel_names.remove(&*mapping.fold_cow(old.as_str()));
        self.channel_names.insert(mapping.fold(name.as_str()), id);
    }

    /// Takes a member out of a channel; the channel vanishes with the last one unless it stays. What that changes of
    /// durable rows is added to `rows`.
    pub fn remove_member(&mut self, channel: ChannelId, user: UserId, rows: &mut Vec<RowChange>) {
        if let Some(user) = self.users.get_mut(&user) {
            user.channels.remove(&channel);
        }
        let Some(room) = self.channels.get_mut(&channel) else { return };
        let was_kept = room.is_kept();
        room.members.remove(&user);
        room.stayers.remove(&user);
        self.changed_users.insert(user);
        room.let_in.remove(&user);
        room.rules_changed();
        let is_kept = room.is_kept();
        if was_kept && !is_kept {
            rows.push(RowChange::Remove(Row::Channel(room.row())));
        }
        if !is_kept && room.members.is_empty() {
            self.drop_channel(channel);
        }
    }

    /// Looks whether a channel that was kept still has a reason to be, and to be kept, after one was taken away.
    pub(crate) fn settle_channel(&mut self, channel: ChannelId, rows: &mut Vec<RowChange>) {
        let Some(room) = self.channels.get(&channel) else { return };
        if room.is_kept() {
            return;
        }
        rows.push(RowChange::Remove(Row::Channel(room.row())));
        if room.members.is_empty() {
            self.drop_channel(channel);
        }
    }

    fn drop_channel(&mut self, id: ChannelId) {
        let mapping = self.mapping();
        if let Some(channel) = self.channels.remove(&id) {
            self.channel_names.remove(&*mapping.fold_cow(channel.name.as_str()));
        }
    }

    /// Returns the validated name of a channel that is to be made.
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`] for what is no channel name at all and for one that is too long, as Modern IRC's "CHANNELLEN"
    /// is understood; [`Refusal::BadChannelName`] for a bad one.
    pub fn valid_channel_name(&self, name: &str) -> Result<ChannelName, Refusal> {
        self.settings.names.channel(name).map_err(|error| {
            if name.starts_with('#') && !matches!(error, NameError::TooLong { .. }) {
                Refusal::BadChannelName(name.into())
            } else {
                Refusal::NoSuchChannel(name.into())
            }
        })
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
