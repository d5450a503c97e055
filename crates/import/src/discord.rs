//! A channel as DiscordChatExporter writes it with `--format Json`.
//!
//! One file is one channel. Its messages are read one after the other, however many there are. Conversations between people
//! are refused unless the caller says where they are to go: they were not for everybody.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::markup::replace_angles;
use crate::said::{How, Reaction, Said, Sink, SourceId};
use crate::trouble::Trouble;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Channel {
    #[serde(rename = "type")]
    kind: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    timestamp: jiff::Timestamp,
    #[serde(default)]
    content: String,
    author: Author,
    #[serde(default)]
    attachments: Vec<Attachment>,
    #[serde(default)]
    reactions: Vec<Reacted>,
    #[serde(default)]
    mentions: Vec<Author>,
    reference: Option<Reference>,
}

#[derive(Deserialize)]
struct Author {
    #[serde(default)]
    id: String,
    name: String,
    nickname: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    #[serde(default)]
    url: String,
    #[serde(default)]
    file_name: String,
}

#[derive(Deserialize)]
struct Reacted {
    emoji: Emoji,
    #[serde(default)]
    users: Vec<Author>,
}

#[derive(Deserialize)]
struct Emoji {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    message_id: Option<String>,
}

impl Author {
    fn shown(self) -> String {
        self.nickname.filter(|name| !name.trim().is_empty()).unwrap_or(self.name)
    }
}

/// Reads a file; `into` is the channel it goes into, `None`: as the file names it.
///
/// # Errors
/// When it is no such file, or is not of a public channel and `into` is `None`, and what the sink says.
pub fn read<E>(what: &str, json: impl Read, into: Option<&str>, sink: &mut impl Sink<E>) -> Result<(), Trouble<E>> {
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(json);
    let document = Document { into, sink, stopped: &mut stopped };
    let read = document.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (stopped, read) {
        (Some(error), _) => Err(Trouble::Keep(error)),
        (None, Err(error)) => Err(Trouble::json(what, error, 0)),
        (None, Ok(())) => Ok(()),
    }
}

/// The whole file. `channel` stands before `messages`, as the exporter writes them.
struct Document<'a, S, E> {
    into: Option<&'a str>,
    sink: &'a mut S,
    stopped: &'a mut Option<E>,
}

impl<'de, S: Sink<E>, E> DeserializeSeed<'de> for Document<'_, S, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: Sink<E>, E> Visitor<'de> for Document<'_, S, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an export of DiscordChatExporter")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut channel = None;
        let mut has_messages = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "channel" => channel = Some(map.next_value::<Channel>()?),
                "messages" => {
                    let channel =
                        channel.as_ref().ok_or_else(|| A::Error::custom("no channel is named before the messages"))?;
                    let name = place(channel, self.into).map_err(A::Error::custom)?;
                    let (sink, stopped) = (&mut *self.sink, &mut *self.stopped);
                    map.next_value_seed(Messages { name, sink, stopped, of: PhantomData })?;
                    has_messages = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if has_messages { Ok(()) } else { Err(A::Error::custom("there are no messages in it")) }
    }
}

fn place<'a>(channel: &'a Channel, into: Option<&'a str>) -> Result<&'a str, String> {
    let between_people = channel.kind.starts_with("Direct") || channel.kind == "GroupDM";
    match into {
        Some(into) => Ok(into),
        None if between_people => Err(format!(
            "`{}` is a conversation between people: say with --into which channel it is to go into",
            channel.name
        )),
        None => Ok(&channel.name),
    }
}

struct Messages<'a, S, E> {
    name: &'a str,
    sink: &'a mut S,
    stopped: &'a mut Option<E>,
    of: PhantomData<E>,
}

impl<'de, S: Sink<E>, E> DeserializeSeed<'de> for Messages<'_, S, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: Sink<E>, E> Visitor<'de> for Messages<'_, S, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut messages: A) -> Result<(), A::Error> {
        while let Some(message) = messages.next_element::<Message>()? {
            match said(self.name, message) {
                Ok(said) => {
                    if let Err(error) = self.sink.said(said) {
                        *self.stopped = Some(error);
                        return Err(A::Error::custom("stopped"));
                    }
                }
                Err(why) => self.sink.left_out(why),
            }
        }
        Ok(())
    }
}

fn said(channel: &str, message: Message) -> Result<Said, &'static str> {
    if !matches!(message.kind.as_str(), "" | "Default" | "Reply" | "ChatInputCommand" | "ThreadStarterMessage") {
        return Err("messages that tell who came, went or changed something");
    }
    let mut text = replace_angles(&message.content, |inside| meant(&message.mentions, inside));
    for attachment in &message.attachments {
        let line_end = if text.is_empty() { "" } else { "\n" };
        text = format!("{text}{line_end}[{} {}]", attachment.file_name, attachment.url);
    }
    if text.is_empty() {
        return Err("messages without text");
    }
    let id_of = |id: &str| SourceId::of(&["discord", id]);
    let reactions = message.reactions.into_iter().flat_map(|reacted| {
        // Signs of a server's own have names, all others are themselves.
        let sign = if reacted.emoji.name.is_ascii() { format!(":{}:", reacted.emoji.name) } else { reacted.emoji.name };
        reacted.users.into_iter().map(move |by| Reaction { sign: sign.clone(), by: by.shown() })
    });
    Ok(Said {
        source: id_of(&message.id),
        at: message.timestamp.as_millisecond(),
        channel: channel.to_owned(),
        reactions: reactions.collect(),
        by: message.author.shown(),
        how: How::Message,
        text,
        reply_to: message.reference.and_then(|to| to.message_id).as_deref().map(id_of),
    })
}

/// Says what stands between angles where the exporter has left it: `@1`, `@!1`, `:wave:2`.
fn meant(mentions: &[Author], inside: &str) -> Option<String> {
    if let Some(sign) = inside.strip_prefix(':').or_else(|| inside.strip_prefix("a:")) {
        let (name, id) = sign.split_once(':')?;
        return id.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!(":{name}:"));
    }
    let id = inside.strip_prefix("@!").or_else(|| inside.strip_prefix('@'))?;
    let known = mentions.iter().find(|author| author.id == id)?;
    Some(format!("@{}", known.nickname.as_ref().unwrap_or(&known.name)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::said::testing::{Heap, times};

    const FILE: &str = r#"{
        "guild": {"id": "1", "name": "Loggia"},
        "channel": {"id": "2", "type": "GuildTextChat", "category": "Text", "name": "tea", "topic": null},
        "dateRange": {"after": null, "before": null},
        "messages": [
            {"id": "10", "type": "Default", "timestamp": "2026-11-29T19:30:00.250+01:00", "content": "hi <@7> <:wave:99> 1 < 2",
             "author": {"id": "6", "name": "alice", "nickname": "Alice A.", "isBot": false}, "attachments": [], "embeds": [],
             "reactions": [{"emoji": {"id": "", "name": "👍", "code": "thumbsup"}, "count": 1, "users": [{"id": "7", "name": "bob"}]},
                           {"emoji": {"id": "5", "name": "parrot"}, "count": 1, "users": [{"id": "7", "name": "bob"}]}],
             "mentions": [{"id": "7", "name": "bob", "nickname": "Bob"}]},
            {"id": "11", "type": "Reply", "timestamp": "2026-11-29T18:31:00+00:00", "content": "",
             "author": {"id": "7", "name": "bob", "nickname": null},
             "attachments": [{"id": "3", "url": "https://cdn.example.com/a.png", "fileName": "a.png", "fileSizeBytes": 3}],
             "reference": {"messageId": "10", "channelId": "2", "guildId": "1"}},
            {"id": "12", "type": "GuildMemberJoin", "timestamp": "2026-11-29T18:32:00+00:00", "content": "Joined the server.",
             "author": {"id": "8", "name": "carol"}}
        ],
        "messageCount": 3
    }"#;

    fn load(json: &str, into: Option<&str>) -> Result<Heap, Trouble<()>> {
        let mut heap = Heap::default();
        read("tea.json", json.as_bytes(), into, &mut heap)?;
        Ok(heap)
    }

    #[test]
    fn a_channel_is_read() {
        let heap = load(FILE, None).unwrap();
        let said: Vec<_> = heap.said.iter().map(|said| (said.by.as_str(), said.text.as_str())).collect();
        assert_eq!(said, [("Alice A.", "hi @Bob :wave: 1 < 2"), ("bob", "[a.png https://cdn.example.com/a.png]")]);
        assert_eq!(times(&heap), ["2026-11-29T18:30:00.25Z", "2026-11-29T18:31:00Z"]);
        assert_eq!(heap.said[1].reply_to, Some(heap.said[0].source));
        let signs: Vec<_> = heap.said[0].reactions.iter().map(|reaction| reaction.sign.as_str()).collect();
        assert_eq!(signs, ["👍", ":parrot:"]);
        assert_eq!((heap.said[0].channel.as_str(), heap.left_out.len()), ("tea", 1));
        assert_eq!(load(FILE, Some("#other")).unwrap().said[0].channel, "#other");
    }

    #[test]
    fn what_was_between_people_needs_a_place() {
        let direct = FILE.replace("GuildTextChat", "DirectTextChat");
        let Err(Trouble::Format { why, .. }) = load(&direct, None) else { panic!("it was taken") };
        assert!(why.contains("--into"), "{why}");
        assert_eq!(load(&direct, Some("#two")).unwrap().said.len(), 2);
    }

    #[test]
    fn what_is_no_export_is_told() {
        for (json, expected) in [
            ("{}", "no messages"),
            (r#"{"messages": []}"#, "no channel is named"),
            ("[]", "expected an export of DiscordChatExporter"),
            (r#"{"channel": {"name": "tea"}, "messages": [{"id": "1"}]}"#, "missing field"),
            (&FILE[..FILE.len() / 2], "EOF"),
        ] {
            let Err(Trouble::Format { why, .. }) = load(json, None) else { panic!("{json}") };
            assert!(why.contains(expected), "{json}: {why}");
        }
    }
}
