//! A client of ours, and a server that says anything: nothing panics, nothing that is to be said is lost, what is shown was
//! said.

use client::connection::{Connection, News};
use client::handshake::Identity;
use client::outbox::{Outbox, State, What};
use client::timeline::Timeline;

/// Lines of servers, and parts of them.
pub const WORDS: &[&[u8]] = &[
    b"\r\n",
    b":irc CAP * LS :batch message-tags echo-message labeled-response draft/chathistory draft/multiline\r\n",
    b":irc CAP * LS :message-tags batch sasl loggia.chat/delivery\r\n",
    b":irc CAP * ACK :message-tags batch echo-message labeled-response draft/chathistory\r\n",
    b":irc CAP * ACK :message-tags batch loggia.chat/delivery\r\n",
    b":irc 001 alice :Welcome\r\n",
    b"@label=out-1;msgid=1-2 :alice!a@b PRIVMSG #tea :one\r\n",
    b"@label=out-2 :irc BATCH +x labeled-response\r\n",
    b"@label=look-1 :irc BATCH +h chathistory #tea\r\n",
    b"@batch=h;msgid=1-2 :alice!a@b PRIVMSG #tea :one\r\n",
    b":irc BATCH -h\r\n",
    b"@label=out-1 :irc ACK\r\n",
    b"@loggia.chat/id=00000000000000000000000000000007.1;msgid=1-2 :alice!a@b PRIVMSG #tea :one\r\n",
    b"@loggia.chat/id=00000000000000000000000000000007.2 :irc FAIL BATCH ID_UNREADABLE :x\r\n",
    b":irc BATCH +1 loggia.chat/resume 1-9 end\r\n",
    b":irc BATCH +1 loggia.chat/resume 1-9 more\r\n",
    b"@batch=1;loggia.chat/cursor=1-3 :bob!b@c PRIVMSG #tea :three\r\n",
    b"@msgid=1-4 :bob!b@c BATCH +m draft/multiline #tea\r\n",
    b"@loggia.chat/cursor=1-4 :irc BATCH -m\r\n",
    b":irc BATCH -1\r\n",
    b":irc FAIL RESUME CURSOR_UNKNOWN 1-1 :x\r\n",
    b"ERROR :x\r\n",
    b"PING x\r\n",
];

/// The first byte says how the rest is cut; the rest is what the server sends.
pub fn client(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let piece_bytes = usize::from(*first) + 1;
    let mut outbox = Outbox::new(7);
    outbox.push(What::say("#tea", "one"));
    outbox.push(What::say("#tea", "two\nlines"));
    let (mut timeline, mut shown, mut said) = (Timeline::default(), Vec::new(), Vec::new());
    // The second connection begins where the first one broke.
    for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
        let mut connection = Connection::begin(Identity::guest("alice"));
        timeline.connected();
        for piece in half.chunks(piece_bytes) {
            connection.receive(piece, &mut outbox);
            while let Some(news) = connection.next_news() {
                match news {
                    News::Ready => {
                        connection.speak(&mut outbox);
                    }
                    News::Line(line) => {
                        timeline.receive(&line, &mut said, &mut shown);
                        assert!(shown.len() <= bytes.len(), "more is shown than was said");
                    }
                    News::Refused(_) | News::Settled(_) => {}
                }
            }
        }
        said.extend(connection.take_output());
        outbox.disconnected();
        timeline.disconnected();
    }
    assert_eq!(outbox.entries().count(), 2);
    assert!(outbox.entries().all(|entry| entry.state != State::Sent), "nothing is under way without a connection");
}
