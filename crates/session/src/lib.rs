//! One connection's conversation, and the pure half of a shard.
