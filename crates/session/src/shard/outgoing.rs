//! What is to be written: one buffer for a turn of the loop, and for each connection the ranges of it that are its own.
//!
//! Only what a socket refuses is copied into a buffer of the connection's own, and that is freed when it is empty: an idle
//! connection holds no bytes.

use smallvec::SmallVec;

/// A range of the turn's buffer.
pub type Range = core::ops::Range<usize>;

/// One connection's outgoing bytes.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// What the socket refused earlier.
    refused: Vec<u8>,
    /// How much of it has been written since.
    written: usize,
    /// What this turn adds, in order; neighbours are merged.
    ranges: SmallVec<[Range; 1]>,
    added: usize,
}

impl Outgoing {
    /// Adds a range of the turn's buffer.
    pub fn push(&mut self, range: Range) {
        if range.is_empty() {
            return;
        }
        self.added += range.len();
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }

    /// Returns the number of bytes that wait.
    pub fn bytes(&self) -> usize {
        self.refused.len() - self.written + self.added
    }

    /// Tells whether the socket has refused bytes and is to say when it takes more.
    pub fn is_blocked(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Gives what waits to `write` as one piece, and keeps what it does not take. `write` returns how many bytes it took.
    ///
    /// # Errors
    /// What `write` returns.
    pub fn write<E>(
        &mut self,
        turn: &[u8],
        scratch: &mut Vec<u8>,
        write: impl FnOnce(&[u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let piece: &[u8] = match (self.is_blocked(), &self.ranges[..]) {
            (false, []) => return Ok(()),
            (false, [only]) => &turn[only.clone()],
            _ => {
                scratch.clear();
                scratch.extend_from_slice(&self.refused[self.written..]);
                for range in &self.ranges {
                    scratch.extend_from_slice(&turn[range.clone()]);
                }
                scratch
            }
        };
        let taken = write(piece)?;
        if taken >= piece.len() {
            self.refused = Vec::new();
            self.written = 0;
        } else if self.is_blocked() {
            // What was refused before is still in front: only the end of this turn is new.
            self.written += taken;
            self.keep_ranges(turn);
        } else {
            self.refused = piece[taken..].to_vec();
        }
        self.clear_ranges();
        Ok(())
    }

    /// Keeps this turn's ranges without writing: the socket is known to be full.
    pub fn keep(&mut self, turn: &[u8]) {
        self.keep_ranges(turn);
        self.clear_ranges();
    }

    /// Moves the ranges behind what was refused; what has been written of all that is let go when it is worth it.
    fn keep_ranges(&mut self, turn: &[u8]) {
        for range in &self.ranges {
            self.refused.extend_from_slice(&turn[range.clone()]);
        }
        // Only now: a socket may have taken all that was refused before, and some of what is new.
        if self.written > self.refused.len() / 2 {
            self.refused.drain(..self.written);
            self.written = 0;
        }
    }

    fn clear_ranges(&mut self) {
        self.ranges.clear();
        self.ranges.shrink_to_fit();
        self.added = 0;
    }

    /// Drops everything that waits.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// What happens to a connection in one turn of the loop: events of these lengths, and how the turn ends for it.
    #[derive(Debug, Clone)]
    struct Turn {
        events: Vec<usize>,
        /// How many bytes the socket takes; `None`: it is known to be full and is not asked.
        taken: Option<usize>,
    }

    fn turn() -> impl Strategy<Value = Turn> {
        (vec(0_usize..20, 0..5), proptest::option::of(0_usize..60)).prop_map(|(events, taken)| Turn { events, taken })
    }

    proptest! {
        /// Whatever sockets take and when: all bytes arrive once and in order, and as many wait as have not arrived.
        #[test]
        fn bytes_arrive_once_and_in_order(turns in vec(turn(), 0..30), others in vec(0_usize..3, 30)) {
            let (mut outgoing, mut scratch) = (Outgoing::default(), Vec::new());
            let (mut meant, mut arrived): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
            for (Turn { events, taken }, other) in turns.iter().zip(others) {
                let mut buffer = Vec::new();
                for length in events {
                    // What is for other connections only stands between two ranges.
                    buffer.extend(std::iter::repeat_n(b'-', other));
                    let start = buffer.len();
                    for _ in 0..*length {
                        let byte = u8::try_from(meant.len() % 251).unwrap_or_default();
                        buffer.push(byte);
                        meant.push(byte);
                    }
                    outgoing.push(start..buffer.len());
                }
                if let Some(taken) = taken {
                    let wrote: Result<(), ()> = outgoing.write(&buffer, &mut scratch, |piece| {
                        let count = piece.len().min(*taken);
                        arrived.extend_from_slice(&piece[..count]);
                        Ok(count)
                    });
                    prop_assert_eq!(wrote, Ok(()));
                } else {
                    outgoing.keep(&buffer);
                }
                prop_assert_eq!(&arrived[..], &meant[..arrived.len()]);
                prop_assert_eq!(outgoing.bytes(), meant.len() - arrived.len());
                prop_assert_eq!(outgoing.is_blocked(), outgoing.bytes() > 0);
            }
        }
    }

    #[test]
    fn what_a_socket_refuses_comes_first_later() {
        let mut outgoing = Outgoing::default();
        let mut scratch = Vec::new();
        let turn = b"one two three".to_vec();
        outgoing.push(0..4);
        outgoing.push(4..8);
        outgoing.push(8..13);
        let wrote: Result<(), ()> = outgoing.write(&turn, &mut scratch, |piece| {
            assert_eq!(piece, b"one two three");
            Ok(5)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!(outgoing.bytes(), 8);
        outgoing.push(0..1);
        outgoing.push(4..5);
        let wrote: Result<(), ()> = outgoing.write(&turn, &mut scratch, |piece| {
            assert_eq!(piece, b"wo threeot");
            Ok(2)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!(outgoing.bytes(), 8);
        let wrote: Result<(), ()> = outgoing.write(&[], &mut scratch, |piece| {
            assert_eq!(piece, b" threeot");
            Ok(8)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!((outgoing.bytes(), outgoing.is_blocked()), (0, false));
    }
}
