//! Log-in and log-out: which account a user is.
//!
//! Spec: `IRCv3` "sasl" (900, 901), "account-notify". Wire: `session::features::authenticate`, `account_notify`. Proof:
//! `scenarios/sasl-plain.txt`, `account-notify.txt`.

use std::sync::Arc;

use super::metadata;
use super::outlet::Outlet;
use super::{Decision, persistence, record, registration, server_ban, user_mode};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::privacy;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::throttle::{Claim, Guest};
use crate::time::Instant;
use crate::user::User;
use crate::world::World;

/// Answers with what an account's password is checked with; empty for an account that does not exist, for the check is
/// to take as long then.
///
/// # Errors
/// [`Refusal::TooManyGuesses`].
pub fn find(
    world: &mut World,
    account: &str,
    guest: Guest,
    now: Instant,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let claim = Claim::Account(world.fold(account));
    world.guesses.guess(&claim, guest, &world.settings.guesses, now)?;
    let found = world.accounts.get(account, world.mapping());
    let (account, credentials) =
        found.map_or_else(|| (account.into(), Arc::default()), |found| (found.name.clone(), found.credentials.clone()));
    outlet.reply(Reply::Credentials { account, credentials });
    Ok(Decision::Answered)
}

/// Logs a session in that has proved that it is this account: its user, or, while it is nobody yet, the user it will
/// be ([`super::connect`]).
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when the account is gone meanwhile, or has another password; [`Refusal::ServerBanned`] when it is
/// banned.
pub fn decide(
    world: &mut World,
    user: Option<UserId>,
    (account, credentials): (&str, &str),
    guest: Guest,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let found = world.accounts.get(account, world.mapping()).filter(|found| &*found.credentials == credentials);
    let account = found.map(|found| Arc::clone(&found.name)).ok_or(Refusal::NoSuchAccount)?;
    let claim = Claim::Account(world.fold(&account));
    world.guesses.proved(&claim, guest, &world.settings.guesses);
    enter(world, user, account, outlet)
}

/// Logs a session in whose client has shown a certificate. A certificate cannot be guessed, so this is not limited.
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when it proves no account, or another one than it is to be; [`Refusal::ServerBanned`] when the
/// account is banned.
pub fn decide_by_certificate(
    world: &mut World,
    user: Option<UserId>,
    certificate: &str,
    wanted: Option<&str>,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let found = world.accounts.of_certificate(certificate).map(|found| Arc::clone(&found.name));
    let is_wanted = |name: &Arc<str>| wanted.is_none_or(|wanted| world.mapping().same(wanted, name));
    let account = found.filter(is_wanted).ok_or(Refusal::NoSuchAccount)?;
    enter(world, user, account, outlet)
}

fn enter(world: &World, user: Option<UserId>, account: Arc<str>, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    server_ban::check_account(world, &account, outlet.at)?;
    let user = user.and_then(|id| world.users.get(&id));
    if let Some(user) = user.filter(|user| user.person.account.as_ref() != Some(&account)) {
        return Ok(record(Fact::LoggedIn { user: user.id, account }));
    }
    // Nobody yet, or that account already.
    outlet.reply_with_state(Reply::LoggedIn(account));
    Ok(Decision::Answered)
}

/// Logs a user out.
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when they are not logged in.
pub fn decide_out(user: &User) -> Result<Decision, Refusal> {
    let is_logged_in = user.person.account.is_some();
    if is_logged_in { Ok(record(Fact::LoggedOut { user: user.id })) } else { Err(Refusal::NoSuchAccount) }
}

/// Makes a user this account, or none. The user, all who share a channel and those who watch the nick hear it, where their
/// clients want to. Rights as a server operator come and go with the account that has them.
pub fn apply(world: &mut World, id: UserId, account: Option<&Arc<str>>, outlet: &mut Outlet<'_>) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    let operator_by = |name: &str| world.accounts.get(name, world.mapping()).and_then(|found| found.operator);
    // The account may have been removed while the log was ordering the fact.
    let account =
        account.and_then(|name| world.accounts.get(name, world.mapping())).map(|found| Arc::clone(&found.name));
    if user.person.account == account {
        return;
    }
    let was_operator = user.person.account.as_deref().and_then(operator_by);
    let is_operator = account.as_deref().and_then(operator_by);
    let before = metadata::of(world, id);
    let audience = Audience::channels(user.channels.iter().copied())
        .and_user(id)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    let channels: Vec<_> = user.channels.iter().copied().collect();
    let modes = user.modes;
    let keeps_rights = user.operator.is_some() && user.operator != was_operator;
    let now = user.person.with(|fields| fields.account.clone_from(&account));
    // Who stayed for the former account stays for it no more.
    persistence::end(world, id, outlet);
    world.set_person(id, &now);
    persistence::begin(world, id, outlet);
    // Lists may name accounts: messages decided against the old one are judged again.
    for channel in channels {
        if let Some(channel) = world.channels.get_mut(&channel) {
            channel.rules_changed();
        }
    }
    privacy::logged_in(world, id, outlet);
    outlet.announce(audience, actor, EventKind::AccountChanged { now });
    outlet.reply(account.map_or(Reply::LoggedOut, Reply::LoggedIn));
    if is_operator.is_some() {
        user_mode::apply(world, id, modes | UserModes::OPERATOR, is_operator, outlet);
    } else if was_operator.is_some() && !keeps_rights {
        user_mode::apply(world, id, modes - UserModes::OPERATOR, None, outlet);
    }
    metadata::logged_in(world, id, &before, outlet);
    registration::grant_on_login(world, id, outlet);
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use crate::account::Account;
    use crate::command::{Command, Guest, Request};
    use crate::effect::Effect;
    use crate::hall::{Hall, Input, Output, Start};
    use crate::ids::{LogId, Seq, SessionId};
    use crate::refusal::Refusal;
    use crate::reply::Reply;
    use crate::rows::Row;
    use crate::time::{Now, Timestamp};

    /// A hall that knows anna, with a password and a certificate.
    fn hall() -> Hall {
        let anna = Account {
            credentials: "kept".into(),
            certificates: vec!["aa".into()],
            ..Account::new("Anna", Timestamp(0))
        };
        let mut hall = Hall::new(Start {
            settings: std::sync::Arc::default(),
            rows: vec![Row::Account(Box::new(anna))],
            log: LogId(1),
            last: Seq(0),
            signals: LogId(2),
            now: Timestamp(0),
        });
        while hall.poll_output().is_some() {}
        hall
    }

    /// What a session that is nobody yet is answered.
    fn answer(hall: &mut Hall, command: Command) -> String {
        hall.handle(Input::Request(Request { session: SessionId(1), commands: smallvec![command] }), Now::default());
        let mut answers = Vec::new();
        while let Some(output) = hall.poll_output() {
            match output {
                Output::Effect(Effect::Reply { reply: Reply::LoggedIn(account), .. }) => {
                    answers.push(account.to_string());
                }
                Output::Effect(Effect::Reply { reply: Reply::Credentials { account, credentials }, .. }) => {
                    answers.push(format!("{account}: {credentials}"));
                }
                Output::Effect(Effect::Reply { reply: Reply::Refused(Refusal::NoSuchAccount), .. }) => {
                    answers.push("no".to_owned());
                }
                Output::Effect(Effect::Reply {
                    reply: Reply::Refused(Refusal::TooManyGuesses { seconds }), ..
                }) => {
                    answers.push(format!("wait {seconds}"));
                }
                _ => {}
            }
        }
        answers.join(", ")
    }

    #[test]
    fn a_certificate_proves_its_account_only() {
        let mut hall = hall();
        let command = |certificate: &str, account: Option<&str>| Command::LogInByCertificate {
            certificate: certificate.into(),
            account: account.map(Into::into),
        };
        hall.handle(Input::Committed(Seq(1)), Now::default());
        for (certificate, account, expected) in
            [("aa", None, "Anna"), ("aa", Some("ANNA"), "Anna"), ("aa", Some("bruno"), "no"), ("bb", None, "no")]
        {
            assert_eq!(answer(&mut hall, command(certificate, account)), expected, "{certificate} {account:?}");
        }
    }

    #[test]
    fn credentials_are_found_or_not_until_too_many_were_tried() {
        let mut hall = hall();
        let guest = Guest { address: Some([192, 0, 2, 1].into()) };
        let log_in = |account: &str, credentials: &str| Command::LogIn {
            account: account.into(),
            credentials: credentials.into(),
            guest,
        };
        let find = |account: &str, guest| Command::FindCredentials { account: account.into(), guest };
        assert_eq!(answer(&mut hall, find("anna", guest)), "Anna: kept");
        for _ in 0..9 {
            assert_eq!(answer(&mut hall, find("nobody", guest)), "nobody: ");
        }
        assert_eq!(answer(&mut hall, find("anna", guest)), "wait 10");
        assert_eq!(answer(&mut hall, find("anna", Guest::default())), "Anna: kept", "from this machine");
        assert_eq!(answer(&mut hall, log_in("anna", "kept")), "Anna", "that was no guess");
        assert_eq!(answer(&mut hall, find("anna", guest)), "Anna: kept");
        assert_eq!(answer(&mut hall, log_in("nobody", "kept")), "no");
        assert_eq!(answer(&mut hall, log_in("anna", "what it was before")), "no");
    }
}
