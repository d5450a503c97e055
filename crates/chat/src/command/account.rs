//! What is asked of accounts.

use std::sync::Arc;

use crate::throttle::Guest;

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
