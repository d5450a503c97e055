//! What is kept at the end: by CHATHISTORY, as any client sees it, and by the database itself.

use std::path::Path;

use anyhow::{Context as _, ensure};
use rusqlite::{Connection, OpenFlags};

use super::transcript::Shown;
use super::words::{Key, ROOMS, key_in, text_of};
use crate::dialogue::Dialogue;

/// Reads all messages of all rooms by CHATHISTORY, the oldest of a room first.
pub(crate) fn by_chathistory(dialogue: &mut Dialogue, seed: u64) -> anyhow::Result<Vec<Shown>> {
    let mut past = Vec::new();
    for (room, name) in (0..).zip(ROOMS) {
        let mut next = format!("AFTER {name} timestamp=1970-01-01T00:00:00.000Z 100");
        loop {
            let page = dialogue.page(&next)?;
            let Some(last) = page.last() else { break };
            next = format!("AFTER {name} msgid={} 100", last.id);
            for entry in page {
                let key = whole(&entry.text, seed)?;
                past.push(Shown { id: entry.id.into(), time: entry.time.into(), room, key });
            }
        }
    }
    Ok(past)
}

/// Reads all messages from the database of a server that has stopped, in the order of the log.
pub(crate) fn by_database(database: &Path, seed: u64) -> anyhow::Result<Vec<Key>> {
    let failed = "cannot look into the database";
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).context(failed)?;
    let mut statement =
        connection.prepare("SELECT text FROM facts WHERE kind = 'said' ORDER BY seq").context(failed)?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).context(failed)?;
    texts.map(|text| whole(&text.context(failed)?, seed)).collect()
}

/// Reads which message a text is, and sees to it that it is whole.
fn whole(text: &str, seed: u64) -> anyhow::Result<Key> {
    let key = key_in(text).with_context(|| format!("history has a text that nobody said: {text}"))?;
    ensure!(text_of(key, seed) == text, "history has another text than was said: {text}");
    Ok(key)
}
