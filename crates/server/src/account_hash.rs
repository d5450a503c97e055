//! `loggia account hash`: turns a password into what the configuration may hold.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use anyhow::{Context as _, bail};
use argon2::Argon2;
use argon2::password_hash::PasswordHasher as _;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Longest password, in bytes: hashing costs time, so its length is bounded.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Reads a password from standard input, or asks for it without echo, and prints its hash.
///
/// # Errors
/// When there is no password, or two different ones.
pub fn run() -> anyhow::Result<()> {
    let hash = hash(&read_password()?)?;
    writeln!(io::stdout(), "{hash}").context("cannot write the hash")
}

/// Reads a password from standard input, or asks for it twice without echo.
///
/// # Errors
/// When it cannot be read, or two different ones were typed.
pub fn read_password() -> anyhow::Result<String> {
    if io::stdin().is_terminal() { ask() } else { read_line(&mut io::stdin().lock()) }
}

/// Returns the argon2id hash of a password, with a salt of its own.
///
/// # Errors
/// When the password is empty or too long.
pub fn hash(password: &str) -> anyhow::Result<String> {
    if password.is_empty() {
        bail!("the password is empty");
    }
    if password.len() > PASSWORD_BYTES_MAX {
        bail!("the password is longer than {PASSWORD_BYTES_MAX} bytes");
    }
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| anyhow::anyhow!("cannot hash the password: {error}"))?.to_string())
}

fn ask() -> anyhow::Result<String> {
    let first = without_echo("Password: ")?;
    if first != without_echo("Again: ")? {
        bail!("these are two different passwords");
    }
    Ok(first)
}

/// Asks on standard error, for standard output may be a file, and reads a line that the terminal does not show.
fn without_echo(prompt: &str) -> anyhow::Result<String> {
    const CTRL_C: char = '\u{3}';
    eprint!("{prompt}");
    let input = io::stdin();
    let before = tcgetattr(&input).context("cannot ask the terminal")?;
    let mut silent = before.clone();
    // Without signals Ctrl-C arrives as a character, and the terminal is never left without echo.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    tcsetattr(&input, OptionalActions::Flush, &silent).context("cannot silence the terminal")?;
    let line = read_line(&mut input.lock());
    tcsetattr(&input, OptionalActions::Flush, &before).context("cannot restore the terminal")?;
    eprintln!();
    let line = line?;
    if line.contains(CTRL_C) {
        bail!("given up");
    }
    Ok(line)
}

fn read_line(input: &mut impl io::BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    // One more than allowed, and room for the line's end, so that a longer one is noticed.
    input.by_ref().take(PASSWORD_BYTES_MAX as u64 + 3).read_line(&mut line).context("cannot read the password")?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use argon2::PasswordVerifier as _;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[test]
    fn the_hash_verifies_and_is_salted() {
        let (first, second) = (hash("caffè").unwrap(), hash("caffè").unwrap());
        assert_ne!(first, second);
        assert!(first.starts_with("$argon2id$"));
        let verify = |password: &str| {
            Argon2::default().verify_password(password.as_bytes(), &PasswordHash::new(&first).unwrap())
        };
        assert!(verify("caffè").is_ok() && verify("caffe").is_err());
    }

    #[test]
    fn empty_and_endless_passwords_are_refused() {
        assert!(hash("").is_err());
        let endless = "x".repeat(PASSWORD_BYTES_MAX * 2);
        assert!(hash(&read_line(&mut endless.as_bytes()).unwrap()).is_err());
        assert_eq!(read_line(&mut "hush\r\nmore".as_bytes()).unwrap(), "hush");
    }
}
