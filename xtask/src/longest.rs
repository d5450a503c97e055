//! The longest files and functions: where to look when something wants to be split.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::source;

/// A function and how many lines it has, first to last, tests left out.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    first_line: usize,
    lines: usize,
}

/// Prints the `count` longest Rust files (tests included, and without) and functions of the workspace.
///
/// # Errors
///
/// When a source file cannot be read.
pub(crate) fn run(count: usize) -> Result<()> {
    let metadata =
        MetadataCommand::new().no_deps().exec().context("cannot read the workspace with `cargo metadata`")?;
    let root = metadata.workspace_root.as_std_path();
    let mut files = Vec::new();
    let mut functions = Vec::new();
    for path in source::rust_files(root)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let code = source::without_tests(&source::blank(&text));
        let code_lines = code.lines().filter(|line| !line.trim().is_empty()).count();
        files.push((text.lines().count(), code_lines, shown.clone()));
        functions.extend(functions_in(&code).into_iter().map(|function| (function, shown.clone())));
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.0));
    functions.sort_by_key(|(function, _)| std::cmp::Reverse(function.lines));
    println!("lines  code  file (code: without tests, comments and empty lines)");
    for (lines, code_lines, shown) in files.iter().take(count) {
        println!("{lines:>5} {code_lines:>5}  {shown}");
    }
    println!("\nlines  function");
    for (function, shown) in functions.iter().take(count) {
        println!("{:>5}  {} ({shown}:{})", function.lines, function.name, function.first_line);
    }
    Ok(())
}

/// Finds every `fn` with a body in code without comments, literals and tests.
fn functions_in(code: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        if code[..start].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let name: String =
            code[start + 3..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        let end = source::item_end(code, start);
        if name.is_empty() || !code[start..end].ends_with('}') {
            continue; // a type `fn (…)`, or a declaration without a body
        }
        let first_line = code[..start].matches('\n').count() + 1;
        functions.push(Function { name, first_line, lines: code[start..end].matches('\n').count() + 1 });
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_first_to_last_line() {
        let code = "struct A;\nimpl A {\n    pub fn one(&self) -> [u8; 2] {\n        if x { y }\n    }\n    fn two();\n}\nfn three() {}\nlet f: fn (u8) = g;";
        assert_eq!(
            functions_in(code),
            [
                Function { name: "one".to_owned(), first_line: 3, lines: 3 },
                Function { name: "three".to_owned(), first_line: 8, lines: 1 },
            ]
        );
    }
}
