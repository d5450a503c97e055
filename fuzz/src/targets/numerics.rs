//! The numerics: whatever a client's own text they repeat, one line of at most 512 bytes comes out that can be read.

use irc::message::Message;
use irc::numerics::{ALL, Language};
use irc::write::LineWriter;

use super::choices::Choices;
use super::written::check_irc_line;

/// What clients send and get repeated.
pub const WORDS: &[&[u8]] =
    &[b":", b" ", b"\n", b"{}", b"*", b"#tea", &[b'x'; 255], "è".as_bytes(), "😀".as_bytes(), b"alice\nbob\n:\n"];

/// The first bytes choose the numeric; the lines of the rest are its arguments.
pub fn numerics(data: &[u8]) {
    let mut choices = Choices::new(data);
    let index = usize::from(choices.byte()) | usize::from(choices.byte()) << 8;
    let numeric = ALL[index % ALL.len()];
    let text = String::from_utf8_lossy(choices.rest()).into_owned();
    let mut given =
        text.split('\n').map(|one| one.trim_matches(['\r', '\0'])).filter(|one| !one.contains(['\r', '\0']));
    let client = given.next().unwrap_or_default();
    let mut args: Vec<&str> = given.take(10).collect();
    if !numeric.args_fit(args.len()) {
        let Some(count) = (0..20).find(|count| numeric.args_fit(*count)) else { return };
        args.resize(count, "");
    }
    for language in [Language::En, Language::It] {
        let mut out = Vec::new();
        numeric.write(LineWriter::new(&mut out).source("loggia.local"), client, language, &args);
        check_irc_line(&out);
        let line = out.strip_suffix(b"\r\n").unwrap_or(&out);
        let message = Message::parse(line).unwrap_or_else(|error| panic!("{} cannot be read: {error}", numeric.name));
        assert_eq!(message.command, format!("{:03}", numeric.code));
        assert!(!message.params.is_empty(), "the client's name is missing");
    }
}
