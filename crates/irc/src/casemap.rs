//! Which names are the same name: case mapping.
//!
//! Spec: Modern IRC, "CASEMAPPING parameter"; RFC 8265, section 3.3 (UsernameCaseMapped).

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// How names are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseMapping {
    /// `A` to `Z` are `a` to `z`; nothing else is folded, in particular not `[]\^`.
    #[default]
    Ascii,
    /// Names in any script, folded by the PRECIS profile UsernameCaseMapped.
    Precis,
}

/// The profile can need a second pass before its result stands still (RFC 8264, section 7); a third is known of no string.
const PRECIS_PASSES_MAX: usize = 4;

impl CaseMapping {
    /// The value of the ISUPPORT token `CASEMAPPING`.
    pub const fn isupport_value(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Precis => "precis",
        }
    }

    /// Reads what [`Self::isupport_value`] has written.
    pub fn from_isupport(value: &str) -> Option<Self> {
        [Self::Ascii, Self::Precis].into_iter().find(|mapping| mapping.isupport_value() == value)
    }

    /// Folds a name into the form that is equal for equal names.
    pub fn fold(self, name: &str) -> Folded {
        Folded(Arc::from(self.fold_cow(name)))
    }

    /// The same of a name that is kept: where it is its own folded form, which most are, nothing is copied.
    pub(crate) fn fold_shared(self, name: &Arc<str>) -> Folded {
        match self.fold_cow(name) {
            Cow::Borrowed(_) => Folded(Arc::clone(name)),
            Cow::Owned(folded) => Folded(folded.into()),
        }
    }

    /// Folds without allocating when the name is folded already: for lookups.
    ///
    /// What no profile allows (a mask with spaces, say) is lower-cased character by character, so every string has a folded form.
    pub fn fold_cow(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Precis if !name.is_ascii() => Cow::Owned(fold_precis(name)),
            Self::Ascii | Self::Precis => {
                if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    Cow::Owned(name.to_ascii_lowercase())
                } else {
                    Cow::Borrowed(name)
                }
            }
        }
    }

    /// Whether two names are the same.
    pub fn same(self, left: &str, right: &str) -> bool {
        match self {
            Self::Ascii => left.eq_ignore_ascii_case(right),
            Self::Precis => self.fold_cow(left) == self.fold_cow(right),
        }
    }
}

fn fold_precis(name: &str) -> String {
    // The `#` is no part of the name to the profile: a direction-neutral character may not begin a right-to-left name.
    let (prefix, bare) = match name.strip_prefix('#') {
        Some(bare) => ("#", bare),
        None => ("", name),
    };
    let mut folded = bare.to_owned();
    for _ in 0..PRECIS_PASSES_MAX {
        let next = match UsernameCaseMapped::enforce(folded.as_str()) {
            Ok(enforced) => enforced.into_owned(),
            Err(_) => folded.chars().flat_map(char::to_lowercase).nfc().collect(),
        };
        if next == folded {
            break;
        }
        folded = next;
    }
    format!("{prefix}{folded}")
}

/// A name after folding: equal for names that are the same, and the key of every map of names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Folded(Arc<str>);

impl Folded {
    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Folded {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Folded {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Folded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ascii_folds_letters_only() {
        assert_eq!(CaseMapping::Ascii.fold(r"ABCxyz[]\^{}|~É").as_str(), r"abcxyz[]\^{}|~É");
        assert!(CaseMapping::Ascii.same("Alice", "aLICE") && !CaseMapping::Ascii.same("a[", "a{"));
    }

    #[test]
    fn precis_folds_every_script() {
        let same = |left, right| CaseMapping::Precis.same(left, right);
        assert!(same("ÉMILE", "émile") && same("Анна", "АННА") && same("#Über", "#üBER"));
        assert!(same("E\u{301}", "é"), "composed and decomposed are the same");
        assert!(same("Ａｎｎａ", "anna"), "wide letters are the same as narrow ones");
        assert!(same("#שלום", "#שלום") && !same("emile", "émile"));
    }

    #[test]
    fn what_no_profile_allows_is_folded_too() {
        assert_eq!(CaseMapping::Precis.fold("Ünd So ☃").as_str(), "ünd so ☃");
    }

    #[test]
    fn folded_names_are_found_by_text() {
        let map = BTreeMap::from([(CaseMapping::Ascii.fold("Alice"), 1)]);
        assert_eq!(map.get(&*CaseMapping::Ascii.fold_cow("ALICE")), Some(&1));
        assert!(matches!(CaseMapping::Ascii.fold_cow("alice"), Cow::Borrowed("alice")));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(name in "\\PC{0,12}") {
            for casemapping in [CaseMapping::Ascii, CaseMapping::Precis] {
                let once = casemapping.fold(&name);
                prop_assert_eq!(casemapping.fold(once.as_str()), once);
            }
        }
    }
}
