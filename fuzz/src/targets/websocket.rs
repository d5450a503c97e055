//! What comes by WebSocket: any cuts give the same lines and answers; memory is bounded; once over, over.

use transport::websocket::{Frames, MESSAGE_BYTES_MAX, Unframed};

/// Beginnings of frames, and what is in them.
pub const WORDS: &[&[u8]] = &[
    b"\x81\x84\0\0\0\0NICK",
    b"\x82\x84\0\0\0\0NICK",
    b"\x01\x82\0\0\0\0PI",
    b"\x00\x81\0\0\0\0N",
    b"\x80\x81\0\0\0\0G",
    b"\x89\x81\0\0\0\0p",
    b"\x8a\x80\0\0\0\0",
    b"\x88\x80\0\0\0\0",
    b"\x88\x82\0\0\0\0\x03\xe8",
    b"\x81\xfe\x00\x7e\0\0\0\0",
    b"\x81\xff\0\0\0\0\0\0\x40\0\0\0\0\0",
    b"\x81\x04NICK",
    b"\xc1\x80\0\0\0\0",
    b"\x81\x82\0\0\0\0\r\n",
    b"\x81\x81\0\0\0\0\xff",
];

/// The first byte says how the rest, which is what a client sends, is cut.
pub fn websocket(data: &[u8]) {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = Frames::new().receive(stream);
    let (mut frames, mut together) = (Frames::new(), Unframed::default());
    for piece in stream.chunks(usize::from(*cut).max(1)) {
        let was_over = frames.is_over();
        let unframed = frames.receive(piece);
        assert!(!was_over || unframed == Unframed::default(), "it is over, and yet something counts");
        together.lines.extend(unframed.lines);
        together.reply.extend(unframed.reply);
        together.is_over |= unframed.is_over;
    }
    assert_eq!(together, whole, "cut differently");
    // Each byte of a line, and each answer, is of the client's making.
    assert!(whole.lines.len() <= stream.len());
    assert!(
        whole.lines.split(|byte| *byte == b'\n').all(|line| line.len() <= MESSAGE_BYTES_MAX && !line.contains(&b'\r'))
    );
}
