//! What one may do with files that people share.

use super::ServerAction;
use crate::refusal::Refusal;
use crate::user::OperatorClass;

/// What somebody stands for towards shared files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UploadStanding {
    /// Whether they are logged in.
    pub account: bool,
    /// Whether it is they who have sent the file.
    pub author: bool,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
}

/// One thing that may be done with shared files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadAction {
    /// Send one.
    Send {
        /// Whether only accounts may (`uploads.require_account`).
        accounts_only: bool,
    },
    /// List what everybody has sent.
    ListAll,
    /// Remove one.
    Remove,
}

impl UploadAction {
    /// One of each, in the order they are printed.
    pub const ALL: [Self; 4] =
        [Self::Send { accounts_only: false }, Self::Send { accounts_only: true }, Self::ListAll, Self::Remove];
}

/// Says whether somebody of this standing may do this. To see a file one has to know its name, and nothing else.
///
/// # Errors
/// [`Refusal::LogInNeeded`]; 481 for what is the author's and operators'.
pub fn check_upload(standing: UploadStanding, action: UploadAction) -> Result<(), Refusal> {
    let UploadStanding { account, author, operator } = standing;
    match action {
        UploadAction::Send { accounts_only } if accounts_only && !account => {
            Err(Refusal::LogInNeeded { command: "TOKEN" })
        }
        UploadAction::Send { .. } => Ok(()),
        UploadAction::Remove if author => Ok(()),
        UploadAction::Remove | UploadAction::ListAll => super::check_server(operator, ServerAction::ManageUploads),
    }
}
