//! What a server cannot be faster than: a loop that hands messages on and does nothing else.
//!
//! It knows just enough of IRC to be put under the same load as a server: it greets, lets people into rooms, and writes what one says
//! to the others as it came, with its sender in front. One thread, one poll, no limits, no checks. It gathers a number of messages for
//! one `send` (one: what a server does that writes at once), and does not wait for more when there are none.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use clap::Args;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::server_process::Process;

/// The listener's token; connections have their places in the list.
const LISTENER: Token = Token(usize::MAX);

/// How the loop is started: by this program, never by people.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Messages that leave with one `send`
    #[arg(long)]
    messages_per_send: u32,
}

/// Starts the loop as a process of its own, so that what it uses can be told apart.
pub(crate) fn start(program: &Path, messages_per_send: u32) -> anyhow::Result<(Process, SocketAddr)> {
    let mut child = Command::new(program)
        .args(["bench", "bare-loop", "--messages-per-send", &messages_per_send.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the bare loop")?;
    let output = child.stdout.take();
    let process = Process(child);
    let mut line = String::new();
    BufReader::new(output.context("the bare loop has no output")?)
        .read_line(&mut line)
        .context("cannot read what the bare loop says")?;
    let address =
        line.trim().parse().with_context(|| format!("the bare loop does not say where it is, but `{line}`"))?;
    Ok((process, address))
}

/// Runs until it is killed, or who started it has ended.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .context("cannot bind this process to the one that started it")?;
    let mut bare = BareLoop::new(options.messages_per_send)?;
    println!("{}", bare.listener.local_addr().context("cannot tell the address")?);
    let mut events = Events::with_capacity(1024);
    loop {
        bare.poll.poll(&mut events, None).context("cannot poll")?;
        for event in &events {
            match event.token() {
                LISTENER => bare.accept()?,
                Token(place) => {
                    if event.is_writable() {
                        bare.send(place);
                    }
                    if event.is_readable() {
                        bare.read(place);
                    }
                }
            }
        }
        bare.send_gathered();
    }
}

struct Client {
    stream: TcpStream,
    nick: String,
    /// What has come of a line that is not whole yet.
    begun: Vec<u8>,
    /// What waits to be written, and how many messages of rooms that is.
    waiting: Vec<u8>,
    gathered: u32,
}

struct BareLoop {
    poll: Poll,
    listener: TcpListener,
    clients: Vec<Option<Client>>,
    rooms: BTreeMap<String, Vec<usize>>,
    messages_per_send: u32,
    buffer: Vec<u8>,
    /// Clients with something gathered.
    dirty: Vec<usize>,
}

impl BareLoop {
    fn new(messages_per_send: u32) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot poll")?;
        let mut listener =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).context("the bare loop cannot listen")?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE).context("cannot poll")?;
        Ok(Self {
            poll,
            listener,
            clients: Vec::new(),
            rooms: BTreeMap::new(),
            messages_per_send,
            buffer: vec![0; 64 << 10],
            dirty: Vec::new(),
        })
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        while let Ok((mut stream, _)) = self.listener.accept() {
            let token = Token(self.clients.len());
            stream.set_nodelay(true).context("cannot turn off the gathering of small segments")?;
            self.poll
                .registry()
                .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
                .context("cannot poll")?;
            let (begun, waiting) = (Vec::new(), Vec::new());
            self.clients.push(Some(Client { stream, nick: String::new(), begun, waiting, gathered: 0 }));
        }
        Ok(())
    }

    fn read(&mut self, place: usize) {
        loop {
            let Some(Some(client)) = self.clients.get_mut(place) else { return };
            let mut buffer = core::mem::take(&mut self.buffer);
            let read = client.stream.read(&mut buffer);
            let outcome = match read {
                Ok(0) => Err(()),
                Ok(count) => {
                    let mut begun = core::mem::take(&mut client.begun);
                    begun.extend_from_slice(&buffer[..count]);
                    Ok((begun, count < buffer.len()))
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok((Vec::new(), true)),
                Err(_) => Err(()),
            };
            self.buffer = buffer;
            let Ok((bytes, is_all)) = outcome else { return self.forget(place) };
            let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |last| last + 1);
            for line in bytes[..whole].split(|byte| *byte == b'\n') {
                self.line(place, &String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)));
            }
            if let Some(Some(client)) = self.clients.get_mut(place)
                && !bytes.is_empty()
            {
                client.begun = bytes[whole..].to_vec();
            }
            if is_all {
                return;
            }
        }
    }

    fn line(&mut self, place: usize, line: &str) {
        let Some(Some(client)) = self.clients.get_mut(place) else { return };
        let nick = client.nick.clone();
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "NICK" => rest.clone_into(&mut client.nick),
            "USER" => self.answer(place, &format!(":bare 001 {nick} :Welcome\r\n:bare 376 {nick} :End\r\n")),
            "PING" => self.answer(place, &format!(":bare PONG bare {rest}\r\n")),
            "JOIN" => {
                self.rooms.entry(rest.to_owned()).or_default().push(place);
                self.answer(place, &format!(":bare 366 {nick} {rest} :End of /NAMES list.\r\n"));
            }
            "PRIVMSG" => {
                let room = rest.split(' ').next().unwrap_or_default();
                let message = format!(":{nick}!{nick}@127.0.0.1 {line}\r\n");
                let members = self.rooms.remove(room).unwrap_or_default();
                for member in members.iter().filter(|member| **member != place) {
                    self.hand_on(*member, message.as_bytes());
                }
                self.rooms.insert(room.to_owned(), members);
            }
            "QUIT" => self.forget(place),
            _ => {}
        }
    }

    fn answer(&mut self, place: usize, line: &str) {
        if let Some(Some(client)) = self.clients.get_mut(place) {
            client.waiting.extend_from_slice(line.as_bytes());
        }
        self.send(place);
    }

    fn hand_on(&mut self, place: usize, message: &[u8]) {
        let Some(Some(client)) = self.clients.get_mut(place) else { return };
        client.waiting.extend_from_slice(message);
        client.gathered += 1;
        match client.gathered {
            gathered if gathered >= self.messages_per_send => self.send(place),
            1 => self.dirty.push(place),
            _ => {}
        }
    }

    fn send_gathered(&mut self) {
        for place in core::mem::take(&mut self.dirty) {
            self.send(place);
        }
    }

    /// Writes what waits; what the socket does not take stays until it does.
    fn send(&mut self, place: usize) {
        let Some(Some(client)) = self.clients.get_mut(place) else { return };
        client.gathered = 0;
        if client.waiting.is_empty() {
            return;
        }
        match client.stream.write(&client.waiting) {
            Ok(count) => drop(client.waiting.drain(..count)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => self.forget(place),
        }
    }

    fn forget(&mut self, place: usize) {
        self.clients[place] = None;
        for members in self.rooms.values_mut() {
            members.retain(|member| *member != place);
        }
    }
}
