//! The hall, built from what a data directory holds.

use std::sync::Arc;

use anyhow::Context as _;
use chat::hall::{Hall, Start};
use chat::ids::LogId;
use chat::time::Now;
use session::settings::Settings;
use store::Options;

use crate::data_dir::DataDir;
use crate::hall_host::{HallHost, KeptLog};
use crate::{config, translate};

/// Opens the store of a data directory, and builds the hall from it.
///
/// # Errors
/// When the store cannot be opened.
pub(crate) fn open_hall(
    config: &config::Config,
    data: &DataDir,
    settings: &Settings,
    now: Now,
    on_news: Arc<dyn Fn() + Send + Sync>,
) -> anyhow::Result<HallHost> {
    let options = Options { on_news, ..translate::store_options(config, now.wall) };
    let database = data.path().join(store::DATABASE_FILE);
    if !data.is_new() && !database.exists() {
        tracing::warn!(
            "{} is gone: what was said is missing, unless an earlier start was cut short before it had made the file",
            database.display()
        );
    }
    let opened = store::open(data.path(), options, random_id()?).context("cannot open the store")?;
    for note in &opened.start.notes {
        tracing::info!("{note}");
    }
    let start = Start {
        settings: Arc::clone(&settings.chat),
        rows: opened.start.rows,
        log: opened.start.log_id,
        last: opened.start.last,
        signals: random_id()?,
        now: now.wall,
    };
    Ok(HallHost::new(Hall::new(start), KeptLog::new(opened.log, opened.reader), now))
}

/// Returns a random number of 35 bits: seven characters in a message id.
pub(crate) fn random_id() -> anyhow::Result<LogId> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(LogId(u64::from_le_bytes(bytes) & ((1 << 35) - 1)))
}
