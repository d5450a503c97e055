//! What is linked in: every crate's licence, the banned crates, and where crates come from, by the lists of `deny.toml`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;
use serde::Deserialize;

/// The part of `deny.toml` that is checked here; the rest of its keys are cargo-deny's alone.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    registries: BTreeSet<String>,
    #[serde(rename = "allow-git")]
    repositories: BTreeSet<String>,
}

/// One package of the tree, as far as the rules look at it.
struct Linked {
    name: String,
    version: String,
    /// SPDX expression; absent when the crate only ships a file.
    licence: Option<String>,
    /// `registry+URL` or `git+URL`; absent for the crates of this workspace.
    source: Option<String>,
}

/// Checks every package that is built against `deny.toml`.
///
/// # Errors
///
/// Names each crate with a licence that is not allowed, a ban, or a source that is not allowed.
pub(crate) fn run() -> Result<()> {
    let metadata = MetadataCommand::new().exec().context("cannot read the workspace with `cargo metadata`")?;
    let path = metadata.workspace_root.join("deny.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let rules: Rules = toml::from_str(&text).with_context(|| format!("cannot understand {path}"))?;
    let used = used()?;
    let linked: Vec<Linked> = metadata
        .packages
        .iter()
        .filter(|package| used.contains(&(package.name.to_string(), format!("v{}", package.version))))
        .map(|package| Linked {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
            source: package.source.as_ref().map(|source| source.repr.clone()),
        })
        .collect();
    let faults: Vec<String> = linked.iter().flat_map(|package| faults_of(package, &rules)).collect();
    if faults.is_empty() {
        println!("licences: {} crates, every licence and source allowed, none banned", linked.len());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} things must not be linked in (deny.toml)", faults.len());
}

/// Returns name and version of every package that is really built, on any platform. `cargo metadata` also lists what a
/// feature would only extend (`ring?/std`) though nothing asks for it.
fn used() -> Result<BTreeSet<(String, String)>> {
    let arguments = ["tree", "--workspace", "--target", "all", "--prefix", "none", "--format", "{p}", "--locked"];
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo).args(arguments).output().context("cannot run `cargo tree`")?;
    if !output.status.success() {
        bail!("`cargo tree` fails: {}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout).context("`cargo tree` writes what is no text")?;
    let package = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        Some((words.next()?, words.next()?))
    };
    Ok(lines.lines().filter_map(package).collect())
}

fn faults_of(package: &Linked, rules: &Rules) -> Vec<String> {
    let who = format!("{} {}", package.name, package.version);
    let mut faults = Vec::new();
    match package.licence.as_deref().map(|licence| (licence, allows(licence, &rules.licenses.allow))) {
        Some((_, Ok(true))) => {}
        Some((licence, Ok(false))) => faults.push(format!("{who}: licence `{licence}` is not allowed")),
        Some((licence, Err(why))) => faults.push(format!("{who}: cannot read licence `{licence}`: {why}")),
        None => faults.push(format!("{who}: names no licence")),
    }
    if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == package.name) {
        faults.push(format!("{who}: banned: {}", ban.reason));
    }
    if let Some(source) = &package.source {
        let allowed = match source.split_once('+') {
            Some(("registry" | "sparse", url)) => rules.sources.registries.contains(url),
            Some(("git", url)) => rules.sources.repositories.contains(url.split(['?', '#']).next().unwrap_or(url)),
            _ => false,
        };
        if !allowed {
            faults.push(format!("{who}: source `{source}` is not allowed"));
        }
    }
    faults
}

/// Returns whether the SPDX expression can be met with the allowed licences: `AND` binds closer than `OR`.
///
/// # Errors
///
/// When the expression is not one.
fn allows(expression: &str, allowed: &BTreeSet<String>) -> Result<bool, String> {
    // `MIT/Apache-2.0` is how `OR` was written before SPDX.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any_of(&words, &mut at, allowed)?;
    if at == words.len() { Ok(met) } else { Err(format!("`{}` is one too many", words[at])) }
}

fn any_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Result<bool, String> {
    let mut met = all_of(words, at, allowed)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all_of(words, at, allowed)?;
    }
    Ok(met)
}

fn all_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Result<bool, String> {
    let mut met = one(words, at, allowed)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed)?;
    }
    Ok(met)
}

fn one(words: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> Result<bool, String> {
    let word = *words.get(*at).ok_or("it ends too early")?;
    *at += 1;
    match word {
        "(" => {
            let met = any_of(words, at, allowed)?;
            if words.get(*at) != Some(&")") {
                return Err("a parenthesis is not closed".to_owned());
            }
            *at += 1;
            Ok(met)
        }
        ")" | "AND" | "OR" | "WITH" => Err(format!("`{word}` where a licence should stand")),
        licence if words.get(*at) == Some(&"WITH") => {
            let exception = words.get(*at + 1).ok_or("nothing follows WITH")?;
            *at += 2;
            Ok(allowed.contains(&format!("{licence} WITH {exception}")))
        }
        licence => Ok(allowed.contains(licence)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        toml::from_str(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
            [bans]
            multiple-versions = "allow"
            deny = [{ crate = "openssl", reason = "TLS is rustls" }]
            [sources]
            allow-registry = ["https://github.com/rust-lang/crates.io-index"]
            allow-git = ["https://example.org/kept"]
            "#,
        )
        .expect("the rules are TOML")
    }

    fn linked(licence: &str) -> Linked {
        Linked {
            name: "leaf".to_owned(),
            version: "1.2.3".to_owned(),
            licence: Some(licence.to_owned()),
            source: Some("registry+https://github.com/rust-lang/crates.io-index".to_owned()),
        }
    }

    #[test]
    fn expressions_are_read_as_spdx_reads_them() {
        let allowed = rules().licenses.allow;
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0 OR MIT AND Apache-2.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert_eq!(allows(good, &allowed), Ok(true), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR MIT) AND AGPL-3.0", "MIT WITH Classpath-exception-2.0"] {
            assert_eq!(allows(bad, &allowed), Ok(false), "{bad}");
        }
        for broken in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND MIT", "MIT WITH"] {
            assert!(allows(broken, &allowed).is_err(), "{broken}");
        }
    }

    #[test]
    fn an_allowed_crate_has_no_faults() {
        assert_eq!(faults_of(&linked("MIT"), &rules()), Vec::<String>::new());
    }

    #[test]
    fn a_licence_that_is_missing_or_not_allowed_is_named() {
        assert_eq!(faults_of(&linked("GPL-3.0"), &rules()), ["leaf 1.2.3: licence `GPL-3.0` is not allowed"]);
        let silent = Linked { licence: None, ..linked("MIT") };
        assert_eq!(faults_of(&silent, &rules()), ["leaf 1.2.3: names no licence"]);
    }

    #[test]
    fn bans_say_their_reason() {
        let banned = Linked { name: "openssl".to_owned(), ..linked("MIT") };
        assert_eq!(faults_of(&banned, &rules()), ["openssl 1.2.3: banned: TLS is rustls"]);
    }

    #[test]
    fn other_registries_and_repositories_are_refused() {
        for (source, good) in [
            ("git+https://example.org/kept?rev=1#abc", true),
            ("git+https://example.org/other#abc", false),
            ("registry+https://example.org/index", false),
            ("path", false),
        ] {
            let package = Linked { source: Some(source.to_owned()), ..linked("MIT") };
            assert_eq!(faults_of(&package, &rules()).is_empty(), good, "{source}");
        }
        assert!(
            faults_of(&Linked { source: None, ..linked("MIT") }, &rules()).is_empty(),
            "our own crates have no source"
        );
    }
}
