//! What services understand and explain, in both languages.

use irc::numerics::Language;

/// One word that a service understands.
#[derive(Debug)]
pub(super) struct Topic {
    /// The word.
    pub(super) name: &'static str,
    /// What stands behind it.
    pub(super) usage: &'static str,
    /// What it does.
    pub(super) english: &'static str,
    /// The same in Italian.
    pub(super) italian: &'static str,
}

impl Topic {
    /// Returns how it is written.
    pub(super) fn usage_line(&self, language: Language) -> String {
        match language {
            Language::En => format!("It is written: {} {}", self.name, self.usage).trim_end().to_owned(),
            Language::It => format!("Si scrive: {} {}", self.name, self.usage).trim_end().to_owned(),
        }
    }

    /// Returns the explanation.
    pub(super) fn text(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.english,
            Language::It => self.italian,
        }
    }
}

/// `NAME "usage" "English" "Italiano";`
macro_rules! topics {
    ($($name:ident $usage:literal $english:literal $italian:literal;)*) => {
        /// Everything that is understood, in order of use.
        pub(super) const TOPICS: &[$crate::features::services::help::Topic] = &[$(
            $crate::features::services::help::Topic {
                name: stringify!($name),
                usage: $usage,
                english: $english,
                italian: $italian,
            },
        )*];
    };
}
pub(super) use topics;

/// Finds a word, in capitals.
pub(super) fn find(topics: &'static [Topic], name: &str) -> Option<&'static Topic> {
    topics.iter().find(|topic| topic.name == name)
}

/// Says that a word is unknown.
pub(super) fn unknown(name: &str, language: Language) -> String {
    match language {
        Language::En => format!("There is no {name} here; HELP tells what there is."),
        Language::It => format!("Qui non c'è {name}; HELP dice che cosa c'è."),
    }
}

/// Explains one word, or lists all behind a sentence.
pub(super) fn about(topics: &'static [Topic], first: &str, word: Option<&str>, language: Language) -> Vec<String> {
    if let Some(word) = word {
        let name = word.to_ascii_uppercase();
        return find(topics, &name).map_or_else(
            || vec![unknown(&name, language)],
            |topic| vec![topic.usage_line(language), topic.text(language).to_owned()],
        );
    }
    let each = topics.iter().map(|topic| {
        let word = format!("{} {}", topic.name, topic.usage);
        format!("{}: {}", word.trim_end(), topic.text(language))
    });
    core::iter::once(first.to_owned()).chain(each).collect()
}
