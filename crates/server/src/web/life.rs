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
        let now = Instant::now();
        self.end.send_modify(|end| *end = put_off(*end, self.began, now, time));
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

/// Returns the end of what began then and has got on now: never earlier than it was, nor later than [`TRANSFER_TIME`] allows.
fn put_off(end: Instant, began: Instant, now: Instant, time: Duration) -> Instant {
    end.max((now + time).min(began + TRANSFER_TIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_on_goes_on() {
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        let put_off = |end, now, seconds| put_off(after(end), began, after(now), Duration::from_secs(seconds));
        assert_eq!(put_off(10, 1, 5), after(10), "no end is brought forward");
        assert_eq!(put_off(10, 1, 30), after(31));
        assert_eq!(put_off(31, 3590, 30), after(3600), "and there is one");
        assert_eq!(put_off(3600, 3599, 30), after(3600));
    }
}
