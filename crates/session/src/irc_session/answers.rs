//! What a connection is answered: here at once, or by the hall, in the order of its commands and under their labels.

use chat::command::{Command, Request};
use chat::event::{Event, EventKind};
use chat::reply::Reply;
use irc::capability::CapSet;
use smallvec::SmallVec;

use super::{Asked, Cx, IrcSession, labels};
use crate::features::services::{self, Service};
use crate::features::{self};

impl IrcSession {
    /// Asks the hall.
    pub(crate) fn ask(&mut self, commands: SmallVec<[Command; 1]>, label: Option<Box<str>>, cx: &mut Cx<'_>) {
        let id = features::delivery::id_of(&commands);
        self.busy.asked.push_back(Asked { label, id, service: None, lines: Vec::new() });
        cx.requests.push(Request { session: cx.id, commands });
    }

    /// Asks the hall what was said to a service.
    pub(crate) fn ask_service(&mut self, commands: SmallVec<[Command; 1]>, service: Service, cx: &mut Cx<'_>) {
        self.ask_for(commands, Some(service), cx);
    }

    /// Asks the hall what may have been said to a service.
    pub(crate) fn ask_for(&mut self, commands: SmallVec<[Command; 1]>, service: Option<Service>, cx: &mut Cx<'_>) {
        self.ask(commands, None, cx);
        if let Some(asked) = self.busy.asked.back_mut() {
            asked.service = service;
        }
    }

    /// Carries out a command that needs no hall, and puts the label on what it says.
    pub(super) fn answer_here(
        &mut self,
        label: Option<Box<str>>,
        cx: &mut Cx<'_>,
        run: impl FnOnce(&mut Self, &mut Cx<'_>),
    ) {
        let Some(label) = label else { return run(self, cx) };
        let mut lines = Vec::new();
        run(self, &mut cx.writing_to(&mut lines));
        // A password check, or a question to the hall, goes on under the same label.
        if let Some(working) = self.busy.working.as_mut() {
            working.label = Some(label);
        } else if let Some(asked) = self.busy.asked.back_mut().filter(|asked| asked.label.is_none()) {
            asked.label = Some(label);
            asked.lines = lines;
        } else {
            self.finish(&label, &lines, cx);
        }
    }

    pub(super) fn finish(&mut self, label: &str, lines: &[u8], cx: &mut Cx<'_>) {
        self.batches.set(self.batches.get().wrapping_add(1));
        labels::finish(label, lines, self.batches.get(), cx.settings.server_name(), cx.out);
    }

    /// Writes the outcome of something that may have an id, which stands on its first line.
    pub(super) fn outcome(&mut self, id: Option<&str>, cx: &mut Cx<'_>, write: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let Some(id) = id else { return write(self, cx) };
        let mut lines = Vec::new();
        write(self, &mut cx.writing_to(&mut lines));
        features::delivery::outcome(id, &lines, cx.out);
    }

    /// Takes an answer of the hall.
    pub fn reply(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        let service = self.busy.asked.front().and_then(|asked| asked.service);
        match self.busy.asked.front_mut() {
            Some(asked) if asked.label.is_some() => {
                let mut lines = core::mem::take(&mut asked.lines);
                self.answered(reply, service, &mut cx.writing_to(&mut lines));
                if let Some(asked) = self.busy.asked.front_mut() {
                    asked.lines = lines;
                }
            }
            _ => self.answered(reply, service, cx),
        }
    }

    /// Shows an answer; what was said to a service the service refuses.
    fn answered(&mut self, reply: &Reply, service: Option<Service>, cx: &mut Cx<'_>) {
        if let Reply::Event(_) | Reply::KeptBefore(_) | Reply::Refused(_) = reply
            && let Some(id) = self.busy.asked.front_mut().and_then(|asked| asked.id.take())
        {
            return self.outcome(Some(&id), cx, |session, cx| match reply {
                Reply::Event(event) => session.own_event(event, true, cx),
                Reply::KeptBefore(event) => session.kept_before(event, cx),
                other => session.tell(other, cx),
            });
        }
        match (service, reply) {
            (Some(service), Reply::Refused(refusal)) => {
                services::refused(self, service, refusal, cx);
            }
            (Some(service), reply) => services::answered(self, service, reply, cx),
            // Who asks is answered; who is only told of it must have asked for the capability.
            (None, Reply::Persistence(status)) => {
                self.render(cx, |render| features::persistence::reply(*status, render));
            }
            _ => self.tell(reply, cx),
        }
    }

    /// Takes news of the hall that answers nothing.
    pub fn tell(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        match reply {
            Reply::Welcome(welcome) => self.welcome(welcome, cx),
            Reply::Refused(refusal) => self.refused(refusal, cx),
            Reply::Event(event) => self.own_event(event, false, cx),
            Reply::KeptBefore(event) => self.kept_before(event, cx),
            Reply::Moved { user, read, metadata, moved } => {
                features::channel_rename::moved(self, *user, *read, metadata.as_deref(), moved, cx);
            }
            Reply::ServerOf(about) => features::target_server::reply(self, *about, cx),
            Reply::Permitted(act) => features::operator::permitted(self, *act, cx),
            Reply::Credentials { account, credentials } => {
                features::authenticate::found(self, account, credentials, cx);
            }
            Reply::LoggedIn(account) => features::authenticate::logged_in(self, account, cx),
            Reply::LoggedOut => features::authenticate::logged_out(self, cx),
            Reply::MayTryOperator => features::oper::permitted(self, cx),
            Reply::FileToken(token) => features::authtoken::generated(self, token, cx),
            Reply::MayRegister => features::register::permitted(self, cx),
            Reply::Registered(account) => features::register::registered(self, account, cx),
            Reply::Persistence(_) if !self.caps.contains(CapSet::PERSISTENCE) => {}
            other => self.render(cx, |render| features::reply(other, render)),
        }
    }

    /// Shows the client what it did itself, when it wants to see that, or waits for what becomes of it.
    fn own_event(&mut self, event: &Event, has_id: bool, cx: &mut Cx<'_>) {
        if has_id || features::is_shown_to_actor(event, self.caps) {
            features::event(event, self.caps, cx.settings, cx.out);
        }
    }

    /// Shows the client what it did before. That has its place in what the client sees already, or it is not live any more.
    fn kept_before(&self, event: &Event, cx: &mut Cx<'_>) {
        features::event(event, self.caps - CapSet::DELIVERY, cx.settings, cx.out);
    }

    /// Shows the client what users and channels say of themselves, of what it wants to know.
    pub fn metadata_changed(&self, event: &Event, cx: &mut Cx<'_>) {
        if let EventKind::MetadataChanged { target, changes } = &event.kind {
            self.render(cx, |render| {
                features::metadata::changed(event, target, changes, &self.metadata, render);
            });
        }
    }

    /// Takes the end of the hall's answers to the oldest open request.
    pub fn done(&mut self, cx: &mut Cx<'_>) {
        match self.busy.asked.pop_front() {
            Some(Asked { label: Some(label), lines, .. }) => self.finish(&label, &lines, cx),
            Some(Asked { lines, .. }) => cx.out.extend_from_slice(&lines),
            None => {}
        }
        self.resume(cx);
    }
}
