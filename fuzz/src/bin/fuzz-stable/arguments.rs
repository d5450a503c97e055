//! The command line.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// How the program is called.
pub(crate) const USAGE: &str = "\
fuzz-stable [--seconds N] [--target NAME] [--seed S]    kept inputs, then generated ones for N seconds per target (3)
fuzz-stable --target NAME --input FILE                  this input alone";

/// What is wanted.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) seconds: u64,
    pub(crate) target: Option<String>,
    pub(crate) seed: u64,
    pub(crate) input: Option<PathBuf>,
}

impl Arguments {
    /// Reads the words after the program's name.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seed = since_epoch.as_secs() ^ u64::from(since_epoch.subsec_nanos());
        let mut arguments = Self { seconds: 3, target: None, seed, input: None };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("`{word}` needs a value, or is unknown"))?;
            match word.as_str() {
                "--seconds" => arguments.seconds = number(&word, &value)?,
                "--seed" => arguments.seed = number(&word, &value)?,
                "--input" => arguments.input = Some(value.into()),
                "--target" if fuzz::target(&value).is_some() => arguments.target = Some(value),
                "--target" => {
                    let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
                    return Err(format!("there is no target `{value}`; there are {}", names.join(", ")));
                }
                _ => return Err(format!("`{word}` is unknown")),
            }
        }
        Ok(arguments)
    }

    pub(crate) fn is_wanted(&self, name: &str) -> bool {
        self.target.as_deref().is_none_or(|target| target == name)
    }
}

fn number(word: &str, value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| format!("{word}: `{value}` is not a whole number"))
}
