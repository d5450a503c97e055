//! The keyring is asked for passwords, and given those that a server has taken.

use client::network::Standing;
use eframe::egui;

use super::Program;
use crate::passwords::{Passwords, Told};

/// A password that no server has taken yet.
pub(super) struct Unproved {
    /// What the server is called in what is known of servers.
    pub(super) server: String,
    pub(super) account: String,
    pub(super) password: String,
}

impl Program {
    /// Takes what the keyring says, and gives it a password that the server has taken.
    pub(super) fn do_passwords(&mut self, ctx: &egui::Context) {
        while let Some(told) = self.passwords.as_ref().and_then(Passwords::next) {
            match told {
                Told::Found(password) => {
                    self.window.sign_in.password = password.map(String::from).unwrap_or_default();
                    self.sign_in(ctx);
                }
                Told::NotKept => {
                    let text = self.window.language().text("notice.passwordNotKept").to_owned();
                    self.window.screen.notice(text);
                }
            }
        }
        let standing = self.window.network.as_ref().map(|network| network.live().network.standing());
        if matches!(standing, Some(Standing::CatchingUp | Standing::Online))
            && let (Some(Unproved { server, account, password }), Some(passwords)) =
                (self.unproved.take(), &self.passwords)
        {
            if self.window.preferences.keeps_passwords {
                passwords.keep(&server, &account, &password);
            } else {
                passwords.forget(&server, &account);
            }
        }
    }
}
