//! What the program says to people: a catalogue for each language, `texts/LANGUAGE.json`. To translate, copy one and add it to
//! [`Language`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use link::locale;
use serde::{Deserialize, Serialize};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    #[value(name = "en")]
    En,
    /// Italian.
    #[value(name = "it")]
    It,
}

impl Language {
    /// All of them, each with its own name.
    pub const ALL: &[(Self, &str)] = &[(Self::En, "English"), (Self::It, "Italiano")];

    /// Returns the language of a locale's name, such as `it_IT.UTF-8`; English for what is not spoken.
    pub fn of_locale(locale: &str) -> Self {
        if locale::speaks(locale, "it") { Self::It } else { Self::En }
    }

    /// Returns the language that the environment asks for.
    pub fn of_environment() -> Self {
        locale::of_environment().map_or(Self::En, |locale| Self::of_locale(&locale))
    }

    fn catalogue(self) -> &'static BTreeMap<String, String> {
        static CATALOGUES: OnceLock<[BTreeMap<String, String>; 2]> = OnceLock::new();
        let catalogues = CATALOGUES.get_or_init(|| {
            [include_str!("../texts/en.json"), include_str!("../texts/it.json")]
                .map(|text| serde_json::from_str(text).unwrap_or_else(|error| unreachable!("a catalogue: {error}")))
        });
        match self {
            Self::En => &catalogues[0],
            Self::It => &catalogues[1],
        }
    }

    /// Returns a text.
    pub fn text(self, key: &str) -> &'static str {
        // The tests see to it that every key is there.
        self.catalogue().get(key).map_or("", String::as_str)
    }

    /// Returns a text if there is one.
    pub fn maybe(self, key: &str) -> Option<&'static str> {
        self.catalogue().get(key).map(String::as_str)
    }

    /// Returns a text with what stands in braces filled in.
    pub fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.text(key);
        // Once through, so that what is filled in is never read as a placeholder itself.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        text.push_str(rest);
        text
    }

    /// Returns a text for a number of things.
    pub fn count(self, key: &str, count: usize, values: &[(&str, &str)]) -> String {
        let form = if count == 1 { "one" } else { "other" };
        let count = count.to_string();
        let values: Vec<(&str, &str)> = values.iter().copied().chain([("count", count.as_str())]).collect();
        self.with(&format!("{key}.{form}"), &values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    /// Returns the keys that the sources name, and the beginnings of those that are put together.
    fn keys_in(folder: &std::path::Path, keys: &mut BTreeSet<String>) {
        for file in std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()) {
            if file.is_dir() {
                keys_in(&file, keys);
                continue;
            }
            let source = std::fs::read_to_string(&file).expect("a source");
            for call in [".text(\"", ".notice(\"", ".with(\"", ".count(\""] {
                for found in source.split(call).skip(1) {
                    let key = found.split('"').next().unwrap_or_default();
                    keys.insert(if call == ".count(\"" { format!("{key}.other") } else { key.to_owned() });
                }
            }
        }
    }

    #[test]
    fn both_catalogues_have_every_text_with_the_same_placeholders() {
        let (en, it) = (Language::En.catalogue(), Language::It.catalogue());
        assert_eq!(en.keys().collect::<Vec<_>>(), it.keys().collect::<Vec<_>>());
        for (key, text) in en {
            assert!(!text.is_empty() && !it[key].is_empty(), "{key}");
            assert_eq!(placeholders(text), placeholders(&it[key]), "{key}");
        }
        let mut keys = BTreeSet::new();
        keys_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut keys);
        assert!(keys.len() > 50, "the sources are looked through: {}", keys.len());
        let missing: Vec<&String> = keys.iter().filter(|key| !en.contains_key(*key)).collect();
        assert_eq!(missing, Vec::<&String>::new());
    }

    #[test]
    fn what_is_filled_in_is_never_a_placeholder() {
        let text = Language::En.with("composer.replying", &[("nick", "{text}"), ("text", "x")]);
        assert_eq!(text, "Reply to {text}: x");
        assert_eq!(Language::It.count("members.count", 1, &[]), "1 persona");
        assert_eq!(Language::En.count("members.count", 2, &[]), "2 people");
    }

    #[test]
    fn a_locale_names_a_language() {
        for (locale, language) in [
            ("it_IT.UTF-8", Language::It),
            ("it", Language::It),
            ("en_GB", Language::En),
            ("C", Language::En),
            ("ita", Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
