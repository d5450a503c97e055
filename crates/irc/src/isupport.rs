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
