//! A real server as a process of its own: started, watched by `/proc`, stopped or killed.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::clock;
use crate::idle::Door;

/// How long a server may take to be ready: it may have to look through a long log of writes.
const START_WAIT: Duration = Duration::from_mins(1);

/// How long a server may take to stop when it is asked to.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// The file of what the server writes to standard error, over all its starts.
const LOG_FILE: &str = "server.log";

/// How our server is configured, beyond what all are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choices<'a> {
    /// As in the configuration.
    pub(crate) durability: &'a str,
    /// Whether what is said is kept; other servers keep nothing.
    pub(crate) keeps_history: bool,
    /// As in the configuration.
    pub(crate) shards: u8,
    pub(crate) door: Door,
}

impl<'a> Choices<'a> {
    /// What people get who choose nothing but the durability.
    pub(crate) fn of(durability: &'a str) -> Self {
        Self { durability, keeps_history: true, shards: 1, door: Door::Plain }
    }
}

/// What a server is started with.
#[derive(Debug)]
pub(crate) struct Setup {
    program: PathBuf,
    directory: PathBuf,
}

impl Setup {
    /// Writes the configuration of a server that keeps everything in `directory`.
    pub(crate) fn new(program: &Path, directory: &Path, choices: Choices<'_>) -> anyhow::Result<Self> {
        let Choices { durability, keeps_history, shards, door } = choices;
        let door = match door {
            Door::Plain => "dialects = [\"irc\", \"plain\"]",
            Door::Tls => "dialects = [\"irc\"]\ntls = \"auto\"",
            Door::Websocket => "dialects = [\"web\"]",
        };
        let data = directory.join("data");
        // JSON's strings are TOML's too.
        let data = serde_json::to_string(&data).context("the directory's name is not UTF-8")?;
        let configuration = format!(
            "[server]\ndata = {data}\ndurability = \"{durability}\"\nshards = {shards}\n\n[history]\nenabled = {keeps_history}\n\n\
             [[listen]]\naddress = \"127.0.0.1:0\"\n{door}\n\n[admin]\naddress = \"127.0.0.1:0\"\n"
        );
        let path = directory.join("loggia.toml");
        fs::write(&path, configuration).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { program: program.to_owned(), directory: directory.to_owned() })
    }

    /// Returns the database of the server.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("data").join("loggia.db")
    }

    /// Returns what its servers have written to standard error until now.
    pub(crate) fn log(&self) -> String {
        fs::read(self.directory.join(LOG_FILE))
            .map_or_else(|_| String::new(), |log| String::from_utf8_lossy(&log).into())
    }

    /// Asks the server that runs for one of its figures, by the name under which `/metrics` shows it.
    pub(crate) fn figure(&self, name: &str) -> anyhow::Result<f64> {
        let log = self.log();
        let address = log.lines().rev().filter(|line| line.contains("admin listener")).find_map(address_in);
        let address = address.context("the server's log does not say where its figures are")?;
        let mut stream = TcpStream::connect(address).context("cannot ask the server for its figures")?;
        stream.set_read_timeout(Some(START_WAIT)).context("cannot bound the wait for the figures")?;
        let mut answer = String::new();
        stream
            .write_all(format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
            .and_then(|()| stream.read_to_string(&mut answer))
            .context("cannot read the server's figures")?;
        let line = answer.lines().find_map(|line| line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ')));
        line.and_then(|number| number.parse().ok()).with_context(|| format!("the server has no figure {name}"))
    }

    /// Starts the server, and does not wait for it.
    pub(crate) fn spawn(&self) -> anyhow::Result<Starting> {
        let log = File::options().create(true).append(true).open(self.directory.join(LOG_FILE));
        let log = log.context("cannot open the file for the server's log")?;
        let mut child = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(self.directory.join("loggia.toml"))
            .current_dir(&self.directory)
            .env("RUST_LOG", "info,people=warn")
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let output = child.stdout.take().context("the server has no standard output")?;
        let (sender, lines) = mpsc::channel();
        // Ends with the server's standard output. Nobody joins it: a killed server closes it.
        std::thread::Builder::new()
            .name("server output".into())
            .spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    // Who does not listen any more is told nothing, and the pipe is still emptied.
                    let _ = sender.send(line);
                }
            })
            .context("cannot start a thread")?;
        Ok(Starting { process: Process(child), lines })
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn start(&self) -> anyhow::Result<ServerProcess> {
        let server = self.spawn()?.wait(START_WAIT)?;
        server.with_context(|| {
            format!("the server was not ready within {} seconds:\n{}", START_WAIT.as_secs(), self.log())
        })
    }
}

/// A server that is not ready yet. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Starting {
    process: Process,
    lines: Receiver<String>,
}

impl Starting {
    /// Waits until the server says `ready`, for so long at most; one that has not said it by then is killed (SIGKILL).
    ///
    /// It can be waited for once only: `ready` is said once.
    pub(crate) fn wait(self, longest: Duration) -> anyhow::Result<Option<ServerProcess>> {
        let until = clock::now() + longest;
        let mut address = None;
        loop {
            let line = match self.lines.recv_timeout(until.saturating_duration_since(clock::now())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => bail!("the server has ended before it was ready"),
            };
            if line.trim() == "ready" {
                let address = address.context("the server has not said where it listens")?;
                return Ok(Some(ServerProcess { process: self.process, lines: self.lines, address }));
            }
            address = address.or_else(|| address_in(&line));
        }
    }
}

/// Finds the address of the door in a line of the server's greeting.
fn address_in(line: &str) -> Option<SocketAddr> {
    let begin = line.find("127.0.0.1:")?;
    let word =
        line[begin..].split(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ':')).next()?;
    word.parse().ok()
}

/// A server that accepts connections. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    process: Process,
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl ServerProcess {
    /// Kills it (SIGKILL) and waits for its end.
    pub(crate) fn kill(self) {
        drop(self.process);
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let id = i32::try_from(self.process.0.id()).ok().and_then(rustix::process::Pid::from_raw);
        let id = id.context("the server has no process id")?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM).context("cannot stop the server")?;
        // Its standard output ends with it.
        let until = clock::now() + STOP_WAIT;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(clock::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the server did not stop within {} seconds", STOP_WAIT.as_secs())
                }
            }
        }
        let status = self.process.0.wait().context("cannot wait for the server")?;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Reads what it has used until now.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Usage::of(self.process.0.id())
    }
}

/// Killed and waited for when it is dropped: nothing that was started here outlives it.
#[derive(Debug)]
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Returns the id by which `/proc` knows it.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Tells whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// Memory that is in use now, with what is shared with others.
    pub(crate) resident_bytes: u64,
    /// The most it ever was.
    pub(crate) peak_resident_bytes: u64,
    /// The same, but of what is shared with other processes only this one's part.
    pub(crate) proportional_bytes: u64,
    /// What it had written to the disk's file system.
    pub(crate) written_bytes: u64,
}

impl Usage {
    /// Reads `/proc` about a process.
    pub(crate) fn of(id: u32) -> anyhow::Result<Self> {
        let read = |file: &str| {
            let path = format!("/proc/{id}/{file}");
            fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
        };
        // The name of the program, in parentheses, may contain anything; fields are counted behind it.
        let stat = read("stat")?;
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, behind)| behind).split_whitespace().collect();
        let ticks = |field: usize| fields.get(field).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        let millis = (ticks(11) + ticks(12)) * 1000 / rustix::param::clock_ticks_per_second().max(1);
        let status = read("status")?;
        let io = read("io")?;
        let memory = read("smaps_rollup")?;
        Ok(Self {
            cpu: Duration::from_millis(millis),
            resident_bytes: number_behind(&status, "VmRSS:") * 1024,
            peak_resident_bytes: number_behind(&status, "VmHWM:") * 1024,
            proportional_bytes: number_behind(&memory, "Pss:") * 1024,
            written_bytes: number_behind(&io, "write_bytes:"),
        })
    }
}

fn number_behind(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_address_is_found_in_the_greeting() {
        let line = "  IRC          127.0.0.1:40123   this machine only";
        assert_eq!(address_in(line), Some("127.0.0.1:40123".parse().unwrap()));
        assert_eq!(address_in("Data: /tmp/127"), None);
    }

    #[test]
    fn this_process_can_be_watched() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.resident_bytes > 1 << 20, "{usage:?}");
        assert!(usage.proportional_bytes > 1 << 16 && usage.proportional_bytes <= usage.resident_bytes, "{usage:?}");
    }
}
