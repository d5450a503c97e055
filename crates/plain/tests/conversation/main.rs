//! What the classroom clients see, byte for byte and with its time: one file per part of section 6.

mod driver;

mod transcripts;

mod registration;

mod input;

mod output;

mod ending;

mod any_bytes;
