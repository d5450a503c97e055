//! What a server is asked about itself.

/// What a server says of itself; the shard knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AboutServer {
    /// Who runs it.
    Admin,
    /// What program it is.
    Info,
    /// The message of the day.
    Motd,
    /// What time it is there.
    Time,
    /// Which version, and what it can do.
    Version,
}
