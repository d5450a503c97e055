//! All users, by id.

use crate::ascending::Ascending;
use crate::ids::UserId;
use crate::user::User;

/// The users of a world. Each stands in a piece of memory of its own, so that the pages of the map are easily moved about.
#[derive(Debug, Default)]
pub struct Users(Ascending<UserId, Box<User>>);

impl Users {
    /// Finds a user.
    pub fn get(&self, id: &UserId) -> Option<&User> {
        self.0.get(id).map(Box::as_ref)
    }

    /// Finds a user, to change it.
    pub fn get_mut(&mut self, id: &UserId) -> Option<&mut User> {
        self.0.get_mut(id).map(Box::as_mut)
    }

    /// Tells whether there is such a user.
    pub fn contains_key(&self, id: &UserId) -> bool {
        self.0.contains_key(id)
    }

    /// Adds a user, in the place of the one who had this id.
    pub(crate) fn insert(&mut self, id: UserId, user: User) {
        self.0.insert(id, Box::new(user));
    }

    /// Takes a user out.
    pub(crate) fn remove(&mut self, id: UserId) -> Option<User> {
        self.0.remove(&id).map(|user| *user)
    }

    /// Returns all users, by ascending id.
    pub fn values(&self) -> impl Iterator<Item = &User> {
        self.0.values().map(Box::as_ref)
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl core::ops::Index<&UserId> for Users {
    type Output = User;

    fn index(&self, id: &UserId) -> &User {
        &self.0[id]
    }
}
