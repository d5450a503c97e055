//! Measures what a picture costs while somebody scrolls, with 1,000 rows to 100,000: layout and triangles, without the drawing.
//!
//!     cargo run --release --package desktop --example scrolling
//!
//! Every tenth message answers one that is not in the window, which is the dearest.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use client::handshake::Identity;
use client::network::{Kept, Network, Want};
use desktop::network_thread::{Handle, Live};
use desktop::preferences::Preferences;
use desktop::screen::place::Anchor;
use desktop::texts::Language;
use desktop::window::{SignIn, Window, look};
use eframe::egui;
use egui_kittest::Harness;
use link::address::Address;
use link::connection::Plan;

const NOW: Duration = Duration::ZERO;

/// So many pictures are measured each time.
const PICTURES: usize = 100;

/// By so much it is scrolled for each, in points: some rows are new in each picture.
const SCROLL: f32 = 60.0;

/// So many messages are fetched at once.
const PAGE: usize = 100;

fn main() {
    let mut base = None;
    for rows in [1_000, 10_000, 100_000] {
        let mut harness = harness(rows);
        let count = harness.state().network.as_ref().map_or(0, |network| {
            let live = network.live();
            live.network.state().room("#tea").map_or(0, |room| room.window.entries().count())
        });
        let mut times: Vec<Duration> = (0..PICTURES).map(|_| picture(&mut harness)).collect();
        times.sort_unstable();
        let (median, slow) = (times[PICTURES / 2], times[PICTURES * 99 / 100]);
        let base = *base.get_or_insert(median);
        println!(
            "{count} rows: median {median:?} ({:.2} of the first), 99 of 100 within {slow:?}",
            median.as_secs_f64() / base.as_secs_f64()
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn picture(harness: &mut Harness<'static, Window>) -> Duration {
    harness.hover_at(egui::pos2(450.0, 300.0));
    let modifiers = egui::Modifiers::NONE;
    let delta = egui::vec2(0.0, SCROLL);
    let (unit, phase, source) = (egui::MouseWheelUnit::Point, egui::TouchPhase::Move, egui::MouseWheelSource::Unknown);
    harness.event(egui::Event::MouseWheel { unit, delta, phase, source, modifiers });
    let began = Instant::now();
    harness.step();
    began.elapsed()
}

/// A window on a room in which so much was said, looked at in its middle.
fn harness(rows: usize) -> Harness<'static, Window> {
    let address = Address::parse("chat.example").expect("an address");
    let plan = Plan { address, pinned: None, may_be_clear: false, was_encrypted: false };
    let mut live = Live::new(Identity::guest("anna"), Kept::new(1), plan);
    assert_eq!(live.network.wake(NOW, 0), Some(Want::Connect));
    let form = SignIn::default();
    let window = Window::new(Preferences::default(), Language::En, jiff::tz::TimeZone::UTC, form);
    let size = egui::vec2(900.0, 600.0);
    let draw = |ui: &mut egui::Ui, window: &mut Window| window.show(ui);
    let mut harness = Harness::builder().with_size(size).with_context_setup(look::set).build_ui_state(draw, window);
    // Fonts of the system are not loaded here, and what only they have is drawn as boxes.
    harness.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    let window = harness.state_mut();
    window.connect(Handle::still(live), "chat.example".into(), None);
    let network = window.network.as_ref().expect("a network");
    network.act(|live| said(live, rows));
    window.screen.open(network.live().network.state(), Some("#tea"));
    window.screen.view_mut("#tea").anchor = Anchor::Row { key: 0, top: 0.0, near: rows / 2 };
    harness.run_steps(10);
    harness
}

/// The newest is said, and what was before it fetched page by page, as by somebody who scrolls back.
fn said(live: &mut Live, rows: usize) {
    let network = &mut live.network;
    network.connected(NOW);
    let caps = "batch draft/chathistory echo-message labeled-response message-tags server-time";
    let hear = |network: &mut Network, lines: &str| network.receive(lines.as_bytes(), NOW);
    hear(network, &format!(":irc CAP * LS :{caps}\r\n:irc CAP * ACK :{caps}\r\n:irc 001 anna :Welcome\r\n"));
    hear(network, ":irc 005 anna CHANTYPES=# CASEMAPPING=ascii :are supported\r\n:irc 422 anna :No message\r\n");
    hear(network, ":irc PONG irc entered\r\n:anna!a@b JOIN #tea\r\n");
    hear(network, "@label=past-1 :irc BATCH +h chathistory #tea\r\n:irc BATCH -h\r\n:irc PONG irc past-1\r\n");
    hear(network, &line("", rows));
    network.take_output();
    let mut first = rows;
    while first > 1 {
        assert!(network.older("#tea"), "cannot ask for what is before {first}");
        let asked = String::from_utf8(network.take_output()).expect("text");
        let label = asked.strip_prefix("@label=").and_then(|rest| rest.split(' ').next()).expect("a label");
        let from = first.saturating_sub(PAGE).max(1);
        let mut page = format!("@label={label} :irc BATCH +1 chathistory #tea\r\n");
        (from..first).for_each(|number| page.push_str(&line("batch=1;", number)));
        let _ = write!(page, ":irc BATCH -1\r\n:irc PONG irc {label}\r\n");
        hear(network, &page);
        first = from;
    }
}

fn line(tags: &str, number: usize) -> String {
    let mut line = String::new();
    let (day, hour, minute, second) = (1 + number / 86_400, number / 3600 % 24, number / 60 % 60, number % 60);
    let answers = if number.is_multiple_of(10) { format!("+draft/reply=gone{number};") } else { String::new() };
    let _ =
        write!(line, "@{tags}{answers}msgid={number};time=2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z ");
    let _ = write!(line, ":bob!u@h PRIVMSG #tea :message {number} is as long as most of them are, see #biscuits\r\n");
    line
}
