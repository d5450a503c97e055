//! SASL: how a client proves which account it is. The mechanisms, without the lines that carry them.
//!
//! Spec: RFC 4422; `IRCv3` "sasl". Wire: [`crate::features::authenticate`]. Proof: `scenarios/sasl-plain.txt` and the tests
//! here.

pub mod credentials;
pub mod pieces;
pub mod plain;
pub mod scram;

use std::borrow::Cow;

use crate::settings::{Peer, Settings};

/// A way to prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// Name and password (RFC 4616).
    Plain,
    /// Proof that one knows the password, without saying it (RFC 5802, RFC 7677).
    ScramSha256,
    /// The certificate that the client showed when the connection was encrypted (RFC 4422, appendix A).
    External,
}

impl Mechanism {
    /// All that there are.
    pub const ALL: [Self; 3] = [Self::Plain, Self::ScramSha256, Self::External];

    /// Returns its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::External => "EXTERNAL",
        }
    }

    /// Finds one by its name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }
}

/// Returns the mechanisms that can work at a connection, in the configuration's order.
pub fn offered(settings: &Settings, peer: &Peer) -> Vec<Mechanism> {
    let works = |one: &Mechanism| *one != Mechanism::External || peer.secure;
    settings.sasl_mechanisms.iter().copied().filter(works).collect()
}

/// Returns their names joined by commas, as `sasl=…` and 908 have them.
pub fn names(mechanisms: &[Mechanism]) -> String {
    mechanisms.iter().map(|one| one.name()).collect::<Vec<_>>().join(",")
}

/// Returns a password in the form in which it is hashed, so that it does not matter how a keyboard composes `é`: as
/// `SASLprep` has it (RFC 4013), or unchanged where that knows no answer (emoji).
pub fn prepared(password: &str) -> Cow<'_, str> {
    stringprep::saslprep(password).unwrap_or(Cow::Borrowed(password))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::settings;

    #[test]
    fn mechanisms_are_found_by_name() {
        for one in Mechanism::ALL {
            assert_eq!(Mechanism::from_name(&one.name().to_ascii_lowercase()), Some(one));
        }
        assert_eq!(Mechanism::from_name("SCRAM-SHA-1"), None);
        assert_eq!(names(&Mechanism::ALL), "PLAIN,SCRAM-SHA-256,EXTERNAL");
    }

    #[test]
    fn certificates_are_for_encrypted_connections() {
        let peer = |secure| Peer { secure, ..Peer::new([127, 0, 0, 1].into()) };
        let settings = Settings { sasl_mechanisms: Mechanism::ALL.to_vec(), ..settings() };
        assert_eq!(offered(&settings, &peer(true)), Mechanism::ALL);
        assert_eq!(offered(&settings, &peer(false)), [Mechanism::Plain, Mechanism::ScramSha256]);
    }

    #[test]
    fn passwords_are_the_same_however_they_are_composed() {
        assert_eq!(prepared("caffe\u{301}"), "caffè".replace('è', "é"));
        assert_eq!(prepared("a\u{a0}b"), "a b");
        assert_eq!(prepared("\u{1f980} crab"), "\u{1f980} crab");
        assert_eq!(prepared("plain"), "plain");
    }
}
