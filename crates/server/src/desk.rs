//! Desks: where threads of this process ask the hall, one thing after the other, in the name of nobody who is connected: the owner
//! by the control socket, and HTTP.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use chat::command::{Command, Request};
use chat::effect::Effect;
use chat::ids::SessionId;
use chat::reply::Reply;
use thiserror::Error;
use tokio::sync::oneshot;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Unanswered {
    /// Too much is asked.
    #[error("the server is busy")]
    Busy,
    /// The server stops.
    #[error("the server is stopping")]
    Stopping,
    /// It takes too long.
    #[error("the server does not answer")]
    Late,
}

/// What is done with the answer. Who asked may have gone.
type Answer = Box<dyn FnOnce(Vec<Reply>) + Send>;

struct Question {
    command: Command,
    answer: Answer,
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
    /// Puts a question; the answer will come by the channel.
    ///
    /// # Errors
    /// [`Unanswered::Busy`], [`Unanswered::Stopping`].
    pub fn put(&self, command: Command) -> Result<Receiver<Vec<Reply>>, Unanswered> {
        let (sender, answer) = sync_channel(1);
        let answered = move |replies| {
            let _ = sender.try_send(replies);
        };
        self.hand_in(Question { command, answer: Box::new(answered) })?;
        Ok(answer)
    }

    /// Asks the hall, and waits so long for all that it answers.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub fn ask_and_wait(&self, command: Command, patience: Duration) -> Result<Vec<Reply>, Unanswered> {
        self.put(command)?.recv_timeout(patience).map_err(|_| Unanswered::Late)
    }

    /// Asks the hall, and waits for all that it answers.
    ///
    /// # Errors
    /// [`Unanswered::Busy`], [`Unanswered::Stopping`].
    pub async fn ask(&self, command: Command) -> Result<Vec<Reply>, Unanswered> {
        let (sender, answer) = oneshot::channel();
        let answered = move |replies| {
            let _ = sender.send(replies);
        };
        self.hand_in(Question { command, answer: Box::new(answered) })?;
        answer.await.map_err(|_| Unanswered::Stopping)
    }

    fn hand_in(&self, question: Question) -> Result<(), Unanswered> {
        match self.questions.try_send(question) {
            Ok(()) => (self.wake)(),
            Err(TrySendError::Full(_)) => return Err(Unanswered::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(Unanswered::Stopping),
        }
        Ok(())
    }
}

/// The event loop's side.
pub struct Desk {
    session: SessionId,
    questions: Receiver<Question>,
    /// What is done with the answer that is coming.
    waiting: Option<Answer>,
    replies: Vec<Reply>,
}

impl Desk {
    /// Opens a desk that asks in the name of `session`; so many questions may wait. `wake` is called when something is asked.
    pub fn open(session: SessionId, questions_max: usize, wake: impl Fn() + Send + Sync + 'static) -> (Self, Asker) {
        let (sender, questions) = sync_channel(questions_max);
        let asker = Asker { questions: sender, wake: Arc::new(wake) };
        (Self { session, questions, waiting: None, replies: Vec::new() }, asker)
    }

    /// Takes the next question, once the one before is answered.
    pub fn take_next(&mut self) -> Option<Request> {
        if self.waiting.is_some() {
            return None;
        }
        let Question { command, answer } = self.questions.try_recv().ok()?;
        self.waiting = Some(answer);
        Some(Request { session: self.session, commands: smallvec::smallvec![command] })
    }

    /// Takes an effect that is for the desk.
    pub fn takes(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::Reply { to, reply } if *to == self.session => self.replies.push(reply.clone()),
            Effect::Done { to } if *to == self.session => {
                let replies = core::mem::take(&mut self.replies);
                if let Some(answer) = self.waiting.take() {
                    answer(replies);
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
        let (mut desk, asker) = Desk::open(SessionId::DESK, 2, || {});
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
