//! How much is kept, and the erasing of texts, which makes it less.
//!
//! `kept_bytes` in the table `meta` is the sum of [`row::size`] over all facts and happenings, changed in
//! the transactions that write, erase and remove them.

use chat::ids::Seq;
use rusqlite::{Connection, Transaction};

use crate::row;

/// Returns how many bytes are kept.
pub(crate) fn bytes(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT value FROM meta WHERE name = 'kept_bytes'")?.query_row([], |row| row.get(0))
}

/// Adds to it; what is less than nothing takes from it.
pub(crate) fn add(transaction: &Transaction<'_>, bytes: i64) -> rusqlite::Result<()> {
    transaction.prepare_cached("UPDATE meta SET value = value + ?1 WHERE name = 'kept_bytes'")?.execute([bytes])?;
    Ok(())
}

/// Notes that no fact gets this place, or one before it, though none stands there.
pub(crate) fn raise_high_water(transaction: &Transaction<'_>, through: Seq) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE meta SET value = max(value, ?1) WHERE name = 'high_water'")?
        .execute([row::seq_column(through)])?;
    Ok(())
}

/// Lets the next fact stand behind every place that a process may have given after this database was copied: there are
/// 2^32 places between, more facts than a server writes in its life.
pub(crate) fn go_on_far_behind(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE meta SET value = ((max(value, (SELECT coalesce(max(seq), 0) FROM facts),
                                       (SELECT coalesce(max(seq), 0) FROM happenings)) >> 32) + 1) << 32
         WHERE name = 'high_water'",
        [],
    )?;
    Ok(())
}

/// Counts it anew, row by row.
pub(crate) fn count(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT (SELECT coalesce(sum(octet_length(data) + coalesce(octet_length(text), 0)), 0) FROM facts)
              + (SELECT coalesce(sum(octet_length(data) + coalesce(octet_length(text), 0)), 0) FROM happenings)",
        [],
        |row| row.get(0),
    )
}

/// Erases the text of a fact, and of what people saw of it. The checksums stay, so that it is known to be erased and not
/// lost. Returns how many bytes that were.
pub(crate) fn erase_text(transaction: &Transaction<'_>, seq: i64) -> rusqlite::Result<i64> {
    let mut erased = 0;
    for table in ["facts", "happenings"] {
        let of = |what: &str| format!("{what} WHERE seq = ?1 AND text IS NOT NULL");
        let mut bytes = transaction.prepare_cached(&of(&format!("SELECT octet_length(text) FROM {table}")))?;
        if let Some(bytes) = bytes.query_map([seq], |row| row.get::<_, i64>(0))?.next() {
            erased += bytes?;
            transaction.prepare_cached(&of(&format!("UPDATE {table} SET text = NULL")))?.execute([seq])?;
        }
    }
    Ok(erased)
}
