//! What a person sees and does in the window, found as a screen reader finds it: by role and name.

mod sharing;
mod tree;

use std::fmt::Write as _;
use std::time::Duration;

use client::handshake::Identity;
use client::network::{Kept, Want};
use desktop::network_thread::{Handle, Live, Unconnected};
use desktop::preferences::Preferences;
use desktop::screen::Dialog;
use desktop::screen::place::Anchor;
use desktop::texts::Language;
use desktop::window::{Fault, Nearby, SignIn, Window, Wish, look};
use eframe::egui;
use egui::accesskit::Role;
use egui::{Key, MissingGlyphPolicy, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use link::address::Address;
use link::connection::{Plan, Trouble};

const NOW: Duration = Duration::ZERO;

type Test = Harness<'static, Window>;

fn window() -> Window {
    let form = SignIn { port: "53000".into(), ..SignIn::default() };
    Window::new(Preferences::default(), Language::En, jiff::tz::TimeZone::UTC, form)
}

/// A window on a network on which anna is in #tea with bob and carl, and in #biscuits.
fn joined() -> Window {
    let address = Address::parse("chat.example").expect("an address");
    let plan = Plan { address, pinned: None, may_be_clear: false, was_encrypted: false };
    let mut live = Live::new(Identity::guest("anna"), Kept::new(1), plan);
    assert_eq!(live.network.wake(NOW, 0), Some(Want::Connect));
    let mut window = window();
    window.connect(Handle::still(live), "chat.example".into(), None);
    welcome(&window);
    window
}

/// Lets the server in: the connection is open, and anna is who she is.
fn welcome(window: &Window) {
    let caps = "batch draft/search draft/message-redaction echo-message labeled-response message-tags server-time";
    window.network.as_ref().expect("a network").act(|live| live.network.connected(NOW));
    hear(window, &format!(":irc CAP * LS :{caps}"));
    hear(window, &format!(":irc CAP * ACK :{caps}"));
    for line in [
        ":irc 001 anna :Welcome",
        ":irc 005 anna CASEMAPPING=ascii :are supported",
        ":anna!a@b JOIN #tea",
        ":anna!a@b JOIN #biscuits",
        ":irc 353 anna = #tea :@anna bob +carl",
        ":irc 366 anna #tea :End",
        ":irc 332 anna #tea :Tea and nothing else",
        ":irc PONG irc entered",
    ] {
        hear(window, line);
    }
}

fn hear(window: &Window, line: &str) {
    window.network.as_ref().expect("a network").act(|live| live.network.receive(format!("{line}\r\n").as_bytes(), NOW));
}

fn say(window: &Window, id: u32, nick: &str, text: &str) {
    let time = format!("2026-01-01T{:02}:{:02}:{:02}.000Z", id / 3600 % 24, id / 60 % 60, id % 60);
    hear(window, &format!("@msgid={id};time={time} :{nick}!u@h PRIVMSG #tea :{text}"));
}

/// What was sent to the server since it was asked last, but for that the person writes.
fn sent(window: &Window) -> String {
    let lines = all_sent(window);
    lines.split_inclusive('\n').filter(|line| !line.contains("+typing=")).collect()
}

fn all_sent(window: &Window) -> String {
    let out = window.network.as_ref().expect("a network").act(|live| live.network.take_output());
    String::from_utf8(out).expect("text")
}

fn shown(mut window: Window) -> Test {
    if window.network.is_some() {
        window.take_news();
        let live = window.network.as_ref().expect("a network").live();
        window.screen.open(live.network.state(), Some("#tea"));
        drop(live);
    }
    let harness = Harness::builder()
        .with_size(vec2(900.0, 600.0))
        .with_context_setup(look::set)
        .build_ui_state(|ui, window: &mut Window| window.show(ui), window);
    // Emoji come from fonts of the system, which there are none of here.
    harness.ctx.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    settled(harness)
}

fn settled(mut harness: Test) -> Test {
    harness.run_steps(4);
    harness
}

fn composer(harness: &Test) -> egui_kittest::Node<'_> {
    harness.get_by_label("Write to #tea")
}

#[test]
fn the_form_asks_for_server_and_name_and_says_what_is_wrong() {
    let mut harness = shown(window());
    assert!(harness.get_by_label("Server").is_focused(), "one can type at once");
    harness.get_by_label("Server").type_text("chat.example");
    assert_eq!(harness.get_by_label("Port").value().as_deref(), Some("53000"));
    harness.get_by_label("Your name").focus();
    harness.run_steps(2);
    harness.get_by_label("Your name").type_text("anna");
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Sign in").click();
    harness.run_steps(2);
    assert_eq!(harness.state().wishes, [Wish::SignIn]);
    assert_eq!((&*harness.state().sign_in.host, &*harness.state().sign_in.name), ("chat.example", "anna"));
    harness.state_mut().sign_in.fault = Some(Fault::Form(desktop::screen::form::Fault::Name));
    harness.run_steps(2);
    harness.get_by_label_contains("A name has no spaces");
    assert!(harness.query_by_label("Password").is_none());
    harness.get_by_label("I have an account").click();
    harness.run_steps(2);
    assert_eq!(harness.get_by_label("Password").accesskit_node().role(), Role::PasswordInput);
}

#[test]
fn servers_of_the_network_are_offered() {
    let mut harness = shown(window());
    harness.get_by_label_contains("Looking for servers");
    harness.state_mut().sign_in.nearby = Some(Vec::new());
    harness.run_steps(2);
    assert!(harness.get_by_label("Server").is_focused(), "whoever types goes on typing");
    let found = Nearby { name: "Aula 3".into(), address: "192.168.1.7:7000".into(), room: "#aula".into() };
    harness.state_mut().sign_in.nearby = Some(vec![found]);
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Aula 3").click();
    harness.run_steps(3);
    let form = &harness.state().sign_in;
    assert_eq!((&*form.host, &*form.port, &*form.room), ("192.168.1.7", "7000", "#aula"));
    assert!(harness.get_by_label("Your name").is_focused(), "the name is what is missing");
}

#[test]
fn return_in_the_form_signs_in() {
    let mut harness = shown(window());
    harness.get_by_label("Server").type_text("chat.example");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().wishes, [Wish::SignIn]);
}

#[test]
fn return_sends_and_shift_return_breaks_the_line() {
    let mut harness = shown(joined());
    sent(harness.state());
    assert!(composer(&harness).is_focused(), "one can write at once");
    composer(&harness).type_text("ciao");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert!(sent(harness.state()).contains("PRIVMSG #tea :ciao\r\n"));
    harness.get_by_label("ciao");
    harness.get_by_label("Sending…");
    composer(&harness).type_text("one");
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run_steps(2);
    composer(&harness).type_text("two");
    harness.run_steps(2);
    assert_eq!(composer(&harness).value().as_deref(), Some("one\ntwo"));
    assert_eq!(sent(harness.state()), "", "nothing is sent by it");
    harness.get_by_role_and_label(Role::Button, "Send").click();
    harness.run_steps(2);
    assert_eq!(composer(&harness).value().unwrap_or_default(), "");
}

#[test]
fn what_is_said_is_a_row_with_its_author_and_time() {
    let window = joined();
    say(&window, 60, "bob", "tea for anna, see https://a.example/x");
    say(&window, 61, "bob", "\u{2}bold\u{2} words");
    let harness = shown(window);
    let rows: Vec<_> = harness.get_all_by_role(Role::ListItem).map(|row| row.accesskit_node().label()).collect();
    assert!(rows.iter().flatten().any(|label| label == "bob, 00:01"), "{rows:?}");
    harness.get_by_role_and_label(Role::Link, "https://a.example/x");
    harness.get_by_label("bold words");
    harness.get_by_label_contains("Tea and nothing else");
    harness.get_by_label("3 people");
}

#[test]
fn rooms_tell_what_is_new_and_are_changed_by_keys() {
    let window = joined();
    hear(&window, "@msgid=b1;time=2026-01-01T00:00:00.000Z :bob!u@h PRIVMSG #biscuits :anna?");
    let mut harness = shown(window);
    assert_eq!(harness.state().title(), "(1) #tea · chat.example – Loggia");
    harness.get_by_label("#biscuits, 1 mention, 1 unread message").click();
    harness.run_steps(3);
    harness.get_by_label("anna?");
    assert_eq!(harness.state().title(), "#biscuits · chat.example – Loggia", "it is read");
    harness.key_press_modifiers(Modifiers::ALT, Key::ArrowDown);
    harness.run_steps(3);
    composer(&harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(3);
    harness.get_by_label("Room or person").type_text("bisc");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(harness.state().screen.active.as_deref(), Some("#biscuits"));
    assert_eq!(harness.state().screen.dialog, None);
}

#[test]
fn the_box_stays_where_it_is_from_one_picture_to_the_next() {
    let mut harness = shown(joined());
    let before = composer(&harness).rect();
    harness.run_steps(30);
    assert_eq!(composer(&harness).rect(), before);
    assert!(before.bottom() > 560.0 && before.height() < 60.0, "at the lower end: {before:?}");
}

#[test]
fn nicks_are_completed() {
    let mut harness = shown(joined());
    composer(&harness).type_text("b");
    harness.run_steps(2);
    harness.key_press(Key::Tab);
    harness.run_steps(3);
    assert_eq!(composer(&harness).value().as_deref(), Some("bob: "));
    composer(&harness).type_text("hi @");
    harness.run_steps(2);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(composer(&harness).value().as_deref(), Some("bob: hi carl "));
}

#[test]
fn a_long_conversation_is_scrolled_and_nothing_jumps() {
    let window = joined();
    for number in 1..=9_000 {
        say(&window, number, "bob", &format!("number {number} {}", "and more words ".repeat(number as usize % 7)));
    }
    let mut harness = shown(window);
    let rows = harness.get_all_by_role(Role::ListItem).count();
    assert!((5..60).contains(&rows), "only what is seen is drawn: {rows}");
    harness.get_by_label_contains("number 9000");
    harness.key_press(Key::PageUp);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("number 9000").is_none());
    let anchor = harness.state().screen.view("#tea").map(|view| view.anchor);
    assert!(matches!(anchor, Some(Anchor::Row { .. })));
    let top = |harness: &Test| {
        let mut rows: Vec<_> = harness
            .get_all_by_label_contains("number")
            .map(|node| (node.rect().top(), node.accesskit_node().label()))
            .collect();
        rows.sort_by(|one, two| one.0.total_cmp(&two.0));
        rows
    };
    let before = top(&harness);
    say(harness.state(), 9_001, "carl", "something new");
    harness.run_steps(3);
    assert_eq!(top(&harness), before, "what comes does not move what is read");
    harness.get_by_label("To the newest").click();
    harness.run_steps(3);
    harness.get_by_label("something new");
}

#[test]
fn of_a_hundred_thousand_messages_the_newest_are_scrolled_from_end_to_end() {
    let window = joined();
    let mut lines = String::new();
    for number in 1..=100_000_u32 {
        let (day, hour, minute, second) = (1 + number / 86_400, number / 3600 % 24, number / 60 % 60, number % 60);
        let time = format!("2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z");
        let _ = write!(lines, "@msgid={number};time={time} :bob!u@h PRIVMSG #tea :number {number}.\r\n");
    }
    window.network.as_ref().expect("a network").act(|live| live.network.receive(lines.as_bytes(), NOW));
    let mut harness = shown(window);
    harness.get_by_label("number 100000.");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Home);
    harness.run_steps(4);
    let oldest = 100_001 - client::window::ENTRIES_MAX;
    harness.get_by_label(&format!("number {oldest}."));
    let rows = harness.get_all_by_role(Role::ListItem).count();
    assert!((5..60).contains(&rows), "only what is seen is drawn: {rows}");
    harness.key_press(Key::PageDown);
    harness.run_steps(3);
    assert!(harness.query_by_label(&format!("number {oldest}.")).is_none());
    // The bar is taken and dragged to the middle, and to the top.
    let bar = harness.get_by_role(Role::ScrollBar).rect();
    for (to, seen) in [(bar.center(), oldest + client::window::ENTRIES_MAX / 2), (bar.center_top(), oldest)] {
        harness.drag_at(bar.center_top() + egui::vec2(0.0, 40.0));
        harness.run_steps(2);
        harness.hover_at(to);
        harness.run_steps(3);
        harness.drop_at(to);
        harness.run_steps(3);
        harness.get_by_label(&format!("number {seen}."));
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::End);
    harness.run_steps(4);
    harness.get_by_label("number 100000.");
}

#[test]
fn what_runs_from_right_to_left_is_heard_as_it_was_written() {
    let mut harness = shown(joined());
    let text = "\u{5e9}\u{5dc}\u{5d5}\u{5dd} (world) \u{5e2}\u{5d5}\u{5dc}\u{5dd}";
    say(harness.state(), 60, "bob", text);
    harness.run_steps(4);
    harness.get_by_label(text);
    let runs: Vec<String> = harness.get_all_by_role(Role::TextRun).filter_map(|run| run.value()).collect();
    assert!(runs.iter().any(|run| run.trim_end() == text), "{runs:?}");
}

#[test]
fn a_connection_that_is_lost_is_told_and_what_is_written_waits() {
    let mut harness = shown(joined());
    harness.state().network.as_ref().expect("a network").act(|live| {
        live.network.lost(NOW, 0);
        live.trouble = Some(Unconnected::Silent);
    });
    harness.run_steps(3);
    harness.get_by_label_contains("No connection: the server does not answer.");
    composer(&harness).type_text("still here");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    harness.get_by_label("still here");
    harness.get_by_label("Waiting for the connection");
    harness.get_by_label_contains("is sent as soon as you are back");
    harness.get_by_role_and_label(Role::Button, "Other server or name").click();
    harness.run_steps(2);
    assert_eq!(harness.state().wishes, [Wish::Leave]);
}

#[test]
fn a_certificate_that_nobody_knows_is_asked_about_and_another_one_is_not() {
    let fingerprint = "0123456789abcdef".repeat(4);
    let mut harness = shown(joined());
    let trouble = |is_another| {
        let fingerprint = fingerprint.clone();
        move |live: &mut Live| {
            live.network.lost(NOW, 0);
            live.trouble = Some(Unconnected::Link(Trouble::Certificate { fingerprint, is_another }));
        }
    };
    harness.state().network.as_ref().expect("a network").act(trouble(true));
    harness.run_steps(3);
    harness.get_by_label_contains("ANOTHER certificate");
    assert!(harness.query_by_label("Believe it").is_none());
    harness.state().network.as_ref().expect("a network").act(trouble(false));
    harness.run_steps(3);
    harness.get_by_label_contains("01234567 89abcdef");
    harness.get_by_label("Believe it").click();
    harness.run_steps(2);
    assert_eq!(harness.state().wishes, [Wish::Believe(fingerprint)]);
}

#[test]
fn messages_are_answered_edited_deleted_and_given_signs() {
    let window = joined();
    say(&window, 60, "anna", "my own words");
    let mut harness = shown(window);
    sent(harness.state());
    let choose = |harness: &mut Test, item: &str| {
        harness.get_by_label("What to do with this message").click();
        harness.run_steps(3);
        harness.get_by_label(item).click();
        harness.run_steps(3);
    };
    choose(&mut harness, "React with 👍");
    assert!(sent(harness.state()).contains("+draft/react=👍;+draft/reply=60 TAGMSG #tea"));
    choose(&mut harness, "Reply");
    harness.get_by_label("Reply to anna: my own words");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    choose(&mut harness, "Edit");
    assert_eq!(composer(&harness).value().as_deref(), Some("my own words"));
    harness.get_by_label("Save the change");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    choose(&mut harness, "Delete");
    assert_eq!(harness.state().screen.dialog, Some(Dialog::Delete("60".into())));
    harness.get_by_role_and_label(Role::Button, "Delete").click();
    harness.run_steps(3);
    assert!(sent(harness.state()).contains("REDACT #tea 60"));
}

#[test]
fn what_was_said_is_searched_and_shown_where_it_was() {
    let window = joined();
    for number in 1..=400 {
        say(&window, number, "bob", &format!("number {number}"));
    }
    let mut harness = shown(window);
    sent(harness.state());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run_steps(3);
    harness.get_by_label("Words").type_text("number");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(sent(harness.state()), "SEARCH text=number;limit=50\r\n");
    harness.get_by_label("Searching…");
    for line in [
        ":irc BATCH +s search",
        "@batch=s;msgid=7;time=2026-01-01T00:00:07.000Z :bob!u@h PRIVMSG #tea :number 7",
        ":irc BATCH -s",
    ] {
        hear(harness.state(), line);
    }
    harness.run_steps(3);
    harness.get_by_label("1 message found");
    harness.get_by_label_contains("2026-01-01 00:00").click();
    harness.run_steps(4);
    assert_eq!(harness.state().screen.dialog, None);
    harness.get_by_label("number 7");
    assert!(harness.query_by_label("number 400").is_none(), "it is far above the newest");
}

#[test]
fn it_speaks_italian_and_changes_at_once() {
    let mut window = joined();
    window.preferences.language = Some(Language::It);
    let mut harness = shown(window);
    harness.get_by_label("Scrivi a #tea");
    harness.get_by_role_and_label(Role::Button, "Invia");
    harness.get_by_label("Impostazioni").click();
    harness.run_steps(3);
    harness.get_by_label("English").click();
    harness.run_steps(3);
    composer(&harness);
    assert_eq!(harness.state().wishes, [Wish::Keep]);
}

#[test]
fn a_narrow_window_shows_one_thing_at_a_time() {
    let mut harness = shown(joined());
    harness.set_size(vec2(360.0, 640.0));
    harness.run_steps(3);
    assert!(harness.query_by_label("#biscuits").is_none());
    composer(&harness);
    harness.get_by_label("Show rooms").click();
    harness.run_steps(3);
    harness.get_by_label("#biscuits").click();
    harness.run_steps(3);
    harness.get_by_label("Write to #biscuits");
}

#[test]
fn commands_that_are_none_are_told() {
    let mut harness = shown(joined());
    composer(&harness).type_text("/dance");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    harness.get_by_label("There is no command /dance. /help shows them all.");
    harness.get_by_label("Close").click();
    harness.run_steps(3);
    assert!(harness.state().screen.notices.is_empty());
}
