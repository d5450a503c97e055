//! What takes long and is done elsewhere: passwords, and the files of the file host. A worker carries it out, with randomness and time of its own, and the
//! outcome comes back as an input; the session's next line waits for it, and nobody else's.

use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use chat::user::OperatorClass;

use crate::features::uploads::Upload;
use crate::sasl::credentials::{self, ScramKeys};

/// What a session wants done.
#[derive(Clone, PartialEq, Eq)]
pub enum Work {
    /// Check the password of an operator of the configuration.
    Operator {
        /// The operator's name.
        name: Box<str>,
        /// What was given.
        password: Box<str>,
    },
    /// Check the password of an account.
    Password {
        /// What it is checked with ([`chat::account::Account::credentials`]); empty, as for an account that does not
        /// exist: the answer is no, and takes as long.
        credentials: Arc<str>,
        /// What was given.
        password: Box<str>,
    },
    /// Make what a new password can be checked with.
    Credentials {
        /// The new password.
        password: Box<str>,
    },
    /// List what people share, the newest first.
    ListUploads {
        /// The most files.
        count: usize,
        /// Only what is behind this place, as [`Outcome::Uploads`] calls it; a word that is none: from the beginning.
        before: Option<Box<str>>,
    },
    /// Remove a file that somebody shares.
    RemoveUpload {
        /// The name under which it is fetched.
        name: Box<str>,
    },
}

impl core::fmt::Debug for Work {
    /// Leaves out what is secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Operator { name, .. } => f.debug_struct("Operator").field("name", name).finish_non_exhaustive(),
            Self::Password { .. } => f.write_str("Password"),
            Self::Credentials { .. } => f.write_str("Credentials"),
            Self::ListUploads { count, before } => {
                f.debug_struct("ListUploads").field("count", count).field("before", before).finish()
            }
            Self::RemoveUpload { name } => f.debug_struct("RemoveUpload").field("name", name).finish(),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of [`Work::Operator`]: what the operator may do, or no.
    Operator(Option<OperatorClass>),
    /// Of [`Work::Password`].
    Password(bool),
    /// Of [`Work::Credentials`].
    Credentials(Arc<str>),
    /// Of [`Work::ListUploads`].
    Uploads {
        /// The files, the newest first.
        page: Vec<Upload>,
        /// Where the next page begins; `None`: these were the last.
        before: Option<Box<str>>,
    },
    /// Of [`Work::RemoveUpload`]: what was removed; `None`: there is no such file.
    UploadRemoved(Option<Box<Upload>>),
    /// The disk did not do it.
    Failed,
    /// So much waits that this was not begun.
    Busy,
}

impl Work {
    /// Does at once what a worker takes its time for; `operator` knows the operators of the configuration. For tests: a
    /// password is in its own credentials.
    pub fn at_once_for_tests(self, operator: impl FnOnce(&str, &str) -> Option<OperatorClass>) -> Outcome {
        match self {
            Self::Operator { name, password } => Outcome::Operator(operator(&name, &password)),
            Self::Password { credentials, password } => Outcome::Password(fits_for_tests(&credentials, &password)),
            Self::Credentials { password } => Outcome::Credentials(credentials_for_tests(&password)),
            // Where no socket is, nobody has sent a file.
            Self::ListUploads { .. } => Outcome::Uploads { page: Vec::new(), before: None },
            Self::RemoveUpload { .. } => Outcome::UploadRemoved(None),
        }
    }
}

/// Makes credentials for tests, at once and with no secrecy at all: the password itself, and keys of few iterations.
pub fn credentials_for_tests(password: &str) -> Arc<str> {
    let keys = ScramKeys::of_password(password, b"salt for a test", 2);
    credentials::join(&Base64::encode_string(password.as_bytes()), &keys).into()
}

/// Checks a password with what [`credentials_for_tests`] has made.
pub fn fits_for_tests(kept: &str, password: &str) -> bool {
    !kept.is_empty() && credentials::hash(kept) == Base64::encode_string(password.as_bytes())
}
