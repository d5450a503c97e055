//! The network's thread against a server that the test plays: what is on disk before it is sent, and how it comes and goes.

#![expect(clippy::disallowed_methods, reason = "tests wait for a thread, by the clock")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use client::handshake::Identity;
use client::network::Standing;
use client::outbox::What;
use desktop::network_thread::{Handle, Live};
use link::address::Address;
use link::connection::Plan;
use link::kept::Directory;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is played, a directory, and what wakes the window.
struct Stage {
    listener: TcpListener,
    folder: PathBuf,
}

impl Stage {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("loggia-desktop-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        Self { listener: TcpListener::bind("127.0.0.1:0").expect("a port"), folder }
    }

    /// Begins to connect. Without TLS: the test plays a server that has none, and the person has said so.
    fn start(&self) -> (Handle, Receiver<()>) {
        let port = self.listener.local_addr().expect("an address").port();
        let address = Address::parse(&format!("irc://127.0.0.1:{port}")).expect("an address");
        let directory = Directory::at(self.folder.clone()).expect("a directory");
        let (outbox, kept) = directory.outbox("server", "anna", 7).expect("an outbox");
        let plan = Plan { address, pinned: None, may_be_clear: true, was_encrypted: false };
        let (wake, woken) = channel();
        let live = Live::new(Identity::guest("anna"), kept, plan);
        let handle = Handle::start(live, outbox, move || {
            let _ = wake.send(());
        })
        .expect("a thread");
        (handle, woken)
    }

    /// Takes a connection, and lets anna in.
    fn welcome(&self) -> BufReader<TcpStream> {
        let (socket, _) = self.listener.accept().expect("a connection");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time");
        let mut server = BufReader::new(socket);
        assert_eq!(line(&mut server), "CAP LS 302");
        say(&mut server, ":irc CAP * LS :");
        assert_eq!(line(&mut server), "NICK anna");
        say(&mut server, ":irc 001 anna :Welcome");
        until(&mut server, "PING entered");
        say(&mut server, ":irc PONG irc entered");
        server
    }

    fn kept(&self) -> String {
        std::fs::read_to_string(self.folder.join("server-anna-1.json")).expect("a file")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn line(server: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    assert!(server.read_line(&mut line).expect("a line") > 0, "the client is gone");
    line.trim_end().to_owned()
}

fn until(server: &mut BufReader<TcpStream>, wanted: &str) {
    while line(server) != wanted {}
}

fn say(server: &mut BufReader<TcpStream>, line: &str) {
    server.get_mut().write_all(format!("{line}\r\n").as_bytes()).expect("a connection");
}

fn wait(handle: &Handle, woken: &Receiver<()>, is_so: impl Fn(&Live) -> bool) {
    let begun = Instant::now();
    while !is_so(&handle.live()) {
        assert!(begun.elapsed() < PATIENCE, "{:?}", handle.live().network.standing());
        // Woken, or not: the thread says when something has changed.
        let _ = woken.recv_timeout(Duration::from_millis(200));
    }
}

#[test]
fn what_is_said_is_on_disk_before_it_is_sent_and_after_a_broken_link_it_is_sent_again() {
    let stage = Stage::new("disk");
    let (handle, woken) = stage.start();
    let mut server = stage.welcome();
    wait(&handle, &woken, |live| live.network.standing() == Standing::Online);
    handle.act(|live| live.network.say(What::say("#tea", "ciao")));
    until(&mut server, "PRIVMSG #tea :ciao");
    assert!(stage.kept().contains("ciao"), "{}", stage.kept());
    // The server goes without a word: nobody knows whether it has it, and the person is asked.
    drop(server);
    let mut server = stage.welcome();
    wait(&handle, &woken, |live| live.network.kept().outbox.doubtful().count() == 1);
    handle.act(|live| live.network.decide(1, true));
    until(&mut server, "PRIVMSG #tea :ciao");
    handle.leave("bye");
    until(&mut server, "QUIT :bye");
}

/// What is said goes to the disk first, and the window may be closed while it does.
#[test]
fn who_leaves_at_once_after_saying_something_has_said_it_and_goodbye() {
    let stage = Stage::new("leaving");
    for _ in 0..10 {
        let (handle, woken) = stage.start();
        let mut server = stage.welcome();
        wait(&handle, &woken, |live| live.network.standing() == Standing::Online);
        handle.act(|live| live.network.say(What::say("#tea", "ciao")));
        let leaving = std::thread::spawn(move || handle.leave("bye"));
        until(&mut server, "PRIVMSG #tea :ciao");
        until(&mut server, "QUIT :bye");
        leaving.join().expect("it leaves");
        // Nobody is asked next time what became of it.
        let _ = std::fs::remove_dir_all(&stage.folder);
    }
}

#[test]
fn leaving_takes_no_time_while_nobody_answers() {
    let stage = Stage::new("deaf");
    let (handle, _woken) = stage.start();
    // The system takes the connection, and no word ever comes.
    let (_socket, _) = stage.listener.accept().expect("a connection");
    // It would wait for ever for somebody to say goodbye to.
    let begun = Instant::now();
    handle.leave("bye");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn two_windows_of_one_name_have_two_outboxes() {
    let stage = Stage::new("two");
    let (one, _woken) = stage.start();
    let directory = Directory::at(stage.folder.clone()).expect("a directory");
    drop(directory.outbox("server", "anna", 8).expect("another outbox"));
    assert!(stage.folder.join("server-anna-2.json").exists());
    one.leave("bye");
}
