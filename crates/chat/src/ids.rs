//! Identifiers. Each is a type of its own, so that they cannot be swapped.

use core::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id! {
    /// A user on the network, for as long as they are connected. Never used twice in the life of a log.
    UserId
}
id! {
    /// A channel, from its creation until it is empty. Never used twice in the life of a log.
    ChannelId
}
id! {
    /// One connection, as its shard numbers it (slot and generation); unique within the process.
    SessionId
}
id! {
    /// The place of a fact in the log, counted from 1. 0 stands before the first.
    Seq
}
id! {
    /// The rules of a channel (members, modes, masks) change; this counts how often they have.
    ///
    /// A message carries the version it was decided against: when it is still the channel's, the decision stands.
    RulesVersion
}
id! {
    /// A random number given to a log when it is made; it makes message ids unique over all logs there ever were.
    LogId
}
id! {
    /// Numbers the facts that the hall has asked the log to take, until the log has answered.
    Ticket
}

impl SessionId {
    /// The owner of the server, at its machine: no connection is numbered so. Only the edge asks in its name.
    pub const CONSOLE: Self = Self(u64::MAX);

    /// What the edge looks up for people who are not connected, as those who send files are not: it can only ask what anybody can
    /// who is nobody yet.
    pub const DESK: Self = Self(u64::MAX - 1);
}

impl Seq {
    /// The place before the first fact.
    pub const ZERO: Self = Self(0);
}

/// The id of a message, as clients see it in the `msgid` tag: unique for ever, the same for every recipient.
///
/// Spec: `IRCv3` "message-ids": opaque, case-sensitive, no spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MsgId {
    /// The log the message stands in.
    pub log: LogId,
    /// Its place there.
    pub seq: Seq,
}

impl fmt::Display for MsgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_base32(f, self.log.0)?;
        f.write_str("-")?;
        write_base32(f, self.seq.0)
    }
}

impl core::str::FromStr for MsgId {
    type Err = ();

    /// Reads an id as [`fmt::Display`] writes it, and nothing else: one id has one form.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (log, seq) = text.split_once('-').ok_or(())?;
        Ok(Self { log: LogId(read_base32(log)?), seq: Seq(read_base32(seq)?) })
    }
}

/// Reads a number in Crockford's alphabet.
fn read_base32(text: &str) -> Result<u64, ()> {
    if text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
        return Err(());
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte).ok_or(())?;
        let room = number.leading_zeros() >= 5;
        if room { Ok(number << 5 | u64::try_from(digit).unwrap_or(0)) } else { Err(()) }
    })
}

/// Crockford's alphabet.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Writes a number in Crockford's alphabet, most significant digit first: short, and no letter that reads as another.
fn write_base32(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    let digits = (64 - number.leading_zeros()).div_ceil(5).max(1);
    for place in (0..digits).rev() {
        let digit = (number >> (place * 5)) & 31;
        fmt::Write::write_char(f, char::from(DIGITS[usize::try_from(digit).unwrap_or(0)]))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_is_short_and_has_no_spaces() {
        assert_eq!(MsgId { log: LogId(1 << 34), seq: Seq(33) }.to_string(), "g000000-11");
        assert_eq!(MsgId { log: LogId(0), seq: Seq(u64::MAX) }.to_string(), "0-fzzzzzzzzzzzz");
    }

    #[test]
    fn a_message_id_is_read_as_it_is_written_and_in_no_other_form() {
        for id in [(0, 0), (1 << 34, 33), (u64::MAX, u64::MAX), (31, 32)] {
            let id = MsgId { log: LogId(id.0), seq: Seq(id.1) };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for bad in ["", "-", "1", "1-", "-1", "01-1", "1-01", "i-1", "1-G", "1-1-1", "1 -1", "g-gzzzzzzzzzzzz", "1-00"]
        {
            assert_eq!(bad.parse::<MsgId>(), Err(()), "{bad}");
        }
    }
}
