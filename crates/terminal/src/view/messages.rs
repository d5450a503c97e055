//! What was said, from the newest upwards as far as the screen reaches.

use std::collections::BTreeMap;

use client::outbox::{Entry as Outgoing, What};
use client::window::{Entry, How, Shown};
use irc::time::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{bold, dim, line, nick_style};
use crate::app::{App, Mode, Note};
use crate::rich_text::{bare, columns, cut, spans, wrap};

/// So far continued rows are set in: `14:02 `.
const TIME_COLUMNS: usize = 6;

/// The most rows of one message; the rest is what `/search` and other clients are for.
const ENTRY_ROWS_MAX: usize = 200;

/// The most columns of what a reply shows of its message.
const QUOTED_COLUMNS: usize = 60;

/// One thing in the list.
enum Item<'a> {
    Entry(&'a Entry),
    Note(&'a Note),
    Pending(&'a Outgoing),
    Gap,
    Begin,
    New,
    Day(Timestamp),
}

/// Rows of one thing, and the id of its message.
struct Block {
    rows: Vec<Line<'static>>,
    id: Option<Box<str>>,
    is_gap: bool,
}

pub(super) fn draw(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let key = app.current.as_deref().map_or_else(String::new, |name| app.key(name));
    let scroll = app.views.get(&key).map(|view| view.scroll.clone()).unwrap_or_default();
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let (blocks, newest, scrolled) = {
        let items = items(app, &key);
        let newest = items.iter().rev().find_map(identity);
        // Where the person looks stays where it is: what has come since is below it.
        let since = scroll
            .newest
            .as_ref()
            .and_then(|known| items.iter().rposition(|item| identity(item).as_ref() == Some(known)));
        let added: usize = match since {
            Some(place) if scroll.rows > 0 => {
                items[place + 1..].iter().map(|item| block(app, item, width).rows.len()).sum()
            }
            _ => 0,
        };
        let scrolled = with_chosen(app, &items, scroll.rows.saturating_add(added), width, height);
        let wanted = scrolled.saturating_add(height);
        let mut blocks: Vec<Block> = Vec::new();
        let mut rows = 0;
        for item in items.iter().rev() {
            if rows >= wanted {
                break;
            }
            let block = block(app, item, width);
            rows += block.rows.len();
            blocks.push(block);
        }
        (blocks, newest, scrolled)
    };
    let all: usize = blocks.iter().map(|block| block.rows.len()).sum();
    let below = scrolled.min(all.saturating_sub(height));
    place(frame, app, area, blocks, below, chosen_row);
    let view = app.view();
    view.scroll.rows = below;
    view.scroll.newest = newest;
}

/// Returns how far is scrolled so that the chosen message is on the screen.
fn with_chosen(app: &App, items: &[Item<'_>], scrolled: usize, width: usize, height: usize) -> usize {
    let Mode::Choosing(id) = &app.mode else { return scrolled };
    let is_chosen = |item: &Item<'_>| matches!(item, Item::Entry(entry) if entry.id.as_ref() == Some(id));
    let Some(place) = items.iter().rposition(is_chosen) else { return scrolled };
    let below: usize = items[place + 1..].iter().map(|item| block(app, item, width).rows.len()).sum();
    let own = block(app, &items[place], width).rows.len();
    scrolled.min(below).max((below + own).saturating_sub(height))
}

/// What a search has found, under the rooms where it was said.
pub(super) fn found(frame: &mut Frame<'_>, app: &mut App, area: Rect) {
    let width = usize::from(area.width);
    let mut blocks = Vec::new();
    for (target, entry) in app.found.iter().rev() {
        blocks.push(entry_block(app, entry, width));
        let day = day_of(app, entry.time).unwrap_or_default();
        let head = Line::styled(cut(&format!("{} {day}", bare(target)), width), dim());
        blocks.push(Block { rows: vec![head], id: None, is_gap: false });
    }
    place(frame, app, area, blocks, 0, |_, _| false);
    app.sees_gap = false;
}

/// Puts blocks, the newest first, on the screen, `below` rows of them under its edge; notes what stands where.
fn place(
    frame: &mut Frame<'_>,
    app: &mut App,
    area: Rect,
    blocks: Vec<Block>,
    below: usize,
    marks: fn(&App, &Block) -> bool,
) {
    let mut message_rows = BTreeMap::new();
    let mut sees_gap = false;
    let mut skipped = 0;
    // What does not fill the screen stands at its top, as on paper.
    let all: usize = blocks.iter().map(|block| block.rows.len()).sum();
    let free = usize::from(area.height).saturating_sub(all);
    let mut row = area.bottom() - u16::try_from(free).unwrap_or(0);
    'all: for block in blocks {
        let is_marked = marks(app, &block);
        for line in block.rows.into_iter().rev() {
            if skipped < below {
                skipped += 1;
                continue;
            }
            if row == area.y {
                break 'all;
            }
            row -= 1;
            sees_gap |= block.is_gap;
            if let Some(id) = &block.id {
                message_rows.insert(row, id.clone());
            }
            let line = if is_marked { line.patch_style(Modifier::REVERSED) } else { line };
            frame.render_widget(line, Rect { y: row, height: 1, ..area });
        }
    }
    (app.message_rows, app.sees_gap) = (message_rows, sees_gap);
}

fn chosen_row(app: &App, block: &Block) -> bool {
    matches!(&app.mode, Mode::Choosing(id) | Mode::Replying(id) | Mode::Editing(id) if block.id.as_ref() == Some(id))
}

/// Returns what tells a thing from all others in its room.
fn identity(item: &Item<'_>) -> Option<String> {
    match item {
        Item::Entry(entry) => Some(match &entry.id {
            Some(id) => id.to_string(),
            None => format!("{:?} {} {}", entry.time, entry.from, entry.text),
        }),
        Item::Note(_) | Item::Pending(_) | Item::Gap | Item::Begin | Item::New | Item::Day(_) => None,
    }
}

/// Everything in a room in its order, the oldest first.
fn items<'a>(app: &'a App, key: &str) -> Vec<Item<'a>> {
    let view = app.views.get(key);
    let mut notes = view.into_iter().flat_map(|view| view.notes.iter()).peekable();
    let new_since = view.and_then(|view| view.new_since);
    let mut items = Vec::new();
    let (mut day, mut is_new_shown) = (None, false);
    let room = app.room();
    if room.is_some_and(|room| room.window.begins()) {
        items.push(Item::Begin);
    }
    for shown in room.into_iter().flat_map(|room| room.window.shown()) {
        let Shown::Entry(entry) = shown else {
            items.push(Item::Gap);
            continue;
        };
        while let Some(note) = notes.next_if(|note| note.after < entry.time) {
            items.push(Item::Note(note));
        }
        if app.network.state().is_ignored(&entry.from) {
            continue;
        }
        let this = entry.time.and_then(|time| day_of(app, Some(time)));
        if let (Some(time), true) = (entry.time, this.is_some() && this != day) {
            items.push(Item::Day(time));
            day = this;
        }
        let is_new = new_since.is_some_and(|since| entry.time > Some(since)) && !entry.is_own;
        if is_new && !is_new_shown {
            items.push(Item::New);
            is_new_shown = true;
        }
        items.push(Item::Entry(entry));
    }
    items.extend(notes.map(Item::Note));
    let outgoing = app.network.kept().outbox.entries().filter(|entry| !entry.state.is_settled());
    let is_here = |entry: &&Outgoing| match &entry.what {
        What::Say { target, .. } => app.current.is_some() && app.key(target) == key,
        What::Tags { .. } | What::Edit { .. } | What::Redact { .. } => false,
    };
    items.extend(outgoing.filter(is_here).map(Item::Pending));
    items
}

fn block(app: &App, item: &Item<'_>, width: usize) -> Block {
    let words = app.words;
    let alone =
        |text: &str, style| Block { rows: vec![Line::styled(cut(text, width), style)], id: None, is_gap: false };
    match item {
        Item::Entry(entry) => entry_block(app, entry, width),
        Item::Note(note) => {
            let style = if note.matters { ratatui::style::Style::new() } else { dim() };
            let shown =
                [Span::styled(clock(app, Some(note.at)), dim()), Span::styled(format!("– {}", note.text), style)];
            Block { rows: set_in(&shown, width), id: None, is_gap: false }
        }
        Item::Pending(entry) => pending_block(app, entry, width),
        Item::Gap => Block {
            is_gap: true,
            ..alone(
                &format!("  ⋯ {}", if app.network.has("draft/chathistory") { words.gap_loading } else { words.gap }),
                dim(),
            )
        },
        Item::Begin => alone(&format!("  {}", words.begins), dim()),
        Item::New => alone(&rule(words.new, width), bold()),
        Item::Day(time) => alone(&rule(&day_of(app, Some(*time)).unwrap_or_default(), width), dim()),
    }
}

/// A line across, with words in it.
fn rule(text: &str, width: usize) -> String {
    let begun = format!("──── {text} ");
    let rest = "─".repeat(width.saturating_sub(columns(&begun)));
    format!("{begun}{rest}")
}

fn entry_block(app: &App, entry: &Entry, width: usize) -> Block {
    let has_colour = app.settings.has_colour;
    let mut rows = Vec::new();
    if let Some(id) = &entry.reply_to {
        let quoted =
            app.entry(id).map(|entry| format!("{}: {}", bare(&entry.from), bare(&entry.text.replace('\n', " "))));
        let quoted = quoted.unwrap_or_else(|| app.words.before.to_owned());
        let quoted = cut(&quoted, QUOTED_COLUMNS.min(width.saturating_sub(TIME_COLUMNS + 2)));
        rows.push(Line::styled(format!("{}↳ {quoted}", " ".repeat(TIME_COLUMNS)), dim()));
    }
    let is_mention =
        !entry.is_own && app.room().is_some_and(|room| room.is_channel) && app.network.state().is_named_in(entry);
    let mut nick_style = nick_style(app, &entry.from);
    if is_mention {
        nick_style = nick_style.add_modifier(Modifier::REVERSED);
    }
    let nick = bare(&entry.from);
    let mut shown = vec![Span::styled(clock(app, entry.time), dim())];
    match entry.how {
        How::Message => shown.extend([Span::styled(nick, nick_style), Span::raw(": ")]),
        How::Notice => shown.extend([Span::raw("-"), Span::styled(nick, nick_style), Span::raw("- ")]),
        How::Action => shown.extend([Span::raw("* "), Span::styled(nick, nick_style), Span::raw(" ")]),
    }
    let mut lines = entry.text.split('\n');
    shown.extend(spans(lines.next().unwrap_or_default(), has_colour));
    let more: Vec<&str> = lines.collect();
    if entry.is_edited && more.is_empty() {
        shown.push(Span::styled(format!(" {}", app.words.edited), dim()));
    }
    rows.extend(set_in(&shown, width));
    for (number, text) in more.iter().enumerate() {
        let mut shown = vec![Span::raw(" ".repeat(TIME_COLUMNS))];
        shown.extend(spans(text, has_colour));
        if entry.is_edited && number + 1 == more.len() {
            shown.push(Span::styled(format!(" {}", app.words.edited), dim()));
        }
        rows.extend(set_in(&shown, width));
    }
    rows.truncate(ENTRY_ROWS_MAX);
    if !entry.reactions.is_empty() {
        let shown = [Span::styled(format!("{}{}", " ".repeat(TIME_COLUMNS), reactions(entry)), dim())];
        rows.extend(set_in(&shown, width));
    }
    Block { rows, id: entry.id.clone(), is_gap: false }
}

/// Says who gave which signs.
fn reactions(entry: &Entry) -> String {
    let mut by_sign: Vec<(String, Vec<String>)> = Vec::new();
    for (sign, by) in &entry.reactions {
        let (sign, by) = (cut(&bare(sign), 20), bare(by));
        match by_sign.iter_mut().find(|(known, _)| *known == sign) {
            Some((_, all)) => all.push(by),
            None => by_sign.push((sign, vec![by])),
        }
    }
    let shown = by_sign.into_iter().map(|(sign, all)| match all.len() {
        1..=3 => format!("{sign} {}", all.join(", ")),
        count => format!("{sign} {count}"),
    });
    shown.collect::<Vec<_>>().join("  ")
}

fn pending_block(app: &App, entry: &Outgoing, width: usize) -> Block {
    let What::Say { text, .. } = &entry.what else {
        return Block { rows: Vec::new(), id: None, is_gap: false };
    };
    let text = text.strip_prefix("\u{1}ACTION ").map_or(&**text, |text| text.trim_end_matches('\u{1}'));
    let nick = bare(&app.network.state().me);
    let mut rows = Vec::new();
    let count = text.split('\n').count();
    for (number, text) in text.split('\n').enumerate() {
        let mut shown = vec![Span::raw(" ".repeat(TIME_COLUMNS))];
        if number == 0 {
            shown.push(Span::styled(format!("{nick}: "), dim()));
        }
        shown.push(Span::styled(bare(text), dim()));
        if number + 1 == count {
            shown.push(Span::styled(format!(" {}", app.words.sending), dim().add_modifier(Modifier::ITALIC)));
        }
        rows.extend(set_in(&shown, width));
    }
    Block { rows, id: None, is_gap: false }
}

/// Breaks into rows, of which all but the first begin under the first's text.
fn set_in(shown: &[Span<'static>], width: usize) -> Vec<Line<'static>> {
    let Some((first, rest)) = shown.split_first() else { return Vec::new() };
    let rows = wrap(rest, 0, width.saturating_sub(TIME_COLUMNS));
    let rows = rows.into_iter().enumerate().map(|(number, row)| {
        let before = if number == 0 { first.clone() } else { Span::raw(" ".repeat(TIME_COLUMNS)) };
        line(std::iter::once(before).chain(row).collect())
    });
    rows.collect()
}

/// The time of day, and a space.
fn clock(app: &App, time: Option<Timestamp>) -> String {
    let zoned = time.and_then(|time| jiff::Timestamp::from_millisecond(time.0).ok());
    match zoned.map(|time| time.to_zoned_datetime(app.settings.zone.clone())) {
        Some(time) => format!("{:02}:{:02} ", time.hour(), time.minute()),
        None => " ".repeat(TIME_COLUMNS),
    }
}

fn day_of(app: &App, time: Option<Timestamp>) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(time?.0).ok()?;
    Some(time.to_zoned_datetime(app.settings.zone.clone()).date().to_string())
}
