//! The index of words: a second database beside the log, which SEARCH looks into first.
//!
//! It is filled behind the commits, by a part of its own that follows the log ([`Indexer`]), so that no commit waits for it; what it
//! has not looked at yet is searched in the log itself. It can be lost: missing, damaged, or of another log, it is made anew.
//! What it finds is always looked up in the log, so nothing erased is ever shown, and its words are taken out of the file as
//! soon as the indexer comes to it: the table `to_forget` of the log's database keeps what it has to know for that.
//!
//! Words are kept in parts, one for so many places of the log ([`PART_BITS`]): a search goes from part to part and ends where
//! it has enough, and no question costs more than a part at once. A part is an FTS5 table without content, whose columns
//! hold what [`chat::search::words()`] writes, where it was said, and by whom.

mod check;
pub(crate) use check::check;
mod entry;
pub(crate) use entry::{Entry, place_of_channel, place_of_conversation, place_of_owner, sender_of};
mod expression;
pub(crate) use expression::{Expression, Places};
mod facts;
pub(crate) use facts::{Fact, Group, HandedOver, KeptText, Said};
mod file;
use file::Index;
pub(crate) use file::IndexPath;
mod indexer;
pub(crate) use indexer::Indexer;
mod reader;
pub(crate) use reader::{IndexReader, Snapshot};

use chat::ids::Seq;

/// The index's name in the data directory.
pub const INDEX_FILE: &str = "loggia-index.db";

/// A part has the words of 2^20 places of the log: with a million messages, the dearest question (a beginning of two letters)
/// takes some milliseconds a part, and a log of ten million messages has ten.
const PART_BITS: u32 = 20;

/// Returns the number of the part for a place.
pub(crate) fn part_of(seq: Seq) -> i64 {
    i64::try_from(seq.0 >> PART_BITS).unwrap_or(i64::MAX)
}

/// Returns the first place of a part.
fn first_of_part(part: i64) -> Seq {
    Seq(u64::try_from(part).unwrap_or(0) << PART_BITS)
}
