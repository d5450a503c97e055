//! What the shard does for server operators.

/// What one must be a server operator for and the shard carries out itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorAct {
    /// Reloads the configuration.
    Rehash,
    /// Looks at the server's numbers.
    Stats,
    /// Lists and removes files that people share.
    Uploads,
}
