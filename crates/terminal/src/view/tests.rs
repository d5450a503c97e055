//! Screens, as text.

use std::time::Duration;

use client::handshake::Identity;
use client::network::{Kept, Network};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use irc::time::Timestamp;
use jiff::tz::TimeZone;
use link::kept::Server;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::draw;
use crate::app::{App, Settings, Wish};
use crate::words::Language;

/// What the server of the tests can do.
const CAPS: &str = "batch message-tags server-time echo-message labeled-response loggia.chat/delivery loggia.chat/edit \
                    draft/chathistory draft/multiline draft/read-marker draft/search";

const NOW: Duration = Duration::from_secs(100);

/// A screen before a server that the test plays.
pub(crate) struct Play {
    pub(crate) app: App,
    now: Duration,
}

impl Play {
    pub(crate) fn new(language: Language) -> Self {
        Self::with(language, true, Server::default())
    }

    fn with(language: Language, has_colour: bool, known: Server) -> Self {
        let mut network = Network::new(Identity::guest("anna"), Kept::new(7));
        network.join("#piazza");
        network.wake(NOW, 0);
        network.connected(NOW);
        let settings = Settings { language, zone: TimeZone::UTC, server: "chat.example:53000".to_owned(), has_colour };
        Self { app: App::new(network, settings, known, Some("#piazza")), now: NOW }
    }

    /// In #piazza with bruno and carla.
    pub(crate) fn inside(language: Language) -> Self {
        let mut play = Self::new(language);
        play.let_in();
        play
    }

    fn let_in(&mut self) {
        self.says(&[
            &format!(":irc CAP * LS :{CAPS}"),
            &format!(":irc CAP * ACK :{CAPS}"),
            ":irc 001 anna :Welcome",
            ":irc 005 anna CHANTYPES=# CASEMAPPING=ascii PREFIX=(ov)@+ :are supported",
            ":anna!a@h JOIN #piazza",
            ":irc 332 anna #piazza :Under the arches",
            ":irc 353 anna = #piazza :anna @bruno +carla",
            ":irc 366 anna #piazza :End",
            ":irc PONG irc entered",
            ":irc BATCH +1 loggia.chat/resume c0 end",
            ":irc BATCH -1",
        ]);
        self.sent();
    }

    /// The server says lines.
    pub(crate) fn says(&mut self, lines: &[&str]) {
        self.app.set_time(self.now, Timestamp(1_764_460_800_000));
        for line in lines {
            self.app.network.receive(format!("{line}\r\n").as_bytes(), self.now);
        }
        self.app.take_news();
    }

    /// Somebody says something in #piazza; `number` tells messages apart and is the minute.
    pub(crate) fn said(&mut self, number: u32, nick: &str, text: &str) {
        let time = format!("2025-11-30T00:{number:02}:00.000Z");
        let line =
            format!("@msgid={number};time={time};loggia.chat/cursor=c{number} :{nick}!u@h PRIVMSG #piazza :{text}");
        self.says(&[&line]);
    }

    pub(crate) fn after(&mut self, time: Duration) {
        self.now += time;
        self.says(&[]);
    }

    /// What was sent to the server since it was asked last, without typing and markers.
    pub(crate) fn sent(&mut self) -> Vec<String> {
        let mut sent = self.all_sent();
        sent.retain(|line| !line.contains("+typing=") && !line.starts_with("MARKREAD"));
        sent
    }

    /// The same with them. Ids of the outbox are written short.
    pub(crate) fn all_sent(&mut self) -> Vec<String> {
        let output = String::from_utf8(self.app.network.take_output()).expect("text");
        let bare = |line: &str| line.replace("loggia.chat/id=00000000000000000000000000000007.", "#");
        output.lines().map(bare).collect()
    }

    pub(crate) fn press(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        self.app.input(&Event::Key(KeyEvent::new(code, modifiers)));
    }

    /// Types a line and presses Return.
    pub(crate) fn types(&mut self, text: &str) {
        self.begins(text);
        self.press(KeyCode::Enter, KeyModifiers::NONE);
        self.app.take_news();
    }

    /// Types, and no more.
    pub(crate) fn begins(&mut self, text: &str) {
        for letter in text.chars() {
            self.press(KeyCode::Char(letter), KeyModifiers::NONE);
        }
    }

    /// The screen, without the spaces at the ends of its rows.
    pub(crate) fn screen(&mut self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| draw(frame, &mut self.app)).expect("a screen");
        let buffer = terminal.backend().buffer();
        let rows = (0..height).map(|y| {
            let mut row = String::new();
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                x += u16::try_from(crate::rich_text::columns(symbol)).expect("narrow").max(1);
            }
            row.trim_end().to_owned()
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

/// Compares a screen with what is expected, whose first line is empty.
fn assert_screen(shown: &str, expected: &str) {
    let expected: Vec<&str> =
        expected.lines().skip(1).map(str::trim_start).map(|row| row.strip_prefix('|').unwrap_or(row)).collect();
    let expected = expected.join("\n");
    assert!(shown.trim_end() == expected.trim_end(), "shown:\n{shown}\n\nexpected:\n{expected}");
}

#[test]
fn a_conversation_as_it_looks() {
    let mut play = Play::inside(Language::English);
    play.said(1, "bruno", "ciao a tutti");
    play.said(2, "carla", "ciao bruno, come stai? Oggi c’è il sole e la piazza è piena di gente che passeggia");
    play.says(&["@+draft/react=👍;+draft/reply=1;loggia.chat/cursor=c3 :carla!u@h TAGMSG #piazza"]);
    play.said(4, "anna", "eccomi");
    play.says(&["@+typing=active :bruno!u@h TAGMSG #piazza", ":dora!u@h JOIN #piazza"]);
    play.begins("buon");
    assert_screen(
        &play.screen(100, 14),
        "
        | Server          │ #piazza – Under the arches                                     │ @bruno
        | #piazza         │  ⋯ Fetching what was said before…                              │ +carla
        |                 │──── 2025-11-30 ────────────────────────────────────────────────│ anna
        |                 │00:01 bruno: ciao a tutti                                       │ dora
        |                 │      👍 carla                                                  │
        |                 │00:02 carla: ciao bruno, come stai? Oggi c’è il sole e la piazza│
        |                 │      è piena di gente che passeggia                            │
        |                 │00:04 anna: eccomi                                              │
        |                 │00:00 – dora came in                                            │
        |                 │                                                                │
        |                 │                                                                │
        |                 │                                                                │
        |                 │bruno is writing…                                               │
        |                 │> buon                                                          │
        ",
    );
}

#[test]
fn narrow_screens_show_the_conversation_alone() {
    let mut play = Play::inside(Language::Italian);
    play.said(1, "bruno", "ciao a tutti quanti voi");
    assert_screen(
        &play.screen(30, 7),
        "
        | #piazza – Under the arches
        |  ⋯ Recupero quel che è stato…
        |──── 2025-11-30 ──────────────
        |00:01 bruno: ciao a tutti
        |      quanti voi
        |F1 aiuto · Tab completa · Ctr…
        |>
        ",
    );
    assert_screen(&play.screen(10, 3), "\n|La finest…");
}

#[test]
fn without_colour_nothing_has_any() {
    let mut play = Play::with(Language::English, false, Server::default());
    play.let_in();
    play.said(1, "bruno", "\u{3}4,2red");
    let mut terminal = Terminal::new(TestBackend::new(100, 10)).expect("a terminal");
    terminal.draw(|frame| draw(frame, &mut play.app)).expect("a screen");
    let cells = terminal.backend().buffer().content();
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

#[test]
fn leaving_is_a_wish() {
    let mut play = Play::inside(Language::Italian);
    play.press(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(play.app.take_wishes(), [Wish::Quit("Ciao".to_owned())]);
}
