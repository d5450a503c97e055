//! One connection, over TCP, TLS or WebSocket, that is read only until it is registered.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::Door;
use super::trust;
use crate::source;

/// How long a server may take to answer.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Bytes of the words of one CAP REQ: a line has 512.
const REQUEST_BYTES_MAX: usize = 400;

/// Both ways of carrying bytes.
trait Bytes: Read + Write {}
impl<T: Read + Write> Bytes for T {}

/// A connection.
pub(super) struct Line {
    bytes: Box<dyn Bytes>,
    is_websocket: bool,
    /// What has come and was not looked at by the one who waited last.
    heard: Vec<u8>,
}

impl Line {
    /// Connects as the connection of this number; TLS and WebSocket shake hands.
    pub(super) fn connect(address: SocketAddr, number: u32, door: Door) -> anyhow::Result<Self> {
        let stream = source::connect(address, usize::try_from(number)?).context("cannot connect to the server")?;
        stream.set_nodelay(true).context("cannot turn off the gathering of small segments")?;
        stream.set_read_timeout(Some(ANSWER_WAIT)).context("cannot bound the wait for the server")?;
        let mut line = Self { bytes: Box::new(stream), is_websocket: false, heard: Vec::new() };
        match door {
            Door::Plain => {}
            Door::Tls => {
                let stream = line.bytes;
                let name = ServerName::from(address.ip());
                let connection =
                    ClientConnection::new(Arc::clone(trust::anyone()), name).context("cannot begin TLS")?;
                line.bytes = Box::new(StreamOwned::new(connection, stream));
            }
            Door::Websocket => {
                let request = format!(
                    "GET /irc HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9nZ2lhIGlzIGlkbGUuIQ==\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n\r\n"
                );
                line.write(request.as_bytes())?;
                line.wait_for(&["\r\n\r\n"])?;
                line.is_websocket = true;
            }
        }
        Ok(line)
    }

    /// Asks for what the server offers, and returns the names.
    pub(super) fn capabilities(&mut self) -> anyhow::Result<Vec<String>> {
        self.send("CAP LS 302")?;
        // Its answer comes behind the last name. A server that knows no CAP says so.
        self.send("CAP LIST")?;
        let heard = self.wait_for(&[" LIST ", " 421 ", " 451 "])?;
        let names = |line: &str| -> Vec<String> {
            let Some((_, names)) = line.split_once(" LS :").or_else(|| line.split_once(" LS * :")) else {
                return Vec::new();
            };
            let printable = |name: &str| name.chars().all(|letter| letter.is_ascii_graphic());
            let known = names.split_whitespace().map(|name| name.split('=').next().unwrap_or_default());
            known.filter(|name| printable(name)).map(str::to_owned).collect()
        };
        // A WebSocket's frames begin with a byte that is no UTF-8. What is `sts` is not asked for, but gone by.
        Ok(heard.split(['\n', char::REPLACEMENT_CHARACTER]).flat_map(names).filter(|name| name != "sts").collect())
    }

    /// Writes all it takes to be registered. What comes of it is up to [`Self::wait_for`].
    pub(super) fn register(&mut self, nick: &str, capabilities: &[String]) -> anyhow::Result<()> {
        let mut request = String::new();
        for name in capabilities {
            if request.len() + name.len() > REQUEST_BYTES_MAX {
                self.send(&format!("CAP REQ :{}", request.trim_end()))?;
                request.clear();
            }
            request += name;
            request.push(' ');
        }
        if !request.is_empty() {
            self.send(&format!("CAP REQ :{}", request.trim_end()))?;
        }
        self.send(&format!("NICK {nick}"))?;
        self.send("USER idle 0 * :bench")?;
        if capabilities.is_empty() { Ok(()) } else { self.send("CAP END") }
    }

    fn send(&mut self, line: &str) -> anyhow::Result<()> {
        if !self.is_websocket {
            return self.write(format!("{line}\r\n").as_bytes());
        }
        // A final text frame with a mask of zeros: what is masked is as it was.
        let mut frame = vec![0x81];
        let length = u16::try_from(line.len()).context("a line is too long")?;
        if length < 126 {
            frame.push(0x80 | length.to_be_bytes()[1]);
        } else {
            frame.push(0x80 | 0x7e);
            frame.extend(length.to_be_bytes());
        }
        frame.extend([0; 4]);
        frame.extend_from_slice(line.as_bytes());
        self.write(&frame)
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.bytes.write_all(bytes).and_then(|()| self.bytes.flush()).context("cannot write to the server")
    }

    /// Reads until one of these stands in what has come, and returns that, frames of a WebSocket and all.
    pub(super) fn wait_for(&mut self, words: &[&str]) -> anyhow::Result<String> {
        let mut piece = [0; 4096];
        loop {
            let is_there = |word: &&str| memchr::memmem::find(&self.heard, word.as_bytes()).is_some();
            if words.iter().any(is_there) {
                return Ok(String::from_utf8_lossy(&core::mem::take(&mut self.heard)).into_owned());
            }
            let count = match self.bytes.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read.context("the server does not answer")?,
            };
            ensure!(count > 0, "the server ends the connection: {}", String::from_utf8_lossy(&self.heard));
            self.heard.extend_from_slice(&piece[..count]);
        }
    }
}
