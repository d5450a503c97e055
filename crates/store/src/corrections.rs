//! What was edited or taken back, found from the conversation that it was said in: what somebody asks for who was away.
//!
//! The table `corrections` says nothing that facts do not say too. It is there because a channel in which nothing was said
//! must not be looked for among everybody's corrections.

use rusqlite::{Connection, Transaction, params_from_iter};

/// The places from which corrections of what was said at `?1` are found.
const PLACES_OF_1: &str = "SELECT channel AS place FROM facts WHERE seq = ?1 AND channel GLOB '#*'
     UNION SELECT sender_owner FROM direct WHERE seq = ?1
     UNION SELECT receiver_owner FROM direct WHERE seq = ?1";

/// Notes that the fact at `seq` has edited or taken back what was said at a place.
pub(crate) fn note(transaction: &Transaction<'_>, seq: i64, said: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(&format!(
            "INSERT INTO corrections (place, seq, message) SELECT place, ?2, ?1 FROM ({PLACES_OF_1})"
        ))?
        .execute([said, seq])?;
    Ok(())
}

/// Tells whether exactly that is noted.
pub(crate) fn is_noted(connection: &Connection, seq: i64, said: i64) -> rusqlite::Result<bool> {
    let places = |sql: &str, values: &[i64]| {
        let mut statement = connection.prepare_cached(&format!("{sql} ORDER BY place"))?;
        statement.query_map(params_from_iter(values), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    let noted = places("SELECT place FROM corrections WHERE message = ?1 AND seq = ?2", &[said, seq])?;
    Ok(noted == places(PLACES_OF_1, &[said])?)
}

/// From format 8 to 9: a table by place, instead of one of all that was taken back.
pub(crate) fn in_a_table_by_place(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE corrections (
             place TEXT NOT NULL, seq INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (place, seq)
         ) WITHOUT ROWID;
         CREATE INDEX corrections_of_message ON corrections (message);
         WITH corrected AS (SELECT seq, message FROM edits UNION ALL SELECT seq, message FROM redactions)
         INSERT INTO corrections
         SELECT said.channel, c.seq, c.message FROM corrected c JOIN facts said ON said.seq = c.message
         WHERE said.channel GLOB '#*'
         UNION SELECT d.sender_owner, c.seq, c.message FROM corrected c JOIN direct d ON d.seq = c.message
         UNION SELECT d.receiver_owner, c.seq, c.message FROM corrected c JOIN direct d ON d.seq = c.message;
         DROP TABLE redactions;",
    )
}

/// Places anew what stands under names that another case mapping folds differently, after facts and direct messages were.
pub(crate) fn refold(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut moved = transaction.prepare("SELECT DISTINCT seq, message FROM corrections WHERE place GLOB '*[^ -~]*'")?;
    let moved = moved.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<_>>>()?;
    for (seq, said) in moved {
        transaction.execute("DELETE FROM corrections WHERE message = ?1 AND seq = ?2", [said, seq])?;
        note(transaction, seq, said)?;
    }
    Ok(())
}
