//! `loggia verify`: reads the whole database and says what is not as it was written.
//!
//! It reads one moment of the database (a read transaction), so that a running server is neither disturbed nor disturbs.

use std::collections::BTreeMap;
use std::path::Path;

use chat::event::Target;
use chat::fact::Fact;
use chat::history::{Happened, Pair, fresh_key};
use chat::ids::{LogId, Seq};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::{CHANNEL_PREFIX, ChannelName};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::disk::Disk;
use crate::error::StoreError;
use crate::index::{self, INDEX_FILE, IndexPath};
use crate::open::removed;
use crate::row::{self, BadRow, KEPT_COLUMNS, KeptRow};
use crate::schema::{self, DATABASE_FILE};
use crate::{connection, corrections, kept};

/// The most problems that are told one by one; more are counted.
const PROBLEMS_MAX: usize = 100;

/// What a look through the whole database has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Facts that were looked at.
    pub facts: u64,
    /// Happenings.
    pub happenings: u64,
    /// Direct messages.
    pub direct: u64,
    /// Messages that got other words.
    pub edits: u64,
    /// Rows of durable state.
    pub rows: u64,
    /// Messages in the index of words; `None` when there is none: it is made when the server starts.
    pub indexed: Option<u64>,
    /// What is wrong, where, and what that means; a sentence each. At most a hundred.
    pub problems: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

impl Report {
    /// Tells whether everything is as it was written.
    pub fn is_well(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, problem: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }
}

/// Looks through the database of a data directory.
///
/// # Errors
/// When it cannot be opened or is of another format. What is damaged inside is in the report.
pub fn verify(dir: &Path) -> Result<Report, StoreError> {
    verify_on(&Disk::default(), dir)
}

/// Does [`verify`] on another disk.
///
/// # Errors
/// Those of [`verify`].
pub fn verify_on(disk: &Disk, dir: &Path) -> Result<Report, StoreError> {
    let path = dir.join(DATABASE_FILE);
    let failed = |source| StoreError::database("verify", &path, source);
    let connection = connection::looking(&path, disk).map_err(failed)?;
    schema::expect_newest(&*disk.files, &connection, &path)?;
    connection.execute_batch("BEGIN").map_err(failed)?;
    let mut report = Report::default();
    let checks: [(&str, Check); 6] = [
        ("the file", the_file),
        ("the facts", facts),
        ("what happened in channels", happenings),
        ("edits and direct messages", strays),
        ("durable state", durable_state),
        ("the count of what is kept", kept_bytes),
    ];
    for (what, check) in checks {
        if let Err(error) = check(&connection, &mut report) {
            report.note(format!("{what} cannot be read to the end ({error}): restore a backup"));
        }
    }
    the_index(disk, dir, &path, &mut report);
    Ok(report)
}

/// Compares the index of words with the log; it can be lost, so nothing that is wrong with it needs a backup.
fn the_index(disk: &Disk, dir: &Path, path: &Path, report: &mut Report) {
    let before = (report.problems.len(), report.more);
    let checked = connection::looking(path, disk).and_then(|log| {
        let log_id = schema::meta_number(&log, "log_id")?.and_then(|id| u64::try_from(id).ok()).map_or(LogId(0), LogId);
        let mapping = casemapping(&log)?;
        index::check(&IndexPath::new(dir, disk.clone()), &log, log_id, mapping, &mut |problem| report.note(problem))
    });
    match checked {
        Ok(indexed) => report.indexed = indexed,
        Err(error) => report.note(format!("the index of words cannot be read to the end: {error}")),
    }
    if (report.problems.len(), report.more) != before {
        report.note(format!(
            "the index of words is made anew from the log when the server starts without it: stop the server, remove {INDEX_FILE}*"
        ));
    }
}

/// Reads how names are compared.
fn casemapping(connection: &Connection) -> rusqlite::Result<CaseMapping> {
    let name: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0)).optional()?;
    Ok(name.as_deref().and_then(CaseMapping::from_isupport).unwrap_or_default())
}

type Check = fn(&Connection, &mut Report) -> rusqlite::Result<()>;

fn the_file(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?;
    let mut found = statement.query([])?;
    while let Some(found) = found.next()? {
        let found: String = found.get(0)?;
        if found != "ok" {
            report.note(format!("the file is damaged: {found}: answers may lack what stood there; restore a backup"));
        }
    }
    Ok(())
}

fn facts(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    Facts::look(connection, report)
}

/// The walk through all facts.
struct Facts<'a> {
    connection: &'a Connection,
    report: &'a mut Report,
    casemapping: CaseMapping,
    /// The keys of channels at this place of the log. Where the log's beginning was removed, those that were not seen yet
    /// are taken from the rows.
    keys: BTreeMap<String, String>,
    begins_at_the_beginning: bool,
}

impl<'a> Facts<'a> {
    fn look(connection: &'a Connection, report: &'a mut Report) -> rusqlite::Result<()> {
        let casemapping = casemapping(connection)?;
        let (mut last, _, mut chain) = removed(connection)?;
        // Times go forward in each channel, and in all else; what was imported may be earlier than what stands elsewhere.
        let mut newest: BTreeMap<Option<String>, Timestamp> = BTreeMap::new();
        let begins_at_the_beginning = last == Seq::ZERO;
        let mut walk = Self { connection, report, casemapping, keys: BTreeMap::new(), begins_at_the_beginning };
        let sql = format!("SELECT {KEPT_COLUMNS}, channel FROM facts ORDER BY seq");
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(columns) = rows.next()? {
            let row = KeptRow::read(columns)?;
            let place: Option<String> = columns.get("channel")?;
            walk.report.facts += 1;
            let seq = row.seq;
            if seq <= last {
                walk.report.note(format!("fact {} stands in a place that was removed or given before", seq.0));
            }
            let before = newest.entry(place.clone()).or_insert(row.at);
            if row.at < *before {
                walk.report
                    .note(format!("fact {} is earlier than the one before it: pages by time may lack it", seq.0));
            }
            *before = row.at;
            if row::chained(chain, row.row_check) != row.chain {
                walk.report.note(format!(
                    "the chain of checksums is broken before fact {}: facts were removed, added or changed there",
                    seq.0
                ));
            }
            (last, chain) = (seq, row.chain);
            walk.fact(row, place.as_deref())?;
        }
        walk.keys()
    }

    fn fact(&mut self, row: KeptRow, place: Option<&str>) -> rusqlite::Result<()> {
        let (seq, is_whole, has_text) = (row.seq, row.is_whole(), row.text.is_some());
        let Some(fact) = row.fact() else {
            let why = if is_whole { "cannot be read" } else { "is not as it was written" };
            self.report.note(format!("fact {} {why}: it is not shown to anybody", seq.0));
            return Ok(());
        };
        let mut expected_pair = None;
        match &fact {
            Fact::Said { message, .. } => {
                expected_pair = Pair::of(message, self.casemapping);
                if let Target::Channel { name, rank, .. } = &message.target {
                    self.place(seq, name, &row::rank_prefix(*rank), place);
                } else if place.is_some() {
                    self.report.note(format!("fact {} stands in a channel and was said to a person", seq.0));
                }
            }
            Fact::ChannelRenamed { old, name, .. } => self.renamed(seq, old, name),
            Fact::Edited { original, .. } => self.edit(seq, original.seq, has_text)?,
            Fact::Redacted { message, .. } => self.correction(seq, message.seq)?,
            _ => {}
        }
        self.direct(seq, expected_pair.as_ref())
    }

    fn place(&mut self, seq: Seq, name: &ChannelName, rank: &str, place: Option<&str>) {
        let folded = name.folded(self.casemapping).as_str().to_owned();
        let found = place.and_then(|place| place.strip_prefix(rank)).filter(|key| key.starts_with(CHANNEL_PREFIX));
        let is_known = self.begins_at_the_beginning || self.keys.contains_key(&folded);
        let expected = match (is_known, found) {
            (false, Some(found)) => self.keys.entry(folded.clone()).or_insert_with(|| found.to_owned()),
            _ => self.keys.entry(folded.clone()).or_insert(folded),
        };
        if found != Some(expected.as_str()) {
            let expected = expected.clone();
            self.report.note(format!(
                "fact {} was said in {expected} and stands in {}: it is missing where it is looked for",
                seq.0,
                place.unwrap_or("no channel")
            ));
        }
    }

    fn renamed(&mut self, seq: Seq, old: &ChannelName, new: &ChannelName) {
        let (old, new) = (old.folded(self.casemapping), new.folded(self.casemapping));
        if old == new {
            return;
        }
        match self.keys.get(old.as_str()).cloned() {
            Some(key) => drop(self.keys.insert(new.as_str().to_owned(), key)),
            None if self.begins_at_the_beginning => {
                self.keys.insert(new.as_str().to_owned(), old.as_str().to_owned());
            }
            None => drop(self.keys.remove(new.as_str())),
        }
        self.keys.insert(old.as_str().to_owned(), fresh_key(&old, seq));
    }

    /// What the walk has come to must be what the table says.
    fn keys(self) -> rusqlite::Result<()> {
        let Self { connection, report, keys, .. } = self;
        for (name, expected) in keys {
            let found = crate::channel_keys::key(connection, &name)?;
            if found != expected {
                report.note(format!("the past of {name} stands under {expected} and is looked for under {found}"));
            }
        }
        Ok(())
    }

    /// An edit whose words are there must be found from its message.
    fn edit(&mut self, seq: Seq, message: Seq, has_text: bool) -> rusqlite::Result<()> {
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT message FROM edits WHERE seq = ?1")?
            .query_row([row::seq_column(seq)], |row| row.get(0))
            .optional()?;
        self.report.edits += u64::from(found.is_some());
        let expected = Some(row::seq_column(message));
        if found != expected && (has_text || found.is_some()) {
            self.report.note(format!("fact {} gives fact {} other words, which are not shown", seq.0, message.0));
        }
        if found.is_some() { self.correction(seq, message) } else { Ok(()) }
    }

    /// What was edited or taken back must be found from where it was said.
    fn correction(&mut self, seq: Seq, message: Seq) -> rusqlite::Result<()> {
        if !corrections::is_noted(self.connection, row::seq_column(seq), row::seq_column(message))? {
            self.report.note(format!(
                "fact {} edits or takes back fact {}: who was away is not told, or others are",
                seq.0, message.0
            ));
        }
        Ok(())
    }

    fn direct(&mut self, seq: Seq, expected: Option<&Pair>) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sender_owner, sender_peer, sender_nick, receiver_owner, receiver_peer, receiver_nick
             FROM direct WHERE seq = ?1",
        )?;
        let found = statement
            .query_row([row::seq_column(seq)], |row| {
                (0..6).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<String>>>()
            })
            .optional()?;
        self.report.direct += u64::from(found.is_some());
        let expected = expected.map(|Pair { sender, receiver }| {
            [&sender.owner, &sender.peer, &sender.nick, &receiver.owner, &receiver.peer, &receiver.nick]
                .map(std::string::ToString::to_string)
                .to_vec()
        });
        if found != expected {
            self.report.note(format!(
                "fact {}: whose direct message it is does not agree with what was said: it is missing for them, or shown to others",
                seq.0
            ));
        }
        Ok(())
    }
}

fn happenings(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT h.seq, h.at, h.data, h.text, h.text_check, h.row_check, f.at
         FROM happenings h LEFT JOIN facts f ON f.seq = h.seq ORDER BY h.seq",
    )?;
    let mut channels = connection.prepare("SELECT count(*) FROM happenings_of_channel WHERE seq = ?1")?;
    let mut rows = statement.query([])?;
    while let Some(columns) = rows.next()? {
        report.happenings += 1;
        let (seq, at): (i64, i64) = (columns.get(0)?, columns.get(1)?);
        let Some(happening) = row::happening(columns)? else {
            report.note(format!("what happened with fact {seq} is not as it was written: it is not shown to anybody"));
            continue;
        };
        if columns.get::<_, Option<i64>>(6)? != Some(at) {
            report.note(format!("what happened with fact {seq} has no fact of its time"));
        }
        let places: i64 = channels.query_row([seq], |row| row.get(0))?;
        let in_one = !matches!(happening.what, Happened::Quit | Happened::NickChanged { .. });
        if places == 0 || (in_one && places != 1) {
            report.note(format!("what happened with fact {seq} stands in {places} channels"));
        }
    }
    Ok(())
}

/// Looks for rows that belong to nothing.
fn strays(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    for (table, belongs, what) in [
        ("edits", "SELECT 1 FROM facts WHERE facts.seq = edits.seq AND facts.kind = 'edited'", "an edit"),
        (
            "corrections",
            "SELECT 1 FROM facts WHERE facts.seq = corrections.seq AND facts.kind IN ('edited', 'redacted')",
            "a correction",
        ),
        ("direct", "SELECT 1 FROM facts WHERE facts.seq = direct.seq AND facts.kind = 'said'", "a direct message"),
        (
            "happenings_of_channel",
            "SELECT 1 FROM happenings h WHERE h.seq = happenings_of_channel.seq",
            "what happened",
        ),
    ] {
        let mut statement =
            connection.prepare(&format!("SELECT seq FROM {table} WHERE NOT EXISTS ({belongs}) LIMIT ?1"))?;
        let mut stray = statement.query(params![i64::try_from(PROBLEMS_MAX).unwrap_or(i64::MAX)])?;
        while let Some(stray) = stray.next()? {
            report.note(format!("{what} at place {} belongs to nothing", stray.get::<_, i64>(0)?));
        }
    }
    Ok(())
}

fn durable_state(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT kind, key, data, row_check FROM rows ORDER BY kind, key")?;
    let mut rows = statement.query([])?;
    while let Some(columns) = rows.next()? {
        report.rows += 1;
        let Err(bad) = row::durable(columns)? else { continue };
        let advice = match bad {
            BadRow::Changed(_) => "restore a backup",
            BadRow::Unknown(..) => "use the newer version of loggia that has written it",
        };
        report.note(format!("{bad}: the server does not start with it; {advice}"));
    }
    Ok(())
}

fn kept_bytes(connection: &Connection, report: &mut Report) -> rusqlite::Result<()> {
    let (noted, counted) = (kept::bytes(connection)?, kept::count(connection)?);
    if noted != counted {
        report.note(format!(
            "{noted} bytes are noted as kept and {counted} are there: `history.retention_bytes` is not held exactly"
        ));
    }
    Ok(())
}

impl std::fmt::Display for Report {
    /// What was looked at, then what is wrong, a line each.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { facts, happenings, direct, edits, rows, indexed, problems, more } = self;
        write!(
            f,
            "looked at {facts} facts, {happenings} happenings, {direct} direct messages, {edits} edits, {rows} rows of durable state, "
        )?;
        match indexed {
            Some(messages) => write!(f, "{messages} messages in the index of words")?,
            None => write!(f, "no index of words: it is made when the server starts")?,
        }
        for problem in problems {
            write!(f, "\n{problem}")?;
        }
        if *more > 0 {
            write!(f, "\nand {more} more")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_problems_than_can_be_read_are_counted() {
        let mut report = Report::default();
        for number in 0..PROBLEMS_MAX + 7 {
            report.note(format!("problem {number}"));
        }
        assert_eq!((report.problems.len(), report.more, report.is_well()), (PROBLEMS_MAX, 7, false));
        assert!(report.to_string().ends_with("problem 99\nand 7 more"));
    }
}
