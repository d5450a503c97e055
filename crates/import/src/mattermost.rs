//! Mattermost's bulk export: `mmctl export`, a file of JSON lines (in a zip, `import.jsonl`).
//!
//! Posts of public channels are read, with the answers and reactions that stand inside of them. What was private, and what
//! people told each other directly, is left out: nobody here was let in there.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::emoji;
use crate::said::{How, Reaction, Said, Sink, SourceId};
use crate::trouble::Trouble;

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    version: Option<u64>,
    channel: Option<Channel>,
    post: Option<Post>,
}

#[derive(Deserialize)]
struct Channel {
    #[serde(default)]
    team: String,
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Post {
    #[serde(default)]
    team: String,
    #[serde(default)]
    channel: String,
    user: String,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    create_at: i64,
    #[serde(default)]
    reactions: Option<Vec<Reacted>>,
    #[serde(default)]
    replies: Option<Vec<Post>>,
    #[serde(default)]
    attachments: Option<Vec<Attachment>>,
}

#[derive(Deserialize)]
struct Reacted {
    user: String,
    emoji_name: String,
}

#[derive(Deserialize)]
struct Attachment {
    path: String,
}

/// Reads an export line by line.
#[derive(Debug)]
pub struct Reader {
    what: String,
    line: u64,
    seen_version: bool,
    /// Team and name.
    public: BTreeSet<(String, String)>,
}

impl Reader {
    /// Begins; `what` names the file in what is said about it.
    pub fn new(what: &str) -> Self {
        Self { what: what.to_owned(), line: 0, seen_version: false, public: BTreeSet::new() }
    }

    /// Takes a line, without its end.
    ///
    /// # Errors
    /// When it is no line of such an export, and what the sink says.
    pub fn line<E>(&mut self, line: &str, sink: &mut impl Sink<E>) -> Result<(), Trouble<E>> {
        self.line += 1;
        if line.trim().is_empty() {
            return Ok(());
        }
        let Line { kind, version, channel, post } =
            serde_json::from_str(line).map_err(|error| Trouble::json(&self.what, error, self.line - 1))?;
        match (kind.as_str(), version, channel, post) {
            ("version", Some(1), ..) => self.seen_version = true,
            ("version", ..) => return Err(self.wrong("only version 1 of the format is known")),
            _ if !self.seen_version => return Err(self.wrong("the first line does not tell the version of the format")),
            ("channel", _, Some(channel), _) if channel.kind == "O" => {
                self.public.insert((channel.team, channel.name));
            }
            ("post", .., Some(post)) => self.post(post, sink)?,
            ("direct_post", ..) => sink.left_out("direct messages"),
            _ => {}
        }
        Ok(())
    }

    fn post<E>(&self, post: Post, sink: &mut impl Sink<E>) -> Result<(), Trouble<E>> {
        let place = (post.team.clone(), post.channel.clone());
        if !self.public.contains(&place) {
            sink.left_out("posts of private channels");
            return Ok(());
        }
        take(&place.0, &place.1, post, None, sink)
    }

    fn wrong<E>(&self, why: &str) -> Trouble<E> {
        Trouble::Format { what: self.what.clone(), line: self.line, why: why.to_owned() }
    }
}

/// Takes a post and its answers.
fn take<E>(
    team: &str,
    channel: &str,
    mut post: Post,
    reply_to: Option<SourceId>,
    sink: &mut impl Sink<E>,
) -> Result<(), Trouble<E>> {
    let source = SourceId::of(&["mattermost", team, channel, &post.user, &post.create_at.to_string(), &post.message]);
    let replies = post.replies.take().unwrap_or_default();
    match said(channel, post, source, reply_to) {
        Ok(said) => sink.said(said).map_err(Trouble::Keep)?,
        Err(why) => sink.left_out(why),
    }
    // An answer has no answers of its own.
    replies.into_iter().try_for_each(|reply| {
        let reply = Post { replies: None, ..reply };
        take(team, channel, reply, Some(source), sink)
    })
}

fn said(channel: &str, post: Post, source: SourceId, reply_to: Option<SourceId>) -> Result<Said, &'static str> {
    let how = match post.kind.as_deref() {
        None | Some("" | "slack_attachment" | "custom_bot") => How::Message,
        Some("me") => How::Action,
        Some(_) => return Err("posts that tell who came, went or changed something"),
    };
    // What `/me` writes has stars around it.
    let mut text = match how {
        How::Action => post.message.trim_matches('*').to_owned(),
        How::Message | How::Notice => post.message,
    };
    for attachment in post.attachments.unwrap_or_default() {
        let line_end = if text.is_empty() { "" } else { "\n" };
        text = format!("{text}{line_end}[{}]", attachment.path);
    }
    if text.is_empty() {
        return Err("posts without text");
    }
    let reaction = |reacted: Reacted| Reaction { sign: emoji::named(&reacted.emoji_name), by: reacted.user };
    let reactions = post.reactions.unwrap_or_default().into_iter().map(reaction).collect();
    Ok(Said { source, at: post.create_at, channel: channel.to_owned(), by: post.user, how, text, reply_to, reactions })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::said::testing::Heap;

    const EXPORT: &str = r#"{"type":"version","version":1}
{"type":"team","team":{"name":"loggia"}}
{"type":"channel","channel":{"team":"loggia","name":"tea","display_name":"Tea","type":"O"}}
{"type":"channel","channel":{"team":"loggia","name":"secret","display_name":"Secret","type":"P"}}
{"type":"user","user":{"username":"alice"}}
{"type":"post","post":{"team":"loggia","channel":"tea","user":"alice","message":"hello\nthere","create_at":1795973400000,"reactions":[{"user":"bob","emoji_name":"heart","create_at":1}],"replies":[{"user":"bob","message":"hi","create_at":1795973500000,"attachments":[{"path":"plan.pdf"}]}]}}
{"type":"post","post":{"team":"loggia","channel":"tea","user":"bob","type":"me","message":"*waves*","create_at":1795973450000}}
{"type":"post","post":{"team":"loggia","channel":"tea","user":"bob","type":"system_join_channel","message":"joined","create_at":1}}
{"type":"post","post":{"team":"loggia","channel":"secret","user":"bob","message":"psst","create_at":1}}
{"type":"direct_post","direct_post":{"channel_members":["alice","bob"],"user":"alice","message":"psst","create_at":1}}"#;

    fn read(export: &str) -> Result<Heap, Trouble<()>> {
        let (mut heap, mut reader) = (Heap::default(), Reader::new("import.jsonl"));
        export.lines().try_for_each(|line| reader.line(line, &mut heap))?;
        Ok(heap)
    }

    #[test]
    fn public_channels_are_read_with_answers_and_reactions() {
        let heap = read(EXPORT).unwrap();
        let said: Vec<_> = heap.said.iter().map(|said| (said.by.as_str(), said.how, said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("alice", How::Message, "hello\nthere"),
                ("bob", How::Message, "hi\n[plan.pdf]"),
                ("bob", How::Action, "waves"),
            ]
        );
        assert_eq!(heap.said[1].reply_to, Some(heap.said[0].source));
        assert_eq!(heap.said[0].reactions, [Reaction { sign: "❤️".into(), by: "bob".into() }]);
        assert_eq!(
            heap.left_out,
            ["posts that tell who came, went or changed something", "posts of private channels", "direct messages",]
        );
    }

    #[test]
    fn what_is_no_export_is_told_with_its_line() {
        for (export, line, expected) in [
            ("{\"type\":\"post\"}", 1, "does not tell the version"),
            ("{\"type\":\"version\",\"version\":2}", 1, "only version 1"),
            ("{\"type\":\"version\",\"version\":1}\n{", 2, "EOF"),
        ] {
            let Err(Trouble::Format { line: found, why, .. }) = read(export) else { panic!("{export}") };
            assert!(found == line && why.contains(expected), "{export}: {found}: {why}");
        }
    }
}
