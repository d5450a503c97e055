//! Where browsers are: what has asked for a page opens more connections than it needs at once.

use core::net::IpAddr;
use std::collections::BTreeMap;

use chat::time::Instant;

use crate::door::BROWSER_TIME;

/// The addresses that have asked for a page not long ago.
#[derive(Debug, Default)]
pub(super) struct Browsers {
    asked: BTreeMap<IpAddr, Instant>,
}

impl Browsers {
    /// Somebody there has asked for a page.
    pub(super) fn asked(&mut self, address: IpAddr, now: Instant) {
        self.asked.retain(|_, asked| now.since(*asked) < BROWSER_TIME);
        self.asked.insert(address, now);
    }

    /// Tells whether somebody there has asked for a page since, or not long before.
    pub(super) fn are_at(&self, address: IpAddr, since: Instant) -> bool {
        self.asked.get(&address).is_some_and(|asked| since.since(*asked) < BROWSER_TIME)
    }
}
