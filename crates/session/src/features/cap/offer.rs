//! What a session is offered: which capabilities, and what each says of itself.
//!
//! It depends on the server's choices and on the connection, encrypted or not. Spec: `IRCv3` "capability-negotiation",
//! "Capability Values", and the specification each capability belongs to.

use std::borrow::Cow;

use chat::settings::{AlwaysOn, Registration};
use irc::capability::{CapSet, Capability};

use crate::features::{metadata, register};
use crate::sasl;
use crate::settings::{Peer, Settings};

/// What is listed and never granted: clients act on its being there.
pub const LISTED_ONLY: CapSet = CapSet::STS.union(CapSet::ACCOUNT_REQUIRED);

/// The most bytes of names in a list that has to be one line.
const ONE_LINE_BYTES_MAX: usize = 480;

/// Tells whether a session is offered a capability.
fn is_offered(capability: Capability, settings: &Settings, peer: &Peer) -> bool {
    match capability {
        // What is looked up first, and what changes what was said, needs what was said.
        Capability::Chathistory
        | Capability::EventPlayback
        | Capability::Search
        | Capability::SojuSearch
        | Capability::MessageRedaction
        | Capability::MessageEdit
        | Capability::Edit => settings.chat.history,
        Capability::CapNotify
        | Capability::MultiPrefix
        | Capability::UserhostInNames
        | Capability::ServerTime
        | Capability::MessageTags
        | Capability::EchoMessage
        | Capability::LabeledResponse
        | Capability::Batch
        | Capability::StandardReplies
        | Capability::AccountNotify
        | Capability::ExtendedJoin
        | Capability::AwayNotify
        | Capability::Chghost
        | Capability::Setname
        | Capability::InviteNotify
        | Capability::ExtendedMonitor
        | Capability::NoImplicitNames
        | Capability::AccountTag
        | Capability::ChannelRename
        | Capability::DraftNoImplicitNames
        | Capability::ExtendedIsupport
        | Capability::OperTag
        | Capability::Delivery
        | Capability::Metadata2
        | Capability::Metadata
        | Capability::Multiline
        | Capability::PreAway
        | Capability::ReadMarker
        | Capability::Invite
        | Capability::Whoami => true,
        Capability::Relaymsg => settings.chat.relaymsg.enabled,
        Capability::Webpush | Capability::SojuWebpush => settings.vapid.is_some(),
        Capability::Authtoken => settings.filehost.is_some(),
        Capability::Sts => settings.sts.is_some(),
        Capability::AccountRequired => settings.chat.require_account,
        Capability::Persistence => settings.chat.always_on != AlwaysOn::Off,
        Capability::Sasl => !sasl::offered(settings, peer).is_empty(),
        Capability::AccountRegistration => settings.chat.registration != Registration::Closed,
    }
}

/// Returns what a capability says of itself in `CAP LS 302` and `CAP NEW`.
pub fn value(capability: Capability, settings: &Settings, peer: &Peer) -> Option<Cow<'static, str>> {
    match capability {
        Capability::Sasl => Some(sasl::names(&sasl::offered(settings, peer)).into()),
        Capability::AccountRegistration => register::value(settings).map(Cow::Owned),
        Capability::Invite => (settings.chat.registration == Registration::Invite).then_some("required".into()),
        Capability::Multiline => {
            let (bytes, lines) = (settings.multiline_max_bytes, settings.multiline_max_lines);
            Some(format!("max-bytes={bytes},max-lines={lines}").into())
        }
        Capability::Relaymsg => Some(settings.chat.relaymsg.separators.to_string().into()),
        Capability::Delivery => Some(format!("days={}", settings.chat.delivery_days).into()),
        // Who is not encrypted yet is told where, and who is, for how long.
        Capability::Sts if peer.secure => settings.sts.map(|sts| format!("duration={}", sts.seconds).into()),
        Capability::Sts => settings.sts.map(|sts| format!("port={}", sts.port).into()),
        Capability::Metadata | Capability::Metadata2 => Some(metadata::offer(capability, settings).into()),
        _ => None,
    }
}

/// Returns what a session is offered.
pub fn offered(settings: &Settings, peer: &Peer) -> CapSet {
    Capability::ALL.iter().copied().filter(|capability| is_offered(*capability, settings, peer)).collect()
}

/// Returns what a session may ask for: all that it is offered but for what is listed only.
pub fn grantable(settings: &Settings, peer: &Peer) -> CapSet {
    offered(settings, peer) - LISTED_ONLY
}

/// What a session is offered, each with its value, in the order of `CAP LS`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer(Vec<(Capability, Option<Cow<'static, str>>)>);

/// What is different after a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What is gone.
    pub gone: CapSet,
    /// What is new.
    pub new: CapSet,
    /// What says something else of itself.
    pub changed: CapSet,
}

impl FromIterator<(Capability, Option<Cow<'static, str>>)> for Offer {
    fn from_iter<I: IntoIterator<Item = (Capability, Option<Cow<'static, str>>)>>(entries: I) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by_key(|(capability, _)| *capability);
        Self(entries)
    }
}

impl Offer {
    /// Returns what a session at this connection is offered.
    pub fn of(settings: &Settings, peer: &Peer) -> Self {
        let set = offered(settings, peer);
        set.capabilities().map(|capability| (capability, value(capability, settings, peer))).collect()
    }

    /// Returns the names with their values, of all that `wanted` holds.
    pub fn with_values(&self, wanted: CapSet) -> Vec<Cow<'static, str>> {
        let wanted = self.0.iter().filter(|(capability, _)| wanted.has(*capability));
        wanted
            .map(|(capability, value)| match value {
                None => Cow::Borrowed(capability.name()),
                Some(value) => Cow::Owned(format!("{}={value}", capability.name())),
            })
            .collect()
    }

    /// Returns the names for a client that knows of no values: what means nothing without one is left out.
    pub fn without_values(&self) -> CapSet {
        self.set() - CapSet::STS
    }

    /// Returns what is offered.
    pub fn set(&self) -> CapSet {
        self.0.iter().map(|(capability, _)| *capability).collect()
    }

    /// Compares with what was offered before.
    ///
    /// STS never goes away: its specification forbids it, and clients would not believe it.
    pub fn changes_since(&self, before: &Self) -> Changes {
        let (was, is) = (before.set(), self.set());
        let differs = |(capability, value): &&(Capability, Option<Cow<'static, str>>)| {
            before.0.iter().any(|(known, old)| known == capability && old != value)
        };
        Changes {
            gone: was - is - CapSet::STS,
            new: is - was,
            changed: self.0.iter().filter(differs).map(|(capability, _)| *capability).collect(),
        }
    }
}

/// Returns the names of a set that has to be one line of at most `room` bytes, for clients that do not speak 302:
/// when they do not all fit, the names of drafts and vendors make room for the others.
pub fn on_one_line(set: CapSet, room: usize) -> String {
    let bytes_max = room.min(ONE_LINE_BYTES_MAX);
    let is_draft = |name: &&str| name.contains('/');
    let names = || set.capabilities().map(Capability::name);
    let mut left = bytes_max.saturating_sub(length(names().filter(|name| !is_draft(name))));
    let mut fits = |name: &&str| {
        if !is_draft(name) {
            return true;
        }
        let room = left.checked_sub(name.len() + 1);
        left = room.unwrap_or(left);
        room.is_some()
    };
    let mut line = String::new();
    for name in names().filter(|name| fits(name)) {
        if line.len() + 1 + name.len() > bytes_max {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(name);
    }
    line
}

/// Returns the bytes of words with a space behind each.
fn length<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    words.map(|word| word.len() + 1).sum()
}

#[cfg(test)]
mod tests {
    use chat::rare::Rare;

    use super::*;
    use crate::features::testing::settings;
    use crate::settings::Sts;

    const PEER: Peer =
        Peer { address: core::net::IpAddr::V4(core::net::Ipv4Addr::LOCALHOST), secure: false, vouchers: Rare::new() };

    fn offer(entries: &[(Capability, Option<&str>)]) -> Offer {
        entries.iter().map(|(cap, value)| (*cap, value.map(|value| Cow::Owned(value.to_owned())))).collect()
    }

    #[test]
    fn values_stand_behind_names() {
        let offer =
            offer(&[(Capability::Batch, None), (Capability::Sasl, Some("PLAIN")), (Capability::Sts, Some("port=1"))]);
        assert_eq!(offer.with_values(CapSet::all()), ["batch", "sasl=PLAIN", "sts=port=1"]);
        assert_eq!(offer.with_values(CapSet::SASL), ["sasl=PLAIN"]);
        assert_eq!(offer.without_values(), CapSet::BATCH | CapSet::SASL);
        let limits = Settings { multiline_max_bytes: 4096, multiline_max_lines: 32, ..settings() };
        assert_eq!(value(Capability::Multiline, &limits, &PEER).as_deref(), Some("max-bytes=4096,max-lines=32"));
        assert_eq!(value(Capability::Batch, &limits, &PEER), None);
    }

    #[test]
    fn a_reload_is_compared() {
        use Capability::{Batch, Relaymsg, Sasl, Setname, Sts};
        let before = offer(&[(Batch, None), (Setname, None), (Sasl, Some("PLAIN")), (Sts, Some("port=1"))]);
        let after = offer(&[(Batch, None), (Sasl, Some("EXTERNAL")), (Relaymsg, Some("/"))]);
        let changes = after.changes_since(&before);
        assert_eq!(changes, Changes { gone: CapSet::SETNAME, new: CapSet::RELAYMSG, changed: CapSet::SASL });
        assert_eq!(after.changes_since(&after), Changes::default());
    }

    /// No capability that is known makes a list of 301 too long, whatever is offered one day.
    #[test]
    fn one_line_leaves_out_drafts() {
        let line = on_one_line(CapSet::all(), 500);
        assert!(line.len() <= ONE_LINE_BYTES_MAX && line.len() > ONE_LINE_BYTES_MAX - 40, "{}", line.len());
        for standard in Capability::ALL.iter().map(|cap| cap.name()).filter(|name| !name.contains('/')) {
            assert!(line.split(' ').any(|name| name == standard), "{standard}");
        }
        assert_eq!(on_one_line(CapSet::BATCH | CapSet::MULTILINE, 15), "batch");
        assert_eq!(on_one_line(CapSet::BATCH | CapSet::MULTILINE, 22), "batch draft/multiline");
        assert_eq!(on_one_line(CapSet::BATCH | CapSet::SETNAME, 10), "batch");
        assert_eq!(on_one_line(CapSet::empty(), 10), "");
    }

    #[test]
    fn what_is_listed_only_is_not_granted() {
        assert!((grantable(&settings(), &PEER) & LISTED_ONLY).is_empty());
        let sts = Settings { sts: Some(Sts { seconds: 86_400, port: 6697 }), ..settings() };
        assert!((grantable(&sts, &PEER) & LISTED_ONLY).is_empty());
        assert_eq!(Offer::of(&settings(), &PEER).with_values(CapSet::STS), [""; 0]);
        assert_eq!(Offer::of(&sts, &PEER).with_values(CapSet::STS), ["sts=port=6697"]);
        let secure = Peer { secure: true, ..PEER };
        assert_eq!(Offer::of(&sts, &secure).with_values(CapSet::STS), ["sts=duration=86400"]);
    }
}
