//! Events and replies as one readable line each.

use std::fmt::Write as _;

use chat::audit::AuditEntry;
use chat::event::{Event, EventKind, MessageKind};
use chat::metadata::{Change, Shown};
use chat::modes::{ChannelModes, shown_together};
use chat::rank::RankSet;
use chat::reply::{MetadataReply, Reply, WhoEntry, WhoisFound};
use chat::server_ban::ServerBan;

/// Shows an event: who, what, where.
pub fn event(event: &Event) -> String {
    let who = event.actor.as_ref().map_or("server", |actor| actor.person.nick().as_str());
    let what = match &event.kind {
        EventKind::Message(message) => {
            let text = match message.how {
                MessageKind::Tagmsg => format!("{:?}", message.tags),
                _ => message.text.to_string(),
            };
            format!("{} {} :{text}", message.how.name(), message.target.shown())
        }
        EventKind::Joined { channel } => format!("JOIN {}", channel.name),
        EventKind::Parted { channel, reason } => {
            format!("PART {} :{}", channel.name, reason.as_deref().unwrap_or_default())
        }
        EventKind::Kicked { channel, person, reason, .. } => {
            format!("KICK {} {} :{reason}", channel.name, person.nick())
        }
        EventKind::Quit { reason } => format!("QUIT :{reason}"),
        EventKind::NickChanged { now } => format!("NICK {} ({})", now.nick(), now.shown()),
        EventKind::RealNameChanged { now } => format!("SETNAME :{}", now.realname),
        EventKind::AccountChanged { now } => format!("ACCOUNT {}", now.account.as_deref().unwrap_or("*")),
        EventKind::HostChanged { now, back_in } => match back_in {
            None => format!("CHGHOST {} {}", now.username(), now.host()),
            Some((channel, ranks)) => format!("back in {} as {}{}", channel.name, symbols(*ranks), now.mask()),
        },
        EventKind::TopicSet { channel, text } => format!("TOPIC {} :{text}", channel.name),
        EventKind::ChannelRenamed { channel, old, reason } => format!("RENAME {old} {} :{reason}", channel.name),
        EventKind::ModesChanged { channel, changes } => {
            let (letters, params) = shown_together(changes.iter().map(chat::modes::ModeChange::shown));
            [format!("MODE {} {letters}", channel.name)].into_iter().chain(params).collect::<Vec<_>>().join(" ")
        }
        EventKind::UserModesChanged { before, now } => format!("MODE {} → {}", before.shown(), now.shown()),
        EventKind::Invited { channel, guest, .. } => format!("INVITE {guest} {}", channel.name),
        EventKind::Knocked { channel, text } => format!("KNOCK {} :{text}", channel.name),
        EventKind::Redacted { target, message, reason } => {
            format!("REDACT {} {message} :{}", target.shown(), reason.as_deref().unwrap_or("(none)"))
        }
        EventKind::Edited { original, message } => {
            format!("EDIT {} {original} :{}", message.target.shown(), message.text)
        }
        EventKind::ReadMarked { target, at } => format!("MARKREAD {target} {}", at.0),
        EventKind::Away { text } => format!("AWAY :{}", text.as_deref().unwrap_or("(back)")),
        EventKind::MetadataChanged { target, changes } => {
            format!("METADATA {target}{}", changes.iter().map(change).collect::<String>())
        }
        EventKind::Wallops { text } => format!("WALLOPS :{text}"),
    };
    format!("{who} {what}")
}

/// Shows a reply. Refusals and numbers are shown as they are.
pub fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Event(what) | Reply::KeptBefore(what) => event(what),
        Reply::Welcome(welcome) => format!(
            "welcome {} ({}) {} of {}",
            welcome.person.mask(),
            welcome.person.shown(),
            welcome.modes.shown(),
            welcome.counts.visible + welcome.counts.invisible
        ),
        Reply::Refused(refusal) => format!("no: {refusal:?}"),
        Reply::Pong(token) => format!("pong {token}"),
        Reply::Topic { channel, topic } => match topic {
            Some(topic) => format!("topic {channel} :{} (by {} at {})", topic.text, topic.by, topic.at.0),
            None => format!("topic {channel} none"),
        },
        Reply::ReadMarker { target, at, .. } => format!("read {target} {:?}", at.map(|at| at.0)),
        Reply::Names(names) => {
            let mut line = format!("names {}", names.argument);
            for of in &names.channels {
                let _ = write!(line, " {}{}:", if of.secret { '@' } else { '=' }, of.channel);
                for (person, ranks) in &of.members {
                    let _ = write!(line, " {}{}", symbols(*ranks), person.nick());
                }
            }
            line
        }
        Reply::List(entries) => {
            let entries = entries.iter().map(|entry| format!(" {} {} :{}", entry.channel, entry.members, entry.topic));
            format!("list{}", entries.collect::<String>())
        }
        Reply::ChannelModes { channel, modes, with_key, .. } => {
            format!("modes {channel} {}", modes_line(modes, *with_key))
        }
        Reply::MaskList { channel, list, entries } => {
            let entries = entries.iter().map(|entry| format!(" {} (by {})", entry.mask, entry.by));
            format!("masks {channel} {}{}", list.letter(), entries.collect::<String>())
        }
        Reply::UserModes(modes) => format!("modes {}", modes.shown()),
        Reply::Inviting { nick, channel } => format!("inviting {nick} {channel}"),
        Reply::Uninvited { nick, channel } => format!("uninvited {nick} {channel}"),
        Reply::Killed { by, nick, comment } => format!("killed {nick} by {} :{comment}", by.mask()),
        Reply::WasUninvited { by, channel } => format!("uninvited from {channel} by {by}"),
        Reply::IsAway { person, text } => format!("{} is away :{text}", person.nick()),
        Reply::Who(who) => {
            let people = who.people.iter().map(who_entry);
            format!("who {}{}", who.mask, people.collect::<String>())
        }
        Reply::Whois(whois) => match &whois.found {
            Some(found) => format!("whois {} {}", whois.nick, whois_found(found)),
            None => format!("whois {} none", whois.nick),
        },
        Reply::Whowas { nick, entries } => {
            let entries = entries.iter().map(|entry| format!(" {} :{}", entry.person.mask(), entry.person.realname));
            format!("whowas {nick}{}", entries.collect::<String>())
        }
        Reply::UserHost(hosts) => {
            let mark = |on, mark: &'static str| if on { mark } else { "" };
            let hosts = hosts.iter().map(|host| {
                let person = &host.person;
                let away = if host.away { '-' } else { '+' };
                format!(" {}{}={away}{}@{}", person.nick(), mark(host.operator, "*"), person.username(), person.host())
            });
            format!("userhost{}", hosts.collect::<String>())
        }
        Reply::Audited(entry) => audit_entry(entry),
        Reply::Audit(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|entry| format!("#{} {}", entry.number, audit_entry(entry))).collect();
            format!("audit {}", entries.join(" | "))
        }
        Reply::ServerBanAdded { ban, disconnected } => format!("banned {}, {disconnected} gone", ban_line(ban)),
        Reply::ServerBanRemoved(ban) => format!("no more banned {}", ban_line(ban)),
        Reply::ServerBans { bans, .. } => format!("bans {}", bans.iter().map(ban_line).collect::<Vec<_>>().join(" | ")),
        Reply::Metadata(reply) => metadata(reply),
        other => format!("{other:?}"),
    }
}

fn audit_entry(entry: &AuditEntry) -> String {
    let target = entry.target.as_deref().unwrap_or("-");
    format!("{} {:?} {target} :{}", entry.by, entry.act, entry.reason)
}

fn ban_line(ban: &ServerBan) -> String {
    let until = ban.until.map_or_else(|| "for ever".to_owned(), |until| format!("until {}", until.0));
    format!("{} {until} :{}", ban.shown(), ban.reason)
}

fn change(change: &Change) -> String {
    match &change.value {
        Some(value) => format!(" {}={value}", change.key),
        None => format!(" -{}", change.key),
    }
}

fn metadata(reply: &MetadataReply) -> String {
    let values = |values: &Option<Vec<Shown>>| match values {
        Some(values) => {
            let values = values.iter().map(|shown| format!(" {}:{}={}", shown.target, shown.key, shown.value));
            values.collect::<Vec<_>>().concat()
        }
        None => " later".to_owned(),
    };
    match reply {
        MetadataReply::Values { target, entries } => {
            let entries = entries.iter().map(|(key, value)| change(&Change { key: key.clone(), value: value.clone() }));
            format!("metadata {target}{}", entries.collect::<String>())
        }
        MetadataReply::Set { target, change: now, was_so } => {
            format!("metadata {target} is{}{}", change(now), if *was_so { " already" } else { "" })
        }
        MetadataReply::Cleared { target, keys } => format!("metadata {target} cleared {}", keys.join(" ")),
        MetadataReply::Synced { about, values: synced } => format!("metadata sync {about}{}", values(synced)),
        MetadataReply::Subscribed(synced) => format!("metadata subscribed{}", values(synced)),
    }
}

fn who_entry(entry: &WhoEntry) -> String {
    let channel = entry.channel.as_ref().map_or("*", |channel| channel.as_str());
    let flags = format!(
        "{}{}{}{}",
        if entry.away { 'G' } else { 'H' },
        if entry.operator { "*" } else { "" },
        if entry.person.bot { "B" } else { "" },
        symbols(entry.ranks)
    );
    let address = entry.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    format!(" | {channel} {} {flags} idle {} {address}", entry.person.mask(), entry.idle_seconds)
}

fn whois_found(found: &WhoisFound) -> String {
    let channels: Vec<_> = found.channels.iter().map(|(name, ranks)| format!("{}{name}", symbols(*ranks))).collect();
    format!(
        "{} [{}] away {:?} operator {:?} idle {} private {}{}",
        found.person.mask(),
        channels.join(" "),
        found.away,
        found.operator,
        found.idle_seconds,
        found
            .private
            .as_ref()
            .map_or_else(|| "-".to_owned(), |known| format!("{:?} {}", known.addresses, known.modes.shown())),
        if found.secure { " secure" } else { "" },
    )
}

/// Shows modes and their parameters.
pub fn modes_line(modes: &ChannelModes, with_key: bool) -> String {
    let (letters, params) = modes.shown(with_key);
    [letters].into_iter().chain(params).collect::<Vec<_>>().join(" ")
}

/// Shows all symbols of a set of ranks.
pub fn symbols(ranks: RankSet) -> String {
    ranks.symbols(true).collect()
}
