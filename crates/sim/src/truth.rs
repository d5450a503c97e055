//! The log as it stands at the end, and whether what was seen agrees with it.

mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chat::event::Target;
use chat::fact::Fact;
use chat::ids::Seq;
use chat::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::complete::{Place, Said};
use crate::plan::Retention;
use crate::settings::{HISTORY_MESSAGES, ROOM};
use crate::vfs;
use crate::watch::{How, Rule, Seen, Watch};
use places::Places;
pub(crate) use places::person;
use places::same_person;

/// A fact, its place and its time.
struct Row {
    seq: Seq,
    at: Timestamp,
    fact: Fact,
    /// `None` when there never was one, or it was taken back.
    text: Option<String>,
    /// As `docs/history.md` counts them.
    bytes: u64,
}

fn rows(database: &Path) -> rusqlite::Result<Vec<Row>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags_and_vfs(database, flags, vfs::NAME)?;
    let mut statement = connection.prepare(
        "SELECT f.seq, f.at, f.data, f.text, coalesce(octet_length(h.data) + coalesce(octet_length(h.text), 0), 0)
         FROM facts f LEFT JOIN happenings h ON h.seq = f.seq ORDER BY f.seq",
    )?;
    let rows = statement.query_map([], |row| {
        let (data, text): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        let seen_bytes = u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0);
        let bytes = (data.len() + text.as_ref().map_or(0, String::len)) as u64 + seen_bytes;
        let fact = serde_json::from_str(&data).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
        })?;
        let seq = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
        Ok(Row { seq: Seq(seq), at: Timestamp(row.get(1)?), fact, text, bytes })
    })?;
    rows.collect()
}

/// What of history was to be kept, at the end.
pub(crate) struct Kept {
    pub(crate) retention: Option<Retention>,
    pub(crate) now: Timestamp,
}

/// Compares everything that was seen with the log.
pub(crate) fn check(database: &Path, kept: &Kept, names: &[&str], watch: &mut Watch) {
    let rows = match rows(database) {
        Ok(rows) => rows,
        Err(error) => return watch.violate(Rule::Whole, format!("the log cannot be read: {error}")),
    };
    let mut seen_at: BTreeMap<Seq, Vec<Seen>> = BTreeMap::new();
    for seen in &watch.seen {
        seen_at.entry(seen.id.seq).or_default().push(seen.clone());
    }
    let words = Words::of(&rows);
    let removed = removed_accounts(&rows, watch);
    let mut places = Places::default();
    let is_whole = begins_at_the_beginning(&rows);
    for row in &rows {
        if let Fact::Said { message, .. } = &row.fact {
            for seen in seen_at.remove(&row.seq).unwrap_or_default() {
                let is_removed = removed.said.contains(&row.seq);
                if is_removed {
                    watch.gone.insert(seen.text.clone());
                }
                let is_removed = is_removed || removed.edited.contains(&row.seq);
                compare(row, &message.target, &seen, &words, is_removed, watch);
                if !is_whole {
                    // Where everybody was is not known.
                    continue;
                }
                may_see(&places, message.sender.nick().as_str(), &message.target, &seen, names, watch);
            }
        }
        places.apply(row.seq, &row.fact);
    }
    if is_whole {
        markers(&words, watch);
    }
    watch.counts.resumed = watch.complete.shown();
    newest_words(&rows, &words, &places.ever_private, &removed, watch);
    complete(&rows, &places, names, is_whole, watch);
    found(&rows, &words, watch);
    promised(&rows, &words, kept.retention.is_some(), watch);
    let begins = rows.first().map_or(Seq(u64::MAX), |row| row.seq);
    for seen in seen_at.into_values().flatten().filter(|seen| seen.id.seq > begins || !kept.may_be_gone(&seen.time)) {
        watch.violate(Rule::Kept, format!("client {} saw {seen:?}, and there is no such message", seen.client));
    }
    kept.check(&rows, watch);
    if kept.retention.is_none() && removed.said.is_empty() && removed.edited.is_empty() {
        lines(&words, watch);
    }
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

impl Kept {
    /// Tells whether what happened at a time may have been removed.
    fn may_be_gone(&self, time: &str) -> bool {
        match self.retention {
            None => false,
            Some(Retention::Age(age)) => *time < *Retention::since(self.now, age).to_string(),
            Some(Retention::Bytes(_)) => true,
        }
    }

    /// What is too old or too much is not there, and no more is gone than that.
    fn check(&self, rows: &[Row], watch: &mut Watch) {
        /// What is removed while a server stops is removed when it is started again.
        const LATE: Duration = Duration::from_secs(10);
        /// What is recorded when everybody leaves at the end.
        const LAST_BYTES: u64 = 20_000;
        let bytes = rows.iter().map(|row| row.bytes).sum::<u64>();
        match self.retention {
            None if !begins_at_the_beginning(rows) => watch.violate(Rule::Kept, "the beginning of the log is gone"),
            Some(Retention::Age(age)) => {
                let since = Retention::since(self.now, age + LATE);
                if let Some(row) = rows.first().filter(|row| row.at < since) {
                    watch.violate(Rule::Erased, format!("{} is there, and nothing before {since} should be", row.at));
                }
            }
            Some(Retention::Bytes(most)) if bytes > most + LAST_BYTES => {
                watch.violate(Rule::Erased, format!("{bytes} bytes are kept, and {most} should be"));
            }
            // What was removed last did not fit any more; what was erased since made room again.
            Some(Retention::Bytes(most)) if !begins_at_the_beginning(rows) && bytes + room(rows) < most => {
                watch.violate(Rule::Kept, format!("only {bytes} bytes are kept, and up to {most} should be"));
            }
            None | Some(Retention::Bytes(_)) => {}
        }
    }
}

/// Returns how much smaller the log may be than it was when something was removed for the last time, and what was removed then.
fn room(rows: &[Row]) -> u64 {
    /// The longest message with its later words, and what people saw of it.
    const MESSAGE_BYTES_MAX: u64 = 3000;
    /// The longest text.
    const TEXT_BYTES_MAX: u64 = 2000;
    let has_text = |fact: &Fact| matches!(fact, Fact::Said { .. } | Fact::Edited { .. } | Fact::TopicSet { .. });
    let may_be_erased = |row: &&Row| row.text.is_none() && has_text(&row.fact);
    MESSAGE_BYTES_MAX + rows.iter().filter(may_be_erased).count() as u64 * TEXT_BYTES_MAX
}

/// Tells whether nothing has been removed.
fn begins_at_the_beginning(rows: &[Row]) -> bool {
    rows.first().is_none_or(|row| row.seq == Seq(1))
}

/// What was said from accounts that are no more.
#[derive(Default)]
struct Removed {
    said: BTreeSet<Seq>,
    /// What was given other words from them; it may have been said before there was an account.
    edited: BTreeSet<Seq>,
}

/// Finds what was said from accounts that are no more: its words must be gone.
fn removed_accounts(rows: &[Row], watch: &mut Watch) -> Removed {
    let mut removed = Removed::default();
    let removals = rows.iter().filter_map(|row| match &row.fact {
        Fact::AccountRemoved { account, .. } => Some((row.seq, account)),
        _ => None,
    });
    for (through, account) in removals {
        for row in rows.iter().take_while(|row| row.seq < through) {
            let (Fact::Said { message, .. } | Fact::Edited { message, .. }) = &row.fact else { continue };
            if message.sender.account.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(account)) {
                match &row.fact {
                    Fact::Edited { original, .. } => removed.edited.insert(original.seq),
                    _ => removed.said.insert(row.seq),
                };
                if row.text.is_some() {
                    let what = format!("{:?} is there, and the account {account} is not", row.text);
                    watch.violate(Rule::Erased, what);
                }
            }
        }
    }
    removed
}

/// What was said, in all words that it had.
struct Words {
    said: BTreeMap<String, usize>,
    edits: BTreeMap<Seq, Vec<String>>,
    erased: BTreeSet<Seq>,
    /// Names that a channel has had or has got.
    renamed: BTreeSet<String>,
}

impl Words {
    fn of(rows: &[Row]) -> Self {
        let mut words =
            Self { said: BTreeMap::new(), edits: BTreeMap::new(), erased: BTreeSet::new(), renamed: BTreeSet::new() };
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
                (Fact::ChannelRenamed { old, name, .. }, _) => {
                    words.renamed.extend([old, name].map(|name| name.as_str().to_lowercase()));
                }
                _ => {}
            }
        }
        words
    }

    /// Returns the words that a message has now.
    fn newest<'w>(&'w self, row: &'w Row) -> Option<&'w String> {
        self.edits.get(&row.seq).and_then(|edits| edits.last()).or(row.text.as_ref())
    }
}

/// A read marker goes back only where another room has got the name.
fn markers(words: &Words, watch: &mut Watch) {
    for (room, what) in core::mem::take(&mut watch.went_back) {
        if !words.renamed.contains(&room) {
            watch.violate(Rule::Kept, what);
        }
    }
}

fn compare(row: &Row, target: &Target, seen: &Seen, words: &Words, is_removed: bool, watch: &mut Watch) {
    let where_to = match target {
        Target::Channel { name, .. } => name.as_str(),
        Target::User { nick, .. } => nick.as_str(),
    };
    let is_erased = is_removed || words.erased.contains(&row.seq);
    let is_seen = |text: &String| {
        let shown = if seen.is_whole { Some(&**text) } else { text.lines().next() };
        shown == Some(&*seen.text)
    };
    let mut all_words = row.text.iter().chain(words.edits.get(&row.seq).into_iter().flatten());
    let is_as_said = all_words.any(is_seen) || is_erased;
    // History is told under the name that the channel has by then.
    let was_renamed = [where_to, &seen.target].iter().all(|name| words.renamed.contains(&name.to_lowercase()));
    let is_there = where_to.eq_ignore_ascii_case(&seen.target) || (was_renamed && seen.how != How::Live);
    if !is_as_said || row.at.to_string() != seen.time || !is_there {
        watch.violate(
            Rule::Kept,
            format!("client {} saw {seen:?}, and the log has {:?} to {where_to} at {}", seen.client, row.text, row.at),
        );
    }
    if row.text.is_none() && !is_erased {
        watch.violate(Rule::Kept, format!("the words of {seen:?} are gone, and nobody has taken them back"));
    }
}

/// Who is at rest shows the words that messages have now.
fn newest_words(rows: &[Row], words: &Words, ever_private: &BTreeSet<String>, removed: &Removed, watch: &mut Watch) {
    let row_of = |seq| rows.binary_search_by_key(&seq, |row| row.seq).ok().map(|place| &rows[place]);
    // Who comes back to a channel that is private by then is not told what became of its past.
    let may_be_old = |seen: &Seen| {
        let seq = seen.id.seq;
        let is_gone = words.erased.contains(&seq) || removed.said.contains(&seq) || removed.edited.contains(&seq);
        is_gone || ever_private.contains(&seen.target)
    };
    let at_rest = watch.seen.iter().filter(|seen| seen.how == How::AtRest && !may_be_old(seen));
    let mut old = at_rest.filter(|seen| row_of(seen.id.seq).is_some_and(|row| words.newest(row) != Some(&seen.text)));
    if let Some(seen) = old.next() {
        let what = format!("client {} shows {seen:?} at the end, and its newest words are others", seen.client);
        watch.violate(Rule::Complete, what);
    }
}

fn may_see(places: &Places, sender: &str, target: &Target, seen: &Seen, names: &[&str], watch: &mut Watch) {
    let who = names[seen.client];
    let may = same_person(sender, who)
        || match (target, seen.how) {
            (Target::User { nick, .. }, _) => same_person(nick.as_str(), who),
            (Target::Channel { name, .. }, How::Live) => places.is_member(name.as_str(), who),
            (Target::Channel { name, .. }, How::History | How::Resumed | How::AtRest) => {
                places.may_read(name.as_str(), who)
            }
        };
    if !may {
        watch.violate(Rule::Permission, format!("{who} saw {seen:?}, which was not for them"));
    }
}

/// Nobody who shows everything in its place has left something out.
fn complete(rows: &[Row], places: &Places, names: &[&str], is_whole: bool, watch: &mut Watch) {
    watch.complete.shorten(&places.breaks, |client| person(names[client]).to_owned());
    let mut then = Places::default();
    for row in rows {
        if let (Fact::Said { message, .. }, Some(_)) = (&row.fact, &row.text) {
            let sender = message.sender.nick().as_str();
            let account =
                |account: &Option<Arc<str>>, who| account.as_deref().is_some_and(|account| same_person(account, who));
            let said = match &message.target {
                Target::Channel { rank: Some(_), .. } => None,
                // Where everybody was is not known; but all are in the room.
                Target::Channel { name, .. } if !is_whole && name.as_str() != ROOM => None,
                Target::Channel { name, .. } => {
                    let name = name.as_str().to_lowercase();
                    // Who comes back to a channel that is private by then may not be let into its past.
                    let was_public = !places.ever_private.contains(&name);
                    let was_there = |client: usize| was_public || then.is_member(&name, names[client]);
                    watch.complete.who_missed(&Said {
                        seq: row.seq,
                        place: Place::Channel(name.clone()),
                        was_there: &was_there,
                    })
                }
                Target::User { account: to, .. } => {
                    let is_theirs = |client: usize| {
                        let who = names[client];
                        account(to, who) || account(&message.sender.account, who) && same_person(sender, who)
                    };
                    watch.complete.who_missed(&Said { seq: row.seq, place: Place::Direct, was_there: &is_theirs })
                }
            };
            if let Some(held) = said {
                let what = format!(
                    "{} has not shown {} ({:?} to {}), and says that it has shown everything: {held:?}",
                    names[held.client],
                    row.seq.0,
                    row.text,
                    message.target.shown()
                );
                return watch.violate(Rule::Complete, what);
            }
        }
        then.apply(row.seq, &row.fact);
    }
}

/// Whoever has searched at the end has found everything that stands in the room, and nothing that does not.
fn found(rows: &[Row], words: &Words, watch: &mut Watch) {
    let is_in_the_room = |row: &&Row| {
        let Fact::Said { message, .. } = &row.fact else { return false };
        matches!(&message.target, Target::Channel { name, rank: None, .. } if name.as_str().eq_ignore_ascii_case(ROOM))
            && !words.erased.contains(&row.seq)
            && words.newest(row).is_some_and(|text| text.split([' ', '_']).any(|word| word.starts_with("words")))
    };
    let mut expected: Vec<Seq> = rows.iter().filter(is_in_the_room).map(|row| row.seq).collect();
    expected.drain(..expected.len().saturating_sub(HISTORY_MESSAGES));
    let expected = BTreeSet::from_iter(expected);
    let begins = rows.first().map_or(Seq(u64::MAX), |row| row.seq);
    for (client, found) in &watch.searched {
        // What was too old or too much has been removed since.
        let found: BTreeSet<Seq> = found.range(begins..).copied().collect();
        if found != expected {
            let (missing, more) = (expected.difference(&found).count(), found.difference(&expected).count());
            let what =
                format!("client {client} searches at the end: {missing} are not found, and {more} should not be");
            return watch.violate(Rule::Complete, what);
        }
    }
}

/// What was acknowledged is there.
fn promised(rows: &[Row], words: &Words, may_be_gone: bool, watch: &mut Watch) {
    let begins = rows.first().map_or(Seq(u64::MAX), |row| row.seq);
    for (id, text) in std::mem::take(&mut watch.promised) {
        let row = rows.binary_search_by_key(&id.seq, |row| row.seq).map(|place| &rows[place]);
        let is_there = row.is_ok_and(|row| row.text.as_ref().is_none_or(|kept| *kept == text));
        if !is_there && !words.erased.contains(&id.seq) && (id.seq >= begins || !may_be_gone) {
            return watch.violate(Rule::Kept, format!("{text:?} was said to be kept as {id}, and is not"));
        }
    }
}

/// What comes line by line has no ids: the words must be in the log.
fn lines(words: &Words, watch: &mut Watch) {
    let all: BTreeSet<&str> =
        words.said.keys().chain(words.edits.values().flatten()).flat_map(|text| text.lines()).collect();
    let lost = watch.lines.iter().find(|(_, text)| !all.contains(&**text) && words.erased.is_empty());
    if let Some((client, text)) = lost {
        let what = format!("client {client} saw {text:?}, and there is no such message");
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
