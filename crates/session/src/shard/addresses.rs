//! How many connections each address has, and the end of those that are too many.

use core::net::IpAddr;

use chat::time::Now;

use super::rooms::Slot;
use super::{Shard, Talk};
use crate::parting;
use crate::settings::Peer;

impl Shard {
    /// Counts a connection under its client's address; returns that, unless the client is none that is counted: on this
    /// machine, or a proxy, behind which anybody may be.
    ///
    /// # Errors
    /// When there are too many already: what to tell it.
    pub(super) fn count(&mut self, peer: &Peer) -> Result<Option<IpAddr>, &'static str> {
        if peer.is_loopback() || self.settings.trusted_proxies.contains(peer.address) {
            return Ok(None);
        }
        let address = peer.counted_as();
        let count = self.connections_by_address.entry(address).or_default();
        if *count >= self.connections_per_address_max {
            return Err(parting::too_many_connections(self.settings.language));
        }
        *count += 1;
        Ok(Some(address))
    }

    /// Takes a connection out of the count.
    pub(super) fn uncount(&mut self, counted_as: Option<IpAddr>) {
        let Some(address) = counted_as else { return };
        if let Some(count) = self.connections_by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.connections_by_address.remove(&address);
            }
        }
    }

    /// Counts a connection under the address that its gateway has named.
    pub(super) fn recount(&mut self, slot: Slot, now: Now) {
        let Some(entry) = self.connections.get_mut(slot) else { return };
        let (peer, counted_before) = (entry.peer.clone(), entry.counted_as.take());
        self.uncount(counted_before);
        match self.count(&peer) {
            Ok(counted_as) => {
                if let Some(entry) = self.connections.get_mut(slot) {
                    entry.counted_as = counted_as;
                }
            }
            Err(why) => {
                self.with(slot, now, |talk, cx| {
                    if let Talk::Irc(irc) = talk {
                        irc.leave(why, cx);
                    }
                });
            }
        }
    }
}
