//! The export of a Slack workspace: a folder of `users.json`, `channels.json`, and a file a day in a folder a channel.
//!
//! Only public channels are in `channels.json`; an export that also has private ones lists them in other files, which are
//! not read: nobody here was let in there.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::emoji;
use crate::markup::{replace_angles, without_entities};
use crate::said::{How, Reaction, Said, Sink, SourceId};
use crate::trouble::Trouble;

/// The people of a workspace.
#[derive(Debug, Default)]
pub struct Users(BTreeMap<String, String>);

/// A channel of a workspace.
#[derive(Clone, Debug, Deserialize)]
pub struct Channel {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Its name, without `#`; that of its folder.
    pub name: String,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    profile: Profile,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    display_name: String,
    real_name: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    subtype: Option<String>,
    user: Option<String>,
    username: Option<String>,
    text: Option<String>,
    ts: String,
    thread_ts: Option<String>,
    reactions: Vec<Reacted>,
    files: Vec<Attached>,
}

#[derive(Deserialize)]
struct Reacted {
    name: String,
    #[serde(default)]
    users: Vec<String>,
}

#[derive(Deserialize)]
struct Attached {
    name: Option<String>,
    #[serde(alias = "permalink")]
    url_private: Option<String>,
}

impl Users {
    /// Reads `users.json`.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn read<E>(json: &[u8]) -> Result<Self, Trouble<E>> {
        let users: Vec<User> = serde_json::from_slice(json).map_err(|error| Trouble::json("users.json", error, 0))?;
        let called = |user: User| {
            let names = [user.profile.display_name, user.profile.real_name, user.name];
            let name = names.into_iter().find(|name| !name.trim().is_empty());
            let name = name.unwrap_or_else(|| user.id.clone());
            (user.id, name)
        };
        Ok(Self(users.into_iter().map(called).collect()))
    }

    fn name(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

/// Reads `channels.json`.
///
/// # Errors
/// When it is no such file.
pub fn channels<E>(json: &[u8]) -> Result<Vec<Channel>, Trouble<E>> {
    serde_json::from_slice(json).map_err(|error| Trouble::json("channels.json", error, 0))
}

/// Reads a day of a channel; `what` names the file in what is said about it.
///
/// # Errors
/// When it is no such file, and what the sink says.
pub fn day<E>(
    what: &str,
    channel: &Channel,
    users: &Users,
    json: &[u8],
    sink: &mut impl Sink<E>,
) -> Result<(), Trouble<E>> {
    let messages: Vec<Message> = serde_json::from_slice(json).map_err(|error| Trouble::json(what, error, 0))?;
    for message in messages {
        match said(channel, users, message) {
            Ok(said) => sink.said(said).map_err(Trouble::Keep)?,
            Err(why) => sink.left_out(why),
        }
    }
    Ok(())
}

fn said(channel: &Channel, users: &Users, message: Message) -> Result<Said, &'static str> {
    let how = match (message.kind.as_str(), message.subtype.as_deref()) {
        ("message", None | Some("bot_message" | "thread_broadcast" | "file_share" | "file_comment")) => How::Message,
        ("message", Some("me_message")) => How::Action,
        _ => return Err("messages that tell who came, went or changed something"),
    };
    let at = milliseconds(&message.ts).ok_or("messages whose time cannot be read")?;
    let id_of = |ts: &str| SourceId::of(&["slack", &channel.name, ts]);
    let reply_to = message.thread_ts.as_deref().filter(|thread| *thread != message.ts).map(id_of);
    let by = match (message.user, message.username) {
        (Some(user), _) => users.name(&user),
        (None, Some(name)) => name,
        (None, None) => return Err("messages that nobody is said to have written"),
    };
    let text = text(users, message.text.as_deref().unwrap_or_default(), &message.files);
    if text.is_empty() {
        return Err("messages without text");
    }
    let reactions = message.reactions.into_iter().flat_map(|reacted| {
        let sign = emoji::named(&reacted.name);
        reacted.users.into_iter().map(move |user| Reaction { sign: sign.clone(), by: users.name(&user) })
    });
    let reactions = reactions.collect();
    Ok(Said { source: id_of(&message.ts), at, channel: channel.name.clone(), by, how, text, reply_to, reactions })
}

/// Reads `1795973400.000200`: seconds, and micros that also tell messages apart.
fn milliseconds(ts: &str) -> Option<i64> {
    let (seconds, micros) = ts.split_once('.').unwrap_or((ts, "0"));
    let millis = micros.parse::<i64>().ok().filter(|_| micros.len() <= 6)? / 1000;
    seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis)
}

fn text(users: &Users, text: &str, files: &[Attached]) -> String {
    let mut text = without_entities(&replace_angles(text, |inside| meant(users, inside)));
    for file in files {
        let shown = [file.name.as_deref(), file.url_private.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        if !shown.is_empty() {
            let line_end = if text.is_empty() { "" } else { "\n" };
            text = format!("{text}{line_end}[{}]", shown.join(" "));
        }
    }
    text
}

/// Says what stands between angles: `@U1`, `#C1|general`, `!here`, `https://example.com|a link`.
fn meant(users: &Users, inside: &str) -> Option<String> {
    let (id, label) = inside.split_once('|').map_or((inside, None), |(id, label)| (id, Some(label)));
    Some(match (id.chars().next()?, label) {
        ('@', label) => format!("@{}", label.map_or_else(|| users.name(&id[1..]), str::to_owned)),
        ('#', label) => format!("#{}", label.unwrap_or(&id[1..])),
        ('!', Some(label)) => label.to_owned(),
        ('!', None) => format!("@{}", &id[1..]),
        (_, None) => id.strip_prefix("mailto:").unwrap_or(id).to_owned(),
        (_, Some(label)) if id.ends_with(label) => id.strip_prefix("mailto:").unwrap_or(id).to_owned(),
        (_, Some(label)) => format!("{label} ({id})"),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::said::testing::Heap;

    const USERS: &str = r#"[
        {"id": "U1", "name": "alice", "profile": {"display_name": "Alice A.", "real_name": "Alice Ant"}},
        {"id": "U2", "name": "bob", "profile": {"display_name": ""}}]"#;

    fn read(json: &str) -> Result<Heap, Trouble<()>> {
        let users = Users::read::<()>(USERS.as_bytes())?;
        let channel = channels::<()>(br#"[{"id": "C1", "name": "tea", "created": 1}]"#)?.remove(0);
        let mut heap = Heap::default();
        day("tea/2026-11-29.json", &channel, &users, json.as_bytes(), &mut heap)?;
        Ok(heap)
    }

    #[test]
    fn a_day_is_read_with_people_links_threads_and_reactions() {
        let heap = read(
            r#"[
            {"type": "message", "user": "U1", "ts": "1795973400.000200", "thread_ts": "1795973400.000200",
             "text": "<@U2> see <https://example.com|the page>, <https://example.com> &amp; <#C1|tea> <!here> a &lt; b",
             "reactions": [{"name": "+1", "users": ["U2", "U9"], "count": 2}]},
            {"type": "message", "user": "U2", "ts": "1795973401.000000", "thread_ts": "1795973400.000200", "text": "yes"},
            {"type": "message", "subtype": "me_message", "user": "U2", "ts": "1795973402.5", "text": "waves"},
            {"type": "message", "subtype": "channel_join", "user": "U2", "ts": "1795973403.0", "text": "joined"},
            {"type": "message", "subtype": "bot_message", "username": "builds", "ts": "1795973404.000000", "text": "green"},
            {"type": "message", "user": "U1", "ts": "1795973405.000000", "text": "",
             "files": [{"name": "plan.pdf", "url_private": "https://files.example.com/plan.pdf"}]},
            {"type": "message", "user": "U1", "ts": "1795973406.000000", "text": ""}]"#,
        )
        .unwrap();
        let said: Vec<_> = heap.said.iter().map(|said| (said.by.as_str(), said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("Alice A.", "@bob see the page (https://example.com), https://example.com & #tea @here a < b"),
                ("bob", "yes"),
                ("bob", "waves"),
                ("builds", "green"),
                ("Alice A.", "[plan.pdf https://files.example.com/plan.pdf]"),
            ]
        );
        assert_eq!(heap.said[1].reply_to, Some(heap.said[0].source));
        assert_eq!((heap.said[0].reply_to, heap.said[2].how), (None, How::Action));
        let reaction = |by: &str| Reaction { sign: "👍".into(), by: by.into() };
        assert_eq!(heap.said[0].reactions, [reaction("bob"), reaction("U9")]);
        assert_eq!(heap.said[0].at, 1_795_973_400_000);
        assert_eq!(heap.left_out.len(), 2);
    }

    #[test]
    fn what_is_no_export_is_told() {
        let Err(Trouble::Format { what, line: 2, .. }) = read("[\n{\"ts\": 1}]") else { panic!("it was taken") };
        assert_eq!(what, "tea/2026-11-29.json");
        assert!(matches!(Users::read::<()>(b"{}"), Err(Trouble::Format { .. })));
    }
}
