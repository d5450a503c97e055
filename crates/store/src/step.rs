//! The store's parts as values that are stepped, and the threads that do nothing but step them.
//!
//! A step looks at what is shared, does one piece of work (a transaction, a checkpoint, an answer) and says what to wait
//! for. Who wants to be noticed by a part changes what is shared first and then rings the part's bell; a step silences the
//! bell before it looks, so no ring is lost.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use chat::time::Instant;

use crate::error::StoreError;

/// How much lower than the others' the priority of a thread is that stands back, as `nice` counts.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Says what time it is. A step may take long, so it asks more than once.
pub type Clock<'a> = &'a dyn Fn() -> Instant;

/// What a part of the store waits for after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// For nothing: there may be more to do.
    Step,
    /// For its bell.
    Bell,
    /// For its bell, but not past this moment.
    BellOr(Instant),
    /// For nothing ever: it has ended.
    Ended,
}

/// A part of the store. What ends when it is dropped, ends also by a panic.
pub(crate) trait Part {
    /// Does one piece of work.
    fn step(&mut self, clock: Clock<'_>) -> Next;
}

/// How a part is told that something may have changed for it.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    fn rung(&self) -> MutexGuard<'_, bool> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ring(&self) {
        let mut rung = self.rung();
        if !*rung {
            *rung = true;
            drop(rung);
            self.heard.notify_one();
        }
    }

    fn wait(&self) {
        drop(self.heard.wait_while(self.rung(), |rung| !*rung));
    }

    fn wait_until(&self, at: Instant, clock: Clock<'_>) {
        drop(self.heard.wait_timeout_while(self.rung(), at.since(clock()), |rung| !*rung));
    }
}

/// A part of the store with its bell, to be stepped by a thread of its own or by a driver without threads.
pub struct Worker {
    name: &'static str,
    bell: Arc<Bell>,
    /// `None` when it has ended.
    part: Option<Box<dyn Part + Send>>,
    next: Next,
    /// Whether its thread lets others go first.
    stands_back: bool,
    /// All workers hold one: when the last is gone, [`crate::EmbeddedLog::close`] waits no longer.
    _held: Sender<()>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).field("next", &self.next).finish_non_exhaustive()
    }
}

impl Worker {
    pub(crate) fn new(
        name: &'static str,
        bell: &Arc<Bell>,
        part: impl Part + Send + 'static,
        held: &Sender<()>,
    ) -> Self {
        Self {
            name,
            bell: Arc::clone(bell),
            part: Some(Box::new(part)),
            next: Next::Step,
            stands_back: false,
            _held: held.clone(),
        }
    }

    /// Lets its thread stand back where processors are few: nobody waits for what it does.
    pub(crate) fn standing_back(self) -> Self {
        Self { stands_back: true, ..self }
    }

    /// Returns its name, as its thread is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Does one piece of work; does nothing when it has ended.
    pub fn step(&mut self, clock: Clock<'_>) -> Next {
        *self.bell.rung() = false;
        self.next = self.part.as_mut().map_or(Next::Ended, |part| part.step(clock));
        if self.next == Next::Ended {
            self.part = None;
        }
        self.next
    }

    /// Tells whether a step may have something to do now.
    pub fn is_due(&self, now: Instant) -> bool {
        match self.next {
            Next::Step => true,
            Next::Bell => *self.bell.rung(),
            Next::BellOr(at) => at <= now || *self.bell.rung(),
            Next::Ended => false,
        }
    }

    /// Returns when it has something to do at the latest, if time alone brings that about.
    pub fn deadline(&self) -> Option<Instant> {
        match self.next {
            Next::BellOr(at) => Some(at),
            Next::Step | Next::Bell | Next::Ended => None,
        }
    }

    /// Tells whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.next == Next::Ended
    }

    /// Starts its thread.
    pub(crate) fn spawn(self, clock: impl Fn() -> Instant + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
        let name = self.name;
        let thread = Builder::new().name(name.into()).spawn(move || self.run(&clock));
        thread.map_err(|source| StoreError::Thread { name, source })
    }

    fn run(mut self, clock: Clock<'_>) {
        if self.stands_back {
            stand_back();
        }
        loop {
            match self.step(clock) {
                Next::Step => {}
                Next::Bell => self.bell.wait(),
                Next::BellOr(at) => self.bell.wait_until(at, clock),
                Next::Ended => return,
            }
        }
    }
}

/// Lowers the priority of this thread. Where the system knows priorities of processes only, nothing is changed.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "a thread of the store keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Says what the test wants.
    struct Said(mpsc::Receiver<Next>);

    impl Part for Said {
        fn step(&mut self, _: Clock<'_>) -> Next {
            self.0.try_recv().unwrap_or(Next::Bell)
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_stands_back_has_a_lower_priority() {
        let priority = || rustix::process::getpriority_process(None).ok();
        let other = priority();
        let stood_back = std::thread::spawn(move || {
            stand_back();
            priority()
        });
        // The lowest is 19. The thread that started it keeps its own.
        assert_eq!(stood_back.join().ok().flatten(), other.map(|other| (other + NICE).min(19)));
        assert_eq!(priority(), other);
    }

    #[test]
    fn a_worker_is_due_when_it_says_so_or_rung_or_late() {
        let second = |seconds| Instant::at(Duration::from_secs(seconds));
        let (say, said) = mpsc::channel();
        let (held, ended) = mpsc::channel();
        let bell = Arc::new(Bell::default());
        let mut worker = Worker::new("test", &bell, Said(said), &held);
        drop(held);
        let clock: Clock<'_> = &|| Instant::default();
        assert!(worker.is_due(second(0)), "the first step is always due");
        assert_eq!(worker.step(clock), Next::Bell);
        assert!(!worker.is_due(second(9)));
        bell.ring();
        assert!(worker.is_due(second(0)));
        assert!(say.send(Next::BellOr(second(5))).is_ok());
        assert_eq!(worker.step(clock), Next::BellOr(second(5)));
        assert_eq!((worker.is_due(second(4)), worker.is_due(second(5))), (false, true));
        assert_eq!(worker.deadline(), Some(second(5)));
        assert!(say.send(Next::Ended).is_ok());
        assert_eq!(worker.step(clock), Next::Ended);
        bell.ring();
        assert!(worker.has_ended() && !worker.is_due(second(9)));
        assert!(say.send(Next::Step).is_err(), "the part was dropped");
        assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Empty), "the worker still holds its sender");
        drop(worker);
        assert_eq!(ended.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }
}
