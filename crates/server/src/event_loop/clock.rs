//! The clocks: the only place where the running server looks at them.

use std::time::{SystemTime, UNIX_EPOCH};

use chat::time::{Instant, Now, Timestamp};

/// Both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn new() -> Self {
        Self { started: std::time::Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn now(&self) -> Now {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now {
            instant: Instant::at(self.started.elapsed()),
            wall: Timestamp(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}
