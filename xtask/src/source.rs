//! Rust source as text to look through: without comments, literals and tests, every byte still on its line.
//!
//! Not a parser: enough of the grammar that a word in a comment, a string or a test is never taken for code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Replaces comments, string and character literals by spaces; newlines stay, so line numbers do.
pub(crate) fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'\'' => character_end(bytes, at).unwrap_or(at), // else a lifetime or a label
            b'r' if !in_word(bytes, at) || before_is_byte_prefix(bytes, at) => raw_string_end(bytes, at).unwrap_or(at),
            _ => at,
        };
        if end <= at {
            at += 1;
            continue;
        }
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Blanks every item marked `#[cfg(test)]` in text that went through [`blank`].
pub(crate) fn without_tests(blanked: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = blanked.to_owned();
    while let Some(start) = out.find(MARK) {
        let end = item_end(&out, start + MARK.len());
        let spaces: String = out[start..end].chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &spaces);
    }
    out
}

/// Returns where the braces opened at or after `from` close again, or the `;` that comes before any brace.
pub(crate) fn item_end(blanked: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (offset, letter) in blanked[from..].char_indices() {
        match letter {
            '[' | '(' => brackets += 1,
            ']' | ')' => brackets = brackets.saturating_sub(1),
            '{' => depth += 1,
            '}' if depth <= 1 => return from + offset + 1,
            '}' => depth -= 1,
            ';' if depth == 0 && brackets == 0 => return from + offset + 1,
            _ => {}
        }
    }
    blanked.len()
}

/// Returns every `.rs` file under `folder`, sorted.
///
/// # Errors
///
/// When a folder cannot be listed.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            if path.is_dir() {
                if path.file_name().is_none_or(|name| name != "target" && name != "node_modules") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn in_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_word(bytes[at - 1])
}

/// `br"…"` and `cr"…"`: the `r` follows a one-letter prefix that begins a word.
fn before_is_byte_prefix(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'b' | b'c') && !in_word(bytes, at - 1)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |offset| at + offset)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A character literal is one character or one escape between quotes; anything else after a quote is a lifetime.
fn character_end(bytes: &[u8], start: usize) -> Option<usize> {
    let first = *bytes.get(start + 1)?;
    let body_end = if first == b'\\' {
        let close = bytes[start + 3..].iter().position(|&byte| byte == b'\'')?;
        start + 3 + close
    } else {
        let width = match first {
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        start + 1 + width
    };
    (bytes.get(body_end) == Some(&b'\'')).then_some(body_end + 1)
}

fn raw_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let hashes = bytes[start + 1..].iter().take_while(|&&byte| byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.extend(std::iter::repeat_n(b'#', hashes));
    let found = bytes[open + 1..].windows(close.len()).position(|window| window == close);
    Some(found.map_or(bytes.len(), |offset| open + 1 + offset + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_lines_stay() {
        let text = "a // std::fs\nb /* c /* d */ e\n */ f";
        let blanked = blank(text);
        assert_eq!(blanked.lines().count(), 3);
        assert_eq!(blanked.split_whitespace().collect::<Vec<_>>(), ["a", "b", "f"]);
        assert_eq!(blanked.len(), text.len());
    }

    #[test]
    fn strings_go_and_lifetimes_stay() {
        let blanked = blank(
            r##"let x: &'static str = "a \" q"; let y = r#"std::fs " "#; let z = 'q'; let n = '\n'; fn f<'a>() {} b"{""##,
        );
        assert!(!blanked.contains("std::fs") && !blanked.contains('q'), "{blanked}");
        assert!(blanked.contains("'static") && blanked.contains("fn f<'a>() {}"), "{blanked}");
        assert!(blanked.ends_with("   "), "the brace in the byte string is no brace: {blanked}");
    }

    #[test]
    fn characters_of_several_bytes_and_quotes_are_literals() {
        let blanked = blank(r"m(' ', '\'', 'è', '\u{1F600}', '{')");
        assert_eq!(blanked.split_whitespace().collect::<String>(), "m(,,,,)");
    }

    #[test]
    fn tests_are_left_out_and_what_follows_is_kept() {
        let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n fn b() { c { } }\n}\nfn d() {}\n#[cfg(test)]\nmod e;\nfn f() {}";
        let left = without_tests(&blank(text));
        assert!(!left.contains('b') && !left.contains("mod"), "{left}");
        assert!(left.contains("fn a()") && left.contains("fn d()") && left.contains("fn f()"), "{left}");
        assert_eq!(left.lines().count(), text.lines().count());
    }
}
