//! The desk: what HTTP asks of the hall, one thing after the other, in the name of nobody who is connected.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use chat::command::{Command, Request};
use chat::effect::Effect;
use chat::ids::SessionId;
use chat::reply::Reply;
use thiserror::Error;
use tokio::sync::oneshot;

/// The most questions that may wait.
const QUESTIONS_MAX: usize = 64;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Unanswered {
    /// Too much is asked.
    #[error("too many ask at once")]
    Busy,
    /// The server stops.
    #[error("the server stops")]
    Stopping,
}

struct Question {
    command: Command,
    answer: oneshot::Sender<Vec<Reply>>,
}

/// Asks.
#[derive(Clone)]
pub struct Asker {
    questions: SyncSender<Question>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asker")
    }
}

impl Asker {
    /// Asks the hall, and waits for all that it answers.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn ask(&self, command: Command) -> Result<Vec<Reply>, Unanswered> {
        let (sender, answer) = oneshot::channel();
        match self.questions.try_send(Question { command, answer: sender }) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(_)) => return Err(Unanswered::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(Unanswered::Stopping),
        }
        answer.await.map_err(|_| Unanswered::Stopping)
    }
}

/// The event loop's side.
pub struct Desk {
    questions: Receiver<Question>,
    waiting: Option<oneshot::Sender<Vec<Reply>>>,
    replies: Vec<Reply>,
}

impl Desk {
    /// Opens the desk. `wake` is called when something is asked.
    pub fn open(wake: impl Fn() + Send + Sync + 'static) -> (Self, Asker) {
        let (sender, questions) = sync_channel(QUESTIONS_MAX);
        let asker = Asker { questions: sender, wake: Arc::new(wake) };
        (Self { questions, waiting: None, replies: Vec::new() }, asker)
    }

    /// Takes the next question, once the one before is answered.
    pub fn take_next(&mut self) -> Option<Request> {
        if self.waiting.is_some() {
            return None;
        }
        let Question { command, answer } = self.questions.try_recv().ok()?;
        self.waiting = Some(answer);
        Some(Request { session: SessionId::DESK, commands: smallvec::smallvec![command] })
    }

    /// Takes an effect that is for the desk.
    pub fn takes(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::Reply { to: SessionId::DESK, reply } => self.replies.push(reply.clone()),
            Effect::Done { to: SessionId::DESK } => {
                let replies = core::mem::take(&mut self.replies);
                if let Some(answer) = self.waiting.take() {
                    // Who asked may have gone.
                    let _ = answer.send(replies);
                }
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_after_the_other_is_answered() {
        let (mut desk, asker) = Desk::open(|| {});
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap_or_else(|error| panic!("{error}"));
        let ask = |token: &str| {
            let (asker, token) = (asker.clone(), Box::from(token));
            runtime.spawn(async move { asker.ask(Command::Ping { token }).await })
        };
        let (first, second) = (ask("a"), ask("b"));
        runtime.block_on(tokio::task::yield_now());
        for asked in [first, second] {
            let request = desk.take_next().unwrap_or_else(|| panic!("it was asked"));
            assert!(desk.take_next().is_none(), "one at a time");
            let Some(Command::Ping { token }) = request.commands.into_iter().next() else { panic!("another") };
            assert!(desk.takes(&Effect::Reply { to: SessionId::DESK, reply: Reply::Pong(token.clone()) }));
            assert!(desk.takes(&Effect::Done { to: SessionId::DESK }));
            let replies = runtime.block_on(asked);
            let Ok(Ok(replies)) = replies else { panic!("no answer") };
            assert!(matches!(&replies[..], [Reply::Pong(answered)] if *answered == token));
        }
        assert!(!desk.takes(&Effect::Done { to: SessionId(7) }));
        let late = ask("c");
        drop(desk);
        assert!(matches!(runtime.block_on(late), Ok(Err(Unanswered::Stopping))));
    }
}
