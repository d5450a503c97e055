//! The command line.
//!
//! Exit status: 0 done, 1 failed, 2 usage or configuration error.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::config::{ConfigErrors, ConfigSource, form, not_yet, print_defaults};
use crate::control::Request;
use crate::{account, account_hash, archive, backup, certificates, find, serve};

/// A chat you run yourself: browsers, IRC clients and plain nc in the same rooms.
#[derive(Debug, Parser)]
#[command(name = "loggia", version, propagate_version = true, max_term_width = 100)]
struct CommandLine {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(flatten)]
    serve: ServeOptions,
    /// Write the man pages and shell completions of this program into a directory
    #[arg(long, value_name = "DIR", exclusive = true, hide = true)]
    write_manual: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What may stand before or after the command.
#[derive(Debug, Args)]
struct Everywhere {
    /// The configuration [default: ./loggia.toml, else $XDG_CONFIG_HOME/loggia/loggia.toml, else built-in defaults]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The directory where everything is kept [default: the configuration's, ./loggia-data]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ServeOptions {
    /// Listen here, for every kind of client, instead of where the configuration says; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = listen_address)]
    listen: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server; this is what `loggia` alone does
    Serve(ServeOptions),
    /// Chat in this terminal, or from a pipe
    Chat(Box<terminal::Chat>),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Look after accounts
    #[command(subcommand)]
    Account(AccountCommand),
    /// Let people make accounts themselves, where that needs an invitation
    #[command(subcommand)]
    Invite(InviteCommand),
    /// List the servers that announce themselves on the local network
    Find {
        /// How long to listen for them
        #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=60))]
        seconds: u8,
    },
    /// Measure and torture servers of this program, started on directories of their own
    #[cfg(target_os = "linux")]
    Bench(bench::Bench),
    /// Write everything into one file, while the server runs or not
    Backup {
        /// The file; one that is there is replaced when the new one is complete
        file: PathBuf,
    },
    /// Put a backup in the place of the data; no server may run on it
    Restore {
        /// What `loggia backup` has written
        file: PathBuf,
    },
    /// Read all that is kept and say what is not as it was written
    Verify,
    /// Write everything that is kept into a file of JSON lines, also while the server runs
    Export {
        /// The file; `-` for standard output
        file: PathBuf,
    },
    /// Take in an archive, or what was said in other chat programs; the server must not run
    Import(ImportOptions),
}

#[derive(Debug, Args)]
struct ImportOptions {
    /// Archives, logs, exports: all of one channel in one go, for they are sorted by time
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which program has written them [default: what they look like]
    #[arg(long, value_name = "NAME")]
    format: Option<archive::Format>,
    /// The channel that all goes into [default: as the files say]
    #[arg(long, value_name = "#CHANNEL")]
    into: Option<String>,
    /// Where logs were written that do not say it, such as Europe/Rome [default: this machine's time zone]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration is right, and if not, where and what would be
    Check,
    /// Print every key with its default and what it is for
    PrintDefaults,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account; its password on standard input, or asked for
    Add {
        /// The account's name
        name: String,
        /// Its owner runs the server
        #[arg(long)]
        operator: bool,
    },
    /// Remove an account, all that is kept for it, and what was said from it; its name stays reserved for ever
    Remove {
        /// The account's name
        name: String,
        /// Let stay what was said from it
        #[arg(long)]
        keep_messages: bool,
    },
    /// Give an account another password, on standard input or asked for
    Passwd {
        /// The account's name
        name: String,
    },
    /// Make a code with which the owner of an account can set another password
    Reset {
        /// The account's name
        name: String,
    },
    /// List all accounts
    List,
    /// Turn a password, on standard input or asked for, into a hash for the configuration
    Hash,
}

#[derive(Debug, Subcommand)]
enum InviteCommand {
    /// Make an invitation
    Create {
        /// How many accounts it makes
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        uses: u32,
        /// For how many days it holds [default: for ever]
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List the invitations that can be used
    List,
    /// End an invitation
    Revoke {
        /// As the list has it
        id: String,
    },
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The person has to write something else: exit status 2.
    #[error("{0}")]
    Usage(String),
    /// The world says no: exit status 1.
    #[error(transparent)]
    Failed(#[from] anyhow::Error),
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::Usage(errors.to_string())
    }
}

/// Does what the command line asks for.
pub fn run() -> ExitCode {
    // Ends the process by itself for --help, --version (0) and mistakes (2).
    match execute(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(what)) => {
            eprintln!("{what}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(error)) => {
            eprintln!("loggia: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(line: CommandLine) -> Result<(), Failure> {
    if let Some(directory) = line.write_manual {
        let written = manual::write(CommandLine::command(), &directory);
        return Ok(written.with_context(|| format!("cannot write the manual into {}", directory.display()))?);
    }
    let source = || ConfigSource::new(line.everywhere.config.clone(), line.everywhere.data.clone());
    let mut listen = line.serve.listen;
    let command = match line.command {
        None => Command::Serve(ServeOptions { listen: Vec::new() }),
        Some(command @ Command::Serve(_)) => command,
        Some(_) if !listen.is_empty() => {
            return Err(Failure::Usage("--listen is for `loggia serve`; see `loggia --help`".to_owned()));
        }
        Some(command) => command,
    };
    match command {
        Command::Serve(options) => {
            listen.extend(options.listen);
            if let Some(address) = given_twice(&listen) {
                return Err(Failure::Usage(format!("--listen {address} is given twice")));
            }
            serve::serve(source(), &listen)
        }
        Command::Chat(asked) => Ok(terminal::run(&asked)?),
        Command::Config(ConfigCommand::Check) => check(&source()),
        Command::Config(ConfigCommand::PrintDefaults) => print(&print_defaults()),
        Command::Account(AccountCommand::Hash) => Ok(account_hash::run()?),
        Command::Account(command) => print(&account::run(&source(), asked_of_account(command)?)?),
        Command::Find { seconds } => print(&find::find(Duration::from_secs(seconds.into()))?),
        #[cfg(target_os = "linux")]
        Command::Bench(asked) => run_bench(&asked),
        Command::Backup { file } => {
            let file = std::path::absolute(&file).with_context(|| format!("cannot find {}", file.display()))?;
            let file = file.into_os_string().into_string();
            let file = file.map_err(|file| Failure::Usage(format!("{} is not UTF-8", file.display())))?;
            print(&backup::ask(&source(), &Request::Backup { file })?)
        }
        Command::Restore { file } => print(&backup::restore::run(&source(), &file)?),
        Command::Verify => print(&backup::ask(&source(), &Request::Verify {})?),
        Command::Invite(command) => print(&account::run(&source(), asked_of_invitations(command))?),
        Command::Export { file } => print(&archive::export(&source(), &file)?),
        Command::Import(ImportOptions { files, format, into, time_zone }) => {
            print(&archive::import(&source(), &archive::Import { files, format, into, time_zone })?)
        }
    }
}

#[cfg(target_os = "linux")]
fn run_bench(asked: &bench::Bench) -> Result<(), Failure> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    match bench::run(asked, program)? {
        bench::Verdict::Right => Ok(()),
        bench::Verdict::Wrong => Err(Failure::Failed(anyhow::anyhow!("not everything is as it must be: see above"))),
    }
}

fn asked_of_account(command: AccountCommand) -> Result<Request, Failure> {
    let password = || account_hash::read_password().map_err(Failure::from);
    Ok(match command {
        AccountCommand::Add { name, operator } => Request::AccountAdd { name, password: password()?, operator },
        AccountCommand::Passwd { name } => Request::AccountPasswd { name, password: password()? },
        AccountCommand::Remove { name, keep_messages } => Request::AccountRemove { name, keep_messages },
        AccountCommand::Reset { name } => Request::AccountReset { name },
        AccountCommand::List | AccountCommand::Hash => Request::AccountList,
    })
}

fn asked_of_invitations(command: InviteCommand) -> Request {
    match command {
        InviteCommand::Create { uses, days } => Request::InviteCreate { uses, days },
        InviteCommand::List => Request::InviteList,
        InviteCommand::Revoke { id } => Request::InviteRevoke { id },
    }
}

/// Returns an address that stands more than once; port 0 is another port each time.
fn given_twice(listen: &[String]) -> Option<&String> {
    let earlier = |place: usize, address| listen[..place].contains(address);
    listen
        .iter()
        .enumerate()
        .find(|(place, address)| !address.ends_with(":0") && earlier(*place, address))
        .map(|(_, a)| a)
}

fn check(source: &ConfigSource) -> Result<(), Failure> {
    let config = source.load()?;
    let problems = certificates::problems(&config);
    if !problems.is_empty() {
        return Err(Failure::Usage(problems.join("\n")));
    }
    for sentence in not_yet::refusals(&config) {
        eprintln!("note: `loggia serve` will refuse {sentence}");
    }
    for sentence in not_yet::warnings(&config) {
        eprintln!("note: {sentence}");
    }
    match source.file() {
        Some(file) => print(&format!("{}: right\n", file.display())),
        None => print("there is no configuration file: the defaults hold\n"),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        // `loggia config print-defaults | head` is nobody's mistake.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(anyhow::Error::new(error).context("cannot write to standard output")))
        }
        _ => Ok(()),
    }
}

fn listen_address(written: &str) -> Result<String, String> {
    if (form::LISTEN_ADDRESS.fits)(written) {
        Ok(written.to_owned())
    } else {
        Err(format!("{} is allowed here", form::LISTEN_ADDRESS.allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
