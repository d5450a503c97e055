//! `loggia account …` and `loggia invite …`: asks the server that runs on the data directory, or, when there is none, opens the
//! directory itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat::ids::SessionId;
use session::secrets::{SECRET_BYTES, Secrets};

use crate::cli::Failure;
use crate::config::{Config, ConfigSource};
use crate::control::{self, Answer, Request};
use crate::credentials::Passwords;
use crate::data_dir::DataDir;
use crate::desk::Desk;
use crate::event_loop::clock::Clock;
use crate::{event_loop, serve, translate};

/// How long the disk may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does what is asked, and returns what is to be printed.
///
/// # Errors
/// When the configuration is wrong, when the answer is no, and when neither a server nor the directory can be reached.
pub fn run(source: &ConfigSource, request: Request) -> Result<String, Failure> {
    let config = source.load()?;
    let directory = Path::new(&config.server.data);
    let answer = match control::ask_running(directory, &request)? {
        Some(answer) => answer,
        None => alone(&config, directory, request)?,
    };
    match answer {
        Answer::Done { lines } => Ok(lines.into_iter().map(|line| line + "\n").collect()),
        Answer::Refused { why } => Err(Failure::Failed(anyhow::Error::msg(why))),
    }
}

/// Does it without a server: takes the directory's lock, and runs the hall until it is done and kept.
fn alone(config: &Config, directory: &Path, request: Request) -> anyhow::Result<Answer> {
    let passwords = Passwords::new(config.accounts.password_hash);
    let command = match request.into_command(&passwords) {
        Ok(command) => command,
        Err(why) => return Ok(Answer::Refused { why }),
    };
    let data = DataDir::open(directory, serve::migrate)?;
    let secrets = Secrets { kept: *data.secret(), fresh: [0; SECRET_BYTES] };
    let clock = Clock::new();
    let now = clock.now();
    let settings = translate::settings(config, &config.listen, translate::Told::default(), &secrets, now.wall);
    let (news, wake) = channel();
    // The store's threads may say so when nobody listens any more.
    let on_news = move || {
        let _ = news.send(());
    };
    let mut host = event_loop::open_hall(config, &data, &settings, now, Arc::new(on_news))?;
    let (mut desk, asker) = Desk::open(SessionId::CONSOLE, 1, || {});
    let answer = asker.put(command)?;
    if let Some(request) = desk.take_next() {
        host.request(request, now, &mut |effect| {
            desk.takes(&effect);
        });
    }
    host.flush();
    let replies = loop {
        if let Ok(replies) = answer.try_recv() {
            break replies;
        }
        let waited = clock.now().instant.since(now.instant);
        if wake.recv_timeout(PATIENCE.saturating_sub(waited)).is_err() {
            bail!("the disk takes too long");
        }
        host.news(now, &mut |effect| {
            desk.takes(&effect);
        });
    };
    let answer = control::answer(&replies);
    host.into_log().close().context("cannot close the store")?;
    Ok(answer)
}
