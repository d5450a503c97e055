//! Below what was said: how it stands, and the line in which the person writes.

use client::network::Standing;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{bold, dim};
use crate::app::{App, Mode};
use crate::composer::Composer;
use crate::rich_text::{bare, columns, cut, wrap};
use crate::words::fill;

/// The most rows of the text that is being written which are shown.
const WRITTEN_ROWS_MAX: usize = 6;

/// What stands before the text.
const PROMPT: &str = "> ";

/// The text in rows, and where the cursor is.
struct Written {
    rows: Vec<String>,
    row: usize,
    column: usize,
}

/// Returns how many rows are needed below, of what there is.
pub(super) fn rows(app: &App, area: Rect) -> u16 {
    let written = app.composer().map_or(1, |composer| written(composer, area.width).rows.len());
    let asked = app.asked().map_or(1, |asked| rows_of(&asked, area.width).len());
    let most = usize::from(area.height).saturating_sub(2);
    let rows = (written.min(WRITTEN_ROWS_MAX) + asked).min(most).max(2);
    u16::try_from(rows).unwrap_or(2)
}

pub(super) fn draw(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let asked = app.asked();
    let status: Vec<Line<'static>> = match &asked {
        Some(asked) => rows_of(asked, area.width)
            .into_iter()
            .map(|row| Line::styled(row, bold().add_modifier(Modifier::REVERSED)))
            .collect(),
        None => vec![Line::styled(cut(&status(app), usize::from(area.width)), status_style(app))],
    };
    let status_rows = u16::try_from(status.len()).unwrap_or(1).min(area.height.saturating_sub(1));
    for (row, line) in (area.y..area.y + status_rows).zip(status) {
        frame.render_widget(line, Rect { y: row, height: 1, ..area });
    }
    let below = Rect { y: area.y + status_rows, height: area.height - status_rows, ..area };
    let Some(composer) = app.composer() else { return };
    let written = written(composer, area.width);
    let height = usize::from(below.height);
    // The row with the cursor is always seen.
    let first = (written.row + 1).saturating_sub(height);
    for (row, text) in (below.y..below.bottom()).zip(written.rows.iter().skip(first)) {
        frame.render_widget(Line::raw(text.clone()), Rect { y: row, height: 1, ..below });
    }
    if asked.is_none() {
        let column = u16::try_from(written.column).unwrap_or(0).min(below.width.saturating_sub(1));
        let row = u16::try_from(written.row - first).unwrap_or(0);
        frame.set_cursor_position(Position { x: below.x + column, y: below.y + row });
    }
}

fn rows_of(text: &str, width: u16) -> Vec<String> {
    let rows = wrap(&[Span::raw(text.to_owned())], 0, usize::from(width));
    rows.into_iter().map(|row| row.iter().map(|span| &*span.content).collect()).collect()
}

/// Breaks the text into rows, between characters: a text that jumps while it is written is hard to write.
fn written(composer: &Composer, width: u16) -> Written {
    use unicode_segmentation::UnicodeSegmentation as _;
    let width = usize::from(width).max(4);
    let (mut rows, mut used) = (vec![PROMPT.to_owned()], PROMPT.len());
    let mut cursor = None;
    for (place, grapheme) in composer.text().grapheme_indices(true) {
        let wide = columns(grapheme);
        if grapheme != "\n" && used + wide >= width {
            rows.push(" ".repeat(PROMPT.len()));
            used = PROMPT.len();
        }
        if place >= composer.at() {
            cursor.get_or_insert((rows.len() - 1, used));
        }
        if grapheme == "\n" {
            rows.push(" ".repeat(PROMPT.len()));
            used = PROMPT.len();
        } else if let Some(row) = rows.last_mut() {
            row.push_str(grapheme);
            used += wide;
        }
    }
    let (row, column) = cursor.unwrap_or((rows.len() - 1, used));
    Written { rows, row, column }
}

fn status_style(app: &App) -> ratatui::style::Style {
    match app.network.standing() {
        Standing::Waiting { .. } => bold(),
        Standing::Connecting | Standing::CatchingUp | Standing::Online | Standing::Left => dim(),
    }
}

/// Says what matters most at this moment.
fn status(app: &App) -> String {
    let words = app.words;
    match app.network.standing() {
        Standing::Waiting { until } => {
            let seconds = until.saturating_sub(app.now).as_millis().div_ceil(1000).to_string();
            let why = app.trouble.as_deref().unwrap_or(words.no_answer);
            return fill(words.lost, &[("why", why), ("seconds", &seconds)]);
        }
        Standing::Connecting | Standing::Left => return fill(words.connecting, &[("server", &app.settings.server)]),
        Standing::CatchingUp => return words.catching_up.to_owned(),
        Standing::Online => {}
    }
    match &app.mode {
        Mode::Choosing(_) => words.choosing.to_owned(),
        Mode::Editing(_) => words.editing.to_owned(),
        Mode::Replying(id) => {
            let nick = app.entry(id).map(|entry| bare(&entry.from)).unwrap_or_default();
            fill(words.replying, &[("nick", &nick)])
        }
        Mode::Writing | Mode::Help(_) | Mode::Found => writing(app).unwrap_or_else(|| {
            let key = app.current.as_deref().map_or_else(String::new, |name| app.key(name));
            let is_scrolled = app.views.get(&key).is_some_and(|view| view.scroll.rows > 0);
            if is_scrolled { words.scrolled } else { words.hint }.to_owned()
        }),
    }
}

/// Says who writes in this room.
fn writing(app: &App) -> Option<String> {
    let key = app.key(app.current.as_deref()?);
    let nicks: Vec<String> = app.typing.writers(&key).into_iter().map(bare).collect();
    let text = match nicks.len() {
        0 => return None,
        1 => app.words.is_writing,
        2 | 3 => app.words.are_writing,
        _ => app.words.several_writing,
    };
    Some(fill(text, &[("nick", &nicks.join(", "))]))
}
