//! What opens over the rest: entering a room, the quick switcher, settings, help, signs.

use client::state::Room;
use eframe::egui;
use egui::{Id, Key, Modal, Modifiers, RichText, ScrollArea, TextEdit};

use super::acts::Act;
use super::members::is_operator;
use super::{Look, Wish, reading_order};
use crate::preferences::{Preferences, Theme, ZOOM_RANGE};
use crate::screen::completion::emoji;
use crate::screen::{Dialog, Myself, Screen, commands, rooms};
use crate::texts::Language;

/// The most signs that are offered at once.
const EMOJI_SHOWN: usize = 40;

/// The most names that the switcher shows.
const FOUND_SHOWN: usize = 12;

pub(super) fn show(
    ctx: &egui::Context,
    look: &Look<'_>,
    screen: &mut Screen,
    preferences: &mut Preferences,
    acts: &mut Vec<Act>,
) {
    let Some(mut dialog) = screen.dialog.take() else { return };
    // What is typed is for what is open.
    ctx.memory_mut(|memory| memory.surrender_focus(super::composer::id()));
    let title = title(look.language, &dialog);
    let modal = Modal::new(Id::unique("dialog")).show(ctx, |ui| {
        ui.set_width(ui.ctx().content_rect().width().min(420.0) - 40.0);
        ui.heading(title);
        ui.add_space(4.0);
        match &mut dialog {
            Dialog::Join(name) => join(ui, look, name, acts),
            Dialog::Switcher(typed, chosen) => switcher(ui, look, screen, typed, chosen, acts),
            Dialog::Room(topic) => room(ui, look, screen, topic, acts),
            Dialog::Settings(myself) => settings(ui, look, screen, preferences, myself, acts),
            Dialog::Help => help(ui, look.language),
            Dialog::Search(search) => super::search::show(ui, look, search, acts),
            Dialog::React(id, typed) => react(ui, look, id, typed, acts),
            Dialog::Delete(id) => {
                if ui.button(look.language.text("row.delete")).clicked() {
                    acts.push(Act::Delete(id.clone()));
                    acts.push(Act::Dialog(None));
                }
            }
        }
        ui.add_space(6.0);
        if ui.button(look.language.text("close")).clicked() {
            ui.close();
        }
    });
    screen.dialog = Some(dialog);
    if modal.should_close() {
        acts.push(Act::Dialog(None));
    }
}

fn title(language: Language, dialog: &Dialog) -> &'static str {
    match dialog {
        Dialog::Join(_) => language.text("rooms.add"),
        Dialog::Switcher(..) => language.text("switcher.title"),
        Dialog::Room(_) => language.text("room.settings"),
        Dialog::Settings(_) => language.text("settings.title"),
        Dialog::Help => language.text("help.title"),
        Dialog::Search(_) => language.text("search.title"),
        Dialog::React(..) => language.text("row.react"),
        Dialog::Delete(_) => language.text("row.deleteSure"),
    }
}

/// Draws a field with its name, that has the keyboard when the dialog opens; tells whether Return was pressed in it.
pub(super) fn field(ui: &mut egui::Ui, label: &str, text: &mut String) -> bool {
    let label = ui.label(label);
    let response = ui.add(TextEdit::singleline(text).desired_width(f32::INFINITY)).labelled_by(label.id);
    let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if ui.memory(|memory| memory.focused().is_none()) {
        response.request_focus();
    }
    is_entered
}

fn join(ui: &mut egui::Ui, look: &Look<'_>, name: &mut String, acts: &mut Vec<Act>) {
    let language = look.language;
    let is_entered = field(ui, language.text("join.name"), name);
    ui.label(RichText::new(language.text("join.hint")).small().weak());
    if (ui.button(language.text("join.enter")).clicked() || is_entered) && !name.trim().is_empty() {
        acts.push(Act::Join(name.clone()));
        acts.push(Act::Dialog(None));
    }
}

fn switcher(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    screen: &Screen,
    typed: &mut String,
    chosen: &mut usize,
    acts: &mut Vec<Act>,
) {
    let items = rooms::items(screen, look.live.network.state());
    let before = typed.clone();
    for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1_isize)] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            *chosen = chosen.saturating_add_signed(by);
        }
    }
    let is_entered = field(ui, look.language.text("switcher.find"), typed);
    if before != *typed {
        *chosen = 0;
    }
    let found = rooms::find(&items, typed);
    *chosen = (*chosen).min(found.len().saturating_sub(1)).min(FOUND_SHOWN - 1);
    for (place, item) in found.iter().take(FOUND_SHOWN).enumerate() {
        let name = RichText::new(&*item.name);
        let name = reading_order::line_in_button(ui, name);
        let is_clicked = ui.selectable_label(place == *chosen, name).clicked();
        if is_clicked || (is_entered && place == *chosen) {
            acts.push(Act::Open(Some(item.key.clone())));
        }
    }
}

fn room(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, topic: &mut String, acts: &mut Vec<Act>) {
    let language = look.language;
    let state = look.live.network.state();
    let Some((key, room)) = screen.active.as_ref().and_then(|key| Some((key, state.room(key)?))) else { return };
    ui.label(reading_order::line(ui, RichText::new(&*room.name).strong()));
    let mut is_muted = screen.muted.contains(key);
    if ui.checkbox(&mut is_muted, language.text("room.muted")).changed() {
        acts.push(Act::Mute(key.clone(), is_muted));
    }
    if !room.is_channel {
        return;
    }
    ui.separator();
    let is_entered = field(ui, language.text("room.topic"), topic);
    if ui.button(language.text("room.setTopic")).clicked() || is_entered {
        acts.push(Act::Command("TOPIC", vec![room.name.to_string(), topic.clone()]));
    }
    if is_operator(state, room) {
        rules(ui, language, room, acts);
    }
    ui.separator();
    if ui.button(language.text("room.leave")).clicked() {
        acts.push(Act::Part(room.name.clone()));
        acts.push(Act::Dialog(None));
    }
}

/// Offers the rules of a room.
fn rules(ui: &mut egui::Ui, language: Language, room: &Room, acts: &mut Vec<Act>) {
    ui.separator();
    ui.label(RichText::new(language.text("room.rules")).strong());
    for (letter, key) in [("i", "mode.i"), ("m", "mode.m"), ("t", "mode.t")] {
        ui.horizontal(|ui| {
            ui.label(language.text(key));
            for (sign, text) in [("+", "mode.set"), ("-", "mode.unset")] {
                let name = format!("{}: {}", language.text(key), language.text(text));
                if ui.small_button(language.text(text)).accessible_name(name).clicked() {
                    acts.push(Act::Command("MODE", vec![room.name.to_string(), format!("{sign}{letter}")]));
                }
            }
        });
    }
}

/// Offers to be called and shown otherwise. What the server cannot keep is not asked for.
fn myself(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, myself: &mut Myself, acts: &mut Vec<Act>) {
    let language = look.language;
    let mut is_entered = field(ui, language.text("settings.name"), &mut myself.nick);
    if look.live.network.has("draft/metadata-2") {
        is_entered |= field(ui, language.text("settings.displayName"), &mut myself.display_name);
        is_entered |= field(ui, language.text("settings.avatar"), &mut myself.avatar);
        super::portrait::show(ui, look, screen.uploads.portrait(), myself, acts);
    }
    if (ui.button(language.text("settings.rename")).clicked() || is_entered) && !myself.nick.is_empty() {
        acts.push(Act::Describe(myself.clone()));
    }
    ui.separator();
}

fn settings(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    screen: &Screen,
    preferences: &mut Preferences,
    typed: &mut Myself,
    acts: &mut Vec<Act>,
) {
    let language = look.language;
    let before = preferences.clone();
    myself(ui, look, screen, typed, acts);
    ui.label(language.text("settings.language"));
    ui.horizontal(|ui| {
        for (one, own_name) in Language::ALL {
            if ui.selectable_label(language == *one, *own_name).clicked() {
                preferences.language = Some(*one);
            }
        }
    });
    ui.label(language.text("settings.theme"));
    ui.horizontal(|ui| {
        for (theme, key) in
            [(Theme::System, "theme.system"), (Theme::Light, "theme.light"), (Theme::Dark, "theme.dark")]
        {
            ui.selectable_value(&mut preferences.theme, theme, language.text(key));
        }
    });
    let label = ui.label(language.text("settings.size"));
    ui.add(egui::Slider::new(&mut preferences.zoom, ZOOM_RANGE).step_by(0.1)).labelled_by(label.id);
    ui.checkbox(&mut preferences.notifications, language.text("settings.notifications"));
    if *preferences != before {
        super::look::prefer(ui.ctx(), preferences);
        acts.push(Act::Wish(Wish::Keep));
    }
    ui.separator();
    if ui.button(language.text("settings.leave")).clicked() {
        acts.push(Act::Wish(Wish::Leave));
    }
}

fn help(ui: &mut egui::Ui, language: Language) {
    ui.label(language.text("help.keys"));
    ui.separator();
    let height = ui.ctx().content_rect().height() * 0.5;
    ScrollArea::vertical().max_height(height).show(ui, |ui| {
        for name in commands::NAMES {
            ui.label(language.text(&format!("help.{name}")));
        }
    });
}

fn react(ui: &mut egui::Ui, look: &Look<'_>, id: &str, typed: &mut String, acts: &mut Vec<Act>) {
    field(ui, look.language.text("emoji.find"), typed);
    let found: Vec<&emojis::Emoji> = emoji(typed).take(EMOJI_SHOWN).collect();
    ui.horizontal_wrapped(|ui| {
        for emoji in found {
            let name = look.language.with("row.reactWith", &[("emoji", emoji.name())]);
            if ui.button(RichText::new(emoji.as_str()).size(20.0)).accessible_name(name).clicked() {
                acts.push(Act::React { id: id.into(), emoji: emoji.as_str().into(), is_given: true });
                acts.push(Act::Dialog(None));
            }
        }
    });
}
