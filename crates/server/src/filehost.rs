//! The file host: who may send files to this server, and what becomes of them. How it is asked: `web::filehost`,
//! `docs/protocol/filehost.md`. The files themselves: the crate `uploads`.

mod address;
pub mod for_operators;
mod spent;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chat::command::{Command, Guest, RemovedUpload};
use chat::permission::{UploadAction, UploadStanding, check_upload};
use chat::refusal::Refusal;
use chat::reply::Reply;
use chat::time::Timestamp;
use chat::user::OperatorClass;
use fetch::Fetcher;
use irc::casemap::CaseMapping;
use session::bearer::Bearer;
use session::secrets::Secrets;
use session::settings::Peer;
use tokio::sync::Semaphore;
use uploads::headers::Authorization;
use uploads::{Entry, Limits, Owner, Shelf};

pub use self::address::addresses;
use self::spent::Spent;
use crate::config::{self, Config};
use crate::credentials::Passwords;
use crate::desk::Asker;
use crate::event_loop::clock::Clock;
use crate::previews::Previews;
use crate::translate;

/// Files that may be on their way at once, from everybody.
const UPLOADS_AT_ONCE: usize = 32;
/// Pictures that are drawn anew at once: each takes much memory (`uploads.max_pixels`).
const PICTURES_AT_ONCE: usize = 1;
/// Passwords that are checked at once for those who send files.
const PASSWORDS_AT_ONCE: usize = 1;
/// Milliseconds of a day.
const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// Who asks something of the file host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Whose what they send is.
    pub owner: Owner,
    /// How they are called.
    pub by: String,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
}

/// Why somebody is not known, or may not do what they want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// They have not said who they are.
    Unknown,
    /// They are not who they say.
    Wrong,
    /// The token holds no more, or was used.
    Token,
    /// Too many passwords were tried.
    TooManyGuesses {
        /// How long to wait.
        seconds: u64,
    },
    /// They may not.
    Forbidden(Refusal),
    /// Too much is asked at once.
    Busy,
}

/// The file host.
#[derive(Debug)]
pub struct FileHost {
    /// The files.
    pub shelf: Arc<Shelf>,
    /// Places for files on their way.
    pub uploads: Arc<Semaphore>,
    /// Places for pictures that are drawn anew.
    pub pictures: Arc<Semaphore>,
    /// What looks at the pages behind links; none: nobody does.
    pub previews: Option<Previews>,
    passwords: Arc<Passwords>,
    checks: Semaphore,
    secrets: Secrets,
    spent: Mutex<Spent>,
    asker: Asker,
    casemapping: CaseMapping,
    clock: Clock,
    accounts_only: AtomicBool,
    /// 0: for ever.
    retention_days: AtomicU64,
}

impl FileHost {
    /// Opens it on a shelf; pages behind links are looked at by `fetcher`.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(
        shelf: Shelf,
        config: &Config,
        secrets: &Secrets,
        asker: Asker,
        fetcher: &Fetcher,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            shelf: Arc::new(shelf),
            uploads: Arc::new(Semaphore::new(UPLOADS_AT_ONCE)),
            pictures: Arc::new(Semaphore::new(PICTURES_AT_ONCE)),
            previews: Previews::new(config, fetcher),
            passwords: Arc::new(Passwords::new(config.accounts.password_hash)),
            checks: Semaphore::new(PASSWORDS_AT_ONCE),
            secrets: secrets.clone(),
            spent: Mutex::default(),
            asker,
            casemapping: translate::casemapping(config),
            clock: Clock::new(),
            accounts_only: AtomicBool::new(config.uploads.require_account),
            retention_days: AtomicU64::new(config.uploads.retention_days),
        })
    }

    /// Goes by another configuration from now on.
    pub fn reload(&self, uploads: &config::Uploads) {
        self.shelf.set_limits(limits(uploads));
        self.accounts_only.store(uploads.require_account, Ordering::Relaxed);
        self.retention_days.store(uploads.retention_days, Ordering::Relaxed);
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.clock.now().wall
    }

    /// Removes what was kept long enough.
    pub fn retain(&self) {
        let days = i64::try_from(self.retention_days.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        if days > 0 {
            let since = self.now().0.saturating_sub(days.saturating_mul(DAY_MILLISECONDS));
            let removed = self.shelf.remove_all(|entry| entry.at < since);
            tracing::debug!(removed, "files that were kept long enough");
        }
    }

    /// Removes all files of an account.
    pub fn forget_account(&self, account: &str) {
        let folded = self.casemapping.fold(account);
        self.shelf.remove_all(|entry| entry.owner.account() == Some(folded.as_str()));
    }

    /// Removes the files of accounts that are not there any more: the process may have ended before they were.
    pub fn forget_strangers(&self, is_there: impl Fn(&str) -> bool) {
        self.shelf.remove_all(|entry| entry.owner.account().is_some_and(|account| !is_there(account)));
    }

    /// Says whether somebody may send files.
    ///
    /// # Errors
    /// [`Denied::Forbidden`].
    pub fn may_send(&self, visitor: &Visitor) -> Result<(), Denied> {
        let accounts_only = self.accounts_only.load(Ordering::Relaxed);
        let standing = UploadStanding { account: visitor.owner.account().is_some(), ..UploadStanding::default() };
        check_upload(standing, UploadAction::Send { accounts_only }).map_err(Denied::Forbidden)
    }

    /// Says whether somebody may remove a file.
    ///
    /// # Errors
    /// [`Denied::Forbidden`].
    pub fn may_remove(visitor: &Visitor, entry: &Entry) -> Result<(), Denied> {
        let author = Self::is_author(visitor, entry);
        let standing =
            UploadStanding { account: visitor.owner.account().is_some(), author, operator: visitor.operator };
        check_upload(standing, UploadAction::Remove).map_err(Denied::Forbidden)
    }

    /// Tells whether somebody has sent a file.
    pub fn is_author(visitor: &Visitor, entry: &Entry) -> bool {
        match (&visitor.owner, &entry.owner) {
            (Owner::Account { account }, Owner::Account { account: own }) => account == own,
            (Owner::Guest { session, .. }, Owner::Guest { session: own, .. }) => session == own,
            _ => false,
        }
    }

    /// Says whether somebody may see what everybody has sent.
    ///
    /// # Errors
    /// [`Denied::Forbidden`].
    pub fn may_list_all(visitor: &Visitor) -> Result<(), Denied> {
        let standing = UploadStanding { operator: visitor.operator, ..UploadStanding::default() };
        check_upload(standing, UploadAction::ListAll).map_err(Denied::Forbidden)
    }

    /// Has it noted that an operator has removed what somebody else had sent. The file is gone: that it cannot be noted, because
    /// the disk is full, is for the log.
    pub async fn note_removal(&self, visitor: &Visitor, entry: &Entry) {
        let upload = for_operators::upload(entry);
        let about = session::features::uploads::about(&upload);
        let removed = RemovedUpload { name: upload.name, about, by: visitor.by.as_str().into() };
        if self.ask(Command::UploadRemoved(Box::new(removed))).await.is_err() {
            tracing::warn!(name = entry.name, by = visitor.by, "that a shared file is removed cannot be noted");
        }
    }

    /// Finds out who somebody is.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn recognise(&self, authorization: Option<Authorization>, peer: &Peer) -> Result<Visitor, Denied> {
        match authorization {
            None => Err(Denied::Unknown),
            Some(Authorization::Bearer(token)) => self.by_token(&token),
            Some(Authorization::Basic { account, password }) => self.by_password(&account, &password, peer).await,
        }
    }

    fn by_token(&self, token: &str) -> Result<Visitor, Denied> {
        let now = self.now();
        let bearer = self.secrets.bearer(token, now).ok_or(Denied::Token)?;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.take(token, bearer.until, now)?;
        drop(spent);
        let Bearer { account, by, address, session, operator, .. } = bearer;
        let owner = match account {
            Some(account) => self.account(&account),
            None => Owner::Guest { address, session },
        };
        Ok(Visitor { owner, by, operator })
    }

    fn account(&self, name: &str) -> Owner {
        Owner::Account { account: self.casemapping.fold(name).as_str().to_owned() }
    }

    /// As AUTHENTICATE with PLAIN: the hall counts guesses and knows of bans, and the check is made elsewhere.
    async fn by_password(&self, account: &str, password: &str, peer: &Peer) -> Result<Visitor, Denied> {
        let guest = Guest { address: (!peer.is_loopback()).then(|| peer.counted_as()) };
        let find = Command::FindCredentials { account: account.into(), guest };
        let found = self.ask(find).await?.into_iter().find_map(|reply| match reply {
            Reply::Credentials { account, credentials } => Some((account, credentials)),
            _ => None,
        });
        let (account, credentials) = found.ok_or(Denied::Wrong)?;
        let place = self.checks.acquire().await.map_err(|_| Denied::Busy)?;
        let (passwords, kept) = (Arc::clone(&self.passwords), Arc::clone(&credentials));
        let prepared = session::sasl::prepared(password).into_owned();
        let fits = tokio::task::spawn_blocking(move || passwords.fit(&kept, &prepared)).await;
        drop(place);
        if !fits.map_err(|_| Denied::Busy)? {
            return Err(Denied::Wrong);
        }
        let replies = self.ask(Command::LogIn { account, credentials, guest }).await?;
        let logged_in = replies.into_iter().find_map(|reply| match reply {
            Reply::LoggedIn(account) => Some(account),
            _ => None,
        });
        let account = logged_in.ok_or(Denied::Wrong)?;
        // What they may as a server operator they may where operators are known: on IRC.
        Ok(Visitor { owner: self.account(&account), by: account.to_string(), operator: None })
    }

    async fn ask(&self, command: Command) -> Result<Vec<Reply>, Denied> {
        let replies = self.asker.ask(command).await.map_err(|_| Denied::Busy)?;
        match replies.iter().find_map(|reply| if let Reply::Refused(refusal) = reply { Some(refusal) } else { None }) {
            None => Ok(replies),
            Some(Refusal::TooManyGuesses { seconds }) => Err(Denied::TooManyGuesses { seconds: *seconds }),
            Some(refusal @ Refusal::ServerBanned { .. }) => Err(Denied::Forbidden(refusal.clone())),
            Some(_) => Err(Denied::Wrong),
        }
    }
}

/// Returns the limits of a configuration.
pub fn limits(uploads: &config::Uploads) -> Limits {
    Limits {
        max_bytes: uploads.max_bytes,
        types: uploads.types.clone(),
        quota_bytes: uploads.quota_bytes,
        total_bytes: uploads.total_bytes,
        max_pixels: uploads.max_pixels,
    }
}
