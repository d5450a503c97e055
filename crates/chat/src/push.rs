//! What telephones and browsers are told while they are not connected: where notifications go, and what they are about.
//!
//! What is worth one is decided in [`crate::features::webpush`]; the edge encrypts and sends.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Event;

/// Where notifications for one device go, and how they are encrypted. As text: four lines.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The address at the push service. Whoever knows it can send there, so it is a secret.
    pub endpoint: Arc<str>,
    /// The device's public key on P-256, base64url.
    pub p256dh: Arc<str>,
    /// What the device shares with this server alone, base64url.
    pub auth: Arc<str>,
    /// The names of the capabilities that the client had: notifications follow them.
    pub capabilities: Arc<str>,
}

impl core::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Subscription")
    }
}

impl Subscription {
    /// Writes it as one text. None of its parts has more than one line.
    pub fn written(&self) -> Arc<str> {
        [&*self.endpoint, &*self.p256dh, &*self.auth, &*self.capabilities].join("\n").into()
    }

    /// Reads what [`Self::written`] has written; `None`: nobody has written that.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n').map(Arc::from);
        let read =
            Self { endpoint: lines.next()?, p256dh: lines.next()?, auth: lines.next()?, capabilities: lines.next()? };
        lines.next().is_none().then_some(read)
    }
}

/// News for the devices of an account.
#[derive(Clone, Debug)]
pub struct Push {
    /// Whose.
    pub account: Arc<str>,
    /// Where it happened, as MARKREAD calls it, folded: a channel, or the nick of somebody.
    pub conversation: Box<str>,
    /// What.
    pub event: Arc<Event>,
    /// Where to.
    pub subscriptions: Arc<[Subscription]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_read_as_it_was_written() {
        let one = Subscription {
            endpoint: "https://push.example/1".into(),
            p256dh: "BKey".into(),
            auth: "secret".into(),
            capabilities: "message-tags server-time".into(),
        };
        let bare = Subscription { capabilities: "".into(), ..one.clone() };
        assert_eq!(Subscription::read(&one.written()), Some(one.clone()));
        assert_eq!(Subscription::read(&bare.written()), Some(bare));
        assert_eq!(Subscription::read("https://push.example/1\nBKey"), None);
        assert_eq!(Subscription::read(&format!("{}\nmore", one.written())), None);
        assert_eq!(format!("{one:?}"), "Subscription");
    }
}
