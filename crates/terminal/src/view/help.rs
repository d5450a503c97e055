//! The commands and keys there are.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{bold, line};
use crate::app::{App, COMMANDS};
use crate::rich_text::{columns, spans, wrap};

/// So wide what is typed stands, where there is room for it.
const USAGE_COLUMNS: usize = 24;

pub(super) fn draw(frame: &mut Frame<'_>, app: &App, area: Rect, scrolled: usize) {
    let width = usize::from(area.width);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for command in COMMANDS {
        let usage = command.usage();
        let padding = " ".repeat(USAGE_COLUMNS.saturating_sub(columns(&usage)).max(1));
        let meaning = command.meaning(app.settings.language);
        let shown = [Span::styled(usage, bold()), Span::raw(format!("{padding}{meaning}"))];
        lines.extend(wrap(&shown, 0, width).into_iter().map(line));
    }
    lines.push(Line::default());
    lines.extend(wrap(&spans(app.words.help_keys, true), 0, width).into_iter().map(line));
    let height = usize::from(area.height);
    let first = scrolled.min(lines.len().saturating_sub(height));
    for (row, shown) in (area.y..area.bottom()).zip(lines.into_iter().skip(first)) {
        frame.render_widget(shown, Rect { y: row, height: 1, ..area });
    }
}
