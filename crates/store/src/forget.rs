//! What is erased or changed in the log is noted for the index: it needs the words it has in order to take them out.

use rusqlite::Transaction;

/// Notes the newest text of what was said, if it has one, before it is changed or erased. Tells whether it had one.
///
/// Whoever erases texts calls this first, in the same transaction. The note is gone as soon as the index is without these
/// words.
pub(crate) fn note(transaction: &Transaction<'_>, said: i64) -> rusqlite::Result<bool> {
    let noted = transaction
        .prepare_cached(
            "INSERT INTO to_forget (said, channel, data, text)
             SELECT facts.seq, facts.channel, facts.data, newest.text
             FROM newest_texts newest JOIN facts ON facts.seq = newest.seq WHERE newest.seq = ?1",
        )?
        .execute([said])?;
    Ok(noted > 0)
}
