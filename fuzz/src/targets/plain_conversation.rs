//! A whole plain conversation: what a client sends, what happens in the room, and time.

use std::sync::Arc;
use std::time::Duration;

use plain::{Conversation, Input, Limits, Mode, Output, SEND_BYTES_MAX, SEND_GAP, Variant, decode};

use super::choices::Choices;
use super::written::check_plain_text;

/// What plain clients send.
pub const WORDS: &[&[u8]] = &[
    b"Anna",
    b"\n",
    b"\r\n",
    b"AnnaAnna",
    b"quit",
    b"exit",
    b"/quit",
    b"/me ",
    b"/who\n",
    b"/nick ",
    b"/msg ",
    b"/help\n",
    b"\xff\xfd\x03",
    b"Scrivi qui i tuoi messaggi.",
    b"Anna: ciao",
    b"\x1b[2J",
    "è😀".as_bytes(),
    &[b'x'; 1100],
];

const LIMITS: Limits = Limits { name_length_max: 16, queue_bytes_max: 8 * 1024, name_time: Duration::from_mins(10) };
/// More wake-ups than the gaps of a full queue need.
const WAKES_MAX: u32 = 20_000;
const NAMES: [&str; 4] = ["Bruno", "Carla", "日本", "[x]"];

/// The first byte chooses the dialect; then one byte says what happens and another how much of it.
pub fn plain_conversation(data: &[u8]) {
    let mut choices = Choices::new(data);
    let variant = match choices.below(4) {
        0 => Variant::quit(),
        1 => Variant::close(),
        2 => Variant::nick(),
        _ => Variant::username(),
    };
    let mut watched = Watched::new(variant);
    let first_bytes = usize::from(choices.byte() % 16);
    watched.take(Input::Open { first_bytes: choices.bytes(first_bytes) });
    while !choices.is_empty() {
        step(&mut watched, &mut choices);
    }
    watched.take(Input::SendReady);
    watched.take(Input::EndOfInput);
    watched.answer(0, "");
    watched.pass(Duration::from_hours(1));
    watched.take(Input::Lost);
    assert!(watched.closed, "the connection was lost, and the conversation goes on");
}

fn step(watched: &mut Watched, choices: &mut Choices<'_>) {
    let what = choices.byte();
    let count = usize::from(choices.byte());
    match what % 16 {
        0..=3 => watched.take(Input::Bytes(choices.bytes(count))),
        4 => {
            let long: Vec<u8> = choices.bytes(6).iter().copied().cycle().take(count * 300).collect();
            watched.take(Input::Bytes(&long));
        }
        5 => watched.answer(count, &decode(choices.bytes(8))),
        6 => watched.pass(Duration::from_millis(count as u64)),
        7 => watched.pass(Duration::from_secs(count as u64)),
        8 => {
            // The session takes no message of more lines (`limits.multiline_max_lines`): each line has the name in front.
            let text: String = decode(choices.bytes(12)).repeat(count).split_inclusive('\n').take(32).collect();
            let from = NAMES[count % NAMES.len()];
            watched.take(Input::Message { from, text: &text, own: what & 16 != 0, action: what & 32 != 0 });
        }
        9 => watched.take(Input::Joined { shown: NAMES[count % NAMES.len()] }),
        10 => watched.take(Input::Parted { shown: NAMES[count % NAMES.len()] }),
        11 => watched.take(if what & 16 == 0 { Input::SendBlocked } else { Input::SendReady }),
        12 => watched.take(Input::Notice(&decode(choices.bytes(count)))),
        13 => watched.take(Input::History(&decode(choices.bytes(count)))),
        14 => watched.take(Input::Renamed { shown: NAMES[count % NAMES.len()] }),
        _ => match count {
            0..=40 => watched.take(Input::EndOfInput),
            41..=80 => watched.take(Input::Lost),
            81..=120 => watched.take(Input::Dismiss { text: &decode(choices.bytes(count)) }),
            121..=160 => watched.take(Input::Stop { goodbye: "Goodbye." }),
            _ => watched.take(Input::Refusal("No.")),
        },
    }
}

/// A conversation whose outputs are checked as they come.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about what has happened")]
struct Watched {
    conversation: Conversation,
    now: Duration,
    wanted: Option<String>,
    entered: bool,
    left: bool,
    closed: bool,
    blocked: bool,
    last_segment: Option<Duration>,
}

impl Watched {
    fn new(variant: Variant) -> Self {
        Self {
            conversation: Conversation::new(Arc::new(variant), LIMITS),
            now: Duration::ZERO,
            wanted: None,
            entered: false,
            left: false,
            closed: false,
            blocked: false,
            last_segment: None,
        }
    }

    fn take(&mut self, input: Input<'_>) {
        match input {
            Input::SendBlocked => self.blocked = true,
            Input::SendReady => self.blocked = false,
            Input::NameAccepted { .. } => self.entered = true,
            _ => {}
        }
        self.conversation.handle(input, self.now);
        while let Some(output) = self.conversation.poll_output() {
            assert!(!self.closed, "closed, and then {output:?}");
            self.check(output);
        }
        assert!(!self.closed || self.conversation.poll_timeout().is_none(), "closed, and still to be woken");
    }

    fn check(&mut self, output: Output) {
        match output {
            Output::Name(name) => {
                assert_eq!(self.wanted, None, "a name is wanted before the last was answered");
                assert!(!name.is_empty() && !name.contains('\n'), "a name like {name:?}");
                check_plain_text(name.as_bytes());
                self.wanted = Some(name);
            }
            Output::Said(text) => {
                assert!(self.entered && !self.left, "said from outside of the room: {text:?}");
                assert!(!text.is_empty(), "nothing was said");
                check_plain_text(text.as_bytes());
            }
            Output::Command(_) => assert!(self.entered && !self.left, "a command from outside of the room"),
            Output::TooLong => {}
            Output::Left { .. } => {
                assert!(self.entered, "left without having entered");
                assert!(!self.left, "left twice");
                self.left = true;
            }
            Output::Send(bytes) => self.check_send(&bytes),
            Output::Close { .. } => {
                self.closed = true;
            }
        }
    }

    fn check_send(&mut self, bytes: &[u8]) {
        assert!(!bytes.is_empty(), "an empty send");
        assert!(!self.blocked, "a send into a full socket");
        check_plain_text(bytes);
        if let Mode::Line { crlf } = self.conversation.mode() {
            assert!(bytes.ends_with(if crlf { b"\r\n" } else { b"\n" }), "a line without its end");
            assert!(bytes.len() <= 2 * LIMITS.queue_bytes_max, "{} bytes were waiting", bytes.len());
            return;
        }
        assert!(bytes.len() <= SEND_BYTES_MAX, "a send of {} bytes", bytes.len());
        let gap = self.last_segment.map(|last| self.now.saturating_sub(last));
        assert!(gap.is_none_or(|gap| gap >= SEND_GAP), "two sends within {gap:?}");
        self.last_segment = Some(self.now);
    }

    /// The room's answer to a wanted name.
    fn answer(&mut self, how: usize, reason: &str) {
        let Some(name) = self.wanted.take() else { return };
        if self.closed {
            return;
        }
        match how % 8 {
            0..=4 => self.take(Input::NameAccepted { shown: &name }),
            5 | 6 => self.take(Input::NameTaken),
            _ => self.take(Input::NameRefused { reason }),
        }
    }

    /// Lets time pass, with all the wake-ups in it.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..WAKES_MAX {
            match self.conversation.poll_timeout() {
                Some((at, _)) if at <= until => {
                    self.now = self.now.max(at);
                    self.take(Input::Wake);
                }
                _ => {
                    self.now = until;
                    return;
                }
            }
        }
        panic!("woken for ever: {:?}", self.conversation.poll_timeout());
    }
}
