//! What a plain client sees: events and answers become rows on its screen.

use std::sync::Arc;

use chat::event::{Event, EventKind, Message, MessageKind, Target};
use chat::ids::ChannelId;
use chat::refusal::Refusal;
use chat::reply::Reply;
use irc::ctcp::Ctcp;
use irc::text::strip_formatting;
use plain::Input;

use super::{Asked, Classroom, words};
use crate::features::edit;
use crate::irc_session::Cx;
use crate::texts;

impl Classroom {
    /// Takes an answer of the hall.
    pub fn reply(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        let language = cx.settings.language;
        match reply {
            Reply::Refused(refusal) => self.refused(refusal, cx),
            Reply::Event(event) => self.own_event(event, cx),
            Reply::Topic { topic: Some(topic), .. } => {
                self.notice(&words::topic(&strip_formatting(&topic.text), language), cx);
            }
            // On entry the room is shown as it is; the list is for who asks.
            Reply::Names(names) if !names.on_entry => {
                let people: Vec<&str> =
                    names.channels.iter().flat_map(|of| &of.members).map(|(person, _)| person.shown()).collect();
                self.notice(&words::who(&people, language), cx);
            }
            Reply::IsAway { person, text } => {
                self.notice(&words::is_away(person.nick().as_str(), &strip_formatting(text), language), cx);
            }
            Reply::History { entries, .. } => self.show_history(entries, cx),
            Reply::Found { messages, given_up } => self.show_found(messages, *given_up, cx),
            _ => {}
        }
    }

    /// Takes news of the hall that answers nothing.
    pub fn tell(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        if let Reply::Refused(banned @ Refusal::ServerBanned { .. }) = reply {
            return self.dismissed(&texts::refusal(banned, cx.settings.language), cx);
        }
        let Reply::Replayed { messages, .. } = reply else { return };
        let waiting = self.awaiting_past.take().unwrap_or_default();
        for kept in messages {
            if let Some((from, text, action)) = row_of(&kept.message) {
                for text in text.split(['\r', '\n']).filter(|text| !text.is_empty()) {
                    let line = if action { format!("* {from} {text}") } else { format!("{from}: {text}") };
                    self.handle(Input::History(&line), cx);
                }
            }
        }
        for event in waiting {
            self.show(&event, cx);
        }
        self.go_on(cx);
    }

    fn refused(&mut self, refusal: &Refusal, cx: &mut Cx<'_>) {
        let text = match refusal {
            Refusal::AccountRequired => words::needs_account(cx.settings.language).to_owned(),
            other => texts::refusal(other, cx.settings.language),
        };
        if self.asked.front() != Some(&Asked::Entrance) {
            return self.handle(Input::Refusal(&text), cx);
        }
        if matches!(refusal, Refusal::NicknameInUse(_) | Refusal::NicknameReserved(_)) {
            self.handle(Input::NameTaken, cx);
        } else {
            // A user who may not enter the only room there is for them has nowhere to be.
            self.handle(Input::Dismiss { text: &text }, cx);
        }
    }

    /// What the client did itself.
    fn own_event(&mut self, event: &Arc<Event>, cx: &mut Cx<'_>) {
        match &event.kind {
            EventKind::Joined { channel } if self.room_id.is_none() => self.entered(channel.id, cx),
            EventKind::Message(message) => {
                if let (Some((from, text, action)), Target::Channel { .. }) = (row_of(message), &message.target) {
                    self.handle(Input::Message { from: &from, text: &text, own: true, action }, cx);
                } else {
                    let sent = words::sent_privately(&message.target.shown(), &message.text, cx.settings.language);
                    self.notice(&sent, cx);
                }
            }
            EventKind::NickChanged { now } => {
                self.handle(Input::Renamed { shown: now.shown() }, cx);
                self.notice(&words::you_are(now.shown(), cx.settings.language), cx);
            }
            _ => {}
        }
    }

    fn entered(&mut self, room: ChannelId, cx: &mut Cx<'_>) {
        self.room_id = Some(room);
        self.first = None;
        let shown = self.person.as_ref().map(|person| person.shown().to_owned()).unwrap_or_default();
        self.handle(Input::NameAccepted { shown: &shown }, cx);
        if !self.conversation.speaks_lines() || self.left {
            return;
        }
        for line in words::hints(&self.room, cx.settings.language) {
            self.notice(&line, cx);
        }
        if self.wants_past(cx) {
            self.awaiting_past = Some(Vec::new());
        }
    }

    /// Takes what others did.
    pub fn event(&mut self, event: &Arc<Event>, cx: &mut Cx<'_>) {
        match &mut self.awaiting_past {
            Some(waiting) => waiting.push(Arc::clone(event)),
            None => self.show(event, cx),
        }
    }

    fn show(&mut self, event: &Event, cx: &mut Cx<'_>) {
        let Some(actor) = &event.actor else { return };
        let shown = actor.person.shown();
        let language = cx.settings.language;
        match &event.kind {
            EventKind::Message(message) => self.show_message(message, cx),
            EventKind::Edited { original, message } => self.show_message(&edit::as_message(message, *original), cx),
            EventKind::Joined { channel } if Some(channel.id) == self.room_id => {
                self.handle(Input::Joined { shown }, cx);
            }
            EventKind::Parted { channel, .. } if Some(channel.id) == self.room_id => {
                self.handle(Input::Parted { shown }, cx);
            }
            EventKind::Quit { .. } if Some(actor.user) != self.user => self.handle(Input::Parted { shown }, cx),
            EventKind::Kicked { channel, member, person, reason } if Some(channel.id) == self.room_id => {
                if Some(*member) == self.user {
                    self.handle(Input::Dismiss { text: &words::kicked(shown, reason, language) }, cx);
                } else {
                    self.handle(Input::Parted { shown: person.shown() }, cx);
                }
            }
            EventKind::NickChanged { now } => self.renamed(shown, now.shown(), cx),
            EventKind::TopicSet { channel, text } if Some(channel.id) == self.room_id => {
                self.notice(&words::topic(&strip_formatting(text), language), cx);
            }
            EventKind::Wallops { text } => self.notice(&format!("{shown}: {text}"), cx),
            _ => {}
        }
    }

    fn show_message(&mut self, message: &Message, cx: &mut Cx<'_>) {
        let Some((from, text, action)) = row_of(message) else { return };
        if matches!(message.target, Target::User { .. }) {
            let text = words::privately(&text, cx.settings.language);
            return self.handle(Input::Message { from: &from, text: &text, own: false, action: false }, cx);
        }
        self.handle(Input::Message { from: &from, text: &text, own: false, action }, cx);
    }

    /// The classroom dialects have no word for a new name: the old one leaves and the new one enters.
    fn renamed(&mut self, before: &str, now: &str, cx: &mut Cx<'_>) {
        if self.conversation.speaks_lines() {
            self.notice(&words::renamed(before, now, cx.settings.language), cx);
        } else {
            self.handle(Input::Parted { shown: before }, cx);
            self.handle(Input::Joined { shown: now }, cx);
        }
    }
}

/// Returns who said it, what to show, and whether it is an action; nothing for what plain clients do not understand.
pub(super) fn row_of(message: &Message) -> Option<(String, String, bool)> {
    if message.how == MessageKind::Tagmsg {
        return None;
    }
    let (text, action) = match Ctcp::parse(&message.text) {
        None => (strip_formatting(&message.text).into_owned(), false),
        Some(Ctcp::Action(text)) => (strip_formatting(text).into_owned(), true),
        Some(Ctcp::Other { .. }) => return None,
    };
    Some((message.sender.shown().to_owned(), text, action))
}
