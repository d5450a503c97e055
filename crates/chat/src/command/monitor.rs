//! What is asked of MONITOR.

/// The forms of MONITOR.
///
/// Spec: `IRCv3` "monitor".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonitorCommand {
    /// `+`: watches more nicks.
    Add(Vec<Box<str>>),
    /// `-`: watches fewer.
    Remove(Vec<Box<str>>),
    /// `C`: watches nobody.
    Clear,
    /// `L`: asks whom it watches.
    List,
    /// `S`: asks which of them are online.
    Status,
}
