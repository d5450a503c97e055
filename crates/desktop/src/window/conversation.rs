//! The head of a conversation, what is said about the connection, and what the program says to the person.

use std::time::Duration;

use client::network::Standing;
use eframe::egui;
use egui::{Align, Frame, Layout, Margin, RichText};
use link::connection::{Trouble, in_groups};

use super::acts::Act;
use super::sidebar::button;
use super::{Look, Wish, reading_order};
use crate::network_thread::Unconnected;
use crate::screen::rich_text::bare;
use crate::screen::{Dialog, Screen};
use crate::texts::Language;

pub(super) fn head(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, acts: &mut Vec<Act>) {
    let language = look.language;
    let state = look.live.network.state();
    let room = screen.active.as_deref().and_then(|key| state.room(key));
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        if look.is_narrow && button(ui, "☰", language.text("rooms.show")) {
            acts.push(Act::Sidebar(true));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if button(ui, "?", language.text("help.title")) {
                acts.push(Act::Dialog(Some(Dialog::Help)));
            }
            if ui.button(language.text("search.title")).clicked() {
                acts.push(Act::Dialog(Some(super::search::begin())));
            }
            if let Some(room) = room {
                if button(ui, "…", language.text("room.settings")) {
                    let topic = room.topic.as_ref().map(|topic| topic.text.to_string()).unwrap_or_default();
                    acts.push(Act::Dialog(Some(Dialog::Room(topic))));
                }
                if room.is_channel && room.is_joined && !look.is_narrow {
                    let name = language.text("members.label");
                    if ui.button(format!("{}", room.member_count())).on_hover_text(name).accessible_name(name).clicked()
                    {
                        acts.push(Act::Members);
                    }
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = room.map_or(language.text("rooms.serverMessages"), |room| &room.name);
                let name = reading_order::line_within(ui, RichText::new(name).strong().size(16.0), f32::INFINITY);
                ui.add(egui::Label::new(name).extend());
                if let Some(topic) = room.and_then(|room| room.topic.as_ref()) {
                    let topic = RichText::new(bare(&topic.text)).weak();
                    ui.add(egui::Label::new(reading_order::line(ui, topic)).truncate());
                }
            });
        });
    });
    ui.add_space(2.0);
}

/// Says who writes, on a line that is always there: nothing moves when somebody begins.
pub(super) fn typing(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, now: Duration) {
    let language = look.language;
    let writers = screen.active.as_deref().map(|key| screen.typing.writers(key)).unwrap_or_default();
    if let Some(at) = screen.typing.timeout() {
        ui.ctx().request_repaint_after(at.saturating_sub(now));
    }
    let nicks = writers.join(", ");
    let text = match writers.len() {
        0 => String::new(),
        1 => language.with("typing.one", &[("nick", &nicks)]),
        2 | 3 => language.with("typing.few", &[("nicks", &nicks)]),
        _ => language.text("typing.many").to_owned(),
    };
    ui.horizontal(|ui| {
        ui.set_height(ui.text_style_height(&egui::TextStyle::Small));
        if !text.is_empty() {
            let text = reading_order::line(ui, RichText::new(text).small().weak());
            ui.add(egui::Label::new(text).truncate());
        }
    });
}

/// Says how the connection is, where it is not as it should be, and what can be done about it.
pub(super) fn banner(ui: &mut egui::Ui, look: &Look<'_>, now: Duration, last_words: Option<&str>, acts: &mut Vec<Act>) {
    let language = look.language;
    let network = &look.live.network;
    let is_waiting_to_say = network.kept().outbox.entries().any(|entry| !entry.state.is_settled());
    let text = match network.standing() {
        Standing::Online if network.kept().outbox.doubtful().next().is_some() => {
            language.text("connection.doubtful").to_owned()
        }
        Standing::Online | Standing::Left => return,
        Standing::CatchingUp => language.text("connection.catchingUp").to_owned(),
        Standing::Connecting => language.text("connection.connecting").to_owned(),
        Standing::Waiting { until } => {
            // The seconds are counted down.
            ui.ctx().request_repaint_after(Duration::from_millis(500));
            let seconds = until.saturating_sub(now).as_secs() + 1;
            let why = match last_words {
                Some(words) => format!("{} (“{}”)", why(look), bare(words)),
                None => why(look),
            };
            language.with("connection.lost", &[("why", &why), ("seconds", &seconds.to_string())])
        }
    };
    let ground = ui.visuals().code_bg_color;
    Frame::new().fill(ground).inner_margin(Margin::symmetric(8, 5)).corner_radius(4).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let response = ui.label(RichText::new(text).color(ui.visuals().warn_fg_color));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Polite));
        if is_waiting_to_say && network.standing() != Standing::Online {
            ui.label(language.text("connection.waiting"));
        }
        question(ui, look, acts);
        if !matches!(network.standing(), Standing::Online | Standing::CatchingUp)
            && ui.button(language.text("connection.change")).clicked()
        {
            acts.push(Act::Wish(Wish::Leave));
        }
    });
    ui.add_space(4.0);
}

/// Asks for the person's word, where the connection needs it.
fn question(ui: &mut egui::Ui, look: &Look<'_>, acts: &mut Vec<Act>) {
    let language = look.language;
    let server = look.live.plan.address.to_string();
    match &look.live.trouble {
        Some(Unconnected::Link(Trouble::Certificate { fingerprint, is_another })) => {
            let text = if *is_another { "certificate.other" } else { "certificate.new" };
            ui.label(language.with(text, &[("server", &server)]));
            ui.add(egui::Label::new(RichText::new(in_groups(fingerprint)).monospace()).wrap());
            // Whoever shows another certificate than before is not believed with one click.
            if !is_another && ui.button(language.text("certificate.believe")).clicked() {
                acts.push(Act::Wish(Wish::Believe(fingerprint.clone())));
            }
        }
        // One that was encrypted before stays so.
        Some(Unconnected::Link(Trouble::NotEncrypted)) if !look.live.plan.was_encrypted => {
            ui.label(language.with("certificate.clear", &[("server", &server)]));
            if ui.button(language.text("certificate.clearAnyway")).clicked() {
                acts.push(Act::Wish(Wish::BeClear));
            }
        }
        Some(Unconnected::Link(_) | Unconnected::Silent | Unconnected::Disk(_)) | None => {}
    }
}

fn why(look: &Look<'_>) -> String {
    let language = look.language;
    let key = match &look.live.trouble {
        Some(Unconnected::Disk(why)) => return language.with("trouble.disk", &[("why", why)]),
        Some(Unconnected::Silent) | None => return language.text("trouble.silent").to_owned(),
        Some(Unconnected::Link(trouble)) => match trouble {
            Trouble::Unknown(_) => return language.text("trouble.unknown").to_owned(),
            Trouble::Unreachable(_) => language.text("trouble.unreachable"),
            Trouble::Certificate { .. } => language.text("trouble.certificate"),
            Trouble::NotEncrypted => language.text("trouble.notEncrypted"),
            Trouble::Protocol(_) => language.text("trouble.protocol"),
            Trouble::Closed => language.text("trouble.closed"),
        },
    };
    key.to_owned()
}

/// Shows what the program says to the person, until they put it away.
pub(super) fn notices(ui: &mut egui::Ui, language: Language, screen: &mut Screen) {
    let mut closed = None;
    for (place, notice) in screen.notices.iter().enumerate() {
        ui.horizontal(|ui| {
            if button(ui, "×", language.text("close")) {
                closed = Some(place);
            }
            let response = ui.add(egui::Label::new(RichText::new(notice).color(ui.visuals().warn_fg_color)).wrap());
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(egui::accesskit::Live::Assertive));
        });
    }
    if let Some(place) = closed {
        screen.notices.remove(place);
    }
}
