//! What the asker is told. Values, not text: each dialect says it in its own words.

mod account;
mod authtoken;
mod channel_rename;
mod connect;
mod invitation;
mod list;
mod metadata;
mod names;
mod persistence;
mod registration;
mod userhost;
mod webpush;
mod who;
mod whois;
mod whowas;

use std::sync::Arc;

use irc::names::ChannelName;

use crate::audit::AuditEntry;
use crate::channel::Topic;
use crate::event::{Event, Message};
use crate::ids::MsgId;
use crate::modes::{ChannelModes, MaskEntry, MaskList, UserModes};
use crate::person::Person;
use crate::raid::Raid;
use crate::refusal::Refusal;
use crate::server_ban::ServerBan;
use crate::time::Timestamp;

pub use self::account::{AccountInfo, AccountReply, SessionInfo};
pub use self::authtoken::FileToken;
pub use self::channel_rename::Moved;
pub use self::connect::{Counts, Welcome};
pub use self::invitation::InvitationReply;
pub use self::list::ListEntry;
pub use self::metadata::MetadataReply;
pub use self::names::{Names, NamesOf};
pub use self::persistence::PersistenceStatus;
pub use self::registration::{ChannelInfo, RegistrationReply};
pub use self::userhost::UserHost;
pub use self::webpush::WebPushed;
pub use self::who::{Who, WhoEntry};
pub use self::whois::{Whois, WhoisFound, WhoisPrivate};
pub use self::whowas::WhowasEntry;

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
    /// What has become of a device to notify.
    WebPush(WebPushed),
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
    /// The asker may have a token for the file host.
    FileToken(Box<FileToken>),
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
