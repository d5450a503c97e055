//! What is said when a connection ends: to the one who goes, and to those who stay.

use irc::numerics::Language;

/// Others are told that the client closed its connection.
pub const CONNECTION_CLOSED: &str = "Connection closed";
/// Others are told that the connection broke.
pub const CONNECTION_LOST: &str = "Connection lost";
/// Others are told that the client did not read what was sent to it.
pub const SENDQ_EXCEEDED: &str = "SendQ exceeded";

/// A browser or another HTTP client at a door that does not take it.
pub const HTTP_TURNED_AWAY: &[u8] = b"HTTP/1.1 421 Misdirected Request\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Length: 54\r\n\
Connection: close\r\n\r\n\
This is a chat server, and this port does not do HTTP.";

/// A TLS client at a door that does not take it: the alert `handshake_failure`, which its user is then told of.
pub const TLS_TURNED_AWAY: &[u8] = &[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28];

/// A client without TLS at a door that requires it: an IRC client, or a person at `nc` or telnet.
pub fn tls_needed(language: Language, is_irc: bool) -> Vec<u8> {
    let why = match language {
        Language::En => "This port takes encrypted connections only: connect with TLS.",
        Language::It => "Questa porta accetta solo connessioni cifrate: collegati con TLS.",
    };
    if is_irc { format!("ERROR :{why}\r\n") } else { format!("{why}\n") }.into_bytes()
}

/// Why a connection is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    /// For the metrics.
    pub reason: &'static str,
    /// What to tell it before it is closed.
    pub text: Box<str>,
}

impl core::fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The server stops.
pub fn stopping(language: Language) -> &'static str {
    match language {
        Language::En => "The server is stopping. See you soon.",
        Language::It => "Il server si ferma. A presto.",
    }
}

/// There are too many connections from one address.
pub fn too_many_connections(language: Language) -> &'static str {
    match language {
        Language::En => "Too many connections from your address. Close one and try again.",
        Language::It => "Troppe connessioni dal tuo indirizzo. Chiudine una e riprova.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_http_says_its_own_length() {
        let answer = String::from_utf8_lossy(HTTP_TURNED_AWAY);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
    }
}
