//! CTCP: requests and `/me` that hide inside a message between two `\x01`.
//!
//! Spec: Client-to-Client Protocol (modern.ircdocs.horse/ctcp), "Message syntax".

/// Stands at both ends of a request, and of an action.
pub const DELIMITER: char = '\x01';

/// What a message that begins with `\x01` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ctcp<'a> {
    /// `/me waves`: a person doing something. Allowed even where CTCP is not (+C).
    Action(&'a str),
    /// Anything else: `VERSION`, `PING 123`, `DCC …`.
    Other {
        /// The word that says what it is, as sent.
        command: &'a str,
        /// What follows the command and a space; may be empty.
        arguments: &'a str,
    },
}

impl<'a> Ctcp<'a> {
    /// Reads the text of a PRIVMSG or NOTICE. `None` when it is ordinary text. The `\x01` at the end may be missing.
    pub fn parse(text: &'a str) -> Option<Self> {
        let inside = text.strip_prefix(DELIMITER)?;
        let inside = inside.strip_suffix(DELIMITER).unwrap_or(inside);
        let (command, arguments) = inside.split_once(' ').unwrap_or((inside, ""));
        if command.eq_ignore_ascii_case("ACTION") {
            Some(Self::Action(arguments))
        } else {
            Some(Self::Other { command, arguments })
        }
    }
}

/// Writes an action as the text of a PRIVMSG.
pub fn action(text: &str) -> String {
    format!("{DELIMITER}ACTION {text}{DELIMITER}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions() {
        for text in ["\x01ACTION waves\x01", "\x01action waves", "\x01ACTION waves"] {
            assert_eq!(Ctcp::parse(text), Some(Ctcp::Action("waves")), "{text:?}");
        }
        assert_eq!(Ctcp::parse("\x01ACTION\x01"), Some(Ctcp::Action("")));
        assert_eq!(Ctcp::parse(&action("says  hi")), Some(Ctcp::Action("says  hi")));
    }

    #[test]
    fn others() {
        let other = |command, arguments| Some(Ctcp::Other { command, arguments });
        assert_eq!(Ctcp::parse("\x01VERSION\x01"), other("VERSION", ""));
        assert_eq!(Ctcp::parse("\x01PING 1 2\x01"), other("PING", "1 2"));
        assert_eq!(Ctcp::parse("\x01ACTIONS x\x01"), other("ACTIONS", "x"));
        assert_eq!(Ctcp::parse("\x01"), other("", ""));
    }

    #[test]
    fn ordinary_text() {
        assert_eq!(["", "hello", " \x01ACTION x\x01"].map(Ctcp::parse), [None; 3]);
    }
}
