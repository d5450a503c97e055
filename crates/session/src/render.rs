//! Lines for one IRC client: numerics, standard replies, and the tags that events carry.

use core::cell::Cell;

use chat::event::{Event, EventKind};
use chat::person::Person;
use irc::capability::CapSet;
use irc::numerics::Numeric;
use irc::write::LineWriter;

use crate::features::isupport::Isupport;
use crate::settings::Settings;

/// Writes lines for one client.
#[derive(Debug)]
pub struct Render<'a> {
    /// Where to.
    pub out: &'a mut Vec<u8>,
    /// The server's choices.
    pub settings: &'a Settings,
    /// What 005 says by these.
    pub isupport: &'a Isupport,
    /// The client's nick, or `*` before it has one: the first parameter of numerics.
    pub client: &'a str,
    /// The client's capabilities.
    pub caps: CapSet,
    /// Whether its connection is encrypted.
    pub secure: bool,
    /// How many batches the client has been sent: the name of the last one.
    pub batches: &'a Cell<u32>,
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

    /// Writes a numeric that is sent on somebody's behalf: with the tags that what they say themself would have.
    pub fn numeric_from(&mut self, person: &Person, numeric: &Numeric, args: &[&str]) {
        let line = standing_tags(LineWriter::new(self.out), person, self.caps).source(self.settings.server_name());
        numeric.write(line, self.client, self.settings.language, args);
    }

    /// Writes lines as a batch of this type: what `write` writes has to begin with the tag `batch` and the name it is given.
    ///
    /// Spec: `IRCv3` "batch".
    pub fn batch(&mut self, kind: &str, write: impl FnOnce(&mut Self, &str)) {
        self.batch_about(kind, None, write);
    }

    /// The same, with a parameter that says what the batch is about.
    pub fn batch_about(&mut self, kind: &str, about: Option<&str>, write: impl FnOnce(&mut Self, &str)) {
        self.batches.set(self.batches.get().wrapping_add(1));
        let name = self.batches.get().to_string();
        let line = self.line().command("BATCH").param(&format!("+{name}")).param(kind);
        match about {
            Some(about) => line.param(about).end(),
            None => line.end(),
        }
        write(self, &name);
        self.line().command("BATCH").param(&format!("-{name}")).end();
    }

    /// Writes a NOTICE of the server, cut to a line.
    pub fn notice(&mut self, text: &str) {
        let client = self.client;
        self.line().command("NOTICE").param(client).trailing(text).end_cut();
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
            self.notice(text);
        }
    }
}

/// Begins the line of an event, with the tags this client understands: `time`, `msgid`, `account`, `bot` and the like; and
/// its source.
pub fn event_line<'a>(out: &'a mut Vec<u8>, event: &Event, caps: CapSet, settings: &Settings) -> LineWriter<'a> {
    let line = event_tags(LineWriter::new(out), event, caps);
    match &event.actor {
        Some(actor) => line.source(actor.person.mask()),
        None => line.source(settings.server_name()),
    }
}

/// Adds the tags that every event has.
///
/// Spec: `IRCv3` "server-time", "message-ids", "account-tag", "oper-tag", "bot mode".
pub fn event_tags<'a>(mut line: LineWriter<'a>, event: &Event, caps: CapSet) -> LineWriter<'a> {
    if caps.contains(CapSet::SERVER_TIME) {
        line = line.tag("time", Some(&event.at.to_string()));
    }
    let takes_tags = caps.contains(CapSet::MESSAGE_TAGS);
    let has_id = matches!(event.kind, EventKind::Message(_) | EventKind::Redacted { .. } | EventKind::Edited { .. });
    if let (true, Some(id)) = (takes_tags && has_id, event.id) {
        line = line.tag("msgid", Some(&id.to_string()));
    }
    line = crate::features::resume::cursor(line, event, caps);
    if let Some(actor) = &event.actor {
        line = standing_tags(line, &actor.person, caps);
    }
    if takes_tags && event.actor.as_ref().is_some_and(|actor| actor.person.bot) {
        line = line.tag("bot", None);
    }
    line
}

/// Adds the tags that tell what somebody is to the server: logged in, an operator.
///
/// Spec: `IRCv3` "account-tag", "oper-tag". Operators are not told apart by a value of `draft/oper`: what somebody calls
/// themself for OPER is nobody else's affair.
pub fn standing_tags<'a>(mut line: LineWriter<'a>, person: &Person, caps: CapSet) -> LineWriter<'a> {
    if let Some(account) = person.account.as_deref().filter(|_| caps.contains(CapSet::ACCOUNT_TAG)) {
        line = line.tag("account", Some(account));
    }
    if person.operator && caps.contains(CapSet::OPER_TAG) {
        line = line.tag("draft/oper", None);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{alice, settings, shown_as};

    #[test]
    fn what_the_actor_is_to_the_server_is_for_those_who_asked() {
        let logged_in = alice().with(|fields| {
            fields.account = Some("alicia".into());
            fields.operator = true;
        });
        let line = |person, caps| {
            let kind = EventKind::Quit { reason: "x".into() };
            shown_as(&kind, None, person, |event, out| event_line(out, event, caps, &settings()).command("X").end())
        };
        let both = CapSet::ACCOUNT_TAG | CapSet::OPER_TAG;
        assert_eq!(line(logged_in.clone(), both), "@account=alicia;draft/oper :alice!~alice@home X\r\n");
        assert_eq!(line(logged_in.clone(), CapSet::ACCOUNT_TAG), "@account=alicia :alice!~alice@home X\r\n");
        assert_eq!(line(logged_in.clone(), CapSet::OPER_TAG), "@draft/oper :alice!~alice@home X\r\n");
        assert_eq!(line(logged_in, CapSet::MESSAGE_TAGS), ":alice!~alice@home X\r\n");
        assert_eq!(line(alice(), both), ":alice!~alice@home X\r\n");
    }
}
