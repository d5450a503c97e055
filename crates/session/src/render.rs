//! Lines for one IRC client: numerics, standard replies, and the tags that events carry.

use chat::event::Event;
use irc::capability::CapSet;
use irc::numerics::Numeric;
use irc::write::LineWriter;

use crate::settings::Settings;

/// Writes lines for one client.
#[derive(Debug)]
pub struct Render<'a> {
    /// Where to.
    pub out: &'a mut Vec<u8>,
    /// The server's choices.
    pub settings: &'a Settings,
    /// The client's nick, or `*` before it has one: the first parameter of numerics.
    pub client: &'a str,
    /// The client's capabilities.
    pub caps: CapSet,
}

impl Render<'_> {
    /// Begins a line from the server.
    pub fn line(&mut self) -> LineWriter<'_> {
        LineWriter::new(self.out).source(self.settings.server_name())
    }

    /// Writes a numeric.
    pub fn numeric(&mut self, numeric: &Numeric, args: &[&str]) {
        let line = LineWriter::new(self.out).source(self.settings.server_name());
        numeric.write(line, self.client, self.settings.language, args);
    }

    /// Writes a `FAIL` that the specification of an extension asks for: also for clients without `standard-replies`.
    ///
    /// Spec: `IRCv3` "standard-replies".
    pub fn fail(&mut self, command: &str, code: &str, context: &[&str], text: &str) {
        let line = self.line().command("FAIL").param(command).param(code);
        context.iter().fold(line, |line, word| line.param(word)).trailing(text).end_cut();
    }

    /// Writes a `FAIL` of our own: for clients without `standard-replies` it is a NOTICE with the same text.
    pub fn fail_or_notice(&mut self, command: &str, code: &str, context: &[&str], text: &str) {
        if self.caps.contains(CapSet::STANDARD_REPLIES) {
            self.fail(command, code, context, text);
        } else {
            let client = self.client;
            self.line().command("NOTICE").param(client).trailing(text).end_cut();
        }
    }
}

/// Begins the line of an event, with the tags this client understands: `time`, `msgid`, `bot`; and its source.
pub fn event_line<'a>(out: &'a mut Vec<u8>, event: &Event, caps: CapSet, settings: &Settings) -> LineWriter<'a> {
    let line = event_tags(LineWriter::new(out), event, caps);
    match &event.actor {
        Some(actor) => line.source(actor.person.mask()),
        None => line.source(settings.server_name()),
    }
}

/// Adds the tags that every event has.
///
/// Spec: `IRCv3` "server-time", "message-ids", "bot mode".
pub fn event_tags<'a>(mut line: LineWriter<'a>, event: &Event, caps: CapSet) -> LineWriter<'a> {
    if caps.contains(CapSet::SERVER_TIME) {
        line = line.tag("time", Some(&event.at.to_string()));
    }
    if !caps.contains(CapSet::MESSAGE_TAGS) {
        return line;
    }
    if let (Some(id), chat::event::EventKind::Message(_)) = (event.id, &event.kind) {
        line = line.tag("msgid", Some(&id.to_string()));
    }
    if event.actor.as_ref().is_some_and(|actor| actor.person.bot) {
        line = line.tag("bot", None);
    }
    line
}
