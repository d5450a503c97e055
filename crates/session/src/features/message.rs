//! PRIVMSG, NOTICE and TAGMSG on the wire. Meaning: `chat::features::message`. Proof: `scenarios/privmsg.txt`,
//! `notice.txt`, `tagmsg.txt`, `statusmsg.txt`, `message-tags.txt`, `echo-message.txt`, `line-limits.txt`.

pub(super) mod split;

use std::sync::Arc;

use chat::command::{Command, Say};
use chat::event::{Event, Message, MessageKind, MessageTags};
use irc::capability::CapSet;
use irc::numerics;
use irc::tags::{Tags, is_valid_key};
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter};

use super::{multiline, resume};
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_tags;
use crate::settings::Settings;

/// The most targets of one message (ISUPPORT `TARGMAX`).
pub const TARGETS_MAX: usize = 4;

/// Reads `PRIVMSG target,target :text`, `NOTICE` likewise, and `TAGMSG target,target` with its client-only tags.
///
/// # Errors
/// 411 without a target, 412 without text, 461 for a TAGMSG without target, 407 for too many targets and 417 for a text
/// that would not fit the line others are sent: then nobody gets anything. A NOTICE is never answered with an error:
/// it is dropped, and one that is too long for a line reaches others as two.
pub fn ask(session: &IrcSession, message: &irc::message::Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let kind = if message.is_command("PRIVMSG") {
        MessageKind::Privmsg
    } else if message.is_command("NOTICE") {
        MessageKind::Notice
    } else {
        MessageKind::Tagmsg
    };
    match read(kind, session, message, cx) {
        // A client that has given it an id waits for its outcome.
        Err(_) if kind == MessageKind::Notice && !super::delivery::has_id(session, message) => Ok(Commands::new()),
        commands => commands,
    }
}

fn read(
    kind: MessageKind,
    session: &IrcSession,
    message: &irc::message::Message<'_>,
    cx: &Cx<'_>,
) -> Result<Commands, Complaint> {
    let targets = distinct_targets(message.params.get(0).unwrap_or_default(), cx);
    let text = message.params.get(1).filter(|_| kind != MessageKind::Tagmsg).unwrap_or_default();
    if targets.is_empty() {
        return Err(match kind {
            MessageKind::Tagmsg => Complaint::need_more_params(kind.name()),
            MessageKind::Privmsg | MessageKind::Notice => Complaint::numeric(numerics::ERR_NORECIPIENT, &[kind.name()]),
        });
    }
    if text.is_empty() && kind != MessageKind::Tagmsg {
        return Err(Complaint::numeric(numerics::ERR_NOTEXTTOSEND, &[]));
    }
    if let Some(extra) = targets.get(TARGETS_MAX) {
        return Err(Complaint::numeric(numerics::ERR_TOOMANYTARGETS, &[extra]));
    }
    let fits = |target: &&str| head_bytes(session.mask(), kind, target) + text.len() <= BODY_CONTENT_BYTES_MAX;
    if kind == MessageKind::Privmsg && !targets.iter().all(fits) {
        return Err(Complaint::numeric(numerics::ERR_INPUTTOOLONG, &[]));
    }
    let tags = client_tags(session, message.tags);
    if kind == MessageKind::Tagmsg && !session.caps().contains(CapSet::MESSAGE_TAGS) {
        // It says nothing: the client's tags mean nothing.
        return Ok(Commands::new());
    }
    let text: Arc<str> = text.into();
    let say = |target: &str| {
        let (target, text, tags) = (target.into(), Arc::clone(&text), tags.clone());
        Say { kind, target, text, tags, concats: None }
    };
    Ok(targets.into_iter().map(|target| Command::Message(Box::new(say(target)))).collect())
}

/// Splits the targets; one that is named twice gets the message once.
fn distinct_targets<'a>(list: &'a str, cx: &Cx<'_>) -> Vec<&'a str> {
    let mapping = cx.settings.chat.names.casemapping;
    let mut distinct: Vec<&str> = Vec::new();
    for target in list.split(',').filter(|target| !target.is_empty()) {
        if !distinct.iter().any(|known| mapping.same(known, target)) {
            distinct.push(target);
        }
        if distinct.len() > TARGETS_MAX {
            break;
        }
    }
    distinct
}

/// Reads the tags that are relayed. Of a key that comes twice, the last value counts.
pub(super) fn client_tags(session: &IrcSession, tags: Tags<'_>) -> MessageTags {
    let mut kept = MessageTags::new();
    if !session.caps().contains(CapSet::MESSAGE_TAGS) {
        return kept;
    }
    for tag in tags.client_only().filter(|tag| is_valid_key(tag.key)) {
        let value = Some(tag.unescaped()).filter(|value| !value.is_empty()).map(Box::from);
        match kept.iter_mut().find(|(key, _)| **key == *tag.key) {
            Some((_, earlier)) => *earlier = value,
            None => kept.push((tag.key.into(), value)),
        }
    }
    kept
}

/// Returns the bytes of `:mask PRIVMSG target :`.
pub(super) fn head_bytes(mask: &str, kind: MessageKind, target: &str) -> usize {
    mask.len() + kind.name().len() + target.len() + ":   :".len()
}

/// Writes the message. What plain users say may be longer than a line, or have several: then it becomes several, with the
/// id and the client's tags on the first and the same time on all.
pub fn event(event: &Event, message: &Message, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    if message.concats.is_some() {
        return multiline::event(event, message, caps, settings, out);
    }
    let target = message.target.shown();
    if message.how == MessageKind::Tagmsg {
        first_line(event, message, caps, out).param(&target).end();
        return;
    }
    let head = head_bytes(message.sender.mask(), message.how, &target);
    let pieces = split::pieces(&message.text, BODY_CONTENT_BYTES_MAX.saturating_sub(head));
    let first_caps = if pieces.len() > 1 { caps - CapSet::DELIVERY } else { caps };
    let mut pieces = pieces.iter();
    first_line(event, message, first_caps, out).param(&target).trailing(pieces.next().map_or("", AsRef::as_ref)).end();
    if pieces.len() > 0 {
        let rest = Event { id: None, ..event.clone() };
        while let Some(piece) = pieces.next() {
            // Who has seen the last piece has seen all.
            let mut line = LineWriter::new(out);
            if pieces.len() == 0 {
                line = resume::cursor(line, event, caps);
            }
            event_tags(line, &rest, caps)
                .source(message.sender.mask())
                .command(message.how.name())
                .param(&target)
                .trailing(piece)
                .end();
        }
    }
}

/// Begins the line that has all tags.
pub(super) fn first_line<'a>(event: &Event, message: &Message, caps: CapSet, out: &'a mut Vec<u8>) -> LineWriter<'a> {
    tagged_line(LineWriter::new(out), event, message, caps)
}

/// Begins a line that may have tags of its own already.
pub(super) fn tagged_line<'a>(line: LineWriter<'a>, event: &Event, message: &Message, caps: CapSet) -> LineWriter<'a> {
    let line = relayed_tags(event_tags(line, event, caps), message, caps);
    line.source(message.sender.mask()).command(message.how.name())
}

/// Adds the tag that tells who relayed it, and those that the sender gave: "any server-initiated tags […] MUST be included
/// before client-only tags" (`IRCv3` "message-tags").
pub(super) fn relayed_tags<'a>(mut line: LineWriter<'a>, message: &Message, caps: CapSet) -> LineWriter<'a> {
    let shows_bot = caps.intersects(CapSet::MESSAGE_TAGS | CapSet::RELAYMSG);
    if let (true, Some(bot)) = (shows_bot, &message.relayed_by) {
        line = line.tag("draft/relaymsg", Some(bot.as_str()));
    }
    if caps.contains(CapSet::MESSAGE_TAGS) {
        for (key, value) in &message.tags {
            line = line.tag(key, value.as_deref());
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use chat::event::{EventKind, Target};
    use chat::ids::{ChannelId, LogId, MsgId, Seq, UserId};

    use super::*;
    use crate::features::testing::{alice, asked, asked_with, complained, settings, shown_as, tea};

    fn say(kind: MessageKind, target: &str, text: &str) -> Command {
        tagged(kind, target, text, &[])
    }

    fn tagged(kind: MessageKind, target: &str, text: &str, tags: &[(&str, Option<&str>)]) -> Command {
        let tags = tags.iter().map(|(key, value)| (Box::from(*key), value.map(Box::from))).collect();
        Command::Message(Box::new(Say { kind, target: target.into(), text: text.into(), tags, concats: None }))
    }

    #[test]
    fn each_target_gets_it_once() {
        use MessageKind::{Notice, Privmsg};
        assert_eq!(asked(ask, "privmsg bob :hi all"), [say(Privmsg, "bob", "hi all")]);
        assert_eq!(asked(ask, "NOTICE bob,,@#tea,BOB x"), ["bob", "@#tea"].map(|target| say(Notice, target, "x")));
        assert_eq!(asked(ask, "PRIVMSG a,b,c,d,A :x").len(), 4);
        assert!(complained(ask, "PRIVMSG a,b,c,d,e,f :x").starts_with(":loggia.local 407 alice e :"));
    }

    #[test]
    fn what_is_missing_is_named_but_never_to_a_notice() {
        assert_eq!(complained(ask, "PRIVMSG"), ":loggia.local 411 alice :No recipient given (PRIVMSG)\r\n");
        assert_eq!(complained(ask, "PRIVMSG , :hi"), ":loggia.local 411 alice :No recipient given (PRIVMSG)\r\n");
        assert_eq!(complained(ask, "PRIVMSG bob"), ":loggia.local 412 alice :No text to send\r\n");
        assert_eq!(complained(ask, "PRIVMSG bob :"), ":loggia.local 412 alice :No text to send\r\n");
        assert_eq!(complained(ask, "TAGMSG"), ":loggia.local 461 alice TAGMSG :Not enough parameters\r\n");
        for line in ["NOTICE", "NOTICE bob", "NOTICE bob :", "NOTICE a,b,c,d,e :x"] {
            assert_eq!(asked(ask, line), [], "{line}");
        }
    }

    #[test]
    fn a_text_must_fit_the_line_that_others_are_sent() {
        let head = ":alice!~alice@home PRIVMSG bob :".len();
        let line = |length: usize| format!("PRIVMSG bob :{}", "x".repeat(length));
        assert_eq!(asked(ask, &line(510 - head)).len(), 1);
        assert_eq!(complained(ask, &line(511 - head)), ":loggia.local 417 alice :Input line was too long\r\n");
        // The longest target decides.
        let line = format!("PRIVMSG bob,#longer :{}", "x".repeat(510 - head));
        assert!(complained(ask, &line).contains(" 417 "));
        assert_eq!(asked(ask, &line.replace("PRIVMSG", "NOTICE")).len(), 2);
    }

    #[test]
    fn client_tags_are_kept_unescaped_the_last_of_a_key() {
        let caps = CapSet::MESSAGE_TAGS;
        let line = r"@+a=1;time=2;+b=x\sy\:;+a=3;+c=;+d;+e/f/g=bad;msgid=7 TAGMSG bob";
        let expected = [("+a", Some("3")), ("+b", Some("x y;")), ("+c", None), ("+d", None)];
        assert_eq!(asked_with(caps, ask, line), [tagged(MessageKind::Tagmsg, "bob", "", &expected)]);
        // Without the capability tags mean nothing, and a TAGMSG says nothing.
        assert_eq!(asked(ask, "@+a=1 TAGMSG bob"), []);
        assert_eq!(asked(ask, "@+a=1 PRIVMSG bob x"), [say(MessageKind::Privmsg, "bob", "x")]);
        assert_eq!(asked_with(caps, ask, "@time=1 TAGMSG bob"), [tagged(MessageKind::Tagmsg, "bob", "", &[])]);
    }

    fn written(how: MessageKind, text: &str, tags: MessageTags, caps: CapSet) -> String {
        let target = Target::Channel { id: ChannelId(1), name: tea().name, rank: None };
        let (sender, text) = (alice(), text.into());
        let message =
            Arc::new(Message { how, user: UserId(1), sender, target, text, tags, concats: None, relayed_by: None });
        let id = Some(MsgId { log: LogId(1), seq: Seq(2) });
        let kind = EventKind::Message(Arc::clone(&message));
        shown_as(&kind, id, alice(), |happened, out| event(happened, &message, caps, &settings(), out))
    }

    #[test]
    fn tags_are_for_those_who_take_them() {
        let tags = || vec![("+x".into(), Some("a b".into())), ("+y".into(), None)];
        let line = |caps| written(MessageKind::Privmsg, "hi", tags(), caps);
        assert_eq!(line(CapSet::empty()), ":alice!~alice@home PRIVMSG #tea :hi\r\n");
        assert_eq!(line(CapSet::SERVER_TIME), "@time=1970-01-01T00:00:01.000Z :alice!~alice@home PRIVMSG #tea :hi\r\n");
        assert_eq!(line(CapSet::MESSAGE_TAGS), "@msgid=1-2;+x=a\\sb;+y :alice!~alice@home PRIVMSG #tea :hi\r\n");
        assert_eq!(
            written(MessageKind::Tagmsg, "", tags(), CapSet::MESSAGE_TAGS),
            "@msgid=1-2;+x=a\\sb;+y :alice!~alice@home TAGMSG #tea\r\n"
        );
    }

    #[test]
    fn the_server_s_tags_stand_before_the_client_s() {
        let (mut kept, sender) = (Vec::new(), alice());
        let target = Target::Channel { id: ChannelId(1), name: tea().name, rank: None };
        let message = Message {
            how: MessageKind::Privmsg,
            user: UserId(1),
            sender: Arc::clone(&sender),
            target,
            text: "hi".into(),
            tags: vec![("+x".into(), None)],
            concats: None,
            relayed_by: Some(sender.nick().clone()),
        };
        relayed_tags(LineWriter::new(&mut kept), &message, CapSet::MESSAGE_TAGS).command("X").end();
        assert_eq!(String::from_utf8_lossy(&kept), "@draft/relaymsg=alice;+x X\r\n");
        let edited = chat::features::edit::with_newest(&message, MsgId { log: LogId(1), seq: Seq(2) }, "ho".into());
        let keys: Vec<&str> = edited.tags.iter().map(|(key, _)| &**key).collect();
        assert_eq!((keys, &*edited.text), (vec!["loggia.chat/edited", "+x"], "ho"));
    }

    #[test]
    fn several_lines_have_one_id_and_one_time() {
        let caps = CapSet::MESSAGE_TAGS | CapSet::SERVER_TIME;
        let text = format!("one\n\n{}", "è".repeat(300));
        let written = written(MessageKind::Privmsg, &text, vec![("+x".into(), None)], caps);
        let lines: Vec<&str> = written.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 3);
        let (time, head) = ("@time=1970-01-01T00:00:01.000Z", ":alice!~alice@home PRIVMSG #tea :");
        assert_eq!(lines[0], format!("{time};msgid=1-2;+x {head}one"));
        assert!(lines[1..].iter().all(|line| line.starts_with(&format!("{time} {head}è"))), "{lines:?}");
        assert!(lines.iter().all(|line| line.len() - time.len() - 1 <= 510 || line.contains("msgid")));
        assert_eq!(written.matches('è').count(), 300);
    }
}
