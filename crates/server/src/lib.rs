//! The program `loggia`: configuration, doors, event loop, pages for browsers and administrators.

pub mod config;
