//! Whether one stays while nobody is connected.

/// What may be asked about staying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersistenceCommand {
    /// How it is.
    Get,
    /// How it is to be; `None`: as the configuration says.
    Set(Option<bool>),
}
