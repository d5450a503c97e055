//! Between a network, which is pure, and the world: its connection, its place on disk, chance.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use client::classroom::Classroom;
use client::network::{Network, Want};

use link::address::Door;
use link::connection::{Connection, FromLink, Plan, Trouble, What};
use link::kept::Outbox;

/// So often a place in the conversation is kept, where nothing else has changed.
const KEPT_EVERY: Duration = Duration::from_secs(2);

/// What drives a network.
pub(crate) struct Driver<E> {
    pub(crate) plan: Plan,
    /// Where it is kept; nowhere for who has nothing to lose.
    outbox: Option<Outbox>,
    kept_at: Duration,
    link: Option<Connection>,
    is_open: bool,
    number: u64,
    classroom: Option<Classroom>,
    from: SyncSender<E>,
    wrap: fn(FromLink) -> E,
}

/// What has come of something from a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// What the network will tell.
    News,
    /// The connection is open, encrypted for the first time with this server.
    Encrypted,
    /// It could not be opened, or has ended.
    Lost(Trouble),
}

impl<E: Send + 'static> Driver<E> {
    pub(crate) fn new(plan: Plan, outbox: Option<Outbox>, from: SyncSender<E>, wrap: fn(FromLink) -> E) -> Self {
        Self {
            plan,
            outbox,
            kept_at: Duration::ZERO,
            link: None,
            is_open: false,
            number: 0,
            classroom: None,
            from,
            wrap,
        }
    }

    /// Returns when to call [`Driver::turn`] at the latest.
    pub(crate) fn timeout(&self, network: &Network) -> Option<Duration> {
        let classroom = self.classroom.as_ref().and_then(Classroom::timeout);
        network.timeout().into_iter().chain(classroom).min()
    }

    /// Does what is due: connects, closes, keeps, writes.
    ///
    /// # Errors
    ///
    /// It cannot be kept on disk, or no connection can even be begun.
    pub(crate) fn turn(&mut self, network: &mut Network, now: Duration) -> anyhow::Result<()> {
        match network.wake(now, random_u32()?) {
            Some(Want::Connect) => {
                self.number += 1;
                (self.is_open, self.classroom) = (false, None);
                let link = Connection::open(self.number, self.plan.clone(), self.from.clone(), self.wrap);
                self.link = Some(link?);
            }
            Some(Want::Close) => self.drop_link(),
            None => {}
        }
        self.write(network, now)
    }

    /// Takes what a link tells.
    ///
    /// # Errors
    ///
    /// The system has no random bits.
    pub(crate) fn take(&mut self, network: &mut Network, from: FromLink, now: Duration) -> anyhow::Result<Came> {
        if self.link.as_ref().is_none_or(|link| link.number() != from.number) {
            // Of one that was given up.
            return Ok(Came::News);
        }
        match from.what {
            What::Open { is_encrypted } => {
                self.is_open = true;
                network.prepare(random_u128()?, is_encrypted);
                if let Door::Classroom(variant) = &self.plan.address.door {
                    self.classroom = plain::Variant::built_in(variant).map(|variant| Classroom::begin(variant, now));
                }
                network.connected(now);
                if is_encrypted && !self.plan.was_encrypted {
                    self.plan.was_encrypted = true;
                    return Ok(Came::Encrypted);
                }
            }
            What::Bytes(bytes) => match &mut self.classroom {
                Some(classroom) => {
                    classroom.heard(&bytes, now);
                    network.receive(&classroom.take_lines(), now);
                }
                None => network.receive(&bytes, now),
            },
            What::Lost(trouble) => {
                self.drop_link();
                network.lost(now, random_u32()?);
                return Ok(Came::Lost(trouble));
            }
        }
        Ok(Came::News)
    }

    fn drop_link(&mut self) {
        let link = self.link.take();
        if let Some(link) = link.filter(|_| self.classroom.is_some()) {
            link.reset(false);
        }
        (self.classroom, self.is_open) = (None, false);
    }

    /// Keeps what is to be said, and only then writes it.
    fn write(&mut self, network: &mut Network, now: Duration) -> anyhow::Result<()> {
        let mut kept = Ok(());
        loop {
            let output = network.take_output();
            let is_due = self.kept_at + KEPT_EVERY <= now;
            if let Some(outbox) = &mut self.outbox {
                kept = outbox.keep(network.kept(), is_due);
            }
            if is_due {
                self.kept_at = now;
            }
            let Some(link) = &self.link else { return kept };
            let Some(classroom) = &mut self.classroom else {
                if !output.is_empty() {
                    link.write(output);
                }
                return kept;
            };
            classroom.told(&output, now);
            while let Some(segment) = classroom.next_segment(now) {
                link.write(segment);
            }
            let lines = classroom.take_lines();
            if output.is_empty() && lines.is_empty() {
                return kept;
            }
            network.receive(&lines, now);
        }
    }

    /// Leaves, and waits until that is said: a second at most.
    ///
    /// # Errors
    ///
    /// It cannot be kept on disk.
    pub(crate) fn leave(mut self, network: &mut Network, text: &str, now: Duration) -> anyhow::Result<()> {
        network.leave(text);
        self.kept_at = Duration::ZERO;
        let mut now = now.max(KEPT_EVERY);
        let mut kept = self.write(network, now);
        while let Some(until) = self.classroom.as_ref().and_then(Classroom::timeout) {
            #[expect(
                clippy::disallowed_methods,
                reason = "the gap is the thing: a goodbye is read by itself, or not at all"
            )]
            std::thread::sleep(until.saturating_sub(now));
            now = until;
            kept = kept.and(self.write(network, now));
        }
        if let Some(link) = self.link.take() {
            match &self.classroom {
                Some(classroom) if !classroom.has_said_goodbye() => link.reset(self.is_open),
                Some(_) | None => link.close(self.is_open),
            }
        }
        kept
    }
}

pub(crate) fn random_u32() -> anyhow::Result<u32> {
    getrandom::u32().map_err(|error| anyhow::anyhow!("the system has no random bits: {error}"))
}

pub(crate) fn random_u128() -> anyhow::Result<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system has no random bits: {error}"))?;
    Ok(u128::from_le_bytes(bytes))
}
