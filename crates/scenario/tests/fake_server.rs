//! The runner itself, over real sockets, against a server that is just good enough to talk to.
#![expect(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use scenario::parse::parse;
use scenario::run::run;
use scenario::sockets::Sockets;

/// Answers PING, welcomes after USER, says goodbye after QUIT and hands every `SAY` to the others.
fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let everyone = Arc::new(Mutex::new(Vec::<TcpStream>::new()));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            everyone.lock().unwrap().push(stream.try_clone().unwrap());
            let everyone = Arc::clone(&everyone);
            thread::spawn(move || serve(&stream, &everyone));
        }
    });
    address
}

fn serve(stream: &TcpStream, everyone: &Mutex<Vec<TcpStream>>) {
    let mut nick = String::from("*");
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { return };
        let mut everyone = everyone.lock().unwrap();
        let mut stream = stream;
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("NICK", name) => name.clone_into(&mut nick),
            ("USER", _) => {
                write!(stream, ":loggia.local 001 {nick} :Welcome\r\n:loggia.local 422 {nick} :None\r\n").unwrap();
            }
            ("PING", token) => write!(stream, ":loggia.local PONG loggia.local {token}\r\n").unwrap(),
            ("CAP", rest) if rest.starts_with("REQ") => write!(stream, "CAP * NAK {}\r\n", &rest[4..]).unwrap(),
            ("SAY", words) => {
                for other in everyone.iter_mut().filter(|other| other.peer_addr().ok() != stream.peer_addr().ok()) {
                    let _ = write!(other, "@id=7;t=1 :{nick} SAID {words}\r\n");
                }
            }
            ("QUIT", _) => {
                write!(stream, "ERROR :Bye\r\n").unwrap();
                stream.shutdown(std::net::Shutdown::Both).unwrap();
                return;
            }
            _ => {}
        }
    }
}

fn play(source: &str) -> Result<(), String> {
    let scenario = parse(Path::new("scenarios/fake.txt"), source).unwrap().remove(0);
    run(&scenario, &mut Sockets::to(start())).map_err(|failure| failure.to_string())
}

#[test]
fn a_conversation_as_written_passes() {
    play(
        "alice, bob connect\n\
         alice → SAY hello\n\
         alice hears nothing\n\
         bob ← @t=1;id=<id> :alice SAID hello\n\
         bob → SAY again <id>\n\
         alice → SAY world\n\
         alice ← @id=7;t=1 :bob SAID again 7\n\
         bob ← @… :alice SAID w…d\n\
         alice → SAY one\n\
         alice → SAY two\n\
         bob ← any order:\n  @… :alice SAID two\n  @… :alice SAID one\n\
         alice → SAY three\n\
         bob has seen @… :alice SAID three\n\
         bob has not seen @… :alice SAID four\n\
         bob forgets\n\
         bob → QUIT\n\
         bob ← ERROR :Bye\n\
         bob is finished\n\
         bob connects\n\
         after 1 ms\n\
         bob closes\n",
    )
    .unwrap();
}

#[test]
fn a_line_may_be_sent_in_pieces() {
    play("alice, bob connect\nalice ⇒ SAY \\xc3\nalice ⇒ \\xa8\nalice ⇒ \\r\nalice ⇒ \\n\nbob ← @… :alice SAID è\n")
        .unwrap();
}

#[test]
fn before_the_welcome_a_moment_of_quiet_stands_for_the_ping() {
    play("alice connects\ndave connects raw\ndave → SAY hi\nalice → SAY ho\ndave ← @… :alice SAID ho\nalice ← @… :* SAID hi\n")
        .unwrap();
}

#[test]
fn a_wrong_line_is_reported_with_what_came_instead() {
    let report = play("alice, bob connect\nalice → SAY hello\nbob ← @… :alice SAID goodbye\n").unwrap_err();
    assert!(report.starts_with("scenarios/fake.txt:3\n"), "{report}");
    assert!(report.contains("- expected: bob ← @… :alice SAID goodbye\n"), "{report}");
    assert!(report.contains("+ came:     bob ← @id=7;t=1 :alice SAID hello\n"), "{report}");
    assert!(report.contains("\n  alice → SAY hello\n"), "{report}");
    assert!(!report.contains("fence"), "{report}");
}

#[test]
fn what_nobody_expected_is_reported_at_the_end() {
    let report = play("alice, bob connect\nalice → SAY hello\n").unwrap_err();
    assert!(report.contains("- expected: nothing more\n+ came:     bob ← @id=7;t=1 :alice SAID hello"), "{report}");
}

#[test]
fn silence_that_is_broken_is_reported() {
    let report = play("alice, bob connect\nalice → SAY hello\nbob hears nothing\n").unwrap_err();
    assert!(report.contains("- expected: bob hears nothing\n"), "{report}");
}

#[test]
fn an_end_that_was_not_written_is_reported() {
    let report = play("alice connects\nalice → QUIT\nalice ← ERROR :Bye\n").unwrap_err();
    assert!(report.contains("- expected: nothing more\n+ came:     alice is closed"), "{report}");
    let report = play("alice connects\nalice → QUIT\nalice ← ERROR :Bye\nalice is reset\n").unwrap_err();
    assert!(report.contains("- expected: alice is reset\n+ came:     alice is finished"), "{report}");
}

#[test]
fn a_capability_that_is_refused_is_reported() {
    let report = play("alice connects with tea\n").unwrap_err();
    assert!(report.contains("- expected: alice gets tea\n+ came:     CAP * NAK"), "{report}");
}
