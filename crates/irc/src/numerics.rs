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
/// that is not literal, then one for each `{}` in the text, in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Numeric {
    /// The number, 1 to 999.
    pub code: u16,
    /// The name in the specification, `RPL_…` or `ERR_…`.
    pub name: &'static str,
    /// What the parameters between the client's name and the text are. A name that ends in `…` stands for any number of them,
    /// (also none) and is the last. `*` and what begins with a capital letter is literal, and takes no argument.
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
        let (words, mut in_text) = args.split_at(args.len().saturating_sub(text.map_or(0, placeholders)));
        let mut words = words.iter().copied();
        let mut line = line.numeric(self.code).param(word_or_star(client));
        let mut pending = None;
        for value in self.middle.iter().filter_map(|name| if is_literal(name) { Some(*name) } else { words.next() }) {
            line = write_pending(line, pending.replace(value));
        }
        for value in words {
            line = write_pending(line, pending.replace(value));
        }
        line = match (pending, text) {
            // The last parameter of all may be anything: a real name in 354, say.
            (Some(last), None) => line.last(last),
            (pending, _) => write_pending(line, pending),
        };
        if let Some(text) = text {
            line = line.trailing("");
            // A brace stands nowhere else: the search for one byte is what makes a welcome of twenty numerics cheap.
            for (index, piece) in text.split('{').enumerate() {
                if index > 0 {
                    let (arg, rest) = in_text.split_first().map_or(("", in_text), |(arg, rest)| (*arg, rest));
                    in_text = rest;
                    line = line.more(arg);
                }
                line = line.more(piece.strip_prefix('}').unwrap_or(piece));
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
        let fixed = self.middle.iter().filter(|name| !is_literal(name) && !name.ends_with('…')).count();
        let in_text = self.text.map_or(0, |[english, _]| placeholders(english));
        if self.takes_any_number() { count >= fixed + in_text } else { count == fixed + in_text }
    }

    /// Whether the last middle parameter stands for any number of them.
    pub fn takes_any_number(&self) -> bool {
        self.middle.last().is_some_and(|name| name.ends_with('…'))
    }
}

/// Whether a middle parameter stands for itself.
fn is_literal(name: &str) -> bool {
    name == "*" || name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Writes the parameter that turned out not to be the last.
fn write_pending<'a>(line: LineWriter<'a>, pending: Option<&str>) -> LineWriter<'a> {
    match pending {
        Some(value) => line.param(word_or_star(value)),
        None => line,
    }
}

/// How many arguments a text takes.
fn placeholders(text: &str) -> usize {
    text.matches('{').count()
}

/// Finds a numeric by its number.
pub fn by_code(code: u16) -> Option<&'static Numeric> {
    ALL.iter().copied().find(|numeric| numeric.code == code)
}

/// Prints the whole table, one numeric per three lines: what `numerics.txt` holds.
pub fn printed_table() -> String {
    let mut printed = String::new();
    for numeric in ALL {
        let words =
            numeric.middle.iter().map(|name| if is_literal(name) { (*name).to_owned() } else { format!("<{name}>") });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(numeric: &Numeric, language: Language, args: &[&str]) -> String {
        let mut out = Vec::new();
        numeric.write(LineWriter::new(&mut out).source("s"), "anna", language, args);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn rows_are_in_order_and_unique() {
        assert!(ALL.is_sorted_by(|left, right| left.code < right.code));
        assert!(ALL.iter().all(|numeric| (1..1000).contains(&numeric.code)));
        assert_eq!(by_code(332), Some(RPL_TOPIC));
        assert_eq!(by_code(999), None);
    }

    #[test]
    fn languages_take_the_same_arguments() {
        for numeric in ALL {
            let [english, italian] = numeric.text.unwrap_or_default();
            assert_eq!(placeholders(english), placeholders(italian), "{} {}", numeric.code, numeric.name);
            assert_eq!(english.is_empty(), italian.is_empty(), "{} {}", numeric.code, numeric.name);
            for text in [english, italian] {
                assert_eq!(placeholders(text), text.matches("{}").count(), "a brace only for an argument: {text}");
            }
        }
    }

    #[test]
    fn only_the_last_parameter_varies() {
        for numeric in ALL {
            let varying = numeric.middle.iter().position(|name| name.ends_with('…'));
            assert!(varying.is_none_or(|position| position + 1 == numeric.middle.len()), "{}", numeric.name);
        }
    }

    /// What clients and conformance suites are known to look for.
    #[test]
    fn nothing_that_clients_know_is_missing() {
        let ranges = [
            1..=5,
            221..=221,
            251..=255,
            265..=266,
            301..=302,
            305..=306,
            311..=315,
            317..=319,
            321..=324,
            329..=333,
            335..=338,
            341..=341,
            346..=349,
            351..=354,
            364..=369,
            371..=372,
            374..=376,
            378..=379,
            381..=381,
            391..=391,
            401..=401,
            403..=404,
            406..=406,
            409..=410,
            412..=412,
            417..=417,
            421..=422,
            431..=433,
            441..=443,
            451..=451,
            461..=462,
            464..=464,
            468..=468,
            471..=471,
            473..=476,
            481..=482,
            491..=492,
            524..=525,
            671..=671,
            696..=696,
            704..=706,
            730..=734,
            760..=762,
            766..=766,
            770..=772,
            774..=774,
            900..=901,
            903..=908,
        ];
        for code in ranges.into_iter().flatten() {
            assert!(by_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn arguments_find_their_places() {
        for (numeric, args, line) in [
            (RPL_WELCOME, &["Casa", "anna!a@h"][..], "001 anna :Welcome to the Casa network, anna!a@h"),
            (RPL_TOPIC, &["#tea", "a: {} b"], "332 anna #tea :a: {} b"),
            (RPL_CHANNELMODEIS, &["#tea", "+kl", "key", "9"], "324 anna #tea +kl key 9"),
            (RPL_CHANNELMODEIS, &["#tea", "+"], "324 anna #tea +"),
            (RPL_WHOISUSER, &["bob", "~b", "host", "Bob B"], "311 anna bob ~b host * :Bob B"),
            (RPL_LISTSTART, &[], "321 anna Channel :Users  Name"),
            (RPL_ENDOFLINKS, &[], "365 anna * :End of /LINKS list"),
            (RPL_WHOSPCRPL, &["7", "Bob B"], "354 anna 7 :Bob B"),
            (RPL_WHOREPLY, &["#t", "u", "h", "s", "n", "H@", "0", "Bob B"], "352 anna #t u h s n H@ :0 Bob B"),
            (RPL_STATSILINE, &["h", "s", "6667", "users"], "215 anna I h * s 6667 users"),
            (RPL_BANLIST, &["#tea", "*!*@*"], "367 anna #tea *!*@*"),
        ] {
            assert_eq!(written(numeric, Language::En, args), format!(":s {line}\r\n"));
        }
        assert_eq!(written(ERR_NOSUCHNICK, Language::It, &["bob"]), ":s 401 anna bob :Nick o canale inesistente\r\n");
    }

    #[test]
    fn what_is_repeated_cannot_break_the_line() {
        for bad in ["", "a b", ":a"] {
            assert_eq!(written(ERR_NOSUCHNICK, Language::En, &[bad]), ":s 401 anna * :No such nick/channel\r\n");
        }
        let long = "è".repeat(300);
        let line = written(ERR_UNKNOWNCOMMAND, Language::En, &[&long]);
        assert!(line.len() <= 512 && line.ends_with("è\r\n"), "{line}");
    }

    #[test]
    fn counting_arguments() {
        assert!(RPL_TOPIC.args_fit(2) && !RPL_TOPIC.args_fit(1) && !RPL_TOPIC.args_fit(3));
        assert!(RPL_CHANNELMODEIS.args_fit(2) && RPL_CHANNELMODEIS.args_fit(9) && !RPL_CHANNELMODEIS.args_fit(1));
        assert!(RPL_WHOISUSER.args_fit(4), "a literal takes none");
    }

    /// The table under review. Print it anew with `cargo run -p irc --example numerics > crates/irc/numerics.txt`.
    #[test]
    fn the_printed_table_is_current() {
        let kept = include_str!("../numerics.txt");
        let printed = printed_table();
        for (kept_line, printed_line) in kept.lines().zip(printed.lines()) {
            assert_eq!(
                kept_line, printed_line,
                "numerics.txt is not what the table says; see this test for how to print it"
            );
        }
        assert_eq!(kept.lines().count(), printed.lines().count(), "numerics.txt has more or fewer rows than the table");
    }
}
