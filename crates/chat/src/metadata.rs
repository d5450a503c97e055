//! What users and channels say of themselves, by key: a name to show, a picture, a home page.
//!
//! Users who are logged in to an account have what the account has: it outlives their connections. Others lose it with
//! theirs. Who may is asked of [`crate::permission`]; what happens stands in [`crate::features::metadata`].
//!
//! Spec: `IRCv3` drafts "metadata-2" and "metadata-3".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};
use irc::names::{ChannelName, Nick};
use serde::{Deserialize, Serialize};

use crate::ascending::Ascending;
use crate::ids::{ChannelId, SessionId, UserId};
use crate::rows::{MetadataRow, Row};

/// Values by key. Keys are as the specification wants them; values are never empty.
pub type Values = BTreeMap<Arc<str>, Arc<str>>;

static NOTHING: Values = Values::new();

/// Whose metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A channel's.
    Channel {
        /// Which.
        id: ChannelId,
        /// Its name as it is shown.
        name: ChannelName,
    },
    /// A user's; the account's if they are logged in to one.
    User {
        /// Who.
        id: UserId,
        /// Their nick then.
        nick: Nick,
    },
}

impl Subject {
    /// Returns the name that it is known by.
    pub fn name(&self) -> &str {
        match self {
            Self::Channel { name, .. } => name.as_str(),
            Self::User { nick, .. } => nick.as_str(),
        }
    }
}

/// One key that has another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which key.
    pub key: Arc<str>,
    /// The new value; `None`: it has none any more.
    pub value: Option<Arc<str>>,
}

impl From<(Arc<str>, Arc<str>)> for Change {
    fn from((key, value): (Arc<str>, Arc<str>)) -> Self {
        Self { key, value: Some(value) }
    }
}

/// One value of a user or a channel, for somebody who wants to know about the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The nick or the channel.
    pub target: Arc<str>,
    /// Which key.
    pub key: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}

/// What a client has said before it became a user, and that it knows of metadata at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Early {
    /// The keys it wants to know about.
    pub keys: Vec<Arc<str>>,
    /// What it says of itself.
    pub values: Values,
}

/// What accounts have, and which keys sessions want to know about.
#[derive(Debug, Default)]
pub struct Metadata {
    by_account: BTreeMap<Folded, Values>,
    /// The sessions that know of metadata. Unlogged.
    knowing: Ascending<SessionId, ()>,
    /// Which keys they want to know about: most want none, so they stand apart. Unlogged.
    subscriptions: BTreeMap<SessionId, BTreeSet<Arc<str>>>,
}

/// What most sessions want to know about.
static NO_KEYS: BTreeSet<Arc<str>> = BTreeSet::new();

impl Metadata {
    /// Returns what an account has.
    pub fn of_account(&self, account: &str, mapping: CaseMapping) -> &Values {
        self.by_account.get(&*mapping.fold_cow(account)).unwrap_or(&NOTHING)
    }

    /// Gives an account another value, or none.
    pub fn set(&mut self, account: &str, change: &Change, mapping: CaseMapping) {
        let account = mapping.fold(account);
        let values = self.by_account.entry(account.clone()).or_default();
        put(values, change);
        if values.is_empty() {
            self.by_account.remove(&account);
        }
    }

    /// Forgets what an account has, which is removed, and returns its rows.
    pub fn forget_account(&mut self, account: &str, mapping: CaseMapping) -> Vec<Row> {
        let values = self.by_account.remove(&*mapping.fold_cow(account)).unwrap_or_default();
        values.into_iter().map(|value| row(account, &Change::from(value))).collect()
    }

    /// Returns the keys that a session wants to know about; `None` for one that knows nothing of metadata.
    pub fn keys_of(&self, session: SessionId) -> Option<&BTreeSet<Arc<str>>> {
        self.knowing.contains_key(&session).then(|| self.subscriptions.get(&session).unwrap_or(&NO_KEYS))
    }

    /// Notes that a session knows of metadata and wants to know about these keys too. The session keeps to the limit.
    pub fn subscribe(&mut self, session: SessionId, keys: impl IntoIterator<Item = Arc<str>>) {
        self.knowing.insert(session, ());
        let mut keys = keys.into_iter().peekable();
        if keys.peek().is_some() {
            self.subscriptions.entry(session).or_default().extend(keys);
        }
    }

    /// Notes that a session does not want to know about these keys any more.
    pub fn unsubscribe(&mut self, session: SessionId, keys: &[Arc<str>]) {
        if let Some(known) = self.subscriptions.get_mut(&session) {
            known.retain(|key| !keys.contains(key));
            if known.is_empty() {
                self.subscriptions.remove(&session);
            }
        }
    }

    /// Forgets a session.
    pub fn forget(&mut self, session: SessionId) {
        self.knowing.remove(&session);
        self.subscriptions.remove(&session);
    }
}

/// Makes a change to values; tells whether it was one.
pub fn put(values: &mut Values, change: &Change) -> bool {
    match &change.value {
        Some(value) => values.insert(Arc::clone(&change.key), Arc::clone(value)).as_ref() != Some(value),
        None => values.remove(&change.key).is_some(),
    }
}

/// Returns how to get from `before` to `after`, by key.
pub fn differences(before: &Values, after: &Values) -> Vec<Change> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let gone = gone.map(|key| Change { key: Arc::clone(key), value: None });
    let other = after.iter().filter(|(key, value)| before.get(*key) != Some(*value));
    let other = other.map(|(key, value)| Change { key: Arc::clone(key), value: Some(Arc::clone(value)) });
    gone.chain(other).collect()
}

/// Returns the row that keeps a value of an account; one without a value is to be forgotten.
pub fn row(account: &str, change: &Change) -> Row {
    let value = change.value.clone().unwrap_or_default();
    Row::Metadata(MetadataRow { account: account.into(), key: Arc::clone(&change.key), value })
}

/// Writes values as one text, to be kept in one piece: a line for each key.
pub fn written(values: &Values) -> Option<Arc<str>> {
    let lines: Vec<String> = values.iter().map(|(key, value)| format!("{key} {value}")).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

/// Reads what [`written`] has written.
pub fn read(text: Option<&str>) -> Values {
    let lines = text.into_iter().flat_map(|text| text.split('\n'));
    lines.filter_map(|line| line.split_once(' ')).map(|(key, value)| (key.into(), value.into())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Values> {
        let value = "[ -~é💜]{1,8}".prop_map(Arc::from);
        prop::collection::btree_map("[a-d]{1,2}".prop_map(Arc::from), value, 0..6)
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(values in values()) {
            prop_assert_eq!(read(written(&values).as_deref()), values);
        }

        #[test]
        fn differences_lead_from_one_to_the_other(before in values(), after in values()) {
            let mut now = before.clone();
            for change in differences(&before, &after) {
                prop_assert!(put(&mut now, &change), "it is a difference");
            }
            prop_assert_eq!(now, after);
        }
    }

    #[test]
    fn accounts_are_found_in_any_case_and_nothing_empty_is_kept() {
        let mut metadata = Metadata::default();
        let change = |value: Option<&str>| Change { key: "avatar".into(), value: value.map(Arc::from) };
        metadata.set("Alice", &change(Some("x")), CaseMapping::Ascii);
        assert_eq!(metadata.of_account("ALICE", CaseMapping::Ascii).len(), 1);
        metadata.set("alice", &change(None), CaseMapping::Ascii);
        assert!(metadata.by_account.is_empty());
        assert!(metadata.of_account("alice", CaseMapping::Ascii).is_empty());
        metadata.set("Alice", &change(Some("x")), CaseMapping::Ascii);
        let rows = metadata.forget_account("ALICE", CaseMapping::Ascii);
        assert_eq!(rows.iter().map(|row| row.key(CaseMapping::Ascii)).collect::<Vec<_>>(), ["alice avatar"]);
        assert!(metadata.of_account("alice", CaseMapping::Ascii).is_empty());
    }

    #[test]
    fn a_session_without_keys_still_knows_of_metadata() {
        let mut metadata = Metadata::default();
        let session = SessionId(1);
        assert!(metadata.keys_of(session).is_none());
        metadata.subscribe(session, ["a".into()]);
        metadata.unsubscribe(session, &["a".into()]);
        assert_eq!(metadata.keys_of(session).map(BTreeSet::len), Some(0));
        metadata.forget(session);
        assert!(metadata.keys_of(session).is_none());
    }
}
