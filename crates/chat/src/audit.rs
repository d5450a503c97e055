//! What server operators have done, for other operators to read. How it is written and read: [`crate::features::audit`].

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The most entries that are kept; older ones are gone.
pub const AUDIT_ENTRIES_MAX: usize = 1000;

/// A kind of act. Names are the store's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAct {
    /// Became an operator.
    OperatorIn,
    /// Tried to, in vain.
    OperatorRefused,
    /// Stepped down.
    OperatorOut,
    /// Disconnected somebody.
    Killed,
    /// Banned somebody from the server.
    BanAdded,
    /// Undid that.
    BanRemoved,
    /// Switched the raid mode on.
    RaidBegan,
    /// Switched it off.
    RaidEnded,
    /// Gave somebody another host.
    HostChanged,
    /// Had the configuration read again.
    Rehashed,
    /// Changed a channel where only an operator's right allowed it.
    ChannelForced,
    /// Removed what somebody says of themself.
    MetadataRemoved,
    /// Made, changed or removed somebody's account.
    AccountChanged,
    /// Removed a file that somebody shared.
    UploadRemoved,
}

/// One act, as it is kept. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number: one more than the entry before.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// `nick!user@host` of who did it.
    pub by: Arc<str>,
    /// What.
    pub act: AuditAct,
    /// To whom or what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Arc<str>>,
    /// Why, or how.
    #[serde(default)]
    pub reason: Arc<str>,
}

/// The newest entries, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    entries: VecDeque<AuditEntry>,
}

impl Audit {
    /// Takes what was kept, in any order.
    pub fn restore(&mut self, mut entries: Vec<AuditEntry>) {
        entries.sort_by_key(|entry| entry.number);
        self.entries = entries.into();
    }

    /// Returns the number of the next entry.
    pub fn next_number(&self) -> u64 {
        self.entries.back().map_or(1, |last| last.number + 1)
    }

    /// Adds an entry; returns those that there is no more room for.
    pub fn push(&mut self, entry: AuditEntry) -> Vec<AuditEntry> {
        self.entries.push_back(entry);
        let too_many = self.entries.len().saturating_sub(AUDIT_ENTRIES_MAX);
        self.entries.drain(..too_many).collect()
    }

    /// Returns up to `count` entries with numbers below `before` (`None`: the newest), oldest first.
    pub fn page(&self, count: usize, before: Option<u64>) -> Vec<AuditEntry> {
        let older = self.entries.iter().rev().filter(|entry| before.is_none_or(|before| entry.number < before));
        let mut page: Vec<_> = older.take(count).cloned().collect();
        page.reverse();
        page
    }

    /// Returns all entries, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &AuditEntry> {
        self.entries.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> AuditEntry {
        let act = AuditAct::Killed;
        AuditEntry { number, at: Timestamp(0), by: "op".into(), act, target: None, reason: "".into() }
    }

    #[test]
    fn the_oldest_give_way_and_pages_go_back() {
        let mut audit = Audit::default();
        let most = AUDIT_ENTRIES_MAX as u64;
        for number in 1..=most {
            assert!(audit.push(entry(number)).is_empty());
        }
        assert_eq!(audit.push(entry(audit.next_number())), [entry(1)]);
        let numbers = |page: Vec<AuditEntry>| page.iter().map(|entry| entry.number).collect::<Vec<_>>();
        assert_eq!(numbers(audit.page(2, None)), [most, most + 1]);
        assert_eq!(numbers(audit.page(3, Some(4))), [2, 3]);
        let mut restored = Audit::default();
        restored.restore(vec![entry(9), entry(7)]);
        assert_eq!((restored.next_number(), numbers(restored.page(9, None))), (10, vec![7, 9]));
    }
}
