//! What is told of staying while nobody is connected.

/// Whether a user stays while nobody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersistenceStatus {
    /// What the account wishes; `None`: what the server's configuration says.
    pub wish: Option<bool>,
    /// Whether the user stays.
    pub stays: bool,
}
