//! The lines of an archive.

use chat::history::Happening;
use chat::rows::Row;
use chat::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    /// The first.
    Archive(Head),
    /// One piece of durable state.
    Row(Row),
    /// What the log recorded: something that was said, got other words or was taken back; a channel that was renamed.
    Fact(FactLine),
    /// What people saw.
    Happening(HappeningLine),
    /// What clients have given an id.
    Stream(StreamLine),
    /// The last.
    End(End),
}

/// What it is an archive of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// [`super::VERSION`].
    pub(super) version: u32,
    /// Which program has written it.
    pub(super) program: String,
    /// When.
    pub(super) made: String,
    /// The log's number: the first part of every message id.
    pub(super) log: u64,
    /// How names are compared.
    pub(super) casemapping: String,
}

/// A fact.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FactLine {
    /// Its place.
    pub(super) seq: u64,
    /// Its message id, for those who read along.
    pub(super) id: String,
    /// When.
    pub(super) time: Time,
    /// What a person wrote; absent: nothing, or it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// Whether it was erased.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) erased: bool,
    /// The rest, as the log has it.
    pub(super) fact: Map<String, Value>,
}

/// What people saw of a fact.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HappeningLine {
    /// The fact's place.
    pub(super) seq: u64,
    /// When.
    pub(super) time: Time,
    /// The channels that saw it, by their keys: the names under which they began.
    pub(super) channels: Vec<String>,
    /// A reason or a topic; absent: none, or it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// Whether it was erased.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) erased: bool,
    /// Who did what.
    pub(super) happening: Happening,
}

/// Numbers of one stream. A stream with many has several lines.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StreamLine {
    /// A hash of its name: whoever knows the name could ask what became of what it sent.
    pub(super) name: String,
    /// The account that has begun it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    /// Until when it is remembered.
    pub(super) until: Time,
    /// Each number, and the place of what it was given to.
    pub(super) numbers: Vec<(u64, u64)>,
}

/// The last line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// How many lines stand before this one.
    pub(super) lines: u64,
    /// The SHA-256 of these, with their line ends, lower-case hexadecimal.
    pub(super) sha256: String,
}

/// A time as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Timestamp::parse(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no time like 2026-11-29T18:30:00.000Z")))
    }
}
