//! From the text of a file to its transcripts. Pure; the format is described in `scenarios/README.md`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{Action, Connect, Ending, Framing, Leaving, Link, Scenario, Scram, ServerStep, Setting, Step, Way};
use crate::text::Text;

/// Why a file is not a transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {problem}", file.display())]
pub struct ParseError {
    /// The file.
    pub file: PathBuf,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Reads all transcripts of one file.
///
/// # Errors
/// Names the first line that means nothing, or uses a connection that never connected.
pub fn parse(file: &Path, source: &str) -> Result<Vec<Scenario>, ParseError> {
    let mut reader = Reader::new(file);
    for (index, raw) in source.lines().enumerate() {
        reader.take(index + 1, raw).map_err(|problem| ParseError {
            file: file.to_owned(),
            line: index + 1,
            problem,
        })?;
    }
    let last = source.lines().count();
    reader.finish().map_err(|problem| ParseError { file: file.to_owned(), line: last, problem })
}

struct Reader {
    empty: Scenario,
    done: Vec<Scenario>,
    current: Scenario,
    titled: bool,
    connected: Vec<String>,
}

impl Reader {
    fn new(file: &Path) -> Self {
        let title = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let empty = Scenario { file: file.to_owned(), title, settings: Vec::new(), only: None, steps: Vec::new() };
        Self { current: empty.clone(), empty, done: Vec::new(), titled: false, connected: Vec::new() }
    }

    fn take(&mut self, line: usize, raw: &str) -> Result<(), String> {
        let text = raw.trim_end();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        if text.starts_with(' ') {
            return self.take_indented(text.trim_start());
        }
        if let Some(title) = text.strip_prefix("== ") {
            return self.begin(title.trim());
        }
        if let Some(setting) = text.strip_prefix("set ") {
            self.current.settings.push(parse_setting(setting)?);
            return Ok(());
        }
        match text {
            "only over sockets" => self.current.only = Some(Way::Sockets),
            "only in process" => self.current.only = Some(Way::InProcess),
            _ => {
                let (names, action) = parse_step(text)?;
                self.check_names(&names, &action)?;
                self.current.steps.push(Step { line, names, action });
            }
        }
        Ok(())
    }

    fn begin(&mut self, title: &str) -> Result<(), String> {
        if self.titled {
            self.close_current()?;
        } else if !self.current.steps.is_empty() {
            return Err("steps before the first `== title` belong to no transcript".into());
        } else {
            // What stands before the first title holds for the whole file.
            self.empty = self.current.clone();
        }
        if title.is_empty() || self.done.iter().any(|other| other.title == title) {
            return Err(format!("the title `{title}` must be there and be unique in its file"));
        }
        self.titled = true;
        self.connected.clear();
        self.current = Scenario { title: title.to_owned(), ..self.empty.clone() };
        Ok(())
    }

    fn close_current(&mut self) -> Result<(), String> {
        if self.current.steps.is_empty() {
            return Err(format!("nothing happens in `{}`", self.current.title));
        }
        self.done.push(self.current.clone());
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Scenario>, String> {
        self.close_current()?;
        Ok(self.done)
    }

    /// An indented line belongs to the `any order:` above it.
    fn take_indented(&mut self, text: &str) -> Result<(), String> {
        match self.current.steps.last_mut().map(|step| &mut step.action) {
            Some(Action::ExpectAnyOrder(texts)) => {
                texts.push(Text::parse(text)?);
                Ok(())
            }
            _ => Err("only the lines after `← any order:` are indented".into()),
        }
    }

    fn check_names(&mut self, names: &[String], action: &Action) -> Result<(), String> {
        if let Action::Connect(..) = action {
            // A name may connect again, once its former connection has ended.
            self.connected.extend(names.iter().cloned());
            return Ok(());
        }
        match names.iter().find(|name| !self.connected.contains(name)) {
            Some(stranger) => Err(format!("{stranger} has not connected")),
            None => Ok(()),
        }
    }
}

/// `server.network = "Tea"`
fn parse_setting(text: &str) -> Result<Setting, String> {
    let (path, value) = text.split_once('=').ok_or("a setting is written `set table.key = value`")?;
    let (table, key) = path.trim().split_once('.').ok_or("a setting is written `set table.key = value`")?;
    let document: toml::Table = toml::from_str(&format!("value = {}", value.trim()))
        .map_err(|error| format!("`{}` is not a TOML value: {}", value.trim(), error.message()))?;
    let value = document.get("value").cloned().ok_or("the value is missing")?;
    Ok(Setting { table: table.to_owned(), key: key.to_owned(), value })
}

fn parse_step(text: &str) -> Result<(Vec<String>, Action), String> {
    for (arrow, build) in ARROWS {
        if let Some((names, words)) = text.split_once(arrow).filter(|(names, _)| are_names(names)) {
            return Ok((split_names(names), build(words)?));
        }
    }
    let everyone = match text {
        "forget" => Some(Action::Forget),
        "server stops" => Some(Action::Server(ServerStep::Stop)),
        "server is killed" => Some(Action::Server(ServerStep::Kill)),
        "server starts" => Some(Action::Server(ServerStep::Start)),
        "server reloads" => Some(Action::Server(ServerStep::Reload)),
        _ => match text.strip_prefix("server reloads with ") {
            Some(setting) => Some(Action::ReloadWith(parse_setting(setting)?)),
            None => text.strip_prefix("after ").map(parse_time).transpose()?.map(Action::Wait),
        },
    };
    if let Some(action) = everyone {
        return Ok((Vec::new(), action));
    }
    let (names, deed) = leading_names(text).ok_or_else(|| format!("`{text}` is not a step"))?;
    let action = parse_deed(deed)?.ok_or_else(|| format!("`{deed}` is nothing a connection can do"))?;
    Ok((names, action))
}

type Build = fn(&str) -> Result<Action, String>;

const ARROWS: [(&str, Build); 3] = [
    (" → ", |words| Ok(Action::Say(Text::parse(words)?))),
    (" ⇒ ", |words| Ok(Action::SendBytes(Text::parse(words)?))),
    (" ← ", |words| match words.trim() {
        "any order:" => Ok(Action::ExpectAnyOrder(Vec::new())),
        _ => Ok(Action::Expect(Text::parse(words)?)),
    }),
];

/// What follows the names in a step without an arrow. Singular and plural are both understood.
fn parse_deed(deed: &str) -> Result<Option<Action>, String> {
    let (verb, rest) = deed.split_once(' ').unwrap_or((deed, ""));
    let action = match (verb, rest) {
        ("connects" | "connect", how) => {
            let (how, link) = parse_link(how)?;
            Action::Connect(parse_connect(how)?, link)
        }
        ("joins" | "join", channel) if channel.starts_with('#') => Action::Join(channel.to_owned()),
        ("forgets" | "forget", "") => Action::Forget,
        ("begins", words) => match words.strip_prefix("SCRAM as ") {
            Some(account) => Action::Scram(Scram::Begin { account: account.to_owned() }),
            None => return Ok(None),
        },
        ("proves", words) => match words.rsplit_once(" to ") {
            Some((password, said)) => {
                Action::Scram(Scram::Prove { password: password.to_owned(), challenge: Text::parse(said)? })
            }
            None => return Ok(None),
        },
        ("believes", said) if !said.is_empty() => Action::Scram(Scram::Believe { verifier: Text::parse(said)? }),
        ("closes" | "close", "") => Action::Leave(Leaving::Close),
        ("half-closes" | "half-close", "") => Action::Leave(Leaving::HalfClose),
        ("resets" | "reset", "") => Action::Leave(Leaving::Reset),
        ("hears" | "hear", "nothing") => Action::Silence(None),
        ("is" | "are", "closed") => Action::Ended(Ending::Closed),
        ("is" | "are", "finished") => Action::Ended(Ending::Finished),
        ("is" | "are", "reset") => Action::Ended(Ending::Reset),
        ("hears" | "hear", words) => match words.strip_prefix("nothing for ") {
            Some(time) => Action::Silence(Some(parse_time(time)?)),
            None => return Ok(None),
        },
        ("has" | "have", words) => match (words.strip_prefix("seen "), words.strip_prefix("not seen ")) {
            (Some(text), _) => Action::HasSeen(Text::parse(text)?),
            (_, Some(text)) => Action::HasNotSeen(Text::parse(text)?),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(action))
}

/// What follows `connects`: nothing, `raw`, `with some capabilities`, `over WebSocket`, `over WebSocket as some subprotocols`,
/// `plain`, `plain, line mode`, `plain, telnet`.
fn parse_connect(how: &str) -> Result<Connect, String> {
    Ok(match how {
        "" => Connect::Irc(Vec::new()),
        "raw" => Connect::Raw,
        "plain" => Connect::Plain(Framing::Segments),
        "plain, line mode" => Connect::Plain(Framing::Lines),
        "plain, telnet" => Connect::Plain(Framing::NetworkLines),
        "over WebSocket" => Connect::WebSocket(Vec::new()),
        _ => match (how.strip_prefix("with "), how.strip_prefix("over WebSocket as ")) {
            (Some(list), _) => Connect::Irc(words(list)),
            (_, Some(list)) => Connect::WebSocket(words(list)),
            _ => return Err(format!("`{how}` is no way to connect")),
        },
    })
}

/// Takes `over TLS` and `over TLS showing tea` off the end of how somebody connects.
fn parse_link(how: &str) -> Result<(&str, Link), String> {
    let Some((how, shown)) = how.rsplit_once("over TLS") else { return Ok((how, Link::Open)) };
    let certificate = match shown.strip_prefix(" showing ") {
        None if shown.is_empty() => None,
        Some(name) if is_certificate(name) => Some(name.to_owned()),
        _ => return Err(format!("`{}` is no way to use TLS: it is written `over TLS showing name`", shown.trim())),
    };
    Ok((how.trim_end(), Link::Tls { certificate }))
}

/// A certificate's name begins that of its fingerprint, so it is written as what is remembered is.
fn is_certificate(name: &str) -> bool {
    is_name(name) && !name.contains(|letter: char| letter.is_ascii_uppercase() || letter == '_')
}

fn words(list: &str) -> Vec<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

/// `300 ms` or `2 s`
fn parse_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.trim().split_once(' ').ok_or("a time is written `300 ms` or `2 s`")?;
    let number: u64 = number.parse().map_err(|_| format!("`{number}` is not a whole number"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        _ => Err(format!("`{unit}` is neither ms nor s")),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

fn are_names(text: &str) -> bool {
    text.split(',').all(|name| is_name(name.trim()))
}

fn split_names(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).collect()
}

/// `alice, bob` at the start of a step, and the rest of it.
fn leading_names(text: &str) -> Option<(Vec<String>, &str)> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let (word, after) = rest.split_once(' ')?;
        let name = word.strip_suffix(',').unwrap_or(word);
        if !is_name(name) {
            return None;
        }
        names.push(name.to_owned());
        rest = after.trim_start();
        if name.len() == word.len() {
            return Some((names, rest));
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<Vec<Scenario>, ParseError> {
        parse(Path::new("scenarios/tea.txt"), source)
    }

    /// The steps of a single transcript, as `names` and action.
    fn steps(source: &str) -> Vec<(String, Action)> {
        let mut scenarios = read(source).unwrap();
        assert_eq!(scenarios.len(), 1);
        scenarios.remove(0).steps.into_iter().map(|step| (step.names.join(","), step.action)).collect()
    }

    fn problem(source: &str) -> String {
        read(source).unwrap_err().to_string()
    }

    fn text(source: &str) -> Text {
        Text::parse(source).unwrap()
    }

    fn is(step: &(String, Action), names: &str, action: &Action) {
        assert_eq!((step.0.as_str(), &step.1), (names, action));
    }

    #[test]
    fn an_untitled_file_is_one_transcript_named_after_it() {
        let scenarios = read("# words\nalice connects\n").unwrap();
        assert_eq!(scenarios[0].title, "tea");
        assert_eq!(scenarios[0].steps[0].line, 2);
    }

    #[test]
    fn titles_part_a_file_and_settings_above_them_are_shared() {
        let source =
            "set server.network = \"Tea\"\n== one\nset limits.nick_length = 9\na connects\n== two\nb connects\n";
        let scenarios = read(source).unwrap();
        assert_eq!(scenarios.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(scenarios[0].settings.len(), 2);
        assert_eq!(scenarios[0].settings[1].key, "nick_length");
        assert_eq!(scenarios[0].settings[1].value, toml::Value::Integer(9));
        assert_eq!(scenarios[1].settings.len(), 1);
    }

    #[test]
    fn arrows_send_and_expect() {
        let steps = steps("alice, bob connect\nalice → TOPIC #tea :A → B\nalice ⇒ PING\\r\nalice, bob ← :x ← y\n");
        is(&steps[1], "alice", &Action::Say(text("TOPIC #tea :A → B")));
        is(&steps[2], "alice", &Action::SendBytes(text("PING\\r")));
        is(&steps[3], "alice,bob", &Action::Expect(text(":x ← y")));
    }

    #[test]
    fn columns_may_be_aligned() {
        let steps = steps("alice, bob connect\nalice      → JOIN #tea\nalice, bob ← x\n");
        is(&steps[1], "alice", &Action::Say(text("JOIN #tea")));
    }

    #[test]
    fn any_order_takes_the_indented_lines() {
        let steps = steps("a connects\na ← any order:\n  one\n  two\na ← three\n");
        is(&steps[1], "a", &Action::ExpectAnyOrder(vec![text("one"), text("two")]));
    }

    #[test]
    fn everybody_can_connect_in_every_way() {
        let steps = steps(
            "a connects\nb connects raw\nc connects with batch setname\nd connects plain\ne, f connect plain, line mode\n\
             g connects plain, telnet\nh connects over WebSocket\ni connects over WebSocket as x y\n",
        );
        let hows: Vec<_> = steps
            .iter()
            .map(|(_, action)| match action {
                Action::Connect(how, Link::Open) => how.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            hows,
            [
                Connect::Irc(vec![]),
                Connect::Raw,
                Connect::Irc(vec!["batch".into(), "setname".into()]),
                Connect::Plain(Framing::Segments),
                Connect::Plain(Framing::Lines),
                Connect::Plain(Framing::NetworkLines),
                Connect::WebSocket(vec![]),
                Connect::WebSocket(vec!["x".into(), "y".into()]),
            ]
        );
    }

    #[test]
    fn connections_are_encrypted_where_they_say_so() {
        let steps = steps(
            "a connects over TLS\nb connects raw over TLS showing tea\nc connects with batch over TLS\n\
             d connects over WebSocket as x over TLS\n",
        );
        let tls = |name: Option<&str>| Link::Tls { certificate: name.map(str::to_owned) };
        is(&steps[0], "a", &Action::Connect(Connect::Irc(vec![]), tls(None)));
        is(&steps[1], "b", &Action::Connect(Connect::Raw, tls(Some("tea"))));
        is(&steps[2], "c", &Action::Connect(Connect::Irc(vec!["batch".into()]), tls(None)));
        is(&steps[3], "d", &Action::Connect(Connect::WebSocket(vec!["x".into()]), tls(None)));
        for wrong in ["over TLS tea", "over TLS showing", "over TLS showing Tea", "over TLSshowing tea"] {
            assert!(problem(&format!("a connects {wrong}\n")).contains("way to use TLS"), "{wrong}");
        }
    }

    #[test]
    fn deeds_without_an_arrow() {
        let steps = steps(
            "a, b connect\na, b join #tea\nforget\na forgets\na hears nothing\na, b hear nothing for 20 ms\na is closed\n\
             b is reset\na begins SCRAM as anna\na proves a b to <c>\na believes <v>\na has seen 001 …\na has not seen x\na closes\nb resets\na half-closes\nafter 2 s\nserver stops\nserver reloads with server.network = \"Tea\"\n",
        );
        let expected = [
            ("a,b", Action::Join("#tea".into())),
            ("", Action::Forget),
            ("a", Action::Forget),
            ("a", Action::Silence(None)),
            ("a,b", Action::Silence(Some(Duration::from_millis(20)))),
            ("a", Action::Ended(Ending::Closed)),
            ("b", Action::Ended(Ending::Reset)),
            ("a", Action::Scram(Scram::Begin { account: "anna".into() })),
            ("a", Action::Scram(Scram::Prove { password: "a b".into(), challenge: text("<c>") })),
            ("a", Action::Scram(Scram::Believe { verifier: text("<v>") })),
            ("a", Action::HasSeen(text("001 …"))),
            ("a", Action::HasNotSeen(text("x"))),
            ("a", Action::Leave(Leaving::Close)),
            ("b", Action::Leave(Leaving::Reset)),
            ("a", Action::Leave(Leaving::HalfClose)),
            ("", Action::Wait(Duration::from_secs(2))),
            ("", Action::Server(ServerStep::Stop)),
            ("", Action::ReloadWith(parse_setting("server.network = \"Tea\"").unwrap())),
        ];
        assert_eq!(steps.len(), expected.len() + 1);
        for (step, (names, action)) in steps[1..].iter().zip(&expected) {
            is(step, names, action);
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        assert_eq!(problem("alice connects\nbob → hi\n"), "scenarios/tea.txt:2: bob has not connected");
        assert_eq!(
            problem("alice connects\nalice dances\n"),
            "scenarios/tea.txt:2: `dances` is nothing a connection can do"
        );
        assert!(problem("# only words\n").contains("nothing happens in `tea`"));
        assert!(problem("alice connects\nalice → \\q\n").starts_with("scenarios/tea.txt:2: only \\r"));
        assert!(problem("alice connects upside down\n").contains("`upside down` is no way to connect"));
        assert!(problem("set server = 3\n").contains("set table.key = value"));
        assert!(problem("set server.name = tea\n").contains("is not a TOML value"));
        assert!(problem("after a while\n").contains("`a` is not a whole number"));
        assert!(problem("  indented\n").contains("indented"));
        assert!(problem("alice connects\n== late\nbob connects\n").contains("before the first"));
        assert!(problem("== one\na connects\n== one\na connects\n").contains("unique"));
        assert!(problem("== one\n== two\na connects\n").contains("nothing happens in `one`"));
    }
}
