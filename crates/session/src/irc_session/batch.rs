//! Batches that clients open: lines that are one thing. One at a time, because their specification forbids anything else
//! while one is open; commands that are not part of it (a PONG) are carried out nevertheless.
//!
//! A batch that cannot be taken is told once. Its other lines are ignored until it is closed: they must not become
//! messages of their own. Every line costs the flood budget what it costs outside of a batch.
//!
//! Spec: `IRCv3` draft "client-batch", "batch", draft "multiline". Proof: `scenarios/client-batch.txt`, `multiline.txt`.

use std::borrow::Cow;
use std::time::Duration;

use chat::command::{Command, Deliver, Say};
use chat::delivery::DeliveryId;
use chat::time::Instant;
use irc::message::Message;
use irc::write::word_or_star;
use smallvec::{SmallVec, smallvec};

use super::commands::Complaint;
use super::{Cx, Flow, IrcSession, Stage};
use crate::features::delivery;
use crate::features::multiline::{self, Draft};
use crate::texts;

/// How long a batch may be open without a line.
const IDLE_TIME_MAX: Duration = Duration::from_mins(1);

/// The longest name of a batch, in bytes: clients number them.
const REFERENCE_BYTES_MAX: usize = 64;

/// A batch that the client has opened.
#[derive(Debug)]
pub struct ClientBatch {
    reference: Box<str>,
    /// What the answer to all of it is labelled with.
    label: Option<Box<str>>,
    /// The id that the client has given to what is said.
    id: Option<DeliveryId>,
    /// When it was opened or the last line came.
    active: Instant,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Multiline(Draft),
    /// A line of it was lost; the client is told when it closes the batch.
    LineLost,
    /// The client has been told that it is not taken.
    Ignored,
}

impl IrcSession {
    /// Returns the batch that a line says it belongs to. Without the capabilities the tag means nothing.
    pub(super) fn batch_of<'a>(&self, message: &Message<'a>) -> Option<Cow<'a, str>> {
        let may = self.caps.contains(multiline::BATCH_CAPS) && matches!(self.stage, Stage::Registered);
        message.tags.value("batch").filter(|_| may)
    }

    /// Carries out `BATCH +reference type …` and `BATCH -reference`.
    pub(super) fn open_or_close_batch(
        &mut self,
        message: &Message<'_>,
        label: Option<Box<str>>,
        cx: &mut Cx<'_>,
    ) -> Flow {
        let name = message.params.get(0).unwrap_or_default();
        if let Some(reference) = name.strip_prefix('+').filter(|reference| is_reference(reference)) {
            self.open_batch(reference, message, label, cx)
        } else if let Some(reference) = name.strip_prefix('-') {
            self.close_batch(reference, label, cx)
        } else {
            self.refuse_batch(&multiline::invalid(texts::batch_reference(cx.settings.language)), label, cx)
        }
    }

    /// Opens a batch, when none is open that counts. Not answered, unless it is refused: the label waits for the end.
    fn open_batch(&mut self, reference: &str, message: &Message<'_>, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        let language = cx.settings.language;
        let kind = message.params.get(1).unwrap_or_default();
        let id = delivery::id_of_line(self, message);
        let opened = if self.busy.batch.as_ref().is_some_and(|batch| !matches!(batch.content, Content::Ignored)) {
            Err(multiline::invalid(texts::batch_reference(language)))
        } else if kind == multiline::BATCH_TYPE && self.caps.contains(multiline::BATCH_CAPS) {
            delivery::read(self, message, "BATCH", cx.settings).and_then(|id| Ok((id, Draft::open(self, message, cx)?)))
        } else {
            Err(Complaint::fail_about("BATCH", "UNKNOWN_TYPE", &[word_or_star(kind)], texts::batch_type(language)))
        };
        match opened {
            Ok((id, draft)) => {
                self.busy.batch = Some(ClientBatch::new(reference, label, id, Content::Multiline(draft), cx));
                Flow::Next
            }
            Err(_) if !self.busy.asked.is_empty() => Flow::Hold,
            Err(complaint) => {
                if self.busy.batch.as_ref().is_none_or(|batch| matches!(batch.content, Content::Ignored)) {
                    self.busy.batch = Some(ClientBatch::new(reference, None, None, Content::Ignored, cx));
                }
                self.refuse_batch_of(&complaint, id.as_deref(), label, cx)
            }
        }
    }

    /// Takes a line that is part of a batch.
    pub(super) fn batched(
        &mut self,
        reference: &str,
        message: &Message<'_>,
        label: Option<Box<str>>,
        cx: &mut Cx<'_>,
    ) -> Flow {
        // Taken out while it looks at the session, and put back as it was, or with the line.
        let mut batch = self.busy.batch.take();
        let taken = match batch.as_deref_mut() {
            Some(ClientBatch { content: Content::Ignored | Content::LineLost, .. }) => Ok(()),
            Some(ClientBatch { reference: open, content: Content::Multiline(draft), active, .. })
                if **open == *reference =>
            {
                *active = cx.now.instant;
                draft.add(self, message, cx)
            }
            _ => Err(multiline::invalid(texts::batch_reference(cx.settings.language))),
        };
        self.busy.batch = batch;
        match taken {
            Ok(()) => {
                self.acknowledge(label, cx);
                Flow::Next
            }
            Err(complaint) => self.refuse_batch(&complaint, label, cx),
        }
    }

    /// Closes the batch: now it counts.
    fn close_batch(&mut self, reference: &str, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        let language = cx.settings.language;
        let done = match self.busy.batch.as_deref_mut() {
            Some(ClientBatch { content: Content::Ignored, .. }) => Ok(None),
            Some(ClientBatch { content: Content::LineLost, .. }) => {
                Err(multiline::invalid(texts::batch_line_lost(language)))
            }
            Some(ClientBatch { reference: open, content: Content::Multiline(draft), .. }) if **open == *reference => {
                draft.finish(cx).map(Some)
            }
            _ => Err(multiline::invalid(texts::batch_reference(language))),
        };
        match done {
            Ok(said) => {
                let (opened, id) = self.busy.batch.take().map(|batch| (batch.label, batch.id)).unwrap_or_default();
                let commands: SmallVec<[Command; 1]> =
                    said.map(|say| smallvec![said_command(say, id)]).unwrap_or_default();
                let (first, second) = if opened.is_some() { (opened, label) } else { (label, None) };
                if !commands.is_empty() || first.is_some() {
                    self.ask(commands, first, cx);
                }
                self.acknowledge(second, cx);
                Flow::Next
            }
            Err(complaint) => {
                let flow = self.refuse_batch(&complaint, label, cx);
                if flow == Flow::Next {
                    self.busy.batch = None;
                }
                flow
            }
        }
    }

    /// Answers a label that nothing else answers.
    fn acknowledge(&mut self, label: Option<Box<str>>, cx: &mut Cx<'_>) {
        if label.is_some() {
            self.ask(SmallVec::new(), label, cx);
        }
    }

    /// Tells the client what is wrong with its batch, as the answer to the line that opened it, and ignores the rest of it.
    fn refuse_batch(&mut self, complaint: &Complaint, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        let id = self.busy.batch.as_ref().and_then(|batch| batch.id.as_ref()).map(delivery::written);
        let flow = self.refuse_batch_of(complaint, id.as_deref(), label, cx);
        if let Some(batch) = self.busy.batch.as_mut().filter(|_| flow == Flow::Next) {
            batch.id = None;
        }
        flow
    }

    fn refuse_batch_of(
        &mut self,
        complaint: &Complaint,
        id: Option<&str>,
        label: Option<Box<str>>,
        cx: &mut Cx<'_>,
    ) -> Flow {
        if !self.busy.asked.is_empty() {
            return Flow::Hold;
        }
        let opened = self.busy.batch.as_mut().and_then(|batch| batch.label.take());
        if let Some(batch) = &mut self.busy.batch {
            batch.content = Content::Ignored;
        }
        let (first, second) = if opened.is_some() { (opened, label) } else { (label, None) };
        self.complain(complaint, id, first, cx);
        if second.is_some() {
            self.answer_here(second, cx, |_, _| {});
        }
        Flow::Next
    }

    /// Notes that a line could not be read: if it was one of the batch, the batch is not what the client meant.
    pub(super) fn spoil_batch(&mut self) {
        if let Some(batch) = &mut self.busy.batch
            && matches!(batch.content, Content::Multiline(_))
        {
            batch.content = Content::LineLost;
        }
    }

    /// Returns until when the next line of an open batch is waited for.
    pub(super) fn batch_timeout(&self) -> Option<Instant> {
        let batch = self.busy.batch.as_ref().filter(|batch| !matches!(batch.content, Content::Ignored))?;
        Some(batch.active + IDLE_TIME_MAX)
    }

    /// Gives up a batch that was left open: "all past and future messages in this batch will be ignored".
    pub(super) fn batch_timed_out(&mut self, cx: &mut Cx<'_>) {
        let Some(batch) = &mut self.busy.batch else { return };
        batch.content = Content::Ignored;
        let (label, id, reference) = (batch.label.take(), batch.id.take(), batch.reference.clone());
        let text = texts::batch_timeout(cx.settings.language);
        let complaint = Complaint::fail_about("BATCH", "TIMEOUT", &[&reference], text);
        // At once: what the hall still has to answer is about other lines.
        let mut lines = Vec::new();
        let id = id.as_ref().map(delivery::written);
        self.outcome(id.as_deref(), &mut cx.writing_to(&mut lines), |session, cx| {
            session.render(cx, |render| complaint.write(render));
        });
        match label {
            Some(label) => self.finish(&label, &lines, cx),
            None => cx.out.extend_from_slice(&lines),
        }
    }
}

impl ClientBatch {
    fn new(
        reference: &str,
        label: Option<Box<str>>,
        id: Option<DeliveryId>,
        content: Content,
        cx: &Cx<'_>,
    ) -> Box<Self> {
        Box::new(Self { reference: reference.into(), label, id, active: cx.now.instant, content })
    }
}

/// Says it, under the id that the client has given it.
fn said_command(say: Say, id: Option<DeliveryId>) -> Command {
    let name = say.kind.name();
    let command = Command::Message(Box::new(say));
    match id {
        Some(id) => Command::Deliver(Box::new(Deliver { id, name, command })),
        None => command,
    }
}

/// "Reference tag MUST contain only ASCII letters, numbers, and/or hyphen".
fn is_reference(reference: &str) -> bool {
    (1..=REFERENCE_BYTES_MAX).contains(&reference.len())
        && reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
