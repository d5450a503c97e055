//! What chat means: users, channels, permissions, messages; *decide* and *apply*.
//!
//! This crate never sees a socket, a file, a clock or a thread. It reads top-down:
//!
//! * [`ids`], [`time`], [`rank`], [`modes`], [`person`]: the words everything else is said in;
//! * [`command`] what a session asks · [`fact`] what the log records · [`refusal`] the answer no ·
//!   [`event`] and [`reply`] what people then see · [`effect`] who is to see it; [`history`] what they saw before;
//! * [`world`], [`user`], [`channel`], [`account`], [`metadata`], [`registration`], [`server_ban`], [`raid`], [`audit`]: the state, plain
//!   data; [`rows`]: what of it outlives the process;
//! * [`delivery`]: what clients number themselves is kept once;
//! * [`privacy`]: which of a channel's past is private, and who was let in when;
//! * [`permission`]: the one function that says who may do what;
//! * [`features`]: one file per feature, with its decision and its application;
//! * [`ascending`] and [`rare`]: what takes little memory, for what there is very much of;
//! * [`reach`]: which commands cost as much as a room is large;
//! * [`hall`]: the value that runs them in order and holds back what is not yet committed ([`gate`]).

pub mod account;
pub mod arrivals;
pub mod ascending;
pub mod audit;
mod bits;
pub mod ids;
pub mod invitation;
pub mod modes;
pub mod person;
pub mod raid;
pub mod rank;
pub mod rare;
pub mod registration;
pub mod search;
pub mod server_ban;
pub mod settings;
pub mod span;
pub mod throttle;
pub mod time;

pub mod command;
pub mod delivery;
pub mod fact;
pub mod refusal;
pub mod rows;

pub mod event;
pub mod history;
pub mod reply;

pub mod metadata;

pub mod effect;

pub mod channel;
pub mod user;
pub mod users;
pub mod world;

pub mod permission;
pub mod privacy;
pub mod push;

pub mod features;

pub mod reach;

pub mod gate;
pub mod hall;

pub use hall::{Hall, Input, Output};
