//! Where one writes: several lines, a draft for each room, completion, commands.

use client::state::Room;
use eframe::egui;
use egui::text::{CCursor, CCursorRange, CharIndex};
use egui::text_selection::text_cursor_state::byte_index_from_char_index;
use egui::{
    Align, EventFilter, Id, Key, KeyboardShortcut, Layout, Margin, Modifiers, RichText, Role, ScrollArea, TextEdit,
    UiBuilder,
};

use super::acts::Act;
use super::sidebar::button;
use super::{Look, Wish, Writing, reading_order};
use crate::screen::completion::complete;
use crate::screen::rich_text::bare;
use crate::screen::rows::Rows;
use crate::screen::{Screen, TEXT_BYTES_MAX, View};

/// The most letters of a message that is answered that are shown.
const QUOTE_LETTERS_MAX: usize = 80;

/// How much of the window the box may take before it scrolls.
const HEIGHT_PART_MAX: f32 = 0.4;

/// The box's id: there is one.
pub(super) fn id() -> Id {
    Id::unique("composer")
}

pub(super) fn show(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    screen: &mut Screen,
    writing: &mut Writing,
    acts: &mut Vec<Act>,
) {
    let language = look.language;
    let state = look.live.network.state();
    let Some(key) = screen.active.clone() else { return };
    let Some(room) = state.room(&key) else { return };
    if room.is_channel && !room.is_joined && look.live.network.standing() == client::network::Standing::Online {
        ui.horizontal(|ui| {
            ui.label(language.text("room.notIn"));
            if ui.button(language.text("room.enter")).clicked() {
                acts.push(Act::Join(room.name.to_string()));
            }
        });
        ui.add_space(6.0);
        return;
    }
    let id = id();
    let is_covered = screen.dialog.is_some();
    let view = screen.view_mut(&key);
    candidates(ui, look, view, writing, id);
    note(ui, look, room, view, acts);
    keys(ui, look, room, view, writing, id, acts);
    let before = view.draft.clone();
    ui.horizontal_top(|ui| {
        // At the top: what is pushed to the lower end takes all the height there is, and the panel grows with each picture.
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let send = language.text(if view.editing.is_some() { "composer.save" } else { "composer.send" });
            if ui.add(egui::Button::new(send).min_size(egui::vec2(0.0, 32.0))).clicked() {
                acts.push(Act::Send);
            }
            if state.isupport.filehost().is_some()
                && ui
                    .add(egui::Button::new(language.text("upload.button")).min_size(egui::vec2(0.0, 32.0)))
                    .on_hover_text(language.text("upload.attach"))
                    .accessible_name(language.text("upload.attach"))
                    .clicked()
            {
                acts.push(Act::Wish(Wish::ChooseFiles));
            }
            let height = ui.ctx().content_rect().height() * HEIGHT_PART_MAX;
            ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                ScrollArea::vertical().id_salt("composer").max_height(height).show(ui, |ui| {
                    field(ui, look, room, view, writing, is_covered);
                });
            });
        });
    });
    if view.draft != before {
        acts.push(Act::Typed);
    }
    ui.add_space(6.0);
}

fn field(ui: &mut egui::Ui, look: &Look<'_>, room: &Room, view: &mut View, writing: &mut Writing, is_covered: bool) {
    let id = id();
    let label = look.language.with("composer.label", &[("room", &room.name)]);
    // Tab completes a word; where there is none, it goes on to what is beside the box.
    let is_tab_ours = view.draft.chars().next_back().is_some_and(|letter| !letter.is_whitespace());
    let edit = TextEdit::multiline(&mut view.draft)
        .id(id)
        .desired_rows(1)
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(8, 7))
        .char_limit(TEXT_BYTES_MAX / 4)
        .event_filter(EventFilter { tab: is_tab_ours, horizontal_arrows: true, vertical_arrows: true, escape: true })
        .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter))
        .hint_text(label.clone());
    let mut output = edit.show(ui);
    let response = output.response.response.accessible_name(label);
    if let Some(cursor) = writing.cursor.take() {
        output.state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(cursor))));
        output.state.store(ui.ctx(), id);
    }
    if !is_covered && std::mem::take(&mut writing.wants_focus) {
        response.request_focus();
    }
    if response.changed() {
        let before =
            output.cursor_range.and_then(|range| range.single()).map(|cursor| before(&view.draft, cursor.index));
        let found = before.and_then(|before| complete(before, look.live.network.state(), room, false));
        writing.completion = found.map(|found| (found, 0));
    }
}

fn before(text: &str, cursor: CharIndex) -> &str {
    &text[..byte_index_from_char_index(text, cursor).0]
}

/// Returns where the cursor is, in characters.
fn cursor_in(ui: &egui::Ui, id: Id, view: &View) -> usize {
    let range = TextEdit::load_state(ui.ctx(), id).and_then(|state| state.cursor.char_range());
    range.and_then(|range| range.single()).map_or_else(|| view.draft.chars().count(), |cursor| cursor.index.0)
}

/// Puts a candidate in the place of the word, which ends at the cursor.
fn put(view: &mut View, writing: &mut Writing, start: usize, cursor: usize, insert: &str) {
    let end = byte_index_from_char_index(&view.draft, CharIndex(cursor)).0;
    view.draft.replace_range(start..end.max(start), insert);
    writing.cursor = Some(view.draft[..start + insert.len()].chars().count());
    writing.completion = None;
    writing.wants_focus = true;
}

/// Does what keys mean in the box, before the box itself takes them.
fn keys(
    ui: &egui::Ui,
    look: &Look<'_>,
    room: &Room,
    view: &mut View,
    writing: &mut Writing,
    id: Id,
    acts: &mut Vec<Act>,
) {
    if !ui.memory(|memory| memory.has_focus(id)) {
        return;
    }
    // Return with Shift breaks the line, in the box.
    let is_plain = ui.input(|input| input.modifiers.is_none());
    let pressed = |key| is_plain && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let cursor = cursor_in(ui, id, view);
    if let Some((found, chosen)) = &mut writing.completion {
        let count = found.candidates.len();
        if pressed(Key::ArrowDown) {
            *chosen = (*chosen + 1) % count;
        } else if pressed(Key::ArrowUp) {
            *chosen = (*chosen + count - 1) % count;
        } else if pressed(Key::Tab) || pressed(Key::Enter) {
            let (start, insert) = (found.start, found.candidates[*chosen].insert.clone());
            put(view, writing, start, cursor, &insert);
        } else if pressed(Key::Escape) {
            writing.completion = None;
        }
        return;
    }
    if pressed(Key::Enter) {
        acts.push(Act::Send);
    } else if !view.draft.ends_with(char::is_whitespace) && !view.draft.is_empty() && pressed(Key::Tab) {
        let found = complete(before(&view.draft, CharIndex(cursor)), look.live.network.state(), room, true);
        if let Some(found) = found {
            if let [only] = &found.candidates[..] {
                put(view, writing, found.start, cursor, &only.insert);
            } else {
                writing.completion = Some((found, 0));
            }
        }
    } else if (view.editing.is_some() || view.replying.is_some()) && pressed(Key::Escape) {
        acts.push(Act::Stop);
    } else if view.draft.is_empty() && view.editing.is_none() && pressed(Key::ArrowUp) {
        let rows = Rows::of(room, look.live.network.state(), std::iter::empty());
        if let Some((id, entry)) = rows.last_own().and_then(|entry| Some((entry.id.clone()?, entry))) {
            acts.push(Act::Edit(id, entry.text.clone()));
        }
    }
}

/// Offers what completes the word.
fn candidates(ui: &mut egui::Ui, look: &Look<'_>, view: &mut View, writing: &mut Writing, id: Id) {
    let Some((found, chosen)) = &writing.completion else { return };
    let label = look.language.text("composer.completion");
    let list = UiBuilder::new().accessibility_role(Role::ListBox).accessibility_label(label);
    let clicked = ui.scope_builder(list, |ui| {
        let mut clicked = None;
        for (place, candidate) in found.candidates.iter().enumerate() {
            let help = candidate.label.strip_prefix('/').and_then(|name| look.language.maybe(&format!("help.{name}")));
            if ui.selectable_label(place == *chosen, help.unwrap_or(&candidate.label)).clicked() {
                clicked = Some((found.start, candidate.insert.clone()));
            }
        }
        clicked
    });
    if let Some((start, insert)) = clicked.inner {
        let cursor = cursor_in(ui, id, view);
        put(view, writing, start, cursor, &insert);
    }
}

/// Says what is answered or edited, and how a command is used.
fn note(ui: &mut egui::Ui, look: &Look<'_>, room: &Room, view: &View, acts: &mut Vec<Act>) {
    let language = look.language;
    let text = if view.editing.is_some() {
        language.text("composer.editing").to_owned()
    } else if let Some(id) = &view.replying {
        let answered = room.window.entries().rev().find(|entry| entry.id.as_ref() == Some(id));
        let words = answered.map(|entry| bare(&entry.text)).unwrap_or_default();
        let words: String = words.chars().take(QUOTE_LETTERS_MAX).collect();
        let nick = answered.map_or("", |entry| &entry.from);
        language.with("composer.replying", &[("nick", nick), ("text", &words)])
    } else {
        return;
    };
    ui.horizontal(|ui| {
        if button(ui, "×", language.text("cancel")) {
            acts.push(Act::Stop);
        }
        let text = reading_order::line(ui, RichText::new(text).small());
        ui.add(egui::Label::new(text).truncate());
    });
}
