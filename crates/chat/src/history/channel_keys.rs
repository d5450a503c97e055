//! Under which key the past of a channel stands. It is the folded name under which the channel began; a channel that gets
//! another name takes its key along, and whoever makes another of the old name begins a past of their own.
//!
//! The store has the same rule as a table, changed by the same facts.

use std::collections::BTreeMap;

use irc::casemap::Folded;

use crate::ids::Seq;

/// The keys that are not the folded name itself.
#[derive(Clone, Debug, Default)]
pub struct ChannelKeys {
    by_name: BTreeMap<Folded, Box<str>>,
}

impl ChannelKeys {
    /// Returns the key of a name.
    pub fn key<'a>(&'a self, name: &'a Folded) -> &'a str {
        self.by_name.get(name).map_or(name.as_str(), |key| key)
    }

    /// Notes that a fact at this place gave a channel another name. What stood under the new name before is found no more.
    pub fn rename(&mut self, old: Folded, new: Folded, at: Seq) {
        if old == new {
            return;
        }
        let key = self.key(&old).into();
        let fresh = fresh_key(&old, at);
        self.by_name.insert(new, key);
        self.by_name.insert(old, fresh.into());
    }
}

/// Makes a key that no name has had: a space cannot stand in a channel's name, and no place is given twice.
pub fn fresh_key(name: &Folded, at: Seq) -> String {
    format!("{} {}", name.as_str(), at.0)
}

#[cfg(test)]
mod tests {
    use irc::casemap::CaseMapping;

    use super::*;

    #[test]
    fn a_past_goes_with_its_channel_there_and_back() {
        let fold = |name: &str| CaseMapping::Ascii.fold(name);
        let mut keys = ChannelKeys::default();
        keys.rename(fold("#A"), fold("#a"), Seq(1));
        assert_eq!(keys.key(&fold("#a")), "#a");
        keys.rename(fold("#a"), fold("#b"), Seq(2));
        assert_eq!((keys.key(&fold("#a")), keys.key(&fold("#b"))), ("#a 2", "#a"));
        keys.rename(fold("#b"), fold("#a"), Seq(3));
        assert_eq!((keys.key(&fold("#a")), keys.key(&fold("#b"))), ("#a", "#b 3"));
    }
}
