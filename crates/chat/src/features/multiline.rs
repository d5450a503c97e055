//! Multi-line messages: one message whose text has lines, some of them longer than a line of IRC.
//!
//! Kept is the combined text, with `\n` between its lines: that is what people read, search and quote. Beside it stand the
//! places where a client cut a longer line, so that others are sent the same pieces.
//!
//! Spec: `IRCv3` draft "multiline". Wire: `session::features::multiline`. Proof: `scenarios/multiline.txt`.

use crate::permission::is_barred_ctcp;

/// Where lines continue the one before them: places in the text, in bytes, in order.
pub type Concats = Box<[u32]>;

/// One line as the client sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says; without line end.
    pub text: &'a str,
    /// Whether it continues the line before it (`draft/multiline-concat`).
    pub concat: bool,
}

/// A text that is put together line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    text: String,
    concats: Vec<u32>,
    lines: usize,
}

impl Joined {
    /// Returns the bytes of the text if this line were added.
    pub fn bytes_with(&self, line: Line<'_>) -> usize {
        self.text.len() + line.text.len() + usize::from(self.breaks_before(line))
    }

    /// Adds a line. The first has none before it that it could continue.
    pub fn push(&mut self, line: Line<'_>) {
        if self.breaks_before(line) {
            self.text.push('\n');
        } else if self.lines > 0 {
            self.concats.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        }
        self.text.push_str(line.text);
        self.lines += 1;
    }

    fn breaks_before(&self, line: Line<'_>) -> bool {
        self.lines > 0 && !line.concat
    }

    /// Returns how many lines it has.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Tells whether nothing but line ends is in it.
    pub fn is_blank(&self) -> bool {
        self.text.bytes().all(|byte| byte == b'\n')
    }

    /// Returns the text and its places.
    pub fn finish(self) -> (String, Concats) {
        (self.text, self.concats.into())
    }
}

/// Takes a text apart into the lines it was put together of. Places that cannot be are passed over, so a text that was
/// erased meanwhile is one blank line.
pub fn lines<'a>(text: &'a str, concats: &'a [u32]) -> impl Iterator<Item = Line<'a>> {
    let mut concats = concats.iter().filter_map(|place| usize::try_from(*place).ok()).peekable();
    let mut begin = 0;
    let mut ended = false;
    let mut concat = false;
    core::iter::from_fn(move || {
        if ended {
            return None;
        }
        let line_end = text[begin..].find('\n').map(|length| begin + length);
        // A line that continues a blank one begins where that one does.
        while concats
            .next_if(|place| *place < begin || (concat && *place == begin) || !text.is_char_boundary(*place))
            .is_some()
        {}
        let piece_end = concats.next_if(|place| *place < line_end.unwrap_or(text.len()));
        let line = Line { text: &text[begin..piece_end.or(line_end).unwrap_or(text.len())], concat };
        (begin, concat) = match (piece_end, line_end) {
            (Some(end), _) => (end, true),
            (None, Some(end)) => (end + 1, false),
            (None, None) => {
                ended = true;
                (text.len(), false)
            }
        };
        Some(line)
    })
}

/// Tells whether a channel with `+C` does not take it: any of its lines is sent alone to clients that know no others.
pub fn has_barred_ctcp(text: &str, concats: Option<&Concats>) -> bool {
    match concats {
        None => is_barred_ctcp(text),
        Some(concats) => lines(text, concats).any(|line| is_barred_ctcp(line.text)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(lines: &[(&str, bool)]) -> (String, Concats) {
        let mut joined = Joined::default();
        for (text, concat) in lines {
            let bytes = joined.bytes_with(Line { text, concat: *concat });
            joined.push(Line { text, concat: *concat });
            assert_eq!(joined.text.len(), bytes);
        }
        assert_eq!(joined.lines(), lines.len());
        joined.finish()
    }

    #[test]
    fn lines_are_joined_as_the_specification_says() {
        let (text, concats) = joined(&[("hello", false), ("how is ", false), ("everyone?", true)]);
        assert_eq!((text.as_str(), &*concats), ("hello\nhow is everyone?", &[13][..]));
        let (text, concats) = joined(&[("", false), ("a", true), ("", false), ("", false), ("b", true)]);
        assert_eq!((text.as_str(), &*concats), ("a\n\nb", &[0, 3][..]));
    }

    #[test]
    fn what_cannot_be_is_passed_over() {
        let apart = |text, concats| lines(text, concats).map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(apart("", &[0, 7]), [""]);
        assert_eq!(apart("è", &[1, 1, 9, u32::MAX]), ["è"]);
        assert_eq!(apart("ab", &[1, 1, 0]), ["a", "b"]);
        assert_eq!(apart("a\nb", &[1]), ["a", "b"]);
    }

    #[test]
    fn blank_is_what_has_nothing_to_read() {
        let is_blank = |texts: &[&str]| {
            let mut joined = Joined::default();
            for text in texts {
                joined.push(Line { text, concat: false });
            }
            joined.is_blank()
        };
        assert!(is_blank(&[]) && is_blank(&["", "", ""]));
        assert!(!is_blank(&["", "x"]));
    }

    #[test]
    fn a_request_to_programs_hides_in_no_line() {
        let barred = |text, concats: &[u32]| has_barred_ctcp(text, Some(&concats.into()));
        assert!(barred("hi\n\x01VERSION\x01", &[]) && barred("hi\x01VERSION\x01", &[2]));
        assert!(!barred("hi \x01VERSION\x01", &[]) && !barred("hi\n\x01ACTION waves\x01", &[]));
        assert!(has_barred_ctcp("\x01VERSION\x01", None) && !has_barred_ctcp("hi\n\x01VERSION\x01", None));
    }

    proptest! {
        /// Any split of a text into lines and pieces comes back.
        #[test]
        fn apart_and_together(given in prop::collection::vec(("[^\\n]{0,5}", any::<bool>()), 1..12)) {
            // A piece that continues a line is never blank, and the first continues none.
            let lines_given: Vec<(&str, bool)> = given
                .iter()
                .enumerate()
                .map(|(place, (text, concat))| (text.as_str(), *concat && place > 0 && !text.is_empty()))
                .collect();
            let (text, concats) = joined(&lines_given);
            let back: Vec<(&str, bool)> = lines(&text, &concats).map(|line| (line.text, line.concat)).collect();
            prop_assert_eq!(back, lines_given);
        }

        /// No text and no places make it panic or lose anything that is not a line end.
        #[test]
        fn nothing_is_lost(text in any::<String>(), concats in prop::collection::vec(0_u32..40, 0..8)) {
            let back: String = lines(&text, &concats).map(|line| line.text).collect();
            prop_assert_eq!(back, text.replace('\n', ""));
        }
    }
}
