//! What must hold for everything that is written to anybody.

/// The most bytes of a line that a server may send, tags left out, CR LF included (RFC 1459, section 2.3).
const BODY_BYTES_MAX: usize = 512;
/// The most bytes of its tags, `@` and the space included (IRCv3 message-tags, "Size limit").
const TAGS_BYTES_MAX: usize = 8191;

/// Checks one line to an IRC client, with its CR LF.
pub(super) fn check_irc_line(line: &[u8]) {
    let shown = String::from_utf8_lossy(line);
    let inside = line.strip_suffix(b"\r\n").unwrap_or_else(|| panic!("a line does not end in CR LF: {shown:?}"));
    assert!(!inside.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')), "a line holds NUL, CR or LF: {shown:?}");
    assert!(std::str::from_utf8(inside).is_ok(), "a line is not UTF-8: {shown:?}");
    let tags_bytes = match line.first() {
        Some(b'@') => line.iter().position(|byte| *byte == b' ').map_or(line.len(), |space| space + 1),
        _ => 0,
    };
    assert!(tags_bytes <= TAGS_BYTES_MAX, "{tags_bytes} bytes of tags: {shown:?}");
    assert!(line.len() - tags_bytes <= BODY_BYTES_MAX, "{} bytes without tags: {shown:?}", line.len() - tags_bytes);
    assert!(irc::message::Message::parse(inside).is_ok(), "a line cannot be read: {shown:?}");
}

/// Checks what a plain client is sent: whole characters, and nothing that drives a terminal.
pub(super) fn check_plain_text(sent: &[u8]) {
    let shown = String::from_utf8_lossy(sent);
    let text = std::str::from_utf8(sent).unwrap_or_else(|_| panic!("not UTF-8: {shown:?}"));
    let bad = text.chars().find(|character| character.is_control() && !matches!(character, '\n' | '\r'));
    assert_eq!(bad, None, "a control character reaches a terminal: {shown:?}");
}
