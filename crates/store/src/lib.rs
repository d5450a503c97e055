//! The embedded log and the read side, on SQLite.
