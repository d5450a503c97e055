//! The store's workers, of which several may be in the middle of something: a step can run on a thread of its own, where it
//! pauses at operations on the disk. One thread at a time goes on, and the run's seed says which; so transactions,
//! checkpoints, answers, the index and a backup overlap, and the same seed gives the same run.
//!
//! A pause stands before an operation. Locks of the store that others wait for must not be held there; it would be noticed:
//! nobody would go on.

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chat::time::Instant;
use store::{StoreError, Worker};

use crate::disk::Disk;
use crate::vfs;

/// How long a worker may take, by the wall clock, to its next pause: far more than any takes.
const STUCK: Duration = Duration::from_mins(2);

/// What is done on a thread that pauses.
type Job = Box<dyn FnOnce() -> Done + Send>;

/// What came of it.
enum Done {
    Stepped(Worker),
    Copied(Result<(), StoreError>),
}

enum Order {
    Begin(Job, Disk),
    GoOn,
}

enum Report {
    /// It does not go on before this moment.
    Pauses(Duration),
    Done(Result<Done, Box<dyn Any + Send>>),
}

/// A thread that waits for something to do.
struct Helper {
    orders: Sender<Order>,
    reports: Receiver<Report>,
}

thread_local! {
    /// Threads that this one has started, and that wait.
    static IDLE: RefCell<Vec<Helper>> = const { RefCell::new(Vec::new()) };
    /// The other ends, for a thread that may pause.
    static ENDS: OnceCell<(Receiver<Order>, Sender<Report>)> = const { OnceCell::new() };
}

/// Tells whether this thread may pause.
pub(crate) fn can_pause() -> bool {
    ENDS.with(|ends| ends.get().is_some())
}

/// Lets others go on, until a moment at least.
pub(crate) fn pause(until: Duration) {
    ENDS.with(|ends| {
        if let Some((orders, reports)) = ends.get() {
            // Who drives is gone only with the whole program.
            let _ = reports.send(Report::Pauses(until));
            let _ = orders.recv();
        }
    });
}

impl Helper {
    fn new() -> Self {
        if let Some(helper) = IDLE.with_borrow_mut(Vec::pop) {
            return helper;
        }
        let ((orders, taken), (told, reports)) = (channel(), channel());
        thread::spawn(move || {
            ENDS.with(|ends| ends.get_or_init(|| (taken, told)).1.clone());
            while let Some((job, disk)) = next_job() {
                vfs::install(&disk);
                let done = catch_unwind(AssertUnwindSafe(job));
                ENDS.with(|ends| ends.get().map(|(_, told)| told.send(Report::Done(done))));
            }
        });
        Self { orders, reports }
    }

    fn order(&self, order: Order) -> Report {
        if self.orders.send(order).is_err() {
            unreachable!("a helper ends with its orders");
        }
        let report = self.reports.recv_timeout(STUCK);
        report.unwrap_or_else(|_| panic!("a worker of the store does not go on: another one holds what it waits for"))
    }
}

fn next_job() -> Option<(Job, Disk)> {
    ENDS.with(|ends| match ends.get()?.0.recv() {
        Ok(Order::Begin(job, disk)) => Some((job, disk)),
        Ok(Order::GoOn) | Err(_) => None,
    })
}

/// A worker, or a backup.
enum Place {
    Idle(Worker),
    /// In the middle of something; it does not go on before this moment.
    Paused(Helper, Duration),
    /// A backup that is done.
    Copied(Result<(), StoreError>),
    /// For a moment only.
    Nowhere,
}

/// All of a process.
pub(crate) struct Crew {
    /// The workers, and behind them a backup.
    places: Vec<Place>,
    workers: usize,
    disk: Disk,
}

impl Crew {
    pub(crate) fn new(workers: Vec<Worker>, disk: &Disk) -> Self {
        let count = workers.len();
        Self { places: workers.into_iter().map(Place::Idle).collect(), workers: count, disk: disk.clone() }
    }

    /// Lists who can do something now.
    pub(crate) fn due(&self, now: Duration) -> impl Iterator<Item = usize> {
        let is_due = move |place: &Place| match place {
            Place::Idle(worker) => worker.is_due(Instant::at(now)),
            Place::Paused(_, until) => *until <= now,
            Place::Copied(_) | Place::Nowhere => false,
        };
        self.places.iter().enumerate().filter(move |(_, place)| is_due(place)).map(|(number, _)| number)
    }

    /// Returns when time alone lets somebody do something.
    pub(crate) fn next(&self) -> Option<Duration> {
        let next = self.places.iter().filter_map(|place| match place {
            Place::Idle(worker) => worker.deadline().map(Instant::since_start),
            Place::Paused(_, until) => Some(*until),
            Place::Copied(_) | Place::Nowhere => None,
        });
        next.min()
    }

    /// Tells whether all workers have ended, and no backup is being made.
    pub(crate) fn has_ended(&self) -> bool {
        self.places.iter().all(|place| match place {
            Place::Idle(worker) => worker.has_ended(),
            Place::Paused(..) => false,
            Place::Copied(_) | Place::Nowhere => true,
        })
    }

    /// Lets somebody go on: until they are done, or until a pause if they `may_pause` or somebody else is in the middle of
    /// something, for whom they might have to wait.
    pub(crate) fn step(&mut self, number: usize, may_pause: bool) {
        let others_pause = self.places.iter().any(|place| matches!(place, Place::Paused(..)));
        match std::mem::replace(&mut self.places[number], Place::Nowhere) {
            Place::Idle(mut worker) => {
                let disk = self.disk.clone();
                let clock = move || Instant::at(disk.now());
                if may_pause || others_pause {
                    self.begin(
                        number,
                        Box::new(move || {
                            worker.step(&clock);
                            Done::Stepped(worker)
                        }),
                    );
                } else {
                    worker.step(&clock);
                    self.places[number] = Place::Idle(worker);
                }
            }
            Place::Paused(helper, _) => {
                let report = helper.order(Order::GoOn);
                self.note(number, helper, report);
            }
            other => self.places[number] = other,
        }
    }

    fn begin(&mut self, number: usize, job: Job) {
        let helper = Helper::new();
        let report = helper.order(Order::Begin(job, self.disk.clone()));
        self.note(number, helper, report);
    }

    fn note(&mut self, number: usize, helper: Helper, report: Report) {
        self.places[number] = match report {
            Report::Pauses(until) => Place::Paused(helper, until),
            Report::Done(done) => {
                IDLE.with_borrow_mut(|idle| idle.push(helper));
                match done {
                    Ok(Done::Stepped(worker)) => Place::Idle(worker),
                    Ok(Done::Copied(copied)) => Place::Copied(copied),
                    Err(panic) => resume_unwind(panic),
                }
            }
        };
    }

    /// Begins a backup beside everything else.
    pub(crate) fn begin_backup(&mut self, copy: impl FnOnce() -> Result<(), StoreError> + Send + 'static) {
        self.places.push(Place::Nowhere);
        self.begin(self.places.len() - 1, Box::new(move || Done::Copied(copy())));
    }

    /// Tells whether a backup is under way, or was not asked after.
    pub(crate) fn has_backup(&self) -> bool {
        self.places.len() > self.workers
    }

    /// Returns how a backup ended.
    pub(crate) fn take_backup(&mut self) -> Option<Result<(), StoreError>> {
        let place = self.places.iter().position(|place| matches!(place, Place::Copied(_)))?;
        match self.places.remove(place) {
            Place::Copied(copied) => Some(copied),
            Place::Idle(_) | Place::Paused(..) | Place::Nowhere => None,
        }
    }
}

/// Who is in the middle of something comes to an end: with the process, nothing has an effect any more.
impl Drop for Crew {
    fn drop(&mut self) {
        for place in self.places.drain(..) {
            let Place::Paused(helper, _) = place else { continue };
            while let Report::Pauses(_) = helper.order(Order::GoOn) {}
            IDLE.with_borrow_mut(|idle| idle.push(helper));
        }
    }
}
