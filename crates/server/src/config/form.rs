//! The forms that texts of the configuration may have.

use std::net::{IpAddr, SocketAddr};

use super::schema::Form;

/// Any text on one line, or none.
pub const LINE: Form = Form {
    allowed: "text of at most 400 bytes on one line",
    fits: |text| text.len() <= 400 && !text.contains(is_line_breaking),
};

/// Text that may hold line ends, for strings of the plain dialects; an empty one is not sent.
pub const FREE_TEXT: Form =
    Form { allowed: "text of at most 1000 bytes without NUL", fits: |text| text.len() <= 1000 && !text.contains('\0') };

/// The name of a server or a node's host part.
pub const HOST: Form = Form { allowed: "a host name of 1 to 63 letters, digits, dots and hyphens", fits: is_host };

/// A short name without spaces.
pub const TOKEN: Form = Form {
    allowed: "a name of 1 to 64 printable ASCII characters without spaces",
    fits: |text| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// A path on this machine.
pub const PATH: Form =
    Form { allowed: "a path that is not empty", fits: |text| !text.is_empty() && !text.contains('\0') };

/// An address to listen on.
pub const LISTEN_ADDRESS: Form = Form {
    allowed: "an address with a port, such as \"0.0.0.0:53000\", \"[::]:53000\" or \"localhost:6667\"",
    fits: is_listen_address,
};

/// How others reach this server.
pub const PUBLIC_ADDRESS: Form = Form {
    allowed: "nothing, a host name or an address, with or without a port, such as \"chat.example.org\"",
    fits: |text| text.is_empty() || is_host(text) || text.parse::<IpAddr>().is_ok() || is_listen_address(text),
};

/// An address or a network.
pub const NETWORK: Form =
    Form { allowed: "an address or a network, such as \"10.0.0.1\" or \"fd00::/8\",", fits: is_network };

/// Whom one may write to.
pub const CONTACT: Form = Form {
    allowed: "nothing, or an address such as \"mailto:admin@example.org\" or \"https://example.org/contact\"",
    fits: |text| {
        text.is_empty()
            || (text.len() <= 300
                && text.bytes().all(|byte| byte.is_ascii_graphic())
                && ["mailto:", "https://"].iter().any(|start| text.len() > start.len() && text.starts_with(start)))
    },
};

/// A room's name.
pub const ROOM: Form = Form {
    allowed: "a room's name such as \"#piazza\": a # and 1 to 200 bytes without spaces and commas",
    fits: |text| {
        text.strip_prefix('#').is_some_and(|rest| (1..=200).contains(&rest.len()))
            && !text.contains(|character: char| matches!(character, ' ' | ',' | '\u{7}') || character.is_control())
    },
};

/// User modes to begin with.
pub const USER_MODES: Form = Form {
    allowed: "nothing, or a plus sign and letters among B, i and w, such as \"+i\",",
    fits: |text| {
        text.is_empty()
            // Nobody begins as an operator.
            || text
                .strip_prefix('+')
                .is_some_and(|modes| !modes.is_empty() && modes.chars().all(|letter| "Biw".contains(letter)))
    },
};

/// The origin of a web page.
pub const ORIGIN: Form = Form {
    allowed: "an origin without a path, such as \"https://chat.example.org\",",
    fits: |text| {
        text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).is_some_and(|rest| {
            !rest.is_empty()
                && !rest.contains(|character: char| matches!(character, '/' | '"' | '\'') || character.is_whitespace())
        })
    },
};

/// The address of a picture.
pub const PICTURE: Form = Form {
    allowed: "nothing, or an address such as \"https://chat.example.org/icon.png\" of at most 300 bytes",
    fits: |text| {
        text.is_empty()
            || (text.len() <= 300
                && text.bytes().all(|byte| byte.is_ascii_graphic())
                && text
                    .strip_prefix("https://")
                    .or_else(|| text.strip_prefix("http://"))
                    .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')))
    },
};

/// A NATS server's address.
pub const NATS: Form = Form {
    allowed: "a NATS address such as \"nats://127.0.0.1:4222\"",
    fits: |text| {
        text.strip_prefix("nats://").or_else(|| text.strip_prefix("tls://")).is_some_and(|rest| !rest.is_empty())
    },
};

/// What a plain message ends with.
pub const TAIL: Form = Form { allowed: "\"\" or \"\\n\"", fits: |text| matches!(text, "" | "\n") };

/// What a word of a plain dialect may be.
pub const QUIT_WORD: Form = Form {
    allowed: "a word of 1 to 100 bytes on one line",
    fits: |text| (1..=100).contains(&text.len()) && !text.contains(is_line_breaking),
};

/// What a file is.
pub const CONTENT_TYPE: Form = Form {
    allowed: "a type such as \"image/png\", \"image/*\" or \"*/*\"",
    fits: |text| {
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-+.".contains(&byte))
        };
        text == "*/*"
            || text.split_once('/').is_some_and(|(family, kind)| is_word(family) && (kind == "*" || is_word(kind)))
    },
};

/// Characters that separate the parts of a relayed nick.
pub const SEPARATORS: Form = Form {
    allowed: "one or more ASCII punctuation characters that no nick may hold, such as \"/\",",
    fits: |text| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'/' | b'=' | b'+' | b'~' | b'&' | b';')),
};

/// The name of a SASL mechanism that exists.
pub const SASL_MECHANISM: Form = Form {
    allowed: "\"PLAIN\", \"SCRAM-SHA-256\" or \"EXTERNAL\"",
    fits: |text| matches!(text, "PLAIN" | "SCRAM-SHA-256" | "EXTERNAL"),
};

fn is_line_breaking(character: char) -> bool {
    matches!(character, '\0' | '\r' | '\n')
}

fn is_host(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !text.starts_with(['.', '-'])
        && !text.ends_with(['.', '-'])
}

/// Tells whether a text is `host:port`, `1.2.3.4:port` or `[::]:port`.
pub fn is_listen_address(text: &str) -> bool {
    text.parse::<SocketAddr>().is_ok()
        || text.rsplit_once(':').is_some_and(|(host, port)| {
            is_host(host)
                && !host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                && port.parse::<u16>().is_ok()
        })
}

fn is_network(text: &str) -> bool {
    session::trusted_proxies::network(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listen_addresses() {
        for good in ["0.0.0.0:53000", "[::]:53000", "[::1]:0", "localhost:6667", "chat.example.org:80"] {
            assert!(is_listen_address(good), "{good}");
        }
        for bad in ["", "53000", ":53000", "::1:53000", "1.2.3.4", "1.2.3.400:5", "host:65536", "ho st:1", "*:5"] {
            assert!(!is_listen_address(bad), "{bad}");
        }
    }

    #[test]
    fn networks() {
        for good in ["10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"] {
            assert!(is_network(good), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "fd00::/129", "localhost", "10/8"] {
            assert!(!is_network(bad), "{bad}");
        }
    }

    #[test]
    fn contacts() {
        for good in ["", "mailto:admin@example.org", "https://example.org/contact"] {
            assert!((CONTACT.fits)(good), "{good}");
        }
        for bad in ["admin@example.org", "mailto:", "https://", "http://example.org", "mailto:a b@example.org"] {
            assert!(!(CONTACT.fits)(bad), "{bad}");
        }
    }

    #[test]
    fn rooms_and_modes() {
        assert!((ROOM.fits)("#piazza") && (ROOM.fits)("#caffè"));
        assert!(!(ROOM.fits)("piazza") && !(ROOM.fits)("#") && !(ROOM.fits)("#a b") && !(ROOM.fits)("#a,b"));
        assert!((USER_MODES.fits)("") && (USER_MODES.fits)("+iw"));
        assert!(!(USER_MODES.fits)("i") && !(USER_MODES.fits)("+") && !(USER_MODES.fits)("+i -w"));
        assert!(!(USER_MODES.fits)("+o") && !(USER_MODES.fits)("+iZ"));
    }
}
