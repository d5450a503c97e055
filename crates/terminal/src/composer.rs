//! The line in which the person writes; it may have several.

use unicode_segmentation::UnicodeSegmentation as _;

/// The most texts that can be got back with the arrow.
const REMEMBERED_MAX: usize = 100;

/// The longest text, in bytes: far more than any server takes at once.
pub(crate) const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What is being written, and what was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Composer {
    text: String,
    /// Where the next character comes, in bytes.
    at: usize,
    remembered: Vec<String>,
    /// Which of them is shown, and what stood there before.
    browsing: Option<(usize, String)>,
}

impl Composer {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.at = self.text.len();
    }

    /// Puts a text where the cursor is; what would be too long is left out.
    pub(crate) fn insert(&mut self, text: &str) {
        let allowed = TEXT_BYTES_MAX.saturating_sub(self.text.len());
        let text = irc::text::truncate_at_char(text, allowed);
        let text: String = text.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect();
        self.text.insert_str(self.at, &text);
        self.at += text.len();
    }

    /// Puts a text in the place of what stands from `start` to the cursor.
    pub(crate) fn replace(&mut self, start: usize, text: &str) {
        self.text.replace_range(start..self.at, text);
        self.at = start + text.len();
    }

    /// Takes the text out, and remembers it.
    pub(crate) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.at = 0;
        self.browsing = None;
        if !text.trim().is_empty() && self.remembered.last() != Some(&text) {
            self.remembered.push(text.clone());
            if self.remembered.len() > REMEMBERED_MAX {
                self.remembered.remove(0);
            }
        }
        text
    }

    pub(crate) fn left(&mut self) {
        self.at = self.before();
    }

    pub(crate) fn right(&mut self) {
        self.at += self.text[self.at..].graphemes(true).next().map_or(0, str::len);
    }

    pub(crate) fn home(&mut self) {
        self.at = self.text[..self.at].rfind('\n').map_or(0, |place| place + 1);
    }

    pub(crate) fn end(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |place| self.at + place);
    }

    pub(crate) fn word_left(&mut self) {
        self.at = self.word_before();
    }

    pub(crate) fn word_right(&mut self) {
        let after = &self.text[self.at..];
        let word = after.find(|letter: char| !letter.is_whitespace()).unwrap_or(after.len());
        let end = after[word..].find(char::is_whitespace).map_or(after.len(), |place| word + place);
        self.at += end;
    }

    pub(crate) fn backspace(&mut self) {
        self.remove(self.before());
    }

    pub(crate) fn delete(&mut self) {
        let start = self.at;
        self.right();
        self.remove(start);
    }

    pub(crate) fn delete_word(&mut self) {
        self.remove(self.word_before());
    }

    pub(crate) fn delete_to_start(&mut self) {
        let end = self.at;
        self.home();
        let start = self.at;
        self.at = end;
        self.remove(start);
    }

    pub(crate) fn delete_to_end(&mut self) {
        let start = self.at;
        self.end();
        self.remove(start);
    }

    /// Moves up a line, or shows what was written before.
    pub(crate) fn up(&mut self) {
        let line = self.text[..self.at].rfind('\n');
        if let Some(end) = line {
            let start = self.text[..end].rfind('\n').map_or(0, |place| place + 1);
            self.at = self.in_line(start, end, self.at - end - 1);
            return;
        }
        let number = self.browsing.as_ref().map_or(self.remembered.len(), |(number, _)| *number);
        let Some(number) = number.checked_sub(1) else { return };
        let before = self.browsing.take().map_or_else(|| self.text.clone(), |(_, before)| before);
        let text = self.remembered[number].clone();
        self.set(&text);
        self.browsing = Some((number, before));
    }

    /// Moves down a line, or shows what was written after, and at last what was being written.
    pub(crate) fn down(&mut self) {
        if let Some(place) = self.text[self.at..].find('\n') {
            let column = self.at - self.text[..self.at].rfind('\n').map_or(0, |place| place + 1);
            let start = self.at + place + 1;
            let end = self.text[start..].find('\n').map_or(self.text.len(), |place| start + place);
            self.at = self.in_line(start, end, column);
            return;
        }
        let Some((number, before)) = self.browsing.take() else { return };
        match self.remembered.get(number + 1).cloned() {
            Some(text) => {
                self.set(&text);
                self.browsing = Some((number + 1, before));
            }
            None => self.set(&before),
        }
    }

    /// Returns the place in a line that is so many bytes from its start, or before.
    fn in_line(&self, start: usize, end: usize, column: usize) -> usize {
        start + irc::text::truncate_at_char(&self.text[start..end], column).len()
    }

    fn remove(&mut self, start: usize) {
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    fn before(&self) -> usize {
        self.at - self.text[..self.at].graphemes(true).next_back().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let before = self.text[..self.at].trim_end();
        before
            .rfind(char::is_whitespace)
            .map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Composer {
        let mut composer = Composer::default();
        composer.insert(text);
        composer
    }

    #[test]
    fn what_is_one_character_to_people_is_one() {
        let mut composer = written("ciao 👩‍👩‍👧e\u{301}");
        composer.backspace();
        composer.backspace();
        assert_eq!(composer.text(), "ciao ");
        composer.insert("a\u{1b}b\nc");
        assert_eq!(composer.text(), "ciao ab\nc", "no control characters");
        composer.left();
        composer.left();
        composer.delete();
        assert_eq!(composer.text(), "ciao abc");
    }

    #[test]
    fn words_and_lines_are_moved_over_and_deleted() {
        let mut composer = written("one  two\nthree four");
        composer.word_left();
        assert_eq!(&composer.text()[composer.at()..], "four");
        composer.delete_word();
        assert_eq!(composer.text(), "one  two\nfour");
        composer.delete_to_end();
        composer.up();
        composer.end();
        composer.delete_to_start();
        assert_eq!(composer.text(), "\n");
        composer.insert("x y");
        composer.home();
        composer.word_right();
        composer.insert("!");
        assert_eq!(composer.text(), "x! y\n");
        composer.down();
        assert_eq!(composer.at(), 5);
    }

    #[test]
    fn what_was_written_comes_back() {
        let mut composer = written("first");
        composer.take();
        composer.insert("second");
        composer.take();
        composer.insert("third");
        composer.up();
        composer.up();
        composer.up();
        assert_eq!(composer.text(), "first");
        composer.down();
        composer.down();
        assert_eq!(composer.text(), "third");
    }

    #[test]
    fn a_text_is_bounded() {
        let composer = written(&"é".repeat(TEXT_BYTES_MAX));
        assert_eq!(composer.text().len(), TEXT_BYTES_MAX);
    }
}
