//! How long a connection may last: as long as it gets on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// For how long a file may be on its way in all.
const TRANSFER_TIME: Duration = Duration::from_hours(1);

/// The end of a connection, which may be put off.
#[derive(Clone, Debug)]
pub(super) struct Life {
    began: Instant,
    end: Arc<watch::Sender<Instant>>,
}

impl Life {
    /// Begins now.
    pub(super) fn new(time: Duration) -> Self {
        let began = Instant::now();
        Self { began, end: Arc::new(watch::Sender::new(began + time)) }
    }

    /// Puts the end off: something of a file has got on. It has this time for the next part.
    pub(super) fn go_on(&self, time: Duration) {
        let wanted = (Instant::now() + time).min(self.began + TRANSFER_TIME);
        self.end.send_if_modified(|end| {
            let is_later = wanted > *end;
            *end = wanted.max(*end);
            is_later
        });
    }

    /// Ends with it.
    pub(super) async fn over(&self) {
        loop {
            let end = *self.end.borrow();
            sleep_until(end).await;
            if *self.end.borrow() <= end {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_on_goes_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap_or_else(|error| panic!("{error}")).block_on(async {
            let began = Instant::now();
            let life = Life::new(Duration::from_secs(10));
            life.go_on(Duration::from_secs(5));
            life.over().await;
            assert_eq!(began.elapsed().as_secs(), 10, "no end is brought forward");
            let life = Life::new(Duration::from_secs(10));
            life.go_on(Duration::from_secs(30));
            life.over().await;
            assert_eq!(began.elapsed().as_secs(), 40);
            let life = Life::new(Duration::from_secs(10));
            life.go_on(Duration::from_hours(9));
            life.over().await;
            assert_eq!(began.elapsed().as_secs(), 40 + 3600);
        });
    }
}
