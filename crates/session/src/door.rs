//! Which dialect a connection speaks, told by its first bytes.
//!
//! Rules: "If a port also serves other protocols told apart by their first bytes" in the description of the classroom
//! protocols (`docs/protocol/plain.md`). The classroom clients are silent until they are greeted, or send a bare name at
//! once; everybody else begins with a TLS hello, an HTTP request line, or an IRC registration line.

use std::time::Duration;

/// How long a silent connection is given before it is greeted as a plain client, and how long an unfinished first line
/// is waited for.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// How long a silent connection is given whose machine has asked for a page within [`BROWSER_TIME`]. Browsers open connections
/// ahead of need, and would take a greeting for the answer to what they ask next.
pub const BROWSER_PATIENCE: Duration = Duration::from_secs(2);

/// For how long a machine that has asked for a page may have a browser which is about to ask for more.
pub const BROWSER_TIME: Duration = Duration::from_secs(10);

/// The most bytes kept while deciding; more without a line end is nobody's first line.
pub const FIRST_BYTES_MAX: usize = 4608;

/// What begins every TLS connection: a record of type handshake.
pub const TLS_HANDSHAKE: &[u8] = &[0x16];

/// The words that begin an IRC connection. A line that begins with a tag (`@`) is one too.
const IRC_WORDS: [&[u8]; 9] =
    [b"CAP", b"PASS", b"NICK", b"USER", b"AUTHENTICATE", b"PING", b"QUIT", b"WEBIRC", b"PROXY"];

/// The words that begin an HTTP request; `PRI` is how HTTP/2 begins.
const HTTP_METHODS: [&[u8]; 10] =
    [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"CONNECT", b"TRACE", b"PRI"];

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstBytes {
    /// Nothing has come.
    Silence,
    /// They may still become one of the others: wait up to [`PATIENCE`] from the last byte.
    Unfinished,
    /// A TLS hello.
    Tls,
    /// A whole HTTP request line.
    Http,
    /// A whole IRC line.
    Irc,
    /// None of these: a plain client's name.
    Other,
}

/// Reads the first bytes of a connection.
pub fn read(bytes: &[u8]) -> FirstBytes {
    if bytes.is_empty() {
        return FirstBytes::Silence;
    }
    // A TLS record of type handshake, protocol version 3.x.
    if bytes.starts_with(TLS_HANDSHAKE) {
        return match bytes.get(1) {
            None => FirstBytes::Unfinished,
            Some(3) => FirstBytes::Tls,
            Some(_) => FirstBytes::Other,
        };
    }
    // Only so much is looked at, whether it comes at once or in pieces.
    let bytes = &bytes[..bytes.len().min(FIRST_BYTES_MAX)];
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        let may_go_on = bytes.len() < FIRST_BYTES_MAX && may_become_known(bytes);
        return if may_go_on { FirstBytes::Unfinished } else { FirstBytes::Other };
    };
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    if is_http(line) {
        FirstBytes::Http
    } else if is_irc(line) {
        FirstBytes::Irc
    } else {
        FirstBytes::Other
    }
}

fn first_word(line: &[u8]) -> &[u8] {
    line.split(|byte| *byte == b' ').next().unwrap_or(line)
}

fn is_http(line: &[u8]) -> bool {
    HTTP_METHODS.contains(&first_word(line)) && line.windows(6).any(|part| part == b" HTTP/")
}

fn is_irc(line: &[u8]) -> bool {
    line.starts_with(b"@") || IRC_WORDS.iter().any(|word| first_word(line).eq_ignore_ascii_case(word))
}

/// Tells whether an unfinished line may still become one that is known.
fn may_become_known(bytes: &[u8]) -> bool {
    // A CR may be the first half of the line's end.
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let word = first_word(bytes);
    if bytes.starts_with(b"@") {
        return true;
    }
    let whole = word.len() < bytes.len();
    let fits = |known: &[u8], given: &[u8]| {
        if whole { known == given } else { known.starts_with(given) }
    };
    let upper = word.to_ascii_uppercase();
    IRC_WORDS.iter().any(|known| fits(known, &upper)) || HTTP_METHODS.iter().any(|known| fits(known, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_who_is_there() {
        for (bytes, expected) in [
            (&b""[..], FirstBytes::Silence),
            (b"\x16", FirstBytes::Unfinished),
            (b"\x16\x03\x01\x02", FirstBytes::Tls),
            (b"GET / HTTP/1.1\r\n", FirstBytes::Http),
            (b"GET / HTT", FirstBytes::Unfinished),
            (b"GET the biscuits\n", FirstBytes::Other),
            (b"CAP LS 302\r\n", FirstBytes::Irc),
            (b"nick anna\n", FirstBytes::Irc),
            (b"NICK", FirstBytes::Unfinished),
            (b"NICK anna", FirstBytes::Unfinished),
            (b"NICKola", FirstBytes::Other),
            (b"NICKola\n", FirstBytes::Other),
            (b"Anna", FirstBytes::Other),
            (b"CAPpuccino", FirstBytes::Other),
            (b"P", FirstBytes::Unfinished),
            (b"Pia", FirstBytes::Other),
            (b"@label=1 CAP LS\r\n", FirstBytes::Irc),
            (b"QUIT\r", FirstBytes::Unfinished),
            (b"QUIT\r\n", FirstBytes::Irc),
            (b"PRI", FirstBytes::Unfinished),
            (b"PRI * HTTP/2.0\r\n", FirstBytes::Http),
            (b"\xff\xfd\x03", FirstBytes::Other),
        ] {
            assert_eq!(read(bytes), expected, "{:?}", bytes.escape_ascii().to_string());
        }
    }
}
