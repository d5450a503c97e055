//! The line parser: the same lines however the bytes are cut, within the limits, in bounded memory.

use irc::line::{Framed, LineBuffer, LineLimits};

/// Line ends, tag sections, and lines about as long as they may be.
pub const WORDS: &[&[u8]] =
    &[b"\r\n", b"\n", b"\r", b"@", b"@a=b ", b" ", b"PING x\r\n", &[b'x'; 510], &[b'@'; 511], &[b't'; 2047], &[0, 255]];

/// The most heap a buffer may have: the longest line there can be.
const HEAP_BYTES_MAX: usize = 4096 + 512;

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Line(Vec<u8>),
    TooLong(Vec<u8>),
}

/// The first byte says how the rest is cut: into pieces of so many bytes.
pub fn line(data: &[u8]) {
    let Some((&cut, stream)) = data.split_first() else { return };
    for limits in [LineLimits::FROM_CLIENT, LineLimits::FROM_SERVER] {
        let whole = lines_of(stream, stream.len().max(1), limits);
        assert_eq!(lines_of(stream, usize::from(cut) + 1, limits), whole, "the cuts between reads change the lines");
        assert_eq!(lines_of(stream, 1, limits), whole, "single bytes give other lines");
    }
}

fn lines_of(stream: &[u8], piece_bytes: usize, limits: LineLimits) -> Vec<Seen> {
    let mut buffer = LineBuffer::new(limits);
    let mut seen = Vec::new();
    for mut piece in stream.chunks(piece_bytes) {
        while let Some(framed) = buffer.next(&mut piece) {
            seen.push(match framed {
                Framed::Line(line) => {
                    assert!(!line.is_empty(), "an empty line came through");
                    assert!(!line.contains(&b'\r') && !line.contains(&b'\n'), "a line end came through");
                    assert!(limits.allow(line), "a line over the limits came through");
                    Seen::Line(line.to_vec())
                }
                Framed::TooLong { tags } => {
                    assert!(tags.len() + 2 <= usize::from(limits.tags_bytes_max), "tags over the limit came through");
                    Seen::TooLong(tags.to_vec())
                }
            });
        }
        assert!(piece.is_empty(), "there is no line left, and yet not everything was taken");
        if limits == LineLimits::FROM_CLIENT {
            assert!(buffer.heap_bytes() <= HEAP_BYTES_MAX, "{} bytes of heap", buffer.heap_bytes());
        }
    }
    seen
}
