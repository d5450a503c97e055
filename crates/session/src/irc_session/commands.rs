//! Which function reads which command: one table, nothing else.

use chat::command::Command;
use irc::capability::CapSet;
use irc::message::{COMMAND_BYTES_MAX, Message};
use irc::numerics::{self, Numeric};
use smallvec::SmallVec;

use super::{Cx, IrcSession, Stage};
use crate::features as f;
use crate::render::Render;

/// What a line leads to.
pub enum Run {
    /// The hall is asked.
    Ask(Commands),
    /// It is answered here.
    Here(HereFn),
    /// It opens or closes a batch of lines.
    Batch,
    /// Nothing (PONG).
    Nothing,
}

/// What one line asks of the hall, in order.
pub type Commands = SmallVec<[Command; 1]>;

/// Reads a command that is the hall's to answer. Only looks.
pub type AskFn = fn(&IrcSession, &Message<'_>, &Cx<'_>) -> Result<Commands, Complaint>;

/// Carries out a command that needs no hall.
pub type HereFn = fn(&mut IrcSession, &Message<'_>, &mut Cx<'_>);

/// Finds out what becomes of a line whose command is the hall's or the session's, as its parameters say. Only looks.
pub type ReadFn = fn(&IrcSession, &Message<'_>, &Cx<'_>) -> Result<Run, Complaint>;

/// Why a line was not carried out, found before the hall was asked.
#[derive(Clone, Debug)]
pub enum Complaint {
    /// As a numeric.
    Numeric(&'static Numeric, Vec<Box<str>>),
    /// As a standard reply.
    Fail {
        /// The command.
        command: Box<str>,
        /// The code.
        code: &'static str,
        /// What it is about.
        context: Vec<Box<str>>,
        /// For people.
        text: &'static str,
    },
}

impl Complaint {
    /// Makes one from a numeric and its arguments.
    pub fn numeric(numeric: &'static Numeric, args: &[&str]) -> Self {
        Self::Numeric(numeric, args.iter().map(|arg| Box::from(*arg)).collect())
    }

    /// Makes one that an extension's specification asks for.
    pub fn fail(command: &str, code: &'static str, text: &'static str) -> Self {
        Self::fail_about(command, code, &[], text)
    }

    /// The same, with the words that say what it is about.
    pub fn fail_about(command: &str, code: &'static str, context: &[&str], text: &'static str) -> Self {
        let context = context.iter().map(|word| Box::from(*word)).collect();
        Self::Fail { command: command.into(), code, context, text }
    }

    /// Not enough parameters (461).
    pub fn need_more_params(command: &str) -> Self {
        Self::numeric(numerics::ERR_NEEDMOREPARAMS, &[command])
    }

    /// Writes it.
    pub fn write(&self, render: &mut Render<'_>) {
        match self {
            Self::Numeric(numeric, args) => {
                let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
                render.numeric(numeric, &args);
            }
            Self::Fail { command, code, context, text } => {
                let context: Vec<&str> = context.iter().map(AsRef::as_ref).collect();
                render.fail(command, code, &context, text);
            }
        }
    }
}

/// When a command may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Only before registration; after it, 462.
    Before,
    /// Only after it; before it, 451.
    After,
    /// After it, and before it with this capability.
    AfterOrWith(CapSet),
    /// At any time.
    Always,
}

/// How a command is read.
enum Reader {
    Ask(AskFn),
    Here(HereFn),
    /// Before registration it is only noted.
    NoteOrAsk(HereFn, AskFn),
    /// Its parameters say.
    Read(ReadFn),
    Batch,
    Nothing,
}

use Reader::{Ask, Batch, Here, NoteOrAsk, Nothing, Read};
use When::{After, AfterOrWith, Always, Before};

/// Name, when, the fewest parameters (fewer: 461), reader. `NICK` is two commands: before and after registration.
const COMMANDS: &[(&str, When, usize, Reader)] = &[
    ("ADMIN", After, 0, Read(f::target_server::read)),
    ("AUDIT", After, 0, Ask(f::audit::ask)),
    ("AUTHENTICATE", Always, 1, Here(f::authenticate::here)),
    ("AWAY", AfterOrWith(CapSet::PRE_AWAY), 0, NoteOrAsk(f::away::note, f::away::ask)),
    ("BAN", After, 0, Ask(f::server_ban::ask_ban)),
    ("BATCH", After, 1, Batch),
    ("CAP", Always, 1, Here(f::cap::here)),
    ("CHANSERV", After, 0, Here(f::services::chanserv)),
    ("CHATHISTORY", After, 0, Ask(f::chathistory::ask)),
    ("CHGHOST", After, 3, Ask(f::chghost::ask)),
    ("CS", After, 0, Here(f::services::chanserv)),
    ("DLINE", After, 0, Ask(f::server_ban::ask_dline)),
    ("EDIT", After, 1, Ask(f::edit::ask)),
    ("HELP", After, 0, Here(f::help::here)),
    ("HELPOP", After, 0, Here(f::help::here)),
    ("INFO", After, 0, Read(f::target_server::read)),
    ("INVITATION", Always, 1, Here(f::invitation::here)),
    ("INVITE", After, 0, Ask(f::invite::ask)),
    ("ISON", After, 1, Ask(f::ison::ask)),
    ("ISUPPORT", AfterOrWith(CapSet::EXTENDED_ISUPPORT), 0, Here(f::isupport::here)),
    ("JOIN", After, 1, Ask(f::join::ask)),
    ("KICK", After, 2, Ask(f::kick::ask)),
    ("KILL", After, 1, Ask(f::kill::ask)),
    ("KLINE", After, 0, Ask(f::server_ban::ask_kline)),
    ("KNOCK", After, 1, Ask(f::knock::ask)),
    ("LINKS", After, 0, Here(f::links::here)),
    ("LIST", After, 0, Ask(f::list::ask)),
    ("LUSERS", After, 0, Ask(f::lusers::ask)),
    ("MARKREAD", After, 0, Ask(f::read_marker::ask)),
    ("METADATA", Always, 0, Read(f::metadata::read)),
    ("MODE", After, 1, Ask(f::mode::ask)),
    ("MONITOR", After, 1, Ask(f::monitor::ask)),
    ("MOTD", After, 0, Read(f::target_server::read)),
    ("NAMES", After, 0, Ask(f::names::ask)),
    ("NICKSERV", After, 0, Here(f::services::nickserv)),
    ("NOTICE", After, 0, Ask(f::message::ask)),
    ("NS", After, 0, Here(f::services::nickserv)),
    ("OPER", After, 2, Here(f::oper::here)),
    ("PART", After, 1, Ask(f::part::ask)),
    ("PASS", Before, 1, Here(IrcSession::pass)),
    ("PERSISTENCE", After, 1, Ask(f::persistence::ask)),
    ("PING", Always, 0, Ask(f::ping::ask)),
    ("PONG", Always, 0, Nothing),
    ("PRIVMSG", After, 0, Ask(f::message::ask)),
    ("QUIT", Always, 0, Here(f::quit::here)),
    ("RAID", After, 0, Ask(f::raid::ask)),
    ("REDACT", After, 2, Ask(f::message_redaction::ask)),
    ("REGISTER", Always, 3, Here(f::register::here)),
    ("REHASH", After, 0, Ask(f::operator::ask_rehash)),
    ("RELAYMSG", After, 3, Ask(f::relaymsg::ask)),
    ("RENAME", After, 2, Ask(f::channel_rename::ask)),
    ("RESUME", After, 1, Ask(f::resume::ask)),
    ("SEARCH", After, 0, Ask(f::search::ask)),
    ("SETNAME", After, 1, Ask(f::setname::ask)),
    ("STATS", After, 0, Ask(f::operator::ask_stats)),
    ("TAGMSG", After, 0, Ask(f::message::ask)),
    ("TIME", After, 0, Read(f::target_server::read)),
    ("TOKEN", Always, 0, Here(f::authtoken::here)),
    ("TOPIC", After, 1, Ask(f::topic::ask)),
    ("UNDLINE", After, 0, Ask(f::server_ban::ask_undline)),
    ("UNINVITE", After, 2, Ask(f::uninvite::ask)),
    ("UNKLINE", After, 0, Ask(f::server_ban::ask_unkline)),
    ("UPLOADS", After, 0, Here(f::uploads::here)),
    ("USER", Before, 4, Here(IrcSession::user)),
    ("USERHOST", After, 1, Ask(f::userhost::ask)),
    ("VERIFY", Always, 2, Here(f::register::verify)),
    ("VERSION", After, 0, Read(f::target_server::read)),
    ("WALLOPS", After, 1, Ask(f::wallops::ask)),
    ("WEBIRC", Before, 4, Here(f::webirc::here)),
    ("WEBPUSH", After, 0, Ask(f::webpush::ask)),
    ("WHO", After, 0, Ask(f::who::ask)),
    ("WHOIS", After, 0, Ask(f::whois::ask)),
    ("WHOWAS", After, 0, Ask(f::whowas::ask)),
];

/// Finds out what a line leads to.
///
/// # Errors
/// The complaint: 421, 451, 461, 462, or what the command's reader found.
pub fn choose(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Run, Complaint> {
    let mut buffer = [0; COMMAND_BYTES_MAX];
    let unknown = || Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[message.command]);
    let name = message.command_upper(&mut buffer).ok_or_else(unknown)?;
    let registered = matches!(session.stage, Stage::Registered);
    if name == "NICK" {
        return match (message.params.get(0).filter(|nick| !nick.is_empty()), registered) {
            (None, _) => Err(Complaint::numeric(numerics::ERR_NONICKNAMEGIVEN, &[])),
            (Some(_), true) => f::nick::ask(session, message, cx).map(Run::Ask),
            (Some(_), false) => Ok(Run::Here(IrcSession::first_nick)),
        };
    }
    let found = COMMANDS.binary_search_by(|(known, ..)| (*known).cmp(name)).ok();
    let Some((name, when, params, reader)) = found.map(|place| &COMMANDS[place]) else {
        return Err(if registered { unknown() } else { Complaint::numeric(numerics::ERR_NOTREGISTERED, &[]) });
    };
    match when {
        Before if registered => return Err(Complaint::numeric(numerics::ERR_ALREADYREGISTERED, &[])),
        After if !registered => return Err(Complaint::numeric(numerics::ERR_NOTREGISTERED, &[])),
        AfterOrWith(needed) if !registered && !session.caps.contains(*needed) => {
            return Err(Complaint::numeric(numerics::ERR_NOTREGISTERED, &[]));
        }
        Before | After | AfterOrWith(_) | Always => {}
    }
    if *name == "PRIVMSG"
        && registered
        && !f::delivery::has_id(session, message)
        && f::services::Service::of_message(message).is_some()
    {
        return Ok(Run::Here(f::services::told));
    }
    // A batch that is not taken has to be closed nevertheless: it looks at its id itself.
    let id = match reader {
        Batch => None,
        _ => f::delivery::read(session, message, name, cx.settings)?,
    };
    if message.params.len() < *params {
        return Err(Complaint::need_more_params(name));
    }
    match reader {
        NoteOrAsk(note, _) if !registered => Ok(Run::Here(*note)),
        Ask(read) | NoteOrAsk(_, read) => {
            let commands = read(session, message, cx)?;
            f::delivery::wrap(commands, id, name, cx.settings).map(Run::Ask)
        }
        Read(read) => read(session, message, cx),
        Here(run) => Ok(Run::Here(*run)),
        Batch => Ok(Run::Batch),
        Nothing => Ok(Run::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_documented() {
        let document = include_str!("../../../../docs/protocol/irc.md");
        let table =
            document.split("## Commands").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
        for (name, ..) in COMMANDS {
            let is_there = ["`", " "].iter().any(|end| table.contains(&format!("`{name}{end}")));
            assert!(is_there, "{name} is missing in docs/protocol/irc.md, \"Commands\"");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(COMMANDS.is_sorted_by_key(|(name, ..)| *name));
    }
}
