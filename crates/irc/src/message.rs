//! A line to its parts: tags, source, command, parameters.
//!
//! Spec: Modern IRC, "Message format"; IRCv3 message-tags, "Format"; UTF-8 only as IRCv3 utf8-only asks.

use std::borrow::Cow;

use crate::tags::Tags;

/// Most parameters of a message; the last takes the rest of the line (RFC 1459, section 2.3.1).
pub const PARAMS_MAX: usize = 15;

/// Longest command that can be known: commands are words like `CHATHISTORY`, and [`Message::command_upper`] needs a bound.
pub const COMMAND_BYTES_MAX: usize = 32;

/// One message, lent from its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The tags, empty when there are none.
    pub tags: Tags<'a>,
    /// Who sent it, without the `:`. Clients need not send it, and servers ignore it.
    pub source: Option<&'a str>,
    /// The command as sent: ASCII letters or digits, in any case.
    pub command: &'a str,
    /// The parameters; how the last one was marked is forgotten.
    pub params: Params<'a>,
}

/// Why a line is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError<'a> {
    /// Nothing but spaces, or tags or a source without a command.
    #[error("the line has no command")]
    Empty,
    /// A NUL, CR or LF inside the line.
    #[error("the line contains a byte that no message may contain")]
    ForbiddenByte {
        /// The value of the `label` tag.
        label: Option<Cow<'a, str>>,
    },
    /// Not UTF-8. What could still be read is given, so that `FAIL` can name the command and carry the label.
    #[error("the line is not valid UTF-8")]
    InvalidUtf8 {
        /// The command, if it is one.
        command: Option<&'a str>,
        /// The value of the `label` tag.
        label: Option<Cow<'a, str>>,
    },
    /// The command is not made of ASCII letters and digits, so nobody knows it.
    #[error("the command {command:?} contains other characters than letters and digits")]
    BadCommand {
        /// The command as sent.
        command: &'a str,
        /// The value of the `label` tag.
        label: Option<Cow<'a, str>>,
    },
}

impl<'a> Message<'a> {
    /// Reads a line that has no CR LF at its end any more.
    ///
    /// More spaces than one between the parts are tolerated, and so are spaces at either end.
    ///
    /// # Errors
    /// [`ParseError`] says which rule the line breaks.
    pub fn parse(line: &'a [u8]) -> Result<Self, ParseError<'a>> {
        if line.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(ParseError::ForbiddenByte { label: label_of(line) });
        }
        let Ok(line) = std::str::from_utf8(line) else {
            return Err(salvage(line));
        };
        let mut rest = line.trim_start_matches(' ');
        let tags = Tags::new(take_marked(&mut rest, '@').unwrap_or_default());
        let source = take_marked(&mut rest, ':');
        let command = take_word(&mut rest);
        if command.is_empty() {
            return Err(ParseError::Empty);
        }
        if !is_command(command.as_bytes()) {
            return Err(ParseError::BadCommand { command, label: tags.value("label") });
        }
        Ok(Self { tags, source, command, params: Params::parse(rest) })
    }

    /// Whether this is the command `name`, in whatever case it was sent.
    pub fn is_command(&self, name: &str) -> bool {
        self.command.eq_ignore_ascii_case(name)
    }

    /// Writes the command in upper case into `buffer`, for a `match`. `None` when it is longer than any known command.
    pub fn command_upper<'b>(&self, buffer: &'b mut [u8; COMMAND_BYTES_MAX]) -> Option<&'b str> {
        let upper = buffer.get_mut(..self.command.len())?;
        upper.copy_from_slice(self.command.as_bytes());
        upper.make_ascii_uppercase();
        std::str::from_utf8(upper).ok()
    }
}

/// Takes the next word off `rest` if it begins with `mark`, and returns it without the mark.
fn take_marked<'a>(rest: &mut &'a str, mark: char) -> Option<&'a str> {
    *rest = rest.strip_prefix(mark)?;
    Some(take_word(rest))
}

/// Takes everything before the next space off `rest`, and the spaces after it.
fn take_word<'a>(rest: &mut &'a str) -> &'a str {
    let end = memchr::memchr(b' ', rest.as_bytes()).unwrap_or(rest.len());
    let (word, behind) = rest.split_at(end);
    *rest = behind.trim_start_matches(' ');
    word
}

fn is_command(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric)
}

/// Reads what an answer to a line that is not UTF-8 needs.
fn salvage(line: &[u8]) -> ParseError<'_> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).peekable();
    words.next_if(|word| word.starts_with(b"@"));
    words.next_if(|word| word.starts_with(b":"));
    let command = words.next().filter(|word| is_command(word)).and_then(|word| std::str::from_utf8(word).ok());
    ParseError::InvalidUtf8 { command, label: label_of(line) }
}

/// Reads the label of a line that is no message; one with NUL in it could not be given back.
fn label_of(line: &[u8]) -> Option<Cow<'_, str>> {
    let section = line.split(|byte| *byte == b' ').find(|word| !word.is_empty())?.strip_prefix(b"@")?;
    Tags::new(std::str::from_utf8(section).ok()?).value("label").filter(|label| !label.contains('\0'))
}

/// The parameters of a message, lent from its line.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    values: [&'a str; PARAMS_MAX],
    len: u8,
}

impl<'a> Params<'a> {
    /// No parameters.
    pub const EMPTY: Self = Self { values: [""; PARAMS_MAX], len: 0 };

    fn parse(mut rest: &'a str) -> Self {
        let mut params = Self::EMPTY;
        while !rest.is_empty() {
            if let Some(trailing) = rest.strip_prefix(':') {
                params.push(trailing);
                break;
            }
            if params.len() == PARAMS_MAX - 1 {
                params.push(rest);
                break;
            }
            params.push(take_word(&mut rest));
        }
        params
    }

    fn push(&mut self, value: &'a str) {
        self.values[usize::from(self.len)] = value;
        self.len += 1;
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The parameter at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<&'a str> {
        self.as_slice().get(index).copied()
    }

    /// The last parameter.
    pub fn last(&self) -> Option<&'a str> {
        self.as_slice().last().copied()
    }

    /// All of them, for slice patterns.
    pub fn as_slice(&self) -> &[&'a str] {
        &self.values[..self.len()]
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator {
        self.as_slice().iter().copied()
    }
}

impl Default for Params<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Params<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Params<'_> {}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_slice().fmt(formatter)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says by panicking what was not as expected")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::write::LineWriter;

    fn parse(line: &str) -> Message<'_> {
        Message::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn all_parts() {
        let message = parse("@id=1;+x=y :alice!a@host PRIVMSG #tea :hello there");
        assert_eq!(message.tags.as_str(), "id=1;+x=y");
        assert_eq!(message.source, Some("alice!a@host"));
        assert_eq!(message.command, "PRIVMSG");
        assert_eq!(message.params.as_slice(), ["#tea", "hello there"]);
    }

    #[test]
    fn spaces_are_tolerated() {
        let message = parse("   @a  :src   NICK    alice  ");
        assert_eq!((message.tags.as_str(), message.source, message.command), ("a", Some("src"), "NICK"));
        assert_eq!(message.params.as_slice(), ["alice"]);
    }

    #[test]
    fn the_last_parameter() {
        assert_eq!(parse("A b :").params.as_slice(), ["b", ""]);
        assert_eq!(parse("A :").params.as_slice(), [""]);
        assert_eq!(parse("A b : c  d ").params.as_slice(), ["b", " c  d "]);
        assert_eq!(parse("A b::c :::d").params.as_slice(), ["b::c", "::d"]);
        assert_eq!(parse("A").params.as_slice(), [""; 0]);
    }

    #[test]
    fn the_fifteenth_parameter_takes_the_rest() {
        let fourteen = (1..=14).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        for (rest, last) in [("15", "15"), ("15 16 17", "15 16 17"), (":15 :16", "15 :16")] {
            let line = format!("A {fourteen} {rest}");
            let params = parse(&line).params;
            assert_eq!((params.len(), params.get(13), params.last()), (15, Some("14"), Some(last)));
        }
    }

    #[test]
    fn what_is_no_message() {
        for empty in ["", "   ", "@a=b", "@a=b ", ":source", ":source  ", "@a :b "] {
            assert_eq!(Message::parse(empty.as_bytes()), Err(ParseError::Empty), "{empty:?}");
        }
        for bad in ["A\0B", "A b\0", "A\rB", "A\nB"] {
            assert_eq!(Message::parse(bad.as_bytes()), Err(ParseError::ForbiddenByte { label: None }), "{bad:?}");
        }
        for (line, label) in [("@label=x A\0B", Some("x")), ("@label=x\0 A", None), ("@label=x\\s;b\0 A", Some("x "))] {
            let label = label.map(Into::into);
            assert_eq!(Message::parse(line.as_bytes()), Err(ParseError::ForbiddenByte { label }), "{line:?}");
        }
        assert_eq!(
            Message::parse("@label=x /join #a".as_bytes()),
            Err(ParseError::BadCommand { command: "/join", label: Some("x".into()) })
        );
    }

    #[test]
    fn invalid_utf8_keeps_what_the_answer_needs() {
        let salvaged = |line: &[u8]| match Message::parse(line) {
            Err(ParseError::InvalidUtf8 { command, label }) => (command.map(str::to_owned), label.map(Cow::into_owned)),
            other => panic!("{other:?}"),
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(salvaged(b"PRIVMSG #a :\xff"), (some("PRIVMSG"), None));
        assert_eq!(salvaged(b"@label=a\\sb  :src privmsg #a \xc3"), (some("privmsg"), some("a b")));
        assert_eq!(salvaged(b"@label=\xff PRIVMSG a"), (some("PRIVMSG"), None));
        assert_eq!(salvaged(b"\xff\xfe"), (None, None));
    }

    #[test]
    fn commands_are_compared_without_case() {
        let message = parse("PrivMsg a b");
        let mut buffer = [0; COMMAND_BYTES_MAX];
        assert!(message.is_command("PRIVMSG") && !message.is_command("PRIVMS"));
        assert_eq!(message.command_upper(&mut buffer), Some("PRIVMSG"));
        let long = "x".repeat(COMMAND_BYTES_MAX + 1);
        assert_eq!(parse(&long).command_upper(&mut buffer), None);
    }

    fn key() -> impl Strategy<Value = String> {
        "\\+?([a-z]{1,5}\\.[a-z]{2}/)?[a-zA-Z0-9-]{1,8}"
    }

    /// Everything that has one form only on the wire: tags, source, command, middle parameters, trailing parameter.
    type Parts = (Vec<(String, String)>, Option<String>, String, Vec<String>, Option<String>);

    fn parts() -> impl Strategy<Value = Parts> {
        (
            proptest::collection::vec((key(), "[^\\x00]{0,12}"), 0..4),
            proptest::option::of("[a-z!@.~]{1,12}"),
            "[A-Za-z]{1,12}|[0-9]{3}",
            proptest::collection::vec("[^\\x00\r\n :][^\\x00\r\n ]{0,8}", 0..14),
            proptest::option::of("[^\\x00\r\n]{0,20}"),
        )
    }

    proptest! {
        #[test]
        fn written_and_read_again((tags, source, command, middle, trailing) in parts()) {
            let mut bytes = Vec::new();
            let mut line = LineWriter::new(&mut bytes);
            for (key, value) in &tags {
                line = line.tag(key, Some(value));
            }
            if let Some(source) = &source {
                line = line.source(source);
            }
            line = line.command(&command);
            for param in &middle {
                line = line.param(param);
            }
            if let Some(trailing) = &trailing {
                line = line.trailing(trailing);
            }
            line.end();

            let message = Message::parse(bytes.strip_suffix(b"\r\n").unwrap()).unwrap();
            let read_tags: Vec<_> = message.tags.iter().map(|tag| (tag.key.to_owned(), tag.unescaped().into_owned())).collect();
            prop_assert_eq!(read_tags, tags);
            prop_assert_eq!(message.source, source.as_deref());
            prop_assert_eq!(message.command, &command);
            let expected: Vec<&str> = middle.iter().chain(&trailing).map(String::as_str).collect();
            prop_assert_eq!(message.params.as_slice(), expected);
        }

        #[test]
        fn any_bytes_are_judged(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(message) = Message::parse(&line) {
                prop_assert!(is_command(message.command.as_bytes()));
                let (last, middle) = message.params.as_slice().split_last().unwrap_or((&"", &[]));
                prop_assert!(middle.iter().all(|param| crate::write::is_middle(param)));
                prop_assert!(crate::write::is_text(last));
            }
        }

        #[test]
        fn words_in_any_order_are_judged(line in "([@:]?(a|=|;|label=\\\\|[0-9]|é|\\x01){0,3} {0,2}){0,20}") {
            if let Ok(message) = Message::parse(line.as_bytes()) {
                prop_assert!(message.params.len() <= PARAMS_MAX);
                prop_assert!(message.tags.iter().count() <= line.len());
            }
        }
    }
}
