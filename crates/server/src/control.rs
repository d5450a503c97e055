//! What the owner of the server asks at its machine, while it runs: by the socket `control.sock` in the data directory,
//! which is the owner's alone (mode 0600).
//!
//! One connection asks one thing: it writes one line of JSON, a [`Request`], and reads one line, an [`Answer`]. One
//! connection is served at a time, and none for long. See `docs/protocol/control.md`.

mod answer;
mod request;

use std::fs::{self, File, Permissions};
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat::command::{Command, InvitationCommand, Request as HallRequest};
use chat::ids::SessionId;
use chat::time::Now;
use irc::names::NameRules;
use session::secrets::hash_of_word;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::archive::Done;
use crate::backup::{Intake, LongWork};
use crate::banner;
use crate::config::PasswordHash;
use crate::credentials::Passwords;
use crate::desk::Asker;
use crate::hall_host::HallHost;
use crate::serve::Prepared;

pub use self::answer::{Answer, Told, answer};
pub use self::request::Request;
use self::request::new_word;

/// The socket's name in the data directory.
pub const SOCKET: &str = "control.sock";

/// The longest line: names and a password.
const LINE_BYTES_MAX: u64 = 8 * 1024;

/// How long a connection may take to say what it wants, or to read the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the server may take: the disk may be slow.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// The longest name of a socket that the system takes, with room for its end.
const SOCKET_BYTES_MAX: usize = 100;

/// The socket's thread, and what it wants of the event loop.
#[derive(Debug)]
pub struct Control {
    pages: Receiver<store::Page>,
    path: PathBuf,
}

impl Control {
    /// Opens the socket. What it is asked is asked of the hall by `asker`; `wake` is called when messages have come.
    ///
    /// # Errors
    /// When the socket cannot be opened or the system starts no thread.
    pub fn start(
        directory: &Path,
        cost: PasswordHash,
        rules: NameRules,
        asker: Asker,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let path = directory.join(SOCKET);
        // Whoever made it is gone: this process holds the directory.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
            _ => {}
        }
        let listener = listen(directory).with_context(|| format!("cannot listen on {}", path.display()))?;
        let passwords = Passwords::new(cost);
        let (pages_to_loop, pages) = sync_channel(1);
        let intake = Intake { rules, pages: pages_to_loop, wake: Arc::new(wake) };
        let long_work = LongWork::new(directory, intake);
        std::thread::Builder::new()
            .name("control".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    match stream {
                        Ok(stream) => serve(stream, &passwords, &asker, &long_work),
                        Err(_) => pause(),
                    }
                }
            })
            .context("cannot start the thread of the control socket")?;
        Ok(Self { pages, path })
    }

    /// Returns the next messages from elsewhere that are to be taken into the log.
    pub fn next_page(&self) -> Option<store::Page> {
        self.pages.try_recv().ok()
    }
}

/// Waits a moment: without file descriptors left, the next attempt would fail as this one did, over and over.
#[expect(clippy::disallowed_methods, reason = "there is nothing else to wait for")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Returns the socket's address, and the directory to be held open meanwhile where the whole path is too long for one.
fn address(directory: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let path = directory.join(SOCKET);
    if path.as_os_str().len() <= SOCKET_BYTES_MAX {
        return Ok((path, None));
    }
    let held = File::open(directory)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", held.as_raw_fd())), Some(held)))
}

fn listen(directory: &Path) -> io::Result<UnixListener> {
    let (path, _held) = address(directory)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(&path)?)?;
    // Nobody can connect before it listens.
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    socket.listen(8)?;
    Ok(socket.into())
}

/// Takes one request and answers it; whoever is too slow or writes something else is left.
fn serve(stream: UnixStream, passwords: &Passwords, asker: &Asker, long_work: &LongWork) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let _ = stream.set_write_timeout(Some(PATIENCE));
    let mut line = String::new();
    if BufReader::new(&stream).take(LINE_BYTES_MAX).read_line(&mut line).is_err() {
        return;
    }
    let answer = match serde_json::from_str::<Request>(&line) {
        Ok(request) if request.is_long() => return long_work.begin(request, move |told| tell(&stream, told)),
        Ok(request) => match request.into_command(passwords) {
            Ok(command) => ask(command, asker),
            Err(why) => Answer::refused(why),
        },
        Err(error) => Answer::refused(format!("this version of the server does not understand that: {error}")),
    };
    tell(&stream, &Told::Answer(answer));
}

/// Writes a line. Who asked may have gone.
fn tell(mut stream: &UnixStream, told: &Told) {
    if let Ok(mut line) = serde_json::to_string(told) {
        line.push('\n');
        let _ = stream.write_all(line.as_bytes());
    }
}

fn ask(command: Command, asker: &Asker) -> Answer {
    match asker.ask_and_wait(command, ANSWER_TIME) {
        Ok(replies) => answer(&replies),
        Err(why) => Answer::refused(why.to_string()),
    }
}

/// Asks a running server; `None`: there is none.
///
/// # Errors
/// When there is one that does not answer.
pub fn ask_running(directory: &Path, request: &Request) -> anyhow::Result<Option<Answer>> {
    ask_running_and_watch(directory, request, &mut |_| {})
}

/// Asks a running server for something that takes long; `None`: there is none. `progress` is told how far it is.
///
/// # Errors
/// When there is one that does not answer.
pub fn ask_running_and_watch(
    directory: &Path,
    request: &Request,
    progress: &mut dyn FnMut(Done),
) -> anyhow::Result<Option<Answer>> {
    let Ok((path, _held)) = address(directory) else { return Ok(None) };
    let mut stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot reach {}", directory.join(SOCKET).display())),
    };
    let patience = (!request.is_long()).then_some(ANSWER_TIME + PATIENCE);
    stream.set_read_timeout(patience).context("cannot wait for the server")?;
    let mut line = serde_json::to_string(request).context("cannot ask the server")?;
    line.push('\n');
    stream.write_all(line.as_bytes()).context("cannot ask the server")?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut answer = String::new();
        lines.read_line(&mut answer).context("the server does not answer")?;
        if answer.is_empty() {
            bail!("the server does not answer");
        }
        match serde_json::from_str(&answer).context("the server answers something else")? {
            Told::Progress { progress: done } => progress(done),
            Told::Answer(answer) => return Ok(Some(answer)),
        }
    }
}

/// At the first start, on a terminal, makes the invitation by which its owner becomes an operator, and shows it.
///
/// # Errors
/// When the system gives no random numbers.
pub fn first_operator(prepared: &Prepared, host: &mut HallHost, now: Now) -> anyhow::Result<()> {
    if !prepared.data.is_new() || !io::stdout().is_terminal() || !host.hall().world().accounts.is_empty() {
        return Ok(());
    }
    let word = new_word().map_err(anyhow::Error::msg)?;
    let hash = hash_of_word(&word);
    let create = InvitationCommand::Create { word: word.clone().into(), hash, uses: 1, time: None, operator: true };
    let request =
        HallRequest { session: SessionId::CONSOLE, commands: smallvec::smallvec![Command::Invitation(create)] };
    host.request(request, now, &mut |_| {});
    host.flush();
    banner::first_operator(&prepared.config, &word);
    Ok(())
}
