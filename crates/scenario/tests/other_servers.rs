//! The client crate against IRC servers that nobody here wrote, with the settings that they come with: Debian's packages
//! `inspircd` and `ngircd`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
#![expect(clippy::disallowed_methods, reason = "other servers keep real time")]

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client::handshake::Identity;
use client::network::{Kept, Network, News, Standing, Want};
use client::outbox::{State as Sending, What};
use client::window::Shown;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server with a directory of its own; ended, and the directory removed, when it is let go of.
struct Server {
    child: Child,
    directory: PathBuf,
    address: SocketAddr,
}

impl Server {
    fn start(program: &str, settings: &str, options: &[&str]) -> Self {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let directory = std::env::temp_dir().join(format!("loggia-{program}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let place = directory.to_str().unwrap();
        let config = directory.join("server.conf");
        fs::write(&config, settings.replace("%PORT%", &address.port().to_string()).replace("%DIRECTORY%", place))
            .unwrap();
        fs::write(directory.join("motd"), "welcome\n").unwrap();
        let log = fs::File::create(directory.join("log")).unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
        let found = places.map(|place| place.join(program)).find(|path| path.exists());
        let found = found.unwrap_or_else(|| panic!("install Debian's package {program} for this test"));
        let child = Command::new(found)
            .args(options)
            .arg("--config")
            .arg(&config)
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self { child, directory, address };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            let ended = server.child.try_wait().unwrap().is_some();
            assert!(
                !ended && Instant::now() < until,
                "{program}: {}",
                fs::read_to_string(server.directory.join("log")).unwrap()
            );
            std::thread::yield_now();
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A network over a socket.
struct Client {
    network: Network,
    address: SocketAddr,
    socket: Option<TcpStream>,
    began: Instant,
    news: Vec<News>,
}

impl Client {
    fn new(nick: &str, random: u128, address: SocketAddr) -> Self {
        let network = Network::new(Identity::guest(nick), Kept::new(random));
        Self { network, address, socket: None, began: Instant::now(), news: Vec::new() }
    }

    /// Does what is due, and waits a little for what comes.
    fn turn(&mut self) {
        let now = self.began.elapsed();
        match self.network.wake(now, 0) {
            Some(Want::Connect) => match TcpStream::connect(self.address) {
                Ok(socket) => {
                    socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
                    self.socket = Some(socket);
                    self.network.connected(now);
                }
                Err(_) => self.network.lost(now, 0),
            },
            Some(Want::Close) => self.socket = None,
            None => {}
        }
        let Some(socket) = &mut self.socket else { return };
        let mut bytes = [0; 4096];
        let read = match socket.write_all(&self.network.take_output()).and_then(|()| socket.read(&mut bytes)) {
            Ok(0) => None,
            Ok(read) => Some(read),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Some(0),
            Err(_) => None,
        };
        match read {
            Some(0) => {}
            Some(read) => self.network.receive(&bytes[..read], now),
            None => {
                self.socket = None;
                self.network.lost(now, 0);
            }
        }
        self.news.extend(std::iter::from_fn(|| self.network.next_news()));
    }

    fn texts(&self, room: &str) -> Vec<String> {
        let room = self.network.state().room(room);
        room.into_iter().flat_map(|room| room.window.entries()).map(|entry| entry.text.to_string()).collect()
    }

    fn members(&self, room: &str) -> Vec<String> {
        let state = self.network.state();
        let members = state.room(room).map(|room| state.members(room)).unwrap_or_default();
        members.into_iter().map(|(person, signs)| format!("{signs}{}", person.nick)).collect()
    }
}

/// Turns all clients until something is so.
fn until<const CLIENTS: usize>(
    mut clients: [&mut Client; CLIENTS],
    what: &str,
    is_so: impl Fn(&[&mut Client; CLIENTS]) -> bool,
) {
    let end = Instant::now() + PATIENCE;
    while !is_so(&clients) {
        if Instant::now() > end {
            let known: Vec<_> = clients.iter().map(|client| (client.network.standing(), &client.news)).collect();
            panic!("{what} never came: {known:?}");
        }
        for client in &mut clients {
            client.turn();
        }
    }
}

/// Two people on a server that knows none of our capabilities.
fn talk(address: SocketAddr) {
    let (mut alice, mut bob) = (Client::new("alice", 1, address), Client::new("bob", 2, address));
    let online =
        |clients: &[&mut Client; 2]| clients.iter().all(|client| client.network.standing() == Standing::Online);
    until([&mut alice, &mut bob], "both online", online);
    alice.network.join("#tea");
    until([&mut alice, &mut bob], "alice is in her room, and its operator", |[alice, _]| {
        alice.members("#tea") == ["@alice"]
    });
    bob.network.join("#tea");
    until([&mut alice, &mut bob], "two in the room", |clients| {
        clients.iter().all(|client| client.members("#TEA") == ["@alice", "bob"])
    });

    // More at once than servers let a client say in one burst: then they hold it back, a second for each command.
    let said: Vec<String> = (0..12).map(|number| format!("cup {number}")).collect();
    for text in &said {
        alice.network.say(What::say("#tea", text));
    }
    alice.network.command("TOPIC", &["#tea", "Biscuits"]);
    let all_said = |clients: &[&mut Client; 2]| clients.iter().all(|client| client.texts("#tea") == said);
    until([&mut alice, &mut bob], "everything, once, in order, for both", all_said);
    until([&mut alice, &mut bob], "a topic", |[_, bob]| {
        bob.network
            .state()
            .room("#tea")
            .and_then(|room| room.topic.as_ref())
            .is_some_and(|topic| &*topic.text == "Biscuits")
    });
    let unread = |client: &Client| client.network.state().room("#tea").map(|room| room.unread);
    assert_eq!((unread(&alice), unread(&bob)), (Some(0), Some(12)));

    // To bob alone, and to nobody.
    alice.network.say(What::say("bob", "psst"));
    let nobody = alice.network.say(What::say("nobody", "hello?"));
    until([&mut alice, &mut bob], "a private message", |[alice, bob]| {
        bob.texts("alice") == ["psst"] && alice.texts("bob") == ["psst"]
    });
    until([&mut alice, &mut bob], "a refusal", |[alice, _]| {
        let state = alice.network.kept().outbox.entry(nobody).map(|entry| &entry.state);
        matches!(state, Some(Sending::Refused(refusal)) if &*refusal.code == "401")
    });

    // Her connection breaks. She comes back into her room, and knows what she does not know.
    alice.socket.as_ref().unwrap().shutdown(Shutdown::Both).unwrap();
    until([&mut alice, &mut bob], "the loss", |[alice, _]| {
        matches!(alice.network.standing(), Standing::Waiting { .. })
    });
    until([&mut alice, &mut bob], "both again", |clients| {
        online(clients) && clients.iter().all(|client| client.members("#tea").len() == 2)
    });
    alice.network.say(What::say("#tea", "again"));
    until([&mut alice, &mut bob], "what she says then", |clients| {
        clients.iter().all(|client| client.texts("#tea").last().is_some_and(|text| text == "again"))
    });
    let room = alice.network.state().room("#tea").unwrap();
    assert_eq!(
        room.window.shown().filter(|shown| *shown == Shown::Gap).count(),
        2,
        "before everything, and while she was away"
    );
    assert_eq!(bob.texts("#tea").len(), said.len() + 1);

    bob.network.leave("bye");
    until([&mut alice, &mut bob], "bob's departure", |[alice, _]| alice.members("#tea").len() == 1);
}

#[test]
#[ignore = "needs Debian's package inspircd; ./test runs it"]
fn inspircd() {
    let is_root = rustix::process::geteuid().is_root();
    let options = ["--nofork", "--nopid", "--nolog", "--runasroot"];
    let server = Server::start("inspircd", INSPIRCD, if is_root { &options } else { &options[..3] });
    talk(server.address);
}

#[test]
#[ignore = "needs Debian's package ngircd; ./test runs it"]
fn ngircd() {
    let server = Server::start("ngircd", NGIRCD, &["--nodaemon"]);
    talk(server.address);
}

/// As it comes, with ident and DNS left out: nobody answers them here.
const INSPIRCD: &str = r#"
<server name="inspircd.example" description="Test" network="Test">
<admin name="test" nick="test" email="test@localhost">
<bind address="127.0.0.1" port="%PORT%" type="clients">
<power diepass="x" restartpass="x">
<connect name="main" allow="*" timeout="60" useident="no" resolvehostnames="no">
<options defaultmodes="not">
<module name="cap">
<module name="ircv3">
<module name="ircv3_ctctags">
<module name="namesx">
<module name="uhnames">
<files motd="%DIRECTORY%/motd">
"#;

/// As it comes, with ident and DNS left out.
const NGIRCD: &str = "
[Global]
Name = ngircd.example
Info = Test
Listen = 127.0.0.1
Ports = %PORT%
ServerUID = nobody
ServerGID = nogroup
PidFile =
MotdPhrase = welcome
[Options]
DNS = no
Ident = no
PAM = no
";
