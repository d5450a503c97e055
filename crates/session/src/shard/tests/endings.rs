//! How connections end, and what is said last.

use super::*;

#[test]
fn who_does_not_read_is_closed_and_nobody_else() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.socket(bob).room = Some(0);
    for _ in 0..SENDQ_BYTES / 300 {
        rig.receive(alice, &format!("PRIVMSG #tea :{}\r\n", "x".repeat(300)));
        rig.turn();
    }
    assert_eq!((rig.socket(bob).closed, rig.shard.stats.slow_readers), (Some(CloseHow::Reset), 1));
    rig.turn();
    assert_eq!(rig.socket(alice).received(), ":bob!~bob@localhost QUIT :SendQ exceeded\r\n");
    assert_eq!(rig.socket(alice).closed, None);
}

#[test]
fn a_broken_socket_ends_its_session() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.socket(bob).is_broken = true;
    rig.receive(alice, "PRIVMSG #tea :ciao\r\n");
    rig.turn();
    rig.turn();
    assert_eq!(rig.socket(bob).closed, Some(CloseHow::Reset));
    assert_eq!(rig.socket(alice).received(), ":bob!~bob@localhost QUIT :Connection lost\r\n");
}

#[test]
fn the_last_words_are_said_to_be_the_last() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.receive(bob, "PING 1\r\nQUIT :home\r\n");
    rig.turn();
    let told = [alice, bob].map(|session| (rig.socket(session).has_last, rig.socket(session).closed));
    assert_eq!(told, [(false, None), (true, Some(CloseHow::Fin))]);
    let received = rig.socket(bob).received();
    let lines: Vec<&str> = received.lines().collect();
    assert!(matches!(lines[..], [pong, error] if pong.contains("PONG") && error.starts_with("ERROR :")), "{received}");
}

#[test]
fn last_words_are_waited_for_but_not_for_ever() {
    let mut rig = Rig::new();
    let bob = rig.join_as("bob");
    rig.socket(bob).room = Some(0);
    rig.receive(bob, "QUIT\r\n");
    rig.turn();
    assert_eq!(rig.socket(bob).closed, None);
    let mut waited = Duration::ZERO;
    while rig.socket(bob).closed.is_none() {
        waited += rig.sleep_until_woken();
    }
    assert_eq!((waited, rig.socket(bob).closed), (LINGER, Some(CloseHow::Reset)));
    assert_eq!(rig.shard.next_wake(), None, "nobody is left to wake");
}

#[test]
fn silence_is_asked_about_and_then_ends() {
    let mut rig = Rig::new();
    let bob = rig.join_as("bob");
    let mut waited = Duration::ZERO;
    while rig.socket(bob).writes.is_empty() {
        waited += rig.sleep_until_woken();
    }
    let ping_time = rig.shard.settings.ping_time;
    assert_eq!((waited, rig.socket(bob).received()), (ping_time, "PING :loggia.local\r\n".to_owned()));
    while rig.socket(bob).closed.is_none() {
        waited += rig.sleep_until_woken();
    }
    assert_eq!(waited, ping_time * 2);
    assert!(rig.socket(bob).received().ends_with("(Ping timeout: 120 seconds)\r\n"));
}

#[test]
fn who_says_nothing_at_an_irc_door_is_let_go() {
    let mut rig = Rig::new();
    let nobody = rig.connect(IRC_DOOR);
    let waited = rig.sleep_until_woken();
    assert_eq!((waited, rig.socket(nobody).closed), (rig.shard.settings.registration_time, Some(CloseHow::Fin)));
    assert_eq!(rig.socket(nobody).received(), "ERROR :Closing Link: localhost (Registration timed out)\r\n");
    assert!(rig.shard.is_empty());
}

#[test]
fn everybody_is_told_that_the_server_stops() {
    let mut rig = Rig::new();
    let (alice, anna) = (rig.join_as("alice"), rig.connect(PLAIN_DOOR));
    rig.turn();
    rig.shard.stop(rig.now);
    rig.turn();
    assert!(rig.socket(alice).received().starts_with("ERROR :"));
    assert_eq!(rig.socket(alice).closed, Some(CloseHow::Fin));
    while rig.socket(anna).closed.is_none() {
        rig.sleep_until_woken();
    }
    assert_eq!(rig.socket(anna).closed, Some(CloseHow::Reset), "as this variant always has");
    let peer = Peer::new([127, 0, 0, 1].into());
    assert!(rig.shard.accept(IRC_DOOR, peer, rig.now).is_err());
}
