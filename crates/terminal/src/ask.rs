//! What is asked before there is a screen: the server, the port, the name, the password.

use std::io::{self, BufRead as _, Read as _, Write as _, stderr, stdin};
use std::path::Path;

use anyhow::{Context as _, bail};
use link::address::{Address, DEFAULT_PORT};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::words::{Words, fill};

/// The longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Asks for the server and its port, until they are ones. `last`: what an empty answer means.
pub(crate) fn server(words: &Words, last: Option<&str>) -> anyhow::Result<String> {
    loop {
        let host = answer(words.ask_server, last)?;
        let whole = match Address::parse(&host) {
            // A name alone may have another port; an address has said it.
            Ok(_) if last != Some(host.as_str()) && !host.contains([':', '/']) => {
                let port = DEFAULT_PORT.to_string();
                let port = answer(&fill(words.ask_port, &[("port", &port)]), Some(&port))?;
                format!("{host}:{port}")
            }
            _ => host,
        };
        match Address::parse(&whole) {
            Ok(_) => return Ok(whole),
            Err(error) => eprintln!("{error}"),
        }
    }
}

/// Asks for the name.
pub(crate) fn name(words: &Words, last: Option<&str>) -> anyhow::Result<String> {
    answer(words.ask_name, last)
}

/// Returns the password: from the environment, from a file, or asked.
///
/// # Errors
///
/// There is none.
pub(crate) fn password(words: &Words, file: Option<&Path>, is_interactive: bool) -> anyhow::Result<String> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Ok(password) = std::env::var("LOGGIA_PASSWORD") {
        return Ok(password);
    }
    if !is_interactive {
        bail!("the password is in $LOGGIA_PASSWORD or in --password-file FILE where nobody can be asked");
    }
    eprint!("{}", words.ask_password);
    stderr().flush().context("cannot ask")?;
    let input = stdin();
    let before = tcgetattr(&input).context("cannot ask the terminal")?;
    let mut silent = before.clone();
    // Without signals, Ctrl-C never leaves the terminal without echo.
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    tcsetattr(&input, OptionalActions::Flush, &silent).context("cannot silence the terminal")?;
    let line = read_line();
    tcsetattr(&input, OptionalActions::Flush, &before).context("cannot restore the terminal")?;
    eprintln!();
    let line = line?;
    if line.contains('\u{3}') {
        bail!("given up");
    }
    Ok(line)
}

/// Asks until there is an answer.
fn answer(question: &str, default: Option<&str>) -> anyhow::Result<String> {
    loop {
        match default {
            Some(default) if !question.contains('[') => eprint!("{} [{default}]: ", question.trim_end_matches(": ")),
            _ => eprint!("{question}"),
        }
        stderr().flush().context("cannot ask")?;
        let line = read_line()?;
        let line = line.trim();
        if !line.is_empty() {
            return Ok(line.to_owned());
        }
        if let Some(default) = default {
            return Ok(default.to_owned());
        }
    }
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = stdin().lock().take(ANSWER_BYTES_MAX).read_line(&mut line).context("cannot read the answer")?;
    if read == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof)).context("there is no answer");
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
