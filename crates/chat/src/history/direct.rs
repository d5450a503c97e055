//! Direct messages: whose they are, so that nobody reads them who comes later under the same nick.
//!
//! Each message belongs to two owners: the accounts of both when they had one, else that one user, whose number is never
//! used again. For each owner the other one is a peer: an account, or a nick.

use irc::casemap::CaseMapping;

use crate::event::{Message, Target};
use crate::ids::UserId;

/// One side of a direct message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Who may read it: `account:alice`, or `user:17`.
    pub owner: Box<str>,
    /// As whom the other one knows them: `account:alice`, or `nick:alice`.
    pub peer: Box<str>,
    /// The nick then, as it is shown.
    pub nick: Box<str>,
}

impl Party {
    /// Describes somebody.
    pub fn new(user: UserId, account: Option<&str>, nick: &str, mapping: CaseMapping) -> Self {
        let owner = owner(user, account, mapping);
        let peer = if account.is_some() { owner.clone() } else { by_nick(nick, mapping) };
        Self { owner, peer, nick: nick.into() }
    }

    /// Returns the account in a peer's key.
    pub fn account_of(peer: &str) -> Option<&str> {
        peer.strip_prefix(ACCOUNT)
    }
}

/// Both sides of a direct message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Who said it.
    pub sender: Party,
    /// To whom.
    pub receiver: Party,
}

impl Pair {
    /// Describes the two sides of a message; `None` for one to a channel.
    pub fn of(message: &Message, mapping: CaseMapping) -> Option<Self> {
        let Target::User { id, nick, account } = &message.target else { return None };
        let sender = &message.sender;
        Some(Self {
            sender: Party::new(message.user, sender.account.as_deref(), sender.nick().as_str(), mapping),
            receiver: Party::new(*id, account.as_deref(), nick.as_str(), mapping),
        })
    }
}

/// A conversation of one owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// Whose.
    pub owner: Box<str>,
    /// With whom: the keys under which the other one may stand.
    pub peers: Vec<Box<str>>,
}

impl Direct {
    /// Tells whether a message belongs to the conversation.
    pub fn has(&self, pair: &Pair) -> bool {
        let with = |party: &Party| self.peers.contains(&party.peer);
        (pair.sender.owner == self.owner && with(&pair.receiver))
            || (pair.receiver.owner == self.owner && with(&pair.sender))
    }
}

const ACCOUNT: &str = "account:";

/// Returns the key of who owns a user's direct messages.
pub(crate) fn owner(user: UserId, account: Option<&str>, mapping: CaseMapping) -> Box<str> {
    match account {
        Some(account) => by_account(account, mapping),
        None => format!("user:{}", user.0).into(),
    }
}

/// Returns a peer's key.
pub(crate) fn by_account(account: &str, mapping: CaseMapping) -> Box<str> {
    format!("{ACCOUNT}{}", mapping.fold_cow(account)).into()
}

/// Returns a peer's key.
pub(crate) fn by_nick(nick: &str, mapping: CaseMapping) -> Box<str> {
    format!("nick:{}", mapping.fold_cow(nick)).into()
}
