//! Words as people read them: where some of them run from right to left, the toolkit's lines are put in order.
//!
//! What was laid out keeps its text as it was written: it is what is copied, and what those hear who listen.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui;
use egui::epaint::text::{ByteIndex, Glyph, PlacedRow, Row};
use egui::epaint::{Mesh, Vertex};
use egui::text::{LayoutJob, LayoutSection, TextFormat};
use egui::{Align, Galley, Rect, RichText, Stroke, TextStyle, WidgetText};

use crate::screen::direction::{Order, Placed, has_right_to_left, is_word, pieces};

/// Says that a text goes on.
const ELLIPSIS: &str = "…";

/// Makes a text of one line, whose end is cut where there is no more room; who listens hears the whole.
pub(super) fn line(ui: &egui::Ui, text: RichText) -> WidgetText {
    line_within(ui, text, ui.available_width())
}

/// The same, of a button.
pub(super) fn line_in_button(ui: &egui::Ui, text: RichText) -> WidgetText {
    line_within(ui, text.text_style(TextStyle::Button), room_in_button(ui))
}

/// Makes a text that breaks its lines where there is no more room.
pub(super) fn lines(ui: &egui::Ui, text: RichText) -> WidgetText {
    lines_within(ui, text, ui.available_width())
}

/// The same, of a button.
pub(super) fn lines_in_button(ui: &egui::Ui, text: RichText) -> WidgetText {
    lines_within(ui, text.text_style(TextStyle::Button), room_in_button(ui))
}

fn room_in_button(ui: &egui::Ui) -> f32 {
    ui.available_width() - 2.0 * ui.spacing().button_padding.x
}

fn lines_within(ui: &egui::Ui, text: RichText, room: f32) -> WidgetText {
    if !has_right_to_left(text.text()) {
        return text.into();
    }
    let (text, format) = with_format(ui, text);
    words_within(ui, [(&*text, format)].into_iter(), None, room)
}

/// Makes a text of one line, whose end is cut where there is no more room (a width in points); who listens hears the whole.
pub(super) fn line_within(ui: &egui::Ui, text: RichText, room: f32) -> WidgetText {
    if !has_right_to_left(text.text()) {
        return text.into();
    }
    let (text, format) = with_format(ui, text);
    let laid_out = |text: &str| words_within(ui, [(text, format.clone())].into_iter(), None, f32::INFINITY);
    let width = |text: &str| {
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(LayoutJob::single_section(text.to_owned(), format.clone())));
        galley.size().x
    };
    if width(&text) <= room {
        return laid_out(&text);
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let seen = |end: usize| format!("{}{ELLIPSIS}", &text[..end]);
    let fitting = ends.partition_point(|end| width(&seen(*end)) <= room);
    let galley = laid_out(&seen(ends[fitting.saturating_sub(1)]));
    let mut galley = galley.into_galley(ui, None, f32::INFINITY, TextStyle::Body);
    let cut = Arc::make_mut(&mut galley);
    (cut.job, cut.elided) = (Arc::new(LayoutJob::single_section(text, format.clone())), true);
    galley.into()
}

/// Parts a text from what it looks like.
fn with_format(ui: &egui::Ui, text: RichText) -> (String, TextFormat) {
    let mut job = LayoutJob::default();
    text.append_to(&mut job, ui.style(), TextStyle::Body.into(), Align::Center);
    let format = job.sections.pop().map(|section| section.format).unwrap_or_default();
    (job.text, format)
}

/// Makes one text of pieces, each with its look. It breaks its lines where there is no more room. `begins_right`: how the text
/// runs of which it is a part; of a whole one each paragraph says so itself.
pub(super) fn words<'t>(
    ui: &egui::Ui,
    spans: impl Iterator<Item = (&'t str, TextFormat)> + Clone,
    begins_right: Option<bool>,
) -> WidgetText {
    words_within(ui, spans, begins_right, ui.available_width())
}

fn words_within<'t>(
    ui: &egui::Ui,
    spans: impl Iterator<Item = (&'t str, TextFormat)> + Clone,
    begins_right: Option<bool>,
    room: f32,
) -> WidgetText {
    let is_plain = !spans.clone().any(|(text, _)| has_right_to_left(text));
    let mut job = LayoutJob::default();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (text, mut format) in spans {
        if is_plain {
            job.append(text, 0.0, format);
            continue;
        }
        // Lines and grounds are drawn along a whole line, and would stand where the words were before.
        (format.underline, format.strikethrough) = (Stroke::NONE, Stroke::NONE);
        format.background = egui::Color32::TRANSPARENT;
        for piece in pieces(text) {
            let begin = job.text.len();
            job.text.push_str(&text[piece]);
            // Appended as the toolkit does it, pieces of one look would be shaped as one.
            let byte_range = ByteIndex(begin)..ByteIndex(job.text.len());
            job.sections.push(LayoutSection { leading_space: 0.0, byte_range, format: format.clone() });
            ranges.push(begin..job.text.len());
        }
    }
    if is_plain {
        return job.into();
    }
    job.wrap.max_width = room;
    let counts = glyph_counts(ui, &job, &ranges);
    let mut galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let order = Order::of(&galley.job.text, &ranges, begins_right);
    if let Some(ordered) = ordered(&galley, &order, &ranges, &counts) {
        galley = Arc::new(ordered);
    }
    galley.into()
}

/// Returns how many glyphs the toolkit makes of each piece: of words that run from right to left there are more than letters.
fn glyph_counts(ui: &egui::Ui, job: &LayoutJob, ranges: &[Range<usize>]) -> Vec<usize> {
    let count = |(section, range): (&LayoutSection, &Range<usize>)| {
        let word = &job.text[range.clone()];
        if !is_word(word) {
            return word.chars().count();
        }
        let mut alone = LayoutJob::default();
        alone.append(word, 0.0, section.format.clone());
        ui.fonts_mut(|fonts| fonts.layout_job(alone)).rows.iter().map(|row| row.glyphs.len()).sum()
    };
    job.sections.iter().zip(ranges).map(count).collect()
}

/// Returns the lines in order; nothing where they cannot be understood, as of a word that is longer than a line.
fn ordered(laid_out: &Galley, order: &Order<'_>, ranges: &[Range<usize>], counts: &[usize]) -> Option<Galley> {
    let mut galley = laid_out.clone();
    let job = &laid_out.job;
    let width = galley.rows.iter().map(|row| row.size.x).fold(0.0, f32::max);
    let mut words = ranges.iter().zip(counts).peekable();
    let mut at = 0;
    for placed in &mut galley.rows {
        let begin = at;
        let row = Arc::make_mut(&mut placed.row);
        let mut glyphs = std::mem::take(&mut row.glyphs).into_iter();
        while glyphs.len() > 0 {
            let (range, count) = words.peek()?;
            if is_word(&job.text[(*range).clone()]) {
                let letters = job.text[(*range).clone()].chars().count();
                let word: Vec<Glyph> = glyphs.by_ref().take(**count).collect();
                let (seen, unseen) = word.split_at_checked(letters)?;
                if word.len() < **count || !unseen.iter().all(|glyph| glyph.uv_rect.is_nothing()) {
                    return None;
                }
                row.glyphs.extend_from_slice(seen);
                at = range.end;
            } else {
                let letter = job.text[at..].chars().next()?;
                row.glyphs.extend(glyphs.next());
                at += letter.len_utf8();
            }
            words.next_if(|(range, _)| range.end <= at);
        }
        put_in_order(row, &job.text[begin..at], &order.line(begin..at), galley.pixels_per_point);
        if order.begins_right(begin) {
            placed.pos.x += ((width - row.size.x) * galley.pixels_per_point).round() / galley.pixels_per_point;
        }
        if placed.ends_with_newline {
            at += 1;
            words.next_if(|(range, _)| range.end <= at);
        }
    }
    galley.mesh_bounds = galley.rows.iter().map(bounds).fold(Rect::NOTHING, Rect::union);
    Some(galley)
}

fn bounds(placed: &PlacedRow) -> Rect {
    placed.row.visuals.mesh_bounds.translate(placed.pos.to_vec2())
}

/// Puts the glyphs of a line where they are to be seen, and says of each which letter of the text it is.
fn put_in_order(row: &mut Row, text: &str, order: &[Placed], pixels_per_point: f32) {
    let mut x = row.glyphs.iter().map(|glyph| glyph.pos.x).fold(f32::INFINITY, f32::min);
    let mesh = &mut row.visuals.mesh;
    let mut vertices: Vec<Vertex> = Vec::with_capacity(row.visuals.glyph_vertex_range.len());
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(row.glyphs.len());
    for (placed, letter) in order.iter().zip(text.chars()) {
        let Some(mut glyph) = row.glyphs.get(placed.from).copied() else { continue };
        let left = (x * pixels_per_point).round() / pixels_per_point;
        let by = left - glyph.pos.x;
        x += glyph.advance_width;
        let corners = corners(mesh, &glyph).map(|corners| {
            let moved = corners.map(|corner| Vertex { pos: corner.pos + egui::vec2(by, 0.0), ..corner });
            if placed.is_mirrored { mirrored(moved, left + glyph.advance_width / 2.0, pixels_per_point) } else { moved }
        });
        #[expect(clippy::cast_possible_truncation, reason = "the toolkit's own numbers")]
        let first = (row.visuals.glyph_vertex_range.start + vertices.len()) as u32;
        (glyph.pos.x, glyph.chr, glyph.first_vertex) = (left, letter, first);
        vertices.extend(corners.into_iter().flatten());
        glyphs.push(glyph);
    }
    let range = row.visuals.glyph_vertex_range.clone();
    if vertices.len() == range.len() {
        mesh.vertices[range].copy_from_slice(&vertices);
    }
    row.visuals.mesh_bounds = mesh.calc_bounds();
    row.glyphs = glyphs;
}

/// Returns the corners of a glyph that is seen: left and right above, left and right below.
fn corners(mesh: &Mesh, glyph: &Glyph) -> Option<[Vertex; 4]> {
    let first = glyph.first_vertex as usize;
    if glyph.uv_rect.is_nothing() {
        return None;
    }
    mesh.vertices.get(first..first + 4)?.try_into().ok()
}

/// Turns a glyph round its middle; it stays on whole pixels, else it would be pale.
fn mirrored(
    [left_top, right_top, left_bottom, right_bottom]: [Vertex; 4],
    middle: f32,
    pixels_per_point: f32,
) -> [Vertex; 4] {
    let left = ((2.0 * middle - right_top.pos.x) * pixels_per_point).round() / pixels_per_point;
    let by = left - left_top.pos.x;
    let turn = |corner: Vertex, other: Vertex| Vertex {
        pos: corner.pos + egui::vec2(by, 0.0),
        uv: other.uv,
        color: corner.color,
    };
    [
        turn(left_top, right_top),
        turn(right_top, left_top),
        turn(left_bottom, right_bottom),
        turn(right_bottom, left_bottom),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lays a text out in so much room.
    fn laid_out(text: &str, width: f32) -> Arc<Galley> {
        let mut galley = None;
        egui::__run_test_ui(|ui| {
            ui.set_width(width);
            let format = TextFormat::simple(egui::FontId::proportional(14.0), egui::Color32::WHITE);
            let words = words(ui, [(text, format)].into_iter(), None);
            galley = Some(words.into_galley(ui, None, width, egui::FontId::proportional(14.0)));
        });
        galley.expect("it was drawn")
    }

    #[test]
    fn lines_are_in_order_and_still_say_what_was_written() {
        let text =
            "anna: \u{5d0}\u{5d1}\u{5d2} (\u{5d3}\u{5d4}) 12 \u{645}\u{631}\u{62d}\u{628}\u{627} and so on\n\u{5d0} b";
        for width in [90.0, 150.0, 1000.0] {
            let galley = laid_out(text, width);
            let said: String = galley.rows.iter().flat_map(|row| &row.glyphs).map(|glyph| glyph.chr).collect();
            assert_eq!(said, text.replace('\n', ""), "each glyph is a letter of the text");
            assert_eq!(galley.job.text, text);
            for row in &galley.rows {
                let places: Vec<f32> = row.glyphs.iter().map(|glyph| glyph.pos.x).collect();
                assert!(places.is_sorted(), "{places:?}");
                assert!(row.glyphs.is_sorted_by_key(|glyph| glyph.first_vertex), "as the toolkit expects");
                let seen = row.glyphs.iter().filter(|glyph| !glyph.uv_rect.is_nothing()).count();
                assert_eq!(row.visuals.glyph_vertex_range.len(), 4 * seen, "nothing is lost or doubled");
            }
        }
        assert_eq!(laid_out(text, 1000.0).rows.len(), 2);
        let [first, .., last] = &laid_out(text, 1000.0).rows[..] else { panic!("two lines") };
        assert!(first.pos.x < 1.0 && last.pos.x > 100.0, "a line that runs from right to left begins at the right");
    }

    #[test]
    fn a_line_is_cut_where_its_words_end() {
        let text = "\u{5d0}\u{5d1}\u{5d2} \u{5d3}\u{5d4}, and much more than there is room for";
        let cut = |room: f32| {
            let mut galley = None;
            egui::__run_test_ui(|ui| {
                galley = Some(line_within(ui, RichText::new(text), room).into_galley(ui, None, room, TextStyle::Body));
            });
            galley.expect("it was drawn")
        };
        let whole = cut(1000.0);
        assert!(!whole.elided && whole.rows[0].glyphs.len() == text.chars().count());
        for room in [0.0, 20.0, 60.0, 120.0] {
            let galley = cut(room);
            let [row] = &galley.rows[..] else { panic!("one line") };
            assert!(galley.elided && galley.text() == text, "who listens hears the whole");
            assert!(row.size.x <= room.max(20.0), "{} in {room}", row.size.x);
            // What is cut is the end, and that stands at the left.
            assert_eq!(row.glyphs.first().map(|glyph| glyph.pos.x), Some(0.0));
            assert_eq!(row.glyphs.iter().last().map(|glyph| glyph.chr), Some('…'));
        }
        // What runs from left to right is the toolkit's to cut.
        egui::__run_test_ui(|ui| {
            assert!(matches!(line_within(ui, RichText::new("abc"), 10.0), WidgetText::RichText(_)));
        });
    }

    #[test]
    fn brackets_are_turned_round() {
        let left_of = |row: &PlacedRow, letter: char| {
            let glyph = row.glyphs.iter().find(|glyph| !glyph.uv_rect.is_nothing() && glyph.chr == letter).copied();
            let corners = corners(&row.visuals.mesh, &glyph.expect("a glyph")).expect("corners");
            corners[0].uv.x < corners[1].uv.x
        };
        assert!(left_of(&laid_out("a \u{5d0} (b)", 500.0).rows[0], '('));
        // In a line of three letters the middle one is the bracket, on either side.
        assert!(!left_of(&laid_out("\u{5d0}(\u{5d1}", 500.0).rows[0], '('));
    }
}
