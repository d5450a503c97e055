//! One file per feature, named as its specification names it: what it means. How it looks on the wire stands in the
//! file of the same name in `session::features`; its proof in `scenarios/`.
//!
//! The two functions here only delegate: [`decide`] from commands to features, [`apply`] from facts to features.

use std::sync::Arc;

use irc::names::ChannelName;
use smallvec::{SmallVec, smallvec};

use crate::account::AccountChange;
use crate::audit::AuditEntry;
use crate::command::{Command, Correction, Deliver, HistoryAsked, Redaction};
use crate::fact::Fact;
use crate::history::{Found, Query};
use crate::ids::{MsgId, SessionId};
use crate::metadata::Change;
use crate::raid::Raid;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::search::Asked;
use crate::server_ban::ServerBan;
use crate::time::Now;
use crate::user::User;
use crate::world::World;

pub mod outlet;

// A user, from coming to going.
pub mod connect;
pub mod metadata;
pub mod nick;
pub mod ping;
pub mod quit;
pub mod sessions;
pub mod setname;
pub mod user_mode;

// Accounts.
pub mod account;
pub mod authtoken;
pub mod invitation;
pub mod login;
pub mod persistence;
pub mod register;
pub mod webpush;

// Channels and what is said.
pub mod channel_rename;
pub mod chathistory;
pub mod delivery;
pub mod edit;
pub mod invite;
pub mod join;
pub mod kick;
pub mod knock;
pub mod message;
pub mod message_redaction;
pub mod mode;
pub mod multiline;
pub mod named;
pub mod part;
pub mod read_marker;
pub mod registration;
pub mod relaymsg;
pub mod resume;
pub mod search;
pub mod target_server;
pub mod topic;
pub mod uninvite;

// Who is there.
pub mod away;
pub mod ison;
pub mod list;
pub mod lusers;
pub mod monitor;
pub mod names;
pub mod userhost;
pub mod who;
pub mod whois;
pub mod whowas;

// Server operators.
pub mod audit;
pub mod chghost;
pub mod kill;
pub mod oper;
pub mod raid;
pub mod server_ban;
pub mod uploads;
pub mod wallops;

use account::Asker;
use outlet::Outlet;

/// What a command leads to.
#[derive(Debug)]
pub enum Decision {
    /// Nothing is to be recorded; what there is to say has been said.
    Answered,
    /// These facts are to be recorded, in order.
    Record(SmallVec<[Fact; 1]>),
    /// The store is to be asked; the session's later commands wait for what comes of it.
    Query {
        /// What.
        query: Query,
        /// What the answer is for.
        then: Then,
    },
}

/// What goes on when the store has answered: one variant for each command that asks it.
#[derive(Debug)]
pub enum Then {
    /// A plain client is shown what was said before it came.
    Replay {
        /// Where.
        channel: ChannelName,
    },
    /// CHATHISTORY shows a page.
    History(Box<HistoryAsked>),
    /// CHATHISTORY TARGETS.
    HistoryTargets,
    /// SEARCH shows what it has found.
    Search(Box<Asked>),
    /// RESUME shows a page.
    Resume(Box<resume::Resuming>),
    /// Something that was said is to be taken back.
    Redact(Box<Redaction>),
    /// Something that was said is to have other words.
    Edit(Box<Correction>),
    /// What the client has given an id may have been kept before. The hall goes on with it.
    Deliver(Box<Deliver>),
}

fn record(fact: Fact) -> Decision {
    Decision::Record(smallvec![fact])
}

/// Decides a command of a session: facts to record, answers given through `outlet`, or a refusal.
///
/// # Errors
/// The [`Refusal`] that the asker is to be told.
pub fn decide(
    world: &mut World,
    session: SessionId,
    command: Command,
    now: Now,
    outlet: &mut Outlet<'_>,
    next_signal: &mut MsgId,
) -> Result<Decision, Refusal> {
    if let Some(asker) = Asker::of(world, session) {
        match command {
            Command::Account(what) => return account::decide(world, asker, *what, now, outlet),
            Command::Invitation(what) => return invitation::decide(world, asker, what, now, outlet),
            _ => {}
        }
    }
    // A session that is nobody (yet, or any more) can only become somebody or synchronise.
    let Some(id) = world.sessions.get(&session).copied() else {
        return match command {
            Command::Connect(connect) => connect::decide(world, session, &connect, now).map(record),
            Command::Nick { nick, .. } => nick::look(world, &nick),
            Command::Ping { token } => Ok(answered(outlet, ping::answer(token))),
            Command::FindCredentials { account, guest } => login::find(world, &account, guest, now.instant, outlet),
            Command::LogIn { account, credentials, guest } => {
                login::decide(world, None, (&account, &credentials), guest, outlet)
            }
            Command::LogInByCertificate { certificate, account } => {
                login::decide_by_certificate(world, None, &certificate, account.as_deref(), outlet)
            }
            Command::PushGone { account, endpoint } if session == SessionId::DESK => {
                Ok(webpush::gone(world, &account, &endpoint))
            }
            Command::UploadRemoved(removed) if session == SessionId::DESK => {
                Ok(uploads::removed_by_http(world, &removed))
            }
            Command::AskRegister(account) => register::ask(world, None, &account, now, outlet),
            Command::Register { account, credentials } => register::decide(world, None, &account, &credentials, now),
            _ => Ok(Decision::Answered),
        };
    };
    // Commands that change unlogged state, or only the asker's own view of it.
    match command {
        Command::Away { text } => Ok(away::change(world, id, session, text.as_deref(), outlet)),
        Command::Metadata(metadata) => metadata::command(world, session, id, metadata, outlet),
        Command::Monitor(monitor) => monitor::command(world, session, monitor, outlet),
        Command::Knock { channel, text } => knock::knock(world, id, &channel, text.as_deref(), now, outlet),
        Command::FindCredentials { account, guest } => login::find(world, &account, guest, now.instant, outlet),
        Command::LogIn { account, credentials, guest } => {
            login::decide(world, Some(id), (&account, &credentials), guest, outlet)
        }
        Command::LogInByCertificate { certificate, account } => {
            login::decide_by_certificate(world, Some(id), &certificate, account.as_deref(), outlet)
        }
        Command::AskOper { name, guest } => oper::ask(world, name, guest, now.instant, outlet),
        Command::Oper { name, class, guest } => Ok(oper::become_operator(world, id, (name, class), guest)),
        Command::AskRegister(account) => register::ask(world, Some(id), &account, now, outlet),
        Command::Register { account, credentials } => register::decide(world, Some(id), &account, &credentials, now),
        Command::Message(say) => message::decide(world, id, *say, now, outlet, next_signal),
        Command::Relay(relay) => relaymsg::decide(world, id, *relay, now),
        Command::Resume(asked) => match world.users.get(&id) {
            Some(user) => Ok(resume::decide(world, session, user, asked)),
            None => Ok(Decision::Answered),
        },
        Command::Join { channel, key } => join::decide(world, id, &channel, key.as_deref(), now),
        other => match world.users.get(&id) {
            Some(user) => decide_logged(world, user, other, now, outlet),
            None => Ok(Decision::Answered),
        },
    }
}

/// Decides what only looks at the world.
fn decide_logged(
    world: &World,
    user: &User,
    command: Command,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let decision = match command {
        Command::Connect(_)
        | Command::Away { .. }
        | Command::Metadata(_)
        | Command::Monitor(_)
        | Command::Knock { .. }
        | Command::FindCredentials { .. }
        | Command::LogIn { .. }
        | Command::LogInByCertificate { .. }
        | Command::AskOper { .. }
        | Command::Oper { .. }
        | Command::AskRegister(_)
        | Command::Account(_)
        | Command::Invitation(_)
        | Command::Register { .. }
        | Command::Message(_)
        | Command::Deliver(_)
        | Command::Resume(_)
        | Command::Relay(_)
        | Command::PushGone { .. }
        | Command::Join { .. } => Decision::Answered,
        Command::Quit { reason } => record(quit::decide(user, reason)),
        Command::Ping { token } => return Ok(answered(outlet, ping::answer(token))),
        Command::Nick { nick, as_shown } => nick::decide(world, user, &nick, as_shown)?,
        Command::SetName { realname } => setname::decide(world, user, &realname)?,
        Command::UserMode { nick, letters } => user_mode::decide(world, user, &nick, letters.as_deref(), outlet)?,
        Command::LogOut => login::decide_out(user)?,
        Command::Kill { nick, reason } => kill::decide(world, user, &nick, &reason)?,
        Command::Part { channel, reason } => part::decide(world, user, &channel, reason.as_deref())?,
        Command::PartAll => part::decide_all(user),
        Command::Kick { channel, nick, reason } => kick::decide(world, user, &channel, &nick, reason.as_deref())?,
        Command::TopicSet { channel, text } => topic::decide(world, user, &channel, &text)?,
        Command::TopicQuery { channel } => return topic::query(world, user, &channel).map(|r| shown(outlet, r)),
        Command::ChannelMode { channel, letters, params } => {
            mode::decide(world, user, &channel, &letters, &params, outlet)?
        }
        Command::Redact(asked) => message_redaction::decide(world, user, asked)?,
        Command::Edit(asked) => edit::decide(world, user, asked)?,
        Command::Rename { channel, name, reason } => channel_rename::decide(world, user, &channel, &name, &reason)?,
        Command::ChannelModeQuery { channel } => return mode::query(world, user, &channel).map(|r| shown(outlet, r)),
        Command::WebPush(command) => webpush::decide(world, user, command, outlet)?,
        Command::Persistence(command) => persistence::decide(world, user, command, outlet)?,
        Command::Registration { channel, what } => registration::decide(world, user, &channel, what, outlet)?,
        Command::Invite { nick, channel } => invite::decide(world, user, &nick, &channel)?,
        Command::Uninvite { nick, channel } => uninvite::decide(world, user, &nick, &channel)?,
        Command::InviteList => return Ok(shown(outlet, invite::query(world, user))),
        Command::MarkRead { target, at } => read_marker::decide(world, user, &target, at, now, outlet),
        Command::Names { argument } => return Ok(shown(outlet, names::query(world, user, &argument))),
        Command::List { filters } => return Ok(shown(outlet, list::query(world, user, &filters, now))),
        Command::Who { mask, operators_only, fields } => {
            return Ok(shown(outlet, who::query(world, user, &mask, operators_only, fields, now)));
        }
        Command::Whois { at, nick } => {
            return whois::query(world, user, at.as_deref(), &nick, now).map(|r| shown(outlet, r));
        }
        Command::AskServer { nick, about } => {
            return target_server::query(world, &nick, about).map(|r| shown(outlet, r));
        }
        Command::Whowas { nick, count } => return Ok(shown(outlet, whowas::query(world, &nick, count))),
        Command::Lusers { unknown } => return Ok(shown(outlet, lusers::query(world, unknown))),
        Command::UserHost { nicks } => return Ok(shown(outlet, userhost::query(world, &nicks))),
        Command::Ison { nicks } => return Ok(shown(outlet, ison::query(world, &nicks))),
        Command::ChangeHost { nick, username, host } => chghost::decide(world, user, &nick, &username, &host)?,
        Command::Wallops { text } => wallops::decide(world, user, &text, outlet)?,
        Command::OperRefused { name } => audit::operator_refused(world, user, &name, now.wall),
        Command::ServerBan(command) => server_ban::decide(world, user, command, now, outlet)?,
        Command::Raid(command) => raid::decide(world, user, command, outlet)?,
        Command::Audit { count, before } => {
            return audit::query(world, user, count, before).map(|r| shown(outlet, r));
        }
        Command::AskOperator { what } => oper::permit(user, what, outlet)?,
        Command::UploadRemoved(removed) => uploads::removed(user, &removed),
        Command::History(asked) => chathistory::decide(world, user, asked)?,
        Command::HistoryTargets { from, to, limit } => chathistory::targets(world, user, from, to, limit),
        Command::Search(asked) => search::decide(world, user, asked)?,
        Command::FileToken { scope, word } => {
            authtoken::query(world, user, scope.as_deref(), word, now, outlet)?;
            Decision::Answered
        }
        Command::Replay { channel, most } => chathistory::replay(world, user, &channel, most)?,
    };
    Ok(decision)
}

/// Goes on with a command that had to ask the store: as [`decide`] does, what may have changed meanwhile is looked at again.
///
/// # Errors
/// The [`Refusal`] that the asker is to be told.
pub fn found(
    world: &mut World,
    session: SessionId,
    then: Then,
    found: Found,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    match then {
        Then::Replay { channel } => Ok(chathistory::replayed(channel, found, outlet)),
        Then::History(asked) => chathistory::found(world, session, &asked, found, outlet),
        Then::HistoryTargets => chathistory::targets_found(world, found, outlet),
        Then::Search(asked) => search::found(world, session, &asked, found, outlet),
        Then::Resume(resuming) => resume::found(world, session, *resuming, found, outlet),
        Then::Redact(asked) => message_redaction::found(world, session, &asked, found, now.wall),
        Then::Edit(asked) => edit::found(world, session, *asked, found, now.wall),
        Then::Deliver(_) => unreachable!("the hall itself goes on with it"),
    }
}

/// Answers with what is no durable state.
fn answered(outlet: &mut Outlet<'_>, reply: Reply) -> Decision {
    outlet.reply(reply);
    Decision::Answered
}

/// Answers with durable state.
fn shown(outlet: &mut Outlet<'_>, reply: Reply) -> Decision {
    outlet.reply_with_state(reply);
    Decision::Answered
}

/// Makes an ordered fact true, and says who is to hear of it. Cannot fail: every node must reach the same state.
pub fn apply(world: &mut World, fact: &Fact, now: Now, outlet: &mut Outlet<'_>) {
    match fact {
        Fact::NodeStarted {} => server_ban::sweep(world, outlet),
        Fact::Audited { .. }
        | Fact::RaidBegan { .. }
        | Fact::RaidEnded { .. }
        | Fact::ServerBanAdded { .. }
        | Fact::ServerBanRemoved { .. } => apply_operators(world, fact, outlet),
        Fact::AccountRegistered { account, private, user, invitation } => {
            register::apply(world, account, private, *user, invitation.as_deref(), outlet);
        }
        Fact::AccountChanged { account, change, text } => {
            account::changed(world, account, change, text, now.instant, outlet);
        }
        Fact::AccountRemoved { account, keeps_messages } => account::removed(world, account, *keeps_messages, outlet),
        Fact::SessionsEnded { user, account, reason } => {
            account::sessions_ended(world, *user, account, reason, now.instant, outlet);
        }
        Fact::InvitationMade { invitation, word } => invitation::made(world, invitation, word, outlet),
        Fact::InvitationRevoked { id } => invitation::revoked(world, id, outlet),
        Fact::AlwaysOnChanged { user, account, always_on } => {
            persistence::changed(world, *user, account, *always_on, outlet);
        }
        Fact::LoggedIn { user, account } => login::apply(world, *user, Some(account), outlet),
        Fact::LoggedOut { user } => login::apply(world, *user, None, outlet),
        Fact::UserConnected { user, person, modes, metadata } => {
            connect::apply(world, *user, person, *modes, metadata.as_deref(), now, outlet);
        }
        Fact::SessionAttached { user, account, metadata } => {
            sessions::attached(world, *user, account, metadata.as_deref(), now, outlet);
        }
        Fact::SessionDetached { user, reason } => sessions::detached(world, *user, reason, outlet),
        Fact::UserQuit { user, by, banned, reason } => {
            if *banned {
                server_ban::tell(world, *user, outlet);
            }
            quit::apply(world, *user, *by, reason, outlet);
        }
        Fact::NickChanged { user, nick, shown } => nick::apply(world, *user, nick, shown.as_ref(), outlet),
        Fact::RealNameChanged { user, realname } => setname::apply(world, *user, realname, outlet),
        Fact::HostChanged { user, username, host } => chghost::apply(world, *user, username, host, outlet),
        Fact::UserModesChanged { user, modes, operator } => user_mode::apply(world, *user, *modes, *operator, outlet),
        Fact::Joined { user, channel, name, ranks } => join::apply(world, *user, *channel, name, *ranks, outlet),
        Fact::Parted { user, channel, reason } => part::apply(world, *user, *channel, reason.as_ref(), outlet),
        Fact::Kicked { user, channel, member, reason } => {
            kick::apply(world, *user, *channel, *member, reason, outlet);
        }
        Fact::TopicSet { user, channel, text } => topic::apply(world, *user, *channel, text, outlet),
        Fact::Redacted { user, target, message, reason, .. } => {
            message_redaction::apply(world, *user, target, *message, reason.as_ref(), outlet);
        }
        Fact::Edited { original, message, .. } => edit::apply(world, *original, message, outlet),
        Fact::ChannelRenamed { user, channel, name, reason, .. } => {
            channel_rename::apply(world, *user, *channel, name, reason, outlet);
        }
        Fact::ModesChanged { user, channel, changes } => mode::apply(world, *user, *channel, changes, outlet),
        Fact::ChannelRegistered { user, channel, founder } => {
            registration::registered(world, *user, *channel, founder, outlet);
        }
        Fact::ChannelDropped { channel, .. } => registration::dropped(world, *channel, outlet),
        Fact::AccessChanged { user, channel, account, rank } => {
            registration::access_changed(world, *user, *channel, account, *rank, outlet);
        }
        Fact::FounderChanged { channel, founder, .. } => registration::transferred(world, *channel, founder, outlet),
        Fact::MetadataSet { user, subject, key, value } => {
            let change = Change { key: Arc::clone(key), value: value.clone() };
            metadata::apply_set(world, *user, subject, change, outlet);
        }
        Fact::MetadataCleared { user, subject } => metadata::apply_cleared(world, *user, subject, outlet),
        Fact::Invited { user, channel, guest } => invite::apply(world, *user, *channel, *guest, outlet),
        Fact::Uninvited { user, channel, guest } => uninvite::apply(world, *user, *channel, *guest, outlet),
        Fact::ReadMarked { user, target, at } => read_marker::apply(world, *user, target, *at, outlet),
        Fact::Said { message, rules, .. } => message::apply(world, message, *rules, outlet),
    }
    persistence::keep_changed(world, outlet);
}

/// Makes true what server operators did.
fn apply_operators(world: &mut World, fact: &Fact, outlet: &mut Outlet<'_>) {
    match fact {
        Fact::Audited { user, by, act, target, reason } => {
            let (by, target, reason) = (Arc::clone(by), target.clone(), Arc::clone(reason));
            audit::apply(world, *user, AuditEntry { number: 0, at: outlet.at, by, act: *act, target, reason }, outlet);
        }
        Fact::RaidBegan { by, reason, .. } => {
            let raid = Raid { since: outlet.at, by: Arc::clone(by), reason: Arc::clone(reason) };
            raid::apply(world, Some(raid), outlet);
        }
        Fact::RaidEnded { .. } => raid::apply(world, None, outlet),
        Fact::ServerBanAdded { by, ban: kind, what, until, nick, disconnected, reason, .. } => {
            let ban = ServerBan {
                kind: *kind,
                what: Arc::clone(what),
                by: Arc::clone(by),
                at: outlet.at,
                until: *until,
                nick: nick.clone(),
                reason: Arc::clone(reason),
            };
            server_ban::apply_added(world, ban, *disconnected, outlet);
        }
        Fact::ServerBanRemoved { ban, what, .. } => server_ban::apply_removed(world, *ban, what, outlet),
        _ => {}
    }
}

/// Forgets what was noted for a fact that the log was never asked to take.
pub(crate) fn give_up(world: &mut World, session: SessionId, fact: &Fact) {
    if matches!(fact, Fact::UserConnected { .. } | Fact::SessionAttached { .. }) {
        world.pending.remove(&session);
    }
}

/// Says that a fact cannot be kept, in the words of the command that asked for it.
pub fn cannot_keep(fact: &Fact, why: &Arc<str>) -> Refusal {
    let (command, target) = match fact {
        Fact::NodeStarted {} => ("", None),
        Fact::AccountRegistered { account, .. } => ("REGISTER", Some((*account.name).into())),
        Fact::LoggedIn { .. } | Fact::LoggedOut { .. } => ("AUTHENTICATE", None),
        Fact::AccountChanged {
            change: AccountChange::PushRegistered {} | AccountChange::PushUnregistered {}, ..
        } => ("WEBPUSH", None),
        Fact::AccountChanged { account, .. }
        | Fact::AccountRemoved { account, .. }
        | Fact::SessionsEnded { account, .. } => ("NICKSERV", Some((**account).into())),
        Fact::InvitationMade { .. } | Fact::InvitationRevoked { .. } => ("INVITATION", None),
        Fact::UserConnected { .. } | Fact::SessionAttached { .. } => ("USER", None),
        Fact::UserQuit { .. } | Fact::SessionDetached { .. } => ("QUIT", None),
        Fact::Audited { .. } => ("AUDIT", None),
        Fact::RaidBegan { .. } | Fact::RaidEnded { .. } => ("RAID", None),
        Fact::ServerBanAdded { what, .. } | Fact::ServerBanRemoved { what, .. } => ("BAN", Some((**what).into())),
        Fact::NickChanged { nick, .. } => ("NICK", Some(nick.as_str().into())),
        Fact::RealNameChanged { .. } => ("SETNAME", None),
        Fact::HostChanged { .. } => ("CHGHOST", None),
        Fact::UserModesChanged { .. } | Fact::ModesChanged { .. } => ("MODE", None),
        Fact::Joined { name, .. } => ("JOIN", Some(name.as_str().into())),
        Fact::Parted { .. } => ("PART", None),
        Fact::Kicked { .. } => ("KICK", None),
        Fact::TopicSet { .. } => ("TOPIC", None),
        Fact::Redacted { target, .. } => ("REDACT", Some(target.shown().into())),
        Fact::Edited { message, .. } => ("EDIT", Some(message.target.shown().into())),
        Fact::ChannelRenamed { old, .. } => ("RENAME", Some(old.as_str().into())),
        Fact::AlwaysOnChanged { .. } => ("PERSISTENCE", None),
        Fact::ChannelRegistered { .. }
        | Fact::ChannelDropped { .. }
        | Fact::AccessChanged { .. }
        | Fact::FounderChanged { .. } => ("CHANSERV", None),
        Fact::MetadataSet { subject, .. } | Fact::MetadataCleared { subject, .. } => {
            ("METADATA", Some(subject.name().into()))
        }
        Fact::Invited { .. } => ("INVITE", None),
        Fact::Uninvited { .. } => ("UNINVITE", None),
        Fact::ReadMarked { target, .. } => ("MARKREAD", Some((**target).into())),
        Fact::Said { message, .. } => (message.how.name(), Some(message.target.shown().into())),
    };
    Refusal::CannotKeep { command, target, why: Arc::clone(why) }
}
