//! Every numeric reply, in one table: number, name, arguments, text.
//!
//! Spec: Modern IRC, "Numerics"; RFC 2812, section 5; the IRCv3 specifications for their own. The printed table, for review, is
//! `numerics.txt` in this crate.

mod table;

use crate::write::{LineWriter, word_or_star};

pub use table::*;

/// The languages the texts of replies exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Italian.
    #[serde(rename = "it")]
    It,
}

/// One numeric reply: how it looks, not when it is sent.
///
/// On the wire: `:server CODE client middle… :text`. The arguments of [`Numeric::write`] are first one for each name in `middle`
/// (except `*`, which stands for itself), then one for each `{}` in the text, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Numeric {
    /// The number, 1 to 999.
    pub code: u16,
    /// The name in the specification, `RPL_…` or `ERR_…`.
    pub name: &'static str,
    /// What the parameters between the client's name and the text are. A name that ends in `…` stands for any number of them,
    /// and is the last. `*` is a literal star.
    pub middle: &'static [&'static str],
    /// The text in English and Italian; `None` when the last middle parameter is the last of all.
    pub text: Option<[&'static str; 2]>,
}

impl Numeric {
    /// Writes the whole line, cut to 512 bytes if need be. `line` has its tags and its source already.
    ///
    /// An argument that is no single word (a client's own text is often repeated to it) becomes `*` where a word is needed.
    pub fn write(&self, line: LineWriter<'_>, client: &str, language: Language, args: &[&str]) {
        debug_assert!(self.args_fit(args.len()), "{} {} does not take {} arguments", self.code, self.name, args.len());
        let text = self.text(language);
        let (middle, mut in_text) = args.split_at(args.len().saturating_sub(text.map_or(0, placeholders)));
        let mut line = line.numeric(self.code).param(word_or_star(client));
        let mut middle = middle.iter().copied().peekable();
        let literals_at = |index: usize| self.middle.get(index) == Some(&"*");
        let mut index = 0;
        while middle.peek().is_some() || literals_at(index) {
            let value = if literals_at(index) { "*" } else { middle.next().unwrap_or("*") };
            index += 1;
            let is_last = text.is_none() && middle.peek().is_none() && !literals_at(index);
            line = if is_last { line.last(value) } else { line.param(word_or_star(value)) };
        }
        if let Some(text) = text {
            line = line.trailing("");
            for (index, piece) in text.split("{}").enumerate() {
                if index > 0 {
                    let (arg, rest) = in_text.split_first().map_or(("", in_text), |(arg, rest)| (*arg, rest));
                    in_text = rest;
                    line = line.more(arg);
                }
                line = line.more(piece);
            }
        }
        line.end_cut();
    }

    /// The text in a language, with its `{}`.
    pub fn text(&self, language: Language) -> Option<&'static str> {
        let [english, italian] = self.text?;
        Some(match language {
            Language::En => english,
            Language::It => italian,
        })
    }

    /// Whether this many arguments are right for [`Numeric::write`].
    pub fn args_fit(&self, count: usize) -> bool {
        let fixed = self.middle.iter().filter(|name| **name != "*" && !name.ends_with('…')).count();
        let in_text = self.text.map_or(0, |[english, _]| placeholders(english));
        if self.takes_any_number() { count >= fixed + in_text } else { count == fixed + in_text }
    }

    /// Whether the last middle parameter stands for any number of them.
    pub fn takes_any_number(&self) -> bool {
        self.middle.last().is_some_and(|name| name.ends_with('…'))
    }
}

/// How many arguments a text takes.
fn placeholders(text: &str) -> usize {
    text.matches("{}").count()
}

/// Finds a numeric by its number.
pub fn by_code(code: u16) -> Option<&'static Numeric> {
    ALL.iter().copied().find(|numeric| numeric.code == code)
}

/// Prints the whole table, one numeric per three lines: what `numerics.txt` holds.
pub fn printed_table() -> String {
    let mut printed = String::new();
    for numeric in ALL {
        let words = numeric.middle.iter().map(|name| if *name == "*" { "*".to_owned() } else { format!("<{name}>") });
        let shape = words.collect::<Vec<_>>().join(" ");
        let head = format!("{:03} {} {shape}", numeric.code, numeric.name);
        printed.push_str(head.trim_end());
        printed.push('\n');
        for (language, text) in ["en", "it"].iter().zip(numeric.text.iter().flatten()) {
            printed.push_str("    ");
            printed.push_str(language);
            printed.push_str(" :");
            printed.push_str(text);
            printed.push('\n');
        }
    }
    printed
}
