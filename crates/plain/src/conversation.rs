//! One plain client's conversation, from the prompt to the close (section 6).
//!
//! What happened goes in by [`Conversation::handle`]; what is to be done comes out by [`Conversation::poll_output`];
//! [`Conversation::poll_timeout`] says when to wake it. Stages: `registration.rs` until there is a name, `room.rs` in
//! the room, `ending.rs` afterwards. All bytes leave by `outgoing.rs`.

pub(crate) mod registration;

mod room;

pub(crate) mod commands;
pub(crate) mod outgoing;

pub(crate) mod ending;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::framing::{Framing, Mode, UNIT_BYTES_MAX, Unit};
use crate::text::without_controls;
use crate::variant::{OnStop, Variant, fill};
use commands::SlashCommand;
use ending::Ending;
use outgoing::Outgoing;
use registration::Naming;
use room::Member;

/// What bounds one conversation; the values are the server's configuration.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest name, in characters (`[limits] nick_length`).
    pub name_length_max: usize,
    /// The bytes that may wait to be sent (`[limits] sendq_bytes`); over it the client is reset.
    pub queue_bytes_max: usize,
    /// How long a person may take to give an accepted name (`[limits] plain_name_seconds`).
    pub name_time: Duration,
}

/// What happened to the connection, or in the room.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The dialect is decided: greet. The first input, once.
    Open {
        /// What arrived while the dialect was being decided; mostly nothing.
        first_bytes: &'a [u8],
    },
    /// What one read returned. The boundaries of reads matter: do not join or split them.
    Bytes(&'a [u8]),
    /// The client closed its side.
    EndOfInput,
    /// A reset or a failed send.
    Lost,
    /// The time [`Conversation::poll_timeout`] named has come.
    Wake,
    /// The socket takes no more: nothing is sent until `SendReady`, and the queue grows up to its limit.
    SendBlocked,
    /// The socket takes bytes again, and has taken all of the former send.
    SendReady,

    /// The wanted name is this client's now.
    NameAccepted {
        /// The name as others see it.
        shown: &'a str,
    },
    /// The wanted name belongs to somebody else.
    NameTaken,
    /// The wanted name cannot be had for another reason; the client is asked again.
    NameRefused {
        /// Why; shown in line mode only (before registration a connection gets nothing but prompts).
        reason: &'a str,
    },
    /// This client has another name now.
    Renamed {
        /// The name as others see it.
        shown: &'a str,
    },

    /// Somebody said something in the room, perhaps this client itself.
    Message {
        /// The sender's name as others see it.
        from: &'a str,
        /// What was said; may have several lines.
        text: &'a str,
        /// This client said it: shown where the dialect echoes.
        own: bool,
        /// `/me`: shown as `* Anna text`.
        action: bool,
    },
    /// Somebody else entered.
    Joined {
        /// The newcomer's name.
        shown: &'a str,
    },
    /// Somebody else left.
    Parted {
        /// Who left.
        shown: &'a str,
    },
    /// A line of the server (hints, answers to commands): line mode only.
    Notice(&'a str),
    /// A line of the server that matters in segment mode too: why a message was not taken.
    Refusal(&'a str),
    /// A ready-made line of the room's past: line mode only.
    History(&'a str),

    /// The server ends this connection alone (kill, ban, time-out): the text, the queue, then the close.
    Dismiss {
        /// Why; not shown before registration in segment mode.
        text: &'a str,
    },
    /// The server stops. Close the listening socket first (section 3.6).
    Stop {
        /// The last line in line mode; empty for none.
        goodbye: &'a str,
    },
}

/// What the caller must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The client wants this name: answer with `NameAccepted`, `NameTaken` or `NameRefused`. Nothing else the client
    /// sends comes out until then.
    Name(String),
    /// The client said this to the room. May have several lines in `nick`.
    Said(String),
    /// A command, in line mode only.
    Command(SlashCommand),
    /// A line longer than [`UNIT_BYTES_MAX`] was dropped; the caller may explain with `Notice`.
    TooLong,
    /// Out of the room, to be announced now. Comes once, only after `NameAccepted`, and not when the server stops.
    Left {
        /// Why.
        reason: LeaveReason,
    },
    /// Exactly one `send` with these bytes.
    Send(Vec<u8>),
    /// The last output: close the socket without waiting for the client. A name asked for and not yet answered is
    /// no longer wanted.
    Close {
        /// By FIN or by reset.
        how: Close,
        /// Why, for the log.
        reason: CloseReason,
    },
}

/// Why somebody left the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// By a quit word.
    QuitWord,
    /// By `/quit`, with the reason given, if any.
    Command(Option<String>),
    /// The client closed its side.
    EndOfInput,
    /// A reset or a failed send.
    Lost,
    /// The client did not read what was sent to it.
    QueueFull,
    /// The client sent more than can be held back while its name is looked up.
    InputFull,
}

/// How the socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// An ordinary close.
    Fin,
    /// `SO_LINGER` 0.
    Reset,
}

/// Why the connection ends, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// A quit word or `/quit`.
    Quit,
    /// The client closed its side.
    EndOfInput,
    /// A reset or a failed send.
    Lost,
    /// More than [`Limits::queue_bytes_max`] waited to be sent.
    QueueFull,
    /// More than [`UNIT_BYTES_MAX`] came in while the name was being looked up.
    InputFull,
    /// No name within [`Limits::name_time`].
    NameTime,
    /// The name was refused, and the client cannot give another (it sends its alias unasked).
    NameRefused,
    /// The server dismissed this connection.
    Dismissed,
    /// The server stops.
    Stopping,
}

/// Where a conversation stands.
#[derive(Debug)]
enum Stage {
    /// Not greeted yet.
    Unopened,
    /// Asked for a name.
    Naming(Naming),
    /// A name is being looked up by the caller.
    Awaiting(Box<registration::Wanted>),
    /// In the room.
    InRoom(Member),
    /// On its way out; what comes in is ignored.
    Ending(Ending),
    /// `Close` has been put out.
    Closed,
}

/// The state machine of one plain client.
#[derive(Debug)]
pub struct Conversation {
    variant: Arc<Variant>,
    limits: Limits,
    framing: Framing,
    outgoing: Outgoing,
    outputs: VecDeque<Output>,
    stage: Stage,
    input_ended: bool,
}

impl Conversation {
    /// Starts a conversation; [`Input::Open`] makes it speak.
    pub fn new(variant: Arc<Variant>, limits: Limits) -> Self {
        Self {
            variant,
            limits,
            framing: Framing::default(),
            outgoing: Outgoing::default(),
            outputs: VecDeque::new(),
            stage: Stage::Unopened,
            input_ended: false,
        }
    }

    /// Takes what happened. Trouble becomes an output, never a panic.
    pub fn handle(&mut self, input: Input<'_>, now: Duration) {
        match input {
            Input::Open { first_bytes } => self.open(first_bytes, now),
            Input::Bytes(read) => self.take_bytes(read, now),
            Input::EndOfInput => self.end_of_input(now),
            Input::Lost => self.leave_at_once(LeaveReason::Lost, Close::Reset, CloseReason::Lost),
            Input::Wake => self.wake(now),
            Input::SendBlocked => self.outgoing.set_blocked(true),
            Input::SendReady => self.outgoing.set_blocked(false),
            Input::NameAccepted { shown } => self.name_accepted(shown, now),
            Input::NameTaken => self.name_taken(now),
            Input::NameRefused { reason } => self.name_refused(reason, now),
            Input::Renamed { shown } => self.renamed(shown),
            Input::Message { from, text, own, action } => self.show_message(from, text, own, action),
            Input::Joined { shown } => self.show_in_room(&fill(&self.variant.join, shown)),
            Input::Parted { shown } => self.show_in_room(&fill(&self.variant.leave, shown)),
            Input::Notice(line) | Input::History(line) => self.show_in_line_mode(line),
            Input::Refusal(line) => self.show_in_room(line),
            Input::Dismiss { text } => self.dismiss(text, now),
            Input::Stop { goodbye } => self.stop(goodbye, now),
        }
        self.settle(now);
    }

    /// Returns the next thing the caller must do; call until `None` before the next `handle`.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if self.outputs.is_empty() {
            self.outputs = VecDeque::new();
        }
        output
    }

    /// Returns when to send [`Input::Wake`] at the latest, and why (for the log).
    pub fn poll_timeout(&self) -> Option<(Duration, &'static str)> {
        let stage = match &self.stage {
            Stage::Naming(naming) => Some(naming.timeout()),
            Stage::Ending(ending) => Some(ending.timeout()),
            Stage::Unopened | Stage::Awaiting(_) | Stage::InRoom(_) => None,
            Stage::Closed => return None,
        };
        let read = self.framing.timeout().map(|at| (at, "rest of a message"));
        let send = self.outgoing.timeout().map(|at| (at, "gap between two sends"));
        [stage, read, send].into_iter().flatten().min()
    }

    /// Returns how the client's bytes are cut; undecided until it has given a name.
    pub fn mode(&self) -> Mode {
        self.framing.mode()
    }

    /// Tells whether the client sends and gets lines, so that hints and history are for it.
    pub fn speaks_lines(&self) -> bool {
        matches!(self.framing.mode(), Mode::Line { .. })
    }

    /// Returns the name others see, once it is accepted and until the client leaves.
    pub fn shown_name(&self) -> Option<&str> {
        match &self.stage {
            Stage::InRoom(member) => Some(&member.shown),
            _ => None,
        }
    }

    /// Returns the dialect's record.
    pub fn variant(&self) -> &Variant {
        &self.variant
    }

    fn take_bytes(&mut self, read: &[u8], now: Duration) {
        match self.stage {
            Stage::Naming(_) | Stage::Awaiting(_) | Stage::InRoom(_) => self.framing.push(read, now),
            Stage::Unopened | Stage::Ending(_) | Stage::Closed => {}
        }
    }

    fn wake(&mut self, now: Duration) {
        self.framing.wake(now);
        if let Stage::Naming(_) = self.stage {
            self.naming_wake(now);
        }
    }

    /// Everything that follows from the last input: units taken, sends made, endings carried on.
    fn settle(&mut self, now: Duration) {
        loop {
            // Looked at before every unit: each may be answered with more than it brought.
            if self.outgoing.queued_bytes() > self.limits.queue_bytes_max {
                self.leave_at_once(LeaveReason::QueueFull, Close::Reset, CloseReason::QueueFull);
            }
            match &self.stage {
                Stage::Naming(_) | Stage::InRoom(_) => match self.framing.next_unit() {
                    Some(Unit::Text(text)) => self.take_unit(&text, now),
                    Some(Unit::TooLong) => self.outputs.push_back(Output::TooLong),
                    None if self.input_ended => {
                        self.flush_lines();
                        self.leave_at_once(LeaveReason::EndOfInput, Close::Fin, CloseReason::EndOfInput);
                    }
                    None => break,
                },
                Stage::Awaiting(_) if self.framing.held_bytes() > UNIT_BYTES_MAX => {
                    self.leave_at_once(LeaveReason::InputFull, Close::Reset, CloseReason::InputFull);
                }
                Stage::Unopened | Stage::Awaiting(_) | Stage::Ending(_) | Stage::Closed => break,
            }
        }
        self.pump(now);
        self.carry_on_ending(now);
    }

    fn take_unit(&mut self, text: &str, now: Duration) {
        if self.variant.is_quit_word(text) {
            self.quit(LeaveReason::QuitWord, now);
            return;
        }
        match &self.stage {
            Stage::Naming(_) => self.take_name_unit(text, now),
            Stage::InRoom(_) => self.take_message_unit(text, now),
            Stage::Unopened | Stage::Awaiting(_) | Stage::Ending(_) | Stage::Closed => {}
        }
    }

    /// Queues a text of the dialect or the server, in the manner of the connection's mode.
    fn show(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        // What others wrote may be part of it: a name, the reason of a kick.
        let text = without_controls(text);
        match self.framing.mode() {
            Mode::Line { crlf } => {
                for line in text.split('\n') {
                    self.outgoing.push_line("", line, crlf);
                }
            }
            Mode::Segment | Mode::Undecided => self.outgoing.push_message("", &text, ""),
        }
    }

    fn pump(&mut self, now: Duration) {
        let sent = match self.framing.mode() {
            Mode::Line { crlf } => self.outgoing.take_lines(crlf, now),
            Mode::Segment | Mode::Undecided => self.outgoing.take_send(now),
        };
        if let Some(bytes) = sent {
            self.put_out(bytes);
        }
    }

    /// One more send; lines may share the one before.
    fn put_out(&mut self, mut bytes: Vec<u8>) {
        match self.outputs.back_mut() {
            Some(Output::Send(before)) if matches!(self.framing.mode(), Mode::Line { .. }) => before.append(&mut bytes),
            _ => self.outputs.push_back(Output::Send(bytes)),
        }
    }

    /// Puts out at once what a line-mode client can still get.
    fn flush_lines(&mut self) {
        if let Mode::Line { crlf } = self.framing.mode()
            && let Some(bytes) = self.outgoing.take_lines(crlf, Duration::ZERO)
        {
            self.put_out(bytes);
        }
    }

    /// The close of a segment-mode connection that the server ends; a line-mode one always gets a FIN.
    fn server_close(&self) -> Close {
        match (self.speaks_lines(), self.variant.on_stop) {
            (false, OnStop::Reset) => Close::Reset,
            (true, _) | (false, OnStop::Fin) => Close::Fin,
        }
    }
}
