//! What the asker is told. Values, not text: each dialect says it in its own words.

use std::sync::Arc;

use irc::names::ChannelName;

use crate::account::{Account, AccountChange};
use crate::audit::AuditEntry;
use crate::channel::Topic;
use crate::event::{Event, Message};
use crate::ids::MsgId;
use crate::invitation::Invitation;
use crate::metadata::{Change, Shown, Values};
use crate::modes::{ChannelModes, MaskEntry, MaskList, UserModes};
use crate::person::Person;
use crate::raid::Raid;
use crate::rank::{Rank, RankSet};
use crate::refusal::Refusal;
use crate::registration::Access;
use crate::server_ban::ServerBan;
use crate::time::Timestamp;

/// One answer. A request has none, one or several, and then [`crate::effect::Effect::Done`].
#[derive(Clone, Debug)]
pub enum Reply {
    /// The session is a user now.
    Welcome(Box<Welcome>),
    /// What a password is checked with.
    Credentials {
        /// The account's name as it is shown; as typed when there is no such account.
        account: Arc<str>,
        /// See [`crate::account::Account::credentials`]; empty when there is no such account.
        credentials: Arc<str>,
    },
    /// The asker is logged in to this account.
    LoggedIn(Arc<str>),
    /// The asker is logged in to no account any more.
    LoggedOut,
    /// A password may be tried, to become a server operator.
    MayTryOperator,
    /// The account may be made.
    MayRegister,
    /// The account is made.
    Registered(Arc<str>),
    /// About an account.
    Account(AccountReply),
    /// About invitations.
    Invitation(InvitationReply),
    /// What has happened since a place in the log.
    Resumed {
        /// Who asked.
        user: crate::ids::UserId,
        /// Oldest first.
        entries: Vec<Event>,
        /// Where to go on.
        next: MsgId,
        /// Whether what comes now comes live.
        is_end: bool,
        /// Whether something that happened since then is not kept any more.
        has_gap: bool,
    },
    /// What was asked for was done before, when it was sent the first time: what came of it then.
    KeptBefore(Arc<Event>),
    /// What the asker did, as they themself see it.
    Event(Arc<Event>),
    /// No.
    Refused(Refusal),
    /// The token of [`crate::command::Command::Ping`].
    Pong(Box<str>),
    /// A channel's topic, asked for or on entry. `None`: it has none, which is said only when asked.
    Topic {
        /// Which channel.
        channel: ChannelName,
        /// The topic.
        topic: Option<Topic>,
    },
    /// How far the asker has read.
    ReadMarker {
        /// The channel or the nick, as typed.
        target: Arc<str>,
        /// `None`: not known.
        at: Option<Timestamp>,
        /// Whether this follows a JOIN: then only who knows of such markers is told.
        on_entry: bool,
    },
    /// Who is in channels.
    Names(Box<Names>),
    /// The channels there are.
    List(Vec<ListEntry>),
    /// A channel's modes.
    ChannelModes {
        /// Which channel.
        channel: ChannelName,
        /// Its modes.
        modes: ChannelModes,
        /// Whether the asker may see the key.
        with_key: bool,
        /// When the channel was created.
        created: Timestamp,
    },
    /// One of a channel's lists.
    MaskList {
        /// Which channel.
        channel: ChannelName,
        /// Which list.
        list: MaskList,
        /// Its entries.
        entries: Vec<MaskEntry>,
    },
    /// The asker's own modes.
    UserModes(UserModes),
    /// About what users and channels say of themselves.
    Metadata(Box<MetadataReply>),
    /// The invitation is on its way.
    Inviting {
        /// Whom.
        nick: Arc<str>,
        /// Where to.
        channel: ChannelName,
    },
    /// The invitation is withdrawn.
    Uninvited {
        /// Whose.
        nick: Arc<str>,
        /// Where to.
        channel: ChannelName,
    },
    /// Somebody has withdrawn an invitation of the one who is told.
    WasUninvited {
        /// Whose nick.
        by: Arc<str>,
        /// Where to.
        channel: ChannelName,
    },
    /// The channels the asker is invited to.
    InviteList(Vec<ChannelName>),
    /// The knock was heard.
    Knocked(ChannelName),
    /// The one written to is away.
    IsAway {
        /// Who.
        person: Arc<Person>,
        /// The away text.
        text: Arc<str>,
    },
    /// The asker is away now, or back.
    NowAway(bool),
    /// Who is there.
    Who(Box<Who>),
    /// About one user; `None`: no such nick.
    Whois(Box<Whois>),
    /// The server was found that this was asked about.
    ServerOf(crate::command::AboutServer),
    /// About one who is gone; an empty list: nobody used that nick.
    Whowas {
        /// Which nick, as asked.
        nick: Box<str>,
        /// Newest first.
        entries: Vec<WhowasEntry>,
    },
    /// Users and channels, counted.
    Lusers(Counts),
    /// The asker is an operator now.
    Opered,
    /// What operators have done, oldest first.
    Audit(Vec<AuditEntry>),
    /// An operator has done something: news for the others.
    Audited(AuditEntry),
    /// The raid mode as it is now; `None`: off.
    Raid(Option<Raid>),
    /// A ban of the server was set.
    ServerBanAdded {
        /// The ban.
        ban: Box<ServerBan>,
        /// How many users it fitted.
        disconnected: u32,
    },
    /// A ban of the server was undone.
    ServerBanRemoved(Box<ServerBan>),
    /// The bans of the server.
    ServerBans {
        /// Those that are not over.
        bans: Vec<ServerBan>,
        /// The query of STATS that asked, if one did.
        statistics: Option<char>,
    },
    /// Hosts of the nicks that are online.
    UserHost(Vec<UserHost>),
    /// The nicks that are online, as their users write them.
    Ison(Vec<Arc<str>>),
    /// Watched nicks that are online (730).
    MonitorOnline(Vec<Arc<str>>),
    /// Watched nicks that are not (731).
    MonitorOffline(Vec<Box<str>>),
    /// All watched nicks (732, 733).
    MonitorList(Vec<Box<str>>),
    /// A channel the session is in has another name: for clients that do not know of such things.
    Moved {
        /// Who the session is.
        user: crate::ids::UserId,
        /// How far they have read it.
        read: Option<Timestamp>,
        /// What is said of it and of those in it, of what the session wants to know.
        metadata: Option<Box<Reply>>,
        /// How.
        moved: Arc<Moved>,
    },
    /// A server operator disconnects the session.
    Killed {
        /// Who.
        by: Arc<Person>,
        /// Whom.
        nick: irc::names::Nick,
        /// Why.
        comment: Arc<str>,
    },
    /// Yes, the operator may.
    Permitted(crate::command::OperatorAct),
    /// Whether the asker stays while nobody is connected.
    Persistence(PersistenceStatus),
    /// About a channel's registration.
    Registration(RegistrationReply),
    /// A page of what was said before.
    History {
        /// The channel or nick as it is shown.
        target: Box<str>,
        /// Oldest first.
        entries: Vec<Event>,
        /// Whether there is nothing more in the direction that was asked for.
        is_end: bool,
    },
    /// With whom and where something was said last.
    HistoryTargets {
        /// Names with the time of the newest message, oldest first.
        targets: Vec<(Box<str>, Timestamp)>,
        /// Whether these are all.
        is_end: bool,
    },
    /// What was searched for.
    Found {
        /// Oldest first.
        messages: Vec<Kept>,
        /// Whether it was given up before everything was looked through, because it took too long.
        given_up: bool,
    },
    /// The last messages of a channel, oldest first.
    Replayed {
        /// Which channel.
        channel: ChannelName,
        /// The messages.
        messages: Vec<Kept>,
    },
}

/// What is told of an account.
#[derive(Clone, Debug)]
pub enum AccountReply {
    /// It is not as it was.
    Changed {
        /// Its name.
        account: Arc<str>,
        /// What is different.
        change: AccountChange,
    },
    /// To remove it, this code has to be given.
    RemoveCode {
        /// Its name.
        account: Arc<str>,
        /// A word.
        code: Box<str>,
    },
    /// It is no more.
    Removed {
        /// Its name.
        account: Arc<str>,
        /// Whether what was said from it stays.
        keeps_messages: bool,
    },
    /// The code fits: another password may be set.
    MayReset,
    /// What is known of it.
    Info(Box<AccountInfo>),
    /// All accounts.
    List(Vec<AccountInfo>),
    /// Who is logged in.
    Sessions(Vec<SessionInfo>),
    /// The others are gone.
    SessionsEnded {
        /// How many were.
        count: usize,
    },
    /// Who had the nick is gone.
    Ghosted {
        /// Which nick.
        nick: Box<str>,
    },
}

/// What is known of an account.
#[derive(Clone, Debug)]
pub struct AccountInfo {
    /// The account, without its credentials.
    pub account: Account,
    /// Whether it has a password.
    pub has_password: bool,
    /// How many connections are logged in to it.
    pub connections: usize,
    /// Whether the asker may see what is private.
    pub with_private: bool,
}

/// One session of an account.
#[derive(Clone, Debug)]
pub struct SessionInfo {
    /// The nick.
    pub nick: Arc<str>,
    /// The address that others do not see.
    pub address: Arc<str>,
    /// Whether it is encrypted.
    pub secure: bool,
    /// Whether it is the asker's.
    pub own: bool,
}

/// What is told of invitations.
#[derive(Clone, Debug)]
pub enum InvitationReply {
    /// There is one more.
    Created {
        /// It.
        invitation: Box<Invitation>,
        /// The word.
        word: Arc<str>,
    },
    /// Those that can be used.
    List(Vec<Invitation>),
    /// It is no more.
    Revoked {
        /// Which.
        id: Arc<str>,
    },
}

/// What is told of a channel's registration.
#[derive(Clone, Debug)]
pub enum RegistrationReply {
    /// It is registered now.
    Registered {
        /// Which channel.
        channel: ChannelName,
        /// The account it belongs to.
        founder: Arc<str>,
    },
    /// To drop it, this code has to be given.
    DropCode {
        /// Which channel.
        channel: ChannelName,
        /// A word.
        code: Box<str>,
    },
    /// It is registered no more.
    Dropped {
        /// Which channel.
        channel: ChannelName,
    },
    /// The access list is another.
    AccessChanged {
        /// Which channel.
        channel: ChannelName,
        /// Whose rank.
        account: Arc<str>,
        /// `None`: they are off the list.
        rank: Option<Rank>,
    },
    /// The access list.
    AccessList {
        /// Which channel.
        channel: ChannelName,
        /// The account it belongs to.
        founder: Arc<str>,
        /// The list.
        entries: Vec<Access>,
    },
    /// It belongs to another account now.
    Transferred {
        /// Which channel.
        channel: ChannelName,
        /// The account.
        founder: Arc<str>,
    },
    /// What is known of it.
    Info(Box<ChannelInfo>),
}

/// What is known of a channel, registered or not.
#[derive(Clone, Debug)]
pub struct ChannelInfo {
    /// Which.
    pub channel: ChannelName,
    /// Whose it is since when.
    pub registration: Option<(Arc<str>, Timestamp)>,
    /// When it was created.
    pub created: Timestamp,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Its modes.
    pub modes: ChannelModes,
    /// Whether the asker may see the key.
    pub with_key: bool,
    /// How many are in it.
    pub members: usize,
}

/// What a new user is told first.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// How others see them.
    pub person: Arc<Person>,
    /// The modes they start with.
    pub modes: UserModes,
    /// Users and channels, counted.
    pub counts: Counts,
    /// What they say of themself, for those who know of metadata.
    pub metadata: Option<Values>,
    /// Whether they stay, for who is logged in.
    pub persistence: Option<PersistenceStatus>,
}

/// Whether a user stays while nobody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersistenceStatus {
    /// What the account wishes; `None`: what the server's configuration says.
    pub wish: Option<bool>,
    /// Whether the user stays.
    pub stays: bool,
}

/// The numbers of LUSERS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users that are not invisible.
    pub visible: usize,
    /// Users that are.
    pub invisible: usize,
    /// Server operators.
    pub operators: usize,
    /// Connections that are not users yet.
    pub unknown: usize,
    /// Channels.
    pub channels: usize,
    /// The most users there were at once since the start.
    pub max: usize,
}

/// What somebody sees who leaves a channel under its old name and enters it under the new one.
#[derive(Clone, Debug)]
pub struct Moved {
    /// When.
    pub at: Timestamp,
    /// Under its old name.
    pub old: crate::event::ChannelRef,
    /// Under its new name.
    pub new: crate::event::ChannelRef,
    /// Why; empty: for no reason.
    pub reason: Arc<str>,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Who is in it.
    pub names: Names,
}

/// An answer to NAMES, also on entry.
#[derive(Clone, Debug)]
pub struct Names {
    /// What `366` repeats.
    pub argument: Box<str>,
    /// One for each channel that the asker may see.
    pub channels: Vec<NamesOf>,
    /// Whether this follows a JOIN (`no-implicit-names` leaves it out then).
    pub on_entry: bool,
}

/// The members of one channel.
#[derive(Clone, Debug)]
pub struct NamesOf {
    /// Which channel.
    pub channel: ChannelName,
    /// Whether it is secret (`@` instead of `=`).
    pub secret: bool,
    /// Its members.
    pub members: Vec<(Arc<Person>, RankSet)>,
}

/// One line of LIST.
#[derive(Clone, Debug)]
pub struct ListEntry {
    /// Which channel.
    pub channel: ChannelName,
    /// How many are in it.
    pub members: usize,
    /// Its topic, possibly empty.
    pub topic: Arc<str>,
}

/// An answer to WHO.
#[derive(Clone, Debug)]
pub struct Who {
    /// What `315` repeats.
    pub mask: Box<str>,
    /// As asked.
    pub fields: Option<crate::command::WhoxFields>,
    /// Those found.
    pub people: Vec<WhoEntry>,
}

/// One user in an answer to WHO.
#[derive(Clone, Debug)]
pub struct WhoEntry {
    /// Who.
    pub person: Arc<Person>,
    /// The channel asked for, or one shared with the asker; `None`: `*`.
    pub channel: Option<ChannelName>,
    /// Their ranks in that channel.
    pub ranks: RankSet,
    /// Whether they are away.
    pub away: bool,
    /// Whether they are a server operator.
    pub operator: bool,
    /// Since when they said nothing, in seconds.
    pub idle_seconds: u64,
    /// The address, for those who may see it.
    pub address: Option<Arc<str>>,
}

/// An answer to WHOIS.
#[derive(Clone, Debug)]
pub struct Whois {
    /// What `318` repeats.
    pub nick: Box<str>,
    /// What is known.
    pub found: Option<WhoisFound>,
}

/// What WHOIS tells of a user.
#[derive(Clone, Debug)]
pub struct WhoisFound {
    /// Who.
    pub person: Arc<Person>,
    /// The channels that the asker may know of, with ranks.
    pub channels: Vec<(ChannelName, RankSet)>,
    /// The away text.
    pub away: Option<Arc<str>>,
    /// The operator class.
    pub operator: Option<crate::user::OperatorClass>,
    /// Since when they said nothing, in seconds.
    pub idle_seconds: u64,
    /// When they connected.
    pub signed_on: Timestamp,
    /// Whether all their connections are encrypted.
    pub secure: bool,
    /// What they say of themself, under the keys that everybody is told.
    pub metadata: Vec<(Arc<str>, Arc<str>)>,
    /// What only they themself and operators may know.
    pub private: Option<WhoisPrivate>,
}

/// What only a user themself and server operators may know of the user.
#[derive(Clone, Debug)]
pub struct WhoisPrivate {
    /// Where they connect from.
    pub addresses: Vec<Arc<str>>,
    /// The gateways that have named an address, each with that address.
    pub gateways: Vec<(Arc<str>, Arc<str>)>,
    /// Their modes.
    pub modes: UserModes,
}

/// An answer to METADATA, and what those who know of it are told on entry.
#[derive(Clone, Debug)]
pub enum MetadataReply {
    /// The values that were asked for.
    Values {
        /// The nick or the channel.
        target: Arc<str>,
        /// By key, in the order asked for; `None`: it has none.
        entries: Vec<(Arc<str>, Option<Arc<str>>)>,
    },
    /// The key has this value now.
    Set {
        /// The nick or the channel.
        target: Arc<str>,
        /// What is true now.
        change: Change,
        /// Whether it was so before.
        was_so: bool,
    },
    /// These keys have no value any more.
    Cleared {
        /// The nick or the channel.
        target: Arc<str>,
        /// Which keys.
        keys: Vec<Arc<str>>,
    },
    /// The values of keys that the session wants to know about.
    Synced {
        /// What was asked for, or entered.
        about: Arc<str>,
        /// The values; `None`: too many to be told unasked.
        values: Option<Vec<Shown>>,
    },
    /// The same for keys that it wants to know about from now on, of all whom it hears of.
    Subscribed(Option<Vec<Shown>>),
}

/// One who is gone.
#[derive(Clone, Debug)]
pub struct WhowasEntry {
    /// As they were.
    pub person: Arc<Person>,
    /// When they left or changed their nick.
    pub at: Timestamp,
}

/// One nick in an answer to USERHOST.
#[derive(Clone, Debug)]
pub struct UserHost {
    /// Who.
    pub person: Arc<Person>,
    /// Server operator.
    pub operator: bool,
    /// Away.
    pub away: bool,
}

/// A message from the log.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: MsgId,
    /// When it was said.
    pub at: Timestamp,
    /// The message.
    pub message: Arc<Message>,
}
