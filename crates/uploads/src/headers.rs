//! Headers of HTTP that carry what strangers wrote: a file's name, who somebody is, a part of a file.
//!
//! Spec: RFC 6266 and 8187 (Content-Disposition), RFC 9110, sections 11.6 and 14 (Authorization, Range), RFC 7617 (Basic), RFC 6750
//! (Bearer).

use data_encoding::BASE64;

/// The longest name of a file that is kept, in bytes.
pub const SHOWN_NAME_BYTES_MAX: usize = 150;

/// Returns the file name in a Content-Disposition, as it may be shown; empty: none.
///
/// `filename*` goes before `filename`. "Recipients MUST NOT be able to write into any location other than one to which they are
/// specifically entitled": of a path only its last part is left.
pub fn file_name(disposition: &str) -> String {
    let (mut plain, mut extended) = (None, None);
    for (name, value) in Parameters::new(disposition) {
        if name.eq_ignore_ascii_case("filename") {
            plain = plain.or(Some(value));
        } else if name.eq_ignore_ascii_case("filename*") {
            extended = extended.or_else(|| decode_extended(&value));
        }
    }
    extended.or(plain).map(|name| cleaned_name(&name)).unwrap_or_default()
}

/// Makes a name fit to be shown and offered for saving.
pub fn cleaned_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_good = |char: &char| !char.is_control() && !is_bidirectional_control(*char) && !"\"<>|:*?".contains(*char);
    let mut cleaned = String::new();
    for char in last.chars().filter(is_good) {
        if cleaned.len() + char.len_utf8() > SHOWN_NAME_BYTES_MAX {
            break;
        }
        cleaned.push(char);
    }
    // A leading dot hides a file, and Windows drops dots and spaces at the end.
    cleaned.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']).to_owned()
}

/// These make `exe.gpj` read as `jpg.exe`.
fn is_bidirectional_control(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes a Content-Disposition; `name` has been cleaned.
pub fn disposition(is_shown: bool, name: &str) -> String {
    let how = if is_shown { "inline" } else { "attachment" };
    if name.is_empty() {
        return how.to_owned();
    }
    let plain: String = name.chars().map(|char| if is_quotable(char) { char } else { '_' }).collect();
    if plain == name {
        return format!("{how}; filename=\"{plain}\"");
    }
    let encoded: String = name
        .bytes()
        .map(|byte| {
            let is_attribute = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
            if is_attribute { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

fn is_quotable(char: char) -> bool {
    (char.is_ascii_graphic() || char == ' ') && !matches!(char, '"' | '\\' | '%')
}

/// Reads `UTF-8'language'percent-encoded` (RFC 8187).
fn decode_extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let is_utf8 = parts.next()?.eq_ignore_ascii_case("utf-8");
    let (_, encoded) = (parts.next()?, parts.next()?);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut nibble = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (nibble()?, nibble()?);
            bytes.push(u8::try_from(high << 4 | low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|_| is_utf8)
}

/// The parameters of a header, behind the first `;`: name and value, which may stand in quotes.
struct Parameters<'a> {
    rest: &'a str,
}

impl<'a> Parameters<'a> {
    fn new(header: &'a str) -> Self {
        Self { rest: header.split_once(';').map_or("", |(_, rest)| rest) }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, String);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.rest.split_once('=')?;
        let name = name.trim_start_matches([';', ' ', '\t']).trim_end();
        let rest = rest.trim_start();
        let Some(quoted) = rest.strip_prefix('"') else {
            let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
            self.rest = rest;
            return Some((name, value.trim_end().to_owned()));
        };
        let mut value = String::new();
        let mut chars = quoted.char_indices();
        while let Some((place, char)) = chars.next() {
            match char {
                '"' => {
                    self.rest = &quoted[place + 1..];
                    return Some((name, value));
                }
                '\\' => value.extend(chars.next().map(|(_, char)| char)),
                char => value.push(char),
            }
        }
        self.rest = "";
        Some((name, value))
    }
}

/// Who somebody says they are.
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization {
    /// An account and its password.
    Basic {
        /// The account's name.
        account: String,
        /// The password.
        password: String,
    },
    /// Whoever was given this token.
    Bearer(String),
}

impl std::fmt::Debug for Authorization {
    /// Leaves out what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Basic { account, .. } => f.debug_struct("Basic").field("account", account).finish_non_exhaustive(),
            Self::Bearer(_) => f.write_str("Bearer"),
        }
    }
}

/// Reads an Authorization header.
pub fn authorization(header: &str) -> Option<Authorization> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        return (!rest.is_empty() && rest.bytes().all(is_token)).then(|| Authorization::Bearer(rest.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(rest.as_bytes()).ok()?).ok()?;
    let (account, password) = decoded.split_once(':')?;
    let is_sound = !account.is_empty() && !decoded.contains(char::is_control);
    is_sound.then(|| Authorization::Basic { account: account.to_owned(), password: password.to_owned() })
}

/// What a Range header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it; also where the header is not understood, or asks for several parts.
    Whole,
    /// From the first byte to the last, both included.
    Bytes {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Nothing that is there (416).
    Nothing,
}

/// Reads a Range header for a file of so many bytes.
pub fn range(header: &str, length: u64) -> Part {
    let Some(spec) = header.trim().strip_prefix("bytes=") else { return Part::Whole };
    let Some((first, last)) = spec.split_once('-') else { return Part::Whole };
    let number = |text: &str| -> Option<u64> {
        let text = text.trim();
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (first, last) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, last),
        (Some(first), None) if last.trim().is_empty() => (first, u64::MAX),
        (None, Some(suffix)) if first.trim().is_empty() => {
            if suffix == 0 {
                return Part::Nothing;
            }
            (length.saturating_sub(suffix), u64::MAX)
        }
        _ => return Part::Whole,
    };
    if first >= length {
        return Part::Nothing;
    }
    Part::Bytes { first, last: last.min(length - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_only_names() {
        for (header, name) in [
            ("attachment; filename=\"tea.jpg\"", "tea.jpg"),
            ("attachment; filename=tea.jpg", "tea.jpg"),
            ("inline; x=\"a;b\"; FILENAME = \"a \\\"b\\\" c.txt\" ", "a b c.txt"),
            ("inline; filename=\"old.txt\"; filename*=UTF-8''t%C3%A8.txt", "tè.txt"),
            ("inline; filename*=utf-8'it'perch%c3%a9", "perché"),
            ("inline; filename*=ISO-8859-1''t%E8.txt; filename=te.txt", "te.txt"),
            ("inline; filename*=UTF-8''%FF", ""),
            ("inline; filename*=UTF-8''%4", ""),
            ("attachment; filename=\"../../etc/passwd\"", "passwd"),
            ("attachment; filename=\"C:\\\\boot.ini\"", "boot.ini"),
            ("attachment; filename=\"..\"", ""),
            ("attachment; filename=\".bashrc\"", "bashrc"),
            ("attachment; filename=\"photo\u{202e}gpj.exe\"", "photogpj.exe"),
            ("attachment; filename=\"a\r\nSet-Cookie: b\"", "aSet-Cookie b"),
            ("attachment; filename=\"unfinished", "unfinished"),
            ("attachment", ""),
            ("", ""),
        ] {
            assert_eq!(file_name(header), name, "{header}");
        }
        let long = "è".repeat(200);
        assert_eq!(cleaned_name(&long).len(), SHOWN_NAME_BYTES_MAX);
    }

    #[test]
    fn names_are_offered_for_saving() {
        assert_eq!(disposition(true, "tea.jpg"), "inline; filename=\"tea.jpg\"");
        assert_eq!(disposition(false, ""), "attachment");
        assert_eq!(
            disposition(false, "tè 1%.txt"),
            "attachment; filename=\"t_ 1_.txt\"; filename*=UTF-8''t%C3%A8%201%25.txt"
        );
        assert_eq!(file_name(&disposition(false, "tè 1%.txt")), "tè 1%.txt");
    }

    #[test]
    fn who_somebody_says_they_are() {
        let basic = |account: &str, password: &str| {
            Some(Authorization::Basic { account: account.into(), password: password.into() })
        };
        for (header, expected) in [
            ("Basic YW5uYTpzZXNhbWU=", basic("anna", "sesame")),
            ("basic  YW5uYTphOmI= ", basic("anna", "a:b")),
            ("Basic YW5uYTo=", basic("anna", "")),
            ("Bearer abc-1._~+/=", Some(Authorization::Bearer("abc-1._~+/=".into()))),
            ("Basic OnNlc2FtZQ==", None),
            ("Basic YW5uYQ==", None),
            ("Basic YW5uYTpzZXNhbWU", None),
            ("Basic YQphOmI=", None),
            ("Basic", None),
            ("Bearer ", None),
            ("Bearer a b", None),
            ("Digest YW5uYTpzZXNhbWU=", None),
            ("", None),
        ] {
            assert_eq!(authorization(header), expected, "{header}");
        }
        assert!(!format!("{:?}", authorization("Basic YW5uYTpzZXNhbWU=")).contains("sesame"));
    }

    #[test]
    fn parts_of_a_file() {
        let bytes = |first, last| Part::Bytes { first, last };
        for (header, part) in [
            ("bytes=0-", bytes(0, 9)),
            ("bytes=0-0", bytes(0, 0)),
            ("bytes=3-5", bytes(3, 5)),
            ("bytes=3-99", bytes(3, 9)),
            ("bytes=-4", bytes(6, 9)),
            ("bytes=-99", bytes(0, 9)),
            ("bytes=9-99999999999999999999999", bytes(9, 9)),
            ("bytes=10-", Part::Nothing),
            ("bytes=-0", Part::Nothing),
            ("bytes=5-3", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(range(header, 10), part, "{header}");
        }
        assert_eq!(range("bytes=0-", 0), Part::Nothing);
    }
}
