//! Man pages and shell completions of a program, made from its own help: they cannot say anything else.
//!
//! Our programs write them when they are asked to (`--write-manual DIR`), because the program that is handed out is the one
//! that knows what it can do. `cargo xtask dist` puts them where a system looks for them.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::{Shell, generate_to};

/// The shells whose completions are written.
const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Fish, Shell::Zsh];

/// Writes the man pages of a program and of all its commands (`NAME.1`, `NAME-COMMAND.1`), and its completions (`NAME.bash`,
/// `NAME.fish`, `_NAME` for zsh) into a directory, which is made where there is none.
///
/// # Errors
///
/// The directory cannot be made, or a file not be written.
pub fn write(mut command: Command, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    // First: completions add a command `help` with a page for each page.
    clap_mangen::generate_to(command.clone(), directory)?;
    let name = command.get_name().to_owned();
    for shell in SHELLS {
        generate_to(shell, &mut command, &name, directory)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::Arg;

    use super::*;

    #[test]
    fn every_command_has_a_page_and_every_shell_its_completions() {
        let directory = std::env::temp_dir().join(format!("loggia-manual-{}", std::process::id()));
        let brew = Command::new("brew").about("Makes tea").arg(Arg::new("minutes").long("minutes").help("How long"));
        let hidden = Command::new("secret").hide(true);
        let command = Command::new("tea").about("All about tea").subcommand(brew).subcommand(hidden);
        write(command, &directory).expect("written");
        let files = fs::read_dir(&directory).expect("a directory");
        let names: BTreeSet<_> =
            files.map(|file| file.expect("a file").file_name().into_string().expect("a name")).collect();
        let read = |name: &str| fs::read_to_string(directory.join(name)).expect("a file");
        let page = read("tea-brew.1");
        let completions = ["tea.bash", "tea.fish", "_tea"].map(read);
        fs::remove_dir_all(&directory).expect("removed");
        assert_eq!(names.iter().collect::<Vec<_>>(), ["_tea", "tea-brew.1", "tea.1", "tea.bash", "tea.fish"]);
        assert!(page.contains("Makes tea") && page.contains("minutes") && page.contains("How long"), "{page}");
        assert!(completions.iter().all(|text| text.contains("minutes")));
    }
}
