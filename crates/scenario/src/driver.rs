//! What running a transcript needs from the outside: connections, bytes and time.

use std::time::Duration;

use crate::model::{Leaving, ServerStep, Setting};

/// A way to reach the code under test. Two exist: real sockets to the real binary, and the pure crates in process.
pub trait Driver {
    /// Opens a connection. Its number is how it is named from then on; numbers count up from 0.
    ///
    /// # Errors
    /// Says what could not be reached.
    fn connect(&mut self) -> Result<usize, Trouble>;

    /// Opens a connection that is encrypted, showing the client certificate of this name, or none. The first to be shown under
    /// a name is made then; it is the same for the whole transcript.
    ///
    /// # Errors
    /// Says what could not be reached, or that the server's door has no TLS.
    fn connect_over_tls(&mut self, certificate: Option<&str>) -> Result<usize, Trouble>;

    /// Returns the fingerprint of the client certificate of this name, as the server shows it: SHA-256, lower-case hexadecimal.
    ///
    /// # Errors
    /// Says why there is none.
    fn fingerprint(&mut self, certificate: &str) -> Result<String, Trouble>;

    /// Hands bytes to the server as one send. A connection that the server has closed takes them silently.
    ///
    /// # Errors
    /// Says what went wrong, other than the server having closed the connection.
    fn send(&mut self, connection: usize, bytes: &[u8]) -> Result<(), Trouble>;

    /// Returns what the server sends next to this connection, waiting for it at most this long. In process the simulated
    /// clock moves on instead of waiting, no further than needed.
    fn receive(&mut self, connection: usize, at_most: Duration) -> Received;

    /// Lets this much time pass.
    fn wait(&mut self, time: Duration);

    /// Ends a connection from the client's side.
    fn leave(&mut self, connection: usize, how: Leaving);

    /// Stops, kills, starts or reloads the server.
    ///
    /// # Errors
    /// Says what the server did instead.
    fn server(&mut self, step: ServerStep) -> Result<(), Trouble>;

    /// Changes a key of the configuration, and has the server read it again.
    ///
    /// # Errors
    /// Says what could not be set.
    fn reload_with(&mut self, setting: &Setting) -> Result<(), Trouble>;

    /// How long to wait before concluding that nothing more comes, where no PING can tell.
    fn quiet(&self) -> Duration;
}

/// What [`Driver::receive`] got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// What one `recv` returned; never empty.
    Bytes(Vec<u8>),
    /// The server has finished the connection in order.
    Finished,
    /// The connection was reset.
    Reset,
    /// Nothing, within the time given.
    Nothing,
}

/// The test could not go on: not a wrong answer, but no answer at all.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Trouble(pub String);
