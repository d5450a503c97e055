//! What a world begins with, and what other settings change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::Folded;
use irc::names::ChannelName;
use smallvec::SmallVec;

use super::World;
use crate::account::Accounts;
use crate::ascending::Ascending;
use crate::audit::Audit;
use crate::channel::Channel;
use crate::features::monitor::Watchers;
use crate::features::read_marker::Markers;
use crate::features::whowas::Memory;
use crate::ids::{ChannelId, LogId};
use crate::invitation::Invitations;
use crate::metadata::{Change, Metadata};
use crate::modes::UserModes;
use crate::person::Person;
use crate::rows::{ChannelRow, MetadataRow, Row, UserRow};
use crate::server_ban::ServerBans;
use crate::settings::Settings;
use crate::throttle::Guesses;
use crate::time::{Instant, Timestamp};
use crate::user::{SeldomUser, User};
use crate::users::Users;

impl World {
    /// Makes a world from what was kept: the permanent channels as they were, accounts, bans, the raid mode, the audit log. No user or channel in the log has
    /// an id above `last_id`.
    pub fn new(settings: Arc<Settings>, rows: Vec<Row>, last_id: u64, now: Timestamp) -> Self {
        let mut world = Self {
            users: Users::default(),
            channels: BTreeMap::new(),
            sessions: Ascending::default(),
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
        let (mut channels, mut users, mut audit) = (BTreeMap::new(), Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Channel(row) => drop(channels.insert(mapping.fold(row.name.as_str()), row)),
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
        for row in channels.values().filter(|row| row.registration.is_some()) {
            world.reopen(&row.name, &channels, now);
        }
        for row in users {
            world.bring_back(row, &channels, now);
        }
        world
    }

    /// Returns the channel of this name, as it was kept or new.
    fn reopen(&mut self, name: &ChannelName, rows: &BTreeMap<Folded, ChannelRow>, now: Timestamp) -> ChannelId {
        if let Some(id) = self.channel_id(name.as_str()) {
            return id;
        }
        let mut channel = Channel::new(self.new_channel_id(), name.clone(), now, false);
        if let Some(row) = rows.get(&self.fold(name.as_str())) {
            channel.restore(row);
        }
        let id = channel.id;
        self.insert_channel(channel);
        id
    }

    /// Brings back a user who stays, without sessions, into the channels they were in. Whose account does not wish it any
    /// more stays away.
    fn bring_back(&mut self, row: UserRow, channels: &BTreeMap<Folded, ChannelRow>, now: Timestamp) {
        let mut fields = row.person;
        fields.operator = false;
        let is_wished = fields.account.as_deref().is_some_and(|account| self.is_always_on(account));
        if !is_wished || self.taken_name(fields.nick.as_str(), fields.shown.as_deref(), None).is_some() {
            return;
        }
        let away = row.away.unwrap_or_else(|| Arc::clone(&self.settings.disconnected));
        let id = self.new_user_id();
        self.insert_user(User {
            id,
            person: Arc::new(Person::from(fields)),
            modes: row.modes - UserModes::OPERATOR,
            operator: None,
            channels: BTreeSet::new(),
            sessions: SmallVec::new(),
            connections: 0,
            stays: false,
            signed_on: row.signed_on,
            active: Instant::default(),
            seldom: SeldomUser { away: Some(away), ..SeldomUser::default() }.into(),
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
        self.open_permanent_channels(&BTreeMap::new(), now);
        self.channels.retain(|_, channel| channel.stays_when_empty() || !channel.members.is_empty());
        self.channel_names.retain(|_, id| self.channels.contains_key(id));
    }

    fn open_permanent_channels(&mut self, rows: &BTreeMap<Folded, ChannelRow>, now: Timestamp) {
        for name in &Arc::clone(&self.settings).permanent_channels {
            let Ok(name) = self.settings.names.channel(name) else { continue };
            if let Some(existing) = self.channel_id(name.as_str()).and_then(|id| self.channels.get_mut(&id)) {
                existing.permanent = true;
                continue;
            }
            let mut channel = Channel::new(self.new_channel_id(), name, now, true);
            if let Some(row) = rows.get(&self.fold(channel.name.as_str())) {
                channel.restore(row);
            }
            self.insert_channel(channel);
        }
    }
}
