//! The program `loggia`: configuration, doors, event loop, pages for browsers and administrators.

pub mod banner;
pub mod config;
pub mod data_dir;
pub mod doors;
pub mod port_holder;
pub mod reach;
#[cfg(test)]
mod testing;
