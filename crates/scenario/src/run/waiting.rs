//! Waiting: until what connections have caused has reached whom it concerns, and until enough has come.

use std::time::Duration;

use super::{Outcome, PATIENCE, Run};
use crate::connection::{Connection, is_pong};
use crate::driver::Received;
use crate::text::shown;

impl Run<'_> {
    /// Waits until everything `name` has caused is queued to whom it concerns.
    pub(super) fn settle(&mut self, name: &str) -> Outcome {
        let connection = self.connection(name);
        if !connection.unsettled {
            return Ok(());
        }
        connection.unsettled = false;
        if connection.irc && connection.registered && !connection.inside_line && !connection.leaving {
            return self.ping(name);
        }
        if connection.leaving && connection.ended.is_none() {
            self.receive_until(name, |connection| connection.ended.is_some(), Duration::from_secs(1));
            return Ok(());
        }
        let quiet = self.driver.quiet();
        self.driver.wait(quiet);
        Ok(())
    }

    pub(super) fn settle_others(&mut self, name: &str) -> Outcome {
        let others: Vec<String> = self.names().into_iter().filter(|other| other != name).collect();
        self.each(&others, Self::settle)
    }

    pub(super) fn settle_all(&mut self) -> Outcome {
        let names = self.names();
        self.each(&names, Self::settle)
    }

    /// Receives everything that is on its way to `name`.
    pub(super) fn hush(&mut self, name: &str) -> Outcome {
        let connection = self.connection(name);
        if connection.irc && connection.registered && !connection.inside_line && !connection.leaving {
            return self.ping(name);
        }
        let quiet = self.driver.quiet();
        while self.connection(name).ended.is_none() {
            let received = self.driver.receive(self.id(name), quiet);
            if received == Received::Nothing {
                break;
            }
            self.take(name, received);
        }
        Ok(())
    }

    /// Sends a PING of the runner's own and takes everything up to its PONG.
    pub(super) fn ping(&mut self, name: &str) -> Outcome {
        self.drain(name);
        if self.connection(name).ended.is_some() {
            return Ok(());
        }
        self.pings += 1;
        let token = format!("fence-{}", self.pings);
        let bytes = self.connection(name).wire(format!("PING {token}\r\n").as_bytes());
        self.send_bytes(name, &bytes)?;
        let answered = self.receive_until(
            name,
            |connection| connection.ended.is_some() || connection.rows.iter().any(|row| is_pong(row, &token)),
            PATIENCE,
        );
        self.connection(name).unsettled = false;
        self.connection(name).rows.retain(|row| !is_pong(row, &token));
        self.so_far.retain(|line| !line.ends_with(&token));
        if answered { Ok(()) } else { self.fail(format!("{name} gets an answer to PING"), self.nothing_came(name)) }
    }

    /// Takes what has arrived without waiting.
    pub(super) fn drain(&mut self, name: &str) {
        while self.connection(name).ended.is_none() {
            let received = self.driver.receive(self.id(name), Duration::ZERO);
            if received == Received::Nothing {
                return;
            }
            self.take(name, received);
        }
    }

    /// Returns the next row, or nothing when none comes in time or the connection has ended.
    pub(super) fn next_row(&mut self, name: &str) -> Option<Vec<u8>> {
        self.receive_until(name, |connection| connection.ended.is_some() || !connection.rows.is_empty(), PATIENCE);
        self.connection(name).rows.pop_front()
    }

    pub(super) fn receive_until(
        &mut self,
        name: &str,
        enough: impl Fn(&Connection) -> bool,
        patience: Duration,
    ) -> bool {
        while !enough(self.connection(name)) {
            let received = self.driver.receive(self.id(name), patience);
            if received == Received::Nothing {
                return false;
            }
            self.take(name, received);
        }
        true
    }

    pub(super) fn take(&mut self, name: &str, received: Received) {
        if matches!(received, Received::Finished | Received::Reset) {
            self.so_far.push(format!("{name} is closed ({received:?})"));
        }
        let rows = self.connection(name).take(received);
        self.so_far.extend(rows.iter().map(|row| format!("{name} ← {}", shown(row))));
    }
}
