//! What a session asks of the hall.
//!
//! Names in commands are as the person typed them: whether they are valid is part of the decision, so that
//! refusals come in the order of the commands. Everything was bounded by the line that carried it.

mod account;
mod chathistory;
mod connect;
mod invitation;
mod message;
mod metadata;
mod monitor;
mod oper;
mod persistence;
mod raid;
mod registration;
mod server_ban;
mod target_server;
mod uploads;
mod webpush;
mod who;

use std::sync::Arc;

use smallvec::SmallVec;

use crate::ids::SessionId;
use crate::search::Asked;
pub use crate::throttle::Guest;
use crate::time::Timestamp;

pub use self::account::{AccountCommand, NewAccount, PasswordProof};
pub use self::chathistory::{HistoryAsked, ResumeAsked};
pub use self::connect::Connect;
pub use self::invitation::InvitationCommand;
pub use self::message::{Correction, Deliver, Named, Redaction, Relay, Say};
pub use self::metadata::MetadataCommand;
pub use self::monitor::MonitorCommand;
pub use self::oper::OperatorAct;
pub use self::persistence::PersistenceCommand;
pub use self::raid::RaidCommand;
pub use self::registration::RegistrationCommand;
pub use self::server_ban::{BanCommand, BanWord};
pub use self::target_server::AboutServer;
pub use self::uploads::RemovedUpload;
pub use self::webpush::WebPushCommand;
pub use self::who::WhoxFields;

/// All that one line (or one act of a plain client) asks for. Answered by effects and then one
/// [`crate::effect::Effect::Done`], also when `commands` is empty.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub session: SessionId,
    /// What, in order.
    pub commands: SmallVec<[Command; 1]>,
}

/// One thing asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Makes the session a user. Refused with [`crate::refusal::Refusal::NicknameInUse`]; then the session is nobody yet.
    Connect(Box<Connect>),
    /// Leaves, for a reason that others are told.
    Quit {
        /// As others will read it, `Quit: ` and the like included.
        reason: Arc<str>,
    },
    /// Answers with the same token once all that was asked before is on its way to others.
    Ping {
        /// What the client sent.
        token: Box<str>,
    },
    /// Asks for what an account's password is checked with ([`crate::reply::Reply::Credentials`]).
    FindCredentials {
        /// As typed.
        account: Box<str>,
        /// From where.
        guest: Guest,
    },
    /// Logs in: the shard has checked that the session is this account.
    LogIn {
        /// The account's name.
        account: Arc<str>,
        /// What it was checked with: it must still be so.
        credentials: Arc<str>,
        /// From where.
        guest: Guest,
    },
    /// Logs in to the account that a client certificate proves.
    LogInByCertificate {
        /// Its SHA-256 fingerprint.
        certificate: Arc<str>,
        /// The account that it is to be; `None`: whichever.
        account: Option<Box<str>>,
    },
    /// Logs out.
    LogOut,
    /// Asks whether an account may be made ([`crate::reply::Reply::MayRegister`]).
    AskRegister(Box<NewAccount>),
    /// Makes an account.
    Register {
        /// The account.
        account: Box<NewAccount>,
        /// What its password is checked with.
        credentials: Arc<str>,
    },
    /// Asks something of accounts.
    Account(Box<AccountCommand>),
    /// Asks something of invitations.
    Invitation(InvitationCommand),
    /// Asks whether one stays while nobody is connected, or wishes it.
    Persistence(PersistenceCommand),
    /// Asks whether devices of the user's account are notified, or changes it.
    WebPush(WebPushCommand),
    /// The push service says that a device is no more. For the server itself to say.
    PushGone {
        /// Whose device.
        account: Box<str>,
        /// Its address at the push service.
        endpoint: Box<str>,
    },
    /// Asks something of a channel's registration.
    Registration {
        /// As typed.
        channel: Box<str>,
        /// What.
        what: RegistrationCommand,
    },
    /// Changes the nick; for a plain client, the shown name.
    Nick {
        /// As typed.
        nick: Box<str>,
        /// Whether it is a name as classroom users type them, from which a nick is to be derived.
        as_shown: bool,
    },
    /// Changes the real name.
    SetName {
        /// As typed.
        realname: Box<str>,
    },
    /// Enters a channel, creating it when there is none.
    Join {
        /// As typed.
        channel: Box<str>,
        /// The key given, if any.
        key: Option<Box<str>>,
    },
    /// Leaves a channel.
    Part {
        /// As typed.
        channel: Box<str>,
        /// The reason given.
        reason: Option<Box<str>>,
    },
    /// Leaves all channels (`JOIN 0`).
    PartAll,
    /// Removes a member.
    Kick {
        /// As typed.
        channel: Box<str>,
        /// The nick to remove.
        nick: Box<str>,
        /// The reason given.
        reason: Option<Box<str>>,
    },
    /// Asks for the topic.
    TopicQuery {
        /// As typed.
        channel: Box<str>,
    },
    /// Sets the topic, or clears it with an empty text.
    TopicSet {
        /// As typed.
        channel: Box<str>,
        /// As typed; cut to the limit.
        text: Box<str>,
    },
    /// Takes back something that was said.
    Redact(Box<Redaction>),
    /// Says something that was said in other words.
    Edit(Box<Correction>),
    /// Asks for what has happened since a place in the log.
    Resume(ResumeAsked),
    /// Gives a channel another name.
    Rename {
        /// As typed.
        channel: Box<str>,
        /// The new name, as typed.
        name: Box<str>,
        /// Why; empty: for no reason. Cut to the limit of a KICK.
        reason: Box<str>,
    },
    /// Asks who is in channels.
    Names {
        /// As typed; what is echoed in 366.
        argument: Box<str>,
    },
    /// Asks which channels there are.
    List {
        /// Names and ELIST conditions, as typed.
        filters: Vec<Box<str>>,
    },
    /// Invites somebody.
    Invite {
        /// Whom.
        nick: Box<str>,
        /// Where to.
        channel: Box<str>,
    },
    /// Withdraws an invitation.
    Uninvite {
        /// Whose.
        nick: Box<str>,
        /// Where to.
        channel: Box<str>,
    },
    /// Asks where the user is invited to.
    InviteList,
    /// Asks a channel's operators for an invitation.
    Knock {
        /// Where.
        channel: Box<str>,
        /// Why.
        text: Option<Box<str>>,
    },
    /// Asks for a channel's modes.
    ChannelModeQuery {
        /// As typed.
        channel: Box<str>,
    },
    /// Changes a channel's modes; a list's letter without a mask asks for the list.
    ChannelMode {
        /// As typed.
        channel: Box<str>,
        /// The mode letters with their signs.
        letters: Box<str>,
        /// The parameters in order.
        params: Vec<Box<str>>,
    },
    /// Asks for or changes the user's own modes.
    UserMode {
        /// Whose: only one's own are shown or changed.
        nick: Box<str>,
        /// Letters with signs; `None` asks.
        letters: Option<Box<str>>,
    },
    /// Asks how far the user has read, or notes it.
    MarkRead {
        /// The channel or the nick, as typed.
        target: Box<str>,
        /// When the newest message was said that was read; `None` asks.
        at: Option<crate::time::Timestamp>,
    },
    /// Says something.
    Message(Box<Say>),
    /// Says or changes something that the client has given an id: exactly once, however often it is asked.
    Deliver(Box<Deliver>),
    /// Says what somebody elsewhere has said.
    Relay(Box<Relay>),
    /// Goes away with a text, or comes back with `None`.
    Away {
        /// As typed; cut to the limit.
        text: Option<Box<str>>,
    },
    /// Asks who is there.
    Who {
        /// A channel, a nick, or a mask.
        mask: Box<str>,
        /// Only server operators.
        operators_only: bool,
        /// What a WHOX answer is to tell; `None`: the ordinary answer. The hall hands it back.
        fields: Option<WhoxFields>,
    },
    /// Asks about one user.
    Whois {
        /// The one whose server is to answer, when it was asked like this.
        at: Option<Box<str>>,
        /// Whom.
        nick: Box<str>,
    },
    /// Asks about the server that somebody is on. Answered with [`crate::reply::Reply::ServerOf`].
    AskServer {
        /// Whose.
        nick: Box<str>,
        /// What.
        about: AboutServer,
    },
    /// Asks who used a nick.
    Whowas {
        /// Which nick.
        nick: Box<str>,
        /// The most entries; 0 or less: all.
        count: i64,
    },
    /// Asks for the numbers of users and channels.
    Lusers {
        /// Connections that are not users yet, as the shard counts them.
        unknown: usize,
    },
    /// Asks whether one may try to become a server operator ([`crate::reply::Reply::MayTryOperator`]): that counts as a guess.
    AskOper {
        /// The name that was given.
        name: Box<str>,
        /// From where.
        guest: Guest,
    },
    /// Becomes a server operator: the shard has checked the password.
    Oper {
        /// The name that was given.
        name: Box<str>,
        /// What the operator may do.
        class: crate::user::OperatorClass,
        /// From where.
        guest: Guest,
    },
    /// Tells that the shard has found a wrong name or password for OPER.
    OperRefused {
        /// The name that was given.
        name: Box<str>,
    },
    /// Bans of the server.
    ServerBan(BanCommand),
    /// The raid mode.
    Raid(RaidCommand),
    /// Asks what operators have done.
    Audit {
        /// The most entries.
        count: usize,
        /// Only those with a smaller number.
        before: Option<u64>,
    },
    /// Tells that an operator has removed a file that somebody shared.
    UploadRemoved(Box<RemovedUpload>),
    /// Disconnects a user.
    Kill {
        /// Whom.
        nick: Box<str>,
        /// Why.
        reason: Box<str>,
    },
    /// Gives a user another user name and host.
    ChangeHost {
        /// Whom.
        nick: Box<str>,
        /// As typed.
        username: Box<str>,
        /// As typed.
        host: Box<str>,
    },
    /// Tells all users with `+w`.
    Wallops {
        /// What.
        text: Box<str>,
    },
    /// Asks for the hosts of some nicks.
    UserHost {
        /// Up to five.
        nicks: Vec<Box<str>>,
    },
    /// Asks which of some nicks are online.
    Ison {
        /// As typed.
        nicks: Vec<Box<str>>,
    },
    /// METADATA in all its forms.
    Metadata(MetadataCommand),
    /// MONITOR in all its forms.
    Monitor(MonitorCommand),
    /// Asks whether the user may do what only server operators may (REHASH, STATS); answered with
    /// [`crate::reply::Reply::Permitted`].
    AskOperator {
        /// What they want to do.
        what: OperatorAct,
    },
    /// Asks for a page of what was said before.
    History(Box<HistoryAsked>),
    /// Asks with whom and where something was said last, between two times.
    HistoryTargets {
        /// Where counting begins; excluded.
        from: Timestamp,
        /// Where it ends; excluded.
        to: Timestamp,
        /// The most targets.
        limit: usize,
    },
    /// Searches in what was said.
    Search(Box<Asked>),
    /// Asks for a token by which the file host knows the asker.
    FileToken {
        /// The channel or the nick that it is for.
        scope: Option<Box<str>>,
        /// A word that nobody can foresee, to be part of it.
        word: Box<str>,
    },
    /// Asks for the last messages of a channel the user is in: what a plain line-mode client is shown on entry.
    Replay {
        /// As typed.
        channel: Box<str>,
        /// The most messages.
        most: usize,
    },
}
