//! Reload: which changes of the configuration take effect in a running server, and which wait for the next start.

use std::collections::BTreeSet;

use toml::{Table as Values, Value};

use crate::config::schema::{Applies, Presence};
use crate::config::{Config, SECTIONS, Section, values};

/// What a reload makes of a new configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Reload {
    /// The configuration that holds from now on: the new one where it can take effect, the old one elsewhere.
    pub effective: Config,
    /// Sentences for the log: what has changed, and what needs a restart. No values, for some are secret.
    pub sentences: Vec<String>,
}

/// Compares the running configuration with a new one.
pub fn reload(old: &Config, new: &Config) -> Reload {
    let (mut effective, wanted) = (values(old), values(new));
    let mut sentences = Vec::new();
    for section in SECTIONS {
        let name = section.table.name;
        let (before, after) = (effective.get(name).cloned(), wanted.get(name).cloned());
        if before == after {
            continue;
        }
        match section.presence {
            Presence::Always => always(section, &mut effective, &wanted, &mut sentences),
            Presence::Repeated if is_reloadable(section) => {
                match after {
                    Some(after) => effective.insert(name.to_owned(), after),
                    None => effective.remove(name),
                };
                sentences.push(format!("[[{name}]] has changed and holds from now on"));
            }
            Presence::Repeated => sentences.push(format!("[[{name}]] has changed: that needs a restart")),
            Presence::Optional => sentences.push(format!("[{name}] has changed: that needs a restart")),
        }
    }
    // Both halves were valid, and keys that depend on each other are all of one kind.
    let effective = effective.try_into().unwrap_or_else(|error| unreachable!("a configuration is read back: {error}"));
    Reload { effective, sentences }
}

fn always(section: &Section, effective: &mut Values, wanted: &Values, sentences: &mut Vec<String>) {
    let name = section.table.name;
    let Some(Value::Table(after)) = wanted.get(name) else { return };
    let Some(Value::Table(before)) = effective.get_mut(name) else { return };
    let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    for key in keys {
        if before.get(&key) == after.get(&key) {
            continue;
        }
        match section.table.key(&key).map(|key| key.applies) {
            Some(Applies::Reload) => {
                if let Some(value) = after.get(&key) {
                    before.insert(key.clone(), value.clone());
                }
                sentences.push(format!("{name}.{key} has changed and holds from now on"));
            }
            Some(Applies::Restart) | None => sentences.push(format!("{name}.{key} has changed: that needs a restart")),
        }
    }
}

fn is_reloadable(section: &Section) -> bool {
    section.table.keys.iter().all(|key| key.applies == Applies::Reload)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(source: &str) -> Config {
        Config::parse(source, Path::new("loggia.toml")).unwrap()
    }

    #[test]
    fn nothing_changed_says_nothing() {
        let config = config("[admin]\n[[operator]]\npassword = \"x\"\n");
        let reload = reload(&config, &config);
        assert_eq!((reload.effective, reload.sentences), (config, Vec::new()));
    }

    #[test]
    fn what_can_takes_effect_and_the_rest_is_told() {
        let old = config("[server]\nmotd = [\"old\"]\nname = \"old.example\"\n");
        let new = config(
            "[server]\nmotd = [\"new\"]\nname = \"new.example\"\npassword = \"hush\"\n[limits]\nsendq_bytes = 2048\n\
             [[operator]]\npassword = \"x\"\n[[listen]]\naddress = \"127.0.0.1:0\"\n[admin]\n",
        );
        let reload = reload(&old, &new);
        assert_eq!(
            reload.sentences,
            [
                "server.motd has changed and holds from now on",
                "server.name has changed: that needs a restart",
                "server.password has changed and holds from now on",
                "[[listen]] has changed: that needs a restart",
                "limits.sendq_bytes has changed and holds from now on",
                "[[operator]] has changed and holds from now on",
                "[admin] has changed: that needs a restart",
            ]
        );
        assert_eq!(reload.effective.server.motd, ["new"]);
        assert_eq!(reload.effective.server.name, "old.example");
        assert_eq!(reload.effective.limits.sendq_bytes, 2048);
        assert_eq!(reload.effective.operator, new.operator);
        assert_eq!((reload.effective.listen.len(), reload.effective.admin), (0, None));
    }
}
