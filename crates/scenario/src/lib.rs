//! Runs the transcripts of scenarios/ in process and over sockets.
