//! What is hidden from strangers, and who sees it.

/// Something that not everybody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// That a channel with `+s` exists.
    Channel,
    /// A channel's key.
    Key,
    /// The invisible (`+i`) among a channel's members.
    InvisibleMembers,
    /// Somebody invisible, outside of channels.
    InvisibleUser,
}

impl Hidden {
    /// One of each, in the order they are printed.
    pub const ALL: [Self; 4] = [Self::Channel, Self::Key, Self::InvisibleMembers, Self::InvisibleUser];
}

/// Says whether somebody sees it. `is_inside`: they are in the channel (or on its access list, for its key), share a channel
/// with the user, or are the user.
pub fn may_see(hidden: Hidden, is_inside: bool, is_operator: bool) -> bool {
    match hidden {
        Hidden::Channel | Hidden::Key | Hidden::InvisibleMembers | Hidden::InvisibleUser => is_inside || is_operator,
    }
}
