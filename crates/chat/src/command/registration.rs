//! What is asked of registered channels.

/// What may be asked of a channel's registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrationCommand {
    /// Registers it.
    Register,
    /// Ends its registration; without the right code, asks for the code.
    Drop {
        /// What was given.
        code: Option<Box<str>>,
    },
    /// Asks what is known of it.
    Info,
    /// Asks for the access list.
    AccessList,
    /// Puts an account on the access list, or takes it off.
    Access {
        /// As typed.
        account: Box<str>,
        /// The rank, never the founder's; `None` takes it off.
        rank: Option<crate::rank::Rank>,
    },
    /// Gives the channel to another account.
    Transfer {
        /// As typed.
        account: Box<str>,
    },
}
