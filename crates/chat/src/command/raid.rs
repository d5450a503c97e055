//! What is asked of the raid switch.

/// What is to be done about the raid mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RaidCommand {
    /// Switches it on.
    On {
        /// Why.
        reason: Box<str>,
    },
    /// Switches it off.
    Off,
    /// Asks how it stands.
    Query,
}
