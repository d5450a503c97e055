//! What a word is, in every language: the one function through which texts and questions go.
//!
//! Capitals, accents and typographic forms make no difference. Where people write without spaces (Chinese, Japanese,
//! Korean, Thai, Lao, Khmer, Burmese) every character is a word of its own, with the marks on it: a phrase of adjacent
//! ones then finds what a reader calls a word. So are emoji.

use irc::ctcp::Ctcp;
use irc::text::strip_formatting;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What [`words()`] writes of a text without any word.
pub const SAID_NOTHING: &str = " ";

/// Writes the words of a text in one form, with a space before and behind each. Applied again, it changes nothing.
pub fn words(text: &str) -> String {
    let text = strip_formatting(text);
    if text.is_ascii() { ascii_words(&text) } else { all_words(&text) }
}

/// Writes the words of a message: of an action what is done, of other requests between programs nothing.
pub fn words_of_message(text: &str) -> String {
    match Ctcp::parse(text) {
        None => words(text),
        Some(Ctcp::Action(done)) => words(done),
        Some(Ctcp::Other { .. }) => SAID_NOTHING.to_owned(),
    }
}

fn ascii_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            words.push(char::from(byte.to_ascii_lowercase()));
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    close(words)
}

fn all_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() * 2 + 2);
    words.push(' ');
    // The last word is one character, and takes only marks.
    let mut alone = false;
    // Letters are folded while they are apart from their accents, and put together again for those that are kept: an
    // syllable of Hangul is one character only then.
    for character in text.nfkd().filter(|character| !is_left_out(*character)).flat_map(folded).nfc() {
        if stands_alone(character) {
            if !words.ends_with(' ') {
                words.push(' ');
            }
            words.push(character);
            alone = true;
        } else if is_combining_mark(character) {
            if !words.ends_with(' ') {
                words.push(character);
            }
        } else if character.is_alphanumeric() {
            if alone {
                words.push(' ');
            }
            words.push(character);
            alone = false;
        } else {
            if !words.ends_with(' ') {
                words.push(' ');
            }
            alone = false;
        }
    }
    close(words)
}

fn close(mut words: String) -> String {
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// Returns a character's small form; what two letters mean is two letters.
fn folded(character: char) -> impl Iterator<Item = char> {
    let pair = match character {
        'ß' | 'ẞ' => Some(['s', 's']),
        _ => None,
    };
    let single = (pair.is_none()).then(|| character.to_lowercase());
    // At the end of a Greek word, sigma has another form.
    let single = single.into_iter().flatten().map(|small| if small == 'ς' { 'σ' } else { small });
    pair.into_iter().flatten().chain(single)
}

/// Tells whether a character makes no difference: accents, vowel points, and what only says how to draw or to break.
fn is_left_out(character: char) -> bool {
    matches!(character,
        '\u{00ad}' | '\u{034f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}'
        // Combining accents of Latin, Greek and Cyrillic letters.
        | '\u{0300}'..='\u{036f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}'
        // Points of Hebrew and Arabic, which are seldom written, and the stroke that makes Arabic words longer.
        | '\u{0591}'..='\u{05bd}' | '\u{05bf}' | '\u{05c1}' | '\u{05c2}' | '\u{05c4}' | '\u{05c5}' | '\u{05c7}'
        | '\u{0610}'..='\u{061a}' | '\u{0640}' | '\u{064b}'..='\u{065f}' | '\u{0670}'
        | '\u{06d6}'..='\u{06dc}' | '\u{06df}'..='\u{06e4}' | '\u{06e7}' | '\u{06e8}' | '\u{06ea}'..='\u{06ed}'
        // How an emoji is drawn: in which form, in which colour.
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}'
    )
}

/// Tells whether a character is a word of its own.
fn stands_alone(character: char) -> bool {
    if is_combining_mark(character) {
        return false;
    }
    let is_spaceless = matches!(character,
        // Thai, Lao, Burmese, Khmer, and letters that Burmese, Shan and others add; digits are written together.
        '\u{0e01}'..='\u{0e4e}' | '\u{0e80}'..='\u{0ecf}' | '\u{0edc}'..='\u{0eff}' | '\u{1000}'..='\u{103f}'
        | '\u{1050}'..='\u{108f}' | '\u{1780}'..='\u{17d3}' | '\u{a9e0}'..='\u{a9ef}' | '\u{aa60}'..='\u{aa7f}'
        // Hangul: letters by themselves, and syllables.
        | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        // Kana, Bopomofo, ideographs.
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}'
        | '\u{3040}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}'
    );
    let is_pictograph = matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    (is_spaceless && character.is_alphanumeric()) || is_pictograph
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_word_is() {
        for (text, expected) in [
            ("", " "),
            ("?! -- ", " "),
            ("Hello, world!", " hello world "),
            ("don't l'acqua e-mail foo_bar x2", " don t l acqua e mail foo bar x2 "),
            ("Caffè CAFFE\u{300} STRASSE Straße ΟΔΟΣ İstanbul", " caffe caffe strasse strasse οδοσ istanbul "),
            ("ﬁne ＡＢＣ ½", " fine abc 1 2 "),
            ("\x02bold\x0f \x0304,12red\x03", " bold red "),
            ("東京タワー", " 東 京 タ ワ ー "),
            ("API東京v2です", " api 東 京 v2 て\u{3099} す "),
            ("서울 한국어", " 서 울 한 국 어 "),
            ("ภาษาไทย", " ภ า ษ า ไ ท ย "),
            ("ที่นี่ ๑๒", " ท\u{e35}\u{e48} น\u{e35}\u{e48} ๑๒ "),
            ("नमस्ते दुनिया", " नमस्ते दुनिया "),
            ("كِتَاب كـتاب می‌روم", " كتاب كتاب میروم "),
            ("שָׁלוֹם", " שלום "),
            ("yes👍🏽👍 ❤️", " yes 👍 👍 ❤ "),
            ("Привет, мир", " привет мир "),
        ] {
            let expected: String = expected.nfc().collect();
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn of_an_action_what_is_done() {
        assert_eq!(words_of_message("\x01ACTION waves\x01"), " waves ");
        assert_eq!(words_of_message("\x01VERSION\x01"), SAID_NOTHING);
        assert_eq!(words_of_message("waves"), " waves ");
    }

    /// Of each character by itself; the planes behind hold ideographs that have one form, and nothing.
    #[test]
    fn every_character_keeps_its_form() {
        for character in ('\0'..='\u{1ffff}').chain('\u{2f800}'..='\u{2fa1f}') {
            let once = words(&format!("a{character}b"));
            assert_eq!(words(&once), once, "{:x}", u32::from(character));
        }
    }

    proptest! {
        #[test]
        fn one_form_for_good(text in any::<String>()) {
            let once = words(&text);
            prop_assert_eq!(&words(&once), &once);
            prop_assert!(once.starts_with(' ') && once.ends_with(' ') && !once.contains("  "));
            // An index may take all that is not a space for a part of a word.
            prop_assert!(once.chars().all(|c| c == ' ' || !c.is_ascii() || c.is_ascii_alphanumeric()));
        }

        #[test]
        fn ascii_needs_no_other_way(text in "[ -~\\x01-\\x1f]{0,40}") {
            let stripped = strip_formatting(&text);
            prop_assert_eq!(ascii_words(&stripped), all_words(&stripped));
        }

        #[test]
        fn capitals_make_no_difference(text in "[a-zàéñüçа-я ]{0,20}") {
            prop_assert_eq!(words(&text.to_uppercase()), words(&text));
        }
    }
}
