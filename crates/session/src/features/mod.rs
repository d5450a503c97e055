//! One file per feature, named as its specification names it: how it looks on the wire. What it means stands in the file
//! of the same name in `chat::features`; its proof in `scenarios/`.
//!
//! `ask` (or `here`) reads a command; `event` writes what people see happen, `reply` what the asker is told. The two
//! functions here only delegate.

use chat::event::{Event, EventKind, MessageKind};
use chat::ids::UserId;
use chat::reply::Reply;
use irc::capability::CapSet;

use crate::render::Render;
use crate::settings::Settings;

pub mod account_notify;
pub mod admin;
pub mod audit;
pub mod authenticate;
pub mod authtoken;
pub mod away;
pub mod cap;
pub mod channel_rename;
pub mod chathistory;
pub mod chghost;
pub mod delivery;
pub mod edit;
pub mod help;
pub mod info;
pub mod invitation;
pub mod invite;
pub mod ison;
pub mod isupport;
pub mod join;
pub mod kick;
pub mod kill;
pub mod knock;
pub mod links;
pub mod list;
pub mod lusers;
pub mod message;
pub mod message_redaction;
pub mod metadata;
pub mod mode;
pub mod monitor;
pub mod motd;
pub mod multiline;
pub mod names;
pub mod nick;
pub mod oper;
pub mod operator;
pub mod packing;
pub mod part;
pub mod persistence;
pub mod ping;
pub mod quit;
pub mod raid;
pub mod read_marker;
pub mod refusal;
pub mod register;
pub mod relaymsg;
pub mod resume;
pub mod search;
pub mod server_ban;
pub mod services;
pub mod setname;
pub mod target_server;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod topic;
pub mod uninvite;
pub mod uploads;
pub mod user_mode;
pub mod userhost;
pub mod version;
pub mod wallops;
pub mod webirc;
pub mod webpush;
pub mod welcome;
pub mod who;
pub mod whois;
pub mod whowas;

/// Returns the capabilities that change the bytes of an event: sessions that agree in these share one rendering. Looked
/// up once for an event, not for each who sees it.
pub fn relevant_caps(event: &Event) -> CapSet {
    let mut tags = CapSet::SERVER_TIME.union(CapSet::MESSAGE_TAGS);
    tags.set(CapSet::DELIVERY, resume::has_cursor(event));
    if let Some(actor) = &event.actor {
        tags.set(CapSet::ACCOUNT_TAG, actor.person.account.is_some());
        tags.set(CapSet::OPER_TAG, actor.person.operator);
    }
    match &event.kind {
        EventKind::Message(message) if message.relayed_by.is_some() => tags.union(CapSet::RELAYMSG),
        EventKind::Message(message) if message.concats.is_some() => tags.union(multiline::BATCH_CAPS),
        EventKind::Edited { .. } => tags.union(edit::CAPS),
        EventKind::Message(_)
        | EventKind::Redacted { .. }
        | EventKind::Parted { .. }
        | EventKind::Kicked { .. }
        | EventKind::Quit { .. }
        | EventKind::NickChanged { .. }
        | EventKind::TopicSet { .. }
        | EventKind::ChannelRenamed { .. }
        | EventKind::ModesChanged { .. }
        | EventKind::UserModesChanged { .. }
        | EventKind::Invited { .. }
        | EventKind::Knocked { .. }
        | EventKind::RealNameChanged { .. }
        | EventKind::AccountChanged { .. }
        | EventKind::ReadMarked { .. }
        | EventKind::Away { .. }
        | EventKind::MetadataChanged { .. }
        | EventKind::Wallops { .. } => tags,
        EventKind::Joined { .. } => tags.union(CapSet::EXTENDED_JOIN),
        EventKind::HostChanged { .. } => tags.union(CapSet::CHGHOST).union(CapSet::EXTENDED_JOIN),
    }
}

/// Tells whether no two sessions share a rendering of an event: it depends on what each wants to know.
pub fn is_for_each_apart(event: &Event) -> bool {
    matches!(event.kind, EventKind::MetadataChanged { .. })
}

/// Tells whether a session that belongs to `user` and has these capabilities is shown an event at all.
pub fn is_shown(event: &Event, caps: CapSet, user: UserId) -> bool {
    match &event.kind {
        EventKind::Message(message) => message.how != MessageKind::Tagmsg || caps.contains(CapSet::MESSAGE_TAGS),
        EventKind::Away { .. } => caps.contains(CapSet::AWAY_NOTIFY),
        EventKind::RealNameChanged { .. } => caps.contains(CapSet::SETNAME),
        EventKind::AccountChanged { .. } => caps.contains(CapSet::ACCOUNT_NOTIFY),
        EventKind::ChannelRenamed { .. } => caps.contains(CapSet::CHANNEL_RENAME),
        EventKind::Redacted { .. } => caps.contains(CapSet::MESSAGE_REDACTION),
        EventKind::ReadMarked { .. } => caps.contains(CapSet::READ_MARKER),
        // Each session has its own lines: [`is_for_each_apart`].
        EventKind::MetadataChanged { .. } => false,
        EventKind::Invited { guest_user, .. } => *guest_user == user || caps.contains(CapSet::INVITE_NOTIFY),
        EventKind::HostChanged { back_in, .. } => chghost::is_shown(event, back_in.is_some(), caps, user),
        // Who leaves is told `ERROR`.
        EventKind::Quit { .. } => event.actor.as_ref().is_none_or(|actor| actor.user != user),
        EventKind::Edited { .. }
        | EventKind::Joined { .. }
        | EventKind::Parted { .. }
        | EventKind::Kicked { .. }
        | EventKind::NickChanged { .. }
        | EventKind::TopicSet { .. }
        | EventKind::ModesChanged { .. }
        | EventKind::UserModesChanged { .. }
        | EventKind::Knocked { .. }
        | EventKind::Wallops { .. } => true,
    }
}

/// Tells whether a session that watches the actor (`extended-monitor`) without sharing a channel is shown an event.
pub fn is_shown_to_watcher(event: &Event, caps: CapSet) -> bool {
    caps.contains(CapSet::EXTENDED_MONITOR)
        && match event.kind {
            EventKind::Away { .. } => caps.contains(CapSet::AWAY_NOTIFY),
            EventKind::RealNameChanged { .. } => caps.contains(CapSet::SETNAME),
            EventKind::AccountChanged { .. } => caps.contains(CapSet::ACCOUNT_NOTIFY),
            EventKind::HostChanged { .. } => caps.contains(CapSet::CHGHOST),
            _ => false,
        }
}

/// Tells whether the session that caused an event is shown it.
pub fn is_shown_to_actor(event: &Event, caps: CapSet) -> bool {
    match &event.kind {
        EventKind::Message(message) => {
            // A bridge is told what it relayed: the tag keeps it from relaying that back.
            (caps.contains(CapSet::ECHO_MESSAGE) || message.relayed_by.is_some())
                && (message.how != MessageKind::Tagmsg || caps.contains(CapSet::MESSAGE_TAGS))
        }
        EventKind::RealNameChanged { .. } => caps.contains(CapSet::SETNAME),
        EventKind::AccountChanged { .. } => caps.contains(CapSet::ACCOUNT_NOTIFY),
        EventKind::ChannelRenamed { .. } => caps.contains(CapSet::CHANNEL_RENAME),
        // The numerics 305/306, 341 and 711 say it.
        EventKind::Away { .. }
        | EventKind::Invited { .. }
        | EventKind::Knocked { .. }
        | EventKind::MetadataChanged { .. } => false,
        _ => true,
    }
}

/// Writes an event for clients with these capabilities.
pub fn event(event: &Event, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    match &event.kind {
        EventKind::Message(message) => message::event(event, message, caps, settings, out),
        EventKind::Joined { channel } => join::event(event, channel, caps, settings, out),
        EventKind::Parted { channel, reason } => part::event(event, channel, reason.as_deref(), caps, settings, out),
        EventKind::Kicked { channel, person, reason, .. } => {
            kick::event(event, channel, person, reason, caps, settings, out);
        }
        EventKind::Quit { reason } => quit::event(event, reason, caps, settings, out),
        EventKind::NickChanged { now } => nick::event(event, now, caps, settings, out),
        EventKind::RealNameChanged { now } => setname::event(event, now, caps, settings, out),
        EventKind::AccountChanged { now } => account_notify::event(event, now, caps, settings, out),
        EventKind::HostChanged { now, back_in } => chghost::event(event, now, back_in.as_ref(), caps, settings, out),
        EventKind::TopicSet { channel, text } => topic::event(event, channel, text, caps, settings, out),
        EventKind::ChannelRenamed { channel, old, reason } => {
            channel_rename::event(event, channel, old, reason, caps, settings, out);
        }
        EventKind::ModesChanged { channel, changes } => mode::event(event, channel, changes, caps, settings, out),
        EventKind::UserModesChanged { before, now } => user_mode::event(event, *before, *now, caps, out),
        EventKind::Invited { channel, guest, .. } => invite::event(event, channel, guest, caps, settings, out),
        EventKind::Knocked { channel, text } => knock::event(event, channel, text, caps, settings, out),
        EventKind::Redacted { target, message, reason } => {
            message_redaction::event(event, target, *message, reason.as_deref(), caps, settings, out);
        }
        EventKind::Edited { original, message } => edit::event(event, *original, message, caps, settings, out),
        EventKind::ReadMarked { target, at } => read_marker::event(target, *at, settings, out),
        EventKind::Away { text } => away::event(event, text.as_deref(), caps, settings, out),
        EventKind::Wallops { text } => wallops::event(event, text, caps, settings, out),
        EventKind::MetadataChanged { .. } => {}
    }
}

/// Writes an answer.
pub fn reply(reply: &Reply, render: &mut Render<'_>) {
    match reply {
        // These change where the session stands, or belong to no IRC client: `IrcSession::tell` has taken them.
        Reply::Welcome(_)
        | Reply::Event(_)
        | Reply::KeptBefore(_)
        | Reply::Permitted(_)
        | Reply::ServerOf(_)
        | Reply::Credentials { .. }
        | Reply::LoggedIn(_)
        | Reply::LoggedOut
        | Reply::MayTryOperator
        | Reply::MayRegister
        | Reply::FileToken(_)
        | Reply::Registered(_)
        | Reply::Moved { .. }
        | Reply::Replayed { .. } => {}
        Reply::History { target, entries, is_end } => chathistory::reply(target, entries, *is_end, render),
        Reply::Resumed { user, entries, next, is_end, has_gap } => {
            resume::reply(*user, entries, *next, *is_end, *has_gap, render);
        }
        Reply::HistoryTargets { targets, is_end } => chathistory::reply_targets(targets, *is_end, render),
        Reply::Found { messages, given_up } => search::reply(messages, *given_up, render),
        Reply::Refused(refusal) => refusal::reply(refusal, render),
        Reply::Killed { by, nick, comment } => kill::reply(by, nick, comment, render),
        Reply::Pong(token) => ping::reply(token, render),
        Reply::Topic { channel, topic } => topic::reply(channel, topic.as_ref(), render),
        Reply::ReadMarker { target, at, on_entry } => read_marker::reply(target, *at, *on_entry, render),
        Reply::Names(names) => names::reply(names, render),
        Reply::List(entries) => list::reply(entries, render),
        Reply::ChannelModes { channel, modes, with_key, created } => {
            mode::reply(channel, modes, *with_key, *created, render);
        }
        Reply::MaskList { channel, list, entries } => mode::reply_list(channel, *list, entries, render),
        Reply::UserModes(modes) => user_mode::reply(*modes, render),
        Reply::WebPush(pushed) => webpush::reply(pushed, render),
        Reply::Persistence(status) => persistence::reply(*status, render),
        Reply::Account(answer) => services::nickserv::reply(answer, render),
        Reply::Invitation(answer) => invitation::reply(answer, render),
        Reply::Registration(answer) => services::chanserv::reply(answer, render),
        Reply::Inviting { nick, channel } => invite::reply(nick, channel, render),
        Reply::Uninvited { nick, channel } => uninvite::reply(nick, channel, render),
        Reply::WasUninvited { by, channel } => uninvite::reply_to_guest(by, channel, render),
        Reply::InviteList(channels) => invite::reply_list(channels, render),
        Reply::Knocked(channel) => knock::reply(channel, render),
        Reply::IsAway { person, text } => away::reply_is_away(person, text, render),
        Reply::NowAway(away) => away::reply(*away, render),
        Reply::Who(who) => who::reply(who, render),
        Reply::Whois(whois) => whois::reply(whois, render),
        Reply::Whowas { nick, entries } => whowas::reply(nick, entries, render),
        Reply::Lusers(counts) => lusers::reply(counts, render),
        Reply::Opered => oper::reply(render),
        Reply::Audit(entries) => audit::reply(entries, render),
        Reply::Audited(entry) => audit::reply_news(entry, render),
        Reply::Raid(raid) => raid::reply(raid.as_ref(), render),
        Reply::ServerBanAdded { ban, disconnected } => server_ban::reply_added(ban, *disconnected, render),
        Reply::ServerBanRemoved(ban) => server_ban::reply_removed(ban, render),
        Reply::ServerBans { bans, statistics } => server_ban::reply_list(bans, *statistics, render),
        Reply::UserHost(entries) => userhost::reply(entries, render),
        Reply::Ison(nicks) => ison::reply(nicks, render),
        Reply::Metadata(metadata) => metadata::reply(metadata, render),
        Reply::MonitorOnline(masks) => monitor::reply_online(masks, render),
        Reply::MonitorOffline(nicks) => monitor::reply_offline(nicks, render),
        Reply::MonitorList(nicks) => monitor::reply_list(nicks, render),
    }
}
