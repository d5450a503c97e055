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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::account_hash;

    fn operators() -> Vec<Operator> {
        let hash = account_hash::hash("caffè").unwrap_or_else(|error| panic!("{error}"));
        vec![
            Operator { name: "anna".into(), password: Some("secret".into()), ..Operator::default() },
            Operator {
                name: "bruno".into(),
                password_hash: Some(hash),
                class: Class::Moderator,
                ..Operator::default()
            },
            Operator { name: "carla".into(), ..Operator::default() },
        ]
    }

    fn verdict(name: &str, password: &str) -> Option<OperatorClass> {
        verify(&operators(), &Check { session: SessionId(1), name: name.into(), password: password.into() })
    }

    #[test]
    fn the_right_password_gives_the_operators_class() {
        assert_eq!(verdict("anna", "secret"), Some(OperatorClass::Admin));
        assert_eq!(verdict("bruno", "caffè"), Some(OperatorClass::Moderator));
    }

    #[test]
    fn anything_else_gives_nothing() {
        for (name, password) in
            [("anna", "Secret"), ("anna", ""), ("bruno", "secret"), ("carla", ""), ("dora", "secret")]
        {
            assert_eq!(verdict(name, password), None, "{name} with {password:?}");
        }
    }

    #[test]
    fn every_check_is_answered_and_the_loop_is_woken() {
        let (woken, wakes) = sync_channel(CHECKS_MAX);
        let wake = move || woken.send(()).unwrap_or_default();
        let operators = Operators::start(operators(), wake).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(operators.check(SessionId(7), "anna".into(), "secret".into()), None, "it takes its time");
        assert_eq!(wakes.recv_timeout(Duration::from_secs(20)), Ok(()));
        assert_eq!(operators.verdicts().collect::<Vec<_>>(), [(SessionId(7), Some(OperatorClass::Admin))]);

        operators.reload(Vec::new());
        assert_eq!(operators.check(SessionId(8), "anna".into(), "secret".into()), None);
        assert_eq!(wakes.recv_timeout(Duration::from_secs(20)), Ok(()));
        assert_eq!(operators.verdicts().collect::<Vec<_>>(), [(SessionId(8), None)], "she is none any more");
    }

    #[test]
    fn when_too_many_wait_the_answer_is_no_at_once() {
        // Nobody takes the checks out.
        let (checks, _waiting) = sync_channel(1);
        let (_found, verdicts) = sync_channel(1);
        let operators = Operators { checks, known: Arc::default(), verdicts };
        assert_eq!(operators.check(SessionId(1), "anna".into(), "secret".into()), None);
        assert_eq!(operators.check(SessionId(2), "anna".into(), "secret".into()), Some((SessionId(2), None)));
    }

    #[test]
    fn a_password_is_not_printed() {
        let check = Check { session: SessionId(1), name: "anna".into(), password: "hush".into() };
        assert!(!format!("{check:?}").contains("hush"));
    }
}
