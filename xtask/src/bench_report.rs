//! `cargo xtask bench-report`: measures, and writes what came of it into `docs/performance.md`, with plots.
//!
//! The part of the page between two marks is written anew; all of it comes from one run. What was measured is also kept as JSON, and
//! the page can be written again from that (`--from DIRECTORY`).

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

mod growth;
mod overview;
mod plot;

use growth::SERIES;

/// The page, and the marks around what is written here.
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- bench-report begins -->\n";
const END: &str = "<!-- bench-report ends -->\n";

/// Where plots lie, seen from the page's directory.
const PLOTS: &str = "images/performance";

/// One measurement: its name, what it is for people, and how `loggia bench` is asked for it. ircd-hybrid, and ngIRCd at
/// a pace, are left out where thousands are needed: the one lets some forty people in a second, with the other it takes minutes until
/// they are in one room.
const PLAN: [(&str, &str, &str); 11] = [
    ("fanout-100", "Saturated fan-out, 100 members", "fanout --members 100 --server all"),
    ("fanout-1000", "Saturated fan-out, 1,000 members", "fanout --members 1000 --server all"),
    (
        "fanout-5000",
        "Saturated fan-out, 5,000 members",
        "fanout --members 5000 --runs 2 --server loggia,loggia-disk,inspircd,ngircd,bare,bare-16",
    ),
    (
        "rate-100",
        "20,000 deliveries per second, 100 members",
        "fanout --members 100 --rate 20000 --runs 5 --server all",
    ),
    ("rate-1000", "20,000 deliveries per second, 1,000 members", "fanout --members 1000 --rate 20000 --server all"),
    (
        "rate-5000",
        "20,000 deliveries per second, 5,000 members",
        "fanout --members 5000 --rate 20000 --runs 2 --server loggia,loggia-disk,inspircd,bare,bare-16",
    ),
    ("rooms", "100 rooms of 10 who all speak", "rooms --server all,loggia-no-history"),
    (
        "rooms-10",
        "100 rooms of 10, one message of each on its way",
        "rooms --window 10 --server loggia,loggia-disk,loggia-no-history,inspircd,ngircd",
    ),
    ("churn", "People who come and go", "churn --joiners 0 --server all"),
    ("storm", "Ten thousand join one room", "churn --joiners 10000 --server loggia,loggia-disk,inspircd"),
    ("slow", "Readers who do not keep up", "slow --runs 1 --seconds 5 --server all"),
];

/// How the memory of idle connections is measured.
const IDLE: (&str, &str) = ("idle", "idle --connections 18900 --runs 1 --server loggia,inspircd,ngircd,ircd-hybrid");

/// The figures of tables, where a measurement has them: name in the JSON, heading, digits behind the point.
const FIGURES: [(&str, &str, usize); 14] = [
    ("deliveries_per_second", "deliveries/s", 0),
    ("cpu_seconds_per_million", "CPU, s per million", 2),
    ("p50_ms", "p50, ms", 2),
    ("p99_ms", "p99, ms", 2),
    ("proportional_mib", "memory (PSS), MiB", 0),
    ("cycles_per_second", "cycles/s", 0),
    ("cpu_us_per_cycle", "CPU for each, µs", 0),
    ("join_ms", "join storm, ms", 0),
    ("join_pause_ms", "longest pause, ms", 0),
    ("names_pause_ms", "during NAMES, ms", 0),
    ("who_pause_ms", "during WHO, ms", 0),
    ("stopped_p50_ratio", "one stops: p50", 2),
    ("slow_p50_ratio", "one is slow: p50", 2),
    ("stopped_mib", "one stops: MiB more", 1),
];

/// Measures with a release build, beside all servers, and writes the page: everything, or what is named. What is not measured
/// now is taken from the last time.
///
/// # Errors
///
/// When something cannot be built, measured or written, or there is no measurement of a name.
pub(crate) fn run(only: &[&str]) -> Result<()> {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().context("cannot ask cargo where this is")?;
    let directory = metadata.target_directory.join("bench-report");
    fs::create_dir_all(&directory).with_context(|| format!("cannot create {directory}"))?;
    let plan: Vec<_> = plan().into_iter().filter(|(name, _)| only.is_empty() || is_meant(name, only)).collect();
    ensure!(!plan.is_empty(), "there is no measurement called {}", only.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--release", "--package", "server"]).status();
    ensure!(status.context("cannot start cargo")?.success(), "the release build failed");
    let program = metadata.target_directory.join("release/loggia");
    for (name, words) in plan {
        println!("{name} …");
        let status = Command::new(&program)
            .arg("bench")
            .args(words.split(' '))
            .arg("--json")
            .arg(directory.join(format!("{name}.json")))
            .status()
            .with_context(|| format!("cannot start {program}"))?;
        ensure!(status.success(), "`loggia bench {words}` failed: {status}");
    }
    from(directory.as_std_path())
}

/// Returns everything that is measured: its name, and the words for `loggia bench`.
fn plan() -> Vec<(String, String)> {
    let tables = PLAN.iter().map(|(name, _, words)| (*name, *words)).chain([IDLE]);
    let tables = tables.map(|(name, words)| (name.to_owned(), words.to_owned()));
    tables.chain(SERIES.iter().flat_map(growth::Series::points)).collect()
}

/// Tells whether one of the words is a measurement's name, or the beginning of it up to a hyphen.
fn is_meant(name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

/// Writes the page from what was measured before; what was not is left out, and said.
///
/// # Errors
///
/// When nothing is there, or the page cannot be written.
pub(crate) fn from(directory: &Path) -> Result<()> {
    let mut text = String::new();
    fs::create_dir_all(Path::new("docs").join(PLOTS)).context("cannot create the directory for plots")?;
    for (name, title, words) in PLAN {
        let Some(measured) = measured(directory, name)? else {
            println!("not measured: {name}");
            continue;
        };
        section(&mut text, title, words, &measured)?;
        if let Some(image) = plotted(name, title, &measured)? {
            writeln!(text, "\n![{title}]({image})")?;
        }
    }
    if let Some(measured) = measured(directory, IDLE.0)? {
        idle(&mut text, &measured)?;
    }
    for series in &SERIES {
        series.write(directory, &mut text)?;
    }
    ensure!(!text.is_empty(), "there is nothing measured in {}", directory.display());
    let text = overview::table(directory)? + &text;
    let page = fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, rest) = page.split_once(BEGIN).with_context(|| format!("{PAGE} has no mark where to begin"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{PAGE} has no mark where to end"))?;
    fs::write(PAGE, format!("{before}{BEGIN}{text}\n{END}{after}")).with_context(|| format!("cannot write {PAGE}"))
}

/// Returns what came of a measurement, if there was one.
fn measured(directory: &Path, name: &str) -> Result<Option<Value>> {
    let path = directory.join(name).with_extension("json");
    let Ok(file) = fs::read_to_string(&path) else { return Ok(None) };
    serde_json::from_str(&file).map(Some).with_context(|| format!("{} is no JSON", path.display()))
}

/// The servers of a measurement. A program of another time, which was compared too, is no concern of the page.
fn servers(measured: &Value) -> impl Iterator<Item = &Value> {
    let all = measured["servers"].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter(|server| !server["name"].as_str().unwrap_or_default().contains('='))
}

fn section(text: &mut String, title: &str, words: &str, measured: &Value) -> Result<()> {
    let figures: Vec<_> =
        FIGURES.iter().filter(|(name, _, _)| servers(measured).any(|server| server[name].is_object())).collect();
    let headings: Vec<&str> = figures.iter().map(|(_, heading, _)| *heading).collect();
    writeln!(text, "\n### {title}\n\n`loggia bench {words}`: medians (least to most).\n")?;
    writeln!(text, "| | {} |\n|---|{}", headings.join(" | "), "---|".repeat(figures.len()))?;
    for server in servers(measured) {
        write!(text, "| {} |", server["name"].as_str().unwrap_or_default())?;
        for (name, _, digits) in &figures {
            match spread(&server[name]) {
                Some([min, median, max]) if min < max => write!(
                    text,
                    " {} ({} to {}) |",
                    written(median, *digits),
                    written(min, *digits),
                    written(max, *digits)
                )?,
                Some([_, median, _]) => write!(text, " {} |", written(median, *digits))?,
                None => text.push_str(" – |"),
            }
        }
        text.push('\n');
    }
    Ok(())
}

fn idle(text: &mut String, measured: &Value) -> Result<()> {
    let connections = measured["connections"].as_f64().unwrap_or_default();
    writeln!(
        text,
        "\n### Connections that say nothing\n\n`loggia bench idle`: {} of them, registered with all capabilities.\n",
        written(connections, 0)
    )?;
    writeln!(text, "| | bytes for each (PSS) | process, MiB | a million would need, GiB |\n|---|---|---|---|")?;
    let all = measured["servers"].as_array().map_or(&[][..], Vec::as_slice);
    for costs in all.iter().filter(|costs| !costs["server"].as_str().unwrap_or_default().contains('=')) {
        let median = |name: &str| spread(&costs[name]).map_or(0.0, |[_, median, _]| median);
        let bytes = median("bytes_per_connection");
        writeln!(
            text,
            "| {}, {} | {} | {} | {:.1} |",
            costs["server"].as_str().unwrap_or_default(),
            costs["door"].as_str().unwrap_or_default(),
            written(bytes, 0),
            written(median("process_mib"), 0),
            bytes * 1e6 / f64::from(1 << 30)
        )?;
    }
    Ok(())
}

/// Draws the first figure of a measurement; returns where, as the page names it.
fn plotted(name: &str, title: &str, measured: &Value) -> Result<Option<String>> {
    let figure = if name.starts_with("rate") { "p99_ms" } else { "deliveries_per_second" };
    let bars: Vec<plot::Bar> = servers(measured)
        .filter_map(|server| {
            let [min, median, max] = spread(&server[figure])?;
            Some(plot::Bar { name: server["name"].as_str().unwrap_or_default().to_owned(), min, median, max })
        })
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let unit = if figure == "p99_ms" { "99th percentile of latency, ms" } else { "deliveries per second" };
    let image = format!("{PLOTS}/{name}.svg");
    let path = Path::new("docs").join(&image);
    fs::write(&path, plot::bars(title, unit, &bars)).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(image))
}

fn spread(value: &Value) -> Option<[f64; 3]> {
    Some([value["min"].as_f64()?, value["median"].as_f64()?, value["max"].as_f64()?])
}

/// Writes a number with so many digits behind the point, and large ones with commas between thousands.
fn written(number: f64, digits: usize) -> String {
    let plain = format!("{number:.digits$}");
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    match rest {
        Some(rest) => format!("{text}.{rest}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_are_named_whole_or_by_their_beginning() {
        let meant = |words: &[&str]| plan().iter().filter(|(name, _)| is_meant(name, words)).count();
        assert_eq!([meant(&["rooms"]), meant(&["rate"]), meant(&["growth-shards", "idle"])], [2, 3, 6]);
        assert_eq!(meant(&["room"]), 0);
        assert!(plan().len() > PLAN.len() + SERIES.len());
    }

    #[test]
    fn numbers_are_written_for_people() {
        let numbers = [(0.456, 2), (1234.5, 0), (-5.25, 1), (1_000_000.0, 0), (-123.0, 0)];
        let shown = numbers.map(|(number, digits)| written(number, digits));
        assert_eq!(shown, ["0.46", "1,234", "-5.2", "1,000,000", "-123"]);
    }
}
