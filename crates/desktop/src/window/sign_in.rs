//! The form: which server, and who.

use eframe::egui;
use egui::{Align, Key, Layout, Margin, RichText, Role, ScrollArea, TextEdit, UiBuilder};

use super::Wish;
use crate::screen::form;
use crate::texts::Language;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Something in the form.
    Form(form::Fault),
    /// Something on this machine: what.
    Machine(String),
}

/// A server on the local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearby {
    /// What it is called.
    pub name: String,
    /// Its address, as a person types it.
    pub address: String,
    /// The room that people enter at first; empty if it does not say.
    pub room: String,
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// A name, an address, or a link to join.
    pub host: String,
    /// The port.
    pub port: String,
    /// The person's name.
    pub name: String,
    /// The room to enter; empty for none.
    pub room: String,
    /// Whether they have an account.
    pub has_account: bool,
    /// The account; empty: the name.
    pub account: String,
    /// Its password; empty: that of the system's keyring. It is kept nowhere but there.
    pub password: String,
    /// Whether it is to be kept there.
    pub keeps_password: bool,
    /// The servers on the local network; none while they are looked for.
    pub nearby: Option<Vec<Nearby>>,
    /// What is wrong.
    pub fault: Option<Fault>,
    /// Whether the form was shown before: then the keyboard is where the person has put it, else at what is missing.
    pub is_shown: bool,
}

pub(super) fn show(ui: &mut egui::Ui, form: &mut SignIn, language: Language, wishes: &mut Vec<Wish>) {
    egui::CentralPanel::default().show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let width = ui.available_width().min(360.0);
            ui.vertical_centered(|ui| {
                ui.add_space((ui.available_height() * 0.12).min(80.0));
                ui.set_max_width(width);
                ui.label(RichText::new(language.text("app")).size(30.0).strong());
                ui.label(RichText::new(language.text("signin.title")).size(17.0));
                ui.add_space(14.0);
                // In a part of its own: what comes and goes there must not take the keyboard from the fields below.
                ui.scope(|ui| nearby(ui, form, language));
                let is_entered = ui.with_layout(Layout::top_down(Align::Min), |ui| fields(ui, form, language)).inner;
                if is_entered {
                    wishes.push(Wish::SignIn);
                }
            });
        });
    });
}

/// Offers the servers of the local network.
fn nearby(ui: &mut egui::Ui, form: &mut SignIn, language: Language) {
    let Some(found) = &form.nearby else {
        ui.label(RichText::new(language.text("signin.looking")).small().weak());
        ui.add_space(8.0);
        return;
    };
    if found.is_empty() {
        return;
    }
    let heading = ui.label(RichText::new(language.text("signin.nearby")).small().weak());
    let list = UiBuilder::new().accessibility_role(Role::List).accessibility_label(language.text("signin.nearby"));
    let chosen = ui.scope_builder(list, |ui| {
        let mut chosen = None;
        ScrollArea::vertical().id_salt("nearby").max_height(NEARBY_HEIGHT_MAX).show(ui, |ui| {
            for server in found {
                let text = format!("{}   {}   {}", server.name, server.address, server.room);
                let button = egui::Button::new(text).truncate().min_size(egui::vec2(ui.available_width(), 28.0));
                if ui.add(button).labelled_by(heading.id).accessible_name(&server.name).clicked() {
                    chosen = Some(server.clone());
                }
            }
        });
        chosen
    });
    if let Some(server) = chosen.inner {
        form.choose(server);
    }
    ui.add_space(8.0);
}

/// How high the list of servers may be before it is scrolled.
const NEARBY_HEIGHT_MAX: f32 = 130.0;

impl SignIn {
    /// Returns what the person is asked for, as the text of it is called. A password is asked for after a while, when they may look
    /// elsewhere.
    pub(super) fn asks_for(&self) -> &'static str {
        if self.fault == Some(Fault::Form(form::Fault::Password)) { "signin.password" } else { "signin.title" }
    }

    /// Fills in the server and its room; the person goes on with their name.
    fn choose(&mut self, server: Nearby) {
        (self.host, self.port) = form::parted(server.address);
        if !server.room.is_empty() {
            self.room = server.room;
        }
        // The keyboard goes to the name.
        self.is_shown = false;
    }
}

/// Draws the fields; tells whether the person wants in.
fn fields(ui: &mut egui::Ui, form: &mut SignIn, language: Language) -> bool {
    let mut is_entered = false;
    let mut field = |ui: &mut egui::Ui, label: &str, text: &mut String, is_secret: bool| {
        let label = ui.label(label);
        let edit =
            TextEdit::singleline(text).password(is_secret).desired_width(f32::INFINITY).margin(Margin::symmetric(8, 6));
        let response = ui.add(edit).labelled_by(label.id);
        is_entered |= response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        response
    };
    let host = field(ui, language.text("signin.host"), &mut form.host, false);
    let host = host.on_hover_text(language.text("signin.hint"));
    field(ui, language.text("signin.port"), &mut form.port, false);
    let name = field(ui, language.text("signin.name"), &mut form.name, false);
    field(ui, language.text("signin.room"), &mut form.room, false);
    let has_account = ui.checkbox(&mut form.has_account, language.text("signin.account"));
    let mut missing = if form.host.is_empty() { host } else { name };
    if form.has_account {
        let account = field(ui, language.text("signin.accountName"), &mut form.account, false);
        if has_account.clicked() {
            account.request_focus();
        }
        let password = field(ui, language.text("signin.password"), &mut form.password, true);
        let password = password.on_hover_text(language.text("signin.passwordHint"));
        if form.fault == Some(Fault::Form(form::Fault::Password)) {
            missing = password;
        }
        ui.checkbox(&mut form.keeps_password, language.text("signin.keepPassword"));
    }
    if !std::mem::replace(&mut form.is_shown, true) {
        missing.request_focus();
    }
    if let Some(fault) = &form.fault {
        let text = match fault {
            Fault::Form(form::Fault::Host) => language.text("signin.wrongHost").to_owned(),
            Fault::Form(form::Fault::Port) => language.text("signin.wrongPort").to_owned(),
            Fault::Form(form::Fault::Password) => language.text("signin.needsPassword").to_owned(),
            Fault::Form(form::Fault::Name) => language.text("signin.wrongName").to_owned(),
            Fault::Machine(why) => language.with("signin.cannotKeep", &[("why", why)]),
        };
        ui.colored_label(ui.visuals().error_fg_color, text);
    }
    ui.add_space(8.0);
    is_entered |=
        ui.add_sized([ui.available_width(), 34.0], egui::Button::new(language.text("signin.enter"))).clicked();
    is_entered
}
