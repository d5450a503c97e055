//! The desktop client, but for its window.
//!
//! * [`screen`]: what is shown, in which order, which row, which completion: pure;
//! * [`network_thread`]: the network, on a thread of its own, which looks after it also while nobody looks at the window.

pub mod network_thread;
pub mod screen;
