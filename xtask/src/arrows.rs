//! Who may depend on whom: the workspace's normal dependencies against the table of the design.
//!
//! Only normal dependencies are arrows. Tests may reach anywhere (dev-dependencies), and so may build scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::purity;

/// What a crate may depend on inside the workspace.
#[derive(Clone, Copy)]
enum Targets {
    /// These and no others.
    Only(&'static [&'static str]),
    /// Every crate: it checks or exercises all of them.
    All,
}

/// The arrows, exactly as the design draws them ("Workspace"). A crate that is not here yet may not exist yet.
const ARROWS: &[(&str, Targets)] = &[
    ("irc", Targets::Only(&[])),
    ("plain", Targets::Only(&[])),
    ("chat", Targets::Only(&["irc"])),
    ("session", Targets::Only(&["irc", "chat", "plain"])),
    ("client", Targets::Only(&["irc", "plain"])),
    // Channel names and how they fold: history belongs to a name.
    ("store", Targets::Only(&["chat", "irc"])),
    ("cluster", Targets::Only(&["chat"])),
    ("transport", Targets::Only(&["irc"])),
    ("discovery", Targets::Only(&[])),
    (
        "server",
        Targets::Only(&[
            "session",
            "chat",
            "store",
            "cluster",
            "transport",
            "discovery",
            "terminal",
            "bench",
            "import",
            "uploads",
            "fetch",
            "manual",
            "irc",
            "plain",
        ]),
    ),
    // What both native clients do outside of the pure crate: connections, and what is kept on the disk.
    ("link", Targets::Only(&["client", "transport", "plain"])),
    // Names, formatting and dialects are spoken of with the grammar's own types.
    ("terminal", Targets::Only(&["client", "transport", "discovery", "link", "irc", "plain"])),
    ("desktop", Targets::Only(&["client", "transport", "discovery", "link", "manual", "irc", "plain"])),
    // The grammar: what a server says is read with the same parser.
    ("bench", Targets::Only(&["client", "transport", "irc"])),
    // What other programs have written down: it knows nothing of ours.
    ("import", Targets::Only(&[])),
    // Files that people share: it knows nothing of chat.
    ("uploads", Targets::Only(&[])),
    // Man pages and completions: it knows programs by their help only.
    ("manual", Targets::Only(&[])),
    // Requests to servers that somebody has named: it knows nothing of chat.
    ("fetch", Targets::Only(&[])),
    ("sim", Targets::Only(&["session", "chat", "client", "store", "irc", "plain"])),
    ("scenario", Targets::Only(&["session", "chat", "irc", "plain", "store"])),
    ("fuzz", Targets::All),
    ("xtask", Targets::All),
];

/// The crates without sockets, files, clock, randomness, threads or async.
pub(crate) const PURE_CRATES: &[&str] = &["irc", "chat", "plain", "session", "client", "import"];

/// Crates that bring what a pure crate must not have, with what they would bring.
///
/// `libc` is not among them: `sha2` asks it which instructions the processor has, and our own code cannot call it (`unsafe` is denied).
/// Nor is `rand_core`: it says what a source of chance looks like, and has none; that would be `getrandom`. The crates of cryptography name it in
/// their interfaces, whether chance is used or not (`p256`, with which `session` looks whether a key is a point of the curve).
const FORBIDDEN_IN_PURE: &[(&str, &str)] = &[
    ("async-trait", "async"),
    ("async-std", "async"),
    ("chrono", "the clock"),
    ("crossbeam-channel", "threads"),
    ("fastrand", "randomness"),
    ("futures", "async"),
    ("futures-util", "async"),
    ("getrandom", "randomness"),
    ("hyper", "sockets"),
    ("if-addrs", "the machine's addresses"),
    ("mio", "sockets"),
    ("nix", "system calls"),
    ("parking_lot", "locks"),
    ("rand", "randomness"),
    ("rayon", "threads"),
    ("reqwest", "sockets"),
    ("rusqlite", "files"),
    ("rustix", "system calls"),
    ("rustls", "sockets"),
    ("signal-hook", "signals"),
    ("smol", "async"),
    ("socket2", "sockets"),
    ("tempfile", "files"),
    ("time", "the clock"),
    ("tokio", "async"),
    ("tracing-subscriber", "output"),
    ("uuid", "randomness"),
];

/// Normal dependencies by package name: inside the workspace in `workspace`, and everything reached in `reached`.
#[derive(Default)]
struct Graph {
    /// Direct normal dependencies of a workspace crate that are workspace crates themselves.
    workspace: BTreeMap<String, BTreeSet<String>>,
    /// Direct normal dependencies of every package of the whole tree, but of procedural macros.
    all: BTreeMap<String, BTreeSet<String>>,
}

/// Checks the arrows, the pure crates' dependencies and the pure crates' sources; prints what is wrong.
///
/// # Errors
///
/// Names every arrow, dependency and line that must not be there.
pub(crate) fn run() -> Result<()> {
    let metadata = MetadataCommand::new().exec().context("cannot read the workspace with `cargo metadata`")?;
    let graph = graph_of(&metadata);
    let mut faults = compare(ARROWS, &graph.workspace);
    faults.extend(impure_dependencies(&graph.all));
    let mut files = 0_usize;
    for (name, folder) in source_folders(&metadata) {
        if PURE_CRATES.contains(&name.as_str()) {
            let scan = purity::scan_folder(&folder)?;
            files += scan.files;
            faults.extend(scan.faults);
        }
    }
    if faults.is_empty() {
        let arrows: usize = graph.workspace.values().map(BTreeSet::len).sum();
        println!(
            "arrows: {arrows} between {} crates, {files} pure source files, all as designed",
            graph.workspace.len()
        );
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} things are not as the design says", faults.len());
}

/// Returns each workspace crate with the folder its sources stand in.
fn source_folders(metadata: &Metadata) -> Vec<(String, PathBuf)> {
    let members = metadata.workspace_packages();
    let folder = |package: &&cargo_metadata::Package| {
        package.manifest_path.parent().map(|parent| (package.name.to_string(), parent.join("src").into_std_path_buf()))
    };
    members.iter().filter_map(folder).collect()
}

fn graph_of(metadata: &Metadata) -> Graph {
    let names: BTreeMap<&PackageId, String> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let members: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    // They run in the compiler: what they depend on is not in the program that is built.
    let is_macro =
        |package: &&cargo_metadata::Package| package.targets.iter().any(cargo_metadata::Target::is_proc_macro);
    let macros: BTreeSet<&PackageId> = metadata.packages.iter().filter(is_macro).map(|package| &package.id).collect();
    let mut graph = Graph::default();
    let Some(resolve) = &metadata.resolve else { return graph };
    for node in resolve.nodes.iter().filter(|node| !macros.contains(&node.id)) {
        let name = names[&node.id].clone();
        for dependency in &node.deps {
            if !dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal) {
                continue;
            }
            let target = names[&dependency.pkg].clone();
            if members.contains(&node.id) && members.contains(&dependency.pkg) {
                graph.workspace.entry(name.clone()).or_default().insert(target.clone());
            }
            graph.all.entry(name.clone()).or_default().insert(target);
        }
        if members.contains(&node.id) {
            graph.workspace.entry(name).or_default();
        }
    }
    graph
}

/// Returns a sentence for each arrow of `actual` that `table` does not draw, and for each crate it does not know.
fn compare(table: &[(&str, Targets)], actual: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, targets) in actual {
        let Some((_, allowed)) = table.iter().find(|(known, _)| known == name) else {
            faults.push(format!(
                "crate `{name}` is not in the table of arrows (design, \"Workspace\"; xtask/src/arrows.rs)"
            ));
            continue;
        };
        let Targets::Only(allowed) = allowed else { continue };
        for target in targets.iter().filter(|target| !allowed.contains(&target.as_str())) {
            let may = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            faults.push(format!("arrow `{name} → {target}` is not in the design; `{name}` may depend on: {may}"));
        }
    }
    faults
}

/// Returns a sentence for each forbidden crate that a pure crate reaches, with the way it gets there.
fn impure_dependencies(all: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut faults = Vec::new();
    for &pure in PURE_CRATES.iter().filter(|name| all.contains_key(**name)) {
        for (forbidden, brings) in FORBIDDEN_IN_PURE {
            if let Some(way) = way_to(all, pure, forbidden) {
                faults.push(format!("pure crate `{pure}` must not have {brings}: {}", way.join(" → ")));
            }
        }
    }
    faults
}

/// Returns the shortest chain of dependencies from `start` to `goal`, both included.
fn way_to(all: &BTreeMap<String, BTreeSet<String>>, start: &str, goal: &str) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ring = vec![start];
    while !ring.is_empty() {
        let mut next = Vec::new();
        for name in ring {
            for target in all.get(name).into_iter().flatten().map(String::as_str) {
                if target == start || came_from.contains_key(target) {
                    continue;
                }
                came_from.insert(target, name);
                next.push(target);
            }
        }
        ring = next;
    }
    let mut way = vec![goal.to_owned()];
    let mut at = *came_from.get(goal)?;
    while at != start {
        way.push(at.to_owned());
        at = came_from[at];
    }
    way.push(start.to_owned());
    way.reverse();
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        edges
            .iter()
            .map(|(from, to)| ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn drawn_arrows_are_accepted() {
        let actual = graph(&[("irc", &[]), ("chat", &["irc"]), ("session", &["irc", "chat", "plain"])]);
        assert_eq!(compare(ARROWS, &actual), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_that_is_not_drawn_is_named() {
        let faults = compare(ARROWS, &graph(&[("chat", &["irc", "store"])]));
        assert_eq!(faults, ["arrow `chat → store` is not in the design; `chat` may depend on: irc"]);
        let faults = compare(ARROWS, &graph(&[("irc", &["chat"])]));
        assert_eq!(faults, ["arrow `irc → chat` is not in the design; `irc` may depend on: nothing"]);
    }

    #[test]
    fn an_unknown_crate_is_named() {
        let faults = compare(ARROWS, &graph(&[("helpers", &[])]));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("crate `helpers` is not in the table"), "{faults:?}");
    }

    #[test]
    fn crates_that_check_everything_may_depend_on_everything() {
        assert!(compare(ARROWS, &graph(&[("fuzz", &["server", "irc"]), ("xtask", &["session"])])).is_empty());
    }

    #[test]
    fn every_arrow_leads_to_a_crate_of_the_table() {
        for (name, targets) in ARROWS {
            let Targets::Only(targets) = targets else { continue };
            for target in *targets {
                assert!(ARROWS.iter().any(|(known, _)| known == target), "{name} → {target}");
            }
        }
    }

    #[test]
    fn a_forbidden_crate_is_found_through_others_with_the_way_to_it() {
        let all = graph(&[("chat", &["ahash", "irc"]), ("ahash", &["getrandom"]), ("getrandom", &[])]);
        assert_eq!(impure_dependencies(&all), ["pure crate `chat` must not have randomness: chat → ahash → getrandom"]);
    }

    #[test]
    fn edge_crates_may_have_sockets() {
        assert!(
            impure_dependencies(&graph(&[("server", &["mio"]), ("mio", &["socket2"]), ("irc", &["memchr"])]))
                .is_empty()
        );
    }

    #[test]
    fn a_ring_of_dependencies_ends() {
        let all = graph(&[("chat", &["a"]), ("a", &["b"]), ("b", &["a", "chat"])]);
        assert_eq!(way_to(&all, "chat", "tokio"), None);
    }
}
