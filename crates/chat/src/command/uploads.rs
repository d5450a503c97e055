//! Files that people share. The edge keeps them; the hall notes what operators do with them.

/// A file that an operator has removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedUpload {
    /// The name under which it was fetched.
    pub name: Box<str>,
    /// What it was, for operators: its sender, and what they called it.
    pub about: Box<str>,
    /// The nick or account of who removed it, where the edge asks in the name of somebody who came by HTTP; a session says itself
    /// who it is.
    pub by: Box<str>,
}
