//! Accounts: registered identities, which outlive connections and processes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::push::Subscription;
use crate::time::{Instant, Timestamp};
use crate::user::OperatorClass;

/// A registered identity, as it is kept. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its name as it is shown; valid as a nick.
    pub name: Arc<str>,
    /// When it was made.
    pub registered: Timestamp,
    /// What the password is checked with, as the edge made it: nobody here reads it, and facts carry it apart
    /// ([`crate::fact::Fact::text`]). Empty: it has no password.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub credentials: Arc<str>,
    /// SHA-256 fingerprints of the client certificates that prove it, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Arc<str>>,
    /// The electronic mail address that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Arc<str>>,
    /// What its owner may do as a server operator once logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorClass>,
    /// Whether it stays in its rooms while nobody is connected; `None`: as the configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub always_on: Option<bool>,
    /// Whether others may use its name as their nick.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub unprotected: bool,
    /// Since when what was proved before counts no more: it got another password then, or its sessions were ended. Not kept: sessions
    /// that are nobody yet end with the process.
    #[serde(skip)]
    pub renewed: Instant,
    /// What its owner may set another password with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// Where its notifications go: each is a secret.
    #[serde(default, skip_serializing_if = "no_subscriptions")]
    pub push: Arc<[Subscription]>,
}

fn no_subscriptions(push: &Arc<[Subscription]>) -> bool {
    push.is_empty()
}

/// What is secret or private of a new account: the text of the fact that makes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Private<'a> {
    /// What the password is checked with; empty: it has none. One line.
    pub credentials: &'a str,
    /// The electronic mail address that was given. One line.
    pub email: Option<&'a str>,
}

impl core::fmt::Debug for Private<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Private")
    }
}

impl<'a> Private<'a> {
    /// Writes it as one text: the address, if there is one, on a line of its own.
    pub fn written(self) -> Arc<str> {
        match self.email {
            Some(email) => format!("{}\n{email}", self.credentials).into(),
            None => self.credentials.into(),
        }
    }

    /// Reads what [`Self::written`] has written.
    pub fn read(text: &'a str) -> Self {
        match text.split_once('\n') {
            Some((credentials, email)) => Self { credentials, email: Some(email) },
            None => Self { credentials: text, email: None },
        }
    }
}

/// A code that was given to the owner of an account, to set another password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reset {
    /// SHA-256 of the code, lower-case hexadecimal.
    pub hash: Arc<str>,
    /// When it ends.
    pub until: Timestamp,
}

/// What may change of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum AccountChange {
    /// It has another password. The fact's text is what it is checked with.
    Password {},
    /// It has another electronic mail address: the fact's text; none when that is empty.
    Email {},
    /// A certificate proves it.
    CertificateAdded {
        /// Its SHA-256 fingerprint.
        certificate: Arc<str>,
    },
    /// A certificate proves it no more.
    CertificateRemoved {
        /// Its SHA-256 fingerprint.
        certificate: Arc<str>,
    },
    /// Its owner has other rights as a server operator.
    Operator {
        /// Which.
        operator: Option<OperatorClass>,
        /// By which invitation; it does not count without.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redeemed: Option<Redeemed>,
    },
    /// Its name is, or is not, a nick for its owner alone.
    Protection {
        /// Whether it is.
        on: bool,
    },
    /// Its owner may set another password with a code, whose hash is the fact's text.
    ResetIssued {
        /// Until when.
        until: Timestamp,
        /// The code, for whoever issued it; kept nowhere.
        #[serde(skip)]
        code: Arc<str>,
    },
    /// A device of its owner is to be notified, or in another way. The fact's text says which: [`Subscription::written`].
    PushRegistered {},
    /// A device is to be notified no more. The fact's text is its address at the push service.
    PushUnregistered {},
}

/// An invitation that makes an operator, redeemed by somebody who has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redeemed {
    /// Which.
    pub invitation: Arc<str>,
    /// By whom.
    pub user: UserId,
    /// Their `nick!user@host`.
    pub by: Arc<str>,
}

impl Account {
    /// Makes an account without password, certificates or rights.
    pub fn new(name: impl Into<Arc<str>>, registered: Timestamp) -> Self {
        Self {
            name: name.into(),
            registered,
            credentials: "".into(),
            certificates: Vec::new(),
            email: None,
            operator: None,
            always_on: None,
            unprotected: false,
            renewed: Instant::default(),
            reset: None,
            push: Arc::default(),
        }
    }
}

/// An account that is no more, as it is kept for ever: its name is given to nobody again. What was said, who was let in and
/// what lists say stand under names, and would be theirs who came later. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedAccount {
    /// The name it had, as it was shown.
    pub name: Arc<str>,
    /// When it was removed.
    pub at: Timestamp,
}

/// All accounts, found by name and by certificate, and the names of those that are no more.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    by_name: BTreeMap<Folded, Account>,
    by_certificate: BTreeMap<Arc<str>, Folded>,
    /// Which of them have devices to notify.
    with_push: BTreeSet<Folded>,
    removed: BTreeMap<Folded, RemovedAccount>,
}

impl Accounts {
    /// Finds an account by its name, in any case.
    pub fn get(&self, name: &str, mapping: CaseMapping) -> Option<&Account> {
        self.by_name.get(&*mapping.fold_cow(name))
    }

    /// Finds the account that a certificate with this fingerprint proves.
    pub fn of_certificate(&self, fingerprint: &str) -> Option<&Account> {
        self.by_certificate.get(fingerprint).and_then(|name| self.by_name.get(name))
    }

    /// Adds an account, or puts it in the place of the one with its name. A certificate that proves another account goes
    /// on proving that one.
    pub fn put(&mut self, account: Account, mapping: CaseMapping) {
        let name = mapping.fold(&account.name);
        self.by_certificate.retain(|_, owner| *owner != name);
        for certificate in &account.certificates {
            self.by_certificate.entry(Arc::clone(certificate)).or_insert_with(|| name.clone());
        }
        if account.push.is_empty() {
            self.with_push.remove(&name);
        } else {
            self.with_push.insert(name.clone());
        }
        self.by_name.insert(name, account);
    }

    /// Tells whether any account has a device to notify: a message of a server without is not looked at for it.
    pub fn any_has_push(&self) -> bool {
        !self.with_push.is_empty()
    }

    /// Notes that an account is no more.
    pub fn retire(&mut self, removed: RemovedAccount, mapping: CaseMapping) {
        self.removed.insert(mapping.fold(&removed.name), removed);
    }

    /// Tells whether this was the name of an account that is no more.
    pub fn was_removed(&self, name: &str, mapping: CaseMapping) -> bool {
        self.removed.contains_key(&*mapping.fold_cow(name))
    }

    /// Removes an account. Its name is free until [`Self::retire`] says that it is not.
    pub fn remove(&mut self, name: &str, mapping: CaseMapping) -> Option<Account> {
        let (name, account) = self.by_name.remove_entry(&*mapping.fold_cow(name))?;
        self.by_certificate.retain(|_, owner| *owner != name);
        self.with_push.remove(&name);
        Some(account)
    }

    /// Returns all accounts by folded name.
    pub fn all(&self) -> impl Iterator<Item = &Account> {
        self.by_name.values()
    }

    /// Returns the number of accounts.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: CaseMapping = CaseMapping::Ascii;

    fn account(name: &str, certificates: &[&str]) -> Account {
        let certificates = certificates.iter().map(|text| Arc::from(*text)).collect();
        Account { certificates, ..Account::new(name, Timestamp(0)) }
    }

    #[test]
    fn accounts_are_found_by_name_and_by_certificate() {
        let mut accounts = Accounts::default();
        accounts.put(account("Alice", &["aa", "bb"]), MAPPING);
        accounts.put(account("bob", &["bb", "cc"]), MAPPING);
        let owner = |accounts: &Accounts, fingerprint| accounts.of_certificate(fingerprint).map(|a| a.name.to_string());
        assert_eq!(accounts.get("ALICE", MAPPING).map(|found| &*found.name), Some("Alice"));
        assert_eq!(
            ["aa", "bb", "cc", "dd"].map(|fingerprint| owner(&accounts, fingerprint)),
            [Some("Alice".to_owned()), Some("Alice".to_owned()), Some("bob".to_owned()), None]
        );
        accounts.put(account("alice", &["dd"]), MAPPING);
        assert_eq!(owner(&accounts, "aa"), None);
        assert_eq!(owner(&accounts, "dd").as_deref(), Some("alice"));
        assert!(accounts.remove("ALICE", MAPPING).is_some() && accounts.remove("alice", MAPPING).is_none());
        assert_eq!((owner(&accounts, "dd"), accounts.len()), (None, 1));
        assert!(!accounts.was_removed("alice", MAPPING));
        accounts.retire(RemovedAccount { name: "Alice".into(), at: Timestamp(7) }, MAPPING);
        assert!(accounts.was_removed("alICE", MAPPING) && !accounts.was_removed("bob", MAPPING));
    }
}
