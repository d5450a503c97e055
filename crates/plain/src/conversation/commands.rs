//! What a line-mode client may type besides text: `/who`, `/me`, `/nick`, `/msg`, `/history`, `/search`,
//! `/help`, `/quit`.
//!
//! In segment mode a slash is ordinary text: the classroom programs have no commands.

/// A command typed in line mode. `/quit` is not among them: it ends the conversation like a quit word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlashCommand {
    /// `/who`: who is here.
    Who,
    /// `/me text`.
    Me(String),
    /// `/nick name`.
    Nick(String),
    /// `/msg name text`: to one person.
    Message {
        /// The name, as typed; a name with spaces cannot be written here.
        to: String,
        /// What to say.
        text: String,
    },
    /// `/history [number]`: what was said last.
    History(Option<usize>),
    /// `/search words`.
    Search(String),
    /// `/help`.
    Help,
    /// A known command (without its slash) whose argument is missing, or none that it takes.
    Incomplete(&'static str),
    /// Another word after the slash; the caller answers with a hint.
    Unknown(String),
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Empty,
    Said(String),
    Quit(Option<String>),
    Command(SlashCommand),
}

/// Reads a line without control characters. Two slashes in front say one slash.
pub(crate) fn parse(line: &str) -> Line {
    if line.is_empty() {
        return Line::Empty;
    }
    let Some(command) = line.strip_prefix('/') else { return Line::Said(line.to_owned()) };
    if command.starts_with('/') {
        return Line::Said(command.to_owned());
    }
    let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
    let argument = argument.trim();
    let given = |make: fn(String) -> SlashCommand, word| {
        if argument.is_empty() { SlashCommand::Incomplete(word) } else { make(argument.to_owned()) }
    };
    Line::Command(match word.to_ascii_lowercase().as_str() {
        "quit" => return Line::Quit((!argument.is_empty()).then(|| argument.to_owned())),
        "who" => SlashCommand::Who,
        "help" => SlashCommand::Help,
        "search" => given(SlashCommand::Search, "search"),
        "history" if argument.is_empty() => SlashCommand::History(None),
        "history" => match number(argument) {
            Some(number) => SlashCommand::History(Some(number)),
            None => SlashCommand::Incomplete("history"),
        },
        "me" => given(SlashCommand::Me, "me"),
        "nick" => given(SlashCommand::Nick, "nick"),
        "msg" => match argument.split_once(' ') {
            Some((to, text)) => SlashCommand::Message { to: to.to_owned(), text: text.trim_start().to_owned() },
            None => SlashCommand::Incomplete("msg"),
        },
        _ => SlashCommand::Unknown(word.to_owned()),
    })
}

/// Reads a number from 1; one that is too large is very large.
fn number(text: &str) -> Option<usize> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX)).filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_understood() {
        let command = |line: &str| match parse(line) {
            Line::Command(command) => command,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(command("/who"), SlashCommand::Who);
        assert_eq!(command("/HELP"), SlashCommand::Help);
        assert_eq!(command("/me saluta tutti "), SlashCommand::Me("saluta tutti".into()));
        assert_eq!(command("/nick Anna Maria"), SlashCommand::Nick("Anna Maria".into()));
        assert_eq!(
            command("/msg bob  ciao a te"),
            SlashCommand::Message { to: "bob".into(), text: "ciao a te".into() }
        );
        assert_eq!(command("/search  tè verde"), SlashCommand::Search("tè verde".into()));
        assert_eq!(command("/search"), SlashCommand::Incomplete("search"));
        assert_eq!(command("/history"), SlashCommand::History(None));
        assert_eq!(command("/History 5"), SlashCommand::History(Some(5)));
        assert_eq!(command("/history 99999999999999999999999"), SlashCommand::History(Some(usize::MAX)));
        for bad in ["/history 0", "/history x", "/history -1", "/history 1 2"] {
            assert_eq!(command(bad), SlashCommand::Incomplete("history"), "{bad}");
        }
        assert_eq!(command("/me "), SlashCommand::Incomplete("me"));
        assert_eq!(command("/msg bob"), SlashCommand::Incomplete("msg"));
        assert_eq!(command("/ballo x"), SlashCommand::Unknown("ballo".into()));
    }

    #[test]
    fn quitting_may_have_a_reason_and_two_slashes_are_text() {
        assert_eq!(parse("/quit"), Line::Quit(None));
        assert_eq!(parse("/quit a domani"), Line::Quit(Some("a domani".into())));
        assert_eq!(parse("//who"), Line::Said("/who".into()));
        assert_eq!(parse("and/or"), Line::Said("and/or".into()));
        assert_eq!(parse(""), Line::Empty);
    }
}
