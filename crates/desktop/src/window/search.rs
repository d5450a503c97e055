//! What was said, looked for.

use eframe::egui;
use egui::{RichText, ScrollArea};

use super::acts::Act;
use super::dialogs::field;
use super::{Look, reading_order};
use crate::screen::Dialog;
use crate::screen::rich_text::bare;
use crate::screen::rows::{clock, day_of};
use crate::screen::search::{Outcome, Search};

/// The most letters of a message that are shown.
const LETTERS_MAX: usize = 160;

pub(super) fn show(ui: &mut egui::Ui, look: &Look<'_>, search: &mut Search, acts: &mut Vec<Act>) {
    let language = look.language;
    let is_entered = field(ui, language.text("search.words"), &mut search.words);
    ui.checkbox(&mut search.is_here, language.text("search.here"));
    if (ui.button(language.text("search.find")).clicked() || is_entered) && !search.words.trim().is_empty() {
        acts.push(Act::Search(search.words.trim().to_owned(), search.is_here));
    }
    let text = match &search.outcome {
        Outcome::Unasked => return,
        Outcome::Asked => language.text("search.asked").to_owned(),
        Outcome::Cannot => language.text("search.cannot").to_owned(),
        Outcome::Found(found) => language.count("search.found", found.len(), &[]),
    };
    let response = ui.label(RichText::new(text).weak());
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
    let Outcome::Found(found) = &search.outcome else { return };
    let height = ui.ctx().content_rect().height() * 0.5;
    ScrollArea::vertical().max_height(height).show(ui, |ui| {
        // The newest is what is looked for most.
        for (room, entry) in found.iter().rev() {
            let day = entry.time.and_then(|time| day_of(time, look.zone)).map(|day| day.to_string());
            let time = entry.time.map(|time| clock(time, look.zone)).unwrap_or_default();
            let words: String = bare(&entry.text).chars().take(LETTERS_MAX).collect();
            let head = format!("{room} · {} · {} {time}", entry.from, day.unwrap_or_default());
            let text = RichText::new(format!("{head}\n{words}"));
            let text = reading_order::lines_in_button(ui, text);
            let button = egui::Button::new(text).wrap().min_size(egui::vec2(ui.available_width(), 0.0));
            if ui.add(button).clicked() {
                acts.push(Act::Show(room.clone(), entry.id.clone()));
            }
        }
    });
}

/// Begins a search.
pub(super) fn begin() -> Dialog {
    Dialog::Search(Search::default())
}
