//! What people write to search: `tea "green tea" -milk choc* from:anna in:#kitchen after:2026-11-01 before:2026-12-01`.

use super::{Phrase, Wanted};
use crate::time::Timestamp;

/// The most words and phrases of one question. No key: a question is one line, which bounds it anyway; this bounds what one
/// line may cost.
pub const PHRASES_MAX: usize = 32;

/// What a message is to be like. What is not said makes no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Its words.
    pub wanted: Wanted,
    /// The nick of who said it, as typed.
    pub from: Option<Box<str>>,
    /// The channel where it was said, or with whom, as typed.
    pub target: Option<Box<str>>,
    /// Not earlier than this. The oldest are wanted then, not the newest.
    pub since: Option<Timestamp>,
    /// Earlier than this.
    pub until: Option<Timestamp>,
    /// The most messages, as typed.
    pub limit: Option<usize>,
}

/// What stands before a colon in a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Who said it.
    From,
    /// Where.
    In,
    /// At this time or later.
    After,
    /// At this time or earlier; before this day.
    Before,
}

/// Why a question cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclear {
    /// There is no word in the text.
    NoWord,
    /// More than [`PHRASES_MAX`].
    TooMany,
    /// Neither a day nor a time.
    Time,
    /// Two different values for what can have one.
    Twice,
    /// Only words can be excluded.
    Negated,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::From, Self::In, Self::After, Self::Before];

    /// Its name, as an attribute of SEARCH and in a question.
    pub fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::In => "in",
            Self::After => "after",
            Self::Before => "before",
        }
    }

    /// Finds one by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| name.eq_ignore_ascii_case(operator.name()))
    }
}

impl Asked {
    /// Adds what is written in words. Returns what is unclear, and the word that makes it so.
    ///
    /// # Errors
    /// [`Unclear`].
    pub fn read<'t>(&mut self, text: &'t str) -> Result<(), (Unclear, &'t str)> {
        let before = self.clone();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (piece, behind) = Piece::first_of(rest);
            let written = &rest[..rest.len() - behind.len()];
            self.take(&piece).map_err(|why| (why, written))?;
            rest = behind.trim_start();
        }
        if *self == before && !text.trim().is_empty() { Err((Unclear::NoWord, text.trim())) } else { Ok(()) }
    }

    /// Says something that can be said once.
    ///
    /// # Errors
    /// [`Unclear::Time`], [`Unclear::Twice`].
    pub fn set(&mut self, operator: Operator, value: &str) -> Result<(), Unclear> {
        let text = || Some(value.into());
        match operator {
            Operator::From => once(&mut self.from, text()),
            Operator::In => once(&mut self.target, text()),
            Operator::After => once(&mut self.since, Some(moment(value).ok_or(Unclear::Time)?.0)),
            Operator::Before => {
                let (moment, is_day) = moment(value).ok_or(Unclear::Time)?;
                once(&mut self.until, Some(if is_day { moment } else { Timestamp(moment.0 + 1) }))
            }
        }
    }

    fn take(&mut self, piece: &Piece<'_>) -> Result<(), Unclear> {
        if let Some((operator, value)) = piece.operator() {
            return if piece.is_excluded { Err(Unclear::Negated) } else { self.set(operator, value) };
        }
        let Some(phrase) = Phrase::new(piece.text, piece.is_prefix) else { return Ok(()) };
        if self.wanted.all.len() + self.wanted.none.len() >= PHRASES_MAX {
            return Err(Unclear::TooMany);
        }
        let phrases = if piece.is_excluded { &mut self.wanted.none } else { &mut self.wanted.all };
        phrases.push(phrase);
        Ok(())
    }
}

fn once<T: PartialEq>(slot: &mut Option<T>, value: Option<T>) -> Result<(), Unclear> {
    if slot.is_some() && *slot != value {
        return Err(Unclear::Twice);
    }
    *slot = value;
    Ok(())
}

/// What stands between spaces, or between quotation marks.
#[derive(Debug)]
struct Piece<'t> {
    text: &'t str,
    is_quoted: bool,
    is_excluded: bool,
    is_prefix: bool,
}

impl<'t> Piece<'t> {
    /// Reads the first piece of a text that begins with one; returns what is behind it.
    fn first_of(text: &'t str) -> (Self, &'t str) {
        let inside = text.strip_prefix('-');
        let is_excluded = inside.is_some_and(|inside| inside.starts_with(|c: char| !c.is_whitespace() && c != '-'));
        let inside = inside.filter(|_| is_excluded).unwrap_or(text);
        if let Some(quoted) = inside.strip_prefix('"') {
            let (text, behind) = quoted.split_once('"').unwrap_or((quoted, ""));
            let behind_star = behind.strip_prefix('*');
            let piece = Self { text, is_quoted: true, is_excluded, is_prefix: behind_star.is_some() };
            return (piece, behind_star.unwrap_or(behind));
        }
        let (text, behind) = inside.split_at(inside.find(char::is_whitespace).unwrap_or(inside.len()));
        let beginning = text.strip_suffix('*').filter(|text| text.ends_with(char::is_alphanumeric));
        let piece = Self { text, is_quoted: false, is_excluded, is_prefix: beginning.is_some() };
        (Self { text: beginning.unwrap_or(text), ..piece }, behind)
    }

    fn operator(&self) -> Option<(Operator, &'t str)> {
        let (name, value) = self.text.split_once(':').filter(|(_, value)| !self.is_quoted && !value.is_empty())?;
        Some((Operator::named(name)?, value))
    }
}

/// Reads a day or a time, UTC: `2026-11-21`, `2026-11-21T03:45`, up to `2026-11-21T03:45:00.000Z`. Returns its first moment,
/// and whether it is a day.
fn moment(text: &str) -> Option<(Timestamp, bool)> {
    const REST: &str = "2026-01-01T00:00:00.000Z";
    const DAY: usize = "2026-01-01".len();
    let is_day = text.len() == DAY;
    let text = text.strip_suffix('Z').filter(|text| text.len() > DAY).unwrap_or(text);
    // To the day, the minute, the second or the millisecond.
    if !matches!(text.len(), DAY | 16 | 19 | 23) {
        return None;
    }
    Timestamp::parse(&format!("{text}{}", &REST[text.len()..])).map(|at| (at, is_day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::words;

    fn asked(text: &str) -> Asked {
        let mut asked = Asked::default();
        asked.read(text).unwrap_or_else(|why| panic!("{text:?}: {why:?}"));
        asked
    }

    fn unclear(text: &str) -> (Unclear, &str) {
        Asked::default().read(text).expect_err(text)
    }

    fn phrases(phrases: &[Phrase]) -> Vec<String> {
        phrases
            .iter()
            .map(|phrase| format!("{}{}", phrase.words(), if phrase.is_prefix() { "*" } else { "" }))
            .collect()
    }

    #[test]
    fn words_phrases_beginnings_and_what_must_not_be_there() {
        let asked = asked(r#"  Tea "Green  tea" -milk choc* don't -"two lumps" "of su"* x** * - -- "" re:tea 3* "#);
        let all = ["tea", "green tea", "choc*", "don t", "of su*", "x", "re tea", "3*"];
        assert_eq!(phrases(&asked.wanted.all), all);
        assert_eq!(phrases(&asked.wanted.none), ["milk", "two lumps"]);
        assert_eq!(asked, Asked { wanted: asked.wanted.clone(), ..Asked::default() });
    }

    #[test]
    fn who_where_and_when() {
        let time = |text| Timestamp::parse(text);
        let asked = asked("from:Anna IN:#kitchen after:2026-11-01 before:2026-12-01 from:Anna");
        assert_eq!((asked.from.as_deref(), asked.target.as_deref()), (Some("Anna"), Some("#kitchen")));
        assert_eq!(asked.since, time("2026-11-01T00:00:00.000Z"));
        assert_eq!(asked.until, time("2026-12-01T00:00:00.000Z"), "before a day: not on it");
        for (written, until) in [
            ("2026-11-21T03:45", "2026-11-21T03:45:00.001Z"),
            ("2026-11-21T03:45Z", "2026-11-21T03:45:00.001Z"),
            ("2026-11-21T03:45:07", "2026-11-21T03:45:07.001Z"),
            ("2026-11-21T03:45:07.250", "2026-11-21T03:45:07.251Z"),
            ("2026-11-21T03:45:07.250Z", "2026-11-21T03:45:07.251Z"),
        ] {
            let mut asked = Asked::default();
            assert_eq!(asked.set(Operator::Before, written), Ok(()), "{written}");
            assert_eq!(asked.until, time(until), "before a time: at it too");
        }
    }

    #[test]
    fn what_is_unclear_is_named() {
        for (text, why, word) in [
            ("?!", Unclear::NoWord, "?!"),
            (" * ", Unclear::NoWord, "*"),
            ("tea after:noon", Unclear::Time, "after:noon"),
            ("before:2026-02-30", Unclear::Time, "before:2026-02-30"),
            ("before:2026-11-1", Unclear::Time, "before:2026-11-1"),
            ("before:2026-11-21Z", Unclear::Time, "before:2026-11-21Z"),
            ("before:２０２６-11", Unclear::Time, "before:２０２６-11"),
            ("in:#a tea in:#b", Unclear::Twice, "in:#b"),
            ("-from:anna tea", Unclear::Negated, "-from:anna"),
        ] {
            assert_eq!(unclear(text), (why, word), "{text:?}");
        }
        assert_eq!(Asked::default().read(" "), Ok(()), "nothing is asked");
        // A colon without a value, and one in a phrase, are only text.
        assert_eq!(phrases(&asked("from: \"in:tea\"").wanted.all), ["from", "in tea"]);
    }

    #[test]
    fn there_are_as_many_phrases_as_may_be() {
        let most = "tea -milk ".repeat(PHRASES_MAX / 2);
        assert_eq!(asked(&most).wanted.none.len(), PHRASES_MAX / 2);
        assert_eq!(unclear(&format!("{most} more")), (Unclear::TooMany, "more"));
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(text in any::<String>()) {
            let mut asked = Asked::default();
            if let Err((_, word)) = asked.read(&text) {
                prop_assert!(text.contains(word));
            }
            for phrase in asked.wanted.all.iter().chain(&asked.wanted.none) {
                prop_assert_eq!(words(phrase.words()), format!(" {} ", phrase.words()));
            }
        }

        #[test]
        fn what_somebody_said_is_found_by_its_words(text in "[a-zàé\"*: 東京-]{0,20}") {
            let quoted = format!("\"{}\"", text.replace('"', " "));
            let mut asked = Asked::default();
            if asked.read(&quoted).is_ok() {
                prop_assert!(asked.wanted.fits(&words(&text)));
            }
        }
    }
}
