//! The read side: history, found off the hall's thread; answers come back as news does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::Input;
use chat::history::{Found, Query};
use chat::ids::{LogId, Seq, SessionId};
use chat::time::Instant;
use irc::casemap::CaseMapping;
use rusqlite::Connection;

use crate::failure;
use crate::find::Finder;
use crate::index::IndexReader;
use crate::queue::{Shared, Stage};
use crate::step::{Bell, Clock, Next, Part};

/// The most questions that wait; one more is answered with nothing at once.
const QUESTIONS_MAX: usize = 4096;

/// How long a question waits for facts that are written behind (`Durability::Memory`).
const WRITTEN_WAIT: Duration = Duration::from_secs(2);

/// What was found for a question.
#[derive(Debug)]
pub struct Answer {
    /// Who asked.
    pub session: SessionId,
    /// What there is; [`Found::Trouble`] when it could not be read.
    pub found: Found,
}

impl From<Answer> for Input {
    fn from(Answer { session, found }: Answer) -> Self {
        Self::Found { session, found }
    }
}

#[derive(Debug)]
pub(crate) struct Question {
    session: SessionId,
    query: Query,
}

/// Where questions and answers lie.
pub(crate) struct Desk {
    papers: Mutex<Papers>,
    /// The reader's: there is a question, or the end.
    pub(crate) bell: Arc<Bell>,
    /// The same of who answers searches: those may take long, and nobody else's question waits for them.
    pub(crate) searcher: Arc<Bell>,
    on_news: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Papers {
    questions: VecDeque<Question>,
    searches: VecDeque<Question>,
    answers: Vec<Answer>,
    closed: bool,
}

impl Desk {
    pub(crate) fn new(on_news: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { papers: Mutex::default(), bell: Arc::default(), searcher: Arc::default(), on_news }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the readers after the questions they are at. What was asked before is answered with nothing.
    pub(crate) fn close(&self) {
        let mut papers = self.papers();
        papers.closed = true;
        let Papers { questions, searches, .. } = &mut *papers;
        let unanswered: Vec<Question> = questions.drain(..).chain(searches.drain(..)).collect();
        drop(papers);
        self.bell.ring();
        self.searcher.ring();
        for question in unanswered {
            self.answer(Answer::trouble(question.session, "the store is closed"));
        }
    }

    fn answer(&self, answer: Answer) {
        let mut papers = self.papers();
        papers.answers.push(answer);
        let wake = papers.answers.len() == 1;
        drop(papers);
        if wake {
            (self.on_news)();
        }
    }
}

impl Answer {
    fn trouble(session: SessionId, why: &str) -> Self {
        Self { session, found: Found::Trouble(why.into()) }
    }
}

/// The read side as the event loop holds it. Every question has exactly one answer.
pub struct Reader {
    desk: Arc<Desk>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("waiting", &self.desk.papers().questions.len()).finish_non_exhaustive()
    }
}

impl Reader {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// Asks. All that the answer may show is committed.
    pub fn ask(&self, session: SessionId, query: Query) {
        let mut papers = self.desk.papers();
        let closed = papers.closed;
        let (waiting, bell) = match query {
            Query::Search(_) => (&mut papers.searches, &self.desk.searcher),
            _ => (&mut papers.questions, &self.desk.bell),
        };
        let refused = if closed {
            "the store is closed"
        } else if waiting.len() >= QUESTIONS_MAX {
            "too many questions wait"
        } else {
            waiting.push_back(Question { session, query });
            drop(papers);
            bell.ring();
            return;
        };
        drop(papers);
        self.desk.answer(Answer::trouble(session, refused));
    }

    /// Returns the answers that have come in. The wake function is called when there are new ones.
    pub fn answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.desk.papers().answers)
    }
}

/// Answers questions until the desk is closed: either searches, or all others.
pub(crate) struct Answering {
    pub(crate) desk: Arc<Desk>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) connection: Connection,
    pub(crate) log_id: LogId,
    pub(crate) casemapping: CaseMapping,
    /// Whether facts count as committed before readers can find them (`Durability::Memory`).
    pub(crate) written_behind: bool,
    /// A question that waits for what is written behind, and until when.
    pub(crate) waiting: Option<(Question, Instant)>,
    /// For who answers searches: where the index is.
    pub(crate) index: Option<IndexReader>,
}

impl Part for Answering {
    fn step(&mut self, clock: Clock<'_>) -> Next {
        let (question, until) = if let Some(waiting) = self.waiting.take() {
            waiting
        } else {
            let mut papers = self.desk.papers();
            let waiting = if self.index.is_some() { &mut papers.searches } else { &mut papers.questions };
            match waiting.pop_front() {
                Some(question) => (question, clock() + WRITTEN_WAIT),
                None if papers.closed => return Next::Ended,
                None => return Next::Bell,
            }
        };
        if clock() < until && self.is_behind(question.query.before()) {
            self.waiting = Some((question, until));
            return Next::BellOr(until);
        }
        let Question { session, query } = question;
        let finder = Finder { connection: &self.connection, log_id: self.log_id, casemapping: self.casemapping };
        let found = match (&query, &mut self.index) {
            (Query::Search(search), Some(index)) => finder.search(search, index, clock),
            _ => finder.find(&query),
        };
        let found = found.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read history");
            Found::Trouble(failure::reason(&error))
        });
        self.desk.answer(Answer { session, found });
        Next::Step
    }
}

impl Answering {
    /// Tells whether facts before a place are still to be written; then they are written at once.
    fn is_behind(&self, before: Seq) -> bool {
        if !self.written_behind {
            return false;
        }
        let mut state = self.shared.state();
        let behind = state.written.0 + 1 < before.0 && !state.stats.refusing && state.stage < Stage::WriterEnded;
        if behind {
            let bell = if self.index.is_some() { &self.desk.searcher } else { &self.desk.bell };
            state.readers.push(Arc::clone(bell));
            drop(state);
            self.shared.writer.ring();
        }
        behind
    }
}
