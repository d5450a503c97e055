//! The order in which the letters of a line stand, where some of it is written from right to left.
//!
//! The toolkit shapes each piece of a text by itself, so that the letters of a Hebrew or an Arabic word are joined and in their
//! order, but puts the pieces one behind the other from left to right. So a text is given to it in [`pieces`], and each line
//! that it has made of them is put in order ([`Order::line`]). The text itself stays as it was written: for who copies it, and
//! who listens.
//!
//! Spec: Unicode Standard Annex #9, whose steps are the crate `unicode-bidi`'s.

use std::ops::Range;

use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// Letters that stand as each other's mirror image where the text runs from right to left (property `Bidi_Mirrored`), as far
/// as people type them.
const MIRRORED: &str = "()[]{}<>«»‹›≤≥≪≫⟨⟩";

/// Tells whether anything in a text is written from right to left: most texts are not, and need nothing of this.
pub fn has_right_to_left(text: &str) -> bool {
    // All that is stands behind what Hebrew begins with.
    text.chars().any(|letter| letter >= '\u{590}' && is_right_to_left(letter))
}

/// Tells whether a text begins at the right: as its first letter does that runs anywhere.
pub fn begins_right(text: &str) -> bool {
    has_right_to_left(text) && Order::of(text, &[], None).begins_right(0)
}

/// Cuts a text into pieces that are to be shaped by themselves: words that run from right to left, and what is between them.
pub fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<(bool, Range<usize>)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        match pieces.last_mut() {
            Some((is_word, piece)) if *is_word == is_right_to_left(letter) || (*is_word && goes_with_word(letter)) => {
                piece.end = end;
            }
            _ => pieces.push((is_right_to_left(letter), at..end)),
        }
    }
    pieces.into_iter().map(|(_, piece)| piece).collect()
}

/// Tells whether a piece is a word that runs from right to left.
pub fn is_word(piece: &str) -> bool {
    piece.starts_with(is_right_to_left)
}

fn is_right_to_left(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::R | BidiClass::AL)
}

/// Tells whether a letter belongs to the word before it: a mark over it, or what joins and parts its letters.
fn goes_with_word(letter: char) -> bool {
    matches!(bidi_class(letter), BidiClass::NSM | BidiClass::BN)
}

/// A letter of a line at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which letter of the line, as the toolkit has laid it out.
    pub from: usize,
    /// Whether its mirror image stands there.
    pub is_mirrored: bool,
}

/// The order of the letters of a text's lines.
pub struct Order<'t> {
    text: &'t str,
    pieces: &'t [Range<usize>],
    info: BidiInfo<'t>,
}

impl<'t> Order<'t> {
    /// Works out the order of a text that was shaped in these [`pieces`]. Each paragraph runs as its first letter does that runs
    /// anywhere, or as the text does of which it is a part (`begins_right`).
    pub fn of(text: &'t str, pieces: &'t [Range<usize>], begins_right: Option<bool>) -> Self {
        let level = begins_right.map(|begins_right| if begins_right { Level::rtl() } else { Level::ltr() });
        Self { text, pieces, info: BidiInfo::new(text, level) }
    }

    /// Tells whether the paragraph at a place (in bytes) begins at the right.
    pub fn begins_right(&self, at: usize) -> bool {
        self.info.paragraphs.iter().rev().find(|one| one.range.start <= at).is_some_and(|one| one.level.is_rtl())
    }

    /// Returns the letters of a line, a range of the text in bytes, from left to right. The letters of a word that runs from
    /// right to left were put in that order by whoever shaped it, and stay so.
    pub fn line(&self, line: Range<usize>) -> Vec<Placed> {
        let letters: Vec<(usize, char)> = self.text[line.clone()].char_indices().collect();
        let paragraph = self.info.paragraphs.iter().rev().find(|one| one.range.start <= line.start);
        let Some(paragraph) = paragraph else {
            return (0..letters.len()).map(|from| Placed { from, is_mirrored: false }).collect();
        };
        let levels = self.info.reordered_levels(paragraph, line.clone());
        let levels: Vec<Level> = letters.iter().map(|(at, _)| levels[line.start + at]).collect();
        let mut order = BidiInfo::reorder_visual(&levels);
        self.keep_words(line, &levels, &mut order);
        let placed = |from: usize| {
            let is_mirrored = levels[from].is_rtl() && MIRRORED.contains(letters[from].1);
            Placed { from, is_mirrored }
        };
        order.into_iter().map(placed).collect()
    }

    /// Turns words that run from right to left round once more: the letters in them are already in order.
    fn keep_words(&self, line: Range<usize>, levels: &[Level], order: &mut [usize]) {
        let mut places = vec![0; order.len()];
        for (place, from) in order.iter().enumerate() {
            places[*from] = place;
        }
        let mut first = 0;
        for piece in self.pieces.iter().map(|piece| piece.start.max(line.start)..piece.end.min(line.end)) {
            if piece.is_empty() {
                continue;
            }
            let word = first..first + self.text[piece.clone()].chars().count();
            first = word.end;
            let begins = places[word.clone()].iter().copied().min().unwrap_or_default();
            if is_word(&self.text[piece]) && levels[word.clone()].iter().all(Level::is_rtl) {
                order[begins..begins + word.len()].reverse();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Shapes as the toolkit does, and puts it in order: what a person sees, from left to right.
    fn seen(text: &str) -> String {
        let shape = |piece: Range<usize>| {
            let letters = text[piece.clone()].chars();
            if is_word(&text[piece]) { letters.rev().collect::<Vec<char>>() } else { letters.collect() }
        };
        let pieces = pieces(text);
        let shaped: Vec<char> = pieces.iter().cloned().flat_map(shape).collect();
        let mirror = |letter| {
            let at = MIRRORED.chars().position(|one| one == letter).expect("one that is mirrored");
            MIRRORED.chars().nth(at ^ 1).expect("they are pairs")
        };
        let order = Order::of(text, &pieces, None).line(0..text.len());
        order.iter().map(|one| if one.is_mirrored { mirror(shaped[one.from]) } else { shaped[one.from] }).collect()
    }

    #[test]
    fn lines_are_seen_as_people_read_them() {
        for (text, expected) in [
            ("abc def", "abc def"),
            ("\u{5d0}\u{5d1}\u{5d2} \u{5d3}\u{5d4}", "\u{5d4}\u{5d3} \u{5d2}\u{5d1}\u{5d0}"),
            ("abc \u{5d0}\u{5d1} \u{5d3}\u{5d4} def", "abc \u{5d4}\u{5d3} \u{5d1}\u{5d0} def"),
            ("\u{5d0}\u{5d1} world \u{5d3}\u{5d4}!", "!\u{5d4}\u{5d3} world \u{5d1}\u{5d0}"),
            ("\u{5d0}\u{5d1} (\u{5d3}\u{5d4}) 123, 45", "45 ,123 (\u{5d4}\u{5d3}) \u{5d1}\u{5d0}"),
            ("see \u{5d0}\u{5d1} (\u{5d3}\u{5d4}) here", "see (\u{5d4}\u{5d3}) \u{5d1}\u{5d0} here"),
            ("anna: \u{5d0}\u{5d1}?", "anna: \u{5d1}\u{5d0}?"),
            ("\u{645}\u{631}\u{60c} anna", "anna \u{60c}\u{631}\u{645}"),
        ] {
            assert_eq!(seen(text), expected, "{}", text.escape_unicode());
        }
        assert!(
            Order::of("\u{5d0} abc", &[], None).begins_right(0) && !Order::of("abc \u{5d0}", &[], None).begins_right(0)
        );
        let part: Vec<usize> = Order::of(" \u{5d0}", &[], Some(false)).line(0..3).iter().map(|one| one.from).collect();
        assert_eq!(part, [0, 1], "in a text that runs from left to right, a space stays before the word");
        assert!(has_right_to_left("x \u{5d0}") && !has_right_to_left("è 日本 🎉"));
    }

    #[test]
    fn each_line_is_in_order_by_itself() {
        let text = "\u{5d0}\u{5d1} \u{5d3}\u{5d4} \u{5d6}\u{5d7}";
        let second = text.find('\u{5d6}').expect("a letter");
        let pieces = pieces(text);
        let order = Order::of(text, &pieces, None);
        let from = |line: Range<usize>| order.line(line).iter().map(|one| one.from).collect::<Vec<_>>();
        assert_eq!(from(0..second), [5, 3, 4, 2, 0, 1], "the space at the end of a line stands at its end");
        assert_eq!(from(second..text.len()), [0, 1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_or_doubled(
            text in "[a-c \u{5d0}-\u{5d3}\u{661}-\u{663}\u{627}-\u{62a}0-3(),.!\u{5b0}\u{200d}\u{200f}🎉]{0,24}",
            from in 0_usize..25,
            to in 0_usize..25,
        ) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let pieces = pieces(&text);
            let whole: Vec<usize> = pieces.iter().cloned().flatten().collect();
            prop_assert_eq!(whole, (0..text.len()).collect::<Vec<_>>());
            let (from, to) = (places[from % places.len()], places[to % places.len()]);
            let (from, to) = (from.min(to), from.max(to));
            let mut order: Vec<usize> = Order::of(&text, &pieces, None).line(from..to).iter().map(|one| one.from).collect();
            order.sort_unstable();
            prop_assert_eq!(order, (0..text[from..to].chars().count()).collect::<Vec<_>>());
        }

        #[test]
        fn what_runs_from_left_to_right_stays(text in "[a-cè日 (),.!🎉]{0,24}") {
            let order = Order::of(&text, &pieces(&text), None).line(0..text.len());
            let same: Vec<Placed> = (0..order.len()).map(|from| Placed { from, is_mirrored: false }).collect();
            prop_assert_eq!(order, same);
        }
    }
}
