//! The message parser and the writer: what was read and is written again reads the same.

use irc::message::{COMMAND_BYTES_MAX, Message, PARAMS_MAX, ParseError};
use irc::tags::is_valid_key;
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter, is_middle, word_or_star};

/// Parts of messages.
pub const WORDS: &[&[u8]] = &[
    b"@",
    b"@label=",
    b";+draft/reply=",
    b" :",
    b":",
    b"  ",
    b" ",
    b"PRIVMSG ",
    b"#tea",
    b"alice!a@host",
    b"\\:",
    b"\\",
    b"\xc3\xa8",
    b"\xf0\x9f\x8d\xb5",
    b"\xff",
    b"\0",
    b"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ",
];

/// The input is one line without its end.
pub fn message(data: &[u8]) {
    match Message::parse(data) {
        Ok(message) => {
            check_parts(&message);
            write_and_read_again(&message);
        }
        Err(ParseError::ForbiddenByte { label }) => {
            assert!(label.is_none_or(|label| !label.contains('\0')), "a label that cannot be given back");
            assert!(data.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')), "no forbidden byte is in the line");
        }
        Err(ParseError::InvalidUtf8 { .. }) => {
            assert!(std::str::from_utf8(data).is_err(), "valid UTF-8 was taken for invalid");
        }
        Err(ParseError::Empty | ParseError::BadCommand { .. }) => {}
    }
}

fn check_parts(message: &Message<'_>) {
    assert!(message.params.len() <= PARAMS_MAX);
    let middle = message.params.len().saturating_sub(1);
    for param in message.params.iter().take(middle) {
        assert!(is_middle(param), "a parameter that is not the last is no single word: {param:?}");
    }
    let mut buffer = [0; COMMAND_BYTES_MAX];
    if let Some(upper) = message.command_upper(&mut buffer) {
        assert!(message.is_command(upper));
    } else {
        assert!(message.command.len() > COMMAND_BYTES_MAX);
    }
}

fn write_and_read_again(message: &Message<'_>) {
    let mut out = Vec::new();
    let mut line = LineWriter::new(&mut out);
    // The writer is only ever given keys that were checked.
    for tag in message.tags.iter().filter(|tag| is_valid_key(tag.key)) {
        line = line.tag_as_sent(tag);
    }
    let source = message.source.map_or("", word_or_star);
    if !source.is_empty() {
        line = line.source(source);
    }
    line = line.command(message.command);
    let params = message.params.as_slice();
    if let Some((last, middle)) = params.split_last() {
        for param in middle {
            line = line.param(param);
        }
        line = line.last(last);
    }
    let body_bytes = line.body_bytes();
    line.end_cut();
    let written = out.strip_suffix(b"\r\n").unwrap_or_else(|| panic!("a written line has no CR LF"));
    let again = Message::parse(written).unwrap_or_else(|error| panic!("what was written cannot be read: {error}"));
    if body_bytes <= BODY_CONTENT_BYTES_MAX {
        assert_eq!(again.command, message.command);
        assert_eq!(again.params, message.params);
        let kept = message.tags.iter().filter(|tag| is_valid_key(tag.key));
        assert!(again.tags.iter().eq(kept), "the tags are others now");
    }
}
