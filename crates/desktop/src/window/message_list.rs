//! The list of messages: only what is seen is laid out, however long it is, and nothing jumps when something comes in above.

use std::collections::HashMap;

use eframe::egui;
use egui::{Key, Modifiers, Rect, RichText, Role, Sense, UiBuilder, pos2, vec2};

use super::acts::Act;
use super::{Look, message_row, reading_order};
use crate::screen::Screen;
use crate::screen::place::{Anchor, Placed, place};
use crate::screen::rows::{Row, Rows};

/// How high a row is thought to be before it was laid out: less than any is, so that enough of them are.
const HEIGHT_LEAST: f32 = 18.0;

/// The most that a row is laid out in.
const HEIGHT_MOST: f32 = 100_000.0;

/// The most heights that are remembered; with more, they are measured anew.
const HEIGHTS_MAX: usize = 50_000;

/// The room between the rows and the scroll bar, and its width.
const BAR_WIDTH: f32 = 6.0;

/// What was measured.
#[derive(Default)]
pub(super) struct Heights {
    /// By the rows' keys and what else they depend on.
    known: HashMap<u64, f32>,
    /// The width and the size of the text for which they were.
    width: f32,
    size: f32,
}

pub(super) fn show(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    screen: &mut Screen,
    heights: &mut Heights,
    acts: &mut Vec<Act>,
) {
    let Some(key) = screen.active.clone() else { return server(ui, screen) };
    let live = look.live;
    let state = live.network.state();
    let Some(room) = state.room(&key) else { return };
    let rows = Rows::of(room, state, live.network.kept().outbox.entries());
    let (anchor, new_since) = screen.view(&key).map_or((Anchor::End, None), |view| (view.anchor, view.new_since));
    let view = ui.available_rect_before_wrap();
    let width = view.width() - BAR_WIDTH - 4.0;
    let size = ui.text_style_height(&egui::TextStyle::Body);
    #[expect(clippy::float_cmp, reason = "whatever is not the same is measured anew")]
    if heights.width != width || heights.size != size || heights.known.len() > HEIGHTS_MAX {
        *heights = Heights { width, size, ..Heights::default() };
    }
    // Whatever is written under a message or around it makes it higher.
    let height_key = |number: usize| {
        let setting = rows.setting(number, new_since, look.zone);
        message_row::height_key(look, rows.key(number), rows.get(number), setting)
    };
    let scroll = scroll_of(ui, view);
    let known = &heights.known;
    let key_of = |number| rows.key(number);
    let placed = place(anchor, scroll, view.height(), rows.count(), key_of, |number| {
        known.get(&height_key(number)).copied().unwrap_or(HEIGHT_LEAST)
    });
    let is_different = draw(ui, look, &rows, &placed, (view, width), &height_key, heights, |ui, number| {
        let setting = rows.setting(number, new_since, look.zone);
        if let Some(row) = rows.get(number) {
            message_row::show(ui, look, &rows, row, setting, acts);
        }
    });
    if is_different {
        ui.ctx().request_discard("rows of messages were measured");
    }
    screen.view_mut(&key).anchor = placed.anchor;
    if let Some(number) = bar(ui, look, view, &placed, rows.count()) {
        screen.view_mut(&key).anchor = Anchor::Row { key: rows.key(number), top: 0.0, near: number };
    }
    if placed.anchor != Anchor::End {
        let corner = Rect::from_min_size(pos2(view.center().x - 60.0, view.bottom() - 34.0), vec2(120.0, 28.0));
        if ui.put(corner, egui::Button::new(look.language.text("list.toEnd"))).clicked() {
            screen.view_mut(&key).anchor = Anchor::End;
            ui.ctx().request_repaint();
        }
    }
    // A gap that is seen is filled; of what is above, a little is fetched before it is seen.
    let begin = placed.first.saturating_sub(5);
    if (begin..placed.end()).any(|number| matches!(rows.get(number), Some(Row::Gap))) {
        acts_once(acts, Act::Older(room.name.clone()));
    }
    let is_looked_at = ui.input(|input| input.viewport().focused.unwrap_or(true));
    if room.unread > 0 && placed.anchor == Anchor::End && is_looked_at {
        acts.push(Act::Read(room.name.clone()));
    }
}

/// Asking is nothing that the person does: without a connection it is not complained of, and not repeated in each picture.
fn acts_once(acts: &mut Vec<Act>, act: Act) {
    if !acts.contains(&act) {
        acts.push(act);
    }
}

/// Draws what is seen, and measures it; tells whether something was not as it was thought to be.
#[expect(clippy::too_many_arguments, reason = "the parts of one picture")]
fn draw(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    rows: &Rows<'_>,
    placed: &Placed,
    (view, width): (Rect, f32),
    height_key: &dyn Fn(usize) -> u64,
    heights: &mut Heights,
    mut row: impl FnMut(&mut egui::Ui, usize),
) -> bool {
    let mut is_different = false;
    let mut list = ui.new_child(UiBuilder::new().max_rect(view));
    list.set_clip_rect(view.intersect(ui.clip_rect()));
    for (number, top) in (placed.first..).zip(&placed.tops) {
        let at = Rect::from_min_size(pos2(view.left(), view.top() + top), vec2(width, HEIGHT_MOST));
        let mut builder = UiBuilder::new().max_rect(at).id_salt(rows.key(number));
        if let Some(label) = message_row::label(look, rows.get(number)) {
            builder = builder.accessibility_role(egui::Role::ListItem).accessibility_label(label);
        }
        let height = list.scope_builder(builder, |ui| row(ui, number)).response.rect.height();
        let known = heights.known.insert(height_key(number), height).unwrap_or(HEIGHT_LEAST);
        is_different |= (known - height).abs() > 0.5;
    }
    is_different
}

/// Returns by how much the person scrolls.
fn scroll_of(ui: &egui::Ui, view: Rect) -> f32 {
    let page = view.height() * 0.85;
    let mut scroll = 0.0;
    // With something open over it, the keys are for that.
    if ui.ctx().memory(|memory| memory.top_modal_layer().is_none()) {
        for (key, by) in [(Key::PageUp, -page), (Key::PageDown, page)] {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                scroll += by;
            }
        }
        for (key, by) in [(Key::Home, f32::NEG_INFINITY), (Key::End, f32::INFINITY)] {
            if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, key)) {
                // To the end of what is known; what is before it is fetched then.
                scroll = if by > 0.0 { f32::MAX / 4.0 } else { f32::MIN / 4.0 };
            }
        }
    }
    if ui.rect_contains_pointer(view) {
        scroll -= ui.input(egui::InputState::smooth_scroll_delta).y;
    }
    scroll
}

/// Shows where in the conversation the person looks. Rows are of different heights, so it is by their number. Returns the row that is
/// to stand at the upper end, while the bar is dragged.
fn bar(ui: &egui::Ui, look: &Look<'_>, view: Rect, placed: &Placed, count: usize) -> Option<usize> {
    let seen = placed.tops.len();
    if seen >= count {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few pixels")]
    let part = |number: usize| view.height() * number as f32 / count as f32;
    let height = part(seen).max(24.0);
    let top = (view.top() + part(placed.first)).min(view.bottom() - height);
    let track = Rect::from_min_max(pos2(view.right() - BAR_WIDTH, view.top()), view.max);
    let response = ui.interact(track, ui.make_persistent_id("bar"), Sense::drag());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::ScrollBar);
        node.set_label(look.language.text("list.bar"));
    });
    let handle = Rect::from_min_size(pos2(track.left(), top), vec2(BAR_WIDTH, height));
    ui.painter().rect_filled(handle, 3.0, ui.style().interact(&response).bg_fill);
    // Held still it does not go on by itself when something comes in above.
    let pointer =
        response.interact_pointer_pos().filter(|_| response.drag_started() || response.drag_motion().y != 0.0)?;
    // The pointer holds the bar in its middle.
    let part = ((pointer.y - height / 2.0 - view.top()) / (view.height() - height).max(1.0)).clamp(0.0, 1.0);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and their number"
    )]
    Some((part * (count - 1) as f32) as usize)
}

/// Shows what the server itself has said.
fn server(ui: &mut egui::Ui, screen: &Screen) {
    egui::ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
        for line in &screen.server_lines {
            let line = RichText::new(crate::screen::rich_text::bare(line));
            ui.add(egui::Label::new(reading_order::lines(ui, line)).wrap());
        }
    });
}
