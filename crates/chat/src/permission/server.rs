//! What the classes of server operators may do to the server and to whom, whatever the channel.

use crate::refusal::Refusal;
use crate::user::OperatorClass;

/// One thing that only server operators may do. Where it is done to people, `whom` is the highest class among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerAction {
    /// Act with the rank of a channel's operators where one has none.
    ActInChannels,
    /// Keep people off the server, also those who are on it.
    BanServer {
        /// The highest class among those it disconnects.
        whom: Option<OperatorClass>,
    },
    /// Give somebody another user name and host.
    ChangeHost {
        /// Their class.
        whom: Option<OperatorClass>,
    },
    /// Be told what other operators do.
    HearNotices,
    /// List and remove files that people share.
    ManageUploads,
    /// Disconnect somebody.
    Kill {
        /// Their class.
        whom: Option<OperatorClass>,
    },
    /// Switch the raid mode, which lets only known accounts speak.
    RaidMode,
    /// Make an account for somebody else, change one, or remove it.
    RegisterForOthers,
    /// Have the configuration read again.
    Rehash,
    /// See the addresses behind cloaked hosts.
    SeeAddresses,
    /// Read what operators have done.
    SeeAudit,
    /// See the list of bans.
    SeeBans,
    /// See the server's numbers.
    Stats,
    /// Tell everybody who wants to hear it.
    Wallops,
}

impl ServerAction {
    /// One of each, in the order they are printed.
    pub const ALL: [Self; 14] = [
        Self::ActInChannels,
        Self::BanServer { whom: None },
        Self::ChangeHost { whom: None },
        Self::HearNotices,
        Self::ManageUploads,
        Self::Kill { whom: None },
        Self::RaidMode,
        Self::RegisterForOthers,
        Self::Rehash,
        Self::SeeAddresses,
        Self::SeeAudit,
        Self::SeeBans,
        Self::Stats,
        Self::Wallops,
    ];

    /// Returns its name: the privilege that 723 names.
    pub fn name(self) -> &'static str {
        match self {
            Self::ActInChannels => "act-in-channels",
            Self::BanServer { .. } => "ban",
            Self::ChangeHost { .. } => "change-host",
            Self::HearNotices => "hear-notices",
            Self::ManageUploads => "manage-uploads",
            Self::Kill { .. } => "kill",
            Self::RaidMode => "raid",
            Self::RegisterForOthers => "register-for-others",
            Self::Rehash => "rehash",
            Self::SeeAddresses => "see-addresses",
            Self::SeeAudit => "see-audit",
            Self::SeeBans => "see-bans",
            Self::Stats => "stats",
            Self::Wallops => "wallops",
        }
    }

    /// Returns the same done to somebody of this class; `None` when it is done to nobody.
    pub fn to(self, whom: Option<OperatorClass>) -> Option<Self> {
        match self {
            Self::BanServer { .. } => Some(Self::BanServer { whom }),
            Self::ChangeHost { .. } => Some(Self::ChangeHost { whom }),
            Self::Kill { .. } => Some(Self::Kill { whom }),
            Self::ActInChannels
            | Self::HearNotices
            | Self::ManageUploads
            | Self::RaidMode
            | Self::RegisterForOthers
            | Self::Rehash
            | Self::SeeAddresses
            | Self::SeeAudit
            | Self::SeeBans
            | Self::Stats
            | Self::Wallops => None,
        }
    }
}

/// Says whether an operator of this class may do this; `None` is everybody who is no operator. Nobody acts on somebody of a
/// higher class.
///
/// # Errors
/// 481 for those who are no operators, 723 for operators whose class is too low.
pub fn check_server(class: Option<OperatorClass>, action: ServerAction) -> Result<(), Refusal> {
    let needed = match action {
        ServerAction::BanServer { whom } | ServerAction::ChangeHost { whom } | ServerAction::Kill { whom } => {
            whom.unwrap_or(OperatorClass::Moderator)
        }
        ServerAction::ActInChannels
        | ServerAction::HearNotices
        | ServerAction::ManageUploads
        | ServerAction::RaidMode
        | ServerAction::SeeAddresses
        | ServerAction::SeeAudit
        | ServerAction::SeeBans
        | ServerAction::Wallops => OperatorClass::Moderator,
        ServerAction::RegisterForOthers | ServerAction::Rehash | ServerAction::Stats => OperatorClass::Admin,
    };
    match class {
        None => Err(Refusal::NotAnOperator),
        Some(class) if class >= needed => Ok(()),
        Some(_) => Err(Refusal::PrivilegeNeeded(action.name())),
    }
}
