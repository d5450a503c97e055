//! The program `loggia`: configuration, doors, event loop, pages for browsers and administrators.

pub mod admin;
pub mod banner;
pub mod config;
pub mod data_dir;
pub mod doors;
pub mod logging;
pub mod metrics;
pub mod port_holder;
pub mod reach;
pub mod settings;
pub mod signals;
#[cfg(test)]
mod testing;
pub mod web;
