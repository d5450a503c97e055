//! What goes wrong in a run, and when: made from the seed before anything happens.

use std::collections::VecDeque;
use std::time::Duration;

use chat::time::Timestamp;
use store::{Durability, Keep};

use crate::client::NAMES;
use crate::disk::{Crash, Faults};
use crate::random::Random;
use crate::sabotage::Sabotage;

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The disk is like this from now on.
    Disk(Faults),
    /// The process ends without being asked: now, or in the middle of what it does to the disk soon.
    Crash { how: Crash, after_operations: Option<u64> },
    /// The server is stopped in order, and started again.
    Restart,
    /// The configuration is read again.
    Reload,
    /// A client's connection is cut.
    Cut(usize),
    /// A client sends no more, and reads on.
    HalfClose(usize),
    /// A client does not read for a while.
    Stall(usize, Duration),
    /// A copy of everything is made while the server runs.
    Backup,
}

/// What is kept of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retention {
    /// What is not older than this.
    Age(Duration),
    /// The newest of it, so many bytes.
    Bytes(u64),
}

impl Retention {
    /// Says what the store is to keep now; too little, for a sabotage.
    pub(crate) fn keep(self, now: Timestamp, too_little: bool) -> Keep {
        match self {
            Self::Age(age) => {
                Keep { since: Some(Self::since(now, if too_little { age / 16 } else { age })), bytes: None }
            }
            Self::Bytes(bytes) => Keep { since: None, bytes: Some(if too_little { bytes / 2 } else { bytes }) },
        }
    }

    /// Returns the moment before which everything is too old.
    pub(crate) fn since(now: Timestamp, age: Duration) -> Timestamp {
        Timestamp(now.0 - i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A run as it is planned.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) durability: Durability,
    pub(crate) events: VecDeque<(Duration, Event)>,
    /// How many event loops the server has.
    pub(crate) shards: u8,
    /// When nothing more happens and everything must come to rest.
    pub(crate) end: Duration,
    pub(crate) retention: Option<Retention>,
    /// How many times in a thousand others go on before an operation on the disk.
    pub(crate) pauses: u32,
    /// The longest time between two acts of a client, in milliseconds.
    pub(crate) pause_milliseconds: u64,
}

impl Plan {
    /// Plans a run. A sabotage gets the events that bring it to light.
    pub(crate) fn new(random: &mut Random, sabotage: Option<Sabotage>) -> Self {
        let by_chance = if random.chance(200) { Durability::Process } else { Durability::Disk };
        let durability = if sabotage.is_some() { Durability::Disk } else { by_chance };
        let end = Duration::from_secs(if sabotage.is_some() { 12 } else { random.of(10..40) });
        let mut events = Vec::new();
        for _ in 0..random.of(4..14) {
            let at = Duration::from_millis(random.of(500..u64::try_from(end.as_millis()).unwrap_or(u64::MAX)));
            let event = match sabotage {
                Some(sabotage) => event_for(sabotage, random),
                None => event(random, durability),
            };
            if let Event::Disk(_) = event {
                let healed = at + Duration::from_millis(random.of(200..5000));
                events.push((healed, Event::Disk(Faults::default())));
            }
            events.push((at, event));
        }
        events.sort_by_key(|(at, _)| *at);
        let retention = match sabotage {
            // Longer than a run, coming to rest included.
            Some(Sabotage::KeepLess) => Some(Retention::Age(Duration::from_mins(3))),
            Some(Sabotage::KeepFewerBytes) => Some(Retention::Bytes(40_000)),
            None if random.chance(250) => Some(retention(random)),
            _ => None,
        };
        let pauses = *random.pick(&[0, 10, 60, 300]);
        let pause_milliseconds = *random.pick(&[60, 400, 2000]);
        let shards = *random.pick(&[1, 1, 2, 3]);
        Self { durability, events: events.into(), shards, end, retention, pauses, pause_milliseconds }
    }
}

fn event(random: &mut Random, durability: Durability) -> Event {
    let client = random.below(NAMES.len());
    match random.below(100) {
        0..30 => {
            // What is not synced is not promised to survive the power, nor a disk that forgets what it could not write.
            let how = if durability == Durability::Disk && random.chance(600) { Crash::PowerLoss } else { Crash::Kill };
            let after_operations = random.chance(800).then(|| random.of(1..60));
            Event::Crash { how, after_operations }
        }
        30..55 => Event::Disk(faults(random, durability)),
        55..63 => Event::Restart,
        63..67 => Event::Reload,
        67..80 => Event::Cut(client),
        80..85 => Event::HalfClose(client),
        85..90 => Event::Backup,
        _ => Event::Stall(client, Duration::from_millis(random.of(500..12_000))),
    }
}

/// What brings a sabotage to light.
fn event_for(sabotage: Sabotage, random: &mut Random) -> Event {
    let power_loss = Event::Crash { how: Crash::PowerLoss, after_operations: Some(random.of(1..60)) };
    match sabotage {
        Sabotage::HideFailedSync if random.chance(500) => Event::Disk(Faults { sync: 500, ..Faults::default() }),
        Sabotage::ShowBeforeCommit | Sabotage::SkipSync | Sabotage::HideFailedSync => power_loss,
        Sabotage::KeepVoided => Event::Disk(Faults { bytes_max: Some(0), ..Faults::default() }),
        Sabotage::ForgetIds => Event::Crash { how: Crash::Kill, after_operations: Some(random.of(1..60)) },
        Sabotage::ForgetPrivacy | Sabotage::ForgetMarkers => Event::Restart,
        Sabotage::CopyWithoutLog => Event::Backup,
        Sabotage::NoQueueBound => Event::Stall(random.below(NAMES.len() - 1), Duration::from_secs(10)),
        Sabotage::ForgetDepartures
        | Sabotage::LoseAnswers
        | Sabotage::DeliverTwice
        | Sabotage::Reorder
        | Sabotage::SkipResumed
        | Sabotage::TurnCursorBack
        | Sabotage::SearchOthers
        | Sabotage::FindLess
        | Sabotage::KeepLess
        | Sabotage::KeepFewerBytes
        | Sabotage::KeepRemoved => Event::Cut(random.below(NAMES.len())),
    }
}

fn retention(random: &mut Random) -> Retention {
    if random.chance(500) {
        Retention::Age(Duration::from_secs(random.of(3..100)))
    } else {
        Retention::Bytes(random.of(2_000..100_000))
    }
}

fn faults(random: &mut Random, durability: Durability) -> Faults {
    let mut faults = Faults::default();
    match random.below(5) {
        0 => faults.bytes_max = Some(0),
        1 => faults.write = *random.pick(&[20, 200, 1000]),
        2 if durability == Durability::Disk => faults.sync = *random.pick(&[100, 500, 1000]),
        3 => faults.read = *random.pick(&[20, 200]),
        _ => faults.slow = *random.pick(&[5, 20]),
    }
    faults
}
