//! Bytes to lines: where a line ends, and how long it may be.
//!
//! Spec: Modern IRC, "Message format" (512 bytes); IRCv3 message-tags, "Size limit" (4096 bytes of client tags).

/// A line of more bytes than this is no mistake any more: whoever sends it is not listened to any longer.
pub const ENDLESS_BYTES: u16 = 16 * 1024;

/// How many bytes of one line are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineLimits {
    /// Bytes of the tag section, with the `@` before it and the space after it.
    pub tags_bytes_max: u16,
    /// Bytes of the rest, with the CR LF after it. A line that ends with LF alone has no byte more.
    pub body_bytes_max: u16,
}

impl LineLimits {
    /// What a server takes from a client: 4094 bytes of tags with `@` and the space around them (IRCv3 message-tags,
    /// "Size limit"), 510 bytes of message with CR LF after them (RFC 1459, section 2.3).
    pub const FROM_CLIENT: Self = Self { tags_bytes_max: 4096, body_bytes_max: 512 };

    /// What a client takes from a server: the server's own tags come on top of the client's (IRCv3 message-tags, "Size limit").
    pub const FROM_SERVER: Self = Self { tags_bytes_max: 8191, body_bytes_max: 512 };

    /// Whether a whole line, without its CR LF, is within the limits. For doors where something else frames the lines (WebSocket).
    pub fn allow(self, line: &[u8]) -> bool {
        let tags_bytes = tags_bytes(line, 0);
        self.allow_measured(line.len(), tags_bytes)
    }

    /// Returns the tag section of a line that is too long, when that is whole and not too long itself.
    fn tags_of(self, line: &[u8]) -> &[u8] {
        match tags_bytes(line, 0) {
            TagsBytes::Finished(bytes) if bytes <= self.tags_bytes_max => within_tags(&line[..bytes.into()]),
            TagsBytes::None | TagsBytes::Unfinished | TagsBytes::Finished(_) => &[],
        }
    }

    /// Judges a line, or the beginning of one: who has begun too long does not end short enough.
    fn allow_measured(self, line_bytes: usize, tags: TagsBytes) -> bool {
        let body_content_max = usize::from(self.body_bytes_max) - 2;
        let tags_bytes_max = usize::from(self.tags_bytes_max);
        match tags {
            TagsBytes::None => line_bytes <= body_content_max,
            // The space is still to come, and counts.
            TagsBytes::Unfinished => line_bytes < tags_bytes_max,
            TagsBytes::Finished(bytes) => {
                usize::from(bytes) <= tags_bytes_max && line_bytes - usize::from(bytes) <= body_content_max
            }
        }
    }

    /// The longest line that can pass, which is also the most memory a [`LineBuffer`] asks for.
    fn line_bytes_max(self) -> usize {
        usize::from(self.tags_bytes_max) + usize::from(self.body_bytes_max)
    }
}

/// How much of a line is its tag section, `@` and the space included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TagsBytes {
    /// The line does not begin with `@`.
    None,
    /// It does, and no space has been seen yet.
    Unfinished,
    Finished(u16),
}

/// Takes `@` and the space off a tag section; of nothing, nothing.
fn within_tags(section: &[u8]) -> &[u8] {
    section.split_first().and_then(|(_, rest)| rest.split_last()).map_or(&[], |(_, tags)| tags)
}

/// Measures the tag section of `line`, of which the first `seen` bytes are known not to end it.
fn tags_bytes(line: &[u8], seen: usize) -> TagsBytes {
    if line.first() != Some(&b'@') {
        return TagsBytes::None;
    }
    match memchr::memchr(b' ', &line[seen..]) {
        // A section longer than u16 is longer than every limit too: saturating keeps it so.
        Some(space) => TagsBytes::Finished(u16::try_from(seen + space + 1).unwrap_or(u16::MAX)),
        None => TagsBytes::Unfinished,
    }
}

/// What the bytes gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed<'a> {
    /// One line, not empty, without CR and LF.
    Line(&'a [u8]),
    /// A line was over the limits. Said once per such line; the line is skipped to its end.
    TooLong {
        /// Its tag section, without `@` and the space behind it, when that alone was within its limit; else empty.
        tags: &'a [u8],
    },
}

/// Cuts a stream of bytes into lines.
///
/// CR, LF and CR LF all end a line (RFC 1459, section 8, asks for that tolerance), and empty lines are skipped. A line that lies
/// whole in the input is lent from there; only one that arrives in pieces is gathered here, so an idle connection holds no heap.
#[derive(Debug)]
pub struct LineBuffer {
    /// The pieces so far of the line that has not ended, or the line that was lent last.
    partial: Vec<u8>,
    tags: TagsBytes,
    limits: LineLimits,
    state: State,
    /// Bytes so far of the last line that was too long.
    too_long_bytes: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// `partial` waits for the rest of its line.
    Gathering,
    /// `partial` was lent to the caller, as a whole line or as the tags of one that was too long, and is free again.
    Lent,
    /// The line was too long; what still comes of it is skipped. `partial` is free.
    Skipping,
}

impl Default for LineBuffer {
    fn default() -> Self {
        Self::new(LineLimits::FROM_CLIENT)
    }
}

impl LineBuffer {
    /// Creates a buffer that holds nothing yet.
    pub const fn new(limits: LineLimits) -> Self {
        Self { partial: Vec::new(), tags: TagsBytes::None, limits, state: State::Gathering, too_long_bytes: 0 }
    }

    /// Takes the next line from the front of `input`, or keeps what there is of it and returns `None`.
    ///
    /// The caller may stop between two lines and come back with the same `input` later: it is advanced only over what was taken.
    /// After `None` the input is empty.
    pub fn next<'line, 'input: 'line>(&'line mut self, input: &mut &'input [u8]) -> Option<Framed<'line>> {
        match self.state {
            State::Gathering => {}
            State::Lent => {
                self.partial.clear();
                self.state = State::Gathering;
            }
            State::Skipping => self.partial = Vec::new(),
        }
        loop {
            let Some(end) = memchr::memchr2(b'\r', b'\n', input) else {
                let piece = std::mem::take(input);
                return if self.keep(piece) { None } else { Some(Framed::TooLong { tags: self.kept_tags() }) };
            };
            let piece = &input[..end];
            *input = &input[end + 1..];
            if self.state == State::Skipping {
                self.count_too_long(usize::from(self.too_long_bytes) + piece.len());
                self.state = State::Gathering;
                continue;
            }
            if self.partial.is_empty() {
                if piece.is_empty() {
                    continue;
                }
                if self.limits.allow(piece) {
                    return Some(Framed::Line(piece));
                }
                self.count_too_long(piece.len());
                return Some(Framed::TooLong { tags: self.limits.tags_of(piece) });
            }
            let fits = self.gather(piece);
            self.state = State::Lent;
            return Some(if fits { Framed::Line(&self.partial) } else { Framed::TooLong { tags: self.kept_tags() } });
        }
    }

    /// Keeps the beginning of a line. Returns false when the line is found to be too long just now.
    fn keep(&mut self, piece: &[u8]) -> bool {
        if self.state == State::Skipping {
            self.count_too_long(usize::from(self.too_long_bytes) + piece.len());
            return true;
        }
        if piece.is_empty() {
            if self.partial.is_empty() {
                // Idle again: give the memory back, or ten thousand idle connections would keep it.
                self.partial = Vec::new();
            }
            return true;
        }
        let fits = self.gather(piece);
        if !fits {
            self.state = State::Skipping;
        }
        fits
    }

    /// Appends a piece of a line, unless the line is over the limits with it; then it forgets the line but for its tags, and
    /// returns false.
    fn gather(&mut self, piece: &[u8]) -> bool {
        let line_bytes = self.partial.len() + piece.len();
        let tags = match (self.partial.is_empty(), self.tags) {
            (true, _) => tags_bytes(piece, 0),
            (false, TagsBytes::Unfinished) => match memchr::memchr(b' ', piece) {
                Some(space) => TagsBytes::Finished(u16::try_from(self.partial.len() + space + 1).unwrap_or(u16::MAX)),
                None => TagsBytes::Unfinished,
            },
            (false, known) => known,
        };
        if !self.limits.allow_measured(line_bytes, tags) {
            self.keep_tags(piece, tags);
            self.count_too_long(line_bytes);
            return false;
        }
        self.tags = tags;
        self.reserve(line_bytes);
        self.partial.extend_from_slice(piece);
        true
    }

    /// Keeps nothing of a line that this piece has made too long but its tags, if they are whole and not too long themselves.
    fn keep_tags(&mut self, piece: &[u8], tags: TagsBytes) {
        match tags {
            TagsBytes::Finished(bytes) if bytes <= self.limits.tags_bytes_max => {
                let missing = usize::from(bytes).saturating_sub(self.partial.len());
                self.reserve(usize::from(bytes));
                self.partial.extend_from_slice(&piece[..missing]);
                self.partial.truncate(bytes.into());
            }
            TagsBytes::None | TagsBytes::Unfinished | TagsBytes::Finished(_) => self.partial = Vec::new(),
        }
    }

    /// Returns what [`Self::keep_tags`] has kept.
    fn kept_tags(&self) -> &[u8] {
        within_tags(&self.partial)
    }

    /// Notes how long a line that is too long has become. Once that is endless it stays so.
    fn count_too_long(&mut self, line_bytes: usize) {
        if !self.is_endless() {
            self.too_long_bytes = u16::try_from(line_bytes).unwrap_or(u16::MAX);
        }
    }

    /// Whether a line had more than [`ENDLESS_BYTES`].
    pub fn is_endless(&self) -> bool {
        self.too_long_bytes > ENDLESS_BYTES
    }

    /// Grows by doubling, but never past the longest line there can be.
    fn reserve(&mut self, line_bytes: usize) {
        if self.partial.capacity() < line_bytes {
            let doubled = (self.partial.capacity() * 2).clamp(64, self.limits.line_bytes_max());
            self.partial.reserve_exact(doubled.max(line_bytes) - self.partial.len());
        }
    }

    /// Whether nothing of an unfinished line is held or being skipped.
    pub fn is_empty(&self) -> bool {
        match self.state {
            State::Gathering => self.partial.is_empty(),
            State::Lent => true,
            State::Skipping => false,
        }
    }

    /// Bytes of heap in use, for the accounting of a connection's memory.
    pub fn heap_bytes(&self) -> usize {
        self.partial.capacity()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A `Framed` that outlives its buffer.
    #[derive(Debug, PartialEq, Eq)]
    enum Owned {
        Line(Vec<u8>),
        TooLong(Vec<u8>),
    }

    fn line(bytes: impl AsRef<[u8]>) -> Owned {
        Owned::Line(bytes.as_ref().to_vec())
    }

    fn feed(buffer: &mut LineBuffer, mut input: &[u8]) -> Vec<Owned> {
        let mut lines = Vec::new();
        while let Some(framed) = buffer.next(&mut input) {
            lines.push(match framed {
                Framed::Line(line) => Owned::Line(line.to_vec()),
                Framed::TooLong { tags } => Owned::TooLong(tags.to_vec()),
            });
        }
        assert!(input.is_empty(), "everything is taken once there is no line left");
        lines
    }

    fn feed_bytewise(bytes: &[u8]) -> Vec<Owned> {
        let mut buffer = LineBuffer::default();
        bytes.iter().flat_map(|byte| feed(&mut buffer, &[*byte])).collect()
    }

    #[test]
    fn every_kind_of_line_end() {
        let lines = feed(&mut LineBuffer::default(), b"A\r\nB\nC\rD\r\n\r\n\n\nE\r\n");
        assert_eq!(lines, ["A", "B", "C", "D", "E"].map(line));
    }

    #[test]
    fn a_line_in_pieces() {
        let mut buffer = LineBuffer::default();
        assert_eq!(feed(&mut buffer, b"NICK al"), []);
        assert!(!buffer.is_empty());
        assert_eq!(feed(&mut buffer, b"ice\r"), [line("NICK alice")]);
        assert_eq!(feed(&mut buffer, b"\nQUIT\n"), [line("QUIT")]);
        assert!(buffer.is_empty());
        assert_eq!(buffer.heap_bytes(), 0, "an idle buffer gives its memory back");
    }

    #[test]
    fn whole_lines_need_no_memory() {
        let mut buffer = LineBuffer::default();
        feed(&mut buffer, b"A\r\nB\r\n");
        assert_eq!(buffer.heap_bytes(), 0);
    }

    #[test]
    fn the_caller_may_pause_between_lines() {
        let mut buffer = LineBuffer::default();
        let mut input: &[u8] = b"A\r\nB\r\n";
        assert_eq!(buffer.next(&mut input), Some(Framed::Line(b"A")));
        assert_eq!(input, b"\nB\r\n");
        assert_eq!(buffer.next(&mut input), Some(Framed::Line(b"B")));
        assert_eq!(buffer.next(&mut input), None);
    }

    #[test]
    fn the_body_may_have_510_bytes() {
        for (length, fits) in [(510, true), (511, false), (5000, false), (100_000, false)] {
            let body = vec![b'x'; length];
            for end in ["\r\n", "\n"] {
                let bytes = [&body, end.as_bytes(), b"NEXT\r\n"].concat();
                let first = if fits { line(&body) } else { Owned::TooLong(Vec::new()) };
                let expected = [first, line("NEXT")];
                assert_eq!(feed(&mut LineBuffer::default(), &bytes), expected, "{length} bytes at once");
                assert_eq!(feed_bytewise(&bytes), expected, "{length} bytes one by one");
            }
        }
    }

    #[test]
    fn the_tags_may_have_4094_bytes() {
        for (tags, body, fits) in
            [(4094, 510, true), (4095, 1, false), (4094, 511, false), (0, 510, true), (0, 511, false)]
        {
            let bytes = ["@", &"t".repeat(tags), " ", &"b".repeat(body), "\r\nNEXT\r\n"].concat();
            let sent = &bytes.as_bytes()[..1 + tags + 1 + body];
            // The tags of a line whose text is too long are still told.
            let told = if tags > 4094 { 0 } else { tags };
            let expected = [if fits { line(sent) } else { Owned::TooLong(vec![b't'; told]) }, line("NEXT")];
            assert_eq!(feed(&mut LineBuffer::default(), bytes.as_bytes()), expected, "{tags} and {body} at once");
            assert_eq!(feed_bytewise(bytes.as_bytes()), expected, "{tags} and {body} one by one");
        }
    }

    #[test]
    fn tags_without_an_end_are_too_long_alone() {
        let mut buffer = LineBuffer::default();
        assert_eq!(feed(&mut buffer, &[b"@".as_slice(), &[b't'; 4094]].concat()), []);
        assert_eq!(feed(&mut buffer, b"t"), [Owned::TooLong(Vec::new())]);
        assert_eq!(feed(&mut buffer, b" PING\r\nPING\r\n"), [line("PING")]);
    }

    #[test]
    fn a_line_is_endless_from_one_byte_too_many_on() {
        for (length, endless) in [(9000, false), (ENDLESS_BYTES, false), (ENDLESS_BYTES + 1, true), (60_000, true)] {
            for chunk in [1, 7, 4096, 70_000] {
                let mut buffer = LineBuffer::default();
                let bytes = [&vec![b'x'; usize::from(length)], b"\r\nNEXT\r\nNEXT".as_slice()].concat();
                for piece in bytes.chunks(chunk) {
                    feed(&mut buffer, piece);
                }
                assert_eq!(buffer.is_endless(), endless, "{length} bytes, {chunk} at once");
            }
        }
    }

    #[test]
    fn many_lines_that_are_too_long_are_not_one_that_is_endless() {
        let mut buffer = LineBuffer::default();
        for _ in 0..100 {
            feed(&mut buffer, &[&[b'x'; 3000], b"\r\n".as_slice()].concat());
            feed(&mut buffer, &[b'x'; 3000]);
            feed(&mut buffer, b"\r\n");
        }
        assert!(!buffer.is_endless());
    }

    #[test]
    fn memory_never_passes_the_limit() {
        let mut buffer = LineBuffer::default();
        let mut heap_bytes_max = 0;
        let bytes = ["@", &"t".repeat(4094), " ", &"b".repeat(510)].concat();
        for piece in bytes.as_bytes().chunks(7).chain([[b'x'; 9000].as_slice()]) {
            feed(&mut buffer, piece);
            heap_bytes_max = heap_bytes_max.max(buffer.heap_bytes());
        }
        assert!((4606..=4096 + 512).contains(&heap_bytes_max), "{heap_bytes_max}");
        feed(&mut buffer, b"x");
        assert_eq!(buffer.heap_bytes(), 0, "nothing of a line that is skipped is kept");
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => proptest::collection::vec(any::<u8>(), 0..20),
            4 => Just(b"\r\n".to_vec()),
            2 => Just(b"\n".to_vec()),
            2 => Just(b"@a=b ".to_vec()),
            1 => (500_usize..520).prop_map(|length| vec![b'x'; length]),
            1 => (4080_usize..4100).prop_map(|length| [b"\n@".as_slice(), &vec![b't'; length], b" "].concat()),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(bytes in stream(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let whole = feed(&mut LineBuffer::default(), &bytes);
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let mut buffer = LineBuffer::default();
            let mut split = Vec::new();
            for pair in places.windows(2) {
                split.extend(feed(&mut buffer, &bytes[pair[0]..pair[1]]));
                prop_assert!(buffer.heap_bytes() <= 4096 + 512);
            }
            // An unfinished line may be found too long only when more of it has come; a line end settles it.
            prop_assert_eq!(split, whole);
        }

        #[test]
        fn a_line_has_no_line_end_in_it(bytes in stream()) {
            for framed in feed(&mut LineBuffer::default(), &bytes) {
                if let Owned::Line(line) = framed {
                    prop_assert!(!line.is_empty() && !line.contains(&b'\r') && !line.contains(&b'\n'));
                    prop_assert!(LineLimits::FROM_CLIENT.allow(&line));
                }
            }
        }
    }
}
