//! What a line of the server says about something that was sent.

use irc::message::Message;
use serde::{Deserialize, Serialize};

/// What became of something that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is kept.
    Kept(Receipt),
    /// It is not.
    Refused(Refusal),
}

/// How the server keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id there; none from servers that give none, or when the server only said that it has taken it.
    pub msgid: Option<Box<str>>,
    /// When it happened, as the server writes times.
    pub time: Option<Box<str>>,
}

/// Why it is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The numeric, or the code of a standard reply.
    pub code: Box<str>,
    /// For people.
    pub text: Box<str>,
}

/// Whether it was kept cannot be looked up at this moment: it is to be sent again.
///
/// Spec: `docs/protocol/delivery.md`.
pub const ID_UNREADABLE: &str = "ID_UNREADABLE";

impl Outcome {
    /// Reads an outcome from a line that is known to answer what was sent; nothing when it only tells something beside it,
    /// as that somebody is away.
    pub fn of(line: &Message<'_>) -> Option<Self> {
        let text = || Box::from(line.params.last().unwrap_or_default());
        match line.command {
            "PRIVMSG" | "NOTICE" | "TAGMSG" | "EDIT" | "REDACT" | "BATCH" => {
                // A NOTICE of the server itself is no echo: it tells of something.
                let is_echo = line.command == "BATCH" || line.source.is_some_and(|source| source.contains('!'));
                is_echo.then(|| Self::Kept(Receipt::of(line)))
            }
            "FAIL" => {
                let code = line.params.get(1).unwrap_or_default().into();
                Some(Self::Refused(Refusal { code, text: text() }))
            }
            numeric if numeric.len() == 3 && numeric.parse().is_ok_and(|code: u16| code >= 400) => {
                Some(Self::Refused(Refusal { code: numeric.into(), text: text() }))
            }
            _ => None,
        }
    }
}

impl Receipt {
    /// Reads the tags of an echo.
    pub fn of(line: &Message<'_>) -> Self {
        let tag = |key| line.tags.value(key).map(Box::from);
        Self { msgid: tag("msgid"), time: tag("time") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: &str) -> Option<Outcome> {
        Outcome::of(&Message::parse(line.as_bytes()).expect("a message"))
    }

    #[test]
    fn echoes_and_refusals_are_told_from_the_rest() {
        let kept = |msgid: Option<&str>| Some(Outcome::Kept(Receipt { msgid: msgid.map(Box::from), time: None }));
        assert_eq!(outcome("@msgid=1-2 :a!b@c PRIVMSG #tea :hi"), kept(Some("1-2")));
        assert_eq!(outcome("@msgid=1-2 :a!b@c BATCH +m1 draft/multiline #tea"), kept(Some("1-2")));
        assert_eq!(outcome(":a!b@c REDACT #tea 1-2"), kept(None));
        let refused = |code: &str, text: &str| Some(Outcome::Refused(Refusal { code: code.into(), text: text.into() }));
        assert_eq!(outcome(":irc 404 a #tea :No"), refused("404", "No"));
        assert_eq!(outcome(":irc FAIL PRIVMSG CANNOT_KEEP #tea :Full"), refused("CANNOT_KEEP", "Full"));
        for line in [":irc 301 a b :lunch", ":irc NOTICE a :look out", ":irc ACK", ":a!b@c JOIN #tea"] {
            assert_eq!(outcome(line), None, "{line}");
        }
    }
}
