//! Transcripts over TCP, against the real binary: one server for each run, on a free port, with data of its own.

mod client;
mod tls;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::driver::{Driver, Received, Trouble};
use crate::model::{Leaving, ServerStep, Setting};
use client::Client;
use tls::Certificates;

/// How long the server may take to read its configuration again.
const RELOAD_AT_MOST: Duration = Duration::from_secs(5);
/// How long the server may take to print `ready`.
const START_AT_MOST: Duration = Duration::from_secs(20);
/// How long it may take to say goodbye and exit.
const STOP_AT_MOST: Duration = Duration::from_secs(5);
/// Longer than the 30 ms that the server may wait for the rest of a split send, with room for a busy machine.
const QUIET: Duration = Duration::from_millis(120);

/// Connections to one server, which lives as long as this value.
pub struct Sockets {
    address: SocketAddr,
    server: Option<Server>,
    connections: Vec<Client>,
    certificates: Certificates,
}

impl Sockets {
    /// Starts `program` with `settings` and waits until it is ready.
    ///
    /// # Errors
    /// Says why it did not start, with the end of its log.
    pub fn start(program: &Path, settings: &[Setting]) -> Result<Self, Trouble> {
        let mut server = Server::prepare(program, settings)?;
        let address = server.start()?;
        Ok(Self { server: Some(server), ..Self::to(address) })
    }

    /// Talks to a server that somebody else started. It cannot be stopped from a transcript.
    pub fn to(address: SocketAddr) -> Self {
        Self { address, server: None, connections: Vec::new(), certificates: Certificates::default() }
    }

    fn take(&mut self, connected: io::Result<Client>) -> Result<usize, Trouble> {
        let address = self.address;
        let client = connected.map_err(|error| Trouble(format!("cannot connect to {address}: {error}")))?;
        self.connections.push(client);
        Ok(self.connections.len() - 1)
    }
}

impl Driver for Sockets {
    fn connect(&mut self) -> Result<usize, Trouble> {
        self.take(Client::connect(self.address, None))
    }

    fn connect_over_tls(&mut self, certificate: Option<&str>) -> Result<usize, Trouble> {
        let server = self.server.as_ref().ok_or_else(|| Trouble("this server is not ours".into()))?;
        let own = certificate.map(|name| self.certificates.named(name)).transpose()?;
        let tls = tls::client(&server.data(), own)?;
        self.take(Client::connect(self.address, Some(tls)))
    }

    fn fingerprint(&mut self, certificate: &str) -> Result<String, Trouble> {
        Ok(self.certificates.named(certificate)?.fingerprint())
    }

    fn send(&mut self, connection: usize, bytes: &[u8]) -> Result<(), Trouble> {
        let sent = self.connections[connection].send(bytes);
        sent.map_err(|error| Trouble(format!("cannot send: {error}")))
    }

    fn receive(&mut self, connection: usize, at_most: Duration) -> Received {
        self.connections[connection].receive(at_most)
    }

    #[expect(clippy::disallowed_methods, reason = "the transcript asks for this time to pass, whatever happens in it")]
    fn wait(&mut self, time: Duration) {
        thread::sleep(time);
    }

    fn leave(&mut self, connection: usize, how: Leaving) {
        self.connections[connection].leave(how);
    }

    fn server(&mut self, step: ServerStep) -> Result<(), Trouble> {
        let server = self.server.as_mut().ok_or_else(|| Trouble("this server is not ours".into()))?;
        match step {
            ServerStep::Stop => server.stop(),
            ServerStep::Kill => server.kill(),
            ServerStep::Start => {
                self.address = server.start()?;
                Ok(())
            }
            ServerStep::Reload => server.reload(),
        }
    }

    fn reload_with(&mut self, setting: &Setting) -> Result<(), Trouble> {
        let server = self.server.as_mut().ok_or_else(|| Trouble("this server is not ours".into()))?;
        server.settings.push(setting.clone());
        server.write_configuration()?;
        server.reload()
    }

    fn quiet(&self) -> Duration {
        QUIET
    }
}

/// The server's process, its configuration and its data.
struct Server {
    program: PathBuf,
    directory: PathBuf,
    settings: Vec<Setting>,
    child: Option<Child>,
}

impl Server {
    fn prepare(program: &Path, settings: &[Setting]) -> Result<Self, Trouble> {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("loggia-scenario-{}-{number}", std::process::id()));
        // A process of the same number that was killed may have left its accounts there.
        let _ = fs::remove_dir_all(&directory);
        let server = Self { program: program.to_owned(), directory, settings: settings.to_owned(), child: None };
        server.write_configuration()?;
        Ok(server)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn write_configuration(&self) -> Result<(), Trouble> {
        let configuration = configuration(&self.settings)?;
        fs::create_dir_all(&self.directory)
            .and_then(|()| fs::write(self.directory.join("loggia.toml"), configuration))
            .map_err(|error| Trouble(format!("cannot prepare {}: {error}", self.directory.display())))
    }

    fn start(&mut self) -> Result<SocketAddr, Trouble> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.directory.join("log"))
            .map_err(|error| Trouble(format!("cannot open the server's log: {error}")))?;
        let mut child = Command::new(&self.program)
            .arg("serve")
            .arg("--config")
            .arg(self.directory.join("loggia.toml"))
            .arg("--data")
            .arg(self.data())
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| Trouble(format!("cannot start {}: {error}", self.program.display())))?;
        let (sender, ready) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || find_door(BufReader::new(output), &sender));
        }
        self.child = Some(child);
        ready.recv_timeout(START_AT_MOST).map_err(|_| {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            Trouble(format!("the server did not say where it listens and `ready`; its log:\n{log}"))
        })
    }

    fn signal(&self, signal: Signal) -> Result<(), Trouble> {
        let pid = self.child.as_ref().and_then(|child| Pid::from_raw(i32::try_from(child.id()).ok()?));
        let pid = pid.ok_or_else(|| Trouble("the server does not run".into()))?;
        kill_process(pid, signal).map_err(|error| Trouble(format!("cannot signal the server: {error}")))
    }

    /// Has the configuration read again, and waits until the log says that it was: what clients say after that is said to a
    /// server that goes by it.
    #[expect(clippy::disallowed_methods, reason = "a log that grows can only be looked at, again and again")]
    fn reload(&self) -> Result<(), Trouble> {
        let log = self.directory.join("log");
        let reloads = || {
            let lines = fs::read_to_string(&log).unwrap_or_default();
            lines.lines().filter(|line| line.contains("the configuration is")).count()
        };
        let before = reloads();
        self.signal(Signal::HUP)?;
        let deadline = Instant::now() + RELOAD_AT_MOST;
        while reloads() == before {
            if Instant::now() > deadline {
                return Err(Trouble("the server does not say that it has read its configuration again".into()));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        self.signal(Signal::TERM)?;
        let status = self.exit_status(STOP_AT_MOST);
        match status {
            Some(status) if status.success() => {
                self.child = None;
                Ok(())
            }
            Some(status) => Err(Trouble(format!("the server stopped with {status}"))),
            None => Err(Trouble(format!("the server still runs after {} seconds", STOP_AT_MOST.as_secs()))),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a process that ends can only be asked, again and again")]
    fn exit_status(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + at_most;
        loop {
            let status = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if status.is_some() || Instant::now() > deadline {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn kill(&mut self) -> Result<(), Trouble> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child
            .kill()
            .and_then(|()| child.wait())
            .map_err(|error| Trouble(format!("cannot kill the server: {error}")))?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Reads the server's output: sends the first address with a port once `ready` has come, then reads on, so that the
/// server is never stopped by a full pipe.
fn find_door(output: impl BufRead, sender: &Sender<SocketAddr>) {
    let mut door = None;
    for line in output.lines() {
        let Ok(line) = line else { return };
        door = door.or_else(|| port_in(&line).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
        if line.trim() == "ready"
            && let Some(address) = door
        {
            // Nobody waits any more if the start took too long.
            let _ = sender.send(address);
        }
    }
}

/// The port of the first `127.0.0.1:port` in a line.
fn port_in(line: &str) -> Option<u16> {
    let after = line.split_once("127.0.0.1:")?.1;
    let digits = after.find(|letter: char| !letter.is_ascii_digit()).map_or(after, |end| &after[..end]);
    digits.parse().ok().filter(|&port| port != 0)
}

/// The configuration of a transcript's server: `settings` over what makes a test quick and quiet.
fn configuration(settings: &[Setting]) -> Result<String, Trouble> {
    let mut document: toml::Table = toml::from_str(
        "[server]\n\
         durability = \"memory\"\n\
         mdns = false\n\
         [[listen]]\n\
         address = \"127.0.0.1:0\"\n\
         dialects = [\"web\", \"irc\", \"plain\"]\n",
    )
    .map_err(|error| Trouble(error.to_string()))?;
    for setting in settings {
        let is_list = matches!(setting.table.as_str(), "listen" | "operator");
        let table = document.entry(setting.table.clone()).or_insert_with(|| {
            let empty = toml::Value::Table(toml::Table::new());
            if is_list { toml::Value::Array(vec![empty]) } else { empty }
        });
        let table = if is_list { table.get_mut(0) } else { Some(table) };
        let Some(table) = table.and_then(toml::Value::as_table_mut) else {
            return Err(Trouble(format!("{} is no table of settings", setting.table)));
        };
        table.insert(setting.key.clone(), setting.value.clone());
    }
    toml::to_string(&document).map_err(|error| Trouble(error.to_string()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn setting(table: &str, key: &str, value: impl Into<toml::Value>) -> Setting {
        Setting { table: table.into(), key: key.into(), value: value.into() }
    }

    #[test]
    fn settings_override_the_suites_own() {
        let text = configuration(&[
            setting("server", "durability", "disk"),
            setting("listen", "plain", "nick"),
            setting("operator", "name", "admin"),
            setting("limits", "nick_length", 9),
        ])
        .unwrap();
        let document: toml::Table = toml::from_str(&text).unwrap();
        assert_eq!(document["server"]["durability"].as_str(), Some("disk"));
        assert_eq!(document["listen"][0]["address"].as_str(), Some("127.0.0.1:0"));
        assert_eq!(document["listen"][0]["plain"].as_str(), Some("nick"));
        assert_eq!(document["operator"][0]["name"].as_str(), Some("admin"));
        assert_eq!(document["limits"]["nick_length"].as_integer(), Some(9));
    }

    #[test]
    fn the_door_is_found_in_the_output() {
        let (sender, receiver) = mpsc::channel();
        let output = "Loggia 0.1\n  join: http://127.0.0.1:41234/ (this machine only)\nready\nlater\n";
        find_door(output.as_bytes(), &sender);
        assert_eq!(receiver.recv().unwrap(), "127.0.0.1:41234".parse().unwrap());
        assert_eq!(port_in("127.0.0.1:0"), None);
        assert_eq!(port_in("127.0.0.1:80"), Some(80));
    }

    #[test]
    fn without_ready_there_is_no_door() {
        let (sender, receiver) = mpsc::channel();
        find_door(&b"127.0.0.1:41234\n"[..], &sender);
        assert!(receiver.try_recv().is_err());
    }
}
