//! What is told of accounts.

use core::net::IpAddr;
use std::sync::Arc;

use crate::account::Account;
use crate::account::AccountChange;

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
    pub address: IpAddr,
    /// Whether it is encrypted.
    pub secure: bool,
    /// Whether it is the asker's.
    pub own: bool,
}
