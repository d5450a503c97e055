//! What one may do to an account, and with invitations to make some.

use super::{ServerAction, check_server};
use crate::refusal::{AccountRefusal, Refusal};
use crate::user::OperatorClass;

/// What somebody stands for towards an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountStanding {
    /// Whether they are logged in to it.
    pub owner: bool,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
    /// Whether it is the owner of the server, at its machine.
    pub console: bool,
}

/// One thing that may be done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountAction {
    /// Make one for somebody, with whatever rights.
    Add,
    /// Change its password, certificates, address or wishes.
    Change,
    /// See its address, its certificates and who is logged in.
    See,
    /// List all.
    List,
    /// Remove it.
    Remove,
    /// Give its owner a code to set another password.
    IssueReset,
    /// Disconnect who has its name as their nick, or its other sessions.
    Reclaim,
    /// Make an invitation, list and revoke one's own.
    Invite,
    /// List and revoke everybody's invitations.
    RevokeInvitations,
}

impl AccountAction {
    /// One of each, in the order they are printed.
    pub const ALL: [Self; 9] = [
        Self::Add,
        Self::Change,
        Self::See,
        Self::List,
        Self::Remove,
        Self::IssueReset,
        Self::Reclaim,
        Self::Invite,
        Self::RevokeInvitations,
    ];
}

/// Says whether somebody of this standing may do this.
///
/// # Errors
/// 481 and 723 for what server operators may do, [`AccountRefusal::NotYours`] for what is the owner's.
pub fn check_account(standing: AccountStanding, action: AccountAction) -> Result<(), Refusal> {
    let AccountStanding { owner, operator, console } = standing;
    let is_admin = operator == Some(OperatorClass::Admin);
    let (allowed, refusal) = match action {
        AccountAction::Add => (console, Refusal::NotAnOperator),
        AccountAction::Change => (owner || console, Refusal::Account(AccountRefusal::NotYours)),
        AccountAction::See => (owner || operator.is_some() || console, Refusal::NotAnOperator),
        AccountAction::List | AccountAction::Invite => (operator.is_some() || console, Refusal::NotAnOperator),
        AccountAction::Remove => (owner || is_admin || console, Refusal::Account(AccountRefusal::NotYours)),
        // Who can set a password can be whoever they want.
        AccountAction::IssueReset | AccountAction::RevokeInvitations if console => return Ok(()),
        AccountAction::IssueReset | AccountAction::RevokeInvitations => {
            return check_server(operator, ServerAction::RegisterForOthers);
        }
        AccountAction::Reclaim => (owner, Refusal::Account(AccountRefusal::NotYours)),
    };
    if allowed { Ok(()) } else { Err(refusal) }
}
