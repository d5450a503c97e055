//! Operators' passwords are checked on a thread of their own: a hash takes as long as thousands of messages.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use argon2::Argon2;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc::PasswordHash;
use chat::ids::SessionId;
use chat::user::OperatorClass;

use crate::config::{Operator, OperatorClass as Class};

/// The most checks that may wait; beyond it, the answer is no.
const CHECKS_MAX: usize = 64;

/// One password to check.
struct Check {
    session: SessionId,
    name: Box<str>,
    password: Box<str>,
}

/// What came of a check: the class of the operator, or no.
pub type Verdict = (SessionId, Option<OperatorClass>);

/// The thread, and what it has found out.
#[derive(Debug)]
pub struct Operators {
    checks: SyncSender<Check>,
    known: Arc<Mutex<Vec<Operator>>>,
    verdicts: Receiver<Verdict>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("session", &self.session).field("name", &self.name).finish_non_exhaustive()
    }
}

impl Operators {
    /// Starts the thread. `wake` is called when there is a verdict.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn start(operators: Vec<Operator>, wake: impl Fn() + Send + 'static) -> anyhow::Result<Self> {
        let (checks, waiting) = sync_channel::<Check>(CHECKS_MAX);
        let (found, verdicts) = sync_channel(CHECKS_MAX * 2);
        let known = Arc::new(Mutex::new(operators));
        let among = Arc::clone(&known);
        std::thread::Builder::new()
            .name("operator passwords".to_owned())
            .spawn(move || {
                for check in waiting {
                    let operators = among.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    if found.send((check.session, verify(&operators, &check))).is_err() {
                        return;
                    }
                    wake();
                }
            })
            .context("cannot start the thread that checks operators' passwords")?;
        Ok(Self { checks, known, verdicts })
    }

    /// Goes by other operators from now on.
    pub fn reload(&self, operators: Vec<Operator>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = operators;
    }

    /// Asks for a check. Returns the verdict at once when too many wait.
    pub fn check(&self, session: SessionId, name: Box<str>, password: Box<str>) -> Option<Verdict> {
        match self.checks.try_send(Check { session, name, password }) {
            Ok(()) => None,
            Err(TrySendError::Full(check) | TrySendError::Disconnected(check)) => Some((check.session, None)),
        }
    }

    /// Takes what has been found out.
    pub fn verdicts(&self) -> impl Iterator<Item = Verdict> {
        self.verdicts.try_iter()
    }
}

fn verify(operators: &[Operator], check: &Check) -> Option<OperatorClass> {
    let operator = operators.iter().find(|operator| *operator.name == *check.name)?;
    let fits = match (&operator.password_hash, &operator.password) {
        (Some(hash), _) => PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(check.password.as_bytes(), &hash).is_ok()),
        (None, Some(password)) => **password == *check.password,
        (None, None) => false,
    };
    fits.then_some(match operator.class {
        Class::Admin => OperatorClass::Admin,
        Class::Moderator => OperatorClass::Moderator,
    })
}
