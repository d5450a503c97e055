//! The names of IRCv3 capabilities, one bit each.
//!
//! These are all that Loggia knows of; which of them a session is offered is decided in `session`.
//! Spec: IRCv3 capability-negotiation and the specification each name belongs to.

use std::fmt;

use bitflags::bitflags;

/// Declares every capability once: its name as a type, as a bit, and on the wire.
macro_rules! capabilities {
    ($($(#[doc = $doc:literal])* $variant:ident $bit:ident $name:literal;)*) => {
        /// One capability. The order is that of `CAP LS`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Capability {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Capability {
            /// Every capability, in the order of `CAP LS`.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the wire, without a value.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Finds a capability by its name. Names are compared as they are: case matters.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        bitflags! {
            /// A set of capabilities: what a session has enabled, or what a server offers.
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct CapSet: u64 {
                $($(#[doc = $doc])* const $bit = 1 << Capability::$variant as u64;)*
            }
        }
    };
}

capabilities! {
    /// The list of capabilities may change while connected (capability-negotiation, "cap-notify").
    CapNotify CAP_NOTIFY "cap-notify";
    /// All ranks of a member in NAMES and WHO, not only the highest.
    MultiPrefix MULTI_PREFIX "multi-prefix";
    /// `nick!user@host` in NAMES.
    UserhostInNames USERHOST_IN_NAMES "userhost-in-names";
    /// When each message happened.
    ServerTime SERVER_TIME "server-time";
    /// Tags of clients, TAGMSG, and `msgid`.
    MessageTags MESSAGE_TAGS "message-tags";
    /// The sender's own messages come back to it.
    EchoMessage ECHO_MESSAGE "echo-message";
    /// Answers carry the label of what they answer.
    LabeledResponse LABELED_RESPONSE "labeled-response";
    /// Lines that belong together are marked so.
    Batch BATCH "batch";
    /// FAIL, WARN and NOTE are understood.
    StandardReplies STANDARD_REPLIES "standard-replies";
    /// The sender's account on messages.
    AccountTag ACCOUNT_TAG "account-tag";
    /// News of other people's log-ins and log-outs.
    AccountNotify ACCOUNT_NOTIFY "account-notify";
    /// Account and real name in JOIN.
    ExtendedJoin EXTENDED_JOIN "extended-join";
    /// News of other people's being away.
    AwayNotify AWAY_NOTIFY "away-notify";
    /// News of other people's changed user and host names.
    Chghost CHGHOST "chghost";
    /// Changing the real name while connected, and news of it.
    Setname SETNAME "setname";
    /// News of invitations to a channel, for its members.
    InviteNotify INVITE_NOTIFY "invite-notify";
    /// AWAY, ACCOUNT and SETNAME of people watched with MONITOR.
    ExtendedMonitor EXTENDED_MONITOR "extended-monitor";
    /// Logging in with AUTHENTICATE.
    Sasl SASL "sasl";
    /// Where and how long to use TLS; listed, never requested.
    Sts STS "sts";
    /// No list of members after JOIN.
    NoImplicitNames NO_IMPLICIT_NAMES "no-implicit-names";
    /// The same under the name of its draft, which clients still use.
    DraftNoImplicitNames DRAFT_NO_IMPLICIT_NAMES "draft/no-implicit-names";
    /// Only who logs in can enter; listed, never requested.
    AccountRequired ACCOUNT_REQUIRED "draft/account-required";
    /// Tokens that say who one is to a service outside, and news of such services.
    Authtoken AUTHTOKEN "draft/authtoken";
    /// Registering an account on the connection itself.
    AccountRegistration ACCOUNT_REGISTRATION "draft/account-registration";
    /// Renaming a channel with all that is in it.
    ChannelRename CHANNEL_RENAME "draft/channel-rename";
    /// Asking for what was said before.
    Chathistory CHATHISTORY "draft/chathistory";
    /// JOIN, TOPIC and the like in history too.
    EventPlayback EVENT_PLAYBACK "draft/event-playback";
    /// 005 before registration and as a batch.
    ExtendedIsupport EXTENDED_ISUPPORT "draft/extended-isupport";
    /// Changing a message's text: the form that the pull request for it proposes.
    MessageEdit MESSAGE_EDIT "draft/message-edit";
    /// Taking a message back.
    MessageRedaction MESSAGE_REDACTION "draft/message-redaction";
    /// Keys and values that describe a user or a channel, as the draft before had it.
    Metadata2 METADATA_2 "draft/metadata-2";
    /// Keys and values that describe a user or a channel.
    Metadata METADATA "draft/metadata-3";
    /// One message of several lines.
    Multiline MULTILINE "draft/multiline";
    /// Which messages come from server operators.
    OperTag OPER_TAG "draft/oper-tag";
    /// Staying while disconnected, and asking for it.
    Persistence PERSISTENCE "draft/persistence";
    /// AWAY before registration.
    PreAway PRE_AWAY "draft/pre-away";
    /// How far a person has read, the same on all their devices.
    ReadMarker READ_MARKER "draft/read-marker";
    /// Messages of people elsewhere, spoken by a bridge.
    Relaymsg RELAYMSG "draft/relaymsg";
    /// Searching in what was said.
    Search SEARCH "draft/search";
    /// The same under the name that clients on phones use.
    SojuSearch SOJU_SEARCH "soju.im/search";
    /// Notifications for devices that are not connected.
    Webpush WEBPUSH "draft/webpush";
    /// The same under the name that clients on phones use.
    SojuWebpush SOJU_WEBPUSH "soju.im/webpush";
    /// The client's own user and host name, from the start.
    Whoami WHOAMI "draft/whoami";
    /// What the client sends is kept exactly once, and it can ask for what it has missed.
    Delivery DELIVERY "loggia.chat/delivery";
    /// Changing a message's text, as this project documents it.
    Edit EDIT "loggia.chat/edit";
    /// Invitations by link.
    Invite INVITE "loggia.chat/invite";
}

impl Capability {
    /// The set that holds just this capability.
    pub const fn bit(self) -> CapSet {
        CapSet::from_bits_retain(1 << self as u64)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl From<Capability> for CapSet {
    fn from(capability: Capability) -> Self {
        capability.bit()
    }
}

impl CapSet {
    /// Whether the set holds a capability.
    pub const fn has(self, capability: Capability) -> bool {
        self.contains(capability.bit())
    }

    /// The capabilities of the set, in the order of `CAP LS`.
    pub fn capabilities(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.has(*capability))
    }
}

impl FromIterator<Capability> for CapSet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().map(Capability::bit).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_lead_back() {
        for capability in Capability::ALL {
            assert_eq!(Capability::from_name(capability.name()), Some(*capability));
        }
        let names: BTreeSet<_> = Capability::ALL.iter().map(|capability| capability.name()).collect();
        assert_eq!(names.len(), Capability::ALL.len());
        assert_eq!(Capability::from_name("Batch"), None);
    }

    #[test]
    fn each_has_a_bit_of_its_own() {
        assert!(Capability::ALL.len() <= 64);
        let all: CapSet = Capability::ALL.iter().copied().collect();
        assert_eq!(all, CapSet::all());
        assert_eq!(all.capabilities().collect::<Vec<_>>(), Capability::ALL);
        assert_eq!(Capability::Batch.bit(), CapSet::BATCH);
        assert_eq!(CapSet::from(Capability::Relaymsg), CapSet::RELAYMSG);
    }

    #[test]
    fn sets() {
        let set = CapSet::BATCH | CapSet::CAP_NOTIFY;
        assert!(set.has(Capability::Batch) && !set.has(Capability::Sasl));
        assert_eq!(set.capabilities().map(Capability::name).collect::<Vec<_>>(), ["cap-notify", "batch"]);
    }

    /// Clients of `CAP LS` without 302 get all names on one line; 480 bytes is what fits beside the rest of it.
    #[test]
    fn the_names_without_drafts_fit_one_line() {
        let names: Vec<_> = Capability::ALL.iter().map(|cap| cap.name()).filter(|name| !name.contains('/')).collect();
        assert!(names.join(" ").len() <= 480);
    }
}
