//! The client's half of the classroom protocols: whatever a server says, the network gets lines it can read, and what is sent is
//! bounded.

use std::time::Duration;

use client::classroom::{Classroom, MESSAGE_BYTES_MAX};
use client::handshake::Identity;
use client::network::{Kept, Network};
use client::outbox::What;
use irc::line::{Framed, LineBuffer, LineLimits};
use irc::message::Message;
use plain::Variant;

/// Parts of what servers say.
pub const WORDS: &[&[u8]] = &[
    b"\xff",
    b"NICK",
    b"You are now connected!",
    b"anna: ciao",
    b"anna: ",
    b"bruno: ciao\n",
    b"bruno ha abbandonato la Chat.",
    b"bruno si \xc3\xa8 unito alla chat!",
    b"Questo username \xc3\xa8 gi\xc3\xa0 in uso! Inserisci un altro username!",
    b"SHUTDOWN",
    b"{quit}",
    b"!x@y z: \0\r",
];

/// The first byte chooses the variant; the rest is what the server says, parted into reads by `0xFF`.
pub fn classroom(data: &[u8]) {
    let Some((choice, said)) = data.split_first() else { return };
    let name = Variant::BUILT_IN[usize::from(*choice) % Variant::BUILT_IN.len()];
    let Some(variant) = Variant::built_in(name) else { unreachable!("it is built in") };
    let mut now = Duration::from_secs(100);
    let mut network = Network::new(Identity::guest("anna"), Kept::new(7));
    network.wake(now, 0);
    network.connected(now);
    network.say(What::say("#classroom", "ciao"));
    let mut classroom = Classroom::begin(variant, now);
    for read in said.split(|byte| *byte == 0xff) {
        classroom.heard(read, now);
        loop {
            let output = network.take_output();
            classroom.told(&output, now);
            while let Some(segment) = classroom.next_segment(now) {
                assert!(segment.len() <= MESSAGE_BYTES_MAX, "a message of {} bytes", segment.len());
            }
            let lines = classroom.take_lines();
            if output.is_empty() && lines.is_empty() {
                break;
            }
            readable(&lines);
            network.receive(&lines, now);
        }
        now += Duration::from_millis(700);
    }
    while network.next_news().is_some() {}
    assert!(network.kept().outbox.entries().count() <= 1);
}

fn readable(mut lines: &[u8]) {
    let mut buffer = LineBuffer::new(LineLimits::FROM_SERVER);
    while let Some(framed) = buffer.next(&mut lines) {
        let Framed::Line(line) = framed else { panic!("a line that no network reads") };
        assert!(Message::parse(line).is_ok(), "{:?} is no message", String::from_utf8_lossy(line));
    }
}
