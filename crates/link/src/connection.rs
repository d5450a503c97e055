//! One connection, on a thread of its own: opening it, TLS, WebSocket, bytes both ways.

mod certificate;
pub(crate) mod opening;

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};
use std::time::Duration;

use mio::{Events, Interest, Poll, Token, Waker};
use rustls::{ClientConnection, StreamOwned};
use tungstenite::{Message, WebSocket};

pub use certificate::in_groups;
pub use opening::Plan;

/// What a thread of a link tells, with the number of its link.
#[derive(Debug)]
pub struct FromLink {
    /// Which link.
    pub number: u64,
    /// What.
    pub what: What,
}

/// What happened to a connection.
#[derive(Debug)]
pub enum What {
    /// It is open.
    Open {
        /// Whether it is encrypted.
        is_encrypted: bool,
    },
    /// What one read has brought.
    Bytes(Vec<u8>),
    /// It could not be opened, or has ended.
    Lost(Trouble),
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name of the host has no address.
    #[error("{0}")]
    Unknown(String),
    /// Nobody is there, or the network does not carry so far.
    #[error("{0}")]
    Unreachable(String),
    /// The certificate cannot be believed; its fingerprint.
    #[error("the certificate is not to be believed: sha256:{fingerprint}")]
    Certificate {
        /// 64 hexadecimal digits.
        fingerprint: String,
        /// Whether another one was expected, which is worse than none.
        is_another: bool,
    },
    /// The server cannot encrypt, and nobody has said that it may be done without.
    #[error("the server does not encrypt")]
    NotEncrypted,
    /// It speaks something else.
    #[error("{0}")]
    Protocol(String),
    /// The server has closed it.
    #[error("the server has closed the connection")]
    Closed,
}

/// What it is told.
enum ToLink {
    Write(Vec<u8>),
    End(Ending),
}

/// How a connection ends, once what was to be written is.
#[derive(Clone, Copy)]
enum Ending {
    /// Nothing more is said.
    Close,
    /// The server's next read or write fails.
    Reset,
}

/// A connection that is open or being opened. Dropped, it is closed, once what was to be written is.
pub struct Connection {
    number: u64,
    to: Sender<ToLink>,
    waker: Arc<Waker>,
    /// Says that the thread has ended: its other end is gone.
    over: Receiver<()>,
}

/// What comes from links and is not taken yet, in pieces; then they wait, and so does the server.
pub const QUEUE_PIECES: usize = 256;

/// The most bytes of one read.
const READ_BYTES: usize = 16 * 1024;

/// How long what was to be written at the end may take.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

const SOCKET: Token = Token(0);
const TOLD: Token = Token(1);

impl Connection {
    /// Begins to open one. What comes of it is sent to `from`, as whatever `wrap` makes of it.
    ///
    /// # Errors
    ///
    /// The system has no thread or no poll left.
    pub fn open<E: Send + 'static>(
        number: u64,
        plan: Plan,
        from: SyncSender<E>,
        wrap: fn(FromLink) -> E,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), TOLD)?);
        let (to, told) = channel();
        let (lives, over) = channel();
        std::thread::Builder::new().name("link".to_owned()).spawn(move || {
            let _lives: Sender<()> = lives;
            let tell = |what| from.send(wrap(FromLink { number, what })).is_ok();
            let trouble = match opening::open(&plan) {
                Ok(opened) => {
                    let what = What::Open { is_encrypted: opened.is_encrypted };
                    if !tell(what) {
                        return;
                    }
                    carry(poll, opened.channel, &told, &tell)
                }
                Err(trouble) => Some(trouble),
            };
            if let Some(trouble) = trouble {
                tell(What::Lost(trouble));
            }
        })?;
        Ok(Self { number, to, waker, over })
    }

    /// Returns its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Writes, by itself: for classroom servers one write is one message.
    pub fn write(&self, bytes: Vec<u8>) {
        // A link that is over has said so, or will.
        let _ = self.to.send(ToLink::Write(bytes));
        let _ = self.waker.wake();
    }

    /// Closes it, and waits until what was to be written is: a second at most. One that is still being opened ends with the
    /// process.
    pub fn close(self, is_open: bool) {
        self.end(Ending::Close, is_open);
    }

    /// Breaks it off, otherwise as [`Connection::close`]: for servers that do not notice an ordinary end.
    pub fn reset(self, is_open: bool) {
        self.end(Ending::Reset, is_open);
    }

    fn end(self, ending: Ending, is_open: bool) {
        let _ = self.to.send(ToLink::End(ending));
        let _ = self.waker.wake();
        if is_open {
            let _ = self.over.recv_timeout(GOODBYE_MAX);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.to.send(ToLink::End(Ending::Close));
        let _ = self.waker.wake();
    }
}

/// A socket, encrypted or not.
pub(crate) enum Stream {
    Clear(TcpStream),
    Encrypted(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// How bytes travel on it.
pub(crate) enum Channel {
    Bytes(Stream),
    Frames(Box<WebSocket<Stream>>),
}

impl Stream {
    pub(crate) fn socket(&self) -> &TcpStream {
        match self {
            Self::Clear(socket) => socket,
            Self::Encrypted(stream) => &stream.sock,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Clear(socket) => socket.read(bytes),
            Self::Encrypted(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Clear(socket) => socket.write(bytes),
            Self::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Clear(socket) => socket.flush(),
            Self::Encrypted(stream) => stream.flush(),
        }
    }
}

impl Channel {
    fn socket(&self) -> &TcpStream {
        match self {
            Self::Bytes(stream) => stream.socket(),
            Self::Frames(frames) => frames.get_ref().socket(),
        }
    }

    /// Tells whether something that was taken is not written yet.
    fn wants_to_write(&self) -> bool {
        let stream = match self {
            Self::Bytes(stream) => stream,
            Self::Frames(frames) => frames.get_ref(),
        };
        matches!(stream, Stream::Encrypted(stream) if stream.conn.wants_write())
    }

    /// Reads once; nothing when nothing has come, an empty piece at the end.
    fn read(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match self {
            Self::Bytes(stream) => {
                let mut bytes = vec![0; READ_BYTES];
                match stream.read(&mut bytes) {
                    Ok(count) => {
                        bytes.truncate(count);
                        Ok(Some(bytes))
                    }
                    Err(error) if is_later(&error) => Ok(None),
                    // A server that does not say goodbye in TLS has closed it all the same.
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Some(Vec::new())),
                    Err(error) => Err(Trouble::Unreachable(error.to_string())),
                }
            }
            Self::Frames(frames) => match frames.read() {
                Ok(Message::Text(text)) => Ok(Some(format!("{text}\r\n").into_bytes())),
                Ok(Message::Binary(bytes)) => Ok(Some([&bytes[..], b"\r\n"].concat())),
                // Pings are answered with the next write, which is asked for here.
                Ok(_) => Ok(Some(b"\r\n".to_vec())),
                Err(tungstenite::Error::Io(error)) if is_later(&error) => Ok(None),
                Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => Ok(Some(Vec::new())),
                Err(error) => Err(Trouble::Protocol(error.to_string())),
            },
        }
    }

    /// Writes of a piece what can be written now; `true`: all of it.
    fn write(&mut self, piece: &mut Vec<u8>) -> Result<bool, Trouble> {
        match self {
            Self::Bytes(stream) => {
                while !piece.is_empty() {
                    match stream.write(piece) {
                        Ok(count) => drop(piece.drain(..count)),
                        Err(error) if is_later(&error) => return Ok(false),
                        Err(error) => return Err(Trouble::Unreachable(error.to_string())),
                    }
                }
                match stream.flush() {
                    Err(error) if !is_later(&error) => Err(Trouble::Unreachable(error.to_string())),
                    Ok(()) | Err(_) => Ok(true),
                }
            }
            Self::Frames(frames) => {
                let lines = piece.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
                for line in lines.filter(|line| !line.is_empty()) {
                    let text = String::from_utf8_lossy(line).into_owned();
                    match frames.write(Message::text(text)) {
                        Err(tungstenite::Error::Io(error)) if is_later(&error) => {}
                        Err(error) => return Err(Trouble::Protocol(error.to_string())),
                        Ok(()) => {}
                    }
                }
                piece.clear();
                match frames.flush() {
                    Err(tungstenite::Error::Io(error)) if is_later(&error) => Ok(false),
                    Err(error) => Err(Trouble::Protocol(error.to_string())),
                    Ok(()) => Ok(true),
                }
            }
        }
    }
}

fn is_later(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::TimedOut)
}

/// Carries bytes both ways until one side ends it. Returns why it ended, when it was not this one.
fn carry(
    mut poll: Poll,
    mut channel: Channel,
    told: &Receiver<ToLink>,
    tell: &dyn Fn(What) -> bool,
) -> Option<Trouble> {
    let failed = |error: io::Error| Some(Trouble::Unreachable(error.to_string()));
    if let Err(error) = channel.socket().set_nonblocking(true) {
        return failed(error);
    }
    // A second handle of the socket, which is only waited for: TLS and WebSocket read and write the first.
    let registered = channel.socket().try_clone().and_then(|socket| {
        let mut watched = mio::net::TcpStream::from_std(socket);
        poll.registry().register(&mut watched, SOCKET, Interest::READABLE)?;
        Ok(watched)
    });
    let mut watched = match registered {
        Ok(watched) => watched,
        Err(error) => return failed(error),
    };
    let mut events = Events::with_capacity(16);
    let mut pieces: std::collections::VecDeque<Vec<u8>> = std::collections::VecDeque::new();
    let mut ending: Option<Ending> = None;
    loop {
        for order in told.try_iter() {
            match order {
                ToLink::Write(bytes) => pieces.push_back(bytes),
                // Dropped, it would be closed: the first order counts.
                ToLink::End(how) => {
                    ending.get_or_insert(how);
                }
            }
        }
        while let Some(piece) = pieces.front_mut() {
            match channel.write(piece) {
                Ok(true) => drop(pieces.pop_front()),
                Ok(false) => break,
                Err(trouble) => return Some(trouble),
            }
        }
        if let Some(ending) = ending.filter(|_| pieces.is_empty()) {
            // One that cannot be ended as it should ends when its last handle does.
            let _ = match ending {
                Ending::Close => channel.socket().shutdown(Shutdown::Write),
                Ending::Reset => socket2::SockRef::from(channel.socket()).set_linger(Some(Duration::ZERO)),
            };
            return None;
        }
        loop {
            match channel.read() {
                Ok(Some(bytes)) if bytes.is_empty() => return Some(Trouble::Closed),
                Ok(Some(bytes)) => {
                    if !tell(What::Bytes(bytes)) {
                        return None;
                    }
                }
                Ok(None) => break,
                Err(trouble) => return Some(trouble),
            }
        }
        // Anew each time, as Windows wants it. It is waited for room only where something waits for it.
        let waits = !pieces.is_empty() || channel.wants_to_write();
        let interest = if waits { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        if let Err(error) = poll.registry().reregister(&mut watched, SOCKET, interest) {
            return failed(error);
        }
        match poll.poll(&mut events, ending.map(|_| GOODBYE_MAX)) {
            Ok(()) if ending.is_some() && events.is_empty() => return None,
            Err(error) if error.kind() != ErrorKind::Interrupted => return failed(error),
            Ok(()) | Err(_) => {}
        }
    }
}
