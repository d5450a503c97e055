//! Looking after an account: by its owner, by operators, and at the machine (`loggia account …`).
//!
//! Spec: none; the words are those of `NickServ` as IRC users know them. Wire: `session::features::services::nickserv`.
//! Proof: `scenarios/nickserv.txt`, `tests/e2e/test_account.py`.

mod apply;
mod reclaim;

use core::time::Duration;
use std::sync::Arc;

pub use apply::{changed, removed, sessions_ended};

use super::outlet::Outlet;
use super::{Decision, audit, record};
use crate::account::{Account, AccountChange, Redeemed};
use crate::audit::AuditAct;
use crate::command::{AccountCommand, Guest, PasswordProof};
use crate::fact::Fact;
use crate::ids::{SessionId, UserId};
use crate::invitation::is_same;
use crate::permission::{AccountAction, AccountStanding, check_account};
use crate::refusal::{AccountRefusal, CannotRegister, Refusal};
use crate::reply::{AccountInfo, AccountReply, Reply};
use crate::throttle::Claim;
use crate::time::{Now, Timestamp};
use crate::user::{OperatorClass, User};
use crate::world::World;

/// The most certificates of one account.
pub const CERTIFICATES_MAX: usize = 10;

/// For how long a code to set another password holds.
pub const RESET_TIME: Duration = Duration::from_hours(24);

/// The characters of a fingerprint: SHA-256 in hexadecimal.
const FINGERPRINT_CHARS: usize = 64;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// The owner of the server, at its machine.
    Console,
    /// A user.
    User(UserId),
}

impl Asker {
    /// Says who asks by a session; `None`: somebody who is nobody yet.
    pub fn of(world: &World, session: SessionId) -> Option<Self> {
        if session == SessionId::CONSOLE {
            return Some(Self::Console);
        }
        world.sessions.get(&session).copied().map(Self::User)
    }

    pub(super) fn user(self, world: &World) -> Option<&User> {
        match self {
            Self::Console => None,
            Self::User(id) => world.users.get(&id),
        }
    }

    /// Returns the name of the account that they are logged in to.
    pub(super) fn account(self, world: &World) -> Option<&Arc<str>> {
        self.user(world).and_then(|user| user.person.account.as_ref())
    }

    /// Says what they stand for towards an account; `None`: towards none in particular.
    pub(super) fn standing(self, world: &World, account: Option<&str>) -> AccountStanding {
        let is_own = |own: &Arc<str>| account.is_some_and(|account| world.mapping().same(own, account));
        AccountStanding {
            owner: self.account(world).is_some_and(is_own),
            operator: self.user(world).and_then(|user| user.operator),
            console: self == Self::Console,
        }
    }
}

pub(super) fn no(why: AccountRefusal) -> Refusal {
    Refusal::Account(why)
}

/// Decides what is asked of accounts.
///
/// # Errors
/// [`Refusal::Account`], and what [`check_account`] says.
pub fn decide(
    world: &mut World,
    asker: Asker,
    command: AccountCommand,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    match command {
        AccountCommand::Add { name, credentials, operator } => add(world, asker, &name, credentials, operator, now),
        AccountCommand::Remove { account, code, keep_messages } => {
            remove(world, asker, account.as_deref(), code.as_deref(), keep_messages, outlet)
        }
        AccountCommand::SetPassword { account, credentials, proof } => {
            set_password(world, asker, &account, credentials, proof)
        }
        AccountCommand::IssueReset { account, code, hash } => {
            let account = find(world, asker, Some(&account))?;
            check_account(asker.standing(world, Some(&account.name)), AccountAction::IssueReset)?;
            let until = Timestamp(now.wall.0.saturating_add(millis(RESET_TIME)));
            let issued = changes(account, AccountChange::ResetIssued { until, code }, hash);
            Ok(audited(world, asker, Some(&account.name), "RESETCODE", issued))
        }
        AccountCommand::AskReset { account, hash, guest } => ask_reset(world, &account, &hash, guest, now, outlet),
        AccountCommand::Reset { account, hash, credentials } => {
            let account = resettable(world, &account, &hash, now)?;
            Ok(changes(account, AccountChange::Password {}, credentials))
        }
        AccountCommand::SetEmail(email) => {
            change(world, asker, None, AccountChange::Email {}, email.unwrap_or_default())
        }
        AccountCommand::AddCertificate(certificate) => add_certificate(world, asker, &certificate),
        AccountCommand::RemoveCertificate(certificate) => {
            let certificate: Arc<str> = certificate.to_ascii_lowercase().into();
            if !find(world, asker, None)?.certificates.contains(&certificate) {
                return Err(no(AccountRefusal::CertificateUnknown));
            }
            change(world, asker, None, AccountChange::CertificateRemoved { certificate }, Arc::default())
        }
        AccountCommand::Protect(on) => change(world, asker, None, AccountChange::Protection { on }, Arc::default()),
        AccountCommand::TakeOperator { hash } => take_operator(world, asker, &hash, now),
        AccountCommand::Info { account } => {
            let account = find(world, asker, account.as_deref())?;
            outlet.reply_with_state(Reply::Account(AccountReply::Info(Box::new(info(world, asker, account)))));
            Ok(Decision::Answered)
        }
        AccountCommand::List => {
            check_account(asker.standing(world, None), AccountAction::List)?;
            let all = world.accounts.all().map(|account| info(world, asker, account)).collect();
            outlet.reply_with_state(Reply::Account(AccountReply::List(all)));
            Ok(Decision::Answered)
        }
        AccountCommand::Sessions => reclaim::sessions(world, asker, outlet),
        AccountCommand::EndOtherSessions => reclaim::end_others(world, asker),
        AccountCommand::Ghost { nick } => reclaim::ghost(world, asker, &nick),
        AccountCommand::Regain { nick } => reclaim::regain(world, asker, &nick),
    }
}

/// Finds an account; the asker's own, when none is named.
pub(super) fn find<'a>(world: &'a World, asker: Asker, name: Option<&str>) -> Result<&'a Account, Refusal> {
    let own = asker.account(world).map(AsRef::as_ref);
    let wanted = name.or(own).ok_or(no(AccountRefusal::NotLoggedIn))?;
    world.accounts.get(wanted, world.mapping()).ok_or_else(|| no(AccountRefusal::Unknown(wanted.into())))
}

fn changes(account: &Account, change: AccountChange, text: Arc<str>) -> Decision {
    record(Fact::AccountChanged { account: Arc::clone(&account.name), change, text })
}

/// Decides a change that is the owner's to make.
fn change(
    world: &World,
    asker: Asker,
    account: Option<&str>,
    what: AccountChange,
    text: Arc<str>,
) -> Result<Decision, Refusal> {
    let account = find(world, asker, account)?;
    check_account(asker.standing(world, Some(&account.name)), AccountAction::Change)?;
    Ok(changes(account, what, text))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Records that an operator did this to what is not theirs, for other operators to read.
pub(super) fn audited(world: &World, asker: Asker, account: Option<&str>, what: &str, decision: Decision) -> Decision {
    match (asker.user(world), decision) {
        (Some(user), Decision::Record(mut facts)) if !asker.standing(world, account).owner => {
            facts.push(audit::entry(user, AuditAct::AccountChanged, account, what));
            Decision::Record(facts)
        }
        (_, decision) => decision,
    }
}

/// Makes an account for somebody. Whoever has its name as their nick goes on having it.
fn add(
    world: &World,
    asker: Asker,
    name: &str,
    credentials: Arc<str>,
    operator: bool,
    now: Now,
) -> Result<Decision, Refusal> {
    check_account(asker.standing(world, None), AccountAction::Add)?;
    let cannot = |why| Refusal::CannotRegister { account: name.into(), why };
    if world.settings.names.nick(name).is_err() || world.is_service(name) {
        return Err(cannot(CannotRegister::BadName));
    }
    if world.accounts.get(name, world.mapping()).is_some() {
        return Err(cannot(CannotRegister::Exists));
    }
    if world.accounts.was_removed(name, world.mapping()) {
        return Err(cannot(CannotRegister::Removed));
    }
    let operator = operator.then_some(OperatorClass::Admin);
    let account = Box::new(Account { operator, ..Account::new(name, now.wall) });
    Ok(record(Fact::AccountRegistered { account, private: credentials, user: None, invitation: None }))
}

fn remove(
    world: &World,
    asker: Asker,
    account: Option<&str>,
    code: Option<&str>,
    keeps_messages: bool,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let account = find(world, asker, account)?;
    check_account(asker.standing(world, Some(&account.name)), AccountAction::Remove)?;
    let expected = remove_code(account);
    if asker != Asker::Console && code != Some(&expected) {
        let account = Arc::clone(&account.name);
        outlet.reply_with_state(Reply::Account(AccountReply::RemoveCode { account, code: expected.into() }));
        return Ok(Decision::Answered);
    }
    let removed = record(Fact::AccountRemoved { account: Arc::clone(&account.name), keeps_messages });
    Ok(audited(world, asker, Some(&account.name), "DROP", removed))
}

/// Returns the word that has to be repeated to remove an account: nobody loses one by a slip of the hand.
fn remove_code(account: &Account) -> String {
    let letters = account.name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("{:04x}", account.registered.0.unsigned_abs().wrapping_mul(0x9e37_79b9).wrapping_add(letters) & 0xffff)
}

fn ask_reset(
    world: &mut World,
    account: &str,
    hash: &str,
    guest: Guest,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let claim = Claim::Account(world.fold(account));
    world.guesses.guess(&claim, guest, &world.settings.guesses, now.instant)?;
    resettable(world, account, hash, now)?;
    world.guesses.proved(&claim, guest, &world.settings.guesses);
    outlet.reply(Reply::Account(AccountReply::MayReset));
    Ok(Decision::Answered)
}

/// Finds the account whose password the code may set. That there is no such account is not told.
fn resettable<'a>(world: &'a World, account: &str, hash: &str, now: Now) -> Result<&'a Account, Refusal> {
    let account = world.accounts.get(account, world.mapping());
    let fits = |account: &&Account| {
        account.reset.as_ref().is_some_and(|reset| is_same(&reset.hash, hash) && now.wall < reset.until)
    };
    account.filter(fits).ok_or(no(AccountRefusal::BadCode))
}

/// Gives an account another password. Whoever has proved that they know the former one has not guessed; that one must be it still.
fn set_password(
    world: &mut World,
    asker: Asker,
    account: &str,
    credentials: Arc<str>,
    proof: Option<PasswordProof>,
) -> Result<Decision, Refusal> {
    if let Some(proof) = proof {
        if find(world, asker, Some(account))?.credentials != proof.credentials {
            return Err(no(AccountRefusal::PasswordChanged));
        }
        let claim = Claim::Account(world.fold(account));
        world.guesses.proved(&claim, proof.guest, &world.settings.guesses);
    }
    change(world, asker, Some(account), AccountChange::Password {}, credentials)
}

fn add_certificate(world: &World, asker: Asker, certificate: &str) -> Result<Decision, Refusal> {
    let certificate: Arc<str> = certificate.to_ascii_lowercase().into();
    let account = find(world, asker, None)?;
    if certificate.len() != FINGERPRINT_CHARS || !certificate.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(no(AccountRefusal::BadFingerprint));
    }
    if world.accounts.of_certificate(&certificate).is_some() {
        return Err(no(AccountRefusal::CertificateTaken));
    }
    if account.certificates.len() >= CERTIFICATES_MAX {
        return Err(no(AccountRefusal::TooManyCertificates { limit: CERTIFICATES_MAX }));
    }
    change(world, asker, None, AccountChange::CertificateAdded { certificate }, Arc::default())
}

/// Makes somebody an operator who has an account and the word of an invitation that does so; whether it still does is looked at
/// again when the log has ordered it.
fn take_operator(world: &World, asker: Asker, hash: &str, now: Now) -> Result<Decision, Refusal> {
    let account = find(world, asker, None)?;
    let invitation = world.invitations.redeemed_by(hash, now.wall).filter(|one| one.operator.is_some());
    let invitation = invitation.ok_or(no(AccountRefusal::BadCode))?;
    let user = asker.user(world).ok_or(no(AccountRefusal::NotLoggedIn))?;
    let redeemed =
        Redeemed { invitation: Arc::clone(&invitation.id), user: user.id, by: Arc::clone(user.person.mask()) };
    let change = AccountChange::Operator { operator: invitation.operator, redeemed: Some(redeemed) };
    Ok(changes(account, change, Arc::default()))
}

fn info(world: &World, asker: Asker, account: &Account) -> AccountInfo {
    let mapping = world.mapping();
    let is_theirs = |user: &&User| user.person.account.as_deref().is_some_and(|own| mapping.same(own, &account.name));
    let with_private = check_account(asker.standing(world, Some(&account.name)), AccountAction::See).is_ok();
    AccountInfo {
        account: Account { credentials: Arc::default(), reset: None, push: Arc::default(), ..account.clone() },
        has_password: !account.credentials.is_empty(),
        connections: world.users.values().filter(is_theirs).map(|user| user.connections as usize).sum(),
        with_private,
    }
}
