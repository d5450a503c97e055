//! Passwords of accounts, in the keyring of the system (Secret Service, Keychain, Credential Manager): never in a file. Where there
//! is no keyring, or it stays locked, the person is asked. On a thread of its own: a keyring may ask to be unlocked.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

/// Under what name they are kept.
const SERVICE: &str = "chat.loggia.Desktop";

/// How long the keyring may take at the end: one that waits to be unlocked does not hold the program.
const FINISH_MAX: Duration = Duration::from_secs(2);

/// What is asked of the keyring.
enum Asked {
    Find(String),
    Keep(String, Box<str>),
    Forget(String),
}

/// What it answers.
#[derive(Clone, PartialEq, Eq)]
pub enum Told {
    /// The password that was looked for, if there is one.
    Found(Option<Box<str>>),
    /// A password could not be kept.
    NotKept,
}

/// The keyring.
pub struct Passwords {
    ask: Sender<Asked>,
    told: Receiver<Told>,
    /// Closed when the thread has ended.
    over: Receiver<()>,
}

impl Passwords {
    /// Begins. `wake` is called when there is an answer. Nothing where the system has no thread left.
    pub fn start(wake: impl Fn() + Send + 'static) -> Option<Self> {
        let (ask, asked) = channel();
        let (tell, told) = channel();
        let (lives, over) = sync_channel(0);
        let thread = move || {
            let _lives: SyncSender<()> = lives;
            for asked in asked {
                let answer = match asked {
                    Asked::Find(key) => {
                        Some(Told::Found(entry(&key).and_then(|entry| entry.get_password().ok()).map(Box::from)))
                    }
                    Asked::Keep(key, password) => {
                        let is_kept = entry(&key).is_some_and(|entry| entry.set_password(&password).is_ok());
                        (!is_kept).then_some(Told::NotKept)
                    }
                    Asked::Forget(key) => {
                        // What is not there is forgotten already.
                        let _ = entry(&key).map(|entry| entry.delete_credential());
                        None
                    }
                };
                if let Some(answer) = answer {
                    let _ = tell.send(answer);
                    wake();
                }
            }
        };
        std::thread::Builder::new().name("passwords".to_owned()).spawn(thread).ok()?;
        Some(Self { ask, told, over })
    }

    /// Ends, once what was asked is done: whoever leaves at once has their password kept, too.
    pub fn finish(self) {
        let Self { ask, over, .. } = self;
        drop(ask);
        // It is over when its end of the channel is gone.
        let _ = over.recv_timeout(FINISH_MAX);
    }

    /// Looks for the password of an account; [`Told::Found`] comes.
    pub fn find(&self, server: &str, account: &str) {
        self.tell(Asked::Find(key(server, account)));
    }

    /// Keeps a password.
    pub fn keep(&self, server: &str, account: &str, password: &str) {
        self.tell(Asked::Keep(key(server, account), password.into()));
    }

    /// Keeps it no longer.
    pub fn forget(&self, server: &str, account: &str) {
        self.tell(Asked::Forget(key(server, account)));
    }

    /// Returns the next answer.
    pub fn next(&self) -> Option<Told> {
        self.told.try_recv().ok()
    }

    fn tell(&self, asked: Asked) {
        // The thread lives as long as this does.
        let _ = self.ask.send(asked);
    }
}

fn entry(key: &str) -> Option<keyring::Entry> {
    keyring::Entry::new(SERVICE, key).ok()
}

/// Under what a password is kept: accounts of two servers may have one name.
fn key(server: &str, account: &str) -> String {
    format!("{}@{server}", account.to_lowercase())
}
