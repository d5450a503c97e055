//! What the configuration may ask for and this version does not have yet.
//!
//! Where leaving it out would make the server less safe than its owner believes, the server does not start; where it
//! merely lacks something, it says so and starts.

use argon2::password_hash::phc::PasswordHash;

use super::{Config, Dialect, Listen, Tls};

/// Returns a sentence for each thing without which the server must not start.
pub fn refusals(config: &Config) -> Vec<String> {
    let asked = config.cluster.as_ref().map(|_| "[cluster]: this version does not have it yet".to_owned());
    asked.into_iter().collect()
}

/// Returns a sentence for each thing that is left out, or looks wrong, without harm.
pub fn warnings(config: &Config) -> Vec<String> {
    let mut said = Vec::new();
    if config.previews.enabled && !config.uploads.enabled {
        said.push(
            "previews.enabled: the file host looks at links, so uploads.enabled has to be true; there are none"
                .to_owned(),
        );
    }
    said.extend(sts_problem(config));
    for operator in &config.operator {
        if operator.password.is_some() {
            said.push(format!(
                "operator {}: a password in clear text is for tests; `loggia account hash` makes a hash",
                operator.name
            ));
        }
        if operator.password_hash.as_deref().is_some_and(|hash| PasswordHash::new(hash).is_err()) {
            said.push(format!(
                "operator {}: password_hash is not a hash that `loggia account hash` makes; OPER will fail",
                operator.name
            ));
        }
    }
    said
}

/// Returns why clients are not told to insist on encryption though they should be.
fn sts_problem(config: &Config) -> Option<String> {
    let with_tls = || config.listen.iter().filter(|listen| listen.tls != Tls::Off);
    let self_made = |listen: &Listen| listen.tls == Tls::Auto && config.acme.domains.is_empty();
    let why = if config.sts.seconds == 0 {
        return None;
    } else if !with_tls().any(|listen| listen.dialects.contains(&Dialect::Irc)) {
        "no listener takes IRC by TLS"
    } else if with_tls().any(self_made) {
        "a listener has a self-made certificate, which clients that insist would refuse for ever"
    } else {
        return None;
    };
    Some(format!("sts.seconds: it is not offered, because {why}"))
}
