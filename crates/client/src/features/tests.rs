//! What a client knows after some lines.

use irc::message::Message;

use super::*;
use crate::state::Room;
use crate::window::Shown;

/// A client that is in #tea with bob and carol.
fn in_tea() -> State {
    let mut state = State::default();
    take(
        &mut state,
        &[
            ":irc 001 alice :Welcome",
            ":irc 005 alice PREFIX=(ov)@+ STATUSMSG=@+ CHANTYPES=# CASEMAPPING=ascii CHANMODES=b,k,l,imnt :are supported",
            ":alice!a@home JOIN #Tea",
            ":irc 332 alice #tea :Biscuits",
            ":irc 333 alice #tea bob!b@c 1",
            ":irc 353 alice = #tea :alice @+bob!b@c",
            ":irc 353 alice = #tea :+Carol",
            ":irc 366 alice #tea :End",
        ],
    );
    state
}

/// Takes lines that happen now; those that were said are shown.
fn take(state: &mut State, lines: &[&str]) -> Vec<Change> {
    let mut changes = Vec::new();
    for line in lines {
        let line = Message::parse(line.as_bytes()).expect("a message");
        changes.extend(receive(state, &line));
        changes.extend(show(state, &line));
    }
    changes
}

fn tea(state: &State) -> &Room {
    state.room("#TEA").expect("it is there")
}

/// Who is in #tea, with ranks.
fn members(state: &State) -> String {
    let members = state.members(tea(state)).into_iter();
    members.map(|(person, signs)| format!("{signs}{}", person.nick)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_room_has_members_with_ranks_and_a_topic() {
    let mut state = in_tea();
    assert_eq!(members(&state), "@+bob +Carol alice");
    let topic = tea(&state).topic.as_ref().expect("there is one");
    assert_eq!((&*topic.text, topic.by.as_deref()), ("Biscuits", Some("bob")));
    assert_eq!(state.person("BOB").and_then(|bob| bob.address.as_deref()), Some("b@c"));
    take(
        &mut state,
        &[":bob!b@c MODE #tea +l-o+bo 5 bob x!*@* alice", ":bob!b@c TOPIC #tea :", ":bob!b@c TOPIC #tea :Tea"],
    );
    assert_eq!(members(&state), "@alice +bob +Carol");
    assert_eq!(tea(&state).topic.as_ref().map(|topic| &*topic.text), Some("Tea"));
    // Asked for again, the list begins anew.
    take(&mut state, &[":irc 353 alice = #tea :@alice", ":irc 366 alice #tea :End"]);
    assert_eq!((members(&state), state.person("bob")), ("@alice".to_owned(), None));
}

#[test]
fn people_come_go_and_change() {
    let mut state = in_tea();
    let changes = take(
        &mut state,
        &[
            ":dave!d@e JOIN #tea dave_ :Dave D.",
            ":dave!d@e AWAY :lunch",
            ":bob!b@c NICK Robert",
            ":carol!c@d PART #tea :bye",
            ":carol!c@d AWAY :who is that",
            ":Robert!b@c ACCOUNT *",
            ":Robert!b@c CHGHOST r new.host",
            ":Robert!b@c SETNAME :R.",
        ],
    );
    assert_eq!(members(&state), "@+Robert alice dave");
    let dave = state.person("dave").expect("dave");
    assert_eq!(
        (dave.account.as_deref(), dave.away.as_deref(), dave.realname.as_deref()),
        (Some("dave_"), Some("lunch"), Some("Dave D."))
    );
    let robert = state.person("robert").expect("robert");
    assert_eq!((robert.address.as_deref(), robert.realname.as_deref()), (Some("r@new.host"), Some("R.")));
    assert_eq!(changes.len(), 7, "carol is nobody here any more: {changes:?}");
    let changes =
        take(&mut state, &[":dave!d@e QUIT :gone", ":Robert!b@c KICK #tea alice :out", ":irc 306 alice :away"]);
    assert_eq!(
        changes[1],
        Change::Left { room: "#tea".into(), nick: "alice".into(), by: Some("Robert".into()), text: "out".into() }
    );
    assert!(!tea(&state).is_joined && state.people.is_empty() && state.is_away);
    // Others do not bring the client into a room.
    take(&mut state, &[":bob!b@c JOIN #milk", ":irc 353 alice = #tea :bob", ":alice!a@b NICK anna"]);
    assert!(state.room("#milk").is_none() && tea(&state).member_count() == 0 && &*state.me == "anna");
}

#[test]
fn what_is_said_is_unread_until_it_is_read_here_or_elsewhere() {
    let mut state = in_tea();
    take(
        &mut state,
        &[
            "@time=2026-01-01T00:00:01.000Z;msgid=1 :bob!b@c PRIVMSG #tea :hello",
            "@time=2026-01-01T00:00:02.000Z;msgid=2 :bob!b@c PRIVMSG #tea :Alice: look",
            "@time=2026-01-01T00:00:03.000Z;msgid=3 :bob!b@c PRIVMSG #tea :malice and alice_",
            "@time=2026-01-01T00:00:04.000Z;msgid=4 :alice!a@b PRIVMSG #tea :my own",
            "@time=2026-01-01T00:00:05.000Z;msgid=5 :bob!b@c PRIVMSG alice :psst",
            ":irc.example NOTICE $$* :to everybody",
        ],
    );
    assert_eq!((tea(&state).unread, tea(&state).mentions), (3, 1));
    let bob = state.room("bob").expect("a conversation");
    assert_eq!((bob.unread, bob.mentions, state.rooms().count()), (1, 1, 2));
    take(
        &mut state,
        &[
            ":irc MARKREAD #tea timestamp=2026-01-01T00:00:02.000Z",
            ":irc MARKREAD #tea timestamp=2026-01-01T00:00:01.000Z",
        ],
    );
    assert_eq!((tea(&state).unread, tea(&state).mentions), (1, 0), "a marker does not go back");
    let mut out = Vec::new();
    assert!(
        read_marker::read(&mut state, "#tea", true, &mut out) && !read_marker::read(&mut state, "#tea", true, &mut out)
    );
    assert_eq!(out, b"MARKREAD #tea timestamp=2026-01-01T00:00:04.000Z\r\n");
    assert_eq!(tea(&state).unread, 0);
}

#[test]
fn messages_of_several_lines_are_one_and_are_changed() {
    let mut state = in_tea();
    take(
        &mut state,
        &[
            "@msgid=1;+draft/reply=0 :bob!b@c BATCH +m draft/multiline #tea",
            "@batch=m :bob!b@c PRIVMSG #tea :one",
            "@batch=m :bob!b@c PRIVMSG #tea :two",
            "@batch=m;draft/multiline-concat :bob!b@c PRIVMSG #tea :three",
            ":irc BATCH -m",
            "@msgid=2 :bob!b@c PRIVMSG @#tea :for some",
            "@+draft/react=👍;+draft/reply=2 :alice!a@b TAGMSG #tea",
            "@+draft/react=👍;+draft/reply=2 :alice!a@b TAGMSG #tea",
            "@+draft/react=x;+draft/reply=2 :carol!a@b TAGMSG #tea",
            "@+draft/unreact=x;+draft/reply=2 :carol!a@b TAGMSG #tea",
            "@draft/target-msgid=2;draft/edit-text=other\\swords :bob!b@c EDIT #tea",
        ],
    );
    let entries: Vec<_> = tea(&state).window.entries().collect();
    assert_eq!((&*entries[0].text, entries[0].reply_to.as_deref()), ("one\ntwothree", Some("0")));
    assert_eq!((&*entries[1].text, entries[1].is_edited), ("other words", true));
    assert_eq!(entries[1].reactions, [("👍".into(), "alice".into())]);
    take(&mut state, &[":bob!b@c REDACT #tea 1 :oh", ":bob!b@c REDACT #tea 9"]);
    assert_eq!(tea(&state).window.entries().count(), 1);
}

#[test]
fn conversations_follow_names() {
    let mut state = in_tea();
    take(&mut state, &["@msgid=1 :bob!b@c PRIVMSG alice :hi", ":bob!b@c NICK rob", ":irc RENAME #tea #coffee :better"]);
    assert!(state.room("bob").is_none() && state.room("rob").is_some_and(|room| room.unread == 1));
    assert!(state.room("#tea").is_none() && state.room("#coffee").is_some_and(|room| room.member_count() == 3));
}

#[test]
fn people_say_how_they_want_to_be_shown() {
    let mut state = in_tea();
    take(
        &mut state,
        &[
            ":bob!b@c METADATA bob display-name * :Bob of the Tea",
            ":irc METADATA bob avatar * https://a.example/b.png",
            ":irc METADATA stranger avatar * https://a.example/s.png",
            ":irc METADATA #tea avatar * https://a.example/tea.png",
            ":irc METADATA bob homepage * https://b.example",
            ":irc 761 alice alice display-name * :Alice",
            ":irc 761 alice * avatar * https://a.example/a.png",
        ],
    );
    let bob = state.person("bob").expect("somebody");
    assert_eq!(bob.display_name.as_deref(), Some("Bob of the Tea"));
    assert_eq!(bob.avatar.as_deref(), Some("https://a.example/b.png"));
    assert_eq!(state.own_display_name.as_deref(), Some("Alice"));
    assert_eq!(state.person("alice").and_then(|alice| alice.avatar.as_deref()), Some("https://a.example/a.png"));
    take(&mut state, &[":bob!b@c METADATA bob display-name * :", ":irc 766 alice alice avatar :key is not set"]);
    assert_eq!(state.person("bob").and_then(|bob| bob.display_name.clone()), None);
    assert_eq!(state.own_avatar, None);
}

#[test]
fn strangers_do_not_fill_the_memory() {
    let mut state = in_tea();
    for number in 0..=crate::state::ROOMS_MAX {
        take(&mut state, &[&format!(":s{number}!a@b PRIVMSG alice :x")]);
    }
    assert_eq!(state.rooms().count(), crate::state::ROOMS_MAX);
}

#[test]
fn who_comes_back_to_a_room_sees_that_something_is_missing() {
    let said =
        |number: u32| format!("@msgid={number};time=2026-01-01T00:00:00.{number:03}Z :bob!b@c PRIVMSG #tea :{number}");
    let [one, two] = [said(1), said(2)];
    for (gone, history) in [(":alice!a@home PART #tea", false), (":bob!b@c KICK #tea alice :out", true)] {
        let mut state = in_tea();
        if history {
            take(&mut state, &[":irc 005 alice CHATHISTORY=50 :are supported"]);
        }
        take(&mut state, &[&one, gone, ":alice!a@home JOIN #tea", &two]);
        let shown: Vec<_> = tea(&state)
            .window
            .shown()
            .map(|shown| match shown {
                Shown::Entry(entry) => &*entry.text,
                Shown::Gap => "…",
            })
            .collect();
        // Where the server can be asked, what was known is asked for anew: it may have other words by now.
        assert_eq!(shown, if history { vec!["…", "2"] } else { vec!["…", "1", "…", "2"] });
        // With each new connection the client enters its rooms; that is no coming back.
        let before = tea(&state).window.entries().count();
        state.disconnected();
        take(&mut state, &[":alice!a@home JOIN #tea"]);
        assert_eq!(tea(&state).window.entries().count(), before);
    }
}

#[test]
fn what_is_taken_back_is_gone_also_while_the_client_catches_up() {
    let mut state = in_tea();
    take(&mut state, &["@msgid=1;time=2026-01-01T00:00:00.000Z :bob!b@c PRIVMSG #tea :oh"]);
    // It is held back, and with the connection it would be lost.
    let line = Message::parse(b":bob!b@c REDACT #tea 1").expect("a message");
    assert_eq!(receive(&mut state, &line), Some(Change::Said("#Tea".into())));
    assert_eq!(tea(&state).window.entries().count(), 0);
}
