//! Requests by HTTPS to servers that somebody else has named: push services, one day the pages behind links.
//!
//! Who names an address must not reach by this server what they cannot reach themself: its own machine, the network it stands
//! in, the address where clouds tell their machines secrets. So a name is resolved once, every address it has is looked at
//! ([`Guard`]), and the connection goes to one that was looked at, not to the name again. Nothing is followed: an answer that
//! points elsewhere is an answer.
//!
//! This crate knows nothing of chat.

mod guard;
mod request;

pub use guard::Guard;
pub use request::{Answer, FetchError, Fetcher, Limits};
