//! What is erased or changed in the log is noted for the index: it needs the words it has in order to take them out.

use rusqlite::Transaction;

/// Notes the newest text of what was said, if it has one, before it is changed or erased. Tells whether it had one.
///
/// Whoever erases texts calls this first, in the same transaction. The note is gone as soon as the index is without these
/// words.
pub(crate) fn note(transaction: &Transaction<'_>, said: i64) -> rusqlite::Result<bool> {
    Ok(note_all(transaction, "newest.seq = ?1", said)? > 0)
}

/// Notes the newest texts of all that was said up to a place.
pub(crate) fn note_through(transaction: &Transaction<'_>, last: i64) -> rusqlite::Result<()> {
    note_all(transaction, "newest.seq <= ?1", last).map(drop)
}

fn note_all(transaction: &Transaction<'_>, which: &str, said: i64) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(&format!(
            "INSERT INTO to_forget (said, channel, data, text)
             SELECT facts.seq, facts.channel, facts.data, newest.text
             FROM newest_texts newest JOIN facts ON facts.seq = newest.seq WHERE {which}"
        ))?
        .execute([said])
}
