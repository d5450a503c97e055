//! What takes several steps: the hall is asked, a worker checks or hashes a password, and the hall does what was wanted. The
//! session's later lines wait, and guesses are counted as those of SASL are.

use std::sync::Arc;

use chat::command::{AccountCommand, Command, PasswordProof};
use chat::refusal::Refusal;
use irc::numerics::Language;
use smallvec::smallvec;

use super::words::Wish;
use super::{answers, say_all};
use crate::features::authenticate::guest;
use crate::features::register::{self, Wanted, password_trouble};
use crate::features::services::Service;
use crate::features::{authenticate, invitation};
use crate::irc_session::{Cx, IrcSession, Then};
use crate::sasl;
use crate::secrets::hash_of_word;
use crate::texts::accounts::{self as texts, RegisterTrouble};
use crate::texts::invitations;
use crate::work::{Outcome, Work};

/// Something that takes several steps.
pub struct Errand {
    account: Arc<str>,
    step: Step,
}

enum Step {
    /// The hall looks for the account; with the password, this is to be done.
    LookUp { password: Box<str>, goal: Goal },
    /// A worker checks the password.
    Check { credentials: Arc<str>, goal: Goal },
    /// The hall looks whether the code fits.
    AskReset { hash: Arc<str>, new: Box<str> },
    /// A worker hashes the new password.
    Hash { by: Proof },
    /// The hall logs in.
    Enter,
    /// The hall logs in to the account that the certificate proves.
    EnterByCertificate,
}

/// What gives the right to set another password.
enum Proof {
    /// The hash of a code.
    Code(Arc<str>),
    /// What the former password was checked with.
    Password(Arc<str>),
}

enum Goal {
    LogIn,
    SetPassword { new: Box<str> },
}

impl core::fmt::Debug for Errand {
    /// Leaves out passwords.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Errand").field("account", &self.account).finish_non_exhaustive()
    }
}

const SERVICE: Service = Service::NickServ;

/// Says why an errand ends without success. Of an account that cannot be logged in to, one does not say whether there is one.
pub fn refusal(errand: &Errand, refusal: &Refusal, language: Language) -> String {
    match (refusal, &errand.step) {
        (Refusal::NoSuchAccount, Step::EnterByCertificate) => answers::certificate_unknown(language).to_owned(),
        (Refusal::NoSuchAccount, _) => answers::wrong(language).to_owned(),
        (other, _) => crate::texts::refusal(other, language),
    }
}

/// Carries out what was said.
pub(super) fn carry_out(session: &mut IrcSession, wish: Wish, cx: &mut Cx<'_>) {
    let language = cx.settings.language;
    match wish {
        Wish::Ask(command) => session.ask_service(smallvec![command], SERVICE, cx),
        Wish::Register { password, email, invitation } => {
            if let Some(word) = invitation {
                invitation::note(session, &word);
            }
            let email = email.as_deref().unwrap_or("*");
            let wanted = Wanted { account: "*", email, password: &password, service: Some(SERVICE) };
            register::begin(session, wanted, cx);
        }
        Wish::Identify { account, password } => {
            let account = account.unwrap_or_else(|| session.client().into());
            look_up(session, &account, &password, Goal::LogIn, cx);
        }
        Wish::IdentifyByCertificate => match cx.peer.vouchers.certificate.clone() {
            Some(certificate) => {
                session.busy.errand =
                    Some(Box::new(Errand { account: Arc::default(), step: Step::EnterByCertificate }));
                let command = Command::LogInByCertificate { certificate, account: None };
                session.ask_service(smallvec![command], SERVICE, cx);
            }
            None => say_all(session, &[answers::no_certificate(language).to_owned()], cx),
        },
        Wish::SetPassword { old, new } => set_password(session, &old, &new, cx),
        Wish::Reset { account, code, new } => begin_reset(session, &account, &code, &new, cx),
        Wish::IssueReset { account } => {
            let code: Arc<str> = invitation::new_word(session, cx).into();
            let hash = hash_of_word(&code);
            ask(session, AccountCommand::IssueReset { account, code, hash }, cx);
        }
        Wish::AddCertificate(fingerprint) => {
            let certificate = named_or_own(fingerprint, cx);
            ask(session, AccountCommand::AddCertificate(certificate), cx);
        }
        Wish::RemoveCertificate(fingerprint) => {
            let certificate = named_or_own(fingerprint, cx);
            ask(session, AccountCommand::RemoveCertificate(certificate), cx);
        }
        Wish::TakeOperator { word } => ask(session, AccountCommand::TakeOperator { hash: hash_of_word(&word) }, cx),
        Wish::Invitation(invitation::Wish::Use(word)) => {
            invitation::note(session, &word);
            say_all(session, &[invitations::noted(language).to_owned()], cx);
        }
        Wish::Invitation(wish) => invitation::ask(session, wish, Some(SERVICE), cx),
        Wish::Verify => say_all(session, &[format!("{}.", texts::nothing_to_verify(language))], cx),
        Wish::Release => say_all(session, &[answers::nothing_held(language).to_owned()], cx),
    }
}

fn ask(session: &mut IrcSession, command: AccountCommand, cx: &mut Cx<'_>) {
    session.ask_service(smallvec![Command::Account(Box::new(command))], SERVICE, cx);
}

/// Returns the fingerprint that was typed, colons left out, or that of the connection; an empty one is refused.
fn named_or_own(fingerprint: Option<Box<str>>, cx: &Cx<'_>) -> Arc<str> {
    match fingerprint {
        Some(typed) => typed.replace(':', "").into(),
        None => cx.peer.vouchers.certificate.clone().unwrap_or_default(),
    }
}

fn set_password(session: &mut IrcSession, old: &str, new: &str, cx: &mut Cx<'_>) {
    let account = session.person().and_then(|person| person.account.clone());
    let Some(account) = account else {
        return say_all(session, &[answers::log_in_first(cx.settings.language).to_owned()], cx);
    };
    if let Some(trouble) = password_trouble(&account, new) {
        return say_trouble(session, trouble, cx);
    }
    look_up(session, &account, old, Goal::SetPassword { new: sasl::prepared(new).into() }, cx);
}

fn say_trouble(session: &IrcSession, trouble: RegisterTrouble, cx: &mut Cx<'_>) {
    let text = texts::register(trouble, cx.settings.language);
    say_all(session, &[format!("{text}.")], cx);
}

/// Asks the hall for what the account's password is checked with.
fn look_up(session: &mut IrcSession, account: &str, password: &str, goal: Goal, cx: &mut Cx<'_>) {
    let step = Step::LookUp { password: sasl::prepared(password).into(), goal };
    session.busy.errand = Some(Box::new(Errand { account: account.into(), step }));
    let command = Command::FindCredentials { account: account.into(), guest: guest(cx) };
    session.ask_service(smallvec![command], SERVICE, cx);
    session.wait(Then::NickServ);
}

/// Takes what the hall has found, empty credentials for nobody's: has the password checked.
pub(super) fn found(session: &mut IrcSession, account: &Arc<str>, kept: &Arc<str>, cx: &mut Cx<'_>) {
    let Some(errand) = session.busy.errand.take() else { return authenticate::found(session, account, kept, cx) };
    let Step::LookUp { password, goal } = errand.step else { return };
    let (account, credentials) = (Arc::clone(account), Arc::clone(kept));
    session.go_on(cx, |session, cx| {
        let step = Step::Check { credentials: Arc::clone(&credentials), goal };
        session.busy.errand = Some(Box::new(Errand { account, step }));
        session.work(Work::Password { credentials, password }, Then::NickServ, cx);
    });
}

fn begin_reset(session: &mut IrcSession, account: &str, code: &str, new: &str, cx: &mut Cx<'_>) {
    if let Some(trouble) = password_trouble(account, new) {
        return say_trouble(session, trouble, cx);
    }
    let hash = hash_of_word(code);
    let step = Step::AskReset { hash: Arc::clone(&hash), new: sasl::prepared(new).into() };
    session.busy.errand = Some(Box::new(Errand { account: account.into(), step }));
    let guest = guest(cx);
    ask(session, AccountCommand::AskReset { account: account.into(), hash, guest }, cx);
    session.wait(Then::NickServ);
}

/// The code fits: the new password is hashed.
pub(super) fn may_reset(session: &mut IrcSession, cx: &mut Cx<'_>) {
    let Some(errand) = session.busy.errand.take() else { return };
    let Errand { account, step } = *errand;
    let Step::AskReset { hash, new } = step else { return };
    session.go_on(cx, |session, cx| {
        session.busy.errand = Some(Box::new(Errand { account, step: Step::Hash { by: Proof::Code(hash) } }));
        session.work(Work::Credentials { password: new }, Then::NickServ, cx);
    });
}

/// Goes on when the password is checked, or hashed.
pub fn worked(session: &mut IrcSession, outcome: &Outcome, cx: &mut Cx<'_>) {
    let Some(errand) = session.busy.errand.take() else { return };
    let Errand { account, step } = *errand;
    let language = cx.settings.language;
    match (step, outcome) {
        (Step::Check { credentials, goal }, Outcome::Password(true)) => {
            proved(session, account, credentials, goal, cx);
        }
        (Step::Hash { by }, Outcome::Credentials(credentials)) => {
            let (account, credentials) = ((*account).into(), Arc::clone(credentials));
            let command = match by {
                Proof::Code(hash) => AccountCommand::Reset { account, hash, credentials },
                Proof::Password(former) => {
                    let proof = Some(PasswordProof { credentials: former, guest: guest(cx) });
                    AccountCommand::SetPassword { account, credentials, proof }
                }
            };
            ask(session, command, cx);
        }
        (_, Outcome::Busy) => say_trouble(session, RegisterTrouble::Busy, cx),
        _ => say_all(session, &[answers::wrong(language).to_owned()], cx),
    }
}

/// The password was right: that was no guess, which the hall notes with what is asked of it.
fn proved(session: &mut IrcSession, account: Arc<str>, credentials: Arc<str>, goal: Goal, cx: &mut Cx<'_>) {
    match goal {
        Goal::LogIn => {
            session.busy.errand = Some(Box::new(Errand { account: Arc::clone(&account), step: Step::Enter }));
            let command = Command::LogIn { account, credentials, guest: guest(cx) };
            session.ask_service(smallvec![command], SERVICE, cx);
        }
        Goal::SetPassword { new } => {
            session.busy.errand =
                Some(Box::new(Errand { account, step: Step::Hash { by: Proof::Password(credentials) } }));
            session.work(Work::Credentials { password: new }, Then::NickServ, cx);
        }
    }
}
