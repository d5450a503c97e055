//! Invitations: words that let somebody make an account, so many times, until a day. Only a word's hash is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::user::OperatorClass;

/// The most invitations there may be at once.
pub const INVITATIONS_MAX: usize = 1000;

/// The most accounts that one invitation may make.
pub const USES_MAX: u32 = 10_000;

/// An invitation, as it is kept. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// What it is called where it is listed; says nothing of the word.
    pub id: Arc<str>,
    /// SHA-256 of the word, lower-case hexadecimal.
    pub hash: Arc<str>,
    /// The account that made it; empty: the server's owner.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub by: Arc<str>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How many accounts it can still make.
    pub uses: u32,
    /// What the account that it makes may do as a server operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorClass>,
}

impl Invitation {
    /// Returns what an invitation with this hash is called.
    pub fn id_of(hash: &str) -> Arc<str> {
        hash.get(..8).unwrap_or(hash).into()
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.uses > 0 && self.until.is_none_or(|until| now < until)
    }
}

/// All invitations.
#[derive(Clone, Debug, Default)]
pub struct Invitations {
    by_id: BTreeMap<Arc<str>, Invitation>,
}

impl Invitations {
    /// Adds one, or puts it in the place of the one with its id.
    pub fn put(&mut self, invitation: Invitation) {
        self.by_id.insert(Arc::clone(&invitation.id), invitation);
    }

    /// Finds one by its id.
    pub fn get(&self, id: &str) -> Option<&Invitation> {
        self.by_id.get(id)
    }

    /// Finds the one that a word with this hash redeems now. Takes as long whatever the word is.
    pub fn redeemed_by(&self, hash: &str, now: Timestamp) -> Option<&Invitation> {
        let fits = |one: &&Invitation| is_same(&one.hash, hash) && one.holds(now);
        self.by_id.values().fold(None, |found, one| if fits(&one) { Some(one) } else { found })
    }

    /// Removes one.
    pub fn remove(&mut self, id: &str) -> Option<Invitation> {
        self.by_id.remove(id)
    }

    /// Returns those that are over.
    pub fn over(&self, now: Timestamp) -> Vec<Invitation> {
        self.by_id.values().filter(|one| !one.holds(now)).cloned().collect()
    }

    /// Returns all, by id.
    pub fn all(&self) -> impl Iterator<Item = &Invitation> {
        self.by_id.values()
    }

    /// Returns how many can still be used.
    pub fn count(&self, now: Timestamp) -> usize {
        self.by_id.values().filter(|one| one.holds(now)).count()
    }
}

/// Compares two hashes in a time that does not tell how much of them agrees.
pub(crate) fn is_same(kept: &str, given: &str) -> bool {
    let differing = kept.bytes().zip(given.bytes()).fold(0, |so_far, (one, other)| so_far | (one ^ other));
    differing == 0 && kept.len() == given.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(hash: &str, uses: u32, until: Option<i64>) -> Invitation {
        Invitation {
            id: Invitation::id_of(hash),
            hash: hash.into(),
            by: "anna".into(),
            made: Timestamp(0),
            until: until.map(Timestamp),
            uses,
            operator: None,
        }
    }

    #[test]
    fn a_word_redeems_what_holds() {
        let mut all = Invitations::default();
        all.put(invitation("aaaaaaaaaa", 1, None));
        all.put(invitation("bbbbbbbbbb", 0, None));
        all.put(invitation("cccccccccc", 2, Some(1000)));
        let redeemed = |hash: &str, at| all.redeemed_by(hash, Timestamp(at)).map(|one| one.id.to_string());
        assert_eq!(redeemed("aaaaaaaaaa", 5).as_deref(), Some("aaaaaaaa"));
        assert_eq!([redeemed("aaaaaaaa", 5), redeemed("bbbbbbbbbb", 5), redeemed("", 5)], [None, None, None]);
        assert!(redeemed("cccccccccc", 999).is_some() && redeemed("cccccccccc", 1000).is_none());
        assert_eq!((all.count(Timestamp(0)), all.over(Timestamp(1000)).len()), (2, 2));
    }
}
