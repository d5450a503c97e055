//! The name under which a file is fetched: whoever knows it may see the file, so nobody can guess it.

use std::fmt;

use crate::kind::Kind;

/// Letters and digits of an id: each stands for five random bits.
pub const ID_CHARS: usize = 26;

/// What ids are written with: no letter reads as a digit.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A file's id: 130 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; ID_CHARS]);

impl Id {
    /// Makes an id of random bytes.
    pub fn of(random: &[u8; ID_CHARS]) -> Self {
        Self(random.map(|byte| DIGITS[usize::from(byte & 31)]))
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ID_CHARS] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(|byte| DIGITS.contains(byte)).then_some(Self(bytes))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| fmt::Write::write_char(f, char::from(*byte)))
    }
}

/// The last part of a file's address: its id, and an ending that tells people and programs what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredName {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: Kind,
}

impl StoredName {
    /// Reads a name; whether there is such a file is another question.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, ending) = text.split_once('.')?;
        Some(Self { id: Id::parse(id)?, kind: Kind::from_ending(ending)? })
    }
}

impl fmt::Display for StoredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.kind.ending())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_nothing_else_is_one() {
        let id = Id::of(&[7; ID_CHARS]);
        for kind in Kind::ALL {
            let name = StoredName { id, kind };
            assert_eq!(StoredName::parse(&name.to_string()), Some(name));
        }
        let good = id.to_string();
        for text in [
            "",
            ".jpg",
            &good,
            &format!("{good}.exe"),
            &format!("{good}.JPG"),
            &format!("{good}.jpg.jpg"),
            &format!("{}.jpg", good.to_uppercase().replace('7', "L")),
            &format!("../{}.jpg", &good[3..]),
            &format!("{}.jpg", &good[1..]),
        ] {
            assert_eq!(StoredName::parse(text), None, "{text}");
        }
    }
}
