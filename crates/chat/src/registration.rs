//! Registered channels: whose they are, and who is given a rank there. They stay when everybody has left.

use std::sync::Arc;

use irc::casemap::CaseMapping;
use serde::{Deserialize, Serialize};

use crate::rank::Rank;
use crate::time::Timestamp;

/// What makes a channel stay. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The account whose channel it is.
    pub founder: Arc<str>,
    /// When it was registered.
    pub at: Timestamp,
    /// Who is given a rank on entry, in the order they were added.
    #[serde(default)]
    pub access: Vec<Access>,
}

/// One entry of the access list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Who.
    pub account: Arc<str>,
    /// What they are given; the founder's rank is nobody else's.
    pub rank: Rank,
    /// The nick of who added them.
    pub by: Arc<str>,
    /// When.
    pub at: Timestamp,
}

impl Registration {
    /// Makes one without an access list.
    pub fn new(founder: Arc<str>, at: Timestamp) -> Self {
        Self { founder, at, access: Vec::new() }
    }

    /// Returns the rank that somebody with this account has here.
    pub fn rank_of(&self, account: &str, mapping: CaseMapping) -> Option<Rank> {
        if mapping.same(&self.founder, account) {
            return Some(Rank::Founder);
        }
        self.access.iter().find(|entry| mapping.same(&entry.account, account)).map(|entry| entry.rank)
    }

    /// Puts an entry in the place of the account's former one, or removes that.
    pub fn set_access(&mut self, account: &str, entry: Option<Access>, mapping: CaseMapping) {
        let place = self.access.iter().position(|known| mapping.same(&known.account, account));
        match (place, entry) {
            (Some(place), Some(entry)) => self.access[place] = entry,
            (Some(place), None) => {
                self.access.remove(place);
            }
            (None, Some(entry)) => self.access.push(entry),
            (None, None) => {}
        }
    }
}
