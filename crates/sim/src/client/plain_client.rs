//! A classroom program: gives its name, says things, and sees `name: words`.

use super::{Hands, lines};

/// One connection of a plain client.
pub(crate) struct PlainClient {
    name: &'static str,
    input: Vec<u8>,
    is_known: bool,
    was_asked: bool,
}

impl PlainClient {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, input: Vec::new(), is_known: false, was_asked: false }
    }

    pub(super) fn connected(&mut self) {
        *self = Self::new(self.name);
    }

    pub(super) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        if !self.was_asked {
            // The question for the name has no end of line.
            self.was_asked = true;
            hands.send(self.name);
        }
        for line in lines(&mut self.input, bytes) {
            hands.watch.note(hands.now, || format!("{} ← {line}", self.name));
            self.is_known = true;
            if let Some((_, text)) = line.split_once(": ")
                && text.starts_with("words")
            {
                hands.watch.counts.seen += 1;
                hands.watch.lines.push((hands.number, text.to_owned()));
            }
        }
    }

    pub(super) fn act(&mut self, hands: &mut Hands<'_>) {
        if self.is_known {
            let words = hands.new_words();
            hands.watch.counts.said += 1;
            hands.send(&words);
        }
    }
}
