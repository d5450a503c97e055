//! How a message's text is shown: IRC's formatting codes, the Markdown that people type, links, channels and names in it. The
//! same as in the browser client (`web/src/text/format.ts`).
//!
//! Spec of the codes: modern.ircdocs.horse/formatting.

use client::formatting::{self, Letters};

/// More runs of codes in one message than this are shown without style.
const RUNS_MAX: usize = 400;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a code of its own, and all can be on at once")]
pub struct Style {
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// As a machine writes it.
    pub mono: bool,
    /// One of IRC's sixteen colours.
    pub colour: Option<u8>,
    /// The one behind it.
    pub background: Option<u8>,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// An address of a page.
    Link,
    /// A channel's name.
    Channel,
    /// The reader's own name.
    Mention,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// How it looks.
    pub style: Style,
    /// The text.
    pub text: String,
}

/// Reads a message. `nick` is who reads it.
pub fn spans(text: &str, nick: &str) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for (style, run) in runs(text) {
        if style.mono {
            push(&mut all, Span { kind: Kind::Text, style, text: run });
            continue;
        }
        marked(&run, style, nick, 0, &mut all);
    }
    all
}

/// Returns a text of one line without any formatting: names, topics, titles.
pub fn bare(text: &str) -> String {
    let words = spans(text, "").into_iter().map(|span| span.text).collect::<String>();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push(all: &mut Vec<Span>, span: Span) {
    if span.text.is_empty() {
        return;
    }
    match all.last_mut() {
        Some(last) if last.kind == Kind::Text && span.kind == Kind::Text && last.style == span.style => {
            last.text.push_str(&span.text);
        }
        _ => all.push(span),
    }
}

/// Tells whether a character must not be shown: controls, and what turns the direction of what comes after it.
fn is_unsafe(letter: char) -> bool {
    (letter.is_control() && letter != '\n') || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Reads IRC's codes.
fn runs(text: &str) -> Vec<(Style, String)> {
    let mut runs: Vec<(Style, String)> = Vec::new();
    let (mut style, mut run) = (Style::default(), String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut next = style;
        match letter {
            '\u{2}' => next.bold = !style.bold,
            '\u{1d}' => next.italic = !style.italic,
            '\u{1f}' => next.underline = !style.underline,
            '\u{1e}' => next.strike = !style.strike,
            '\u{11}' => next.mono = !style.mono,
            '\u{f}' => next = Style::default(),
            '\u{3}' => next = coloured(style, &mut letters),
            '\u{4}' => formatting::skip_hexadecimal(&mut letters),
            '\t' => run.push(' '),
            other if is_unsafe(other) => {}
            other => run.push(other),
        }
        if next != style {
            if !run.is_empty() {
                runs.push((style, std::mem::take(&mut run)));
            }
            style = if runs.len() >= RUNS_MAX { Style::default() } else { next };
        }
    }
    runs.push((style, run));
    runs
}

/// Reads the colours behind the code; without any, both end. 16 to 98 differ from one program to the next: no colour.
fn coloured(style: Style, letters: &mut Letters<'_>) -> Style {
    let Some((foreground, background)) = formatting::colours(letters) else {
        return Style { colour: None, background: None, ..style };
    };
    let known = |number: u8| Some(number).filter(|number| *number < 16);
    Style { colour: known(foreground), background: background.map_or(style.background, known), ..style }
}

/// Emphasis within emphasis is read this deep.
const DEPTH_MAX: usize = 4;

/// What a mark does to a style.
type Change = fn(Style) -> Style;

/// What people type around words, and what it means. `_` stands at the edges of words only: names have it inside.
const MARKS: &[(&str, Change)] = &[
    ("`", |style| Style { mono: true, ..style }),
    ("**", |style| Style { bold: true, ..style }),
    ("~~", |style| Style { strike: true, ..style }),
    ("*", |style| Style { italic: true, ..style }),
    ("_", |style| Style { italic: true, ..style }),
];

/// Reads what people type for emphasis, and finds links, channels and names.
fn marked(text: &str, style: Style, nick: &str, depth: usize, all: &mut Vec<Span>) {
    let mut plain = 0;
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let before = text[..at].chars().next_back();
        let is_edge = !before.is_some_and(char::is_alphanumeric);
        if is_edge && let Some(length) = link_length(&text[at..]) {
            words(&text[plain..at], style, nick, all);
            push(all, Span { kind: Kind::Link, style, text: text[at..at + length].to_owned() });
            at += length;
            plain = at;
            continue;
        }
        let mark = MARKS.iter().find(|(mark, _)| text[at..].starts_with(mark));
        if let Some((mark, change)) = mark.filter(|_| is_edge && depth < DEPTH_MAX)
            && let Some(inner) = between(&text[at..], mark)
        {
            words(&text[plain..at], style, nick, all);
            let style = change(style);
            if *mark == "`" {
                push(all, Span { kind: Kind::Text, style, text: inner.to_owned() });
            } else {
                marked(inner, style, nick, depth + 1, all);
            }
            at += inner.len() + 2 * mark.len();
            plain = at;
            continue;
        }
        at += letter.len_utf8();
    }
    words(&text[plain..], style, nick, all);
}

/// Returns what stands between two marks on one line, the first of which begins the text.
fn between<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let rest = &text[mark.len()..];
    let line = rest.split('\n').next().unwrap_or_default();
    let mut from = 0;
    while let Some(found) = line[from..].find(mark) {
        let end = from + found;
        let inner = &line[..end];
        let behind = line[end + mark.len()..].chars().next();
        let is_whole =
            !inner.is_empty() && !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
        let is_edge = !behind.is_some_and(|letter| letter.is_alphanumeric() || mark.starts_with(letter));
        if is_whole && is_edge && !inner.starts_with(mark) {
            return Some(inner);
        }
        from = end + mark.len();
    }
    None
}

/// Returns how long the link is with which a text begins, without the punctuation of the sentence that it stands in.
fn link_length(text: &str) -> Option<usize> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_end = |letter: char| letter.is_whitespace() || letter.is_control() || "<>\"".contains(letter);
    let mut length = text.find(is_end).unwrap_or(text.len());
    while let Some(last) = text[..length].chars().next_back() {
        let is_loose = match last {
            ')' => !text[..length].contains('('),
            ']' => !text[..length].contains('['),
            other => ".,;:!?'*_~`".contains(other),
        };
        if !is_loose {
            break;
        }
        length -= last.len_utf8();
    }
    let scheme = text.len() - host.len();
    (length > scheme && !host.starts_with(['/', '.', ':'])).then_some(length)
}

/// Finds channels and the reader's own name.
fn words(text: &str, style: Style, nick: &str, all: &mut Vec<Span>) {
    let is_of_name = |letter: char| letter.is_alphanumeric() || "_-[]{}\\|^`".contains(letter);
    let mut rest = text;
    while !rest.is_empty() {
        // A word, with the sign that it may begin with; or what stands between words.
        let begin = rest.find(|letter: char| is_of_name(letter) || letter == '#').unwrap_or(rest.len());
        push(all, Span { kind: Kind::Text, style, text: rest[..begin].to_owned() });
        rest = &rest[begin..];
        let is_channel = rest.starts_with('#');
        let body = &rest[usize::from(is_channel)..];
        let is_in = |letter: char| is_of_name(letter) || (is_channel && "./+&".contains(letter));
        let length = body.find(|letter| !is_in(letter)).unwrap_or(body.len());
        let word = body[..length].trim_end_matches('.');
        let whole = &rest[..word.len() + usize::from(is_channel)];
        let kind = if is_channel && word.chars().any(|letter| !letter.is_ascii_digit()) {
            Kind::Channel
        } else if !nick.is_empty() && !is_channel && word.to_lowercase() == nick.to_lowercase() {
            Kind::Mention
        } else {
            Kind::Text
        };
        push(all, Span { kind, style, text: whole.to_owned() });
        rest = &rest[whole.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes spans so that they can be read: `b:` bold, `i:` italic, `m:` mono, `u:`, `s:`, `c4:`; `L:` link, `C:` channel,
    /// `N:` name.
    fn shown(text: &str) -> Vec<String> {
        let one = |span: Span| {
            let kind = match span.kind {
                Kind::Text => "",
                Kind::Link => "L:",
                Kind::Channel => "C:",
                Kind::Mention => "N:",
            };
            let Style { bold, italic, underline, strike, mono, colour, background } = span.style;
            let flags = [(bold, "b:"), (italic, "i:"), (underline, "u:"), (strike, "s:"), (mono, "m:")];
            let flags: String = flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
            let colours: String = colour.map(|colour| format!("c{colour}:")).into_iter().collect();
            let behind: String = background.map(|colour| format!("g{colour}:")).into_iter().collect();
            format!("{kind}{flags}{colours}{behind}{}", span.text)
        };
        spans(text, "anna").into_iter().map(one).collect()
    }

    #[test]
    fn codes_are_style_and_controls_are_nothing() {
        assert_eq!(shown("a\u{2}bold\u{2} \u{3}04,12red\u{3}!"), ["a", "b:bold", " ", "c4:g12:red", "!"]);
        assert_eq!(shown("\u{4}ff0000x\u{1b}[1m\u{202e}y\tz"), ["x[1my z"]);
        assert_eq!(shown("\u{3}99none \u{11}a*b*c"), ["none ", "m:a*b*c"]);
        assert_eq!(shown(""), Vec::<String>::new());
    }

    #[test]
    fn what_people_type_is_emphasis_where_words_end() {
        assert_eq!(shown("**so** *and _so_*, `*not*`"), ["b:so", " ", "i:and so", ", ", "m:*not*"]);
        for text in ["2*3*4", "snake_case_name", "* a *", "**", "a ** b", "_a", "~~~~"] {
            assert_eq!(shown(text), [text], "{text}");
        }
        assert_eq!(shown("~~gone~~ **a\nb**"), ["s:gone", " **a\nb**"]);
    }

    #[test]
    fn links_end_before_the_sentence_does() {
        assert_eq!(shown("see https://a.example/x_(y)_z."), ["see ", "L:https://a.example/x_(y)_z", "."]);
        assert_eq!(shown("(http://a.example/)"), ["(", "L:http://a.example/", ")"]);
        for text in ["https://", "http:///x", "javascript:x", "xhttps://a.example"] {
            assert_eq!(shown(text), [text], "{text}");
        }
    }

    #[test]
    fn channels_and_the_own_name_are_found() {
        assert_eq!(shown("anna: come to #caffè, or #42"), ["N:anna", ": come to ", "C:#caffè", ", or #42"]);
        assert_eq!(shown("hanna annas ANNA"), ["hanna annas ", "N:ANNA"]);
        assert_eq!(bare("\u{2}a  **b**\nc"), "a b c");
    }
}
