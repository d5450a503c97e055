//! What a failed transcript tells its reader: where, what was expected, what came, and the way there.

use std::fmt;
use std::path::PathBuf;

/// A transcript that did not go as written.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub file: PathBuf,
    /// The line of the step that failed; the last one for what is noticed at the end.
    pub line: usize,
    /// What the transcript says.
    pub expected: String,
    /// What happened instead.
    pub came: String,
    /// Everything sent and received so far, as a transcript would write it.
    pub so_far: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}", self.file.display(), self.line)?;
        writeln!(f, "- expected: {}", self.expected)?;
        writeln!(f, "+ came:     {}", self.came)?;
        writeln!(f, "so far:")?;
        for line in &self.so_far {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
