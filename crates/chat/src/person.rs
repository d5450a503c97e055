//! How a user presents themself.

use std::sync::Arc;

use irc::names::{Nick, UserName};
use serde::{Deserialize, Serialize, Serializer};

/// What others see of a user. Immutable: a change makes a new one, so that events may share it.
///
/// User name and host stand in the mask only: each text of its own would take more room than it is long.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "PersonFields")]
pub struct Person {
    nick: Nick,
    /// `nick!user@host`.
    mask: Arc<str>,
    /// How many bytes of it are the user name.
    username_bytes: u32,
    /// The real name (`GECOS`), or for a classroom user the name as typed.
    pub realname: Arc<str>,
    /// The name as typed by a classroom user, when it is not the nick itself.
    pub shown: Option<Arc<str>>,
    /// The account, when logged in.
    pub account: Option<Arc<str>>,
    /// Whether the user calls itself a bot (`IRCv3` "bot mode").
    pub bot: bool,
    /// Whether the user is an operator of the server (`IRCv3` "oper-tag").
    pub operator: bool,
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
        &self.nick
    }

    /// Returns the user name, with the `~` of an unverified one.
    pub fn username(&self) -> &str {
        &self.mask[self.username_range()]
    }

    /// Returns the host others may see: cloaked unless it is loopback.
    pub fn host(&self) -> &str {
        &self.mask[self.username_range().end + 1..]
    }

    fn username_range(&self) -> core::ops::Range<usize> {
        let start = self.nick.as_str().len() + 1;
        start..start + self.username_bytes as usize
    }

    /// Returns the name to show to people whose client knows no nicks: as typed.
    pub fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(self.nick.as_str())
    }

    /// Returns `nick!user@host`, the source of the user's messages.
    pub fn mask(&self) -> &Arc<str> {
        &self.mask
    }

    /// Returns a copy with one or more parts changed.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut PersonFields)) -> Arc<Self> {
        let mut fields = self.fields();
        change(&mut fields);
        Arc::new(Self::from(fields))
    }

    /// Returns the parts.
    pub fn fields(&self) -> PersonFields {
        PersonFields {
            nick: self.nick.clone(),
            username: UserName::trusted(self.username()),
            host: self.host().into(),
            realname: Arc::clone(&self.realname),
            shown: self.shown.clone(),
            account: self.account.clone(),
            bot: self.bot,
            operator: self.operator,
        }
    }
}

/// As [`PersonFields`] are written. Not by way of a copy of these: each message is written with its sender, whose parts other threads
/// hold too.
impl Serialize for Person {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename = "PersonFields")]
        struct Written<'a> {
            nick: &'a str,
            username: &'a str,
            host: &'a str,
            realname: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            shown: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            account: Option<&'a str>,
            #[serde(skip_serializing_if = "core::ops::Not::not")]
            bot: bool,
            #[serde(skip_serializing_if = "core::ops::Not::not")]
            operator: bool,
        }
        let written = Written {
            nick: self.nick.as_str(),
            username: self.username(),
            host: self.host(),
            realname: &self.realname,
            shown: self.shown.as_deref(),
            account: self.account.as_deref(),
            bot: self.bot,
            operator: self.operator,
        };
        written.serialize(serializer)
    }
}

impl From<PersonFields> for Person {
    fn from(fields: PersonFields) -> Self {
        let PersonFields { nick, username, host, realname, shown, account, bot, operator } = fields;
        let mask = format!("{nick}!{username}@{host}").into();
        let username_bytes = u32::try_from(username.as_str().len());
        let username_bytes = username_bytes.unwrap_or_else(|_| unreachable!("names are bounded far below this"));
        Self { nick, mask, username_bytes, realname, shown, account, bot, operator }
    }
}

impl From<Person> for PersonFields {
    fn from(person: Person) -> Self {
        person.fields()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_parts_it_was_made_of_and_is_written_as_these() -> serde_json::Result<()> {
        for (shown, account, is_more) in [(None, None, false), (Some("Anna Bè".into()), Some("anna".into()), true)] {
            let fields = PersonFields {
                nick: Nick::trusted("anna-bè"),
                username: UserName::trusted("~ann!a@x"),
                host: "::1@home!".into(),
                realname: "Anna B".into(),
                shown,
                account,
                bot: is_more,
                operator: is_more,
            };
            let person = Person::from(fields.clone());
            assert_eq!(&**person.mask(), "anna-bè!~ann!a@x@::1@home!");
            assert_eq!((person.username(), person.host()), ("~ann!a@x", "::1@home!"));
            let written = serde_json::to_string(&fields)?;
            assert_eq!(serde_json::to_string(&person)?, written);
            assert_eq!(serde_json::from_str::<Person>(&written)?, person);
            assert_eq!(person.with(|_| {}).fields(), fields);
        }
        Ok(())
    }
}
