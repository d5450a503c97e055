//! One message of another program, as all of them are understood.

use core::fmt;

use sha2::{Digest as _, Sha256};

/// What tells a message from every other, as its origin can tell: imported twice, it is the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub [u8; 16]);

impl SourceId {
    /// Makes one of the parts that tell a message apart. No part contains NUL.
    pub fn of(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part.as_bytes());
            hasher.update([0]);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize()[..16]);
        Self(id)
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// To people.
    Message,
    /// As a notice.
    Notice,
    /// As something that is done: `* alice waves`.
    Action,
}

/// A sign under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji, or its name between colons where there is none.
    pub sign: String,
    /// Who gave it, as their program names them.
    pub by: String,
}

/// One message. Names are as its origin has them: whether they are valid here is not asked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which message it is.
    pub source: SourceId,
    /// When: milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Where; with `#` or without.
    pub channel: String,
    /// By whom.
    pub by: String,
    /// How.
    pub how: How,
    /// What; lines are separated by `\n`. Not empty.
    pub text: String,
    /// To which message it is an answer.
    pub reply_to: Option<SourceId>,
    /// What others made of it.
    pub reactions: Vec<Reaction>,
}

/// Takes what is read. The error ends the reading.
pub trait Sink<E> {
    /// Takes a message.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn said(&mut self, said: Said) -> Result<(), E>;

    /// Notes that something is left out, and why: for the summary.
    fn left_out(&mut self, why: &'static str);
}

#[cfg(test)]
pub(crate) mod testing {
    use super::{Said, Sink};

    /// Keeps everything.
    #[derive(Debug, Default)]
    pub(crate) struct Heap {
        pub(crate) said: Vec<Said>,
        pub(crate) left_out: Vec<&'static str>,
    }

    impl Sink<()> for Heap {
        fn said(&mut self, said: Said) -> Result<(), ()> {
            self.said.push(said);
            Ok(())
        }

        fn left_out(&mut self, why: &'static str) {
            self.left_out.push(why);
        }
    }

    /// The times of what was said, as people write them.
    pub(crate) fn times(heap: &Heap) -> Vec<String> {
        let time = |said: &Said| jiff::Timestamp::from_millisecond(said.at).map(|at| at.to_string());
        heap.said.iter().map(|said| time(said).unwrap_or_default()).collect()
    }
}
