//! What a connection sends: lines, looked up in the one table of commands; what has to wait is held back in order.

use std::borrow::Cow;

use irc::capability::CapSet;
use irc::line::Framed;
use irc::message::{Message, ParseError};
use irc::numerics;
use irc::tags::Tags;
use smallvec::SmallVec;

use super::commands::{self, Complaint, Run};
use super::{Cx, IrcSession, Stage, labels};
use crate::features;

/// Whether the next line may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    /// This line has to wait for the answers to earlier ones.
    Hold,
}

impl IrcSession {
    /// Takes what a read brought.
    pub fn receive(&mut self, bytes: &[u8], cx: &mut Cx<'_>) {
        self.note_life(cx);
        if self.busy.held.is_empty() {
            self.process(bytes, cx);
        } else {
            self.busy.held.extend_from_slice(bytes);
        }
    }

    /// Goes on with what had to wait.
    pub fn resume(&mut self, cx: &mut Cx<'_>) {
        if !self.busy.held.is_empty() {
            // Who has more to say than flood control lets through is not idle, also while the socket is not read.
            self.note_life(cx);
            let held = core::mem::take(&mut self.busy.held);
            self.process(&held, cx);
        }
    }

    /// Notes that the client is there.
    fn note_life(&mut self, cx: &Cx<'_>) {
        self.quiet_since = cx.now.instant;
        self.is_pinged = false;
    }

    pub(super) fn process(&mut self, mut input: &[u8], cx: &mut Cx<'_>) {
        // The buffer is taken out while its lines are handled; put back before anything else can look at it.
        let mut lines = self.busy.room().map(|busy| core::mem::take(&mut busy.lines)).unwrap_or_default();
        while !input.is_empty() && !self.is_closing() {
            if self.must_wait(cx) {
                self.busy.held = input.to_vec();
                break;
            }
            match lines.next(&mut input) {
                None => break,
                Some(Framed::TooLong { tags }) => self.too_long(tags, cx),
                Some(Framed::Line(line)) => {
                    if self.handle_line(line, cx) == Flow::Hold {
                        self.busy.held = [line, b"\n", input].concat();
                        break;
                    }
                    self.has_spoken = true;
                }
            }
        }
        if lines.is_endless() {
            self.leave("Line without end", cx);
        }
        if !lines.is_empty() {
            self.busy.lines = lines;
        }
    }

    /// Tells the client that a line was too long, under its label when that could be read. The line is gone and cannot be
    /// looked at again later; so while there are answers to come, a request for nothing takes the complaint to its place.
    fn too_long(&mut self, tags: &[u8], cx: &mut Cx<'_>) {
        self.spoil_batch();
        let label = core::str::from_utf8(tags).ok().and_then(|tags| Tags::new(tags).value("label"));
        let mut lines = Vec::new();
        self.render(&mut cx.writing_to(&mut lines), |render| render.numeric(numerics::ERR_INPUTTOOLONG, &[]));
        let label = self.accepted_label(label);
        if !self.busy.asked.is_empty() {
            self.ask(SmallVec::new(), label, cx);
            if let Some(asked) = self.busy.asked.back_mut() {
                asked.lines = lines;
            }
        } else if let Some(label) = label {
            self.finish(&label, &lines, cx);
        } else {
            cx.out.extend_from_slice(&lines);
        }
    }

    /// Tells whether no further line may be looked at now, and takes a line from the budget when one may.
    fn must_wait(&mut self, cx: &Cx<'_>) -> bool {
        if matches!(self.stage, Stage::Entering(_)) || self.busy.working.is_some() {
            return true;
        }
        if cx.may_flood() {
            return false;
        }
        let resume_at = self.budget.take(1, cx.now.instant).err();
        if resume_at != self.busy.resume_at {
            self.busy.resume_at = resume_at;
        }
        resume_at.is_some()
    }

    fn handle_line(&mut self, line: &[u8], cx: &mut Cx<'_>) -> Flow {
        let parsed = Message::parse(line);
        if parsed.is_err() {
            self.spoil_batch();
        }
        match parsed {
            Ok(message) => {
                let label = message.tags.value("label");
                self.handle_message(&message, self.accepted_label(label), cx)
            }
            Err(ParseError::InvalidUtf8 { command, label }) => {
                let text = crate::texts::invalid_utf8(cx.settings.language);
                self.complain(
                    &Complaint::fail(command.unwrap_or("*"), "INVALID_UTF8", text),
                    None,
                    self.accepted_label(label),
                    cx,
                )
            }
            Err(ParseError::BadCommand { command, label }) if matches!(self.stage, Stage::Registered) => {
                let complaint = Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[command]);
                self.complain(&complaint, None, self.accepted_label(label), cx)
            }
            Err(ParseError::ForbiddenByte { label }) => {
                let text = crate::texts::forbidden_byte(cx.settings.language);
                let complaint = Complaint::numeric(numerics::ERR_UNKNOWNERROR, &["*", text]);
                self.complain(&complaint, None, self.accepted_label(label), cx)
            }
            // Nothing that could be a command, or another protocol's first words: as every server does, say nothing.
            Err(_) => Flow::Next,
        }
    }

    /// Returns the label to answer with, if the client may use one; a longer one than the specification allows is none.
    fn accepted_label(&self, label: Option<Cow<'_, str>>) -> Option<Box<str>> {
        let may = self.caps.contains(CapSet::LABELED_RESPONSE.union(CapSet::BATCH));
        label.filter(|label| may && !label.is_empty() && label.len() <= labels::LABEL_BYTES_MAX).map(Box::from)
    }

    fn handle_message(&mut self, message: &Message<'_>, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        if let Some(reference) = self.batch_of(message) {
            return self.batched(&reference, message, label, cx);
        }
        let idle = self.busy.asked.is_empty();
        match commands::choose(self, message, cx) {
            Ok(Run::Ask(commands)) => self.ask(commands, label, cx),
            Ok(Run::Batch) => return self.open_or_close_batch(message, label, cx),
            Ok(Run::Nothing) if label.is_none() => {}
            Err(complaint) => {
                let id = features::delivery::id_of_line(self, message);
                return self.complain(&complaint, id.as_deref(), label, cx);
            }
            _ if !idle => return Flow::Hold,
            Ok(Run::Nothing) => self.answer_here(label, cx, |_, _| {}),
            Ok(Run::Here(run)) => self.answer_here(label, cx, |session, cx| run(session, message, cx)),
        }
        Flow::Next
    }

    /// Tells the client why a line was not carried out, once everything before it is answered.
    pub(super) fn complain(
        &mut self,
        complaint: &Complaint,
        id: Option<&str>,
        label: Option<Box<str>>,
        cx: &mut Cx<'_>,
    ) -> Flow {
        if !self.busy.asked.is_empty() {
            return Flow::Hold;
        }
        self.answer_here(label, cx, |session, cx| {
            session.outcome(id, cx, |session, cx| session.render(cx, |render| complaint.write(render)));
        });
        Flow::Next
    }
}
