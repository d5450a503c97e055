//! The program as a person meets it: exit statuses, messages, start and stop.
#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// A working directory of its own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("loggia-program-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loggia"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env("XDG_CONFIG_HOME", self.0.join("config"))
            .env_remove("RUST_LOG");
        command
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = self.command(arguments).stdin(Stdio::null()).output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that has said `ready`.
struct Running {
    child: Child,
    output: Option<BufReader<ChildStdout>>,
    said: Vec<String>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut running = Self { child, output: None, said: Vec::new() };
        let mut output = BufReader::new(running.child.stdout.take().unwrap());
        loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended before it was ready: {:?}", running.said);
            let line = line.trim_end().to_owned();
            let is_ready = line == "ready";
            running.said.push(line);
            if is_ready {
                running.output = Some(output);
                return running;
            }
        }
    }

    /// Returns the port of the first address on 127.0.0.1 that it told.
    fn port(&self) -> u16 {
        let told = self.said.iter().find_map(|line| line.split_once("irc 127.0.0.1:")).unwrap().1;
        told.split(' ').next().unwrap().parse().unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Returns the exit status, which must come within five seconds.
    fn wait(mut self) -> Option<i32> {
        let mut output = self.output.take().unwrap();
        let (ended, end) = mpsc::channel();
        // Standard output is closed by the end of the process: that is what is waited for.
        let reader = std::thread::spawn(move || {
            let _ = output.read_to_end(&mut Vec::new());
            let _ = ended.send(());
        });
        end.recv_timeout(Duration::from_secs(5)).expect("it ends within 5 seconds");
        reader.join().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_right_configuration_is_zero() {
    let place = Place::new();
    assert_eq!(
        place.run(&["config", "check"]),
        (Some(0), "there is no configuration file: the defaults hold\n".to_owned(), String::new())
    );
    place.write("config/loggia/loggia.toml", "[server]\nnetwork = \"Home\"\n");
    let (status, said, _) = place.run(&["config", "check"]);
    assert_eq!((status, said.ends_with("config/loggia/loggia.toml: right\n")), (Some(0), true), "{said}");
    place.write("loggia.toml", "[server]\nnetwork = \"Here\"\n");
    assert_eq!(place.run(&["config", "check"]).1, "loggia.toml: right\n");
    place.write("later.toml", "[cluster]\n");
    for arguments in [["--config", "later.toml", "config", "check"], ["config", "check", "--config", "later.toml"]] {
        let (status, said, noted) = place.run(&arguments);
        assert_eq!((status, said.as_str()), (Some(0), "later.toml: right\n"));
        assert!(noted.contains("will refuse [cluster]"), "{noted}");
    }
}

#[test]
fn a_wrong_configuration_is_two() {
    let place = Place::new();
    place.write("loggia.toml", "[limits]\n\nnick_lenght = 9\n");
    let remedy = "loggia.toml:3: limits.nick_lenght: unknown key; the nearest known one is `nick_length`\n";
    for arguments in [&["config", "check"][..], &["serve"], &[]] {
        assert_eq!(place.run(arguments), (Some(2), String::new(), remedy.to_owned()), "{arguments:?}");
    }
    assert_eq!(place.run(&["config", "check", "--config", "none.toml"]).0, Some(2));
    assert!(!place.0.join("loggia-data").exists(), "nothing is made before the configuration is right");
}

#[test]
fn a_certificate_that_cannot_be_used_is_two() {
    let place = Place::new();
    place.write("loggia.toml", "[[listen]]\ntls = { cert = \"c.pem\", key = \"k.pem\" }\n");
    let cannot_read = "listen[1].tls: cannot read c.pem: No such file or directory (os error 2)\n";
    for arguments in [&["config", "check"][..], &["serve"]] {
        assert_eq!(place.run(arguments), (Some(2), String::new(), cannot_read.to_owned()), "{arguments:?}");
    }
    let made = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let (one, other) = (made("one.example"), made("other.example"));
    for (cert, key, problem) in [
        (
            "hello",
            "hello",
            "c.pem holds no certificate: a section that begins with -----BEGIN CERTIFICATE----- is needed",
        ),
        (
            &one.cert.pem(),
            "",
            "k.pem holds no key: a section that begins with -----BEGIN PRIVATE KEY----- is needed, without a password",
        ),
        (&one.cert.pem(), &other.signing_key.serialize_pem(), "k.pem is not the key of the certificate in c.pem"),
    ] {
        place.write("c.pem", cert);
        place.write("k.pem", key);
        let said = format!("listen[1].tls: {problem}\n");
        assert_eq!(place.run(&["config", "check"]), (Some(2), String::new(), said));
    }
    place.write("c.pem", &one.cert.pem());
    place.write("k.pem", &one.signing_key.serialize_pem());
    assert_eq!(place.run(&["config", "check"]), (Some(0), "loggia.toml: right\n".to_owned(), String::new()));
}

#[test]
fn what_this_version_lacks_is_refused() {
    let place = Place::new();
    place.write("loggia.toml", "[cluster]\n");
    let (status, _, said) = place.run(&["serve"]);
    assert_eq!((status, said.as_str()), (Some(2), "[cluster]: this version does not have it yet\n"));
}

#[test]
fn printed_defaults_can_be_used() {
    let place = Place::new();
    let (status, defaults, _) = place.run(&["config", "print-defaults"]);
    assert_eq!(status, Some(0));
    place.write("loggia.toml", &defaults);
    assert_eq!(place.run(&["config", "check"]), (Some(0), "loggia.toml: right\n".to_owned(), String::new()));
}

#[test]
fn usage_errors_are_two_and_help_is_zero() {
    let place = Place::new();
    for wrong in
        [&["--nonsense"][..], &["dance"], &["serve", "--listen", "53000"], &["--listen", "[::1]:0", "config", "check"]]
    {
        assert_eq!(place.run(wrong).0, Some(2), "{wrong:?}");
    }
    let (status, _, said) = place.run(&["--listen", "127.0.0.1:1", "serve", "--listen", "127.0.0.1:1"]);
    assert_eq!((status, said.trim()), (Some(2), "--listen 127.0.0.1:1 is given twice"));
    for right in [
        &["--help"][..],
        &["--version"],
        &["serve", "--help"],
        &["config", "check", "--version"],
        &["account", "hash", "--help"],
    ] {
        let (status, said, _) = place.run(right);
        assert_eq!((status, said.is_empty()), (Some(0), false), "{right:?}");
    }
}

#[test]
fn hashes_come_from_standard_input() {
    let place = Place::new();
    let hash = |password: &str| {
        let mut child = place
            .command(&["account", "hash"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, said) = hash("secret\n");
    assert_eq!((status, said.starts_with("$argon2id$"), said.lines().count()), (Some(0), true, 1), "{said}");
    assert_eq!(hash("\n"), (Some(1), String::new()));
}

#[test]
fn starts_tells_and_stops() {
    let place = Place::new();
    for (signal, arguments) in [
        (Signal::INT, &["--listen", "127.0.0.1:0", "--data", "there"][..]),
        (Signal::TERM, &["serve", "--listen", "127.0.0.1:0", "--data", "there"]),
    ] {
        let running = place.start(arguments);
        assert_ne!(running.port(), 0);
        assert!(
            running
                .said
                .iter()
                .any(|line| line == &format!("Data: {}", place.0.canonicalize().unwrap().join("there").display()))
        );
        TcpStream::connect(("127.0.0.1", running.port())).unwrap();
        running.signal(Signal::HUP);
        running.signal(signal);
        assert_eq!(running.wait(), Some(0));
    }
}

#[test]
fn a_second_server_names_the_first() {
    let place = Place::new();
    let running = place.start(&["--listen", "127.0.0.1:0"]);
    let (status, _, said) = place.run(&["--listen", "127.0.0.1:0"]);
    assert_eq!(status, Some(1));
    let holder = format!("another server (process {}) holds ", running.child.id());
    assert!(said.contains(&holder) && said.trim_end().ends_with("loggia-data"), "{said}");
}

#[test]
fn a_taken_port_is_one_and_names_who_has_it() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (status, _, said) = place.run(&["serve", "--listen", &address]);
    assert_eq!(status, Some(1));
    assert!(
        said.contains(&format!("{address} is taken by ")) && said.contains(&std::process::id().to_string()),
        "{said}"
    );
    place.write("loggia.toml", &format!("[[listen]]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"{address}\"\n"));
    let (status, _, said) = place.run(&["serve"]);
    assert_eq!((status, said.contains("cannot open the admin listener")), (Some(1), true), "{said}");
}

#[test]
fn administrators_can_look_in() {
    let place = Place::new();
    let admin = format!("127.0.0.1:{}", free_port());
    place.write("loggia.toml", &format!("[[listen]]\naddress = \"127.0.0.1:0\"\n[admin]\naddress = \"{admin}\"\n"));
    let _running = place.start(&["serve"]);
    assert!(ask(&admin, "/health").starts_with("HTTP/1.1 200 "));
    let metrics = ask(&admin, "/metrics");
    assert!(
        metrics.contains("application/openmetrics-text; version=1.0.0") && metrics.contains("loggia_sends_total"),
        "{metrics}"
    );
    let ready = ask(&admin, "/ready");
    assert!(ready.starts_with("HTTP/1.1 200 ") || ready.contains("the store cannot write"), "{ready}");
    assert!(ask(&admin, "/").starts_with("HTTP/1.1 404 "));
}

#[test]
fn the_data_directory_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let _running = place.start(&["--listen", "127.0.0.1:0"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.0.join("loggia-data")), 0o700);
    assert_eq!(mode(&place.0.join("loggia-data/secret")), 0o600);
}

#[test]
fn systemd_is_told() {
    let place = Place::new();
    let socket = UnixDatagram::bind(place.0.join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut command = place.command(&["--listen", "127.0.0.1:0"]);
    command.env("NOTIFY_SOCKET", place.0.join("notify"));
    let _running = Running::start(command);
    let mut told = [0; 64];
    let count = socket.recv(&mut told).unwrap();
    assert!(told[..count].starts_with(b"READY=1"));
}
