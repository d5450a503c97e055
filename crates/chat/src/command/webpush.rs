//! Notifications for devices that are not connected.

use crate::push::Subscription;

/// What may be asked about notifications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebPushCommand {
    /// A device is to be notified.
    Register(Box<Subscription>),
    /// The device with this address at the push service is not, any more.
    Unregister(Box<str>),
}
