//! Walks through a transcript and says where it first goes another way.
//!
//! Connections do not know of each other, so what one caused must have reached the server before another speaks. The
//! runner sees to it with a PING: once the PONG is there, everything earlier commands caused for others is queued to
//! them. Where no PING can be sent (plain clients, before registration) it waits a moment instead.

mod waiting;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::connection::Connection;
use crate::driver::Driver;
use crate::model::{Action, Connect, Ending, Leaving, Link, Scenario, Scram, ServerStep, Setting, Step};
use crate::report::Failure;
use crate::scram::ScramClient;
use crate::text::{Captures, Text, shown};
use crate::websocket::WebSocket;

/// How long an expected line may take to come. Generous: it is only waited for when something is wrong.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs one transcript to its end.
///
/// # Errors
/// The first step that does not go as written, or what came and was expected by no step.
pub fn run(scenario: &Scenario, driver: &mut dyn Driver) -> Result<(), Box<Failure>> {
    let server_name = scenario
        .settings
        .iter()
        .rev()
        .find(|setting| setting.table == "server" && setting.key == "name")
        .and_then(|setting| setting.value.as_str())
        .unwrap_or("loggia.local");
    let mut run = Run {
        scenario,
        driver,
        server_name: server_name.to_owned(),
        server_stopped: false,
        connections: BTreeMap::new(),
        captures: Captures::new(),
        pings: 0,
        line: 0,
        so_far: Vec::new(),
    };
    run.know_certificates()?;
    for step in &scenario.steps {
        run.step(step)?;
    }
    run.nothing_is_left()
}

struct Run<'run> {
    scenario: &'run Scenario,
    driver: &'run mut dyn Driver,
    server_name: String,
    server_stopped: bool,
    connections: BTreeMap<String, Connection>,
    captures: Captures,
    pings: u32,
    line: usize,
    so_far: Vec<String>,
}

type Outcome = Result<(), Box<Failure>>;

impl Run<'_> {
    fn step(&mut self, step: &Step) -> Outcome {
        self.line = step.line;
        let names = &step.names;
        match &step.action {
            Action::Connect(how, link) => self.each(names, |run, name| run.connect(name, how, link)),
            Action::Say(text) => self.each(names, |run, name| run.send(name, text, true)),
            Action::SendBytes(text) => self.each(names, |run, name| run.send(name, text, false)),
            Action::Expect(text) => self.each(names, |run, name| run.expect(name, text)),
            Action::ExpectAnyOrder(texts) => self.each(names, |run, name| run.expect_any_order(name, texts)),
            Action::HasSeen(text) => self.each(names, |run, name| run.seen(name, text, true)),
            Action::HasNotSeen(text) => self.each(names, |run, name| run.seen(name, text, false)),
            Action::Silence(during) => self.each(names, |run, name| run.silence(name, *during)),
            Action::Ended(how) => self.each(names, |run, name| run.ended(name, *how)),
            Action::Leave(how) => self.each(names, |run, name| run.leave(name, *how)),
            Action::Scram(step) => self.each(names, |run, name| run.scram(name, step)),
            Action::Join(channel) => self.join(names, channel),
            Action::Forget => self.forget(names),
            Action::Wait(time) => self.wait(*time),
            Action::Server(step) => self.server(*step),
            Action::ReloadWith(setting) => self.reload_with(setting),
        }
    }

    fn each(&mut self, names: &[String], mut act: impl FnMut(&mut Self, &str) -> Outcome) -> Outcome {
        names.iter().try_for_each(|name| act(self, name))
    }

    /// Lets the transcript write the fingerprint of each certificate that is shown in it as `<name-fingerprint>`.
    fn know_certificates(&mut self) -> Outcome {
        let scenario = self.scenario;
        for step in &scenario.steps {
            self.line = step.line;
            if let Action::Connect(_, Link::Tls { certificate: Some(name) }) = &step.action {
                let fingerprint = self.driver.fingerprint(name);
                let fingerprint = fingerprint.or_else(|trouble| self.fail(name.as_str(), trouble.to_string()))?;
                self.captures.insert(format!("{name}-fingerprint"), fingerprint.into_bytes());
            }
        }
        Ok(())
    }

    fn connect(&mut self, name: &str, how: &Connect, link: &Link) -> Outcome {
        self.settle_all()?;
        if let Some(former) = self.connections.get(name)
            && (former.ended.is_none() || !former.rows.is_empty())
        {
            return self.fail(format!("{name} connects"), format!("{name} is still connected"));
        }
        self.so_far.push(format!("{name} connects"));
        let connected = match link {
            Link::Open => self.driver.connect(),
            Link::Tls { certificate } => self.driver.connect_over_tls(certificate.as_deref()),
        };
        let id = connected.or_else(|trouble| self.fail(format!("{name} connects"), trouble.to_string()))?;
        self.connections.insert(name.to_owned(), Connection::new(id, how));
        match how {
            Connect::Irc(capabilities) => self.register(name, capabilities),
            Connect::WebSocket(_) => self.open_websocket(name),
            Connect::Raw | Connect::Plain(_) => Ok(()),
        }
    }

    /// Asks for a WebSocket; how that is answered is the first row.
    fn open_websocket(&mut self, name: &str) -> Outcome {
        let request = self.connection(name).websocket.as_ref().map(WebSocket::request);
        self.send_bytes(name, request.unwrap_or_default().as_bytes())
    }

    /// Registers `name` and drops the welcome, which is no part of the transcript.
    fn register(&mut self, name: &str, capabilities: &[String]) -> Outcome {
        let mut lines = format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\n");
        if !capabilities.is_empty() {
            lines = format!("CAP REQ :{}\r\n{lines}CAP END\r\n", capabilities.join(" "));
        }
        self.send_lines(name, lines.as_bytes())?;
        self.ping(name)?;
        let connection = self.connection(name);
        let refused = connection.rows.iter().find(|row| row.windows(5).any(|part| part == b" NAK ")).cloned();
        let registered = connection.registered;
        let rows: Vec<String> = connection.rows.drain(..).map(|row| shown(&row)).collect();
        if let Some(refused) = refused {
            return self.fail(format!("{name} gets {}", capabilities.join(" ")), shown(&refused));
        }
        if !registered {
            return self.fail(format!("{name} is welcomed"), rows.join(" / "));
        }
        // The welcome is long and the same for everybody; a report reads better without it.
        self.so_far.retain(|line| !rows.iter().any(|row| *line == format!("{name} ← {row}")));
        Ok(())
    }

    fn send(&mut self, name: &str, text: &Text, whole: bool) -> Outcome {
        self.settle_others(name)?;
        if !self.connection(name).irc {
            // What a plain client sends in one go is one message; two sends must not meet on the way.
            self.settle(name)?;
        }
        let mut bytes = text.bytes(&self.captures).or_else(|problem| self.fail(text.to_string(), problem))?;
        self.so_far.push(format!("{name} {} {}", if whole { "→" } else { "⇒" }, shown(&bytes)));
        if whole {
            bytes.extend(self.connection(name).line_end());
            return self.send_lines(name, &bytes);
        }
        self.connection(name).sent(&bytes);
        self.send_bytes(name, &bytes)
    }

    /// Sends whole lines, or a message of a plain client, as they go over its wire.
    fn send_lines(&mut self, name: &str, lines: &[u8]) -> Outcome {
        let connection = self.connection(name);
        connection.sent(lines);
        let bytes = connection.wire(lines);
        self.send_bytes(name, &bytes)
    }

    fn send_bytes(&mut self, name: &str, bytes: &[u8]) -> Outcome {
        let id = self.id(name);
        self.driver.send(id, bytes).or_else(|trouble| self.fail(format!("{name} can send"), trouble.to_string()))
    }

    /// Takes the client's next step of SCRAM.
    fn scram(&mut self, name: &str, step: &Scram) -> Outcome {
        let said = match step {
            Scram::Begin { account } => {
                let (client, said) = ScramClient::begin(account);
                self.connection(name).scram = Some(client);
                Ok(said)
            }
            Scram::Prove { password, challenge } => challenge.bytes(&self.captures).and_then(|challenge| {
                let client = self.connection(name).scram.as_mut().ok_or("no SCRAM was begun")?;
                client.prove(&challenge, password)
            }),
            Scram::Believe { verifier } => verifier.bytes(&self.captures).and_then(|verifier| {
                let client = self.connection(name).scram.as_ref().ok_or("no SCRAM was begun")?;
                client.believe(&verifier).map(|()| "+".to_owned())
            }),
        };
        let said = said.or_else(|problem| self.fail(format!("{name} goes on with SCRAM"), problem))?;
        self.settle_others(name)?;
        self.so_far.push(format!("{name} → AUTHENTICATE {said}"));
        self.send_lines(name, format!("AUTHENTICATE {said}\r\n").as_bytes())
    }

    fn expect(&mut self, name: &str, text: &Text) -> Outcome {
        match self.next_row(name) {
            None => self.fail(format!("{name} ← {text}"), self.nothing_came(name)),
            Some(row) if self.is_match(name, text, &row) => Ok(()),
            Some(row) => self.fail(format!("{name} ← {text}"), format!("{name} ← {}", shown(&row))),
        }
    }

    fn expect_any_order(&mut self, name: &str, texts: &[Text]) -> Outcome {
        let mut open: Vec<&Text> = texts.iter().collect();
        while !open.is_empty() {
            let row = self.next_row(name);
            let at = row.as_ref().and_then(|row| {
                let mut candidates = open.iter();
                candidates.position(|text| {
                    let mut trial = self.captures.clone();
                    self.is_match_with(name, text, row, &mut trial)
                })
            });
            if let (Some(row), Some(at)) = (&row, at) {
                let text = open.remove(at);
                self.is_match(name, text, row);
                continue;
            }
            let wanted: Vec<String> = open.iter().map(ToString::to_string).collect();
            let came = row.map_or_else(|| self.nothing_came(name), |row| format!("{name} ← {}", shown(&row)));
            return self.fail(format!("{name} ← one of: {}", wanted.join(" / ")), came);
        }
        Ok(())
    }

    fn seen(&mut self, name: &str, text: &Text, wanted: bool) -> Outcome {
        self.settle_all()?;
        self.hush(name)?;
        let rows: Vec<Vec<u8>> = self.connection(name).rows.iter().cloned().collect();
        let found = rows.iter().find(|row| self.is_match(name, text, row)).map(|row| shown(row));
        match (found, wanted) {
            (Some(row), false) => self.fail(format!("{name} has not seen {text}"), row),
            (None, true) => {
                let all: Vec<String> = rows.iter().map(|row| format!("\n    {}", shown(row))).collect();
                self.fail(format!("{name} has seen {text}"), format!("{} other lines{}", rows.len(), all.concat()))
            }
            _ => Ok(()),
        }
    }

    fn silence(&mut self, name: &str, during: Option<Duration>) -> Outcome {
        if let Some(time) = during {
            let received = self.driver.receive(self.id(name), time);
            self.take(name, received);
        } else {
            self.settle_all()?;
            self.hush(name)?;
        }
        match self.connection(name).rows.front().cloned() {
            Some(row) => self.fail(format!("{name} hears nothing"), format!("{name} ← {}", shown(&row))),
            None => Ok(()),
        }
    }

    fn ended(&mut self, name: &str, how: Ending) -> Outcome {
        self.settle_others(name)?;
        let expected = format!("{name} is {}", how.word());
        if let Some(row) = self.next_row(name) {
            return self.fail(expected, format!("{name} ← {}", shown(&row)));
        }
        let connection = self.connection(name);
        connection.end_is_known = true;
        match connection.ended {
            Some(ending) if how == Ending::Closed || how == ending => Ok(()),
            Some(ending) => self.fail(expected, format!("{name} is {}", ending.word())),
            None => self.fail(expected, format!("{name} is still connected")),
        }
    }

    fn leave(&mut self, name: &str, how: Leaving) -> Outcome {
        self.settle_all()?;
        self.so_far.push(format!("{name} goes ({how:?})"));
        self.driver.leave(self.id(name), how);
        let connection = self.connection(name);
        connection.unsettled = true;
        connection.leaving = true;
        if how != Leaving::HalfClose {
            connection.ended = Some(Ending::Closed);
            connection.end_is_known = true;
            connection.rows.clear();
        }
        Ok(())
    }

    fn join(&mut self, names: &[String], channel: &str) -> Outcome {
        for name in names {
            self.settle_others(name)?;
            self.send_lines(name, format!("JOIN {channel}\r\n").as_bytes())?;
            self.settle(name)?;
        }
        self.forget(&[])
    }

    fn forget(&mut self, names: &[String]) -> Outcome {
        self.settle_all()?;
        let names = if names.is_empty() { self.names() } else { names.to_vec() };
        for name in names {
            self.hush(&name)?;
            self.connection(&name).rows.clear();
        }
        Ok(())
    }

    fn wait(&mut self, time: Duration) -> Outcome {
        self.settle_all()?;
        self.so_far.push(format!("after {} ms", time.as_millis()));
        self.driver.wait(time);
        Ok(())
    }

    fn server(&mut self, step: ServerStep) -> Outcome {
        self.settle_all()?;
        self.so_far.push(format!("server: {step:?}"));
        self.driver.server(step).or_else(|trouble| self.fail(format!("server: {step:?}"), trouble.to_string()))?;
        self.server_stopped |= matches!(step, ServerStep::Stop | ServerStep::Kill);
        Ok(())
    }

    fn reload_with(&mut self, setting: &Setting) -> Outcome {
        self.settle_all()?;
        let said = format!("server reloads with {}.{} = {}", setting.table, setting.key, setting.value);
        self.so_far.push(said.clone());
        self.driver.reload_with(setting).or_else(|trouble| self.fail(said, trouble.to_string()))
    }

    fn nothing_is_left(&mut self) -> Outcome {
        self.settle_all()?;
        for name in self.names() {
            self.hush(&name)?;
            let connection = self.connection(&name);
            let closed_unsaid = connection.ended.is_some() && !connection.end_is_known;
            if let Some(row) = connection.rows.pop_front() {
                return self.fail("nothing more", format!("{name} ← {}", shown(&row)));
            }
            if closed_unsaid && !self.server_stopped {
                return self.fail("nothing more", format!("{name} is closed"));
            }
        }
        Ok(())
    }

    fn is_match(&mut self, name: &str, text: &Text, row: &[u8]) -> bool {
        let mut captures = std::mem::take(&mut self.captures);
        let matched = self.is_match_with(name, text, row, &mut captures);
        self.captures = captures;
        matched
    }

    fn is_match_with(&self, name: &str, text: &Text, row: &[u8], captures: &mut Captures) -> bool {
        // What a WebSocket does besides carrying lines stands in brackets.
        if self.connections.get(name).is_some_and(|connection| connection.irc) && !row.starts_with(b"(") {
            text.matches_irc(row, &self.server_name, captures)
        } else {
            text.matches(row, captures)
        }
    }

    fn nothing_came(&self, name: &str) -> String {
        match self.connections.get(name).and_then(|connection| connection.ended) {
            Some(ending) => format!("{name} is {}", ending.word()),
            None => format!("nothing, for {} seconds", PATIENCE.as_secs()),
        }
    }

    fn names(&self) -> Vec<String> {
        self.connections.keys().cloned().collect()
    }

    fn id(&self, name: &str) -> usize {
        self.connections[name].id
    }

    fn connection(&mut self, name: &str) -> &mut Connection {
        match self.connections.get_mut(name) {
            Some(connection) => connection,
            None => unreachable!("the parser lets only connected names through, and {name} is none"),
        }
    }

    fn fail<T>(&self, expected: impl Into<String>, came: impl Into<String>) -> Result<T, Box<Failure>> {
        Err(Box::new(Failure {
            file: self.scenario.file.clone(),
            line: self.line,
            expected: expected.into(),
            came: came.into(),
            so_far: self.so_far.clone(),
        }))
    }
}
