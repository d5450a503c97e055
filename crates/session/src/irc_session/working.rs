//! What takes its time: the command at hand goes on when a worker or the hall is done, and the next line waits for it.

use super::{Cx, IrcSession};
use crate::features::{self, services};
use crate::shard::Action;
use crate::work::{Outcome, Work};

/// What a worker does; the session's next line waits for it.
#[derive(Debug)]
pub(super) struct Working {
    pub(super) label: Option<Box<str>>,
    pub(super) then: Then,
}

/// What goes on when a worker is done.
#[derive(Debug)]
pub(crate) enum Then {
    /// OPER, with what the hall says or a worker has found.
    Oper,
    /// AUTHENTICATE, with what the hall or a worker has found.
    Authenticate,
    /// REGISTER, likewise.
    Register,
    /// What `NickServ` was told.
    NickServ,
    /// UPLOADS, with what the hall says or a worker has done.
    Uploads,
}

impl IrcSession {
    /// Has something done by a worker. The session's next line waits; the label of the one at hand stays for the answer.
    pub(crate) fn work(&mut self, work: Work, then: Then, cx: &mut Cx<'_>) {
        self.busy.working = Some(Working { label: None, then });
        cx.actions.push(Action::Work { session: cx.id, work });
    }

    /// Waits for an answer of the hall before the next line: the command at hand goes on then, by [`Self::go_on`].
    pub(crate) fn wait(&mut self, then: Then) {
        self.busy.working = Some(Working { label: None, then });
    }

    /// Goes on with the command that waited for the hall, under its label.
    pub(crate) fn go_on(&mut self, cx: &mut Cx<'_>, run: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let label = self.busy.working.take().and_then(|working| working.label);
        self.answer_here(label, cx, run);
    }

    /// Takes what a worker has done.
    pub fn worked(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        let Some(Working { label, then }) = self.busy.working.take() else { return };
        self.answer_here(label, cx, |session, cx| match then {
            Then::Oper => features::oper::worked(session, outcome, cx),
            Then::Authenticate => features::authenticate::worked(session, outcome, cx),
            Then::Register => features::register::worked(session, outcome, cx),
            Then::NickServ => services::nickserv::worked(session, outcome, cx),
            Then::Uploads => features::uploads::worked(session, outcome, cx),
        });
        self.resume(cx);
    }
}
