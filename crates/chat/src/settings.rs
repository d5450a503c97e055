//! What the operator of a server may choose about chat itself, with the defaults.

use std::sync::Arc;

use irc::names::NameRules;

use crate::arrivals::JoinThrottle;
use crate::modes::UserModes;
use crate::throttle::GuessLimits;

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Everybody.
    Open,
    /// Who has an invitation.
    Invite,
    /// Nobody; the administrator makes accounts.
    Closed,
}

/// Who stays while nobody is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlwaysOn {
    /// Nobody.
    Off,
    /// Whose account asks for it.
    #[default]
    OptIn,
    /// Every account that does not ask otherwise.
    Default,
}

/// Choices and limits. Every limit is a key of the same name in the configuration.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
pub struct Settings {
    /// The server's name: the source of its own messages.
    pub server_name: Arc<str>,
    /// Which names are valid, how long they may be and how they fold.
    pub names: NameRules,
    /// The longest topic, in bytes.
    pub topic_length: usize,
    /// The longest KICK reason, in bytes.
    pub kick_length: usize,
    /// The longest AWAY text, in bytes.
    pub away_length: usize,
    /// The most masks of one channel, its three lists together.
    pub list_mode_entries: usize,
    /// Whether what was said before may be asked for.
    pub history: bool,
    /// The most entries of one answer to CHATHISTORY; 0: as many as [`crate::features::chathistory::ENTRIES_MAX`].
    pub history_messages: usize,
    /// The most nicks one session may watch with MONITOR.
    pub monitor_entries: usize,
    /// How long what one said may be taken back, in seconds; 0: always. Operators of a channel are not bound by it.
    pub redact_seconds: u64,
    /// How long what one said may get other words, in seconds; 0: always.
    pub edit_seconds: u64,
    /// The most read markers of one person.
    pub read_markers: usize,
    /// For how many days after its last use a stream of ids of a client is remembered.
    pub delivery_days: u32,
    /// How many streams of ids are known without a look at the store.
    pub delivery_streams: usize,
    /// The most keys of metadata of one user or channel.
    pub metadata_keys: usize,
    /// The most keys of metadata that one session may subscribe to.
    pub metadata_subscriptions: usize,
    /// The longest value of metadata, in bytes.
    pub metadata_value_bytes: usize,
    /// The most entries that WHOWAS remembers.
    pub whowas_entries: usize,
    /// The most channels one user may be in.
    pub channels_per_user: usize,
    /// The most channels that one account may register.
    pub registered_channels_per_account: usize,
    /// The most entries of one registered channel's access list.
    pub access_entries: usize,
    /// Who stays while nobody is connected.
    pub always_on: AlwaysOn,
    /// The away text of users who stay and said none.
    pub disconnected: Arc<str>,
    /// The most sessions of one user.
    pub sessions_per_user: usize,
    /// The user modes that everybody starts with.
    pub default_user_modes: UserModes,
    /// Messages of people elsewhere.
    pub relaymsg: Relaymsg,
    /// Whether only accounts may send files.
    pub uploads_need_account: bool,
    /// The most devices of one account that are notified.
    pub push_subscriptions: usize,
    /// Who may make an account.
    pub registration: Registration,
    /// Whether an account may have another name than the nick of who makes it.
    pub nick_may_differ_from_account: bool,
    /// Whether only who is logged in may enter.
    pub require_account: bool,
    /// How often passwords may be guessed, and accounts be made.
    pub guesses: GuessLimits,
    /// How many newcomers (those without an account, from other machines) a channel without `+j` takes.
    pub newcomers: JoinThrottle,
    /// How many of them any channel takes while the raid mode is on.
    pub newcomers_in_raid: JoinThrottle,
    /// The rooms that always exist, where plain clients land: `+nt` and without operators.
    pub permanent_channels: Vec<Arc<str>>,
}

/// Who may say what people elsewhere have said (RELAYMSG).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaymsg {
    /// Whether anybody may.
    pub enabled: bool,
    /// Characters that no ordinary nick may have: a relayed one has at least one of them.
    pub separators: Arc<str>,
    /// Whether operators of a channel may; otherwise only those of the server.
    pub chanops: bool,
}

impl Default for Relaymsg {
    fn default() -> Self {
        Self { enabled: true, separators: "/".into(), chanops: true }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            server_name: "loggia.local".into(),
            names: NameRules::default(),
            topic_length: 390,
            kick_length: 390,
            away_length: 200,
            list_mode_entries: 60,
            history: true,
            history_messages: 100,
            monitor_entries: 100,
            redact_seconds: 0,
            edit_seconds: 0,
            read_markers: 1000,
            delivery_days: 30,
            delivery_streams: 10_000,
            metadata_keys: 1000,
            metadata_subscriptions: 100,
            metadata_value_bytes: 300,
            whowas_entries: 100,
            channels_per_user: 100,
            registered_channels_per_account: 20,
            access_entries: 100,
            always_on: AlwaysOn::OptIn,
            disconnected: "Disconnected".into(),
            sessions_per_user: 20,
            default_user_modes: UserModes::empty(),
            relaymsg: Relaymsg::default(),
            uploads_need_account: false,
            push_subscriptions: 10,
            registration: Registration::Open,
            nick_may_differ_from_account: true,
            require_account: false,
            guesses: GuessLimits::default(),
            // A school class that comes in all at once fits.
            newcomers: JoinThrottle { joins: 100, seconds: 10 },
            newcomers_in_raid: JoinThrottle { joins: 5, seconds: 10 },
            permanent_channels: vec!["#piazza".into()],
        }
    }
}
