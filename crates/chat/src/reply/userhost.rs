//! What USERHOST tells.

use std::sync::Arc;

use crate::person::Person;

/// One nick in an answer to USERHOST.
#[derive(Clone, Debug)]
pub struct UserHost {
    /// Who.
    pub person: Arc<Person>,
    /// Server operator.
    pub operator: bool,
    /// Away.
    pub away: bool,
}
