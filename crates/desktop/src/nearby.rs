//! Servers on the local network, looked for while the form is shown: on a thread of its own, because looking takes its time.

use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

use discovery::{Encryption, Found};
use link::address::Address;

use crate::window::Nearby;

/// How long is looked for: half a second finds those that are awake, two seconds also those whose Wi-Fi sleeps.
const LOOKING: Duration = Duration::from_secs(2);

/// A search that is under way.
pub struct Looking(Receiver<Vec<Found>>);

impl Looking {
    /// Begins to look; `wake` is called when it is over. Nothing where the system has no thread left.
    pub fn start(wake: impl FnOnce() + Send + 'static) -> Option<Self> {
        let (tell, told) = sync_channel(1);
        let looking = move || {
            // That there is no network is nothing to tell: nobody is found.
            let _ = tell.send(discovery::browse(LOOKING).unwrap_or_default());
            wake();
        };
        std::thread::Builder::new().name("nearby".to_owned()).spawn(looking).ok()?;
        Some(Self(told))
    }

    /// Returns what was found, once it is over.
    pub fn take(&self) -> Option<Vec<Nearby>> {
        match self.0.try_recv() {
            Ok(found) => Some(found.iter().filter_map(nearby).collect()),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Vec::new()),
        }
    }
}

/// Returns what is offered of a server.
fn nearby(found: &Found) -> Option<Nearby> {
    let address = Address::found(&found.addresses, found.encryption == Encryption::Required, &found.room)?;
    let room = address.room.clone().unwrap_or_default();
    Some(Nearby { name: found.name.clone(), address: address.to_string(), room })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_an_address_that_can_be_typed() {
        let found = |encryption, at: &str| Found {
            name: "Aula 3".into(),
            network: "Aula 3".into(),
            addresses: vec![at.parse().expect("an address")],
            encryption,
            fingerprint: Some("00".repeat(32)),
            room: "#piazza".into(),
        };
        let clear = nearby(&found(Encryption::None, "192.168.1.7:53000")).expect("one");
        assert_eq!((&*clear.address, &*clear.room), ("192.168.1.7:53000", "#piazza"));
        let tls = nearby(&found(Encryption::Required, "192.168.1.7:7000")).expect("one");
        assert_eq!(tls.address, "ircs://192.168.1.7:7000");
        assert!(Address::parse(&tls.address).is_ok());
        assert_eq!(nearby(&Found { addresses: Vec::new(), ..found(Encryption::None, "1.2.3.4:5") }), None);
    }
}
