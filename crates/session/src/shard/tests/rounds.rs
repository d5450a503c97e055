//! Whose turn it is when more wait to be written to than one flush writes to.

use super::*;

/// More than one flush writes to, and few enough to be written quickly.
const LISTENERS: usize = 100;

fn room(rig: &mut Rig) -> Vec<SessionId> {
    (0..LISTENERS).map(|number| rig.join_as(&format!("member{number}"))).collect()
}

fn written_to(rig: &Rig, sessions: &[SessionId]) -> usize {
    sessions.iter().filter(|session| rig.sockets.get(*session).is_some_and(|socket| !socket.writes.is_empty())).count()
}

#[test]
fn an_answer_does_not_wait_for_the_turn_of_who_only_hears() {
    let mut rig = Rig::new();
    let listeners = room(&mut rig);
    let last = listeners[LISTENERS - 1];
    rig.receive(listeners[0], "PRIVMSG #tea :ciao\r\n");
    rig.ask_hall();
    rig.receive(last, "PING here\r\n");
    rig.ask_hall();
    rig.write();
    assert_eq!(
        rig.socket(last).writes,
        [":member0!~member0@localhost PRIVMSG #tea :ciao\r\n:loggia.local PONG loggia.local here\r\n"],
        "what it had heard before comes along"
    );
    let early = written_to(&rig, &listeners);
    assert!(early < LISTENERS - 1, "{early} at once");
    rig.turn();
    // All but who spoke, each once: who was written to early is not written to again.
    assert_eq!(written_to(&rig, &listeners), LISTENERS - 1);
    assert!(listeners.iter().all(|session| rig.sockets[session].writes.len() <= 1));
}

#[test]
fn answers_do_not_part_what_a_room_hears() {
    let mut rig = Rig::new();
    let listeners = room(&mut rig);
    for word in ["one", "two", "three"] {
        rig.receive(listeners[0], &format!("PRIVMSG #tea :{word}\r\nPING {word}\r\n"));
        rig.ask_hall();
    }
    let shared = String::from_utf8_lossy(&rig.shard.turn.shared).into_owned();
    assert_eq!((shared.lines().count(), shared.contains("PONG")), (3, false), "{shared}");
    rig.turn();
    assert_eq!(rig.socket(listeners[1]).writes, [shared]);
}
