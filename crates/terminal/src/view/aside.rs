//! What stands beside the conversation: the rooms, and who is in this one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{bold, dim, line, nick_style};
use crate::app::App;
use crate::rich_text::{bare, columns, cut};

/// The rooms: which is shown, where something is new, and where the person is named.
pub(super) fn rooms(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let width = usize::from(area.width) - 1;
    let mut rows: Vec<(Option<String>, Line<'static>)> = Vec::new();
    let own = cut(&format!(" {}", app.words.own_words), width);
    let style = if app.current.is_none() { bold().add_modifier(Modifier::REVERSED) } else { dim() };
    rows.push((None, Line::styled(padded(&own, width), style)));
    for name in app.room_names() {
        let Some(room) = app.network.state().room(&name) else { continue };
        let is_shown = app.current.as_deref() == Some(&*name);
        let count = match (room.mentions, room.unread) {
            _ if is_shown || app.is_muted(&name) => String::new(),
            (0, 0) => String::new(),
            (0, unread) => format!(" {unread}"),
            (mentions, _) => format!(" @{mentions}"),
        };
        let has_draft =
            !is_shown && app.views.get(&app.key(&name)).is_some_and(|view| !view.composer.text().is_empty());
        let sign = if has_draft { "✎" } else { " " };
        let shown = cut(&format!("{sign}{}", bare(&name)), width.saturating_sub(columns(&count)));
        let shown = format!("{}{count}", padded(&shown, width.saturating_sub(columns(&count))));
        let style = if is_shown {
            bold().add_modifier(Modifier::REVERSED)
        } else if room.mentions > 0 && !app.is_muted(&name) {
            bold().add_modifier(Modifier::UNDERLINED)
        } else if room.unread > 0 && !app.is_muted(&name) {
            bold()
        } else if room.is_channel && !room.is_joined {
            dim()
        } else {
            ratatui::style::Style::new()
        };
        rows.push((Some(name), Line::styled(shown, style)));
    }
    // With more rooms than rows, the one that is shown is among them.
    let height = usize::from(area.height);
    let place = rows.iter().position(|(name, _)| *name == app.current).unwrap_or(0);
    let first = (place + 1).saturating_sub(height);
    let mut rows = rows.split_off(first);
    rows.truncate(height);
    app.room_rows = rows.iter().map(|(name, _)| name.clone()).collect();
    for (row, (_, line)) in (area.y..area.bottom()).zip(rows) {
        frame.render_widget(line, Rect { y: row, height: 1, width: area.width - 1, ..area });
    }
    edge(frame, Rect { x: area.right() - 1, width: 1, ..area });
}

/// Who is here: the highest ranks first, and dim who is away.
pub(super) fn members(frame: &mut Frame<'_>, app: &App, area: Rect) {
    edge(frame, Rect { width: 1, ..area });
    let Some(room) = app.room() else { return };
    let state = app.network.state();
    let members = state.members(room);
    let width = usize::from(area.width) - 2;
    let height = usize::from(area.height);
    // One row less where the rest is only counted.
    let fits = if members.len() > height { height - 1 } else { height };
    for (row, (person, signs)) in (area.y..area.bottom()).zip(members.iter().take(fits)) {
        let sign: String = signs.chars().next().map(String::from).unwrap_or_default();
        let nick = cut(&bare(&person.nick), width.saturating_sub(sign.len()));
        let is_dim = person.away.is_some() || state.is_ignored(&person.nick);
        let style = if is_dim { dim() } else { nick_style(app, &person.nick).remove_modifier(Modifier::BOLD) };
        let spans = vec![Span::styled(sign, dim()), Span::styled(nick, style)];
        frame.render_widget(line(spans), Rect { x: area.x + 2, y: row, width: area.width - 2, height: 1 });
    }
    if members.len() > fits {
        let more = Line::styled(format!("+{}", members.len() - fits), dim());
        frame.render_widget(more, Rect { x: area.x + 2, y: area.bottom() - 1, width: area.width - 2, height: 1 });
    }
}

fn edge(frame: &mut Frame<'_>, area: Rect) {
    for row in area.y..area.bottom() {
        frame.render_widget(Line::styled("│", dim()), Rect { y: row, height: 1, ..area });
    }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}
