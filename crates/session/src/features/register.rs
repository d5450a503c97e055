//! REGISTER and VERIFY on the wire: making an account. Meaning: `chat::features::register`. Proof:
//! `scenarios/account-registration.txt`.
//!
//! Spec: `IRCv3` "draft/account-registration". No address is ever written to, so an account is verified as soon as it is made: REGISTER
//! never answers `VERIFICATION_REQUIRED`, and no code of VERIFY can be right.

use std::sync::Arc;

use chat::command::{Command, NewAccount};
use chat::refusal::{CannotRegister, Refusal};
use chat::settings::Registration;
use irc::message::Message;
use irc::numerics;
use irc::write::word_or_star;
use smallvec::smallvec;

use super::authenticate::guest;
use super::services::{self, Service};
use crate::irc_session::{Cx, IrcSession, Stage, Then};
use crate::settings::Settings;
use crate::texts::accounts::{self as texts, RegisterTrouble};
use crate::work::{Outcome, Work};
use crate::{render::Render, sasl};

/// The fewest characters of a new password.
pub const PASSWORD_CHARS_MIN: usize = 4;

/// The most bytes of a password: it has to fit into AUTHENTICATE and into REGISTER, and hashing costs time.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// The most bytes of an electronic mail address (RFC 5321, section 4.5.3.1).
const EMAIL_BYTES_MAX: usize = 254;

/// A registration under way.
pub struct Registering {
    account: NewAccount,
    /// Until it is hashed.
    password: Box<str>,
    service: Option<Service>,
}

impl core::fmt::Debug for Registering {
    /// Leaves out the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Registering").field("account", &self.account.name).finish_non_exhaustive()
    }
}

/// Returns what the capability says of itself, if anything.
pub fn value(settings: &Settings) -> Option<String> {
    let keys = [
        ("before-connect", settings.registration_before_connect),
        ("email-required", settings.require_email),
        ("custom-account-name", settings.chat.nick_may_differ_from_account),
    ];
    let set: Vec<&str> = keys.iter().filter(|(_, on)| *on).map(|(key, _)| *key).collect();
    (!set.is_empty()).then(|| set.join(","))
}

/// Carries out `REGISTER account|* email|* password`: the hall is asked, a worker hashes the password, and the hall makes the
/// account. Later lines wait.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let [account, email, password] = [0, 1, 2].map(|place| message.params.get(place).unwrap_or_default());
    begin(session, Wanted { account, email, password, service: None }, cx);
}

/// What somebody wants: `*` for their nick, and for no address.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The account's name.
    pub account: &'a str,
    /// The mail address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The service that was told so, and answers.
    pub service: Option<Service>,
}

/// Begins a registration. An invitation that the session has noted goes along.
pub fn begin(session: &mut IrcSession, wanted: Wanted<'_>, cx: &mut Cx<'_>) {
    let Wanted { account, email, password, service } = wanted;
    let nick = match &mut session.stage {
        Stage::Greeting(greeting) | Stage::Entering(greeting) => {
            if !greeting.may_enter(cx.settings) {
                return session.render(cx, |render| render.numeric(numerics::ERR_PASSWDMISMATCH, &[]));
            }
            greeting.wanted.as_ref().map(|nick| nick.as_str().to_owned())
        }
        Stage::Registered | Stage::Closing => session.person().map(|person| person.nick().as_str().to_owned()),
    };
    let name = if account == "*" { nick.as_deref() } else { Some(account) };
    let trouble = trouble(session, name, email, password, cx.settings);
    let (Some(name), None) = (name, trouble) else {
        let trouble = trouble.unwrap_or(RegisterTrouble::NeedNick);
        return session.render(cx, |render| fail(service, trouble, name.unwrap_or("*"), render));
    };
    let email = Some(email).filter(|email| *email != "*").map(Arc::from);
    let invitation = session.busy.invitation.take();
    let account = NewAccount { name: name.into(), nick: nick.map(Into::into), email, invitation, guest: guest(cx) };
    let password = sasl::prepared(password).into();
    session.busy.registering = Some(Box::new(Registering { account: account.clone(), password, service }));
    session.ask_for(smallvec![Command::AskRegister(Box::new(account))], service, cx);
    session.wait(Then::Register);
}

/// Finds what is wrong with it that needs no hall.
fn trouble(
    session: &IrcSession,
    name: Option<&str>,
    email: &str,
    password: &str,
    settings: &Settings,
) -> Option<RegisterTrouble> {
    let greeting = match &session.stage {
        Stage::Greeting(greeting) | Stage::Entering(greeting) => Some(greeting),
        Stage::Registered | Stage::Closing => None,
    };
    if greeting.is_some() && !settings.registration_before_connect {
        return Some(RegisterTrouble::NotBeforeConnect);
    }
    if greeting.is_some_and(|greeting| greeting.account.is_some()) {
        return Some(RegisterTrouble::No(CannotRegister::AlreadyAuthenticated));
    }
    let Some(name) = name else { return Some(RegisterTrouble::NeedNick) };
    if email == "*" && settings.require_email || email != "*" && !is_email(email) {
        return Some(RegisterTrouble::Email);
    }
    password_trouble(name, password)
}

/// Finds what is wrong with a password for an account of this name.
pub fn password_trouble(name: &str, password: &str) -> Option<RegisterTrouble> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Some(RegisterTrouble::PasswordTooLong);
    }
    is_weak(name, password).then_some(RegisterTrouble::WeakPassword)
}

fn is_weak(name: &str, password: &str) -> bool {
    password.chars().count() < PASSWORD_CHARS_MIN || password.eq_ignore_ascii_case(name)
}

/// Tells whether this may be an address: whether mail arrives there is not tried.
pub(super) fn is_email(text: &str) -> bool {
    let is_word = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_control() || c.is_whitespace());
    let is_domain = |domain: &str| domain.split('.').count() > 1 && domain.split('.').all(is_word);
    let parts = text.rsplit_once('@').filter(|_| text.len() <= EMAIL_BYTES_MAX);
    parts.is_some_and(|(local, domain)| is_word(local) && is_domain(domain))
}

/// The hall lets it be made: the password is hashed.
pub fn permitted(session: &mut IrcSession, cx: &mut Cx<'_>) {
    session.go_on(cx, |session, cx| {
        let Some(registering) = &mut session.busy.registering else { return };
        let password = core::mem::take(&mut registering.password);
        session.work(Work::Credentials { password }, Then::Register, cx);
    });
}

/// Goes on when the password is hashed.
pub fn worked(session: &mut IrcSession, outcome: &Outcome, cx: &mut Cx<'_>) {
    let Some(registering) = &session.busy.registering else { return };
    let account = registering.account.clone();
    if let Outcome::Credentials(credentials) = outcome {
        let (account, credentials) = (Box::new(account), Arc::clone(credentials));
        let service = registering.service;
        session.ask_for(smallvec![Command::Register { account, credentials }], service, cx);
    } else {
        let service = registering.service;
        session.busy.registering = None;
        session.render(cx, |render| fail(service, RegisterTrouble::Busy, &account.name, render));
    }
}

/// The account is made. That its maker is logged in to it is told next.
pub fn registered(session: &mut IrcSession, account: &str, cx: &mut Cx<'_>) {
    let service = session.busy.registering.take().and_then(|registering| registering.service);
    session.render(cx, |render| {
        if let Some(service) = service {
            return services::say(service, &texts::registered_as(account, render.settings.language), render);
        }
        let text = texts::registered(render.settings.language);
        render.line().command("REGISTER").param("SUCCESS").param(account).trailing(text).end_cut();
    });
}

/// The hall said no.
pub fn refused(session: &mut IrcSession, refusal: &Refusal, cx: &mut Cx<'_>) {
    let Some(registering) = session.busy.registering.take() else { return };
    session.go_on(cx, |session, cx| {
        session.render(cx, |render| match refusal {
            Refusal::CannotRegister { account, why } => {
                fail(registering.service, RegisterTrouble::No(*why), account, render);
            }
            _ => fail(registering.service, RegisterTrouble::Busy, &registering.account.name, render),
        });
    });
}

/// Carries out `VERIFY account code`. No account waits for a code, so it is only told apart why this one is not taken: whoever is
/// logged in needs none, and nobody can tell whether the account exists.
pub fn verify(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let account = message.params.get(0).unwrap_or_default();
    let greeting = match &session.stage {
        Stage::Greeting(greeting) | Stage::Entering(greeting) => Some(greeting),
        Stage::Registered | Stage::Closing => None,
    };
    if greeting.is_some_and(|greeting| !greeting.may_enter(cx.settings)) {
        return session.render(cx, |render| render.numeric(numerics::ERR_PASSWDMISMATCH, &[]));
    }
    let is_logged_in = match greeting {
        Some(greeting) => greeting.account.is_some(),
        None => session.person().is_some_and(|person| person.account.is_some()),
    };
    let trouble = if greeting.is_some() && !cx.settings.registration_before_connect {
        RegisterTrouble::NotBeforeConnect
    } else if is_logged_in {
        RegisterTrouble::No(CannotRegister::AlreadyAuthenticated)
    } else if cx.settings.chat.registration == Registration::Closed {
        RegisterTrouble::No(CannotRegister::Closed)
    } else {
        RegisterTrouble::NothingToVerify
    };
    session.render(cx, |render| {
        let text = texts::register(trouble, render.settings.language);
        render.fail("VERIFY", code(trouble), context(trouble, &word_or_star(account)), &text);
    });
}

/// Writes why it is not made.
fn fail(service: Option<Service>, trouble: RegisterTrouble, account: &str, render: &mut Render<'_>) {
    let text = texts::register(trouble, render.settings.language);
    if let Some(service) = service {
        return services::say(service, &format!("{text}."), render);
    }
    render.fail("REGISTER", code(trouble), context(trouble, &word_or_star(account)), &text);
}

/// Returns what stands between the specification's word and the text: the account, but where nobody can have one yet.
fn context<'a>(trouble: RegisterTrouble, account: &'a &'a str) -> &'a [&'a str] {
    if trouble == RegisterTrouble::NotBeforeConnect { &[] } else { core::slice::from_ref(account) }
}

/// Returns the specification's word.
fn code(trouble: RegisterTrouble) -> &'static str {
    match trouble {
        RegisterTrouble::NotBeforeConnect => "COMPLETE_CONNECTION_REQUIRED",
        RegisterTrouble::NothingToVerify => "INVALID_CODE",
        RegisterTrouble::NeedNick => "NEED_NICK",
        RegisterTrouble::Email => "INVALID_EMAIL",
        RegisterTrouble::WeakPassword => "WEAK_PASSWORD",
        RegisterTrouble::PasswordTooLong => "UNACCEPTABLE_PASSWORD",
        RegisterTrouble::Busy
        | RegisterTrouble::No(CannotRegister::TooMany { .. } | CannotRegister::Closed | CannotRegister::Raid) => {
            "TEMPORARILY_UNAVAILABLE"
        }
        RegisterTrouble::No(CannotRegister::Exists | CannotRegister::NickInUse) => "ACCOUNT_EXISTS",
        RegisterTrouble::No(CannotRegister::BadName | CannotRegister::Removed) => "BAD_ACCOUNT_NAME",
        RegisterTrouble::No(CannotRegister::MustBeNick) => "ACCOUNT_NAME_MUST_BE_NICK",
        RegisterTrouble::No(CannotRegister::AlreadyAuthenticated) => "ALREADY_AUTHENTICATED",
        RegisterTrouble::No(CannotRegister::InvitationNeeded) => "INVITATION_REQUIRED",
        RegisterTrouble::No(CannotRegister::InvitationInvalid) => "INVALID_INVITATION",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_two_sides() {
        for good in ["anna@example.org", "a.b+c@mail.example.org", "\"a@b\"@example.org", "è@esempio.it"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "*", "anna", "anna@", "@example.org", "anna@example", "anna@.org", "a b@example.org", "a@b..c"]
        {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@example.org", "a".repeat(EMAIL_BYTES_MAX))));
    }
}
