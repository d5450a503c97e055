use client::handshake::Identity;
use client::network::{Kept, Network, Want};
use std::time::Duration;

use super::commands::{self, Outcome};
use super::completion::complete;
use super::rows::{Row, Rows, Setting};
use super::*;

const NOW: Duration = Duration::ZERO;

/// A network on which anna is in #tea with bob and carl.
fn network() -> Network {
    let mut network = Network::new(Identity::guest("anna"), Kept::new(1));
    assert_eq!(network.wake(NOW, 0), Some(Want::Connect));
    network.connected(NOW);
    network.take_output();
    hear(&mut network, "CAP * LS :message-tags server-time echo-message");
    hear(&mut network, "CAP * ACK :message-tags server-time echo-message");
    hear(&mut network, "001 anna :Welcome");
    hear(&mut network, "PONG irc entered");
    for line in ["JOIN #tea", "JOIN #Biscuits"] {
        network.receive(format!(":anna!a@b {line}\r\n").as_bytes(), NOW);
    }
    hear(&mut network, "353 anna = #tea :@anna bob carl");
    hear(&mut network, "366 anna #tea :End");
    network.take_output();
    network
}

fn hear(network: &mut Network, line: &str) {
    network.receive(format!(":irc {line}\r\n").as_bytes(), NOW);
}

/// Somebody says something in a minute of 1 January 2026, with an id.
fn say(network: &mut Network, minute: u32, id: &str, nick: &str, text: &str) {
    let time = format!("2026-01-{:02}T{:02}:{:02}:00.000Z", 1 + minute / 1440, minute / 60 % 24, minute % 60);
    network.receive(format!("@msgid={id};time={time} :{nick}!u@h PRIVMSG #tea :{text}\r\n").as_bytes(), NOW);
}

fn open(network: &Network) -> Screen {
    let mut screen = Screen::default();
    screen.open(network.state(), Some("#tea"));
    screen
}

fn sent(network: &mut Network) -> String {
    String::from_utf8(network.take_output()).expect("text")
}

#[test]
fn rooms_come_before_people_and_show_what_is_unread() {
    let mut network = network();
    say(&mut network, 0, "1", "bob", "hi");
    say(&mut network, 0, "2", "bob", "anna?");
    network.receive(b"@msgid=3;time=2026-01-01T00:00:00.000Z :carl!u@h PRIVMSG anna :psst\r\n", NOW);
    let mut screen = open(&network);
    screen.view_mut("#biscuits").draft = "x".into();
    let items = rooms::items(&screen, network.state());
    let shown: Vec<_> = items.iter().map(|item| (&*item.name, item.unread, item.mentions, item.has_draft)).collect();
    assert_eq!(shown, [("#Biscuits", 0, 0, true), ("#tea", 2, 1, false), ("carl", 1, 1, false)]);
    assert_eq!(screen.mentions(network.state()), 2);
    screen.muted.insert("#tea".into());
    assert_eq!(screen.mentions(network.state()), 1);
    let items = rooms::items(&screen, network.state());
    assert_eq!((items[1].unread, items[1].is_muted), (0, true));
    let name = |by| rooms::neighbour(&items, by).map(|item| &*item.name);
    assert_eq!((name(1), name(-1), name(2)), (Some("carl"), Some("#Biscuits"), Some("#Biscuits")));
    let found = |typed| rooms::find(&items, typed).iter().map(|item| &*item.name).collect::<Vec<_>>();
    assert_eq!(found("c"), ["carl", "#Biscuits"]);
    assert_eq!(found(""), ["carl", "#Biscuits", "#tea"]);
    assert_eq!(found("x"), Vec::<&str>::new());
}

#[test]
fn what_is_for_the_person_is_told_once() {
    let mut network = network();
    let mut screen = open(&network);
    let mut telling = telling::Telling::default();
    say(&mut network, 0, "1", "bob", "tea?");
    assert_eq!(telling.news(&screen, network.state()), []);
    say(&mut network, 1, "2", "bob", "\u{2}anna\u{2}, tea?");
    let told = telling::Told { room: "#tea".into(), text: "bob: anna, tea?".into() };
    assert_eq!(telling.news(&screen, network.state()), [told]);
    assert_eq!(telling.news(&screen, network.state()), []);
    screen.muted.insert("#tea".into());
    say(&mut network, 2, "3", "bob", "anna!");
    assert_eq!(telling.news(&screen, network.state()), []);
}

#[test]
fn a_day_and_what_is_new_begin_once_and_words_of_one_person_stand_together() {
    let mut network = network();
    for (minute, id, nick) in [
        (1438, "1", "bob"),
        (1439, "2", "bob"),
        (1440, "3", "bob"),
        (1441, "4", "anna"),
        (1442, "5", "bob"),
        (1450, "6", "bob"),
    ] {
        say(&mut network, minute, id, nick, id);
    }
    let state = network.state();
    let rows = Rows::of(state.room("#tea").expect("a room"), state, network.kept().outbox.entries());
    let new_since = Timestamp::parse("2026-01-01T23:58:00.000Z");
    let zone = TimeZoneUtc::zone();
    let shown: Vec<Setting> = (0..7).map(|place| rows.setting(place, Some(new_since), &zone)).collect();
    let of = |day, is_first_new, is_grouped| Setting { day, is_first_new, is_grouped };
    let day = |day| Some(jiff::civil::date(2026, 1, day));
    assert!(matches!(rows.get(0), Some(Row::Gap)));
    assert_eq!(
        shown[1..],
        [
            of(day(1), false, false),
            of(None, true, false),
            of(day(2), false, false),
            of(None, false, false),
            of(None, false, false),
            of(None, false, false),
        ]
    );
    assert_eq!(rows.last_own().and_then(|entry| entry.id.as_deref()), Some("4"));
    let mut places = rows::Places::default();
    for _ in 0..2 {
        assert_eq!((places.find(&rows, "6"), places.find(&rows, "7")), (Some(6), None));
    }
    say(&mut network, 1451, "7", "bob", "7");
    let state = network.state();
    let rows = Rows::of(state.room("#tea").expect("a room"), state, network.kept().outbox.entries());
    assert_eq!(rows.setting(7, None, &zone), of(None, false, true));
    assert_eq!((places.find(&rows, "6"), places.find(&rows, "7")), (Some(6), Some(7)), "other rows are searched anew");
    // Without somebody who has read up to somewhere, everything is new; the own words are not.
    assert!(rows.setting(1, Some(None), &zone).is_first_new && !rows.setting(5, Some(None), &zone).is_first_new);
}

/// The zone of the tests.
struct TimeZoneUtc;

impl TimeZoneUtc {
    fn zone() -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::UTC
    }
}

#[test]
fn what_is_on_its_way_stands_at_the_end_until_it_is_there() {
    let mut network = network();
    let mut screen = open(&network);
    screen.view_mut("#tea").draft = "ciao\nbella \n".into();
    let what = screen.take_said(network.state()).expect("something");
    assert_eq!(what, What::say("#tea", "ciao\nbella"));
    network.say(What::say("#tea", "ciao"));
    network.say(What::say("#biscuits", "no"));
    let state = network.state();
    let rows = Rows::of(state.room("#tea").expect("a room"), state, network.kept().outbox.entries());
    assert_eq!(rows.count(), 2);
    assert!(matches!(rows.get(1), Some(Row::Outgoing(entry)) if entry.what == What::say("#tea", "ciao")));
    assert!(screen.view("#tea").is_some_and(|view| view.draft.is_empty()));
    assert_eq!(screen.take_said(network.state()), None, "nothing was written");
}

#[test]
fn answers_and_edits_have_their_own_draft() {
    let network = network();
    let mut screen = open(&network);
    screen.view_mut("#tea").draft = "half".into();
    screen.edit("7", "old words");
    assert_eq!(screen.view("#tea").map(|view| &*view.draft), Some("old words"));
    screen.view_mut("#tea").draft = "new\nwords".into();
    let edit = What::Edit { target: "#tea".into(), msgid: "7".into(), text: "new words".into() };
    assert_eq!(screen.take_said(network.state()), Some(edit));
    assert_eq!(screen.view("#tea").map(|view| &*view.draft), Some("half"));
    screen.edit("7", "old words");
    screen.reply("8");
    assert_eq!(screen.view("#tea").map(|view| &*view.draft), Some("half"));
    let Some(What::Say { tags, text, .. }) = screen.take_said(network.state()) else { panic!("nothing is said") };
    assert_eq!((&*text, &tags[..]), ("half", &[("+draft/reply".into(), Some("8".into()))][..]));
    screen.view_mut("#tea").draft = "//join".into();
    assert_eq!(screen.take_said(network.state()), Some(What::say("#tea", "/join")));
}

#[test]
fn a_room_that_was_entered_is_shown_and_one_that_is_gone_is_not() {
    let mut network = network();
    let mut screen = Screen::default();
    screen.settle(network.state());
    assert_eq!(screen.active.as_deref(), Some("#biscuits"), "the first one");
    commands::join("caffè", &mut screen, &mut network);
    screen.settle(network.state());
    assert_eq!(screen.active.as_deref(), Some("#biscuits"), "the server has not answered");
    network.receive(":anna!a@b JOIN #caffè\r\n".as_bytes(), NOW);
    screen.settle(network.state());
    assert_eq!(screen.active.as_deref(), Some("#caffè"));
}

#[test]
fn commands_are_carried_out_where_the_person_is() {
    let mut network = network();
    let mut screen = open(&network);
    let mut run = |text: &str, screen: &mut Screen| {
        let (name, rest) = commands::read(text).expect("a command");
        let outcome = commands::run(name, rest, screen, &mut network);
        (outcome, sent(&mut network))
    };
    for (text, line) in [
        ("/topic Biscuits and tea", "TOPIC #tea :Biscuits and tea\r\n"),
        ("/op bob carl", "MODE #tea +oo bob carl\r\n"),
        ("/ban bob", "MODE #tea +b bob!*@*\r\n"),
        ("/kick bob go away", "KICK #tea bob :go away\r\n"),
        ("/join caffe", "JOIN #caffe\r\n"),
        ("/nick anna2", "NICK anna2\r\n"),
        ("/me waves", "PRIVMSG #tea :\u{1}ACTION waves\u{1}\r\nPING out-1\r\n"),
        ("/away", "AWAY away\r\n"),
        ("/back", "AWAY\r\n"),
    ] {
        assert_eq!(run(text, &mut screen), (Outcome::Done, line.to_owned()), "{text}");
    }
    assert_eq!(run("/kick", &mut screen).0, Outcome::Notice("usage", "kick".into()));
    assert_eq!(run("/dance", &mut screen).0, Outcome::Notice("noSuchCommand", "/dance".into()));
    assert_eq!(run("/QUIT", &mut screen).0, Outcome::Quit);
    screen.active = None;
    assert_eq!(run("/part", &mut screen).0, NEEDS_ROOM_FOR_TEST);
    for text in ["/usr/bin", "//join", "/ x", "hello", "/1"] {
        assert_eq!(commands::read(text), None, "{text}");
    }
}

const NEEDS_ROOM_FOR_TEST: Outcome = Outcome::Notice("needsRoom", String::new());

#[test]
fn words_are_completed() {
    let network = network();
    let state = network.state();
    let room = state.room("#tea").expect("a room");
    let labels = |before: &str, asked| {
        let found = complete(before, state, room, asked)?;
        Some((found.start, found.candidates.into_iter().map(|one| one.insert).collect::<Vec<_>>()))
    };
    let one = |start, insert: &str| Some((start, vec![insert.to_owned()]));
    assert_eq!(labels("b", true), one(0, "bob: "));
    assert_eq!(labels("hi B", true), one(3, "bob "));
    assert_eq!(labels("hi @c", false), one(3, "carl "));
    assert_eq!(labels("hi c", false), None);
    assert_eq!(labels("a", true), None, "nobody completes themself");
    assert_eq!(labels("see #B", false), one(4, "#Biscuits "));
    assert_eq!(labels("/wh", false), one(0, "/whois "));
    assert_eq!(labels("a /wh", false), None);
    assert_eq!(labels(":tada", false).map(|(start, found)| (start, found[0].clone())), Some((0, "🎉 ".to_owned())));
    assert_eq!(labels(":t", false), None);
}
