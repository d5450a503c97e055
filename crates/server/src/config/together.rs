//! What keys mean together: values that are right alone and wrong side by side.

use std::collections::BTreeSet;

use super::{Config, Hall, Tls};

/// Two keys that contradict each other.
pub(super) struct Conflict {
    /// The key that is to be changed.
    pub(super) key: String,
    /// What is wrong and what would be right.
    pub(super) problem: String,
}

/// Returns every contradiction of a configuration.
pub(super) fn conflicts(config: &Config) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    let mut say = |key: String, problem: &str| conflicts.push(Conflict { key, problem: problem.to_owned() });
    if config.server.hall == Hall::Inline && config.server.shards > 1 {
        say("server.hall".to_owned(), "\"inline\" needs shards = 1 (or 0)");
    }
    let mut addresses = BTreeSet::new();
    for (position, listen) in config.listen.iter().enumerate() {
        let path = format!("listen[{}]", position + 1);
        if listen.dialects.is_empty() {
            say(format!("{path}.dialects"), "at least one of \"web\", \"irc\" and \"plain\" is needed");
        }
        if listen.dialects.iter().collect::<BTreeSet<_>>().len() < listen.dialects.len() {
            say(format!("{path}.dialects"), "a dialect stands here twice");
        }
        if listen.room.len() > config.limits.channel_length {
            say(format!("{path}.room"), "this name is longer than limits.channel_length");
        }
        if !listen.address.ends_with(":0") && !addresses.insert(&listen.address) {
            say(format!("{path}.address"), "another [[listen]] has this address already");
        }
        if listen.tls_required && listen.tls == Tls::Off {
            say(format!("{path}.tls_required"), "needs `tls = \"auto\"` or a certificate on this listener");
        }
        if let Tls::Files(files) = &listen.tls
            && (files.cert.is_empty() || files.key.is_empty())
        {
            say(format!("{path}.tls"), "both `cert` and `key` are needed");
        }
        if listen.proxy_protocol && config.server.trusted_proxies.is_empty() {
            say(format!("{path}.proxy_protocol"), "needs server.trusted_proxies: nobody else is believed");
        }
    }
    let mut names = BTreeSet::new();
    for (position, operator) in config.operator.iter().enumerate() {
        let path = format!("operator[{}]", position + 1);
        if !names.insert(&operator.name) {
            say(format!("{path}.name"), "another [[operator]] has this name already");
        }
        match (&operator.password, &operator.password_hash) {
            (None, None) => say(format!("{path}.password_hash"), "is needed: `loggia account hash` makes one"),
            (Some(_), Some(_)) => say(format!("{path}.password"), "either `password` or `password_hash`, not both"),
            _ => {}
        }
    }
    conflicts
}
