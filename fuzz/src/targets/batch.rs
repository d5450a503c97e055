//! Client batches through a whole server: what is sent in them arrives once and as it was, or not at all and is told.
//!
//! The input is decisions: what a client sends next. A model of a few lines says what others must have heard of it.
//!
//! Spec: `IRCv3` draft "client-batch", draft "multiline".

use std::collections::BTreeMap;

use irc::casemap::CaseMapping;
use irc::message::Message;

use super::choices::Choices;
use super::script::Step;
use super::simulated::{LogManner, Simulated};

/// Who sends, who is sent batches, and who is sent lines.
const SENDER: usize = 0;
const WITH_BATCHES: usize = 1;
const WITHOUT: usize = 2;
/// A door that takes IRC only.
const DOOR: usize = 1;

const STEPS_MAX: usize = 80;
const LINES_MAX: usize = 32;
const BYTES_MAX: usize = 4096;

/// A batch that the sender has opened.
struct Open {
    reference: &'static str,
    target: &'static str,
    kind: Option<&'static str>,
    lines: Vec<(String, bool)>,
    /// Whether it was refused: it counts for nothing until it is closed.
    is_refused: bool,
}

/// What was said: the command, to whom, and the text.
type Said = (String, String, String);

/// What the sender has done, and what others are to have heard.
#[derive(Default)]
struct Model {
    open: Option<Open>,
    heard_in_batches: Vec<Said>,
    heard_by_line: Vec<Said>,
    labels: usize,
}

/// Lets a client send batches, good ones and others.
pub fn batch(data: &[u8]) {
    let mut simulated = Simulated::start(LogManner::AtOnce, CaseMapping::Ascii);
    let enter = |simulated: &mut Simulated, connection, nick: &str, caps: &str| {
        simulated.open(connection, DOOR, false);
        let lines = format!("CAP REQ :{caps}\r\nNICK {nick}\r\nUSER u 0 * :U\r\nCAP END\r\nJOIN #piazza\r\n");
        simulated.send(connection, lines.as_bytes(), lines.len());
        simulated.record(connection);
    };
    enter(&mut simulated, SENDER, "alice", "batch draft/multiline labeled-response message-tags");
    enter(&mut simulated, WITH_BATCHES, "bob", "batch draft/multiline");
    enter(&mut simulated, WITHOUT, "carol", "cap-notify");

    let (mut choices, mut model) = (Choices::new(data), Model::default());
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        model.step(&mut choices, &mut simulated);
    }
    if let Some(open) = &model.open {
        let reference = open.reference;
        model.close(reference, &mut simulated);
    }
    let answered = simulated.recorded(SENDER);
    for label in 0..model.labels {
        let name = format!("l{label}");
        let has_it = |line: &&String| {
            Message::parse(line.as_bytes())
                .is_ok_and(|line| line.tags.value("label").is_some_and(|value| value == name))
        };
        assert_eq!(answered.iter().filter(has_it).count(), 1, "label {name} is not answered once: {answered:#?}");
    }
    assert_eq!(said(&simulated.recorded(WITH_BATCHES)), model.heard_in_batches, "heard with batches");
    assert_eq!(said(&simulated.recorded(WITHOUT)), model.heard_by_line, "heard line by line");
    simulated.finish();
}

impl Model {
    fn step(&mut self, choices: &mut Choices<'_>, simulated: &mut Simulated) {
        match choices.below(10) {
            0 | 1 => {
                let reference = choices.of(&["1", "b-2"]);
                let kind = choices.of(&["draft/multiline", "draft/multiline", "draft/multiline", "example.com/tea"]);
                let target = choices.of(&["#piazza", "bob", "carol", "nobody", "bob,carol", ""]);
                let label = self.label(choices);
                self.begin(reference, kind, target, &label, simulated);
            }
            2 | 3 => {
                let reference = choices.of(&["1", "b-2"]);
                self.close(reference, simulated);
            }
            4 => {
                send(simulated, SENDER, "PRIVMSG #piazza :between");
                self.is_heard("PRIVMSG", "#piazza", &[("between".to_owned(), false)]);
            }
            5 => {
                simulated.step(Step::Pass { milliseconds: 61_000 });
                // Nobody is closed for being silent.
                for connection in [SENDER, WITH_BATCHES, WITHOUT] {
                    send(simulated, connection, "PONG x");
                }
                if let Some(open) = &mut self.open {
                    open.is_refused = true;
                }
            }
            _ => self.line(choices, simulated),
        }
    }

    /// Sometimes has the line answered under a label.
    fn label(&mut self, choices: &mut Choices<'_>) -> String {
        if choices.below(4) > 0 {
            return String::new();
        }
        self.labels += 1;
        format!("label=l{}", self.labels - 1)
    }

    fn begin(
        &mut self,
        reference: &'static str,
        kind: &str,
        target: &'static str,
        label: &str,
        simulated: &mut Simulated,
    ) {
        let tags = if label.is_empty() { String::new() } else { format!("@{label} ") };
        send(simulated, SENDER, &format!("{tags}BATCH +{reference} {kind} {target}"));
        if let Some(open) = self.open.as_mut().filter(|open| !open.is_refused) {
            open.is_refused = true;
            return;
        }
        let is_refused = kind != "draft/multiline" || target.is_empty() || target.contains(',');
        self.open = Some(Open { reference, target, kind: None, lines: Vec::new(), is_refused });
    }

    fn line(&mut self, choices: &mut Choices<'_>, simulated: &mut Simulated) {
        let open = self.open.as_ref().map_or(("1", "#piazza"), |open| (open.reference, open.target));
        // Mostly what fits.
        let reference = if choices.below(16) == 0 { choices.of(&["1", "b-2"]) } else { open.0 };
        let target = if choices.below(16) == 0 { "carol" } else { open.1 };
        let kind = choices.of(&["PRIVMSG", "PRIVMSG", "PRIVMSG", "PRIVMSG", "PRIVMSG", "PRIVMSG", "NOTICE", "TAGMSG"]);
        let concat = choices.below(4) == 0;
        let length = usize::from(choices.byte());
        let text = match choices.below(5) {
            0 => String::new(),
            // Up to what is too long to be passed on, and not too long to be sent.
            1 => "è".repeat(length.min(240)),
            2 => "x".repeat((length * 2).min(480)),
            _ => "tea".to_owned(),
        };
        let label = self.label(choices);
        let concat_tag = if concat { ";draft/multiline-concat" } else { "" };
        let label = if label.is_empty() { label } else { format!(";{label}") };
        send(simulated, SENDER, &format!("@batch={reference}{concat_tag}{label} {kind} {target} :{text}"));

        let Some(open) = self.open.as_mut().filter(|open| !open.is_refused) else { return };
        let head = format!(":alice!~u@localhost {kind} {target} :").len();
        let joined = joined(&open.lines).len() + text.len() + usize::from(!open.lines.is_empty() && !concat);
        open.is_refused = reference != open.reference
            || kind == "TAGMSG"
            || *open.kind.get_or_insert(kind) != kind
            || target != open.target
            || concat && text.is_empty()
            || head + text.len() > 510
            || open.lines.len() >= LINES_MAX
            || joined > BYTES_MAX;
        open.lines.push((text, concat));
    }

    fn close(&mut self, reference: &'static str, simulated: &mut Simulated) {
        send(simulated, SENDER, &format!("BATCH -{reference}"));
        let Some(open) = self.open.take() else { return };
        let text = joined(&open.lines);
        let is_blank = text.bytes().all(|byte| byte == b'\n');
        if open.is_refused || open.reference != reference || is_blank {
            return;
        }
        self.is_heard(open.kind.unwrap_or_default(), open.target, &open.lines);
    }

    /// Notes what others hear.
    fn is_heard(&mut self, kind: &str, target: &str, lines: &[(String, bool)]) {
        let said = |text: &str| (kind.to_owned(), target.to_owned(), text.to_owned());
        if matches!(target, "#piazza" | "bob") {
            self.heard_in_batches.push(said(&joined(lines)));
        }
        if matches!(target, "#piazza" | "carol") {
            let lines = lines.iter().filter(|(text, _)| !text.is_empty());
            self.heard_by_line.extend(lines.map(|(text, _)| said(text)));
        }
    }
}

/// Lines as the specification joins them: the first has none before it that it could continue.
fn joined(lines: &[(String, bool)]) -> String {
    let mut text = String::new();
    for (place, (line, concat)) in lines.iter().enumerate() {
        if place > 0 && !concat {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}

fn send(simulated: &mut Simulated, connection: usize, line: &str) {
    let line = format!("{line}\r\n");
    simulated.send(connection, line.as_bytes(), line.len());
}

/// What has come of a batch that is open.
#[derive(Default)]
struct Gathered {
    first: Option<Said>,
    lines: Vec<(String, bool)>,
}

/// Reads what alice has said, her batches put together, as a client reads them.
fn said(lines: &[String]) -> Vec<Said> {
    let mut batches: BTreeMap<String, Gathered> = BTreeMap::new();
    let mut said = Vec::new();
    for line in lines {
        let message = Message::parse(line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"));
        let param = |place| message.params.get(place).unwrap_or_default().to_owned();
        if message.is_command("BATCH") {
            let name = param(0);
            if let Some(name) = name.strip_prefix('+') {
                assert_eq!(param(1), "draft/multiline");
                assert!(batches.insert(name.to_owned(), Gathered::default()).is_none(), "{name} is opened twice");
            } else {
                let batch = batches.remove(name.trim_start_matches('-'));
                let batch = batch.unwrap_or_else(|| panic!("{name} was not opened"));
                let (kind, target, _) = batch.first.unwrap_or_else(|| panic!("{name} is empty"));
                said.push((kind, target, joined(&batch.lines)));
            }
        } else if ["PRIVMSG", "NOTICE"].iter().any(|kind| message.is_command(kind)) {
            let one = (message.command.to_owned(), param(0), param(1));
            match message.tags.value("batch") {
                Some(name) => {
                    let batch = batches.get_mut(&*name).unwrap_or_else(|| panic!("{name} is not open"));
                    batch.lines.push((param(1), message.tags.get("draft/multiline-concat").is_some()));
                    batch.first.get_or_insert(one);
                }
                None => said.push(one),
            }
        }
    }
    assert!(batches.is_empty(), "left open: {:?}", batches.keys());
    said
}
