//! One message: who, when, what, and what can be done about it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use client::outbox::{Entry as Outgoing, State as Sending, What};
use client::window::{Entry, How};
use eframe::egui;
use egui::text::TextFormat;
use egui::{Align, Color32, Layout, RichText, Sense, Stroke, TextStyle, Visuals, vec2};
use jiff::civil::Date;
use link::http::Url;

use super::acts::Act;
use super::{Look, look, portrait, reading_order};
use crate::screen::Dialog;
use crate::screen::attachment::thumbnail;
use crate::screen::direction::begins_right;
use crate::screen::rich_text::{Kind, Span, Style, bare, spans};
use crate::screen::rows::{Row, Rows, Setting, clock, reactions};

/// The width of the margin in which pictures of people and times stand.
const GUTTER: f32 = 40.0;

/// The most letters of a name that somebody has given themself that are shown.
const NAME_LETTERS_MAX: usize = 40;

/// The most pictures of one message that are shown, and the size of the largest, in points.
const PICTURES_MAX: usize = 4;
const PICTURE_SIZE_MAX: egui::Vec2 = vec2(320.0, 240.0);

/// The most letters of a message that is answered that are shown.
const QUOTE_LETTERS_MAX: usize = 80;

/// Returns what tells a row's height from others: the row, and what is written around it and under it.
pub(super) fn height_key(look: &Look<'_>, key: u64, row: Option<Row<'_>>, setting: Setting) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key, setting.day, setting.is_first_new, setting.is_grouped).hash(&mut hasher);
    match row {
        Some(Row::Said(entry)) => {
            (&entry.text, entry.is_edited, entry.reactions.len()).hash(&mut hasher);
            for url in thumbnails(look, entry) {
                look.pictures.borrow().is_there(&url).hash(&mut hasher);
            }
        }
        Some(Row::Outgoing(entry)) => matches!(entry.state, Sending::Refused(_)).hash(&mut hasher),
        Some(Row::Gap) | None => {}
    }
    hasher.finish()
}

/// Returns what a row is called to those who listen.
pub(super) fn label(look: &Look<'_>, row: Option<Row<'_>>) -> Option<String> {
    let Some(Row::Said(entry)) = row else { return None };
    let time = entry.time.map(|time| clock(time, look.zone)).unwrap_or_default();
    Some(look.language.with("row.label", &[("nick", &entry.from), ("time", &time)]))
}

pub(super) fn show(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    rows: &Rows<'_>,
    row: Row<'_>,
    setting: Setting,
    acts: &mut Vec<Act>,
) {
    match row {
        Row::Gap => {
            ui.add_space(6.0);
            ui.vertical_centered(|ui| ui.label(RichText::new(look.language.text("list.gap")).weak().small()));
            ui.add_space(6.0);
        }
        Row::Outgoing(entry) => outgoing(ui, look, entry, acts),
        Row::Said(entry) => {
            if let Some(day) = setting.day {
                line(ui, &day_text(look, day), ui.visuals().weak_text_color());
            }
            if setting.is_first_new {
                line(ui, look.language.text("list.new"), look::accent(ui.visuals()));
            }
            said(ui, look, rows, entry, setting.is_grouped, acts);
        }
    }
}

/// Draws a line across the conversation, with words on it.
fn line(ui: &mut egui::Ui, text: &str, colour: Color32) {
    ui.add_space(6.0);
    let response = ui.vertical_centered(|ui| ui.label(RichText::new(text).small().color(colour))).inner;
    let whole = ui.max_rect();
    let stroke = Stroke::new(1.0, colour.gamma_multiply(0.4));
    for range in [whole.left()..=response.rect.left() - 8.0, response.rect.right() + 8.0..=whole.right() - 8.0] {
        ui.painter().hline(range, response.rect.center().y, stroke);
    }
    ui.add_space(2.0);
}

fn day_text(look: &Look<'_>, day: Date) -> String {
    let today = look.zone.to_datetime(jiff::Timestamp::now()).date();
    if day == today {
        look.language.text("day.today").to_owned()
    } else if Some(day) == today.yesterday().ok() {
        look.language.text("day.yesterday").to_owned()
    } else {
        day.to_string()
    }
}

fn said(ui: &mut egui::Ui, look: &Look<'_>, rows: &Rows<'_>, entry: &Entry, is_grouped: bool, acts: &mut Vec<Act>) {
    let state = look.live.network.state();
    let is_mention = !entry.is_own && spans(&entry.text, &state.me).iter().any(|span| span.kind == Kind::Mention);
    let ground = ui.painter().add(egui::Shape::Noop);
    let time = entry.time.map(|time| clock(time, look.zone)).unwrap_or_default();
    let top = ui.cursor().top();
    let response = ui.horizontal_top(|ui| {
        gutter(ui, look, entry, is_grouped);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            if let Some(of) = &entry.reply_to {
                quote(ui, look, rows, of);
            }
            if !is_grouped && entry.how != How::Action {
                ui.horizontal(|ui| {
                    author(ui, look, &entry.from);
                    if entry.how == How::Notice {
                        ui.label(RichText::new(look.language.text("row.notice")).small().weak());
                    }
                    ui.label(RichText::new(&time).small().weak());
                });
            }
            body(ui, look, entry, acts);
            pictures(ui, look, entry);
            if entry.is_edited {
                ui.label(RichText::new(look.language.text("row.edited")).small().weak());
            }
            signs(ui, look, entry, acts);
        });
    });
    if !is_grouped {
        ui.add_space(2.0);
    }
    let whole = egui::Rect::from_x_y_ranges(ui.max_rect().x_range(), top..=response.response.rect.bottom());
    if is_mention {
        ui.painter().set(ground, egui::Shape::rect_filled(whole, 4.0, look::mention_ground(ui.visuals())));
    }
    actions(ui, look, entry, whole, acts);
}

/// Draws who has said it: the name by which they want to be shown, and always the nick, which nobody else has.
fn author(ui: &mut egui::Ui, look: &Look<'_>, nick: &str) {
    let person = look.live.network.state().person(nick);
    let name = person.and_then(|person| person.display_name.as_deref()).map(bare);
    let name = name.filter(|name| !name.is_empty() && name != nick);
    let colour = look::colour_of(nick, ui.visuals());
    match name {
        Some(name) => {
            let name: String = name.chars().take(NAME_LETTERS_MAX).collect();
            ui.label(reading_order::line(ui, RichText::new(name).strong().color(colour)));
            ui.label(reading_order::line(ui, RichText::new(nick).small().color(colour)));
        }
        None => {
            ui.label(reading_order::line(ui, RichText::new(nick).strong().color(colour)));
        }
    }
}

/// Returns the addresses of the small pictures of a message: of files that stand on the chat's own server.
fn thumbnails(look: &Look<'_>, entry: &Entry) -> Vec<String> {
    let state = look.live.network.state();
    let Some(filehost) = state.isupport.filehost().filter(|_| entry.text.contains("/uploads/")).and_then(Url::parse)
    else {
        return Vec::new();
    };
    let links = entry.text.split_whitespace().filter_map(|word| thumbnail(word, &filehost));
    links.take(PICTURES_MAX).map(|url| url.to_string()).collect()
}

/// Draws the pictures of a message under its words. They are pressed to be seen whole.
fn pictures(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry) {
    for address in thumbnails(look, entry) {
        let Some(texture) = look.pictures.borrow_mut().get(&address) else { continue };
        let image = egui::Image::from_texture(&texture).fit_to_original_size(1.0).max_size(PICTURE_SIZE_MAX);
        let name = look.language.text("upload.picture");
        let button = ui.add(egui::Button::image(image).frame(false)).accessible_name(name);
        if button.clicked() {
            ui.ctx().open_url(egui::OpenUrl::new_tab(address.replacen("/thumbnails/", "/uploads/", 1)));
        }
    }
}

/// Draws who it is: their picture, where it stands on the chat's own server, else a letter on their colour; in a group nothing.
fn gutter(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry, is_grouped: bool) {
    let size = vec2(GUTTER - ui.spacing().item_spacing.x, if is_grouped { 16.0 } else { 32.0 });
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    if !is_grouped {
        let avatar = look.live.network.state().person(&entry.from).and_then(|person| person.avatar.as_deref());
        portrait::paint(ui, look, &entry.from, avatar.unwrap_or_default(), place.center());
    }
}

/// Shows what is answered.
fn quote(ui: &mut egui::Ui, look: &Look<'_>, rows: &Rows<'_>, of: &str) {
    let place = look.places.borrow_mut().find(rows, of);
    let text = match place.and_then(|place| rows.get(place)) {
        Some(Row::Said(answered)) => {
            let words: String = bare(&answered.text).chars().take(QUOTE_LETTERS_MAX).collect();
            format!("↪ {}: {words}", answered.from)
        }
        _ => format!("↪ {}", look.language.text("row.replyElsewhere")),
    };
    let text = reading_order::line(ui, RichText::new(text).small().weak());
    ui.add(egui::Label::new(text).truncate());
}

/// Draws the words. What has no links in it is one text, which is the cheapest; links are buttons among the words.
fn body(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry, acts: &mut Vec<Act>) {
    let mut all = spans(&entry.text, &look.live.network.state().me);
    if entry.how == How::Action {
        let style = Style { bold: true, ..Style::default() };
        all.insert(0, Span { kind: Kind::Text, style, text: format!("{} ", entry.from) });
    }
    if !all.iter().any(is_clicked) {
        ui.add(egui::Label::new(words(ui, &all, None)).wrap());
        return;
    }
    ui.scope(|ui| {
        // A line is as high as its letters: else links would stand above the words beside them.
        ui.spacing_mut().interact_size.y = 0.0;
        words_and_links(ui, look, &all, acts);
    });
}

/// Tells whether a piece is to be pressed.
fn is_clicked(span: &Span) -> bool {
    matches!(span.kind, Kind::Link | Kind::Channel)
}

/// Draws words, and links as what can be pressed among them.
fn words_and_links(ui: &mut egui::Ui, look: &Look<'_>, all: &[Span], acts: &mut Vec<Act>) {
    let whole: String = all.iter().map(|span| &*span.text).collect();
    let begins_right = begins_right(&whole);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let mut rest = all;
        while let Some(first) = rest.first() {
            if is_clicked(first) {
                if first.kind == Kind::Link {
                    ui.hyperlink(&first.text);
                } else if ui.link(&first.text).clicked() {
                    acts.push(open_or_join(look, &first.text));
                }
                rest = &rest[1..];
            } else {
                let end = rest.iter().position(is_clicked).unwrap_or(rest.len());
                ui.add(egui::Label::new(words(ui, &rest[..end], Some(begins_right))).wrap());
                rest = &rest[end..];
            }
        }
    });
}

fn open_or_join(look: &Look<'_>, channel: &str) -> Act {
    let state = look.live.network.state();
    match state.room(channel) {
        Some(room) if room.is_joined => Act::Open(Some(state.isupport.fold(channel).into())),
        Some(_) | None => Act::Join(channel.to_owned()),
    }
}

/// Makes one text of pieces.
fn words(ui: &egui::Ui, spans: &[Span], begins_right: Option<bool>) -> egui::WidgetText {
    reading_order::words(ui, spans.iter().map(|span| (&*span.text, format(ui, span))), begins_right)
}

fn format(ui: &egui::Ui, span: &Span) -> TextFormat {
    let visuals = ui.visuals();
    let style = span.style;
    let kind = if style.mono { TextStyle::Monospace } else { TextStyle::Body };
    let plain = visuals.text_color();
    let mut colour = if style.bold { visuals.strong_text_color() } else { plain };
    if let Some(number) = style.colour {
        colour = look::irc_colour(number, visuals);
    }
    let mut ground = style.background.map_or(Color32::TRANSPARENT, |number| ground_of(number, visuals));
    if style.mono {
        ground = visuals.code_bg_color;
    }
    if span.kind == Kind::Mention {
        colour = look::accent(visuals);
    }
    let line = |is_there: bool| if is_there { Stroke::new(1.0, colour) } else { Stroke::NONE };
    let mut format = TextFormat::simple(kind.resolve(ui.style()), colour);
    format.valign = Align::Center;
    format.background = ground;
    format.italics = style.italic;
    format.underline = line(style.underline);
    format.strikethrough = line(style.strike);
    if style.bold {
        format.coords.push(b"wght", 700.0);
    }
    format
}

fn ground_of(number: u8, visuals: &Visuals) -> Color32 {
    look::irc_colour(number, visuals).gamma_multiply(0.3)
}

/// Draws the signs under a message.
fn signs(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry, acts: &mut Vec<Act>) {
    if entry.reactions.is_empty() {
        return;
    }
    let state = look.live.network.state();
    ui.horizontal_wrapped(|ui| {
        for (emoji, count, is_own) in reactions(entry, state) {
            let by: Vec<&str> =
                entry.reactions.iter().filter(|(sign, _)| **sign == *emoji).map(|(_, by)| &**by).take(20).collect();
            let name = look.language.count("row.reaction", count, &[("emoji", emoji)]);
            let response = ui.selectable_label(is_own, format!("{emoji} {count}"));
            let response = response.on_hover_text(by.join(", ")).accessible_name(name);
            if response.clicked() {
                acts.extend(react(entry, emoji, !is_own));
            }
        }
    });
}

fn react(entry: &Entry, emoji: &str, is_given: bool) -> Option<Act> {
    Some(Act::React { id: entry.id.clone()?, emoji: emoji.into(), is_given })
}

/// Offers what can be done about a message: a button where the pointer is or the keyboard, a menu, and keys.
fn actions(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry, whole: egui::Rect, acts: &mut Vec<Act>) {
    let Some(id) = entry.id.clone() else { return };
    let language = look.language;
    let corner = egui::Rect::from_min_size(egui::pos2(whole.right() - 30.0, whole.top()), vec2(26.0, 20.0));
    let is_near = ui.rect_contains_pointer(whole);
    let mut corner_ui = ui.new_child(egui::UiBuilder::new().max_rect(corner).layout(Layout::right_to_left(Align::Min)));
    // It is always there for the keyboard and for those who listen, and seen where the person is.
    let has_focus = corner_ui.memory(|memory| memory.has_focus(corner_ui.next_auto_id()));
    if !is_near && !has_focus {
        corner_ui.set_opacity(0.0);
    }
    let name = language.text("row.actions");
    let button = corner_ui.add(egui::Button::new("…").small()).on_hover_text(name).accessible_name(name);
    if button.has_focus() {
        keys(ui, entry, &id, acts);
    }
    egui::Popup::menu(&button).show(|ui| menu(ui, look, entry, &id, acts));
}

fn menu(ui: &mut egui::Ui, look: &Look<'_>, entry: &Entry, id: &str, acts: &mut Vec<Act>) {
    let language = look.language;
    ui.horizontal(|ui| {
        for emoji in ["👍", "❤", "😂", "🎉"] {
            let name = language.with("row.reactWith", &[("emoji", emoji)]);
            if ui.button(emoji).accessible_name(name).clicked() {
                acts.extend(react(entry, emoji, true));
                ui.close();
            }
        }
    });
    if ui.button(language.text("row.react")).clicked() {
        acts.push(Act::Dialog(Some(Dialog::React(id.into(), String::new()))));
    }
    if ui.button(language.text("row.reply")).clicked() {
        acts.push(Act::Reply(id.into()));
    }
    if ui.button(language.text("row.copy")).clicked() {
        acts.push(Act::Copy(entry.text.to_string()));
    }
    if entry.is_own && entry.how == How::Message && ui.button(language.text("row.edit")).clicked() {
        acts.push(Act::Edit(id.into(), entry.text.clone()));
    }
    if ui.button(language.text("row.delete")).clicked() {
        acts.push(Act::Dialog(Some(Dialog::Delete(id.into()))));
    }
}

/// Does what keys mean on a message that has the keyboard.
fn keys(ui: &egui::Ui, entry: &Entry, id: &str, acts: &mut Vec<Act>) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, key));
    if pressed(egui::Key::R) {
        acts.push(Act::Reply(id.into()));
    } else if pressed(egui::Key::E) && entry.is_own {
        acts.push(Act::Edit(id.into(), entry.text.clone()));
    } else if pressed(egui::Key::Delete) {
        acts.push(Act::Dialog(Some(Dialog::Delete(id.into()))));
    } else if pressed(egui::Key::Plus) {
        acts.push(Act::Dialog(Some(Dialog::React(id.into(), String::new()))));
    }
}

/// Shows what is on its way, and what was refused.
fn outgoing(ui: &mut egui::Ui, look: &Look<'_>, entry: &Outgoing, acts: &mut Vec<Act>) {
    let language = look.language;
    ui.horizontal_top(|ui| {
        ui.add_space(GUTTER);
        ui.vertical(|ui| {
            if let What::Say { text, .. } | What::Edit { text, .. } = &entry.what {
                let format = TextFormat::simple(TextStyle::Body.resolve(ui.style()), ui.visuals().weak_text_color());
                ui.add(egui::Label::new(reading_order::words(ui, [(&**text, format)].into_iter(), None)).wrap());
            }
            ui.horizontal(|ui| match &entry.state {
                Sending::Refused(refusal) => {
                    let text = language.with("delivery.failed", &[("why", &refusal.text)]);
                    ui.label(RichText::new(text).small().color(ui.visuals().error_fg_color));
                    if ui.small_button(language.text("delivery.retry")).clicked() {
                        acts.push(Act::Again(entry.number));
                    }
                    if ui.small_button(language.text("delivery.discard")).clicked() {
                        acts.push(Act::Forget(entry.number));
                    }
                }
                Sending::Unknown
                    if look.live.network.kept().outbox.doubtful().any(|one| one.number == entry.number) =>
                {
                    ui.label(RichText::new(language.text("delivery.unsure")).small().color(ui.visuals().warn_fg_color));
                    if ui.small_button(language.text("delivery.retry")).clicked() {
                        acts.push(Act::Decide(entry.number, true));
                    }
                    if ui.small_button(language.text("delivery.discard")).clicked() {
                        acts.push(Act::Decide(entry.number, false));
                    }
                }
                Sending::Waiting | Sending::Unknown => {
                    ui.label(RichText::new(language.text("delivery.waiting")).small().weak());
                }
                Sending::Sent | Sending::Kept(_) => {
                    ui.label(RichText::new(language.text("delivery.sending")).small().weak());
                }
            });
        });
    });
}
