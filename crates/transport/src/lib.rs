//! Sockets to bytes and back.
