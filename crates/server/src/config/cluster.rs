//! `[cluster]`: several nodes with one log.

use super::form;
use super::schema::Kind::{Text, Texts, Whole};
use super::schema::table;

table! {
    /// Several nodes with one log; absent: one node with its own store.
    Cluster = "cluster" {
        /// The NATS servers.
        nats: Vec<String> = vec!["nats://127.0.0.1:4222".to_owned()], Texts(form::NATS), Restart;
        /// This node's name, unique among the nodes.
        node: String = "a".to_owned(), Text(form::TOKEN), Restart;
        /// Copies of the log.
        replicas: usize = 3, Whole { min: 1, max: 5 }, Restart;
    }
}
