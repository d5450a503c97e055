//! Requests to servers that somebody else has named: push services, and the pages behind links.
//!
//! Who names an address must not reach by this server what they cannot reach themself: its own machine, the network it stands
//! in, the address where clouds tell their machines secrets. So a name is resolved once, every address it has is looked at
//! ([`Guard`]), and the connection goes to one that was looked at, not to the name again. A push service is asked by HTTPS, and
//! an answer of its that points elsewhere is an answer; a page is looked for where its server says ([`Fetcher::look`]), each
//! address on the way as the first one. What a page says of itself is read by [`page`].
//!
//! This crate knows nothing of chat.

mod guard;
mod look;
pub mod page;
mod request;

pub use guard::{Guard, not_public};
pub use ipnet::IpNet;
pub use look::{ADDRESS_BYTES_MAX, Looked, page_address};
pub use request::{Answer, FetchError, Fetcher, Limits, Reading};
