//! The whole of `scenarios/`, and the examples of `docs/protocol/`, as tests of their own.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::model::{Scenario, Way};
use crate::parse::parse;

/// Where the transcripts are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Where the examples are: beside the transcripts.
const DOCUMENTS: &str = "../docs/protocol";

/// How an example in a document begins, and how it ends.
const FENCE: &str = "```";
const EXAMPLE: &str = "```transcript";

/// Reads the transcripts of a directory, in the order of the file names, and the examples of the documents beside it: all, or
/// those in the file of the one test that is asked for. (A runner may give each of thousands of tests a process of its own.)
///
/// # Errors
/// Names the file that cannot be read, or the line that means nothing.
pub fn load(directory: &Path, arguments: &Arguments) -> Result<Vec<Scenario>, String> {
    let test = arguments.filter.as_deref().filter(|_| arguments.exact);
    let wanted = |file: &PathBuf| test.is_none_or(|test| test.split("::").any(|part| part == file_name_in_tests(file)));
    let mut scenarios = Vec::new();
    for file in files(directory, "txt")?.into_iter().filter(wanted) {
        let shown = Path::new("scenarios").join(file.file_name().unwrap_or_default());
        scenarios.extend(parse(&shown, &read(&file)?).map_err(|error| error.to_string())?);
    }
    for file in files(&directory.join(DOCUMENTS), "md")?.into_iter().filter(wanted) {
        let source = examples(&read(&file)?);
        if !source.trim().is_empty() {
            let shown = Path::new("docs/protocol").join(file.file_name().unwrap_or_default());
            scenarios.extend(parse(&shown, &source).map_err(|error| error.to_string())?);
        }
    }
    Ok(scenarios)
}

fn files(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("cannot read {}: {error}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension() == Some(OsStr::new(extension)));
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// Leaves of a document what stands in its examples, each line in its place.
fn examples(document: &str) -> String {
    let mut is_example = false;
    let lines = document.lines().map(|line| {
        let is_fence = line.starts_with(FENCE);
        if is_fence {
            is_example = line == EXAMPLE;
        }
        if is_example && !is_fence { line } else { "" }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Makes a test of each transcript that can run this way. `play` runs one; the tests' names begin with `prefix`.
pub fn trials(prefix: &str, scenarios: &[Scenario], way: Way, play: fn(&Scenario) -> Result<(), String>) -> Vec<Trial> {
    let possible = scenarios.iter().filter(|scenario| scenario.only.is_none_or(|only| only == way)).cloned();
    let trial = |scenario: Scenario| {
        Trial::test(format!("{prefix}{}", test_name(&scenario)), move || play(&scenario).map_err(Failed::from))
    };
    possible.map(trial).collect()
}

/// `topic::only_operators_may_change_it_under_t`; an example is called after its document: `edit.md::a_typing_error`.
fn test_name(scenario: &Scenario) -> String {
    let name = file_name_in_tests(&scenario.file);
    let words: Vec<&str> =
        scenario.title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let title = words.join("_");
    if name == scenario.title { name.into_owned() } else { format!("{name}::{title}") }
}

/// What the tests of a file are called after.
fn file_name_in_tests(file: &Path) -> Cow<'_, str> {
    let is_example = file.extension() == Some(OsStr::new("md"));
    let name = if is_example { file.file_name() } else { file.file_stem() };
    name.unwrap_or_default().to_string_lossy()
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tests_are_named_after_file_and_title() {
        let scenarios = parse(Path::new("scenarios/topic.txt"), "== +t: only operators\na connects\n").unwrap();
        assert_eq!(test_name(&scenarios[0]), "topic::t_only_operators");
        let untitled = parse(Path::new("scenarios/mode-ban.txt"), "a connects\n").unwrap();
        assert_eq!(test_name(&untitled[0]), "mode-ban");
    }

    #[test]
    fn examples_are_tests_too() {
        let document = "# Tea\n== no\n```\n== no\n```\n```transcript\n== one\na connects\n```\nb connects\n";
        assert_eq!(examples(document), "\n\n\n\n\n\n== one\na connects\n\n");
        let scenarios = parse(Path::new("docs/protocol/edit.md"), &examples(document)).unwrap();
        assert_eq!(test_name(&scenarios[0]), "edit.md::one");
        assert!(
            load(&directory(), &Arguments::default())
                .unwrap()
                .iter()
                .any(|scenario| test_name(scenario).starts_with("edit.md::"))
        );
    }

    #[test]
    fn for_one_test_its_file_is_read() {
        let one = |test: &str| Arguments { exact: true, filter: Some(test.into()), ..Arguments::default() };
        let of = |test: &str| {
            load(&directory(), &one(test)).unwrap().into_iter().map(|scenario| scenario.file).collect::<BTreeSet<_>>()
        };
        assert_eq!(of("hall_thread::topic::anything"), [PathBuf::from("scenarios/topic.txt")].into());
        assert_eq!(of("edit.md::a_typing_error"), [PathBuf::from("docs/protocol/edit.md")].into());
        let substring = Arguments { filter: Some("topic".into()), ..Arguments::default() };
        assert!(load(&directory(), &substring).unwrap().len() > of("topic").len());
    }

    #[test]
    fn every_transcript_can_be_read_and_has_a_name_of_its_own() {
        let scenarios = load(&directory(), &Arguments::default()).unwrap();
        let mut names: Vec<String> = scenarios.iter().map(test_name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count > 0);
    }

    #[test]
    fn a_transcript_runs_only_the_way_it_can() {
        let source = "== both\na connects\n== real\nonly over sockets\na connects\n";
        let scenarios = parse(Path::new("x.txt"), source).unwrap();
        assert_eq!(trials("", &scenarios, Way::Sockets, |_| Ok(())).len(), 2);
        assert_eq!(trials("", &scenarios, Way::InProcess, |_| Ok(())).len(), 1);
    }
}
