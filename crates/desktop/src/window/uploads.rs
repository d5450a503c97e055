//! Files: dropped on the window, pasted, chosen; how far they are.

use eframe::egui;
use egui::{Align, Align2, Event, FontId, Layout, ProgressBar, RichText, Role, UiBuilder};

use super::acts::Act;
use super::sidebar::button;
use super::{Look, portrait};
use crate::files;
use crate::screen::Screen;
use crate::screen::uploads::{Purpose, Refusal, Source, Stage, Upload};
use crate::texts::Language;

/// What a picture from the clipboard is called.
const PASTED_NAME: &str = "picture.png";

/// How wide the bar is that shows how much of a file is sent, in points.
const BAR_WIDTH: f32 = 120.0;

/// Takes what is dropped on the window, and pictures that are pasted: for the conversation, or as the person's own picture.
pub(super) fn take(ui: &egui::Ui, is_portrait: bool, acts: &mut Vec<Act>) {
    let act = if is_portrait { Act::Portrait } else { Act::Upload };
    let dropped = ui.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
    for path in dropped.iter().map(|file| file.path()) {
        if let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) {
            acts.push(act(name, Source::File(path.to_owned())));
        }
    }
    let mut pasted = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::PasteImage(image) => {
                pasted.push(image.clone());
                false
            }
            _ => true,
        });
    });
    let pictures = pasted.iter().filter_map(|image| files::encode(image));
    acts.extend(pictures.map(|png| act(PASTED_NAME.to_owned(), Source::Picture(png))));
}

/// Says where files go that are held over the window.
pub(super) fn hover(ui: &egui::Ui, look: &Look<'_>, screen: &Screen) {
    let room = screen.active.as_deref().and_then(|key| look.live.network.state().room(key));
    let is_over = ui.input(|input| !input.raw.hovered_files.is_empty());
    if let Some(room) = room.filter(|_| is_over) {
        let whole = ui.ctx().content_rect();
        let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop")));
        painter.rect_filled(whole, 0.0, ui.visuals().panel_fill.gamma_multiply(0.85));
        let text = if portrait::is_taken(screen, look.live) {
            look.language.text("settings.avatarDrop").to_owned()
        } else {
            look.language.with("upload.drop", &[("room", &room.name)])
        };
        let colour = ui.visuals().text_color();
        painter.text(whole.center(), Align2::CENTER_CENTER, text, FontId::proportional(20.0), colour);
    }
}

/// Shows the files on their way, and why others are not.
pub(super) fn show(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, acts: &mut Vec<Act>) {
    let said = screen.uploads.files().filter_map(|upload| match &upload.purpose {
        Purpose::Say(target) => Some((upload, target)),
        Purpose::Portrait => None,
    });
    let said: Vec<(&Upload, &Box<str>)> = said.collect();
    if said.is_empty() {
        return;
    }
    let label = look.language.text("upload.label");
    let list = UiBuilder::new().accessibility_role(Role::List).accessibility_label(label);
    ui.scope_builder(list, |ui| {
        for (upload, target) in said {
            row(ui, look.language, upload, target, acts);
        }
    });
}

fn row(ui: &mut egui::Ui, language: Language, upload: &Upload, target: &str, acts: &mut Vec<Act>) {
    ui.horizontal(|ui| {
        stop(ui, language, upload, acts);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            stage(ui, language, upload);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = format!("{} · {target}", upload.name);
                ui.add(egui::Label::new(RichText::new(name).small()).truncate());
            });
        });
    });
}

/// Offers to stop a file, or to put away what was said about it.
pub(super) fn stop(ui: &mut egui::Ui, language: Language, upload: &Upload, acts: &mut Vec<Act>) {
    if button(ui, "×", &language.with("upload.cancel", &[("name", &upload.name)])) {
        acts.push(Act::StopUpload(upload.number));
    }
}

/// Says how far a file is.
pub(super) fn stage(ui: &mut egui::Ui, language: Language, upload: &Upload) {
    match &upload.stage {
        Stage::Waiting | Stage::Asking => {
            ui.label(RichText::new(language.text("upload.waiting")).small().weak());
        }
        Stage::Sending(part) => {
            ui.add(ProgressBar::new(*part).desired_width(BAR_WIDTH).show_percentage());
        }
        Stage::Refused(refusal) => {
            let text = RichText::new(why(language, refusal)).small().color(ui.visuals().error_fg_color);
            let response = ui.label(text);
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Assertive));
        }
    }
}

/// Says why a file was not taken, with the limit where there is one.
fn why(language: Language, refusal: &Refusal) -> String {
    let limit = match (&*refusal.code, refusal.limit) {
        (_, 0) => None,
        ("TOO_LARGE" | "OVER_QUOTA", bytes) => Some(format!("{} MB", bytes.div_ceil(1_000_000))),
        (_, count) => Some(count.to_string()),
    };
    let with_limit = limit.and_then(|limit| {
        let key = format!("upload.{}.limit", refusal.code);
        language.maybe(&key).map(|_| language.with(&key, &[("limit", &limit)]))
    });
    let known = || language.maybe(&format!("upload.{}", refusal.code)).map(str::to_owned);
    with_limit.or_else(known).unwrap_or_else(|| language.text("upload.FAILED").to_owned())
}
