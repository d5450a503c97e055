//! The client's end of one connection: a socket, encrypted or not, and a thread that reads it.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::ClientConnection;

use crate::driver::Received;
use crate::model::Leaving;

/// How long connecting, a TLS handshake's next step and a send may take.
const AT_MOST: Duration = Duration::from_secs(5);
/// How often the reader looks whether it is told to let go of the socket.
const LOOK_UP_AFTER: Duration = Duration::from_millis(50);

/// One connection. A thread reads it at once, so that what one `recv` returned stays apart from the next.
pub(super) struct Client {
    wire: Option<Arc<Wire>>,
    received: Receiver<Received>,
    stop: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

/// The socket, and what hides what goes over it.
struct Wire {
    stream: TcpStream,
    tls: Option<Mutex<ClientConnection>>,
}

impl Client {
    /// Connects; with `tls`, through that.
    ///
    /// # Errors
    /// When nobody answers, or the handshake fails.
    pub(super) fn connect(address: SocketAddr, tls: Option<ClientConnection>) -> io::Result<Self> {
        let mut stream = TcpStream::connect_timeout(&address, AT_MOST)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(AT_MOST))?;
        stream.set_read_timeout(Some(AT_MOST))?;
        let tls = tls.map(|tls| shake_hands(tls, &mut stream)).transpose()?;
        stream.set_read_timeout(Some(LOOK_UP_AFTER))?;
        let wire = Arc::new(Wire { stream, tls: tls.map(Mutex::new) });
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, received) = mpsc::channel();
        let reader = thread::spawn({
            let (wire, stop) = (Arc::clone(&wire), Arc::clone(&stop));
            move || read_all(&wire, &stop, &sender)
        });
        Ok(Self { wire: Some(wire), received, stop, reader: Some(reader) })
    }

    /// Sends all of it; nothing happens once the server has closed the connection.
    ///
    /// # Errors
    /// When it cannot be sent for another reason.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(wire) = &self.wire else { return Err(io::Error::other("it has left")) };
        match wire.send(bytes) {
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => Ok(()),
            sent => sent,
        }
    }

    /// Returns what came next, waiting for it at most this long.
    pub(super) fn receive(&self, at_most: Duration) -> Received {
        self.received.recv_timeout(at_most).unwrap_or(Received::Nothing)
    }

    pub(super) fn leave(&mut self, how: Leaving) {
        let Some(wire) = &self.wire else { return };
        if how != Leaving::Reset {
            // A connection that is gone already cannot be ended in order; the transcript will see that it is closed.
            let _ = wire.say_goodbye();
        }
        if how == Leaving::HalfClose {
            let _ = wire.stream.shutdown(Shutdown::Write);
            return;
        }
        self.stop.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        if how == Leaving::Reset {
            let _ = socket2::SockRef::from(&wire.stream).set_linger(Some(Duration::ZERO));
        }
        self.wire = None;
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn shake_hands(mut tls: ClientConnection, stream: &mut TcpStream) -> io::Result<ClientConnection> {
    while tls.is_handshaking() {
        tls.complete_io(stream)?;
    }
    flush(&mut tls, stream)?;
    Ok(tls)
}

fn flush(tls: &mut ClientConnection, mut stream: &TcpStream) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(&mut stream)?;
    }
    Ok(())
}

impl Wire {
    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &self.tls else { return (&self.stream).write_all(bytes) };
        let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
        tls.writer().write_all(bytes)?;
        flush(&mut tls, &self.stream)
    }

    /// Takes what one `recv` returns.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<Received> {
        let length = (&self.stream).read(buffer)?;
        if length == 0 {
            return Ok(Received::Finished);
        }
        let Some(tls) = &self.tls else { return Ok(Received::Bytes(buffer[..length].to_vec())) };
        let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut secret, mut open) = (&buffer[..length], Vec::new());
        while !secret.is_empty() {
            tls.read_tls(&mut secret)?;
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            let before = open.len();
            open.resize(before + state.plaintext_bytes_to_read(), 0);
            tls.reader().read_exact(&mut open[before..])?;
        }
        flush(&mut tls, &self.stream)?;
        Ok(if open.is_empty() { Received::Nothing } else { Received::Bytes(open) })
    }

    /// Says over TLS that nothing more will come, so that nobody can cut the connection short unnoticed.
    fn say_goodbye(&self) -> io::Result<()> {
        let Some(tls) = &self.tls else { return Ok(()) };
        let mut tls = tls.lock().unwrap_or_else(PoisonError::into_inner);
        tls.send_close_notify();
        flush(&mut tls, &self.stream)
    }
}

fn read_all(wire: &Wire, stop: &AtomicBool, sender: &Sender<Received>) {
    let mut buffer = vec![0; 64 * 1024];
    while !stop.load(Ordering::Relaxed) {
        let received = match wire.receive(&mut buffer) {
            Ok(Received::Nothing) => continue,
            Ok(received) => received,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => Received::Reset,
        };
        let ended = !matches!(received, Received::Bytes(_));
        if sender.send(received).is_err() || ended {
            return;
        }
    }
}
