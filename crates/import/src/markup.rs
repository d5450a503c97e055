//! Marks that stand in texts of other programs for people, channels, links and signs.

/// Replaces each `<…>` by what `name` makes of its inside, where it makes something of it.
pub(crate) fn replace_angles(text: &str, name: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let inside = rest[1..].split_once(['<', '>']).map(|(inside, _)| inside);
        let closed = inside.filter(|inside| rest[1 + inside.len()..].starts_with('>'));
        if let Some((inside, meant)) = closed.and_then(|inside| Some((inside, name(inside)?))) {
            out.push_str(&meant);
            rest = &rest[inside.len() + "<>".len()..];
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Replaces the three signs that are written as entities. Once: `&amp;lt;` is `&lt;`.
pub(crate) fn without_entities(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn angles_are_replaced_where_they_mean_something() {
        let name = |inside: &str| inside.strip_prefix('@').map(|id| format!("@[{id}]"));
        assert_eq!(replace_angles("hi <@a>, 1 < 2 <@b><@c> <x> <@", name), "hi @[a], 1 < 2 @[b]@[c] <x> <@");
        assert_eq!(replace_angles("<<@é>>", name), "<@[é]>");
        assert_eq!(without_entities("&amp;lt; &lt;b&gt; &amp;"), "&lt; <b> &");
    }

    proptest! {
        #[test]
        fn what_means_nothing_stays(text in any::<String>()) {
            prop_assert_eq!(replace_angles(&text, |_| None), text);
        }
    }
}
