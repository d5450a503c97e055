//! What WHO asks for.

/// What an extended WHO asks for.
///
/// Spec: `IRCv3` "whox".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoxFields {
    /// The letters of the fields, as typed.
    pub letters: Box<str>,
    /// Returned in every line, if `t` is among the letters.
    pub token: Box<str>,
}
