//! How many connections each address has, and the end of those that are too many.

use core::net::IpAddr;
use std::sync::Arc;

use chat::server_ban::BannedNetworks;
use chat::time::Now;

use super::rooms::Slot;
use super::{Shard, Talk};
use crate::parting::{self, TurnedAway};
use crate::settings::Peer;
use crate::texts;

impl Shard {
    /// Goes by other banned networks from now on. Who is here already is the hall's to send away.
    pub fn ban_networks(&mut self, networks: Arc<BannedNetworks>) {
        self.banned = networks;
    }

    /// Looks whether a new connection may be taken, and counts it. Behind a proxy anybody may be: whom it names is looked at later.
    ///
    /// # Errors
    /// When it may not.
    pub(super) fn admit(&mut self, peer: &Peer, now: Now) -> Result<bool, TurnedAway> {
        let language = self.settings.language;
        if self.stopping {
            return Err(TurnedAway { reason: "stopping", text: parting::stopping(language).into() });
        }
        if !self.settings.trusted_proxies.contains(peer.address)
            && let Some(banned) = self.banned.refusal(peer.address, now.wall)
        {
            return Err(TurnedAway { reason: "banned", text: texts::refusal(&banned, language).into() });
        }
        self.count(peer).map_err(|text| TurnedAway { reason: "connections_per_address", text: text.into() })
    }

    /// Counts a connection under its client's address. Returns false when the client is none that is counted: on this
    /// machine, or a proxy, behind which anybody may be.
    ///
    /// # Errors
    /// When there are too many already: what to tell it.
    pub(super) fn count(&mut self, peer: &Peer) -> Result<bool, &'static str> {
        if peer.is_loopback() || self.settings.trusted_proxies.contains(peer.address) {
            return Ok(false);
        }
        let address = peer.counted_as();
        let count = self.connections_by_address.entry(address).or_default();
        if *count >= self.connections_per_address_max {
            return Err(parting::too_many_connections(self.settings.language));
        }
        *count += 1;
        Ok(true)
    }

    /// Takes a connection out of the count of an address.
    pub(super) fn uncount(&mut self, address: IpAddr) {
        if let Some(count) = self.connections_by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.connections_by_address.remove(&address);
            }
        }
    }

    /// Counts a connection under the address that its gateway has named, and no more under the gateway's.
    pub(super) fn recount(&mut self, slot: Slot, before: IpAddr, now: Now) {
        let Some(entry) = self.connections.get_mut(slot) else { return };
        let peer = entry.peer.clone();
        if core::mem::take(&mut entry.is_counted) {
            self.uncount(Peer::new(before).counted_as());
        }
        match self.count(&peer) {
            Ok(is_counted) => {
                if let Some(entry) = self.connections.get_mut(slot) {
                    entry.is_counted = is_counted;
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
