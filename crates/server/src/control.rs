//! What the owner of the server asks at its machine, while it runs: by the socket `control.sock` in the data directory,
//! which is the owner's alone (mode 0600).
//!
//! One connection asks one thing: it writes one line of JSON, a [`Request`], and reads one line, an [`Answer`]. One
//! connection is served at a time, and none for long. See `docs/protocol/control.md`.

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
use chat::command::{AccountCommand, Command, InvitationCommand, Request as HallRequest};
use chat::ids::SessionId;
use chat::reply::{AccountReply, InvitationReply, Reply};
use chat::time::Now;
use irc::names::NameRules;
use irc::numerics::Language;
use serde::{Deserialize, Serialize};
use session::features::register::password_trouble;
use session::features::time::in_words;
use session::secrets::{SECRET_BYTES, hash_of_word, word_of};
use session::texts;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::archive::{Done, Import};
use crate::backup::{Intake, LongWork};
use crate::banner;
use crate::config::PasswordHash;
use crate::credentials::Passwords;
use crate::desk::Asker;
use crate::hall_host::HallHost;
use crate::serve::Prepared;

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

/// One thing asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Make an account.
    AccountAdd {
        /// Its name.
        name: String,
        /// Its password.
        password: String,
        /// Whether its owner runs the server.
        operator: bool,
    },
    /// Write a backup.
    Backup {
        /// The file, as an absolute path.
        file: String,
    },
    /// Look through the database.
    Verify {},
    /// Take in what was said elsewhere. Files are absolute paths.
    Import(Import),
    /// Remove an account.
    AccountRemove {
        /// Its name.
        name: String,
        /// Whether what was said from it stays.
        #[serde(default)]
        keep_messages: bool,
    },
    /// Give an account another password.
    AccountPasswd {
        /// Its name.
        name: String,
        /// The new password.
        password: String,
    },
    /// Make a code to set another password.
    AccountReset {
        /// The account's name.
        name: String,
    },
    /// List all accounts.
    AccountList,
    /// Make an invitation.
    InviteCreate {
        /// How many accounts it makes.
        uses: u32,
        /// For how long it holds.
        days: Option<u32>,
    },
    /// List invitations.
    InviteList,
    /// End an invitation.
    InviteRevoke {
        /// Which.
        id: String,
    },
}

impl std::fmt::Debug for Request {
    /// Leaves out passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Request")
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It is done; this is to be shown.
    Done {
        /// Lines of text, or none.
        lines: Vec<String>,
    },
    /// It is not.
    Refused {
        /// A sentence.
        why: String,
    },
}

/// One line from the server: before the answer to what takes long, how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// It goes on.
    Progress {
        /// How far it is.
        progress: Done,
    },
    /// The last line.
    Answer(Answer),
}

impl Answer {
    fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }
}

impl Request {
    /// Tells whether it is done beside the hall, and may take long.
    fn is_long(&self) -> bool {
        matches!(self, Self::Backup { .. } | Self::Verify {} | Self::Import(_))
    }

    /// Turns it into what the hall takes: passwords are hashed and codes are made, which takes long.
    ///
    /// # Errors
    /// A sentence: the password is no good, or the system gives no random numbers.
    pub fn into_command(self, passwords: &Passwords) -> Result<Command, String> {
        let account = |command| Command::Account(Box::new(command));
        Ok(match self {
            Self::Backup { .. } | Self::Verify {} | Self::Import(_) => {
                return Err("this is not asked of the hall".to_owned());
            }
            Self::AccountAdd { name, password, operator } => {
                let credentials = credentials(passwords, &name, &password)?;
                account(AccountCommand::Add { name: name.into(), credentials, operator })
            }
            Self::AccountPasswd { name, password } => {
                let credentials = credentials(passwords, &name, &password)?;
                account(AccountCommand::SetPassword { account: name.into(), credentials, proof: None })
            }
            Self::AccountRemove { name, keep_messages } => {
                account(AccountCommand::Remove { account: Some(name.into()), code: None, keep_messages })
            }
            Self::AccountReset { name } => {
                let code = new_word()?;
                let hash = hash_of_word(&code);
                account(AccountCommand::IssueReset { account: name.into(), code: code.into(), hash })
            }
            Self::AccountList => account(AccountCommand::List),
            Self::InviteCreate { uses, days } => {
                let word = new_word()?;
                let (hash, time) = (hash_of_word(&word), days.map(|days| Duration::from_hours(24) * days));
                let word = word.into();
                Command::Invitation(InvitationCommand::Create { word, hash, uses, time, operator: false })
            }
            Self::InviteList => Command::Invitation(InvitationCommand::List),
            Self::InviteRevoke { id } => Command::Invitation(InvitationCommand::Revoke { id: id.into() }),
        })
    }
}

fn credentials(passwords: &Passwords, name: &str, password: &str) -> Result<Arc<str>, String> {
    if password.is_empty() {
        return Err("the password is empty".to_owned());
    }
    if let Some(trouble) = password_trouble(name, password) {
        return Err(texts::accounts::register(trouble, Language::En));
    }
    passwords.make(&session::sasl::prepared(password)).map_err(|error| format!("{error:#}"))
}

/// Makes a word that nobody can guess.
fn new_word() -> Result<String, String> {
    let mut random = [0; SECRET_BYTES];
    getrandom::fill(&mut random).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    Ok(word_of(&random))
}

/// Says in lines of text what the hall has answered.
pub fn answer(replies: &[Reply]) -> Answer {
    let refusal =
        replies.iter().find_map(|reply| if let Reply::Refused(refusal) = reply { Some(refusal) } else { None });
    match refusal {
        Some(refusal) => Answer::refused(texts::refusal(refusal, Language::En)),
        None => Answer::Done { lines: replies.iter().flat_map(lines).collect() },
    }
}

fn lines(reply: &Reply) -> Vec<String> {
    match reply {
        Reply::Registered(name) => vec![format!("account {name} added")],
        Reply::Account(AccountReply::Removed { account, keeps_messages }) => vec![
            format!("account {account} removed"),
            "gone with it: password, certificates, settings, channels, read markers".to_owned(),
            if *keeps_messages { "what was said from it stays" } else { "what was said from it is erased" }.to_owned(),
            "its name stays reserved: nobody can register it again".to_owned(),
        ],
        Reply::Account(AccountReply::Changed { account, change }) => match change {
            chat::account::AccountChange::ResetIssued { until, code } => {
                vec![code.to_string(), format!("holds once, until {}: NickServ RESETPASS {account}", in_words(*until))]
            }
            _ => vec![format!("account {account} changed")],
        },
        Reply::Account(AccountReply::List(all)) => all.iter().map(account_line).collect(),
        Reply::Invitation(InvitationReply::Created { word, .. }) => vec![word.to_string()],
        Reply::Invitation(InvitationReply::List(all)) => {
            all.iter().map(|one| texts::invitations::about(one, Language::En)).collect()
        }
        Reply::Invitation(InvitationReply::Revoked { id }) => vec![format!("invitation {id} revoked")],
        _ => Vec::new(),
    }
}

/// Writes the name first, then words for what is special about an account.
fn account_line(info: &chat::reply::AccountInfo) -> String {
    let account = &info.account;
    let operator = match account.operator {
        Some(chat::user::OperatorClass::Admin) => " operator",
        Some(chat::user::OperatorClass::Moderator) => " moderator",
        None => "",
    };
    let password = if info.has_password { "" } else { " no-password" };
    let always_on = if account.always_on == Some(true) { " always-on" } else { "" };
    let connections = if info.connections > 0 { format!(" connections={}", info.connections) } else { String::new() };
    format!("{}{operator}{password}{always_on}{connections} registered={}", account.name, account.registered)
}

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
        let passwords = Passwords::new(cost)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_and_the_answer_are_told_apart() {
        let progress = Done { doing: crate::archive::Doing::Importing, done: 1, all: 2 };
        for (told, line) in [
            (Told::Progress { progress }, r#"{"progress":{"doing":"importing","done":1,"all":2}}"#),
            (Told::Answer(Answer::refused("no")), r#"{"answer":"refused","why":"no"}"#),
        ] {
            assert_eq!(serde_json::to_string(&told).unwrap_or_default(), line);
            assert_eq!(serde_json::from_str::<Told>(line).ok(), Some(told));
        }
    }

    #[test]
    fn requests_are_one_line_and_read_back() {
        let request = Request::AccountAdd { name: "anna".into(), password: "a\nb".into(), operator: true };
        let line = serde_json::to_string(&request).unwrap_or_default();
        assert_eq!(line, r#"{"do":"account_add","name":"anna","password":"a\nb","operator":true}"#);
        assert_eq!(serde_json::from_str::<Request>(&line).ok(), Some(request.clone()));
        assert!(!format!("{request:?}").contains("a\\nb"));
        assert!(serde_json::from_str::<Request>(r#"{"do":"account_remove","name":"anna","more":1}"#).is_err());
    }
}
