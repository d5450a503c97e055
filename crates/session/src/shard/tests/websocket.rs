//! Sessions by WebSocket, among others.

use super::*;

/// One frame that the server has sent: its first byte, and what is in it.
type Frame = (u8, String);

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;

impl Rig {
    fn open_websocket(&mut self, framing: Framing) -> SessionId {
        let peer = Peer::new([127, 0, 0, 1].into());
        let session = self.shard.accept_websocket(IRC_DOOR, peer, framing, self.now);
        let session = session.unwrap_or_else(|refused| panic!("{refused}"));
        self.sockets.insert(session, Socket::default());
        session
    }

    fn join_by_websocket(&mut self, nick: &str, framing: Framing) -> SessionId {
        let session = self.open_websocket(framing);
        self.receive(session, &format!("NICK {nick}\nUSER {nick} 0 * :{nick}\n"));
        self.turn();
        self.receive(session, "JOIN #tea\n");
        self.turn();
        self.frames(session);
        session
    }

    /// Takes the frames that have come, each of which must be whole.
    fn frames(&mut self, session: SessionId) -> Vec<Frame> {
        let bytes = core::mem::take(&mut self.socket(session).bytes);
        let (mut rest, mut frames) = (&bytes[..], Vec::new());
        while let [first, length, after @ ..] = rest {
            let (length, after) = match length {
                126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
                short => (usize::from(*short), after),
            };
            let payload = core::str::from_utf8(&after[..length]).map(str::to_owned);
            frames.push((*first, payload.unwrap_or_else(|_| format!("{:?}", &after[..length]))));
            rest = &after[length..];
        }
        frames
    }
}

fn frame(kind: u8, text: &str) -> Frame {
    (kind, text.to_owned())
}

#[test]
fn one_message_reaches_everybody_in_their_framing_and_is_rendered_once_for_each() {
    let mut rig = Rig::new();
    let alice = rig.join_as("alice");
    let (bob, carol) = (rig.join_by_websocket("bob", Framing::Text), rig.join_by_websocket("carol", Framing::Text));
    let dora = rig.join_by_websocket("dora", Framing::Binary);
    for session in [bob, carol, dora] {
        rig.frames(session);
    }
    rig.receive(alice, "PRIVMSG #tea :caff\u{e8}\r\nPRIVMSG #tea :two\r\n");
    rig.ask_hall();
    let lines = [":alice!~alice@localhost PRIVMSG #tea :caff\u{e8}", ":alice!~alice@localhost PRIVMSG #tea :two"];
    let length: usize = lines.iter().map(|line| line.len() + 2).sum();
    assert_eq!(rig.shard.turn.shared.len(), 2 * length, "once as text, once as binary; alice wants no echo");
    rig.turn();
    for (session, kind) in [(bob, TEXT), (carol, TEXT), (dora, BINARY)] {
        assert_eq!(rig.frames(session), lines.map(|line| frame(kind, line)), "{session:?}");
    }
    rig.receive(dora, "PRIVMSG #tea :three\n");
    rig.turn();
    assert!(rig.socket(alice).received().ends_with(":dora!~dora@localhost PRIVMSG #tea :three\r\n"));
    assert_eq!(rig.frames(bob), [frame(TEXT, ":dora!~dora@localhost PRIVMSG #tea :three")]);
}

#[test]
fn a_goodbye_is_a_message_and_then_a_close() {
    let mut rig = Rig::new();
    let bob = rig.join_by_websocket("bob", Framing::Text);
    rig.receive(bob, "QUIT :tea is cold\n");
    rig.turn();
    let frames = rig.frames(bob);
    assert!(frames[0].1.starts_with("ERROR :Closing Link: ") && frames.len() == 2, "{frames:?}");
    assert_eq!(frames[1], (0x88, "[3, 232]".to_owned()), "1000");
    assert_eq!(rig.socket(bob).closed, Some(CloseHow::Fin));

    let carol = rig.open_websocket(Framing::Text);
    rig.shard.stop(rig.now);
    rig.turn();
    assert_eq!(rig.frames(carol).last(), Some(&(0x88, "[3, 233]".to_owned())), "1001");
}

#[test]
fn after_the_clients_close_nothing_is_sent() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_by_websocket("bob", Framing::Text));
    rig.shard.receive_unframed(bob, b"PING last\n", b"\x88\x00", true, rig.now);
    rig.receive(alice, "PRIVMSG #tea :are you there?\r\n");
    rig.turn();
    assert_eq!(rig.frames(bob), [frame(0x88, "")]);
    rig.shard.end_of_input(bob, rig.now);
    rig.turn();
    assert_eq!((rig.frames(bob), rig.socket(bob).closed), (Vec::new(), Some(CloseHow::Fin)));
    assert!(rig.socket(alice).received().ends_with(":bob!~bob@localhost QUIT :Connection closed\r\n"));
}

#[test]
fn a_pong_is_sent_as_it_is_and_does_not_count_as_a_sign_of_life() {
    let mut rig = Rig::new();
    let bob = rig.join_by_websocket("bob", Framing::Text);
    rig.shard.receive_unframed(bob, b"", b"\x8a\x01x", false, rig.now);
    rig.turn();
    assert_eq!(rig.frames(bob), [frame(0x8a, "x")]);
    rig.sleep(settings().ping_time);
    assert_eq!(rig.frames(bob), [frame(TEXT, "PING :loggia.local")]);
    rig.shard.receive_unframed(bob, b"", b"\x8a\x01x", false, rig.now);
    rig.sleep(settings().ping_time);
    assert!(rig.frames(bob).iter().any(|(_, text)| text.contains("Ping timeout")));
}

#[test]
fn what_a_socket_refuses_is_kept_frame_by_frame() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_by_websocket("bob", Framing::Binary));
    rig.socket(bob).room = Some(5);
    for number in 0..4 {
        rig.receive(alice, &format!("PRIVMSG #tea :{number}\r\n"));
        rig.turn();
    }
    rig.socket(bob).room = None;
    rig.shard.writable(bob);
    rig.turn();
    let expected: Vec<Frame> =
        (0..4).map(|number| frame(BINARY, &format!(":alice!~alice@localhost PRIVMSG #tea :{number}"))).collect();
    assert_eq!(rig.frames(bob), expected);
}

#[test]
fn they_are_counted_as_web_and_by_address() {
    let mut rig = Rig::new();
    rig.open_websocket(Framing::Text);
    assert_eq!(rig.shard.census(), Census { web: 1, ..Census::default() });
    let peer = Peer::new([192, 0, 2, 1].into());
    for _ in 0..CONNECTIONS_PER_ADDRESS {
        assert!(rig.shard.accept_websocket(IRC_DOOR, peer.clone(), Framing::Text, rig.now).is_ok());
    }
    assert!(rig.shard.accept_websocket(IRC_DOOR, peer.clone(), Framing::Text, rig.now).is_err());
}
