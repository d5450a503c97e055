//! `loggia-desktop`: the client with a window.
//!
//! * [`screen`]: what is shown, in which order, without a window: pure;
//! * [`window`]: draws it (egui), and hands over what the person does;
//! * [`files`]: files that are sent and pictures that are fetched, on threads of their own;
//! * [`nearby`]: servers on the local network, looked for while the form is shown;
//! * [`network_thread`]: the network, on a thread of its own;
//! * [`notifications`]: what is told while nobody looks;
//! * [`passwords`]: in the keyring of the system;
//! * [`program`]: these together, with what is kept on disk;
//! * [`texts`]: what is said to people, in their language.

pub mod files;
pub mod nearby;
pub mod network_thread;
pub mod notifications;
pub mod passwords;
pub mod preferences;
pub mod program;
pub mod screen;
pub mod texts;
pub mod window;
