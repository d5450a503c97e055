//! The whole of `scenarios/`, as tests of their own.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};

use crate::model::{Scenario, Way};
use crate::parse::parse;

/// Where the transcripts are.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Reads every transcript of a directory, in the order of the file names.
///
/// # Errors
/// Names the file that cannot be read, or the line that means nothing.
pub fn load(directory: &Path) -> Result<Vec<Scenario>, String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("cannot read {}: {error}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension() == Some(OsStr::new("txt")));
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let shown = Path::new("scenarios").join(file.file_name().unwrap_or_default());
        scenarios.extend(parse(&shown, &source).map_err(|error| error.to_string())?);
    }
    Ok(scenarios)
}

/// Makes a test of each transcript that can run this way. `play` runs one.
pub fn trials(scenarios: Vec<Scenario>, way: Way, play: fn(&Scenario) -> Result<(), String>) -> Vec<Trial> {
    let possible = scenarios.into_iter().filter(|scenario| scenario.only.is_none_or(|only| only == way));
    possible.map(|scenario| Trial::test(test_name(&scenario), move || play(&scenario).map_err(Failed::from))).collect()
}

/// `topic::only_operators_may_change_it_under_t`
fn test_name(scenario: &Scenario) -> String {
    let stem = scenario.file.file_stem().unwrap_or_default().to_string_lossy();
    let words: Vec<&str> =
        scenario.title.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let title = words.join("_");
    if stem == scenario.title { stem.into_owned() } else { format!("{stem}::{title}") }
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_named_after_file_and_title() {
        let scenarios = parse(Path::new("scenarios/topic.txt"), "== +t: only operators\na connects\n").unwrap();
        assert_eq!(test_name(&scenarios[0]), "topic::t_only_operators");
        let untitled = parse(Path::new("scenarios/mode-ban.txt"), "a connects\n").unwrap();
        assert_eq!(test_name(&untitled[0]), "mode-ban");
    }

    #[test]
    fn every_transcript_can_be_read_and_has_a_name_of_its_own() {
        let scenarios = load(&directory()).unwrap();
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
        assert_eq!(trials(scenarios.clone(), Way::Sockets, |_| Ok(())).len(), 2);
        assert_eq!(trials(scenarios, Way::InProcess, |_| Ok(())).len(), 1);
    }
}
