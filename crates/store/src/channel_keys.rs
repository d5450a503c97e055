//! Under which key a channel's past stands in the column `channel`: its folded name, unless it was renamed or another
//! channel had the name before. The rule is `chat`'s, see [`chat::history::ChannelKeys`].

use chat::history::fresh_key;
use chat::ids::Seq;
use irc::casemap::{CaseMapping, Folded};
use irc::names::CHANNEL_PREFIX;
use rusqlite::{Connection, OptionalExtension as _, Transaction};

/// Returns the key of a folded name.
pub(crate) fn key(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    let key = connection
        .prepare_cached("SELECT key FROM channel_keys WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(key.unwrap_or_else(|| name.to_owned()))
}

/// Gives the past of one name to another, and the first a new one.
pub(crate) fn rename(transaction: &Transaction<'_>, old: &Folded, new: &Folded, at: Seq) -> rusqlite::Result<()> {
    if old == new {
        return Ok(());
    }
    let key = key(transaction, old.as_str())?;
    let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO channel_keys (name, key) VALUES (?1, ?2)")?;
    put.execute([new.as_str(), &key])?;
    put.execute([old.as_str(), &fresh_key(old, at)])?;
    Ok(())
}

/// Folds a key anew. `shown` is the name of its channel at some time.
pub(crate) fn refold(key: &str, shown: &str, was: CaseMapping, is: CaseMapping) -> String {
    let (rank, rest) = key.split_at(key.find(CHANNEL_PREFIX).unwrap_or(0));
    let (name, number) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    // What was said under a later name keeps the first one's key.
    let name = if was.fold(shown).as_str() == name { is.fold(shown) } else { is.fold(name) };
    format!("{rank}{}{number}", name.as_str())
}
