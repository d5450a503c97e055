//! What people wrote, for a terminal: IRC's formatting as style, nothing in it that could drive the terminal, and broken into
//! lines by the width that its characters have there.
//!
//! Spec of the codes: modern.ircdocs.horse/formatting.

use client::formatting::{self, Letters};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// IRC's sixteen colours as the terminal's own: readable on whatever ground its owner has chosen.
const COLOURS: [Color; 16] = [
    Color::Reset, // white and black are left to the ground they would vanish on
    Color::Reset,
    Color::Blue,
    Color::Green,
    Color::LightRed,
    Color::Red,
    Color::Magenta,
    Color::Yellow,
    Color::LightYellow,
    Color::LightGreen,
    Color::Cyan,
    Color::LightCyan,
    Color::LightBlue,
    Color::LightMagenta,
    Color::DarkGray,
    Color::Gray,
];

/// The most combining marks on one character that are shown: more only paint over the lines beside it.
const MARKS_MAX: usize = 8;

/// Tells whether a character must not reach the terminal: controls, and what turns the direction of text for what comes
/// after it or shows nothing at all.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Returns a text of one line without formatting and without what could drive the terminal: names, topics.
pub fn bare(text: &str) -> String {
    spans(text, false).into_iter().map(|span| span.content.into_owned()).collect()
}

/// Reads one line. Without `has_colour`, colours are left out, and the rest of the style stays.
pub fn spans(text: &str, has_colour: bool) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let (mut style, mut run) = (Style::default(), String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = match letter {
            '\u{2}' => toggled(style, Modifier::BOLD),
            '\u{1d}' => toggled(style, Modifier::ITALIC),
            '\u{1f}' => toggled(style, Modifier::UNDERLINED),
            '\u{1e}' => toggled(style, Modifier::CROSSED_OUT),
            '\u{16}' => toggled(style, Modifier::REVERSED),
            '\u{11}' => style,
            '\u{f}' => Style::default(),
            '\u{3}' => coloured(style, &mut letters, has_colour),
            '\u{4}' => {
                formatting::skip_hexadecimal(&mut letters);
                style
            }
            '\t' => {
                run.push(' ');
                continue;
            }
            other if is_unsafe(other) => continue,
            other => {
                run.push(other);
                continue;
            }
        };
        if next != style && !run.is_empty() {
            spans.push(Span::styled(std::mem::take(&mut run), style));
        }
        style = next;
    }
    if !run.is_empty() {
        spans.push(Span::styled(run, style));
    }
    spans
}

fn toggled(style: Style, modifier: Modifier) -> Style {
    if style.add_modifier.contains(modifier) {
        Style { add_modifier: style.add_modifier - modifier, ..style }
    } else {
        style.add_modifier(modifier)
    }
}

/// Reads the colours behind the code; without any, both end.
fn coloured(style: Style, letters: &mut Letters<'_>, has_colour: bool) -> Style {
    let Some((foreground, background)) = formatting::colours(letters) else {
        return Style { fg: None, bg: None, ..style };
    };
    if !has_colour {
        return style;
    }
    // 16 to 98 are shades that differ from one program to the next; 99 is no colour.
    let colour = |number: u8| COLOURS.get(usize::from(number)).copied();
    Style { fg: colour(foreground), bg: background.map_or(style.bg, colour), ..style }
}

/// Returns how many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.graphemes(true).map(grapheme_columns).sum()
}

fn grapheme_columns(grapheme: &str) -> usize {
    grapheme.width().min(2)
}

/// Cuts a text to so many columns, with `…` where something is cut.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme_columns(grapheme);
        if used + 1 > width {
            break;
        }
        kept.push_str(grapheme);
    }
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// One character with its style.
struct Cell {
    text: String,
    style: Style,
    width: usize,
}

/// Breaks a line into rows of `width` columns, the first of which has `first` columns taken already: at spaces, and inside a
/// word only where it is longer than a row.
pub fn wrap(spans: &[Span<'_>], first: usize, width: usize) -> Vec<Vec<Span<'static>>> {
    let width = width.max(2);
    let mut rows: Vec<Vec<Cell>> = vec![Vec::new()];
    let mut used = first.min(width);
    let mut word: Vec<Cell> = Vec::new();
    let place = |word: &mut Vec<Cell>, rows: &mut Vec<Vec<Cell>>, used: &mut usize, start: usize| {
        let word_width: usize = word.iter().map(|cell| cell.width).sum();
        if *used + word_width > width && *used > start {
            rows.push(Vec::new());
            *used = 0;
        }
        for cell in word.drain(..) {
            if *used + cell.width > width {
                rows.push(Vec::new());
                *used = 0;
            }
            *used += cell.width;
            if let Some(row) = rows.last_mut() {
                row.push(cell);
            }
        }
    };
    for span in spans {
        for grapheme in span.content.graphemes(true) {
            let text: String = grapheme.chars().take(MARKS_MAX + 1).collect();
            let cell = Cell { width: grapheme_columns(&text), text, style: span.style };
            let is_space = cell.text == " ";
            word.push(cell);
            if is_space {
                let space = word.pop();
                place(&mut word, &mut rows, &mut used, 0);
                // A space that does not fit is the break itself.
                if used < width
                    && let (Some(space), Some(row)) = (space, rows.last_mut())
                {
                    used += 1;
                    row.push(space);
                }
            }
        }
    }
    place(&mut word, &mut rows, &mut used, 0);
    rows.into_iter().map(joined).collect()
}

/// Joins what has the same style.
fn joined(row: Vec<Cell>) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for cell in row {
        match spans.last_mut() {
            Some(last) if last.style == cell.style => last.content.to_mut().push_str(&cell.text),
            _ => spans.push(Span::styled(cell.text, cell.style)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rows: &[Vec<Span<'_>>]) -> Vec<String> {
        rows.iter().map(|row| row.iter().map(|span| &*span.content).collect()).collect()
    }

    #[test]
    fn codes_are_style_and_nothing_drives_the_terminal() {
        let shown =
            spans("a\u{2}bold\u{2} \u{3}04,12red\u{3} \u{3}4, no\u{f} \u{1b}[31mx\u{9b}2J\u{7}\u{202e}y\tz", true);
        let text: String = shown.iter().map(|span| &*span.content).collect();
        assert_eq!(text, "abold red , no [31mx2Jy z");
        let styles: Vec<(&str, Option<Color>, bool)> = shown
            .iter()
            .map(|span| (&*span.content, span.style.fg, span.style.add_modifier.contains(Modifier::BOLD)))
            .collect();
        assert!(styles.contains(&("bold", None, true)) && styles.contains(&("red", Some(Color::LightRed), false)));
        assert!(spans("\u{3}4red \u{4}ff0000,00ff00x", false).iter().all(|span| span.style == Style::default()));
        assert_eq!(bare("\u{4}ff0000,00ff00x\u{4}ff,y"), "x,y", "an incomplete colour is taken for its digits");
    }

    #[test]
    fn rows_end_at_spaces_and_are_never_too_wide() {
        let wrapped = |text: &str, first, width| texts(&wrap(&spans(text, true), first, width));
        assert_eq!(wrapped("one two three", 0, 7), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 4, 7), ["one", "two ", "three"]);
        assert_eq!(wrapped("abcdefghij", 0, 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("", 0, 4), [""]);
        // Wide characters and emoji are two columns, marks none.
        assert_eq!(wrapped("日本語日本", 0, 5), ["日本", "語日", "本"]);
        assert_eq!((columns("👩‍👩‍👧"), columns("e\u{301}"), columns("👍")), (2, 1, 2));
        assert_eq!(
            (cut("日本語", 4), cut("abc", 3), cut("abcd", 3), cut("a", 0)),
            ("日…".to_owned(), "abc".to_owned(), "ab…".to_owned(), String::new())
        );
        let marks = format!("a{}", "\u{301}".repeat(100));
        assert_eq!(wrap(&spans(&marks, true), 0, 10)[0][0].content.chars().count(), MARKS_MAX + 1);
    }
}
