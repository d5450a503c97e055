//! What a session asks of the hall.
//!
//! Names in commands are as the person typed them: whether they are valid is part of the decision, so that
//! refusals come in the order of the commands. Everything was bounded by the line that carried it.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::delivery::DeliveryId;
use crate::event::{MessageKind, MessageTags};
use crate::features::multiline::Concats;
use crate::history::{Kinds, Span};
use crate::ids::{MsgId, SessionId};
use crate::metadata::Early;
use crate::person::PersonFields;
use crate::search::Asked;
pub use crate::throttle::Guest;
use crate::time::{Instant, Timestamp};

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
    /// Asks for the last messages of a channel the user is in: what a plain line-mode client is shown on entry.
    Replay {
        /// As typed.
        channel: Box<str>,
        /// The most messages.
        most: usize,
    },
}

/// A page of what was said before.
///
/// Spec: `IRCv3` "chathistory".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryAsked {
    /// The subcommand, which a refusal repeats.
    pub subcommand: &'static str,
    /// A channel or a nick, as typed.
    pub target: Box<str>,
    /// Which part.
    pub span: Span,
    /// The most entries.
    pub limit: usize,
    /// Which entries.
    pub kinds: Kinds,
}

/// What an extended WHO asks for.
///
/// Spec: `IRCv3` "whox".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoxFields {
    /// The letters of the fields, as typed.
    pub letters: Box<str>,
    /// Returned in every line, if `t` is among the letters.
    pub token: Box<str>,
}

/// What a server says of itself; the shard knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AboutServer {
    /// Who runs it.
    Admin,
    /// What program it is.
    Info,
    /// The message of the day.
    Motd,
    /// What time it is there.
    Time,
    /// Which version, and what it can do.
    Version,
}

/// What one must be a server operator for and the shard carries out itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAct {
    /// Reloads the configuration.
    Rehash,
    /// Looks at the server's numbers.
    Stats,
}

/// What a session must give to become a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// How the user presents themself.
    pub person: PersonFields,
    /// When the session proved that it is its account; means nothing without one.
    pub proved: Instant,
    /// The address others do not see.
    pub address: Arc<str>,
    /// The gateway that has named the address (WEBIRC), by the name it gave itself.
    pub gateway: Option<Arc<str>>,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Connections that are not users yet, as the shard counts them: for the numbers in the welcome.
    pub unknown: usize,
    /// Why they come already away; cut to the limit.
    pub away: Option<Box<str>>,
    /// What the client has said with METADATA; `None`: it does not know of it.
    pub metadata: Option<Box<Early>>,
}

/// An account that somebody wants to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name, as typed.
    pub name: Box<str>,
    /// The nick of a session that is nobody yet.
    pub nick: Option<Box<str>>,
    /// The electronic mail address given.
    pub email: Option<Arc<str>>,
    /// The hash of the invitation's word, where one was given.
    pub invitation: Option<Arc<str>>,
    /// From where.
    pub guest: Guest,
}

/// A message that was said before, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The channel or nick where it was said, as typed.
    pub target: Box<str>,
    /// Its id, as typed.
    pub id: Box<str>,
}

/// Something that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// What.
    pub message: Named,
    /// As given; cut to the limit.
    pub reason: Option<Box<str>>,
}

/// Something that is to be said in other words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What.
    pub message: Named,
    /// The new words; one line, not empty.
    pub text: Arc<str>,
}

/// One message to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// PRIVMSG, NOTICE or TAGMSG.
    pub kind: MessageKind,
    /// A nick, a channel, or a channel behind a rank's symbol (STATUSMSG).
    pub target: Box<str>,
    /// What is said; empty for TAGMSG.
    pub text: Arc<str>,
    /// The client-only tags that go along.
    pub tags: MessageTags,
    /// For a message of several lines: where a line continues the one before it. `None`: it is one line.
    pub concats: Option<Concats>,
}

/// What RESUME asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeAsked {
    /// Up to where the client has seen all; `None`: it only wants to know where it is.
    pub cursor: Option<MsgId>,
    /// The most entries.
    pub limit: usize,
    /// Which entries.
    pub kinds: Kinds,
}

/// Something that a client has given an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// The id.
    pub id: DeliveryId,
    /// The command's name, for refusals: PRIVMSG, NOTICE, TAGMSG, REDACT or EDIT.
    pub name: &'static str,
    /// [`Command::Message`], [`Command::Redact`] or [`Command::Edit`].
    pub command: Command,
}

/// A message of somebody elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// The channel, as typed.
    pub channel: Box<str>,
    /// What they are called.
    pub nick: Box<str>,
    /// What they say.
    pub text: Arc<str>,
    /// The client-only tags that go along.
    pub tags: MessageTags,
}

/// That somebody knows the password that an account has.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordProof {
    /// What it was checked with.
    pub credentials: Arc<str>,
    /// From where they have proved it.
    pub guest: Guest,
}

impl core::fmt::Debug for PasswordProof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PasswordProof").field("guest", &self.guest).finish_non_exhaustive()
    }
}

/// What may be asked of accounts. Where an account is `None`, it is the asker's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountCommand {
    /// Makes an account for somebody.
    Add {
        /// As typed.
        name: Box<str>,
        /// What its password is checked with.
        credentials: Arc<str>,
        /// Whether its owner is an operator of the server.
        operator: bool,
    },
    /// Removes it; its owner has to repeat a code, which is told first.
    Remove {
        /// As typed.
        account: Option<Box<str>>,
        /// What was repeated.
        code: Option<Box<str>>,
        /// Whether what was said from it stays.
        keep_messages: bool,
    },
    /// Gives it another password.
    SetPassword {
        /// As typed.
        account: Box<str>,
        /// What the new password is checked with.
        credentials: Arc<str>,
        /// That the former one is known; `None`: that need not be.
        proof: Option<PasswordProof>,
    },
    /// Makes a code with which its owner may set another password.
    IssueReset {
        /// As typed.
        account: Box<str>,
        /// The code.
        code: Arc<str>,
        /// Its hash.
        hash: Arc<str>,
    },
    /// Asks whether a code fits ([`crate::reply::AccountReply::MayReset`]).
    AskReset {
        /// As typed.
        account: Box<str>,
        /// The hash of the code.
        hash: Arc<str>,
        /// From where.
        guest: Guest,
    },
    /// Sets another password with a code.
    Reset {
        /// As typed.
        account: Box<str>,
        /// The hash of the code.
        hash: Arc<str>,
        /// What the new password is checked with.
        credentials: Arc<str>,
    },
    /// Gives it a mail address, or none.
    SetEmail(Option<Arc<str>>),
    /// Lets a certificate prove it.
    AddCertificate(Arc<str>),
    /// Lets a certificate prove it no more.
    RemoveCertificate(Arc<str>),
    /// Keeps its name as a nick for its owner, or does not.
    Protect(bool),
    /// Makes its owner an operator of the server, by the word of an invitation.
    TakeOperator {
        /// The word's hash.
        hash: Arc<str>,
    },
    /// Asks what is known of it.
    Info {
        /// As typed.
        account: Option<Box<str>>,
    },
    /// Asks for all accounts.
    List,
    /// Asks who is logged in to it.
    Sessions,
    /// Ends all its sessions but the asker's.
    EndOtherSessions,
    /// Disconnects who has this nick, which is the account's.
    Ghost {
        /// As typed.
        nick: Box<str>,
    },
    /// The same, and takes the nick.
    Regain {
        /// As typed.
        nick: Box<str>,
    },
}

/// What may be asked of invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationCommand {
    /// Makes one.
    Create {
        /// The word, to be told to whoever asks.
        word: Arc<str>,
        /// Its hash.
        hash: Arc<str>,
        /// How many accounts it can make.
        uses: u32,
        /// For how long.
        time: Option<core::time::Duration>,
        /// Whether who uses it becomes an operator; for the owner of the server.
        operator: bool,
    },
    /// Asks which there are.
    List,
    /// Ends one.
    Revoke {
        /// As typed.
        id: Box<str>,
    },
}

/// What may be asked about staying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistenceCommand {
    /// How it is.
    Get,
    /// How it is to be; `None`: as the configuration says.
    Set(Option<bool>),
}

/// What may be asked of a channel's registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationCommand {
    /// Registers it.
    Register,
    /// Ends its registration; without the right code, asks for the code.
    Drop {
        /// What was given.
        code: Option<Box<str>>,
    },
    /// Asks what is known of it.
    Info,
    /// Asks for the access list.
    AccessList,
    /// Puts an account on the access list, or takes it off.
    Access {
        /// As typed.
        account: Box<str>,
        /// The rank, never the founder's; `None` takes it off.
        rank: Option<crate::rank::Rank>,
    },
    /// Gives the channel to another account.
    Transfer {
        /// As typed.
        account: Box<str>,
    },
}

/// How bans of the server are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanWord {
    /// BAN: whatever is given.
    Any,
    /// KLINE: masks and accounts.
    Mask,
    /// DLINE: addresses and networks.
    Network,
}

/// What is to be done about bans of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BanCommand {
    /// Sets one, or sets it anew.
    Add {
        /// The command's word.
        word: BanWord,
        /// An address, a network, a mask, `account:name`, or the nick of somebody online.
        what: Box<str>,
        /// For how long; `None` or 0: until it is undone.
        seconds: Option<u64>,
        /// Why.
        reason: Box<str>,
    },
    /// Undoes one; with a nick, those that were set on it.
    Remove {
        /// The command's word.
        word: BanWord,
        /// As for [`Self::Add`].
        what: Box<str>,
    },
    /// Lists them.
    List {
        /// The command's word.
        word: BanWord,
        /// The query of STATS that asked, if one did; the hall hands it back.
        statistics: Option<char>,
    },
}

/// What is to be done about the raid mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RaidCommand {
    /// Switches it on.
    On {
        /// Why.
        reason: Box<str>,
    },
    /// Switches it off.
    Off,
    /// Asks how it stands.
    Query,
}

/// The forms of MONITOR.
///
/// Spec: `IRCv3` "monitor".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonitorCommand {
    /// `+`: watches more nicks.
    Add(Vec<Box<str>>),
    /// `-`: watches fewer.
    Remove(Vec<Box<str>>),
    /// `C`: watches nobody.
    Clear,
    /// `L`: asks whom it watches.
    List,
    /// `S`: asks which of them are online.
    Status,
}

/// The forms of METADATA. Keys and values are such as the specification and the limits allow; a target is a nick, a
/// channel, or `*` for the asker.
///
/// Spec: `IRCv3` drafts "metadata-2" and "metadata-3".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataCommand {
    /// Asks for the values of some keys, also of some that cannot be.
    Get {
        /// As typed.
        target: Box<str>,
        /// Which.
        keys: Vec<Arc<str>>,
    },
    /// Asks for all values.
    List {
        /// As typed.
        target: Box<str>,
    },
    /// Gives a key a value, or none.
    Set {
        /// As typed.
        target: Box<str>,
        /// Which.
        key: Arc<str>,
        /// Never empty.
        value: Option<Arc<str>>,
    },
    /// Removes all values.
    Clear {
        /// As typed.
        target: Box<str>,
    },
    /// Asks for the values of the keys that the session wants to know about; for `*ALL` of all whom it hears of.
    Sync {
        /// As typed.
        target: Box<str>,
    },
    /// Wants to know about these keys from now on; without any, only knows of metadata.
    Subscribe {
        /// Which, none of them before.
        keys: Vec<Arc<str>>,
    },
    /// Does not want to know about these any more.
    Unsubscribe {
        /// Which.
        keys: Vec<Arc<str>>,
    },
    /// Does not know of metadata any more.
    Forget,
}
