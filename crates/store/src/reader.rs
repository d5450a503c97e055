//! The read side: history pages, found by a thread of its own; answers come back as news does.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat::event::Target;
use chat::fact::Fact;
use chat::ids::{LogId, MsgId, Seq, SessionId};
use chat::reply::Kept;
use irc::casemap::CaseMapping;
use irc::names::ChannelName;
use rusqlite::{Connection, params};

use crate::failure;
use crate::queue::{Shared, Stage};
use crate::row::{self, KEPT_COLUMNS, KeptRow};

/// The most questions that wait; one more is answered with nothing at once.
const QUESTIONS_MAX: usize = 4096;

/// How long a question waits for facts that are written behind (`Durability::Memory`).
const WRITTEN_WAIT: Duration = Duration::from_secs(2);

/// Rows that are looked at for one that is wanted, at most: some are not for everybody, or damaged.
const ROWS_PER_MESSAGE_MAX: usize = 10;

/// What was found for a question.
#[derive(Debug)]
pub struct Answer {
    /// Who asked.
    pub session: SessionId,
    /// The channel, as it was asked for.
    pub channel: ChannelName,
    /// The messages, oldest first; empty when there was trouble.
    pub messages: Vec<Kept>,
    /// Why they could not be read.
    pub trouble: Option<Arc<str>>,
}

#[derive(Debug)]
struct Question {
    session: SessionId,
    channel: ChannelName,
    before: Seq,
    most: usize,
}

/// Where questions and answers lie.
pub(crate) struct Desk {
    papers: Mutex<Papers>,
    asked: Condvar,
    on_news: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Papers {
    questions: VecDeque<Question>,
    answers: Vec<Answer>,
    closed: bool,
}

impl Desk {
    pub(crate) fn new(on_news: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { papers: Mutex::default(), asked: Condvar::new(), on_news }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the reader thread after the question it is at. What was asked before is answered with nothing.
    pub(crate) fn close(&self) {
        let mut papers = self.papers();
        papers.closed = true;
        let unanswered: Vec<Question> = papers.questions.drain(..).collect();
        drop(papers);
        self.asked.notify_all();
        for question in unanswered {
            self.answer(Answer::trouble(question, "the store is closed"));
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
    fn trouble(question: Question, why: &str) -> Self {
        let Question { session, channel, .. } = question;
        Self { session, channel, messages: Vec::new(), trouble: Some(why.into()) }
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

    /// Asks for a channel's last messages before a place, `most` at most. Only what was said to the whole channel and
    /// has text: a message to its operators alone is not for everybody who enters.
    pub fn replay(&self, session: SessionId, channel: ChannelName, before: Seq, most: usize) {
        let question = Question { session, channel, before, most };
        let mut papers = self.desk.papers();
        let refused = if papers.closed {
            "the store is closed"
        } else if papers.questions.len() >= QUESTIONS_MAX {
            "too many questions wait"
        } else {
            papers.questions.push_back(question);
            drop(papers);
            self.desk.asked.notify_one();
            return;
        };
        drop(papers);
        self.desk.answer(Answer::trouble(question, refused));
    }

    /// Returns the answers that have come in. The wake function is called when there are new ones.
    pub fn answers(&self) -> Vec<Answer> {
        std::mem::take(&mut self.desk.papers().answers)
    }
}

/// The reader thread's state.
pub(crate) struct ReaderThread {
    pub(crate) desk: Arc<Desk>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) connection: Connection,
    pub(crate) log_id: LogId,
    pub(crate) casemapping: CaseMapping,
    /// Whether facts count as committed before readers can find them (`Durability::Memory`).
    pub(crate) written_behind: bool,
}

impl ReaderThread {
    /// Answers questions until the desk is closed.
    pub(crate) fn run(self) {
        while let Some(question) = self.next() {
            self.wait_until_written(question.before);
            let answer = match self.find(&question) {
                Ok(messages) => {
                    let Question { session, channel, .. } = question;
                    Answer { session, channel, messages, trouble: None }
                }
                Err(error) => {
                    tracing::error!(%error, channel = question.channel.as_str(), "cannot read a channel's history");
                    Answer::trouble(question, &failure::reason(&error))
                }
            };
            self.desk.answer(answer);
        }
    }

    fn next(&self) -> Option<Question> {
        let waiting = |papers: &mut Papers| papers.questions.is_empty() && !papers.closed;
        let papers = self.desk.asked.wait_while(self.desk.papers(), waiting);
        papers.unwrap_or_else(PoisonError::into_inner).questions.pop_front()
    }

    /// Facts that are written behind are written now, when they belong to the answer.
    fn wait_until_written(&self, before: Seq) {
        if !self.written_behind {
            return;
        }
        let mut state = self.shared.state();
        if state.written.0 + 1 >= before.0 {
            return;
        }
        state.hurry = true;
        self.shared.work.notify_one();
        let missing = self.shared.written.wait_timeout_while(state, WRITTEN_WAIT, |state| {
            state.written.0 + 1 < before.0 && !state.stats.refusing && state.stage < Stage::WriterEnded
        });
        drop(missing);
    }

    fn find(&self, question: &Question) -> rusqlite::Result<Vec<Kept>> {
        let folded = question.channel.folded(self.casemapping);
        let mut statement = self.connection.prepare_cached(&last_messages())?;
        let rows_max = i64::try_from(question.most.saturating_mul(ROWS_PER_MESSAGE_MAX)).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![folded.as_str(), row::seq_column(question.before), rows_max])?;
        let mut messages = Vec::new();
        while messages.len() < question.most
            && let Some(row) = rows.next()?
        {
            messages.extend(self.kept(KeptRow::read(row)?));
        }
        messages.reverse();
        Ok(messages)
    }

    /// Returns the message, when it is whole and for everybody.
    fn kept(&self, row: KeptRow) -> Option<Kept> {
        let (seq, at) = (row.seq, row.at);
        match row.fact() {
            Some(Fact::Said { message, .. }) => {
                let for_all = matches!(message.target, Target::Channel { rank: None, .. });
                for_all.then_some(Kept { id: MsgId { log: self.log_id, seq }, at, message })
            }
            Some(_) => None,
            None => {
                tracing::error!(seq = seq.0, "a message is not as it was written, and is not shown");
                None
            }
        }
    }
}

/// Finds a channel's last messages with text, newest first.
fn last_messages() -> String {
    format!(
        "SELECT {KEPT_COLUMNS} FROM facts
         WHERE channel = ?1 AND seq < ?2 AND text <> '' ORDER BY seq DESC LIMIT ?3"
    )
}
