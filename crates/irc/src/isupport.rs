//! ISUPPORT: the tokens of 005, which tell a client what this server is like.
//!
//! Spec: Modern IRC, "RPL_ISUPPORT (005)" and "RPL_ISUPPORT parameters".

use crate::numerics::RPL_ISUPPORT;
use crate::write::BODY_CONTENT_BYTES_MAX;

/// Most tokens on one line: 15 parameters less the client's name and the text.
pub const TOKENS_PER_LINE_MAX: usize = 13;

/// Distributes tokens over lines: at most 13 on each, and each line fits 512 bytes from this server to the longest nick.
///
/// A token is a name (`-NAME` takes one back) and perhaps a value, which is escaped here. Order is kept.
pub fn lines<Name: AsRef<str>, Value: AsRef<str>>(
    tokens: &[(Name, Option<Value>)],
    server_name: &str,
    nick_bytes_max: usize,
) -> Vec<Vec<String>> {
    let text_bytes = RPL_ISUPPORT.text.map_or(0, |texts| texts.map(str::len).into_iter().max().unwrap_or(0));
    // `:server 005 nick` and ` :text`
    let frame_bytes = 1 + server_name.len() + 1 + 3 + 1 + nick_bytes_max + 2 + text_bytes;
    let room_bytes = BODY_CONTENT_BYTES_MAX.saturating_sub(frame_bytes);
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut used_bytes = 0;
    for (name, value) in tokens {
        let token = render(name.as_ref(), value.as_ref().map(AsRef::as_ref));
        let token_bytes = 1 + token.len();
        match lines.last_mut() {
            Some(line) if line.len() < TOKENS_PER_LINE_MAX && used_bytes + token_bytes <= room_bytes => {
                used_bytes += token_bytes;
                line.push(token);
            }
            _ => {
                used_bytes = token_bytes;
                lines.push(vec![token]);
            }
        }
    }
    lines
}

/// Renders one token: `NAME` or `NAME=value`.
pub fn render(name: &str, value: Option<&str>) -> String {
    match value {
        None => name.to_owned(),
        Some(value) => format!("{name}={}", escape(value)),
    }
}

/// Writes what a value may not contain (space, `=`, backslash, anything but printable ASCII) as `\xHH`.
fn escape(value: &str) -> String {
    use std::fmt::Write as _;

    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'=' | b'\\') {
            escaped.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "\\x{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::Language;
    use crate::write::LineWriter;

    #[test]
    fn values_are_escaped() {
        assert_eq!(render("NETWORK", Some("Casa mia")), "NETWORK=Casa\\x20mia");
        assert_eq!(render("X", Some("a=b\\é")), "X=a\\x3Db\\x5C\\xC3\\xA9");
        assert_eq!(render("PREFIX", Some("(qaohv)~&@%+")), "PREFIX=(qaohv)~&@%+");
        assert_eq!((render("WHOX", None), render("EXTBAN", Some(""))), ("WHOX".to_owned(), "EXTBAN=".to_owned()));
    }

    #[test]
    fn at_most_thirteen_on_a_line() {
        let tokens: Vec<(String, Option<&str>)> = (0..30).map(|n| (format!("T{n}"), None)).collect();
        let lines = lines(&tokens, "s", 32);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [13, 13, 4]);
        assert_eq!(lines.concat(), tokens.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
    }

    #[test]
    fn a_line_fits_in_every_language() {
        let value = "v".repeat(60);
        let tokens: Vec<(String, Option<&str>)> =
            (0..20).map(|n| (format!("TOKEN{n}"), Some(value.as_str()))).collect();
        let server = "irc.example.org";
        let nick = "n".repeat(32);
        let mut written = 0;
        for line in lines(&tokens, server, nick.len()) {
            for language in [Language::En, Language::It] {
                let args: Vec<&str> = line.iter().map(String::as_str).collect();
                let mut out = Vec::new();
                RPL_ISUPPORT.write(LineWriter::new(&mut out).source(server), &nick, language, &args);
                let text = RPL_ISUPPORT.text(language).unwrap_or_default();
                assert!(out.len() <= 512 && out.ends_with(format!(" :{text}\r\n").as_bytes()), "{}", out.len());
            }
            written += line.len();
        }
        assert_eq!(written, 20);
    }

    #[test]
    fn no_tokens_no_lines() {
        assert!(lines::<&str, &str>(&[], "s", 32).is_empty());
    }
}
