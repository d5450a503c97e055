//! One client under a simulated clock. It answers every wanted name, and writes down all outputs with their time.

use std::sync::Arc;
use std::time::Duration;

use plain::{Conversation, Input, Limits, Output, Variant};

pub(crate) const LIMITS: Limits =
    Limits { name_length_max: 32, queue_bytes_max: 16 * 1024, name_time: Duration::from_mins(10) };

pub(crate) struct Client {
    pub(crate) conversation: Conversation,
    pub(crate) now: Duration,
    /// The names that belong to others.
    pub(crate) taken: Vec<&'static str>,
    /// Whether names wait for an answer by the test.
    pub(crate) holds_names: bool,
    written: Vec<String>,
}

impl Client {
    /// A greeted client; the prompt has been checked and is not in the record.
    pub(crate) fn greeted(variant: Variant) -> Self {
        let mut client = Self::silent(variant);
        client.input(Input::Open { first_bytes: b"" });
        let prompt = client.conversation.variant().prompt.clone();
        assert_eq!(client.record(), [format!("0 send {}", prompt.escape_debug())]);
        client
    }

    /// A connection that has not been greeted.
    pub(crate) fn silent(variant: Variant) -> Self {
        Self {
            conversation: Conversation::new(Arc::new(variant), LIMITS),
            now: Duration::ZERO,
            taken: Vec::new(),
            holds_names: false,
            written: Vec::new(),
        }
    }

    /// A client in the room at 1000 ms, its record empty. The name's bytes decide the mode.
    pub(crate) fn named(variant: Variant, name: &str) -> Self {
        let mut client = Self::greeted(variant);
        client.sends(name.as_bytes());
        client.until(1000);
        assert_eq!(client.conversation.shown_name(), Some(name.trim()));
        client.record();
        client
    }

    pub(crate) fn input(&mut self, input: Input<'_>) {
        self.conversation.handle(input, self.now);
        while let Some(output) = self.conversation.poll_output() {
            self.write(&output);
            if let Output::Name(name) = output
                && !self.holds_names
            {
                if self.taken.contains(&name.as_str()) {
                    self.input(Input::NameTaken);
                } else {
                    self.input(Input::NameAccepted { shown: &name });
                }
            }
        }
    }

    /// One `send` of the client that arrives as one read.
    pub(crate) fn sends(&mut self, bytes: &[u8]) {
        self.input(Input::Bytes(bytes));
    }

    pub(crate) fn hears(&mut self, from: &str, text: &str) {
        self.input(Input::Message { from, text, own: false, action: false });
    }

    pub(crate) fn hears_itself(&mut self, from: &str, text: &str) {
        self.input(Input::Message { from, text, own: true, action: false });
    }

    /// Lets the time pass up to `ms` since the start.
    pub(crate) fn until(&mut self, ms: u64) {
        let end = Duration::from_millis(ms);
        let mut wakes = 0;
        while let Some((at, why)) = self.conversation.poll_timeout()
            && at <= end
        {
            self.now = self.now.max(at);
            self.input(Input::Wake);
            wakes += 1;
            assert!(wakes < 10_000, "woken for ever: {why}");
        }
        self.now = end;
    }

    /// Takes the record so far: `ms what`.
    pub(crate) fn record(&mut self) -> Vec<String> {
        std::mem::take(&mut self.written)
    }

    fn write(&mut self, output: &Output) {
        let what = match output {
            Output::Name(name) => format!("name {}", name.escape_debug()),
            Output::Said(text) => format!("said {}", text.escape_debug()),
            Output::Command(command) => format!("command {command:?}"),
            Output::TooLong => "too long".to_owned(),
            Output::Left { reason } => format!("left {reason:?}"),
            Output::Send(bytes) => {
                format!("send {}", std::str::from_utf8(bytes).expect("sends are UTF-8").escape_debug())
            }
            Output::Close { how, reason } => format!("close {how:?} {reason:?}"),
        };
        self.written.push(format!("{} {what}", self.now.as_millis()));
    }
}
