//! What is measured: a server that is started here, one that runs somewhere, or a bare loop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;

use crate::bare_loop;
use crate::foreign::Foreign;
use crate::idle::Door;
use crate::scratch::{Scratch, Stage};
use crate::server_process::{Choices, Process, ServerProcess, Setup, Usage};

/// One thing to measure, as `--server` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Loggia, and how it is configured; this program, if no other is named. The door is chosen when it is started.
    Loggia(Choices<'static>, Option<PathBuf>),
    /// Another server, and where its program is, if that was said.
    Foreign(Foreign, Option<PathBuf>),
    /// A loop that does nothing but hand messages on, so many with one `send`.
    Bare(u32),
    /// A server that runs already: nothing is known of its CPU and memory.
    Address(SocketAddr),
}

/// A subject that accepts connections. Dropped, it is killed, if it was started here.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    /// How many may come in at once.
    pub(crate) entering_max: usize,
    process: Option<Guard>,
    _scratch: Option<Scratch>,
}

enum Guard {
    Ours(ServerProcess),
    Other(Process),
}

impl Subject {
    /// The words that `--server` takes, for its help and its errors.
    pub(crate) const WORDS: &str = "loggia, loggia-disk, loggia-process, loggia-no-history, loggia-N-shards, inspircd, ngircd, ircd-hybrid (each may be followed by =PROGRAM); bare, bare-16; ADDRESS:PORT";

    /// Returns its name in tables.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Loggia(choices, program) => {
                let name = match choices {
                    Choices { keeps_history: false, .. } => "loggia-no-history".into(),
                    Choices { shards: 2.., .. } => format!("loggia-{}-shards", choices.shards),
                    Choices { durability: "memory", .. } => "loggia".into(),
                    Choices { durability, .. } => format!("loggia-{durability}"),
                };
                program.as_ref().map_or_else(|| name.clone(), |program| format!("{name}={}", program.display()))
            }
            Self::Foreign(foreign, _) => foreign.name().into(),
            Self::Bare(1) => "bare".into(),
            Self::Bare(messages) => format!("bare-{messages}"),
            Self::Address(address) => address.to_string(),
        }
    }

    /// Tells whether it is Loggia.
    pub(crate) fn is_loggia(&self) -> bool {
        matches!(self, Self::Loggia(..))
    }

    /// Tells whether it is a loop that is no server.
    pub(crate) fn is_bare(&self) -> bool {
        matches!(self, Self::Bare(_))
    }

    /// Returns how many may come in at once: fewer than its listener's queue takes, which is ten for ngIRCd. Whom a full queue has
    /// no place for is not refused: Linux lets them try again after one second, after two, and so on up to minutes.
    fn entering_max(&self) -> usize {
        match self {
            Self::Foreign(Foreign::NgIrcd, _) => 8,
            _ => 500,
        }
    }

    /// Starts it, if it does not run already.
    pub(crate) fn start(&self, stage: &Stage) -> anyhow::Result<Running> {
        self.start_with_door(stage, Door::Plain)
    }

    /// Starts it with a door of this kind; only Loggia's can be other than plain.
    pub(crate) fn start_with_door(&self, stage: &Stage, door: Door) -> anyhow::Result<Running> {
        let entering_max = self.entering_max();
        let (process, address, scratch) = match self {
            Self::Address(address) => {
                return Ok(Running { address: *address, entering_max, process: None, _scratch: None });
            }
            Self::Loggia(choices, program) => {
                let scratch = stage.scratch("loggia")?;
                let program = program.as_ref().unwrap_or(&stage.program);
                let server = Setup::new(program, scratch.path(), Choices { door, ..*choices })?.start()?;
                let address = server.address;
                (Guard::Ours(server), address, scratch)
            }
            Self::Foreign(foreign, program) => {
                let scratch = Stage::scratch_for_anybody(foreign.name())?;
                let program = program.clone().map_or_else(|| foreign.find(), Ok)?;
                let (process, address) = foreign.start(&program, scratch.path())?;
                (Guard::Other(process), address, scratch)
            }
            Self::Bare(messages) => {
                let scratch = stage.scratch("bare")?;
                let (process, address) = bare_loop::start(&stage.program, *messages)?;
                (Guard::Other(process), address, scratch)
            }
        };
        Ok(Running { address, entering_max, process: Some(process), _scratch: Some(scratch) })
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let (name, program) = match word.split_once('=') {
            Some((name, program)) => (name, Some(PathBuf::from(program))),
            None => (word, None),
        };
        if let Some(foreign) = Foreign::ALL.into_iter().find(|foreign| foreign.name() == name) {
            return Ok(Self::Foreign(foreign, program));
        }
        if let Some(choices) = choices(name) {
            return Ok(Self::Loggia(choices, program));
        }
        match word {
            "bare" => Ok(Self::Bare(1)),
            "bare-16" => Ok(Self::Bare(16)),
            address => match address.parse() {
                Ok(address) => Ok(Self::Address(address)),
                Err(_) => Err(format!("`{word}` is none of: {}", Self::WORDS)),
            },
        }
    }
}

/// Reads which of ours is meant.
fn choices(name: &str) -> Option<Choices<'static>> {
    let memory = Choices::of("memory");
    match name.strip_prefix("loggia") {
        Some("" | "-memory") => Some(memory),
        Some("-disk") => Some(Choices::of("disk")),
        Some("-process") => Some(Choices::of("process")),
        Some("-no-history") => Some(Choices { keeps_history: false, ..memory }),
        Some(rest) => {
            let shards = rest.strip_prefix('-')?.strip_suffix("-shards")?.parse().ok()?;
            (shards >= 1).then_some(Choices { shards, ..memory })
        }
        None => None,
    }
}

impl Running {
    /// Reads what it has used until now; nothing of a server that was not started here.
    pub(crate) fn usage(&self) -> anyhow::Result<Option<Usage>> {
        match &self.process {
            None => Ok(None),
            Some(Guard::Ours(server)) => server.usage().map(Some),
            Some(Guard::Other(process)) => Usage::of(process.id()).map(Some),
        }
        .context("cannot look at the server: has it ended?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_shown() {
        let words = [
            "loggia",
            "loggia-disk",
            "loggia-process",
            "loggia-no-history",
            "inspircd",
            "ngircd",
            "ircd-hybrid",
            "bare",
            "bare-16",
        ];
        for word in words.into_iter().chain(["127.0.0.1:6667", "[::1]:6667", "loggia-disk=/opt/before"]) {
            assert_eq!(word.parse().map(|subject: Subject| subject.name()), Ok(word.to_owned()));
        }
        assert_eq!("ngircd=/opt/x".parse(), Ok(Subject::Foreign(Foreign::NgIrcd, Some("/opt/x".into()))));
        for word in ["loggia-0-shards", "loggia-999-shards", "loggia-x", "loggia-shards"] {
            assert!(word.parse::<Subject>().is_err(), "{word}");
        }
        assert!("unrealircd".parse::<Subject>().is_err_and(|error| error.contains("inspircd")));
    }
}
