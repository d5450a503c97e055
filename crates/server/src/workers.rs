//! What takes long is done by threads of their own: a password hash takes as long as thousands of messages, and a disk its time.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use chat::ids::SessionId;
use chat::user::OperatorClass;
use session::work::{Outcome, Work};
use uploads::Shelf;

use crate::config::{Operator, OperatorClass as Class, PasswordHash};
use crate::credentials::{self, Passwords};
use crate::filehost::for_operators;

/// The most tasks that may wait; beyond it, the outcome is [`Outcome::Busy`].
const TASKS_MAX: usize = 256;

/// The most threads: hashing is to leave the chat some of the machine.
const THREADS_MAX: usize = 4;

/// One thing to do, and for whom.
type Task = (SessionId, Work);

/// What came of it, and for whom.
pub type Done = (SessionId, Outcome);

/// What the threads have in common.
#[derive(Debug)]
struct House {
    waiting: Mutex<Receiver<Task>>,
    operators: Arc<Mutex<Vec<Operator>>>,
    passwords: Passwords,
    /// What people share; none: nothing.
    files: Option<Arc<Shelf>>,
}

/// The threads.
#[derive(Debug)]
pub struct Workers {
    tasks: SyncSender<Task>,
    operators: Arc<Mutex<Vec<Operator>>>,
}

impl Workers {
    /// Starts the threads. `done` is called on one of them with what has come of each task.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn start(
        operators: Vec<Operator>,
        cost: PasswordHash,
        files: Option<Arc<Shelf>>,
        done: impl Fn(Done) + Clone + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (tasks, waiting) = sync_channel::<Task>(TASKS_MAX);
        let operators = Arc::new(Mutex::new(operators));
        let house = Arc::new(House {
            waiting: Mutex::new(waiting),
            operators: Arc::clone(&operators),
            passwords: Passwords::new(cost),
            files,
        });
        // Half of the processors, for the event loop and the disk are to go on meanwhile.
        let threads = std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2)).min(THREADS_MAX);
        for number in 1..=threads {
            let (house, done) = (Arc::clone(&house), done.clone());
            std::thread::Builder::new()
                .name(format!("worker {number}"))
                .spawn(move || house.run(done))
                .context("cannot start a thread that checks passwords")?;
        }
        Ok(Self { tasks, operators })
    }

    /// Goes by other operators from now on.
    pub fn reload(&self, operators: Vec<Operator>) {
        *self.operators.lock().unwrap_or_else(PoisonError::into_inner) = operators;
    }

    /// Has something done. Returns [`Outcome::Busy`] at once when too much waits.
    pub fn take(&self, session: SessionId, work: Work) -> Option<Done> {
        match self.tasks.try_send((session, work)) {
            Ok(()) => None,
            Err(TrySendError::Full((session, _)) | TrySendError::Disconnected((session, _))) => {
                Some((session, Outcome::Busy))
            }
        }
    }
}

impl House {
    /// One thread: takes a task after the other until there are no more senders.
    fn run(&self, done: impl Fn(Done)) {
        loop {
            let next = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((session, work)) = next else { return };
            done((session, self.carry_out(work)));
        }
    }

    fn carry_out(&self, work: Work) -> Outcome {
        match work {
            Work::Operator { name, password } => {
                let operators = self.operators.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Outcome::Operator(operator_class(&operators, &name, &password, credentials::hash_fits))
            }
            Work::Password { credentials, password } => Outcome::Password(self.passwords.fit(&credentials, &password)),
            Work::Credentials { password } => match self.passwords.make(&password) {
                Ok(credentials) => Outcome::Credentials(credentials),
                Err(error) => {
                    tracing::error!(%error, "cannot hash a password");
                    Outcome::Busy
                }
            },
            Work::ListUploads { count, before } => match &self.files {
                Some(files) => for_operators::list(files, count, before.as_deref()),
                None => Outcome::Uploads { page: Vec::new(), before: None },
            },
            Work::RemoveUpload { name } => match &self.files {
                Some(files) => for_operators::remove(files, &name),
                None => Outcome::UploadRemoved(None),
            },
        }
    }
}

/// Tells which class this password makes an operator of. `hash_fits` takes long, and is asked exactly once whatever the name is, so
/// that nobody can tell by the clock which operators there are: for a name that is nobody's, about somebody else's password.
fn operator_class(
    operators: &[Operator],
    name: &str,
    password: &str,
    hash_fits: impl Fn(&str, &str) -> bool,
) -> Option<OperatorClass> {
    let operator = operators.iter().find(|operator| *operator.name == *name);
    let own = operator.and_then(|operator| operator.password_hash.as_deref());
    let somebodys = || operators.iter().find_map(|operator| operator.password_hash.as_deref());
    let fits = own.or_else(somebodys).is_some_and(|hash| hash_fits(hash, password));
    let operator = operator?;
    let right = match (own, &operator.password) {
        (Some(_), _) => fits,
        (None, Some(expected)) => **expected == *password,
        (None, None) => false,
    };
    right.then_some(match operator.class {
        Class::Admin => OperatorClass::Admin,
        Class::Moderator => OperatorClass::Moderator,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn operators() -> Vec<Operator> {
        let hash = crate::account_hash::hash("caffè").unwrap_or_else(|error| panic!("{error}"));
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

    fn check(name: &str, password: &str) -> Work {
        Work::Operator { name: name.into(), password: password.into() }
    }

    #[test]
    fn the_right_password_gives_the_operators_class() {
        let operators = operators();
        let class = |name, password| operator_class(&operators, name, password, credentials::hash_fits);
        assert_eq!(class("anna", "secret"), Some(OperatorClass::Admin));
        assert_eq!(class("bruno", "caffè"), Some(OperatorClass::Moderator));
    }

    #[test]
    fn anything_else_gives_nothing() {
        let operators = operators();
        for (name, password) in [
            ("anna", "Secret"),
            ("anna", ""),
            ("bruno", "secret"),
            ("carla", ""),
            ("dora", "secret"),
            ("dora", "caffè"),
        ] {
            let class = operator_class(&operators, name, password, credentials::hash_fits);
            assert_eq!(class, None, "{name} with {password:?}");
        }
    }

    /// Nobody can tell by the clock which operators there are: the same work is done for one who is none.
    #[test]
    fn an_operator_who_does_not_exist_takes_as_long() {
        let operators = operators();
        for name in ["anna", "bruno", "carla", "dora", ""] {
            for password in ["secret", "caffè", "wrong", ""] {
                let checks = std::cell::Cell::new(0);
                let count = |hash: &str, tried: &str| {
                    checks.set(checks.get() + 1);
                    assert!(hash.starts_with("$argon2id$") && tried == password);
                    false
                };
                operator_class(&operators, name, password, count);
                assert_eq!(checks.get(), 1, "{name} with {password:?}");
            }
        }
        let nobody = operator_class(&[], "anna", "secret", |_, _| unreachable!("there is nobody to guess"));
        assert_eq!(nobody, None);
    }

    #[test]
    fn an_accounts_password_is_checked_with_what_was_made_of_it() {
        let house = House {
            waiting: Mutex::new(sync_channel(1).1),
            operators: Arc::default(),
            passwords: Passwords::new(PasswordHash::Test),
            files: None,
        };
        let Outcome::Credentials(credentials) = house.carry_out(Work::Credentials { password: "tè".into() }) else {
            panic!("no credentials");
        };
        for (credentials, password, fits) in
            [(&credentials, "tè", true), (&credentials, "te", false), (&"".into(), "", false)]
        {
            let work = Work::Password { credentials: Arc::clone(credentials), password: password.into() };
            assert_eq!(house.carry_out(work), Outcome::Password(fits), "{password}");
        }
    }

    #[test]
    fn every_task_is_answered() {
        let (sender, answers) = sync_channel(TASKS_MAX);
        let done = move |done| sender.send(done).unwrap_or_default();
        let workers =
            Workers::start(operators(), PasswordHash::Test, None, done).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(workers.take(SessionId(7), check("anna", "secret")), None, "it takes its time");
        let admin = Outcome::Operator(Some(OperatorClass::Admin));
        assert_eq!(answers.recv_timeout(Duration::from_secs(20)), Ok((SessionId(7), admin)));

        workers.reload(Vec::new());
        assert_eq!(workers.take(SessionId(8), check("anna", "secret")), None);
        let none_any_more = (SessionId(8), Outcome::Operator(None));
        assert_eq!(answers.recv_timeout(Duration::from_secs(20)), Ok(none_any_more));
    }

    #[test]
    fn when_too_much_waits_it_says_so_at_once() {
        // Nobody takes the tasks out.
        let (tasks, _waiting) = sync_channel(1);
        let workers = Workers { tasks, operators: Arc::default() };
        assert_eq!(workers.take(SessionId(1), check("anna", "secret")), None);
        assert_eq!(workers.take(SessionId(2), check("anna", "secret")), Some((SessionId(2), Outcome::Busy)));
    }

    #[test]
    fn a_password_is_not_printed() {
        for work in [check("anna", "hush"), Work::Credentials { password: "hush".into() }] {
            assert!(!format!("{work:?}").contains("hush"));
        }
    }
}
