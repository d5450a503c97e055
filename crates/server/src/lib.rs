//! The program `loggia`: configuration, doors, event loop, pages for browsers and administrators.

pub mod account;
pub mod account_hash;
pub mod admin;
pub mod announcing;
pub mod archive;
pub mod backup;
pub mod banner;
pub mod certificates;
pub mod cli;
pub mod config;
pub mod control;
pub mod credentials;
pub mod data_dir;
pub mod desk;
pub mod doors;
pub mod event_loop;
pub mod filehost;
pub mod find;
pub mod hall_host;
pub mod logging;
pub mod metrics;
pub mod owner;
pub mod port_holder;
pub mod previews;
pub mod push;
pub mod reach;
pub mod serve;
pub mod settings;
pub mod signals;
#[cfg(test)]
mod testing;
pub mod translate;
pub mod web;
pub mod workers;
