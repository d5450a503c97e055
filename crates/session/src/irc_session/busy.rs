//! What a connection has only while something is under way: an idle one holds no memory for it.

use std::collections::VecDeque;
use std::sync::Arc;

use chat::rare::Nothing;
use chat::time::Instant;
use irc::line::LineBuffer;

use super::batch::ClientBatch;
use super::working::Working;
use crate::features;
use crate::features::services::{Service, nickserv};

/// What is under way.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    /// What has come of a line that has not ended.
    pub(super) lines: LineBuffer,
    /// What was read and has to wait.
    pub(super) held: Vec<u8>,
    /// When flood control lets it go on.
    pub(super) resume_at: Option<Instant>,
    /// The requests that the hall has not answered to the end.
    pub(super) asked: VecDeque<Asked>,
    /// What a worker does for it.
    pub(super) working: Option<Working>,
    /// The batch that the client has opened.
    pub(super) batch: Option<Box<ClientBatch>>,
    /// The log-in that is under way.
    pub(crate) log_in: features::authenticate::LogIn,
    /// The account that is being made.
    pub(crate) registering: Option<Box<features::register::Registering>>,
    /// The hash of the invitation that goes along with REGISTER.
    pub(crate) invitation: Option<Arc<str>>,
    /// The OPER that is under way.
    pub(crate) oper: Option<Box<features::oper::Attempt>>,
    /// The UPLOADS that is under way.
    pub(crate) uploads: Option<Box<features::uploads::Wish>>,
    /// What was told to `NickServ` and needs several steps.
    pub(crate) errand: Option<Box<nickserv::Errand>>,
}

/// An open request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(super) label: Option<Box<str>>,
    /// The id that the client has given it: its outcome carries it.
    pub(super) id: Option<Box<str>>,
    /// The service that it was said to, which then says why something was not done.
    pub(super) service: Option<Service>,
    /// The answers so far, when there is a label to put on them; without one, what is to be said at the end.
    pub(super) lines: Vec<u8>,
}

impl Nothing for Busy {
    const NOTHING: &'static Self = &Self {
        lines: LineBuffer::new(irc::line::LineLimits::FROM_CLIENT),
        held: Vec::new(),
        resume_at: None,
        asked: VecDeque::new(),
        working: None,
        batch: None,
        log_in: features::authenticate::LogIn::NONE,
        registering: None,
        invitation: None,
        oper: None,
        uploads: None,
        errand: None,
    };

    fn is_nothing(&self) -> bool {
        let Self { lines, held, resume_at, asked, working, batch, .. } = self;
        let Self { log_in, registering, invitation, oper, uploads, errand, .. } = self;
        let nothing_is_read = lines.is_empty() && held.is_empty() && resume_at.is_none() && batch.is_none();
        let nobody_is_asked = asked.is_empty() && working.is_none() && log_in.is_none();
        let nothing_is_wanted = registering.is_none() && invitation.is_none() && oper.is_none();
        nothing_is_read && nobody_is_asked && nothing_is_wanted && uploads.is_none() && errand.is_none()
    }
}
