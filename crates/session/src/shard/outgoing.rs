//! What is to be written: two buffers, and for each connection the pieces of them that are its own.
//!
//! What many hear stands in one buffer, what one connection alone is told in the other: so what a room hears in a row is one piece for
//! everybody in it, whatever somebody was answered meanwhile, and long answers are let go of while the room's wait for their turn.
//!
//! The pieces of all connections stand in one list, each naming the next one of its connection: a delivery allocates nothing, and an
//! idle connection holds nothing. Only what a socket refuses is copied into a buffer of the connection's own, and that is freed when it
//! is empty.

/// A range of the turn's buffer.
pub type Range = core::ops::Range<usize>;

/// What of each of the turn's buffers stays allocated between turns, in bytes.
const BYTES_KEPT: usize = 256 * 1024;

/// What of its pieces does.
const PIECES_KEPT: usize = 16 * 1024;

/// How much may stand in each of the turn's buffers for connections that were not written to yet; over it, they keep their part
/// themselves.
const BYTES_MAX: usize = 4 << 20;

/// How many pieces may; likewise. Where members of a large room are shown different things, each message is a piece for each.
const PIECES_MAX: usize = 1 << 20;

/// What this turn writes, for all connections.
#[derive(Debug, Default)]
pub struct Turn {
    /// Lines for whoever hears them, rendered.
    pub shared: Vec<u8>,
    /// Lines for one connection each.
    pub answers: Vec<u8>,
    /// Which of them are whose.
    pub pieces: Pieces,
}

/// In which of the turn's buffers a piece stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// [`Turn::shared`].
    Shared,
    /// [`Turn::answers`].
    Answers,
}

impl Turn {
    /// Forgets everything: nobody has pieces in it any more.
    pub fn clear(&mut self) {
        self.shared.clear();
        self.shared.shrink_to(BYTES_KEPT);
        self.clear_answers();
        self.pieces.0.clear();
        self.pieces.0.shrink_to(PIECES_KEPT);
    }

    /// Tells whether those who were not written to yet are to keep their part themselves.
    pub fn is_full(&self) -> bool {
        self.shared.len() > BYTES_MAX || self.pieces.0.len() > PIECES_MAX
    }

    /// Tells whether those of them who have answers are.
    pub fn is_full_of_answers(&self) -> bool {
        self.answers.len() > BYTES_MAX
    }

    /// Forgets the answers: nobody has pieces in them any more.
    pub fn clear_answers(&mut self) {
        self.answers.clear();
        self.answers.shrink_to(BYTES_KEPT);
    }

    fn bytes_of(&self, piece: &Piece) -> &[u8] {
        let buffer = match piece.source {
            Source::Shared => &self.shared,
            Source::Answers => &self.answers,
        };
        &buffer[piece.range.clone()]
    }
}

/// The pieces of all connections.
#[derive(Debug, Default)]
pub struct Pieces(Vec<Piece>);

#[derive(Debug)]
struct Piece {
    source: Source,
    range: Range,
    /// The next piece of the same connection.
    next: Option<Place>,
}

/// Where a piece stands, counted from one: none takes no room.
type Place = core::num::NonZeroU32;

impl Pieces {
    fn get(&self, place: Place) -> Option<&Piece> {
        self.0.get(place.get() as usize - 1)
    }

    fn get_mut(&mut self, place: Place) -> Option<&mut Piece> {
        self.0.get_mut(place.get() as usize - 1)
    }

    fn add(&mut self, source: Source, range: Range) -> Place {
        self.0.push(Piece { source, range, next: None });
        let count = u32::try_from(self.0.len()).ok().and_then(Place::new);
        count.unwrap_or_else(|| unreachable!("a turn's buffer is flushed long before it has 2^32 pieces"))
    }

    /// Returns the pieces of a connection, from its first one on.
    fn from(&self, first: Option<Place>) -> impl Iterator<Item = &Piece> {
        core::iter::successors(first.and_then(|first| self.get(first)), |piece| self.get(piece.next?))
    }
}

/// One connection's outgoing bytes.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// What the socket refused earlier.
    refused: Option<Box<Refused>>,
    /// What this turn adds: the first and the last of its pieces.
    pieces: Option<(Place, Place)>,
    /// How many bytes that is.
    added: usize,
}

/// What a socket has refused.
#[derive(Debug, Default)]
struct Refused {
    bytes: Vec<u8>,
    /// How much of it has been written since.
    written: usize,
}

impl Outgoing {
    /// Adds a range of one of the turn's buffers; neighbours are merged.
    pub fn push(&mut self, source: Source, range: Range, pieces: &mut Pieces) {
        if range.is_empty() {
            return;
        }
        self.added += range.len();
        let Some((first, last)) = self.pieces else {
            let only = pieces.add(source, range);
            self.pieces = Some((only, only));
            return;
        };
        let neighbour = |piece: &&mut Piece| piece.source == source && piece.range.end == range.start;
        if let Some(piece) = pieces.get_mut(last).filter(neighbour) {
            piece.range.end = range.end;
            return;
        }
        let next = pieces.add(source, range);
        if let Some(piece) = pieces.get_mut(last) {
            piece.next = Some(next);
        }
        self.pieces = Some((first, next));
    }

    /// Returns the number of bytes that wait.
    pub fn bytes(&self) -> usize {
        self.refused.as_ref().map_or(0, |refused| refused.bytes.len() - refused.written) + self.added
    }

    /// Tells whether something of what this turn adds stands among the answers.
    pub fn has_answers(&self, pieces: &Pieces) -> bool {
        let first = self.pieces.map(|(first, _)| first);
        pieces.from(first).any(|piece| piece.source == Source::Answers)
    }

    /// Tells whether the socket has refused bytes and is to say when it takes more.
    pub fn is_blocked(&self) -> bool {
        self.refused.is_some()
    }

    /// Gives what waits to `write` as one piece, and keeps what it does not take. `write` returns how many bytes it took.
    ///
    /// # Errors
    /// What `write` returns.
    pub fn write<E>(
        &mut self,
        turn: &Turn,
        scratch: &mut Vec<u8>,
        write: impl FnOnce(&[u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let piece: &[u8] = match (&self.refused, self.pieces) {
            (None, None) => return Ok(()),
            (None, Some((first, last))) if first == last => {
                turn.pieces.get(first).map_or(&[], |only| turn.bytes_of(only))
            }
            (refused, _) => {
                scratch.clear();
                if let Some(refused) = refused {
                    scratch.extend_from_slice(&refused.bytes[refused.written..]);
                }
                self.append_pieces(turn, scratch);
                scratch
            }
        };
        let taken = write(piece)?;
        if taken >= piece.len() {
            self.refused = None;
        } else if let Some(refused) = &mut self.refused {
            // What was refused before is still in front: only the end of this turn is new.
            refused.written += taken;
            self.keep_pieces(turn);
        } else {
            self.refused = Some(Box::new(Refused { bytes: piece[taken..].to_vec(), written: 0 }));
        }
        self.forget_pieces();
        Ok(())
    }

    /// Keeps this turn's pieces without writing: the socket is known to be full, or is written to later.
    pub fn keep(&mut self, turn: &Turn) {
        self.keep_pieces(turn);
        self.forget_pieces();
    }

    /// Moves the pieces behind what was refused; what has been written of all that is let go when it is worth it.
    fn keep_pieces(&mut self, turn: &Turn) {
        if self.pieces.is_none() && self.refused.is_none() {
            return;
        }
        let mut refused = self.refused.take().unwrap_or_default();
        refused.bytes.reserve(self.added);
        self.append_pieces(turn, &mut refused.bytes);
        // Only now: a socket may have taken all that was refused before, and some of what is new.
        if refused.written > refused.bytes.len() / 2 {
            refused.bytes.drain(..refused.written);
            refused.written = 0;
        }
        self.refused = Some(refused);
    }

    fn append_pieces(&self, turn: &Turn, out: &mut Vec<u8>) {
        for piece in turn.pieces.from(self.pieces.map(|(first, _)| first)) {
            out.extend_from_slice(turn.bytes_of(piece));
        }
    }

    fn forget_pieces(&mut self) {
        self.pieces = None;
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
    struct Course {
        events: Vec<usize>,
        /// How many bytes the socket takes; `None`: it is known to be full and is not asked.
        taken: Option<usize>,
    }

    fn course() -> impl Strategy<Value = Course> {
        (vec(0_usize..20, 0..5), proptest::option::of(0_usize..60)).prop_map(|(events, taken)| Course { events, taken })
    }

    proptest! {
        /// Whatever sockets take and when: all bytes arrive once and in order, and as many wait as have not arrived.
        #[test]
        fn bytes_arrive_once_and_in_order(turns in vec(course(), 0..30), others in vec(0_usize..3, 30)) {
            let (mut outgoing, mut scratch) = (Outgoing::default(), Vec::new());
            let (mut meant, mut arrived): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
            for (Course { events, taken }, other) in turns.iter().zip(others) {
                let mut buffer = Turn::default();
                let mut another = Outgoing::default();
                for length in events {
                    // What is for another connection only stands between two ranges, and between two pieces.
                    let start = buffer.shared.len();
                    buffer.shared.extend(std::iter::repeat_n(b'-', other));
                    another.push(Source::Shared, start..buffer.shared.len(), &mut buffer.pieces);
                    let source = if length % 3 == 0 { Source::Answers } else { Source::Shared };
                    let out = if source == Source::Answers { &mut buffer.answers } else { &mut buffer.shared };
                    let start = out.len();
                    for _ in 0..*length {
                        let byte = u8::try_from(meant.len() % 251).unwrap_or_default();
                        out.push(byte);
                        meant.push(byte);
                    }
                    outgoing.push(source, start..out.len(), &mut buffer.pieces);
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
        let mut turn = Turn { shared: b"one two three".to_vec(), ..Turn::default() };
        outgoing.push(Source::Shared, 0..4, &mut turn.pieces);
        outgoing.push(Source::Shared, 4..8, &mut turn.pieces);
        outgoing.push(Source::Shared, 8..13, &mut turn.pieces);
        let wrote: Result<(), ()> = outgoing.write(&turn, &mut scratch, |piece| {
            assert_eq!(piece, b"one two three");
            Ok(5)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!(outgoing.bytes(), 8);
        outgoing.push(Source::Shared, 0..1, &mut turn.pieces);
        outgoing.push(Source::Shared, 4..5, &mut turn.pieces);
        let wrote: Result<(), ()> = outgoing.write(&turn, &mut scratch, |piece| {
            assert_eq!(piece, b"wo threeot");
            Ok(2)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!(outgoing.bytes(), 8);
        let wrote: Result<(), ()> = outgoing.write(&Turn::default(), &mut scratch, |piece| {
            assert_eq!(piece, b" threeot");
            Ok(8)
        });
        assert_eq!(wrote, Ok(()));
        assert_eq!((outgoing.bytes(), outgoing.is_blocked()), (0, false));
    }
}
