//! Where files are sent, and the tokens to send them with: a token is good for one file.
//!
//! Spec: `docs/protocol/filehost.md`: soju's filehost; `IRCv3` pull request 602, "authtoken".

use irc::message::Message;
use irc::write::LineWriter;

const SERVICE: &str = "FILEHOST";

/// Asks for a token.
pub(crate) fn ask(out: &mut Vec<u8>) {
    LineWriter::new(out).command("TOKEN").param("GENERATE").last(SERVICE).end();
}

/// Takes the answer: a token, or the word with which the server refuses.
pub(crate) fn answer(line: &Message<'_>) -> Option<Result<Box<str>, Box<str>>> {
    let param = |place| line.params.get(place).unwrap_or_default();
    match line.command {
        "TOKEN" if param(0).eq_ignore_ascii_case("GENERATE") && param(1).eq_ignore_ascii_case(SERVICE) => {
            let token = line.params.last()?;
            // It travels in a header of HTTP: nothing that could end one.
            let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
            Some(if is_token { Ok(token.into()) } else { Err("INVALID_TOKEN".into()) })
        }
        "FAIL" if param(0) == "TOKEN" => Some(Err(param(1).into())),
        _ => None,
    }
}
