//! Who is in the room, and what can be done about them.

use client::state::{Person, Room, State};
use eframe::egui;
use egui::{RichText, Role, ScrollArea, UiBuilder};

use super::acts::Act;
use super::{Look, look, reading_order};
use crate::screen::Screen;
use crate::screen::commands::mask;
use crate::screen::rich_text::bare;

/// The height of a member's row.
const ROW_HEIGHT: f32 = 22.0;

pub(super) fn show(ui: &mut egui::Ui, look: &Look<'_>, screen: &Screen, acts: &mut Vec<Act>) {
    let language = look.language;
    let state = look.live.network.state();
    let Some(room) = screen.active.as_deref().and_then(|key| state.room(key)) else { return };
    let members = state.members(room);
    ui.add_space(6.0);
    ui.label(RichText::new(language.count("members.count", members.len(), &[])).small().weak());
    let is_operator = is_operator(state, room);
    let list = UiBuilder::new().accessibility_role(Role::List).accessibility_label(language.text("members.label"));
    ui.scope_builder(list, |ui| {
        // Rooms have thousands of members: only those that are seen are drawn.
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW_HEIGHT, members.len(), |ui, seen| {
            for (person, signs) in &members[seen] {
                let colour = look::colour_of(&person.nick, ui.visuals());
                let mut text = RichText::new(format!("{signs}{}", person.nick)).color(colour);
                if person.away.is_some() {
                    text = text.weak().italics();
                }
                let text = reading_order::line_in_button(ui, text);
                let response = ui.add(egui::Button::new(text).frame(false).truncate());
                let response = match &person.display_name {
                    Some(name) => response.on_hover_text(bare(name)),
                    None => response,
                };
                let response = match &person.away {
                    Some(why) => response.on_hover_text(format!("{}: {why}", language.text("members.away"))),
                    None => response,
                };
                egui::Popup::menu(&response).show(|ui| menu(ui, look, room, person, signs, is_operator, acts));
            }
        });
    });
}

fn menu(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    room: &Room,
    person: &Person,
    signs: &str,
    is_operator: bool,
    acts: &mut Vec<Act>,
) {
    let language = look.language;
    let (nick, name) = (person.nick.to_string(), room.name.to_string());
    ui.label(reading_order::line(ui, RichText::new(&nick).strong()));
    for about in [&person.display_name, &person.realname, &person.account, &person.address].into_iter().flatten() {
        let about = RichText::new(bare(about)).small().weak();
        ui.label(reading_order::lines(ui, about));
    }
    ui.separator();
    let mode = |change: &str| Act::Command("MODE", vec![name.clone(), change.to_owned(), nick.clone()]);
    let state = look.live.network.state();
    if !state.isupport.same(&nick, &state.me) && ui.button(language.text("members.message")).clicked() {
        acts.push(Act::Write(format!("/msg {nick} ")));
    }
    if ui.button(language.text("members.whois")).clicked() {
        acts.push(Act::Command("WHOIS", vec![nick.clone()]));
        acts.push(Act::Open(None));
    }
    if !state.isupport.same(&nick, &state.me) {
        let is_ignored = state.is_ignored(&nick);
        let text = if is_ignored { "members.unignore" } else { "members.ignore" };
        if ui.button(language.text(text)).clicked() {
            acts.push(Act::Ignore(nick.as_str().into(), !is_ignored));
        }
    }
    if !is_operator {
        return;
    }
    ui.separator();
    let (op, voice) = (signs.contains('@'), signs.contains('+'));
    for (key, act, is_shown) in [
        ("members.op", mode("+o"), !op),
        ("members.deop", mode("-o"), op),
        ("members.voice", mode("+v"), !voice),
        ("members.unvoice", mode("-v"), voice),
        ("members.kick", Act::Command("KICK", vec![name.clone(), nick.clone()]), true),
    ] {
        if is_shown && ui.button(language.text(key)).clicked() {
            acts.push(act);
        }
    }
    if ui.button(language.text("members.ban")).clicked() {
        acts.push(Act::Command("MODE", vec![name.clone(), "+b".to_owned(), mask(&nick)]));
        acts.push(Act::Command("KICK", vec![name.clone(), nick.clone()]));
    }
}

/// Tells whether the person is an operator of a room. What they may, the server says; this is what is worth offering.
pub(super) fn is_operator(state: &State, room: &Room) -> bool {
    let me = state.members(room).into_iter().find(|(person, _)| state.isupport.same(&person.nick, &state.me));
    me.is_some_and(|(_, signs)| signs.contains(['@', '&', '~', '%']))
}
