//! What keys and commands do: what is sent, and what is seen.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};
use link::connection::Trouble;

use super::*;
use crate::view::tests::Play;

const NONE: KeyModifiers = KeyModifiers::NONE;
const ALT: KeyModifiers = KeyModifiers::ALT;

fn play() -> Play {
    Play::inside(Language::English)
}

#[test]
fn what_is_written_is_sent_once_and_shown_when_it_is_kept() {
    let mut play = play();
    play.types("ciao");
    assert_eq!(play.sent(), ["@#1 PRIVMSG #piazza :ciao"]);
    assert!(play.screen(80, 12).contains("anna: ciao sending…"));
    play.says(&["@loggia.chat/id=00000000000000000000000000000007.1;msgid=9;time=2025-11-30T00:00:00.000Z;loggia.chat/cursor=c1 :anna!a@h PRIVMSG #piazza :ciao"]);
    let screen = play.screen(80, 12);
    assert!(screen.contains("00:00 anna: ciao\n") && !screen.contains("sending…"), "{screen}");
    assert_eq!(play.app.network.kept().outbox.entries().count(), 0);
    play.types("no");
    play.says(&["@loggia.chat/id=00000000000000000000000000000007.2 :irc 404 anna #piazza :Cannot send to channel"]);
    assert!(play.screen(80, 12).contains("Not sent: “no”. Cannot send to channel"));
}

#[test]
fn a_lost_connection_is_said_and_what_is_written_stays() {
    let mut play = play();
    play.types("first");
    play.sent();
    play.app.network.lost(Duration::from_secs(100), u32::MAX);
    play.app.take_news();
    play.app.lost(&Trouble::Closed);
    play.types("second");
    let screen = play.screen(100, 12);
    assert!(screen.contains("No connection: the server has closed it. Next attempt in 1 s"), "{screen}");
    assert!(screen.contains("anna: first sending…") && screen.contains("anna: second sending…"), "{screen}");
    play.after(Duration::from_secs(1));
    play.app.network.wake(Duration::from_secs(101), 0);
    play.app.network.connected(Duration::from_secs(101));
    play.says(&[
        ":irc CAP * LS :batch message-tags loggia.chat/delivery",
        ":irc CAP * ACK :batch message-tags loggia.chat/delivery",
        ":irc 001 anna :Welcome",
        ":anna!a@h JOIN #piazza",
        ":irc PONG irc entered",
    ]);
    let sent = play.sent();
    let said: Vec<&String> = sent.iter().filter(|line| line.contains("PRIVMSG")).collect();
    assert_eq!(said, ["@#1 PRIVMSG #piazza :first", "@#2 PRIVMSG #piazza :second"]);
}

#[test]
fn the_goodbye_of_a_server_says_why_there_is_no_connection() {
    let mut play = play();
    play.says(&["ERROR :The server stops."]);
    play.app.network.lost(Duration::from_secs(100), u32::MAX);
    play.app.take_news();
    play.app.lost(&Trouble::Closed);
    assert!(play.screen(100, 12).contains("No connection: The server stops. Next attempt"), "{}", play.screen(100, 12));
}

#[test]
fn messages_are_answered_reacted_to_edited_and_deleted() {
    let mut play = play();
    play.said(1, "bruno", "tea?");
    play.said(2, "anna", "tee");
    play.types("/reply yes");
    assert_eq!(play.sent(), ["@#1;+draft/reply=1 PRIVMSG #piazza :yes"]);
    play.types("/react tada");
    assert_eq!(play.sent(), ["@#2;+draft/react=🎉;+draft/reply=2 TAGMSG #piazza"]);
    play.types("/react no_such_thing");
    assert!(play.screen(80, 12).contains("There is no emoji “no_such_thing”."));
    play.types("/edit tea");
    assert_eq!(play.sent(), ["@#3;draft/target-msgid=2;draft/edit-text=tea EDIT #piazza"]);
    // The same with keys: two up is Bruno's, whose words are not the person's to change.
    play.press(KeyCode::Up, ALT);
    play.press(KeyCode::Up, NONE);
    play.press(KeyCode::Char('e'), NONE);
    assert!(play.screen(80, 12).contains("Only what you said yourself can be changed."));
    play.press(KeyCode::Char('r'), NONE);
    assert!(play.screen(80, 12).contains("Reply to bruno"));
    play.types("with milk");
    assert_eq!(play.sent(), ["@#4;+draft/reply=1 PRIVMSG #piazza :with milk"]);
    play.press(KeyCode::Up, ALT);
    play.press(KeyCode::Char('d'), NONE);
    assert!(play.screen(80, 12).contains("Delete for everybody? y/n"));
    play.press(KeyCode::Char('x'), NONE);
    assert_eq!(play.sent(), [""; 0], "that was no answer");
    play.press(KeyCode::Char('y'), NONE);
    assert_eq!(play.sent(), ["@#5 REDACT #piazza 2"]);
}

#[test]
fn many_lines_are_asked_about_before_they_are_sent() {
    let mut play = play();
    let lines = "one\r\ntwo\r\nthree\r\nfour\r\n";
    play.app.input(&Event::Paste(lines.to_owned()));
    assert!(play.screen(80, 12).contains("Send these 4 lines as they are? y/n"));
    play.press(KeyCode::Char('n'), NONE);
    assert_eq!(play.app.composer().map(Composer::text), Some("one\ntwo\nthree\nfour"));
    play.app.view().composer.set("");
    play.app.input(&Event::Paste(lines.replace("one", "/quit")));
    play.press(KeyCode::Char('y'), NONE);
    let sent = play.sent();
    assert_eq!((sent.len(), sent[1].as_str()), (6, "@batch=out-1 PRIVMSG #piazza :/quit"), "{sent:?}");
    play.app.input(&Event::Paste("a\nb\n".to_owned()));
    assert_eq!(play.app.composer().map(Composer::text), Some("a\nb"), "a few are looked at, not sent");
}

#[test]
fn what_was_begun_is_completed() {
    let mut play = play();
    play.said(1, "carla", "ciao");
    for (begun, completed) in [
        ("br", "bruno: "),
        ("ciao CA", "ciao carla "),
        ("#pi", "#piazza "),
        ("/wh", "/whois "),
        (":tad", "🎉"),
        ("zz", "zz"),
        ("@b", "@bruno: "),
    ] {
        play.app.view().composer.set("");
        play.begins(begun);
        play.press(KeyCode::Tab, NONE);
        assert_eq!(play.app.composer().map(Composer::text), Some(completed), "{begun}");
    }
    play.app.view().composer.set("");
    play.begins("/m");
    play.press(KeyCode::Tab, NONE);
    play.press(KeyCode::Tab, NONE);
    assert_eq!(play.app.composer().map(Composer::text), Some("/mode "));
    play.press(KeyCode::BackTab, KeyModifiers::SHIFT);
    assert_eq!(play.app.composer().map(Composer::text), Some("/me "));
}

#[test]
fn others_see_that_one_writes_but_not_commands() {
    let mut play = play();
    play.begins("ci");
    assert_eq!(play.all_sent(), ["@+typing=active TAGMSG #piazza"]);
    play.after(client::typing::TELL_EVERY);
    play.begins("a");
    assert_eq!(play.all_sent(), ["@+typing=active TAGMSG #piazza"]);
    play.press(KeyCode::Char('u'), KeyModifiers::CONTROL);
    assert_eq!(play.all_sent(), ["@+typing=done TAGMSG #piazza"]);
    play.begins("/whois x");
    assert_eq!(play.all_sent(), [""; 0]);
}

#[test]
fn rooms_are_entered_left_read_and_muted() {
    let mut play = play();
    play.types("/join tea");
    assert_eq!(play.sent(), ["JOIN #tea"]);
    play.says(&[":anna!a@h JOIN #tea", ":irc 353 anna = #tea :anna", ":irc 366 anna #tea :End"]);
    assert_eq!(play.app.current.as_deref(), Some("#tea"));
    play.sent();
    play.said(1, "bruno", "ehi anna");
    assert!(play.screen(80, 12).contains("#piazza       @1"), "{}", play.screen(80, 12));
    assert_eq!(play.app.take_wishes(), [Wish::Bell]);
    play.press(KeyCode::Char('a'), ALT);
    assert_eq!(play.app.current.as_deref(), Some("#piazza"));
    assert!(play.screen(80, 12).contains("──── New"));
    assert!(play.all_sent().contains(&"MARKREAD #piazza timestamp=2025-11-30T00:01:00.000Z".to_owned()));
    play.types("/mute");
    assert_eq!(play.app.take_wishes(), [Wish::Keep]);
    play.press(KeyCode::Char('n'), KeyModifiers::CONTROL);
    play.said(2, "bruno", "anna?");
    assert_eq!((play.app.take_wishes().len(), play.app.current.as_deref()), (0, Some("#tea")));
    play.types("/part time for tea");
    assert_eq!(play.sent().last().map(String::as_str), Some("PART #tea :time for tea"));
    assert_eq!(play.app.room_names(), ["#piazza"]);
    play.types("/msg dora ciao");
    assert_eq!(play.sent().last().map(String::as_str), Some("@#1 PRIVMSG dora :ciao"));
    assert_eq!(play.app.current.as_deref(), Some("dora"));
    play.says(&[":irc RENAME #piazza #forum :bigger"]);
    assert_eq!(play.app.room_names(), ["#forum", "dora"]);
}

#[test]
fn who_is_ignored_is_neither_seen_nor_counted() {
    let mut play = play();
    play.types("/ignore Bruno");
    assert_eq!(play.app.take_wishes(), [Wish::Keep]);
    play.said(1, "bruno", "anna!");
    play.says(&["@+typing=active :bruno!u@h TAGMSG #piazza"]);
    let screen = play.screen(80, 12);
    assert!(!screen.contains("anna!") && !screen.contains("is writing"), "{screen}");
    assert!(play.app.take_wishes().is_empty());
    play.types("/unignore bruno");
    assert!(play.screen(80, 12).contains("bruno: anna!"));
}

#[test]
fn what_was_said_is_searched() {
    let mut play = play();
    play.types("/search green tea");
    assert_eq!(play.sent(), ["SEARCH text=green\\stea;limit=50"]);
    play.says(&[
        ":irc BATCH +s search",
        "@batch=s;msgid=5;time=2025-11-29T10:00:00.000Z :bruno!u@h PRIVMSG #tea :green tea is best",
        ":irc BATCH -s",
    ]);
    let screen = play.screen(80, 12);
    assert!(
        screen.contains("1 found")
            && screen.contains("#tea 2025-11-29")
            && screen.contains("10:00 bruno: green tea is best"),
        "{screen}"
    );
    play.press(KeyCode::Esc, NONE);
    assert!(!play.screen(80, 12).contains("1 found"));
}

#[test]
fn what_the_server_and_the_program_do_not_know_is_said() {
    let mut play = play();
    play.types("/dance");
    play.types("/kick");
    play.types("/raw NOSUCH a :b c");
    assert_eq!(play.sent(), ["NOSUCH a :b c"]);
    play.says(&[":irc 421 anna NOSUCH :Unknown command"]);
    let screen = play.screen(90, 14);
    for text in ["There is no command /dance.", "It goes: /kick name [reason]", "NOSUCH Unknown command"] {
        assert!(screen.contains(text), "{text}:\n{screen}");
    }
    play.types("//not a command");
    assert_eq!(play.sent(), ["@#1 PRIVMSG #piazza :/not a command"]);
}

#[test]
fn certificates_that_nobody_knows_are_asked_about_and_changed_ones_are_not() {
    let mut play = Play::new(Language::Italian);
    let digits = "0123456789abcdef".repeat(4);
    play.app.network.lost(Duration::from_secs(100), 0);
    play.app.take_news();
    play.app.lost(&Trouble::Certificate { fingerprint: digits.clone(), is_another: true });
    assert!(play.screen(90, 14).contains("un certificato diverso da quello creduto"));
    assert!(play.app.questions.is_empty(), "that may be somebody between");
    play.app.lost(&Trouble::Certificate { fingerprint: digits.clone(), is_another: false });
    assert!(play.screen(90, 14).contains("01234567 89abcdef 01234567"));
    play.press(KeyCode::Char('s'), NONE);
    assert_eq!(play.app.take_wishes(), [Wish::Believe(digits)]);
}

#[test]
fn scrolling_stays_where_it_is_and_fills_gaps() {
    let mut play = play();
    for number in 1..=40 {
        play.said(number, "bruno", &format!("line {number}."));
    }
    let screen = play.screen(80, 12);
    assert!(screen.contains("line 40.") && !screen.contains("line 30."), "{screen}");
    play.press(KeyCode::PageUp, NONE);
    let before = play.screen(80, 12);
    assert!(before.contains("line 31.") && !before.contains("line 40."), "{before}");
    play.said(41, "bruno", "line 41.");
    let after = play.screen(80, 12);
    assert_eq!(before.lines().skip(2).collect::<Vec<_>>(), after.lines().skip(2).collect::<Vec<_>>());
    for _ in 0..10 {
        play.press(KeyCode::PageUp, NONE);
        play.screen(80, 12);
    }
    assert!(play.screen(80, 12).contains("line 1.") && play.app.sees_gap);
    play.sent();
    play.app.fill_gap();
    assert!(play.sent()[0].ends_with(" CHATHISTORY BEFORE #piazza msgid=1 100"));
    play.app.fill_gap();
    assert_eq!(play.sent(), [""; 0], "once is enough");
    play.press(KeyCode::End, NONE);
    assert!(play.screen(80, 12).contains("line 41."));
}
