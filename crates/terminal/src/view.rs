//! The screen: rooms at the left, what was said in the middle, members at the right, what is written below.
//!
//! Colours are the terminal's own, so that they are readable on whatever ground its owner has chosen; what they say is said by
//! bold, dim or signs too, for those who see none.

mod aside;
mod below;
mod help;
mod messages;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::{App, Mode};
use crate::rich_text::{bare, cut};

/// The width of the list of rooms, and of that of members.
const ROOMS_COLUMNS: u16 = 18;
const MEMBERS_COLUMNS: u16 = 18;

/// Narrower screens show no rooms, or no members.
const COLUMNS_WITH_ROOMS: u16 = 64;
const COLUMNS_WITH_MEMBERS: u16 = 90;

/// Less than this shows nothing that could be used.
const COLUMNS_MIN: u16 = 12;
const ROWS_MIN: u16 = 5;

/// The colours of nicks: those that can be read on white and on black.
const NICK_COLOURS: [Color; 6] =
    [Color::Red, Color::Green, Color::Magenta, Color::Cyan, Color::LightRed, Color::LightMagenta];

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let all = frame.area();
    if all.width < COLUMNS_MIN || all.height < ROWS_MIN {
        let text = cut(app.words.small, usize::from(all.width));
        frame.render_widget(Line::raw(text), Rect { height: all.height.min(1), ..all });
        return;
    }
    let rooms_columns = width_of_rooms(app, all.width);
    let has_members =
        app.shows_members && all.width >= COLUMNS_WITH_MEMBERS && app.room().is_some_and(|room| room.is_channel);
    let members_columns = if has_members { MEMBERS_COLUMNS } else { 0 };
    let middle = Rect { x: all.x + rooms_columns, width: all.width - rooms_columns - members_columns, ..all };
    if rooms_columns > 0 {
        aside::rooms(frame, app, Rect { width: rooms_columns, ..all });
    }
    if has_members {
        aside::members(frame, app, Rect { x: middle.right(), width: members_columns, ..all });
    }
    let below_rows = below::rows(app, middle);
    head(frame, app, Rect { height: 1, ..middle });
    let said = Rect { y: middle.y + 1, height: middle.height - 1 - below_rows, ..middle };
    app.page_rows = usize::from(said.height);
    match app.mode {
        Mode::Help(rows) => help::draw(frame, app, said, rows),
        Mode::Found => messages::found(frame, app, said),
        _ => messages::draw(frame, app, said),
    }
    below::draw(frame, app, Rect { y: said.bottom(), height: below_rows, ..middle });
}

/// Returns how many columns the list of rooms has, for whoever clicks there.
pub(crate) fn rooms_width(app: &App) -> u16 {
    if app.room_rows.is_empty() { 0 } else { ROOMS_COLUMNS }
}

fn width_of_rooms(app: &mut App, all: u16) -> u16 {
    if app.shows_rooms && all >= COLUMNS_WITH_ROOMS {
        return ROOMS_COLUMNS;
    }
    app.room_rows.clear();
    0
}

/// The name of the room, and what it is about.
fn head(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let words = match &app.mode {
        Mode::Help(_) => app.words.help_title.to_owned(),
        Mode::Found => crate::words::fill(app.words.found, &[("count", &app.found.len().to_string())]),
        _ => match app.room() {
            Some(room) => {
                let topic = room.topic.as_ref().map(|topic| format!(" – {}", bare(&topic.text)));
                format!("{}{}", bare(&room.name), topic.unwrap_or_default())
            }
            None => format!("{} – {}", app.words.own_words, app.settings.server),
        },
    };
    let style = Style::new().add_modifier(Modifier::REVERSED);
    let width = usize::from(area.width);
    let text = cut(&format!(" {words}"), width);
    let padding = " ".repeat(width.saturating_sub(crate::rich_text::columns(&text)));
    frame.render_widget(Line::styled(format!("{text}{padding}"), style), area);
}

/// Returns the style of a nick: always the same for the same one.
fn nick_style(app: &App, nick: &str) -> Style {
    let style = Style::new().add_modifier(Modifier::BOLD);
    if !app.settings.has_colour {
        return style;
    }
    let folded = app.network.state().isupport.fold(nick).into_owned();
    let sum = folded.bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    style.fg(NICK_COLOURS[sum % NICK_COLOURS.len()])
}

fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// A line of several styles.
fn line(spans: Vec<Span<'static>>) -> Line<'static> {
    Line::from(spans)
}

#[cfg(test)]
pub(crate) mod tests;
