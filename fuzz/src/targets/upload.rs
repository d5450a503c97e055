//! What strangers send to the file host: headers, names, and pictures that are none. What is shown of a file's name never leads
//! out of a directory or into another header, and what is drawn anew is a picture again.

use uploads::headers::{Part, SHOWN_NAME_BYTES_MAX, authorization, disposition, file_name, range};
use uploads::{Kind, StoredName, picture};

/// What headers and pictures are made of.
pub const WORDS: &[&[u8]] = &[
    b"attachment; filename=\"",
    b"inline; filename*=UTF-8''",
    b"%c3%a9",
    b"../",
    b"\\",
    b"\"; ",
    b"Basic ",
    b"YW5uYTpzZXNhbWU=",
    b"Bearer ",
    b"bytes=",
    b"0-",
    b"-18446744073709551615",
    b"\xff\xd8\xff\xe1\0\x16Exif\0\0II*\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"GIF89a",
    b"!\xff\x0bNETSCAPE2.0",
    b"RIFF",
    b"WEBPVP8X",
    b"ANMF",
    b"EXIF",
    b"<svg",
];

/// Pixels that a picture of the fuzzer may have: enough for a few frames, and little memory.
const PIXELS_MAX: u64 = 4096;

/// The input is a header, and a file.
pub fn upload(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        headers(text);
    }
    let Ok(kind) = Kind::of(data) else { return };
    assert_eq!(Kind::from_ending(kind.ending()), Some(kind));
    if let Ok(cleaned) = picture::clean(data, kind, PIXELS_MAX) {
        assert_eq!(Kind::of(&cleaned.bytes), Ok(cleaned.kind), "what is drawn anew is what it says");
        let again = picture::clean(&cleaned.bytes, cleaned.kind, PIXELS_MAX);
        assert!(again.is_ok_and(|again| again.pixels == cleaned.pixels), "it is a picture");
    }
}

fn headers(text: &str) {
    let name = file_name(text);
    assert!(name.len() <= SHOWN_NAME_BYTES_MAX && !name.contains(['/', '\\', '\0', '\r', '\n', '"']));
    assert_eq!(file_name(&disposition(true, &name)), name, "a name goes out as it came in");
    assert!(disposition(false, &name).bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
    let _ = authorization(text);
    for length in [0, 1, 10, u64::MAX] {
        if let Part::Bytes { first, last } = range(text, length) {
            assert!(first <= last && last < length);
        }
    }
    if let Some(stored) = StoredName::parse(text) {
        assert_eq!(stored.to_string(), text);
    }
}
