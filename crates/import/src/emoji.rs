//! Emoji by the names that chat programs give them.

/// Returns the emoji of a name such as `thumbsup` or `+1::skin-tone-2`; the name between colons where there is none.
pub(crate) fn named(name: &str) -> String {
    let bare = name.split("::").next().unwrap_or(name);
    match emojis::get_by_shortcode(bare).or_else(|| emojis::get(bare)) {
        Some(emoji) => emoji.as_str().to_owned(),
        None => format!(":{bare}:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_emoji_and_unknown_ones_stay() {
        assert_eq!(named("+1"), "👍");
        assert_eq!(named("thumbsup::skin-tone-3"), "👍");
        assert_eq!(named("❤️"), "❤️");
        assert_eq!(named("party-parrot"), ":party-parrot:");
    }
}
