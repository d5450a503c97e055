//! What is kept of a file beside its bytes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::name::StoredName;

/// Whose a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// An account's.
    Account {
        /// Its name, folded.
        account: String,
    },
    /// Somebody's without an account.
    Guest {
        /// The address they count for: of IPv6 the /64.
        address: IpAddr,
        /// What only their connection is known by; nobody has it again.
        session: String,
    },
}

impl Owner {
    /// Returns by what the files of one owner are counted together.
    pub fn counted_as(&self) -> String {
        match self {
            Self::Account { account } => format!("account {account}"),
            Self::Guest { address, .. } => format!("address {address}"),
        }
    }

    /// Returns the account.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account { account } => Some(account),
            Self::Guest { .. } => None,
        }
    }
}

/// A smaller picture of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    /// Its size.
    pub bytes: u64,
    /// What browsers are told that it is.
    pub content_type: String,
}

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The name under which it is fetched.
    pub name: String,
    /// The name that its sender gave it, for people; empty: none.
    pub shown: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Whose it is.
    pub owner: Owner,
    /// Who sent it: the nick at that time, for operators.
    pub by: String,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
    /// For a picture, its width and height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pixels: Option<(u32, u32)>,
    /// For a large picture, a smaller one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Thumbnail>,
}

impl Entry {
    /// Returns what it takes: of the quota, too.
    pub fn bytes_in_all(&self) -> u64 {
        self.bytes + self.thumbnail.as_ref().map_or(0, |thumbnail| thumbnail.bytes)
    }

    /// Returns the name under which it is fetched.
    pub fn stored_name(&self) -> Option<StoredName> {
        StoredName::parse(&self.name)
    }
}
