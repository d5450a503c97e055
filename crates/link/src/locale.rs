//! Which language the person speaks, as their environment says it.

/// Returns the name of the locale of messages, such as `it_IT.UTF-8`: the first that is set of `LC_ALL`, `LC_MESSAGES`, `LANG`
/// (POSIX, "Environment Variables").
pub fn of_environment() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"))
}

/// Tells whether a locale is of a language, such as `it`.
pub fn speaks(locale: &str, language: &str) -> bool {
    let name = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
    name.eq_ignore_ascii_case(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_begins_with_its_language() {
        for (locale, is_italian) in [
            ("it_IT.UTF-8", true),
            ("it", true),
            ("IT@euro", true),
            ("it-CH", true),
            ("en_GB", false),
            ("ita", false),
            ("C", false),
        ] {
            assert_eq!(speaks(locale, "it"), is_italian, "{locale}");
        }
    }
}
