//! Whatever comes in, in whatever pieces: no panic, bounded sends, and lines that do not depend on the pieces.

use std::sync::Arc;
use std::time::Duration;

use plain::{Conversation, Input, Output, SEND_BYTES_MAX, Variant};
use proptest::prelude::*;

use crate::driver::LIMITS;

/// Bytes among which those that mean something are frequent.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"anna".to_vec()),
        Just(b"anna: ".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"{quit}".to_vec()),
        Just(b"/quit".to_vec()),
        Just(b"\xff\xfb\x01".to_vec()),
        Just(b"\xff\xfa\x18\xff\xf0".to_vec()),
        Just(b"\xff".to_vec()),
        Just("è€😀".as_bytes().to_vec()),
        Just(b"\x1b[".to_vec()),
        Just(vec![b'x'; 1024]),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// What one step of a run does.
#[derive(Clone, Debug)]
enum Step {
    Read(Vec<u8>),
    Wait(u64),
    Hear(String),
    Blocked(bool),
    Taken,
    Refused,
    Accepted,
    End,
    Stop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => bytes().prop_map(Step::Read),
        4 => (0..400_u64).prop_map(Step::Wait),
        2 => "[a-z\n\u{1b}è€]{0,1500}".prop_map(Step::Hear),
        1 => any::<bool>().prop_map(Step::Blocked),
        1 => Just(Step::Taken),
        1 => Just(Step::Refused),
        4 => Just(Step::Accepted),
        1 => Just(Step::End),
        1 => Just(Step::Stop),
    ]
}

/// Gives one read to a fresh line-mode conversation in the room and returns what came out of it.
fn said_after_name(reads: &[&[u8]]) -> Vec<Output> {
    let mut conversation = Conversation::new(Arc::new(Variant::close()), LIMITS);
    let mut said = Vec::new();
    conversation.handle(Input::Open { first_bytes: b"" }, Duration::ZERO);
    conversation.handle(Input::Bytes(b"Anna\n"), Duration::ZERO);
    conversation.handle(Input::NameAccepted { shown: "Anna" }, Duration::ZERO);
    for read in reads {
        conversation.handle(Input::Bytes(read), Duration::ZERO);
    }
    while let Some(output) = conversation.poll_output() {
        if !matches!(output, Output::Send(_)) {
            said.push(output);
        }
    }
    said
}

proptest! {
    #[test]
    fn lines_do_not_depend_on_how_reads_are_split(stream in bytes(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8)) {
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        places.extend([0, stream.len()]);
        places.sort_unstable();
        let reads: Vec<&[u8]> = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        prop_assert_eq!(said_after_name(&reads), said_after_name(&[&stream]));
    }

    #[test]
    fn any_run_ends_well(variant in 0..4_usize, steps in proptest::collection::vec(step(), 0..40)) {
        let variant = Variant::built_in(Variant::BUILT_IN[variant]).expect("built in");
        let mut conversation = Conversation::new(Arc::new(variant), LIMITS);
        let mut now = Duration::ZERO;
        let (mut in_room, mut closed, mut blocked, mut stopping) = (false, false, false, false);
        let mut last_send = now;
        conversation.handle(Input::Open { first_bytes: b"" }, now);
        prop_assert!(matches!(conversation.poll_output(), Some(Output::Send(_))));
                for step in steps {
            match &step {
                Step::Read(read) => conversation.handle(Input::Bytes(read), now),
                Step::Wait(ms) => {
                    now += Duration::from_millis(*ms);
                    conversation.handle(Input::Wake, now);
                }
                Step::Hear(text) => conversation.handle(Input::Message { from: "bruno", text, own: false, action: false }, now),
                Step::Blocked(yes) => {
                    blocked = *yes;
                    conversation.handle(if *yes { Input::SendBlocked } else { Input::SendReady }, now);
                }
                Step::Taken => conversation.handle(Input::NameTaken, now),
                Step::Refused => conversation.handle(Input::NameRefused { reason: "no" }, now),
                Step::Accepted => {
                    conversation.handle(Input::NameAccepted { shown: "anna" }, now);
                    in_room |= conversation.shown_name().is_some();
                }
                Step::End => conversation.handle(Input::EndOfInput, now),
                Step::Stop => {
                    stopping = true;
                    conversation.handle(Input::Stop { goodbye: "ciao" }, now);
                }
            }
            while let Some(output) = conversation.poll_output() {
                prop_assert!(!closed, "after the close: {output:?}");
                match output {
                    Output::Send(bytes) => {
                        prop_assert!(!blocked && !bytes.is_empty());
                        prop_assert!(std::str::from_utf8(&bytes).is_ok());
                        if !conversation.speaks_lines() {
                            prop_assert!(bytes.len() <= SEND_BYTES_MAX);
                            prop_assert!(now >= last_send + plain::SEND_GAP);
                        }
                        last_send = now;
                    }
                    Output::Said(text) => prop_assert!(!text.is_empty() && !text.chars().any(|c| c.is_control() && c != '\n')),
                    Output::Name(name) => prop_assert!(!name.trim().is_empty() && name.chars().count() <= LIMITS.name_length_max && !name.chars().any(char::is_control)),
                    // Accepted and left within one call is possible too: the end of input was already there.
                    Output::Left { .. } => in_room = false,
                    Output::Close { .. } => closed = true,
                    Output::Command(_) | Output::TooLong => {}
                }
            }
            prop_assert!(!closed || conversation.poll_timeout().is_none());
            prop_assert!(!(closed && in_room) || stopping, "closed by {step:?} without leaving");
        }
    }
}
