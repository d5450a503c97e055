//! A client that asks one thing at a time and waits for the answer.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use irc::message::Message;
use mio::{Events, Poll, Token};

use crate::clock;
use crate::wire::Wire;

/// How long an answer may take.
const ANSWER_WAIT: Duration = Duration::from_mins(1);

/// A registered connection and the poll it is in.
pub(crate) struct Dialogue {
    poll: Poll,
    events: Events,
    wire: Wire,
}

/// One entry of a page of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) time: String,
    pub(crate) nick: String,
    pub(crate) text: String,
}

impl Dialogue {
    /// Connects, registers as `nick` with the capabilities for history and `more`, and enters `channels` (as JOIN writes them).
    pub(crate) fn connect(address: SocketAddr, nick: &str, channels: &str, more: &str) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot poll")?;
        let capabilities = format!("batch server-time message-tags draft/chathistory {more}");
        let wire = Wire::welcomed(address, nick, capabilities.trim_end(), poll.registry(), Token(0))?;
        let mut dialogue = Self { poll, events: Events::with_capacity(16), wire };
        dialogue.ask(&format!("JOIN {channels}\r\nPING joined"), |message| Ok(message.is_command("PONG")))?;
        Ok(dialogue)
    }

    /// Sends a line and hands over what comes, until `is_last` says that it was the last of the answer.
    pub(crate) fn ask(
        &mut self,
        line: &str,
        mut is_last: impl FnMut(&Message<'_>) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        self.wire.send(line);
        self.wire.flush().context("cannot write to the server")?;
        let until = clock::now() + ANSWER_WAIT;
        loop {
            while let Some(line) = self.wire.line() {
                let Ok(message) = Message::parse(line) else {
                    bail!("the server sends a line that is no message: {}", String::from_utf8_lossy(line));
                };
                if is_last(&message)? {
                    return Ok(());
                }
            }
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                bail!("the server does not answer `{line}` within {} seconds", ANSWER_WAIT.as_secs());
            }
            self.poll.poll(&mut self.events, Some(left)).context("cannot poll")?;
            self.wire.flush().context("cannot write to the server")?;
            if !self.wire.read().context("cannot read from the server")? && self.events.iter().next().is_some() {
                bail!("the server has closed the connection");
            }
        }
    }

    /// Asks for a page of history and returns the messages in it, the oldest first.
    pub(crate) fn page(&mut self, subcommand: &str) -> anyhow::Result<Vec<Entry>> {
        self.batch(&format!("CHATHISTORY {subcommand}"))
    }

    /// Asks for something that is answered by a batch, and returns the messages in it.
    pub(crate) fn batch(&mut self, question: &str) -> anyhow::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.ask(question, |message| {
            if message.is_command("FAIL") {
                bail!("the server refuses `{question}`: {:?}", message.params);
            }
            if message.is_command("PRIVMSG") {
                entries.push(entry(message)?);
            }
            Ok(message.is_command("BATCH") && message.params.get(0).is_some_and(|name| name.starts_with('-')))
        })?;
        Ok(entries)
    }
}

/// Reads what a message of a page says of itself.
pub(crate) fn entry(message: &Message<'_>) -> anyhow::Result<Entry> {
    let tag =
        |name: &str| message.tags.value(name).map(String::from).with_context(|| format!("a message has no {name}"));
    Ok(Entry {
        id: tag("msgid")?,
        time: tag("time")?,
        nick: message.source.unwrap_or_default().split('!').next().unwrap_or_default().to_owned(),
        text: message.params.get(1).unwrap_or_default().to_owned(),
    })
}
