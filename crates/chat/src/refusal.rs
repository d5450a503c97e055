//! The answer no. Each refusal says what a person needs to know to do better; the wire form is the dialect's.

use std::sync::Arc;

use crate::time::Timestamp;

/// Why something was not done. The number behind each is the IRC numeric it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such nick (401).
    NoSuchNick(Box<str>),
    /// No such server, and nobody of that name who could be on one (402).
    NoSuchServer(Box<str>),
    /// No such channel (403).
    NoSuchChannel(Box<str>),
    /// The channel does not take the message (404).
    CannotSend {
        /// The channel as it is shown.
        channel: Arc<str>,
        /// Why not.
        why: CannotSend,
    },
    /// No text (412).
    NoText,
    /// Nobody used this nick (406).
    WasNoSuchNick(Box<str>),
    /// Not a valid nick (432).
    ErroneousNickname(Box<str>),
    /// The nick is in use (433).
    NicknameInUse(Box<str>),
    /// The nick is the name of somebody's account (433, and a sentence).
    NicknameReserved(Box<str>),
    /// The user has as many sessions as one may have (433, and a sentence).
    TooManySessions {
        /// The nick that was asked for.
        nick: Box<str>,
        /// The most sessions.
        limit: usize,
    },
    /// The other one is not in the channel (441).
    UserNotInChannel {
        /// Whom.
        nick: Box<str>,
        /// Where.
        channel: Arc<str>,
    },
    /// The asker is not in the channel (442).
    NotOnChannel(Arc<str>),
    /// The other one is there already (443).
    UserOnChannel {
        /// Whom.
        nick: Arc<str>,
        /// Where.
        channel: Arc<str>,
    },
    /// The other one has no invitation (505).
    NotInvited {
        /// Whom.
        nick: Arc<str>,
        /// Where to.
        channel: Arc<str>,
    },
    /// Too many channels (405).
    TooManyChannels(Box<str>),
    /// The channel is full (471).
    ChannelIsFull(Arc<str>),
    /// A mode letter nobody knows (472).
    UnknownMode {
        /// The letter.
        letter: char,
    },
    /// Only by invitation (473).
    InviteOnly(Arc<str>),
    /// Banned (474).
    Banned(Arc<str>),
    /// The key is wrong (475).
    BadKey(Arc<str>),
    /// Not a valid channel name (476).
    BadChannelName(Box<str>),
    /// The channel's lists are full (478).
    ListFull {
        /// The channel.
        channel: Arc<str>,
        /// The mask that did not fit.
        mask: Box<str>,
    },
    /// Only for those who are logged in to an account (477).
    AccountNeeded(Arc<str>),
    /// Too many have entered lately (480).
    TooManyJoins(Arc<str>),
    /// Only for server operators (481).
    NotAnOperator,
    /// Only for server operators of a higher class (723): the privilege's name.
    PrivilegeNeeded(&'static str),
    /// Banned from the server (465).
    ServerBanned {
        /// Why.
        reason: Arc<str>,
        /// Until when; `None`: for ever.
        until: Option<Timestamp>,
    },
    /// A ban of the server that is not made.
    BadServerBan {
        /// What was to be banned.
        what: Box<str>,
        /// Why not.
        why: BadServerBan,
    },
    /// There is no such ban of the server.
    NoSuchServerBan(Box<str>),
    /// While the raid mode is on, the one written to cannot be reached.
    SilencedInPrivate(Box<str>),
    /// Only for channel operators, or for a higher rank than the asker's (482).
    OperatorNeeded(Arc<str>),
    /// Only for those who are logged in.
    LogInNeeded {
        /// What was asked.
        command: &'static str,
    },
    /// The asker is not where a token is to be for.
    TokenScope(Box<str>),
    /// No further device of the account is notified.
    TooManySubscriptions {
        /// Its address at the push service.
        endpoint: Box<str>,
        /// How many are.
        limit: usize,
    },
    /// Only for the founder of the channel (482).
    FounderNeeded(Arc<str>),
    /// Nothing about the channel's registration is changed or told.
    Registration {
        /// The channel.
        channel: Arc<str>,
        /// Why not.
        why: RegistrationRefusal,
    },
    /// A user mode letter nobody knows (501).
    UnknownUserMode,
    /// Other people's modes are theirs (502).
    UsersDontMatch,
    /// A mode's parameter is no good (696).
    BadModeParam {
        /// Channel.
        target: Arc<str>,
        /// The mode letter.
        letter: char,
        /// What was given; `*` when nothing that can be shown.
        param: Box<str>,
    },
    /// The real name is too long or not valid.
    BadRealName,
    /// The user name or the host is not valid.
    BadHost,
    /// Another channel has that name.
    ChannelNameInUse {
        /// The channel as it is shown.
        old: Arc<str>,
        /// The name that was wanted.
        new: Box<str>,
    },
    /// The channel keeps its name, or that is no name for a channel.
    CannotRename {
        /// The channel as it is shown.
        old: Arc<str>,
        /// The name that was wanted.
        new: Box<str>,
    },
    /// What was said stays as it is.
    CannotChange {
        /// The command: `REDACT` or `EDIT`.
        command: &'static str,
        /// The channel or nick, as typed.
        target: Box<str>,
        /// The message's id, as typed.
        id: Box<str>,
        /// Why.
        why: CannotChange,
    },
    /// What the client has given an id is neither kept nor known to be.
    CannotDeliver {
        /// The command.
        command: &'static str,
        /// Why.
        why: CannotDeliver,
    },
    /// What has happened since a place in the log cannot be told.
    CannotResume {
        /// The place, as clients write it.
        cursor: Box<str>,
        /// Why.
        why: CannotResume,
    },
    /// Anybody may enter: no need to knock (713).
    ChannelOpen(Arc<str>),
    /// The knocker is inside already (714).
    KnockOnChannel(Arc<str>),
    /// One may knock only so often (712).
    TooManyKnocks(Arc<str>),
    /// MONITOR's list is full (734).
    MonitorListFull {
        /// The most nicks.
        limit: usize,
        /// Those that were not taken, joined by commas.
        nicks: Box<str>,
    },
    /// The message of somebody elsewhere is not taken (RELAYMSG).
    CannotRelay(CannotRelay),
    /// Passwords were guessed too often, from this address or for this account.
    TooManyGuesses {
        /// How long to wait.
        seconds: u64,
    },
    /// There is no such account (any more), or the asker is logged in to none.
    NoSuchAccount,
    /// Only who is logged in to an account may enter.
    AccountRequired,
    /// An account cannot be made.
    CannotRegister {
        /// Its name, as typed.
        account: Box<str>,
        /// Why not.
        why: CannotRegister,
    },
    /// What was said before is not for the asker, or cannot be found.
    NoHistory {
        /// The subcommand of CHATHISTORY.
        subcommand: &'static str,
        /// The channel or nick as typed; nothing for TARGETS.
        target: Option<Box<str>>,
        /// Why not.
        why: NoHistory,
    },
    /// Nothing is searched.
    NoSearch(NoSearch),
    /// Nothing is changed or told of an account or an invitation.
    Account(AccountRefusal),
    /// METADATA cannot be answered or carried out.
    Metadata(MetadataRefusal),
    /// Nothing can be kept right now, so nothing is said: the disk is full or failing. Nothing seen is lost.
    CannotKeep {
        /// What was asked, as the protocol names it (`PRIVMSG`, `JOIN`, …).
        command: &'static str,
        /// The target, when there was one.
        target: Option<Box<str>>,
        /// What the disk said, for people.
        why: Arc<str>,
    },
}

impl Refusal {
    /// Tells whether it says something of what outlives the process: of accounts, invitations, registered channels and bans of the
    /// server. It is not to be said before that is safe: who is told that there is an account would look for it in vain after a crash.
    pub fn shows_durable_state(&self) -> bool {
        match self {
            Self::NicknameReserved(_)
            | Self::ServerBanned { .. }
            | Self::NoSuchServerBan(_)
            | Self::Registration { .. }
            | Self::NoSuchAccount
            | Self::Account(_) => true,
            Self::CannotRegister { why, .. } => {
                matches!(why, CannotRegister::Exists | CannotRegister::Removed | CannotRegister::InvitationInvalid)
            }
            _ => false,
        }
    }
}

/// Why the message of somebody elsewhere is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotRelay {
    /// Nobody may relay here.
    NotEnabled,
    /// The asker may not.
    PrivilegesNeeded,
    /// Nobody elsewhere can be called that.
    InvalidNick,
    /// There is nothing to read in it.
    Blank,
}

/// Why a channel's registration stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationRefusal {
    /// Who registers a channel must be logged in.
    AccountNeeded,
    /// It is registered already.
    Registered,
    /// It is not registered.
    NotRegistered,
    /// It always exists, and belongs to nobody.
    Permanent,
    /// The account has as many channels as one may have.
    TooMany {
        /// The most channels.
        limit: usize,
    },
    /// There is no such account.
    NoSuchAccount(Box<str>),
    /// The account is the founder's, and has the highest rank anyway.
    IsFounder(Box<str>),
    /// The account is not on the access list.
    NotListed(Box<str>),
    /// The access list is full.
    AccessFull {
        /// The most entries.
        limit: usize,
    },
}

/// Why a ban of the server is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BadServerBan {
    /// It is neither an address, a network, a mask nor an account, and nobody online is called so.
    Unreadable,
    /// It would keep out nearly everybody.
    TooWide,
    /// It would disconnect whoever sets it.
    Yourself,
    /// It is the machine itself.
    Loopback,
    /// There are as many as there may be.
    ListFull,
}

/// Why history is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoHistory {
    /// There is no such channel, or the asker is not in it.
    Target,
    /// Nobody knows the message that was named.
    Message,
    /// It cannot be read right now.
    Unreadable,
}

/// Why nothing is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSearch {
    /// There is no such conversation (as typed), or the asker is not in it.
    Target(Box<str>),
    /// It cannot be read right now.
    Unreadable,
}

/// Why what was said stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotChange {
    /// There is no such channel or nick, or the asker is not in the channel.
    Target,
    /// It is not the asker's to change.
    Forbidden,
    /// No such message was said there, or it is gone.
    Unknown,
    /// It was said too long ago.
    TooLate {
        /// How long it could have been changed.
        seconds: u64,
    },
    /// It cannot be looked up right now.
    Unreadable,
}

/// Why what has an id is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotDeliver {
    /// The stream was begun by another account.
    NotYours,
    /// Whether it was kept cannot be looked up right now.
    Unreadable,
    /// It was kept, and is kept no more.
    Gone,
}

/// Why it cannot be told what has happened since a place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotResume {
    /// The place is of another log, or not there yet: the log may be a copy of before.
    Unknown,
    /// It cannot be looked up right now.
    Unreadable,
}

/// Why a channel does not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotSend {
    /// `+n`, and the sender is outside.
    External,
    /// `+m`, and the sender has no rank.
    Moderated,
    /// `+b`, and the sender has no rank.
    Banned,
    /// `+C`, and the message is a CTCP.
    Ctcp,
    /// `+b m:`, and the sender has no rank.
    Muted,
    /// `+M`, and the sender is logged in to no account.
    AccountNeeded,
    /// The raid mode is on, and the sender has no account that is older.
    Raid,
}

/// Why nothing is changed or told of an account or an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRefusal {
    /// The asker is logged in to none.
    NotLoggedIn,
    /// There is none of that name.
    Unknown(Box<str>),
    /// It is somebody else's.
    NotYours,
    /// What was given is no fingerprint.
    BadFingerprint,
    /// The certificate proves an account already.
    CertificateTaken,
    /// The certificate does not prove it.
    CertificateUnknown,
    /// It has as many certificates as one may have.
    TooManyCertificates {
        /// The most certificates.
        limit: usize,
    },
    /// The code or the word does not fit, or is used up.
    BadCode,
    /// The password that was given was right, and is not any more.
    PasswordChanged,
    /// The nick is somebody else's.
    NickNotYours(Box<str>),
    /// The one with the nick is the asker.
    NickIsYou(Box<str>),
    /// There is no such invitation.
    NoSuchInvitation(Box<str>),
    /// There are as many invitations as there may be.
    TooManyInvitations {
        /// The most invitations.
        limit: usize,
    },
}

/// Why an account cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotRegister {
    /// There is one with this name.
    Exists,
    /// Somebody else uses the name as their nick.
    NickInUse,
    /// There was one with this name: it is given to nobody again.
    Removed,
    /// Not a valid name.
    BadName,
    /// Accounts are named after nicks here.
    MustBeNick,
    /// The asker has one.
    AlreadyAuthenticated,
    /// Nobody may make accounts themselves.
    Closed,
    /// The raid mode is on.
    Raid,
    /// Only who was invited may.
    InvitationNeeded,
    /// The invitation does not hold, or is used up.
    InvitationInvalid,
    /// Too many were made from this address.
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
}

/// Why METADATA was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataRefusal {
    /// There is no such user or channel that the asker may know of.
    InvalidTarget(Box<str>),
    /// The asker may not change it.
    NoPermission {
        /// The nick or the channel.
        target: Arc<str>,
        /// Under which key; `None`: all of it.
        key: Option<Arc<str>>,
    },
    /// There is no room for another key.
    LimitReached {
        /// The nick or the channel.
        target: Arc<str>,
        /// The most keys.
        limit: usize,
    },
}
