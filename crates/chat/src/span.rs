//! Spans of time as operators write them: `1d12h30m`, or a number of minutes.

use std::fmt::Write as _;

/// The longest span, in seconds: ten years. Who means longer means for ever.
pub const SPAN_SECONDS_MAX: u64 = 10 * 365 * 86_400;

/// What one unit is worth, in seconds.
const UNITS: [(u8, u64); 5] = [(b'w', 7 * 86_400), (b'd', 86_400), (b'h', 3600), (b'm', 60), (b's', 1)];

/// Reads a span: numbers with a unit (`w`, `d`, `h`, `m`, `s`, in any case and order), or one number alone, which is minutes.
/// `Some(0)` is for ever. `None` when it is no span at all, or longer than [`SPAN_SECONDS_MAX`].
pub fn read(written: &str) -> Option<u64> {
    if written.is_empty() || !written.is_ascii() {
        return None;
    }
    let mut seconds: u64 = 0;
    let mut number: Option<u64> = None;
    let mut with_unit = false;
    for byte in written.bytes() {
        if byte.is_ascii_digit() {
            let so_far = number.unwrap_or(0).checked_mul(10)?;
            number = Some(so_far.checked_add(u64::from(byte - b'0'))?);
        } else {
            let unit = UNITS.iter().find(|(letter, _)| *letter == byte.to_ascii_lowercase())?.1;
            seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
            with_unit = true;
        }
    }
    let seconds = match (number, with_unit) {
        (Some(minutes), false) => minutes.checked_mul(60)?,
        (None, true) => seconds,
        // `1d12` could be hours as well as minutes.
        _ => return None,
    };
    (seconds <= SPAN_SECONDS_MAX).then_some(seconds)
}

/// Writes a span as it is read: `1d12h30m`; `0s` for none.
pub fn shown(seconds: u64) -> String {
    let mut rest = seconds;
    let mut written = String::new();
    for (letter, unit) in UNITS {
        if rest >= unit {
            let _ = write!(written, "{}{}", rest / unit, char::from(letter));
            rest %= unit;
        }
    }
    if written.is_empty() { "0s".to_owned() } else { written }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn as_operators_write_them() {
        for (written, seconds) in [
            ("5", 300),
            ("0", 0),
            ("90s", 90),
            ("1d12h30m", 131_400),
            ("1D", 86_400),
            ("2w", 1_209_600),
            ("30m1h", 5400),
            ("0d", 0),
        ] {
            assert_eq!(read(written), Some(seconds), "{written:?}");
        }
        for bad in ["", "d", "1x", "1d12", "-5", "+5", "1.5h", "5 m", "²", "99999999999999999999", "11000d", "*!*@*"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(131_400), "1d12h30m");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(seconds in 0..=SPAN_SECONDS_MAX) {
            prop_assert_eq!(read(&shown(seconds)), Some(seconds));
        }

        #[test]
        fn nothing_is_too_strange(written in ".{0,30}") {
            prop_assert!(read(&written).is_none_or(|seconds| seconds <= SPAN_SECONDS_MAX));
        }
    }
}
