//! The list of rooms and people, with what is unread in each.

use eframe::egui;
use egui::{Align, Layout, RichText, Role, ScrollArea, UiBuilder};

use super::acts::Act;
use super::{Look, look, reading_order};
use crate::screen::rooms::{self, Item};
use crate::screen::{Dialog, Myself, Screen};
use crate::texts::Language;

/// The largest number that is shown.
const COUNT_MAX: u32 = 99;

pub(super) fn show(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, server: &str, acts: &mut Vec<Act>) {
    let language = look.language;
    let state = look.live.network.state();
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if look.is_narrow && button(ui, "×", language.text("close")) {
                acts.push(Act::Sidebar(false));
            }
            if button(ui, "+", language.text("rooms.add")) {
                acts.push(Act::Dialog(Some(Dialog::Join(String::new()))));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(RichText::new(server).strong()).truncate());
            });
        });
    });
    ui.separator();
    egui::Panel::bottom("me").show(ui, |ui| {
        ui.add_space(4.0);
        let name = RichText::new(&*state.me).strong();
        let name = reading_order::line_in_button(ui, name);
        let name = ui.add(egui::Button::new(name).truncate().frame(false));
        let name = name.on_hover_text(language.text("settings.title"));
        if name.accessible_name(language.text("settings.title")).clicked() {
            acts.push(Act::Dialog(Some(Dialog::Settings(Myself::of(state)))));
        }
    });
    let items = rooms::items(screen, state);
    let (channels, people): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| item.is_channel);
    let list = UiBuilder::new().accessibility_role(Role::List).accessibility_label(language.text("rooms.label"));
    ui.scope_builder(list, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (label, items) in [("rooms.channels", channels), ("rooms.people", people)] {
                if items.is_empty() {
                    continue;
                }
                ui.label(RichText::new(language.text(label)).small().weak());
                for item in &items {
                    if room(ui, item, language) {
                        acts.push(Act::Open(Some(item.key.clone())));
                    }
                }
                ui.add_space(8.0);
            }
            if ui.selectable_label(screen.active.is_none(), language.text("rooms.serverMessages")).clicked() {
                acts.push(Act::Open(None));
            }
        });
    });
}

/// Draws a room; tells whether it was chosen.
fn room(ui: &mut egui::Ui, item: &Item, language: Language) -> bool {
    let mut text = RichText::new(&*item.name);
    if item.unread > 0 {
        text = text.strong();
    }
    if !item.is_joined || item.is_muted {
        text = text.weak();
    }
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if item.mentions > 0 {
                let count = format!("{}", item.mentions.min(COUNT_MAX));
                ui.label(RichText::new(count).small().strong().color(look::accent(ui.visuals())));
            } else if item.unread > 0 {
                ui.label(RichText::new(format!("{}", item.unread.min(COUNT_MAX))).small());
            }
            if item.has_draft {
                ui.label(RichText::new(language.text("rooms.draft")).small().weak());
            }
            let text = reading_order::line_in_button(ui, text);
            let button = egui::Button::selectable(item.is_active, "").left_text(text).truncate();
            let response = ui.add_sized([ui.available_width(), ui.spacing().interact_size.y + 4.0], button);
            response.accessible_name(name_of(item, language)).clicked()
        })
        .inner
    })
    .inner
}

/// Returns what a room is called to those who listen: its name, and what is new there.
fn name_of(item: &Item, language: Language) -> String {
    let mut name = item.name.to_string();
    for (count, key) in [(item.mentions, "rooms.mentions"), (item.unread, "rooms.unread")] {
        if count > 0 {
            name = format!("{name}, {}", language.count(key, usize::try_from(count).unwrap_or(usize::MAX), &[]));
        }
    }
    name
}

/// Draws a button with a sign on it, and a name for those who do not see it.
pub(super) fn button(ui: &mut egui::Ui, sign: &str, name: &str) -> bool {
    ui.button(sign).on_hover_text(name).accessible_name(name).clicked()
}
