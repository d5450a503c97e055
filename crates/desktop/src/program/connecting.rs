//! From the form to a network, and back to the form.

use anyhow::Context as _;
use client::handshake::Identity;
use eframe::egui;
use link::address::{Address, Door};
use link::connection::Plan;
use link::kept::Server;

use super::Program;
use super::passwords::Unproved;
use crate::files::Files;
use crate::network_thread::{Handle, Live};
use crate::passwords::Passwords;
use crate::screen::form;
use crate::screen::telling::Telling;
use crate::window::{Fault, SignIn};

/// What is said to the server at the end.
const GOODBYE: &str = "Goodbye";

/// What the form says.
struct Entry {
    address: Address,
    name: String,
    /// An account and its password, which may be empty.
    account: Option<(String, String)>,
    /// The room to enter.
    room: Option<String>,
}

impl Entry {
    fn read(form: &SignIn) -> Result<Self, form::Fault> {
        let address = form::address(&form.host, &form.port)?;
        // Names there may have spaces, which those of IRC cannot.
        let is_classroom = matches!(address.door, Door::Classroom(_));
        let name = if is_classroom { form.name.trim().replace(' ', "\u{a0}") } else { form.name.clone() };
        let name = form::name(&name)?.to_owned();
        let account = form.has_account.then(|| {
            let account = if form.account.trim().is_empty() { &name } else { form.account.trim() };
            (account.to_owned(), form.password.clone())
        });
        // A classroom server has one room, which one is in.
        let room = if is_classroom { None } else { form::room(address.room.as_deref().unwrap_or(&form.room)) };
        Ok(Self { address, name, account, room })
    }

    fn identity(&self) -> Identity {
        let account =
            self.account.as_ref().map(|(account, password)| (account.as_str().into(), password.as_str().into()));
        Identity { account, server_password: self.address.server_password(), ..Identity::guest(&self.name) }
    }
}

impl Program {
    /// Connects, as the form says; what is wrong with it is said there.
    pub(super) fn sign_in(&mut self, ctx: &egui::Context) {
        if self.passwords.is_none() && self.window.sign_in.has_account {
            let ctx = ctx.clone();
            self.passwords = Passwords::start(move || ctx.request_repaint());
        }
        self.window.sign_in.fault = self.connect(ctx).err();
    }

    fn connect(&mut self, ctx: &egui::Context) -> Result<(), Fault> {
        let entry = Entry::read(&self.window.sign_in).map_err(Fault::Form)?;
        if let Some((account, password)) = &entry.account
            && password.is_empty()
        {
            return self.ask_keyring(&entry.address, account);
        }
        self.is_password_asked = false;
        self.unproved = entry.account.clone().map(|(account, password)| {
            let server = entry.address.key();
            Unproved { server, account, password }
        });
        self.start(ctx, &entry).map_err(|error| Fault::Machine(format!("{error:#}")))?;
        let (form, preferences) = (&self.window.sign_in, &mut self.window.preferences);
        preferences.account = entry.account.map(|(account, _)| account);
        preferences.keeps_passwords = form.keeps_password;
        form.room.trim().clone_into(&mut preferences.room);
        let last = (entry.address.to_string(), entry.name);
        self.keep(|known| known.last = Some(last));
        Ok(())
    }

    /// Asks the keyring for a password that the form does not have: once, then the person has to type it.
    fn ask_keyring(&mut self, address: &Address, account: &str) -> Result<(), Fault> {
        let was_asked = std::mem::replace(&mut self.is_password_asked, true);
        let Some(passwords) = self.passwords.as_ref().filter(|_| !was_asked) else {
            self.is_password_asked = false;
            // The keyboard goes to where it is asked for.
            self.window.sign_in.is_shown = false;
            return Err(Fault::Form(form::Fault::Password));
        };
        passwords.find(&address.key(), account);
        Ok(())
    }

    /// Begins with a network, with what is known of its server.
    fn start(&mut self, ctx: &egui::Context, entry: &Entry) -> anyhow::Result<()> {
        let Entry { address, name, room, .. } = entry;
        let directory = self.directory.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        let key = address.key();
        let known: Server = directory.known().servers.remove(&key).unwrap_or_default();
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(|error| anyhow::anyhow!("no random bits: {error}"))?;
        let (outbox, kept) = directory.outbox(&key, name, u128::from_le_bytes(bits))?;
        let plan = Plan {
            pinned: address.fingerprint.clone().or(known.fingerprint),
            may_be_clear: known.may_be_clear,
            was_encrypted: known.was_encrypted,
            address: address.clone(),
        };
        let mut live = Live::new(entry.identity(), kept, plan);
        if let Some(room) = room {
            live.network.join(room);
        }
        live.network.ignore(known.ignored.iter().map(String::as_str));
        let ctx = ctx.clone();
        let wake = move || ctx.request_repaint();
        self.files = Some(Files::start(wake.clone()).context("no thread for files")?);
        let handle = Handle::start(live, outbox, wake).context("no thread for the network")?;
        self.window.screen.muted = known.muted.iter().map(|room| room.as_str().into()).collect();
        self.window.screen.ignored = known.ignored.iter().map(|nick| nick.as_str().into()).collect();
        self.window.connect(handle, address.host.clone(), room.as_deref());
        self.server = Some(key);
        Ok(())
    }

    /// Notes what the connection has shown, for the next time.
    pub(super) fn note_encryption(&mut self) {
        let Some(network) = &self.window.network else { return };
        let is_first = {
            let mut live = network.live();
            let is_first = live.is_encrypted && !live.plan.was_encrypted;
            live.plan.was_encrypted |= live.is_encrypted;
            is_first
        };
        if is_first {
            self.keep_about_server(|server| server.was_encrypted = true);
        }
    }

    /// Leaves the network, where there is one: the form is shown then.
    pub(super) fn leave(&mut self) {
        if let Some(network) = self.window.network.take() {
            network.leave(GOODBYE);
        }
        self.server = None;
        self.files = None;
        self.unproved = None;
        self.telling = Telling::default();
    }
}
