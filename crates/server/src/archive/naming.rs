//! People and channels of elsewhere, as they are called here.

use std::sync::Arc;

use chat::event::{Message, MessageKind, MessageTags, Target};
use chat::ids::{ChannelId, UserId};
use chat::person::{Person, PersonFields};
use chat::time::Timestamp;
use import::{How, Said};
use irc::ctcp;
use irc::names::{CHANNEL_PREFIX, ChannelName, NameRules, UserName, derive_nick, is_bad_in_name};
use irc::text::truncate_at_char;
use store::Imported;

use super::origin::Format;

/// Who says what is imported is no user who is or was here: ids of users begin above this.
const NOBODY_HERE: UserId = UserId(0);

/// As [`NOBODY_HERE`], for the channel: history goes by its name.
const NO_CHANNEL_HERE: ChannelId = ChannelId(0);

/// The most bytes of one piece of a text: what fits into a line with any names.
const PIECE_BYTES_MAX: usize = 350;

/// The most bytes of one message: what a longer text is cut to.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Turns names of one program into names of this server.
#[derive(Debug)]
pub(super) struct Naming {
    rules: NameRules,
    format: Format,
}

impl Naming {
    pub(super) fn new(rules: NameRules, format: Format) -> Self {
        Self { rules, format }
    }

    /// Returns a channel's name: `General chat` is `#general-chat`.
    pub(super) fn channel(&self, name: &str) -> ChannelName {
        if let Ok(name) = self.rules.channel(name) {
            return name;
        }
        let bare: String = name.trim_start_matches(CHANNEL_PREFIX).trim().to_lowercase();
        let allowed = |c: char| if is_bad_in_name(c) || c.is_whitespace() { '-' } else { c };
        let bare: String = bare.chars().map(allowed).collect();
        let bare = truncate_at_char(&bare, self.rules.channel_bytes_max.saturating_sub(1));
        let bare = if bare.is_empty() { "imported" } else { bare };
        self.rules.channel(&format!("{CHANNEL_PREFIX}{bare}")).unwrap_or_else(|_| {
            // Letters that the case mapping does not take.
            let plain: String = bare.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            ChannelName::trusted(format!("{CHANNEL_PREFIX}{plain}"))
        })
    }

    fn person(&self, name: &str) -> Arc<Person> {
        let host = format!("imported.{}", self.format.name());
        Arc::new(Person::from(PersonFields {
            nick: derive_nick(name, &self.rules),
            username: UserName::trusted("~import"),
            host: host.into(),
            realname: name.into(),
            shown: None,
            account: None,
            bot: false,
            operator: false,
        }))
    }

    /// Returns the message, and the signs that others put under it.
    pub(super) fn messages(&self, said: &Said) -> Vec<Imported> {
        let target = Target::Channel { id: NO_CHANNEL_HERE, name: self.channel(&said.channel), rank: None };
        let how = match said.how {
            How::Message | How::Action => MessageKind::Privmsg,
            How::Notice => MessageKind::Notice,
        };
        let (text, concats) = text(said);
        let message = |how, by: &str, text: String, tags: MessageTags, concats| Message {
            how,
            user: NOBODY_HERE,
            sender: self.person(by),
            target: target.clone(),
            text: text.into(),
            tags,
            concats,
            relayed_by: None,
        };
        let at = Timestamp(said.at);
        let mut all = vec![Imported {
            source: said.source.0,
            at,
            message: message(how, &said.by, text, MessageTags::new(), concats),
            reply_to: said.reply_to.map(|source| source.0),
        }];
        for reaction in &said.reactions {
            let source = import::SourceId::of(&[&format!("{:?}", said.source), &reaction.sign, &reaction.by]);
            let tags = vec![("+draft/react".into(), Some(reaction.sign.as_str().into()))];
            let message = message(MessageKind::Tagmsg, &reaction.by, String::new(), tags, None);
            all.push(Imported { source: source.0, at, message, reply_to: Some(said.source.0) });
        }
        all
    }
}

/// Returns the text as it is kept, and where lines of IRC continue the one before them; `None`: it is one line.
fn text(said: &Said) -> (String, Option<Box<[u32]>>) {
    let clean: String =
        truncate_at_char(&said.text, TEXT_BYTES_MAX).chars().filter(|c| !matches!(c, '\r' | '\0')).collect();
    let clean = clean.trim_end_matches('\n').to_owned();
    if said.how == How::Action {
        // An action is one line.
        let line = clean.replace('\n', " ");
        return (ctcp::action(truncate_at_char(&line, PIECE_BYTES_MAX)), None);
    }
    let mut cuts = Vec::new();
    let mut start = 0;
    for line in clean.split('\n') {
        let mut from = 0;
        while line.len() - from > PIECE_BYTES_MAX {
            from += truncate_at_char(&line[from..], PIECE_BYTES_MAX).len();
            cuts.push(u32::try_from(start + from).unwrap_or(u32::MAX));
        }
        start += line.len() + 1;
    }
    let is_one_line = cuts.is_empty() && !clean.contains('\n');
    (clean, (!is_one_line).then(|| cuts.into()))
}

#[cfg(test)]
mod tests {
    use import::{Reaction, SourceId};

    use super::*;

    fn naming() -> Naming {
        Naming::new(NameRules::default(), Format::Slack)
    }

    fn said(how: How, text: &str) -> Said {
        Said {
            source: SourceId::of(&["1"]),
            at: 5,
            channel: "General chat".into(),
            by: "Anna Maria".into(),
            how,
            text: text.into(),
            reply_to: None,
            reactions: vec![Reaction { sign: "👍".into(), by: "bob".into() }],
        }
    }

    #[test]
    fn names_become_names_of_irc() {
        for (name, expected) in [
            ("#tea", "#tea"),
            ("tea", "#tea"),
            ("General chat, all", "#general-chat--all"),
            ("日本", "#日本"),
            ("", "#imported"),
            ("#", "#imported"),
        ] {
            assert_eq!(naming().channel(name).as_str(), expected, "{name}");
        }
        let long = naming().channel(&"é".repeat(100));
        assert!(long.as_str().len() <= 64 && NameRules::default().channel(long.as_str()).is_ok());
    }

    #[test]
    fn a_message_and_its_signs() {
        let all = naming().messages(&said(How::Message, "hello"));
        assert_eq!(&**all[0].message.sender.mask(), "Anna_Maria!~import@imported.slack");
        assert_eq!((&*all[0].message.text, &all[0].message.concats), ("hello", &None));
        assert_eq!(all[1].message.how, MessageKind::Tagmsg);
        assert_eq!(all[1].reply_to, Some(all[0].source));
        assert_ne!(all[1].source, all[0].source);
    }

    #[test]
    fn long_and_many_lines_are_cut_where_a_line_of_irc_ends() {
        let long = "é".repeat(200);
        let all = naming().messages(&said(How::Message, &format!("one\r\n{long}\n\n")));
        assert_eq!(*all[0].message.text, *format!("one\n{long}"));
        assert_eq!(all[0].message.concats.as_deref(), Some(&[4 + 350][..]));
        let action = naming().messages(&said(How::Action, "waves\nand goes"));
        assert_eq!(&*action[0].message.text, "\u{1}ACTION waves and goes\u{1}");
    }
}
