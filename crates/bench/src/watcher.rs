//! Somebody who has nothing to do with the load and sees how long the server lets them wait.
//!
//! A thread of its own, because the load's thread is busy just then. It asks for a PONG each millisecond, or when the one before
//! has come. Only the longest wait is asked of it: what could not be asked meanwhile is not made up for, else many short waits one after the
//! other would look like a long one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;

use crate::clock;
use crate::histogram::Histogram;

/// Between two questions.
const INTERVAL: Duration = Duration::from_millis(1);

/// How long an answer may take.
const ANSWER_WAIT: Duration = Duration::from_mins(1);

/// A watcher at work.
pub(crate) struct Watcher {
    stop: Sender<()>,
    thread: JoinHandle<anyhow::Result<Histogram>>,
}

impl Watcher {
    /// Comes in under this nick and begins to watch.
    pub(crate) fn start(address: SocketAddr, nick: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).context("the watcher cannot connect")?;
        stream.set_nodelay(true).context("cannot turn off the gathering of small segments")?;
        stream.set_read_timeout(Some(ANSWER_WAIT)).context("cannot bound the wait for the server")?;
        let mut conversation = Conversation { reader: BufReader::new(stream), line: String::new() };
        conversation.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :bench\r\n"))?;
        conversation.wait_for(&["376", "422"])?;
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("watcher".into())
            .spawn(move || watch(&mut conversation, &stopped))
            .context("cannot start a thread")?;
        Ok(Self { stop, thread })
    }

    /// Ends the watch, and returns what was seen.
    pub(crate) fn stop(self) -> anyhow::Result<Histogram> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn watch(conversation: &mut Conversation, stopped: &Receiver<()>) -> anyhow::Result<Histogram> {
    let mut seen = Histogram::default();
    let mut due = clock::now();
    while stopped.recv_timeout(due.saturating_duration_since(clock::now())) == Err(RecvTimeoutError::Timeout) {
        conversation.send("PING watcher\r\n")?;
        conversation.wait_for(&["PONG"])?;
        seen.note(clock::now().saturating_duration_since(due), 1);
        due = (due + INTERVAL).max(clock::now());
    }
    Ok(seen)
}

struct Conversation {
    reader: BufReader<TcpStream>,
    line: String,
}

impl Conversation {
    fn send(&mut self, lines: &str) -> anyhow::Result<()> {
        self.reader.get_mut().write_all(lines.as_bytes()).context("cannot write to the server")
    }

    /// Reads until a line comes with one of these commands.
    fn wait_for(&mut self, commands: &[&str]) -> anyhow::Result<()> {
        loop {
            self.line.clear();
            let count = self.reader.read_line(&mut self.line).context("the server does not answer the watcher")?;
            anyhow::ensure!(count > 0, "the server has ended the watcher's connection");
            if let Some(token) = self.line.strip_prefix("PING ") {
                let answer = format!("PONG {token}");
                self.send(&answer)?;
            }
            if self.line.split(' ').nth(1).is_some_and(|command| commands.contains(&command)) {
                return Ok(());
            }
        }
    }
}
