//! Notifications.

use std::sync::Arc;

/// What has become of a device to notify, by its address at the push service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebPushed {
    /// It is notified.
    Registered(Arc<str>),
    /// It is not notified, or not any more.
    Unregistered(Arc<str>),
}
