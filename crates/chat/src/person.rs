//! How a user presents themself.

use std::sync::Arc;

use irc::names::{Nick, UserName};
use serde::{Deserialize, Serialize, Serializer};

/// What others see of a user. Immutable: a change makes a new one, so that events may share it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "PersonFields")]
pub struct Person {
    fields: PersonFields,
    mask: Arc<str>,
}

/// The parts of a [`Person`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonFields {
    /// The IRC nick; for a classroom user, derived from the name they typed.
    pub nick: Nick,
    /// The user name, with the `~` of an unverified one.
    pub username: UserName,
    /// The host others may see: cloaked unless it is loopback.
    pub host: Arc<str>,
    /// The real name (`GECOS`), or for a classroom user the name as typed.
    pub realname: Arc<str>,
    /// The name as typed by a classroom user, when it is not the nick itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Arc<str>>,
    /// The account, when logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Arc<str>>,
    /// Whether the user calls itself a bot (`IRCv3` "bot mode").
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub bot: bool,
    /// Whether the user is an operator of the server (`IRCv3` "oper-tag").
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub operator: bool,
}

impl Person {
    /// Returns the nick.
    pub fn nick(&self) -> &Nick {
        &self.fields.nick
    }

    /// Returns the name to show to people whose client knows no nicks: as typed.
    pub fn shown(&self) -> &str {
        self.fields.shown.as_deref().unwrap_or(self.fields.nick.as_str())
    }

    /// Returns `nick!user@host`, the source of the user's messages.
    pub fn mask(&self) -> &Arc<str> {
        &self.mask
    }

    /// Returns a copy with one or more parts changed.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut PersonFields)) -> Arc<Self> {
        let mut fields = self.fields.clone();
        change(&mut fields);
        Arc::new(Self::from(fields))
    }
}

impl core::ops::Deref for Person {
    type Target = PersonFields;
    fn deref(&self) -> &PersonFields {
        &self.fields
    }
}

/// Not by way of a copy of the fields: each message is written with its sender, whose parts other threads hold too.
impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields.serialize(serializer)
    }
}

impl From<PersonFields> for Person {
    fn from(fields: PersonFields) -> Self {
        let mask = format!("{}!{}@{}", fields.nick.as_str(), fields.username.as_str(), fields.host);
        Self { fields, mask: mask.into() }
    }
}

impl From<Person> for PersonFields {
    fn from(person: Person) -> Self {
        person.fields
    }
}
