//! The IRC wire grammar: what the bytes between an IRC client and a server mean, and nothing of what is done about them.
//!
//! In reading order:
//!
//! * [`line`](mod@line): bytes to lines, within the limits of the protocol; [`message`]: a line to its parts; [`tags`]: the tags of a message.
//! * [`write`](mod@write): the way back, a message to bytes.
//! * [`casemap`]: which names are the same; [`names`]: nicks, channels and the like, valid by their type; [`mask`]: `*!*@host` and friends.
//! * [`numerics`]: every numeric reply, in one table; [`isupport`]: the tokens of 005; [`capability`]: the names of IRCv3 capabilities.
//! * [`text`]: cutting and cleaning what people wrote; [`ctcp`]: what hides inside a message between two `\x01`; [`time`]: moments
//!   as tags write them.
//!
//! There are no sockets here, no clock, and no memory of a conversation: that is the `session` crate.

pub mod line;
pub mod message;
pub mod tags;
pub mod write;

pub mod casemap;
pub mod mask;
pub mod names;

pub mod capability;
pub mod isupport;
pub mod numerics;

pub mod ctcp;
pub mod text;
pub mod time;
