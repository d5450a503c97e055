//! `loggia chat`: the client for terminals, and for pipes.
//!
//! Everything that is shown and done is in `app` and `view`, which know no terminal; `screen` gives them one. What is
//! said and missed is the crate `client`'s affair; `driver` gives it a connection (`link`) and a place on disk (`kept`).
//! `pipe` does without a screen.

mod app;
mod ask;
mod clock;
mod composer;
mod driver;
mod pipe;
pub mod rich_text;
mod screen;
mod signals;
mod view;
mod words;

use std::io::{IsTerminal as _, stdin, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use client::handshake::Identity;
use discovery::Found;
use link::address::{self, Address, Door};
use link::kept;
pub use words::Language;
use words::Words;

/// How long servers on this network are looked for: half a second finds those that are awake.
const LOOKING: Duration = Duration::from_millis(800);

/// What `loggia chat` is asked to do.
#[derive(Debug, clap::Args)]
pub struct Chat {
    /// The server: host[:port], irc://, ircs://, ws://, wss://, plain://host:port?variant=quit|close|nick|username, or a link to
    /// join [default: asked]
    address: Option<String>,
    /// Your name there [default: asked; the last one is remembered]
    #[arg(long, value_name = "NAME")]
    nick: Option<String>,
    /// The room to enter
    #[arg(long, value_name = "#NAME")]
    room: Option<String>,
    /// The account to log in to; its password from $LOGGIA_PASSWORD, from the file, or asked
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// A file whose first line is the password
    #[arg(long, value_name = "FILE", requires = "account")]
    password_file: Option<PathBuf>,
    /// The certificate that the server has to show: sha256:…
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<String>,
    /// Speak with a server that does not encrypt, also beyond this network
    #[arg(long)]
    allow_unencrypted: bool,
    /// Print what is said, one line each (time, room, name, text, with tabs between), and no screen
    #[arg(long)]
    follow: bool,
    /// How long a line from a pipe may take until the server keeps it
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Take clicks and the wheel of the mouse, which the terminal then does not get
    #[arg(long)]
    mouse: bool,
    /// The language of the program [default: as LC_ALL, LC_MESSAGES or LANG say]
    #[arg(long, value_enum)]
    language: Option<Language>,
}

/// Where to, as whom, and how.
pub(crate) struct Asked {
    pub(crate) address: Address,
    pub(crate) identity: Identity,
    pub(crate) room: Option<String>,
    pub(crate) language: Language,
}

/// Runs it, with a screen or without.
///
/// # Errors
///
/// What did not go as asked: exit status 1.
pub fn run(chat: &Chat) -> anyhow::Result<()> {
    let language = chat.language.unwrap_or_else(Language::of_environment);
    let is_piped = !stdin().is_terminal() || chat.follow;
    if !is_piped && !stdout().is_terminal() {
        bail!("the screen needs a terminal; without one, give lines on standard input, or --follow");
    }
    let directory = kept::Directory::open();
    let known = directory.as_ref().map(kept::Directory::known).unwrap_or_default();
    let asked = asked(chat, &known, language, !is_piped)?;
    if is_piped {
        return pipe::run(chat, asked, &known);
    }
    screen::run(chat, asked, &directory?, &known)
}

/// Finds out what was not said on the command line: asks, where somebody is there to answer.
fn asked(chat: &Chat, known: &kept::Known, language: Language, is_interactive: bool) -> anyhow::Result<Asked> {
    let words = language.words();
    let (last_address, last_nick) =
        known.last.clone().map_or((None, None), |(address, nick)| (Some(address), Some(nick)));
    let read = |address: &str| Address::parse(address).with_context(|| format!("“{address}” is no address"));
    let mut address = match &chat.address {
        Some(address) => read(address)?,
        None if is_interactive => ask::server(words, &nearby(words), last_address.as_deref())?,
        None => read(&last_address.context("say which server: loggia chat HOST")?)?,
    };
    if let Some(fingerprint) = &chat.fingerprint {
        address.fingerprint = Some(address::fingerprint(fingerprint)?);
    }
    let nick = match &chat.nick {
        Some(nick) => nick.clone(),
        None if is_interactive => ask::name(words, last_nick.as_deref())?,
        None => last_nick.or_else(|| std::env::var("USER").ok()).context("say who you are: --nick NAME")?,
    };
    // Classroom names have spaces where people's have.
    let is_classroom = matches!(address.door, Door::Classroom(_));
    let nick = if is_classroom { nick.trim().replace(' ', "\u{a0}") } else { nick.trim().to_owned() };
    if !irc::write::is_middle(&nick) {
        bail!("“{nick}” is no name: it is one word");
    }
    let mut identity = Identity::guest(&nick);
    identity.server_password = address.server_password();
    if let Some(account) = &chat.account {
        let password = ask::password(words, chat.password_file.as_deref(), is_interactive)?;
        if account.contains('\0') || password.contains('\0') {
            bail!("a zero byte stands in no name and no password");
        }
        identity.account = Some((account.as_str().into(), password.into()));
    }
    let room = if is_classroom { None } else { chat.room.clone().or_else(|| address.room.clone()) };
    if let Some(room) = room.as_deref().filter(|room| !irc::write::is_middle(room) || room.contains(',')) {
        bail!("“{room}” is no room: it is one word, such as #piazza");
    }
    Ok(Asked { address, identity, room, language })
}

/// Returns the servers that say on this network that they are there. Where nobody can be looked for, there is none.
fn nearby(words: &Words) -> Vec<Found> {
    eprintln!("{}", words.looking);
    discovery::browse(LOOKING).unwrap_or_default()
}
