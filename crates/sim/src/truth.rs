//! The log as it stands at the end, and whether what was seen agrees with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chat::event::Target;
use chat::fact::Fact;
use chat::ids::{ChannelId, Seq, UserId};
use chat::modes::{ChannelFlags, ModeChange};
use chat::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::vfs;
use crate::watch::{How, Rule, Seen, Watch};

/// A fact, its place and its time.
struct Row {
    seq: Seq,
    at: Timestamp,
    fact: Fact,
    /// `None` when there never was one, or it was taken back.
    text: Option<String>,
}

fn rows(database: &Path) -> rusqlite::Result<Vec<Row>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags_and_vfs(database, flags, vfs::NAME)?;
    let mut statement = connection.prepare("SELECT seq, at, data, text FROM facts ORDER BY seq")?;
    let rows = statement.query_map([], |row| {
        let data: String = row.get(2)?;
        let fact = serde_json::from_str(&data).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
        })?;
        let seq = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
        Ok(Row { seq: Seq(seq), at: Timestamp(row.get(1)?), fact, text: row.get(3)? })
    })?;
    rows.collect()
}

/// Where everybody was, fact by fact.
#[derive(Default)]
struct Places {
    nicks: BTreeMap<UserId, String>,
    channels: BTreeMap<ChannelId, Channel>,
    /// Who (by person, not by connection) has ever been in a channel of a name, as of now.
    ever: BTreeSet<(String, String)>,
}

#[derive(Default)]
struct Channel {
    name: String,
    members: BTreeSet<UserId>,
    private: ChannelFlags,
    key: bool,
}

impl Channel {
    fn is_private(&self) -> bool {
        self.key || self.private.intersects(ChannelFlags::INVITE_ONLY | ChannelFlags::SECRET)
    }
}

/// Who is behind a nick: clients add digits and underscores to the name they are known by here.
pub(crate) fn person(nick: &str) -> &str {
    nick.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
}

impl Places {
    fn leave(&mut self, user: UserId) {
        for channel in self.channels.values_mut() {
            channel.members.remove(&user);
        }
        self.nicks.remove(&user);
    }

    fn apply(&mut self, fact: &Fact) {
        match fact {
            Fact::NodeStarted {} => *self = Self { ever: std::mem::take(&mut self.ever), ..Self::default() },
            Fact::UserConnected { user, person, .. } => {
                self.nicks.insert(*user, person.nick.as_str().to_owned());
            }
            Fact::NickChanged { user, nick, .. } => {
                self.nicks.insert(*user, nick.as_str().to_owned());
            }
            Fact::Joined { user, channel, name, .. } => {
                let there = self.channels.entry(*channel).or_default();
                there.name = name.as_str().to_lowercase();
                there.members.insert(*user);
                if let Some(nick) = self.nicks.get(user) {
                    self.ever.insert((there.name.clone(), person(nick).to_lowercase()));
                }
            }
            Fact::Parted { user, channel, .. } => {
                self.channels.entry(*channel).or_default().members.remove(user);
            }
            Fact::Kicked { channel, member, .. } => {
                self.channels.entry(*channel).or_default().members.remove(member);
            }
            Fact::UserQuit { user, .. } => self.leave(*user),
            Fact::ModesChanged { channel, changes, .. } => {
                let channel = self.channels.entry(*channel).or_default();
                for change in changes {
                    match change {
                        ModeChange::Flag { flag, on } => channel.private.set(*flag, *on),
                        ModeChange::Key { key } => channel.key = key.is_some(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn is_member(&self, channel: ChannelId, who: &str) -> bool {
        self.channels.get(&channel).is_some_and(|channel| {
            channel.members.iter().any(|user| self.nicks.get(user).is_some_and(|nick| same_person(nick, who)))
        })
    }
}

fn same_person(one: &str, other: &str) -> bool {
    person(one).eq_ignore_ascii_case(person(other))
}

/// Compares everything that was seen with the log.
pub(crate) fn check(database: &Path, names: &[&str], watch: &mut Watch) {
    let rows = match rows(database) {
        Ok(rows) => rows,
        Err(error) => return watch.violate(Rule::Whole, format!("the log cannot be read: {error}")),
    };
    let mut seen_at: BTreeMap<Seq, Vec<Seen>> = BTreeMap::new();
    for seen in &watch.seen {
        seen_at.entry(seen.id.seq).or_default().push(seen.clone());
    }
    let words = Words::of(&rows);
    let mut places = Places::default();
    for row in &rows {
        if let Fact::Said { message, .. } = &row.fact {
            for seen in seen_at.remove(&row.seq).unwrap_or_default() {
                compare(row, &message.target, &seen, &words, watch);
                may_see(&places, message.sender.nick.as_str(), &message.target, &seen, names, watch);
            }
        }
        places.apply(&row.fact);
    }
    for seen in seen_at.into_values().flatten() {
        watch.violate(Rule::Kept, format!("client {} saw {seen:?}, and there is no such message", seen.client));
    }
    plain(&words, watch);
    accounts(database, watch);
    let refused: Vec<&String> = watch.refused.iter().filter(|text| words.said.contains_key(*text)).collect();
    if let Some(text) = refused.first() {
        let what = format!("{text:?} was refused, and is in the log");
        watch.violate(Rule::Refused, what);
    }
    // A classroom program has no ends of lines: what it says may come in pieces, and they may be alike.
    let whole = |text: &str| text.starts_with("words") && text.contains("of");
    if let Some((text, _)) = words.said.iter().find(|(text, times)| **times > 1 && whole(text)) {
        watch.violate(Rule::Once, format!("{text:?} is {} times in the log", words.said[text]));
    }
}

/// What was said, in all words that it had.
struct Words {
    said: BTreeMap<String, usize>,
    edits: BTreeMap<Seq, Vec<String>>,
    erased: BTreeSet<Seq>,
}

impl Words {
    fn of(rows: &[Row]) -> Self {
        let mut words = Self { said: BTreeMap::new(), edits: BTreeMap::new(), erased: BTreeSet::new() };
        for row in rows {
            match (&row.fact, &row.text) {
                (Fact::Said { .. }, Some(text)) if !text.is_empty() => {
                    *words.said.entry(text.clone()).or_default() += 1;
                }
                (Fact::Edited { original, .. }, Some(text)) => {
                    words.edits.entry(original.seq).or_default().push(text.clone());
                }
                (Fact::Redacted { message, .. }, _) => {
                    words.erased.insert(message.seq);
                }
                _ => {}
            }
        }
        words
    }
}

fn compare(row: &Row, target: &Target, seen: &Seen, words: &Words, watch: &mut Watch) {
    let where_to = match target {
        Target::Channel { name, .. } => name.as_str(),
        Target::User { nick, .. } => nick.as_str(),
    };
    let is_erased = words.erased.contains(&row.seq);
    let is_as_said = row.text.as_deref() == Some(&seen.text)
        || words.edits.get(&row.seq).is_some_and(|edits| edits.contains(&seen.text))
        || is_erased;
    if !is_as_said || row.at.to_string() != seen.time || !where_to.eq_ignore_ascii_case(&seen.target) {
        watch.violate(
            Rule::Kept,
            format!("client {} saw {seen:?}, and the log has {:?} to {where_to} at {}", seen.client, row.text, row.at),
        );
    }
    if row.text.is_none() && !is_erased {
        watch.violate(Rule::Kept, format!("the words of {seen:?} are gone, and nobody has taken them back"));
    }
}

fn may_see(places: &Places, sender: &str, target: &Target, seen: &Seen, names: &[&str], watch: &mut Watch) {
    let who = names[seen.client];
    let may = same_person(sender, who)
        || match (target, seen.how) {
            (Target::User { nick, .. }, _) => same_person(nick.as_str(), who),
            (Target::Channel { id, .. }, How::Live) => places.is_member(*id, who),
            (Target::Channel { id, .. }, How::History) => places.channels.get(id).is_none_or(|channel| {
                let was_there = places.ever.contains(&(channel.name.clone(), person(who).to_lowercase()));
                was_there || !channel.is_private()
            }),
        };
    if !may {
        watch.violate(Rule::Permission, format!("{who} saw {seen:?}, which was not for them"));
    }
}

/// Plain clients see no ids: their words must be in the log.
fn plain(words: &Words, watch: &mut Watch) {
    let edited: BTreeSet<&String> = words.edits.values().flatten().collect();
    let lost = watch
        .plain
        .iter()
        .find(|(_, text)| !words.said.contains_key(text) && !edited.contains(text) && words.erased.is_empty());
    if let Some((client, text)) = lost {
        let what = format!("plain client {client} saw {text:?}, and there is no such message");
        watch.violate(Rule::Kept, what);
    }
}

/// Whoever was told that they have an account, has one.
fn accounts(database: &Path, watch: &mut Watch) {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    for account in watch.accounts.clone() {
        let kept = Connection::open_with_flags_and_vfs(database, flags, vfs::NAME).and_then(|connection| {
            let query = "SELECT count(*) FROM rows WHERE kind = 'account' AND key = ?1";
            connection.query_row(query, [account.to_lowercase()], |row| row.get::<_, i64>(0))
        });
        if kept != Ok(1) {
            watch.violate(Rule::Kept, format!("the account {account} was made, and is not there: {kept:?}"));
        }
    }
}
