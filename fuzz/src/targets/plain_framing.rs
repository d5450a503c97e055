//! The plain framing: bounded memory, nothing lost in line mode however the bytes are cut, an answer to every wait.

use std::time::Duration;

use plain::{Framing, Mode, Prefix, READ_WAIT, UNIT_BYTES_MAX, Unit, decode, messages_in, without_controls};

use super::choices::Choices;
use super::written::check_plain_text;

/// Telnet, line ends, characters to cut in the middle.
pub const WORDS: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\xff\xfd\x03",
    b"\xff\xfb\x18",
    b"\xff\xfa\x18\x01\xff\xf0",
    b"\xff\xff",
    b"\xff",
    b"\xff\xf4",
    "è".as_bytes(),
    "€".as_bytes(),
    "😀".as_bytes(),
    b"\xf0\x9f",
    b"\xe9",
    b"Anna",
    b"Anna: ciao\nAnna: due",
    b"\x1b[31m",
    b"\x1b]0;t\x07",
    b"\x0304,12",
    &[b'x'; 1024],
];

/// Reads: a byte that says how long the read is and whether time passes before the next, then its bytes.
pub fn plain_framing(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut framing = Framing::default();
    let mut now = Duration::ZERO;
    // What may still come out: Windows-1252 has characters of three bytes.
    let mut room_bytes = 0;
    while !choices.is_empty() {
        let how = choices.byte();
        let read: Vec<u8> = match how & 0x3f {
            // The originals' buffer is 1024 bytes: what fills it waits for more.
            63 => choices.bytes(8).iter().copied().cycle().take(1024).collect(),
            62 => choices.bytes(4).iter().copied().cycle().take(UNIT_BYTES_MAX).collect(),
            count => choices.bytes(usize::from(count) + 1).to_vec(),
        };
        framing.push(&read, now);
        room_bytes += 3 * read.len();
        take_all(&mut framing, &mut room_bytes);
        if how & 0x40 != 0 {
            let until = now + READ_WAIT;
            if let Some(at) = framing.timeout() {
                assert!(at <= until, "a wait that is longer than it may be");
            }
            now = until;
            framing.wake(now);
            take_all(&mut framing, &mut room_bytes);
            assert_eq!(framing.timeout(), None, "woken, and still waiting");
        }
    }
    let mode = framing.mode();
    framing.finish();
    take_all(&mut framing, &mut room_bytes);
    assert_eq!(framing.timeout(), None);
    if let Mode::Line { .. } = mode {
        lines_do_not_depend_on_cuts(data);
    }
    let text = decode(data);
    check_plain_text(without_controls(&text).as_bytes());
    for prefix in [Prefix::Server, Prefix::Client] {
        assert!(messages_in(&text, prefix, "Anna").iter().all(|message| !message.is_empty()), "an empty message");
    }
}

fn take_all(framing: &mut Framing, room_bytes: &mut usize) {
    while let Some(unit) = framing.next_unit() {
        let Unit::Text(text) = unit else { continue };
        assert!(text.len() <= 3 * UNIT_BYTES_MAX, "a unit of {} bytes", text.len());
        assert!(text.len() <= *room_bytes, "more came out than went in");
        *room_bytes -= text.len();
    }
}

/// In line mode, which the first line decides, the lines are the same whether the bytes come at once or one by one.
fn lines_do_not_depend_on_cuts(data: &[u8]) {
    let stream = [b"Anna\n", data].concat();
    let lines = |piece_bytes: usize| {
        let mut framing = Framing::default();
        // The line that decides must not be cut: until then a read is a unit.
        framing.push(&stream[..5], Duration::ZERO);
        let mut lines = Vec::new();
        for piece in stream[5..].chunks(piece_bytes) {
            framing.push(piece, Duration::ZERO);
            lines.extend(std::iter::from_fn(|| framing.next_unit()));
        }
        framing.finish();
        lines.extend(std::iter::from_fn(|| framing.next_unit()));
        lines
    };
    assert_eq!(lines(1), lines(stream.len()), "single bytes give other lines");
}
