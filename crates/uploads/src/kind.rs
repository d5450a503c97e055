//! What a file is, told from its bytes. What its sender calls it does not count.

/// Bytes at the beginning of a file that tell what it is.
pub const HEAD_BYTES: usize = 8 * 1024;

/// What a file is, as far as it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A picture.
    Jpeg,
    /// A picture.
    Png,
    /// A picture, moving perhaps.
    Gif,
    /// A picture, moving perhaps.
    Webp,
    /// A film, or sound.
    Mp4,
    /// A film.
    Webm,
    /// Sound, or a film.
    Ogg,
    /// Sound.
    Mp3,
    /// Sound.
    M4a,
    /// Sound.
    Flac,
    /// Sound.
    Wav,
    /// Text without markup, in UTF-8.
    Text,
    /// Anything else: to be saved, never to be shown.
    Other,
}

/// A picture in a form that nothing can be taken out of here: it may tell where it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPicture;

impl Kind {
    /// One of each.
    pub const ALL: [Self; 13] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::Webp,
        Self::Mp4,
        Self::Webm,
        Self::Ogg,
        Self::Mp3,
        Self::M4a,
        Self::Flac,
        Self::Wav,
        Self::Text,
        Self::Other,
    ];

    /// Tells what a file is that begins with these bytes: the first [`HEAD_BYTES`], or all.
    ///
    /// # Errors
    /// [`UnknownPicture`].
    pub fn of(head: &[u8]) -> Result<Self, UnknownPicture> {
        let Some(found) = infer::get(head) else {
            return Ok(if is_plain_text(head) { Self::Text } else { Self::Other });
        };
        Ok(match found.mime_type() {
            "image/jpeg" => Self::Jpeg,
            "image/png" => Self::Png,
            "image/gif" => Self::Gif,
            "image/webp" => Self::Webp,
            "video/mp4" | "video/x-m4v" => Self::Mp4,
            "video/webm" => Self::Webm,
            "audio/ogg" | "audio/opus" => Self::Ogg,
            "audio/mpeg" => Self::Mp3,
            "audio/m4a" => Self::M4a,
            "audio/x-flac" => Self::Flac,
            "audio/x-wav" => Self::Wav,
            // What a photograph can be in: these carry EXIF, and nothing here reads them.
            "image/heif"
            | "image/avif"
            | "image/jxl"
            | "image/tiff"
            | "image/jp2"
            | "image/vnd.ms-photo"
            | "image/x-canon-cr2"
            | "image/vnd.adobe.photoshop" => return Err(UnknownPicture),
            _ => Self::Other,
        })
    }

    /// Returns the kind with this ending.
    pub fn from_ending(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.ending() == ending)
    }

    /// Returns the ending of its name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
            Self::Ogg => "ogg",
            Self::Mp3 => "mp3",
            Self::M4a => "m4a",
            Self::Flac => "flac",
            Self::Wav => "wav",
            Self::Text => "txt",
            Self::Other => "bin",
        }
    }

    /// Returns what browsers are told that it is.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
            Self::Ogg => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::M4a => "audio/mp4",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
            Self::Text => "text/plain; charset=utf-8",
            Self::Other => "application/octet-stream",
        }
    }

    /// Tells whether browsers may show it; everything else they save.
    pub fn is_shown(self) -> bool {
        self != Self::Other
    }

    /// Tells whether it is a picture, to be drawn anew.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp)
    }

    /// Tells whether one of these patterns (`image/png`, `image/*`, `*/*`) means it.
    pub fn is_among<'a>(self, patterns: impl IntoIterator<Item = &'a str>) -> bool {
        let whole = self.content_type().split(';').next().unwrap_or_default();
        let (family, _) = whole.split_once('/').unwrap_or_default();
        patterns.into_iter().any(|pattern| {
            let is_family = pattern.split_once('/').is_some_and(|(wanted, rest)| rest == "*" && wanted == family);
            pattern == "*/*" || pattern == whole || is_family
        })
    }
}

/// Tells whether this is text for people: UTF-8 without control characters, and nothing that a browser could take for a page or a
/// drawing. A character that the end of the head has cut is none to blame.
fn is_plain_text(head: &[u8]) -> bool {
    let text = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            core::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_text = |char: char| !char.is_control() || matches!(char, '\n' | '\r' | '\t' | '\u{c}');
    let begins_as_markup =
        text.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}').starts_with('<');
    text.chars().all(is_text) && !begins_as_markup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_tell() {
        for (head, kind) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF\0"[..], Kind::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Png),
            (b"GIF89a\x01\0\x01\0", Kind::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Kind::Webp),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", Kind::Mp4),
            (b"OggS\0\x02", Kind::Ogg),
            (b"ID3\x04\0", Kind::Mp3),
            (b"fLaC\0", Kind::Flac),
            (b"RIFF\x24\0\0\0WAVEfmt ", Kind::Wav),
            ("perché no?\n".as_bytes(), Kind::Text),
            (&"perché".as_bytes()[..6], Kind::Text),
            (b"", Kind::Text),
            (b"%PDF-1.7", Kind::Other),
            (b"PK\x03\x04", Kind::Other),
            (b"a\0b", Kind::Other),
            (b"\xff\xfea\0", Kind::Other),
            (b"<!DOCTYPE html><script>alert(1)</script>", Kind::Other),
            (b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Kind::Other),
            (b"<?xml version='1.0'?><svg/>", Kind::Other),
            (b"<html>", Kind::Other),
        ] {
            assert_eq!(Kind::of(head), Ok(kind), "{}", head.escape_ascii());
        }
        for head in [
            &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..],
            b"II*\0\x08\0\0\0\x01\0\x12\x01",
            b"\0\0\0\x18ftypavif\0\0\0\0avifmif1",
        ] {
            assert_eq!(Kind::of(head), Err(UnknownPicture), "{}", head.escape_ascii());
        }
    }

    #[test]
    fn patterns_mean_kinds() {
        assert!(Kind::Png.is_among(["image/*"]) && Kind::Png.is_among(["audio/*", "image/png"]));
        assert!(Kind::Text.is_among(["text/plain"]) && Kind::Other.is_among(["*/*"]));
        assert!(!Kind::Png.is_among(["image/jpeg", "image", "text/*"]) && !Kind::Other.is_among([]));
    }
}
