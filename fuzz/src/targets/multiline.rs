//! Lines of a multi-line message: put together and taken apart again, they are the same.

use chat::features::multiline::{Joined, Line, lines};

/// Beginnings of lines.
pub const WORDS: &[&[u8]] = &[b"\n", b"\n+", b"\n+\n", b"\n\n", b"\xc3\xa8", b"\xf0\x9f\x8d\xb5", b"#"];

/// The input is what was sent, one line each: behind a `+` it continues the one before it. Read once more, its bytes are
/// places where a text is cut that was never put together that way.
pub fn multiline(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut sent: Vec<(&str, bool)> = Vec::new();
    for line in text.split('\n') {
        match line.strip_prefix('+').filter(|rest| !rest.is_empty() && !sent.is_empty()) {
            Some(rest) => sent.push((rest, true)),
            None => sent.push((line, false)),
        }
    }
    let mut joined = Joined::default();
    for (text, concat) in &sent {
        joined.push(Line { text, concat: *concat });
    }
    assert_eq!(joined.lines(), sent.len());
    let (together, concats) = joined.finish();
    let apart: Vec<(&str, bool)> = lines(&together, &concats).map(|line| (line.text, line.concat)).collect();
    assert_eq!(apart, sent, "the lines are others now");

    let places: Vec<u32> = data.iter().map(|byte| u32::from(*byte)).collect();
    let kept: String = lines(text, &places).map(|line| line.text).collect();
    assert_eq!(kept, text.replace('\n', ""), "something was lost");
}
