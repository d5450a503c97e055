//! Durable state: what outlives the process without replaying the log.
//!
//! The log keeps these rows beside the facts, changed in the same commit; the hall starts from them. They are kept as JSON,
//! so names here are part of the store's format: add with a default, never rename.

use std::sync::Arc;

use irc::casemap::CaseMapping;
use irc::names::ChannelName;
use serde::{Deserialize, Serialize};

use crate::account::{Account, RemovedAccount};
use crate::audit::AuditEntry;
use crate::channel::Topic;
use crate::invitation::Invitation;
use crate::metadata::Values;
use crate::modes::{ChannelModes, MaskEntry, UserModes};
use crate::person::PersonFields;
use crate::privacy::{LetInRow, PrivacyRow};
use crate::raid::Raid;
use crate::rank::RankSet;
use crate::registration::Registration;
use crate::server_ban::{BanKind, ServerBan};
use crate::time::Timestamp;

/// One piece of durable state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum Row {
    /// A channel that stays.
    Channel(ChannelRow),
    /// An account.
    Account(Box<Account>),
    /// The name of an account that is no more.
    RemovedAccount(RemovedAccount),
    /// How far an account has read.
    Marker(MarkerRow),
    /// An invitation.
    Invitation(Box<Invitation>),
    /// A user who stays while nobody is connected.
    User(Box<UserRow>),
    /// What an operator did.
    Audit(AuditEntry),
    /// The raid mode, while it is on.
    Raid(Raid),
    /// A ban of the server.
    ServerBan(Box<ServerBan>),
    /// Which of a channel's past is private.
    Privacy(PrivacyRow),
    /// That an account was let into a private channel.
    LetIn(LetInRow),
    /// One thing that an account says of itself.
    Metadata(MetadataRow),
}

impl Row {
    /// Returns what kind of row it is: the store's column `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Channel(_) => "channel",
            Self::Account(_) => "account",
            Self::RemovedAccount(_) => "removed_account",
            Self::Marker(_) => "marker",
            Self::Invitation(_) => "invitation",
            Self::User(_) => "user",
            Self::Audit(_) => "audit",
            Self::Raid(_) => "raid",
            Self::ServerBan(_) => "server_ban",
            Self::Privacy(_) => "privacy",
            Self::LetIn(_) => "let_in",
            Self::Metadata(_) => "metadata",
        }
    }

    /// Returns what tells it from others of its kind: folded names, joined by a space where there are several.
    pub fn key(&self, mapping: CaseMapping) -> String {
        match self {
            Self::Channel(row) => mapping.fold(row.name.as_str()).as_str().to_owned(),
            Self::Account(account) => mapping.fold(&account.name).as_str().to_owned(),
            Self::RemovedAccount(removed) => mapping.fold(&removed.name).as_str().to_owned(),
            Self::Invitation(invitation) => (*invitation.id).to_owned(),
            Self::Marker(row) => format!("{} {}", mapping.fold(&row.account), mapping.fold(&row.target)),
            Self::User(user) => mapping.fold(user.person.account.as_deref().unwrap_or_default()).as_str().to_owned(),
            Self::Audit(entry) => format!("{:020}", entry.number),
            Self::Raid(_) => String::new(),
            Self::ServerBan(ban) => {
                let kind = match ban.kind {
                    BanKind::Mask => "mask",
                    BanKind::Network => "network",
                    BanKind::Account => "account",
                };
                format!("{kind} {}", mapping.fold(&ban.what).as_str())
            }
            Self::Privacy(row) => mapping.fold(row.name.as_str()).as_str().to_owned(),
            Self::LetIn(row) => format!("{} {}", mapping.fold(row.name.as_str()), mapping.fold(&row.account)),
            Self::Metadata(row) => format!("{} {}", mapping.fold(&row.account).as_str(), row.key),
        }
    }

    /// Returns about how many bytes it holds, to bound what waits for the disk.
    pub fn bytes(&self) -> usize {
        /// Names, numbers, and what JSON writes around them.
        const ENTRY_BYTES: usize = 256;
        match self {
            Self::Channel(row) => {
                let access = row.registration.as_ref().map_or(0, |registration| registration.access.len());
                let said: usize = row.metadata.iter().map(|(key, value)| key.len() + value.len() + 8).sum();
                said + ENTRY_BYTES * (1 + access + row.lists.iter().map(Vec::len).sum::<usize>())
            }
            Self::Account(_) => ENTRY_BYTES * 2,
            Self::Marker(_) | Self::Privacy(_) | Self::LetIn(_) | Self::Invitation(_) | Self::RemovedAccount(_) => {
                ENTRY_BYTES
            }
            Self::User(user) => ENTRY_BYTES * (2 + user.channels.len()),
            Self::Audit(entry) => ENTRY_BYTES + entry.reason.len(),
            Self::Raid(raid) => ENTRY_BYTES + raid.reason.len(),
            Self::ServerBan(ban) => ENTRY_BYTES + ban.reason.len(),
            Self::Metadata(row) => ENTRY_BYTES + row.value.len(),
        }
    }
}

/// What is to become of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum RowChange {
    /// It is to be as this says; a former one of the same kind and key is gone.
    Put(Row),
    /// It is to be gone. Only its kind and key matter.
    Remove(Row),
}

impl RowChange {
    /// Returns the row.
    pub fn row(&self) -> &Row {
        match self {
            Self::Put(row) | Self::Remove(row) => row,
        }
    }
}

/// How far an account has read in a channel, or with somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerRow {
    /// Whose.
    pub account: Arc<str>,
    /// The channel or the nick.
    pub target: Arc<str>,
    /// When the newest message was said that was read.
    pub at: Timestamp,
}

/// What of a user who stays outlives the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserRow {
    /// How they present themself. Only the account's name tells rows apart: one user of an account stays.
    pub person: PersonFields,
    /// Their modes.
    pub modes: UserModes,
    /// When they connected.
    pub signed_on: Timestamp,
    /// What they said when they went away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<Arc<str>>,
    /// The channels they are in, and their ranks there.
    pub channels: Vec<(ChannelName, RankSet)>,
}

/// What of a channel outlives the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// The channel's name as it is shown.
    pub name: ChannelName,
    /// When it was created.
    pub created: Timestamp,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Its modes.
    pub modes: ChannelModes,
    /// Its lists: bans, exceptions, invite exceptions.
    pub lists: [Vec<MaskEntry>; 3],
    /// Whose it is, when it is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// What it says of itself.
    #[serde(default, skip_serializing_if = "Values::is_empty")]
    pub metadata: Values,
}

/// One value of an account's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataRow {
    /// Whose.
    pub account: Arc<str>,
    /// Under which key.
    pub key: Arc<str>,
    /// The value.
    pub value: Arc<str>,
}
