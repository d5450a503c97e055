//! What one may do with everything that is kept, at once.

use crate::refusal::Refusal;
use crate::user::OperatorClass;

/// Who wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The owner of the server, at its machine: whoever has the data directory, by a command of the program or the control socket.
    Console,
    /// Somebody who is connected, of this class.
    Connected(Option<OperatorClass>),
}

/// One thing that may be done with all of it: every message of every channel and between any two people, and accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveAction {
    /// Write it out as text (`loggia export`).
    Export,
    /// Take in what was written out, here or elsewhere (`loggia import`).
    Import,
    /// Copy it (`loggia backup`).
    Backup,
    /// Put a copy in its place (`loggia restore`).
    Restore,
    /// Look through it (`loggia verify`).
    Verify,
}

impl ArchiveAction {
    /// One of each, in the order they are printed.
    pub const ALL: [Self; 5] = [Self::Export, Self::Import, Self::Backup, Self::Restore, Self::Verify];

    /// Returns its name: the command of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Import => "import",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Verify => "verify",
        }
    }
}

/// Says whether somebody may do this. What is kept is in the hands of whoever has the files, private conversations included, so it is
/// theirs to copy; nobody gets it by a connection, whatever their class.
///
/// # Errors
/// 481 for those who are no operators, 723 for operators.
pub fn check_archive(keeper: Keeper, action: ArchiveAction) -> Result<(), Refusal> {
    match keeper {
        Keeper::Console => Ok(()),
        Keeper::Connected(None) => Err(Refusal::NotAnOperator),
        Keeper::Connected(Some(_)) => Err(Refusal::PrivilegeNeeded(action.name())),
    }
}
