//! Users and the names they hold.

use std::sync::Arc;

use irc::casemap::Folded;

use super::World;
use crate::event::Actor;
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::rows::{Row, RowChange};
use crate::user::{OperatorClass, User};

/// Nicks that nobody may have: who writes to them talks to the server.
const SERVICE_NICKS: [&str; 2] = ["ChanServ", "NickServ"];

impl World {
    /// Takes a user id that was never used.
    pub fn new_user_id(&mut self) -> UserId {
        self.last_id += 1;
        UserId(self.last_id)
    }

    /// Finds a user by nick, or by the name a classroom user typed.
    pub fn user_by_nick(&self, nick: &str) -> Option<&User> {
        let mapping = self.mapping();
        let named = self.names.get(&*mapping.fold_cow(nick));
        // A classroom user's name is kept in lower case also where the case mapping leaves a letter as it is.
        let named =
            named.or_else(|| if nick.is_ascii() { None } else { self.names.get(&self.fold(&nick.to_lowercase())) });
        named.and_then(|id| self.users.get(id))
    }

    /// Finds a user by nick, or says that there is none (401).
    ///
    /// # Errors
    /// [`Refusal::NoSuchNick`].
    pub fn expect_user(&self, nick: &str) -> Result<&User, Refusal> {
        self.user_by_nick(nick).ok_or_else(|| Refusal::NoSuchNick(nick.into()))
    }

    /// Tells whether a name is a service's.
    pub fn is_service(&self, name: &str) -> bool {
        SERVICE_NICKS.iter().any(|service| self.mapping().same(service, name))
    }

    /// Tells whether a name is in use by somebody else than `but`, or is a service's.
    pub fn is_name_taken(&self, name: &str, but: Option<UserId>) -> bool {
        if self.is_service(name) {
            return true;
        }
        [self.fold(name), self.fold(&name.to_lowercase())]
            .iter()
            .any(|key| self.names.get(key).is_some_and(|holder| Some(*holder) != but))
    }

    /// Tells whether a name is that of an account which keeps it as a nick for its owner, and which the asker is not logged
    /// in to. Who has the nick already goes on having it.
    pub fn is_name_reserved(&self, name: &str, account: Option<&str>, but: Option<UserId>) -> bool {
        let mapping = self.mapping();
        let has_it = || but.and_then(|id| self.users.get(&id)).is_some_and(|user| mapping.same(user.nick(), name));
        let owner = self.accounts.get(name, mapping).filter(|owner| !owner.unprotected);
        owner.is_some_and(|owner| account.is_none_or(|own| !mapping.same(own, &owner.name))) && !has_it()
    }

    /// Returns the one of a person's names that is in use by somebody else than `but`: another node may have given it
    /// away while the log was ordering the fact.
    pub fn taken_name<'a>(&self, nick: &'a str, shown: Option<&'a str>, but: Option<UserId>) -> Option<&'a str> {
        shown.into_iter().chain([nick]).find(|name| self.is_name_taken(name, but))
    }

    /// Names a user as the actor of an event.
    pub fn actor(&self, user: UserId) -> Option<Actor> {
        self.users.get(&user).map(|user| Actor { user: user.id, person: Arc::clone(&user.person) })
    }

    /// Adds a user.
    pub fn insert_user(&mut self, user: User) {
        self.claim_names(&user.person, user.id);
        self.count(user.modes, user.operator, 1);
        self.users.insert(user.id, user);
        self.max_users = self.max_users.max(self.users.len());
    }

    /// Removes a user from everywhere: channels, names, sessions. Empty channels vanish. What that changes of durable
    /// rows is added to `rows`.
    pub fn remove_user(&mut self, id: UserId, rows: &mut Vec<RowChange>) -> Option<User> {
        if let Some(row) = self.users.get(&id).filter(|user| user.stays).and_then(|user| self.user_row(user)) {
            self.staying.remove(&*self.mapping().fold_cow(row.person.account.as_deref().unwrap_or_default()));
            rows.push(RowChange::Remove(Row::User(Box::new(row))));
        }
        let user = self.users.remove(id)?;
        self.release_names(&user.person, id);
        self.count(user.modes, user.operator, -1);
        self.markers.forget_user(id);
        for session in user.session_ids() {
            self.sessions.remove(&session);
            self.watchers.forget(session);
            self.metadata.forget(session);
        }
        for channel in &user.channels {
            self.remove_member(*channel, id, rows);
        }
        Some(user)
    }

    /// Gives a user another appearance, and the names that belong to it.
    pub fn set_person(&mut self, id: UserId, person: &Arc<Person>) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let before = core::mem::replace(&mut user.person, Arc::clone(person));
        self.changed_users.insert(id);
        self.release_names(&before, id);
        self.claim_names(person, id);
    }

    /// Gives a user other modes, and the operator class that goes with `+o`.
    pub fn set_modes(&mut self, id: UserId, modes: UserModes, operator: Option<OperatorClass>) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let before = (user.modes, user.operator);
        self.changed_users.insert(id);
        (user.modes, user.operator) = (modes, operator);
        self.count(before.0, before.1, -1);
        self.count(modes, operator, 1);
    }

    /// Keeps the numbers of LUSERS, so that nobody has to be counted when somebody connects.
    fn count(&mut self, modes: UserModes, operator: Option<OperatorClass>, by: isize) {
        if modes.contains(UserModes::INVISIBLE) {
            self.invisible_users = self.invisible_users.saturating_add_signed(by);
        }
        if operator.is_some() {
            self.operators = self.operators.saturating_add_signed(by);
        }
    }

    fn claim_names(&mut self, person: &Person, id: UserId) {
        for key in self.name_keys(person) {
            self.names.entry(key).or_insert(id);
        }
    }

    fn release_names(&mut self, person: &Person, id: UserId) {
        for key in self.name_keys(person) {
            if self.names.get(&key) == Some(&id) {
                self.names.remove(&key);
            }
        }
    }

    /// A user holds their nick, and the name as typed where that is another: nobody else may be shown as either.
    fn name_keys(&self, person: &Person) -> impl Iterator<Item = Folded> + use<> {
        let shown = person.shown.as_ref().map(|shown| self.fold(&shown.to_lowercase()));
        core::iter::once(person.nick().folded(self.mapping())).chain(shown)
    }
}
