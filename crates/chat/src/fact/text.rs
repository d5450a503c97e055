//! What people wrote in a fact: the log keeps it apart, so that it can be erased.

use std::sync::Arc;

use super::Fact;

impl Fact {
    /// Returns the text that people wrote, which the log keeps in a column of its own so that it can be erased.
    pub fn text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Said { message, .. } | Self::Edited { message, .. } => Some(&message.text),
            Self::UserQuit { reason, .. }
            | Self::SessionDetached { reason, .. }
            | Self::Kicked { reason, .. }
            | Self::ChannelRenamed { reason, .. }
            | Self::Audited { reason, .. }
            | Self::RaidBegan { reason, .. }
            | Self::ServerBanAdded { reason, .. }
            | Self::SessionsEnded { reason, .. } => Some(reason),
            Self::Parted { reason, .. } | Self::Redacted { reason, .. } => reason.as_ref(),
            Self::MetadataSet { value: text, .. }
            | Self::UserConnected { metadata: text, .. }
            | Self::SessionAttached { metadata: text, .. } => text.as_ref(),
            Self::TopicSet { text, .. } | Self::AccountChanged { text, .. } => Some(text),
            Self::RealNameChanged { realname, .. } => Some(realname),
            Self::AccountRegistered { private, .. } => Some(private),
            Self::NodeStarted {}
            | Self::AccountRemoved { .. }
            | Self::InvitationMade { .. }
            | Self::InvitationRevoked { .. }
            | Self::LoggedIn { .. }
            | Self::LoggedOut { .. }
            | Self::ReadMarked { .. }
            | Self::NickChanged { .. }
            | Self::HostChanged { .. }
            | Self::UserModesChanged { .. }
            | Self::Joined { .. }
            | Self::ModesChanged { .. }
            | Self::AlwaysOnChanged { .. }
            | Self::ChannelRegistered { .. }
            | Self::ChannelDropped { .. }
            | Self::AccessChanged { .. }
            | Self::FounderChanged { .. }
            | Self::MetadataCleared { .. }
            | Self::Invited { .. }
            | Self::Uninvited { .. }
            | Self::RaidEnded { .. }
            | Self::ServerBanRemoved { .. } => None,
        }
    }

    /// Tells whether the log's file is to have the text. What is secret of an account stands in its row only, where the next
    /// change overwrites it: a former password's hash would lie in the log for ever.
    pub fn is_text_for_the_file(&self) -> bool {
        !matches!(self, Self::AccountRegistered { .. } | Self::AccountChanged { .. })
    }

    /// Puts back the text that the log kept apart.
    #[must_use]
    pub fn with_text(mut self, kept: Option<Arc<str>>) -> Self {
        match &mut self {
            Self::Said { message, .. } | Self::Edited { message, .. } => {
                Arc::make_mut(message).text = kept.unwrap_or_default();
            }
            Self::UserQuit { reason: text, .. }
            | Self::SessionDetached { reason: text, .. }
            | Self::Kicked { reason: text, .. }
            | Self::ChannelRenamed { reason: text, .. }
            | Self::Audited { reason: text, .. }
            | Self::RaidBegan { reason: text, .. }
            | Self::ServerBanAdded { reason: text, .. }
            | Self::TopicSet { text, .. }
            | Self::RealNameChanged { realname: text, .. }
            | Self::AccountRegistered { private: text, .. }
            | Self::AccountChanged { text, .. }
            | Self::SessionsEnded { reason: text, .. } => *text = kept.unwrap_or_default(),
            Self::Parted { reason: text, .. }
            | Self::Redacted { reason: text, .. }
            | Self::MetadataSet { value: text, .. }
            | Self::UserConnected { metadata: text, .. }
            | Self::SessionAttached { metadata: text, .. } => *text = kept,
            Self::NodeStarted {}
            | Self::AccountRemoved { .. }
            | Self::InvitationMade { .. }
            | Self::InvitationRevoked { .. }
            | Self::LoggedIn { .. }
            | Self::LoggedOut { .. }
            | Self::ReadMarked { .. }
            | Self::NickChanged { .. }
            | Self::HostChanged { .. }
            | Self::UserModesChanged { .. }
            | Self::Joined { .. }
            | Self::ModesChanged { .. }
            | Self::AlwaysOnChanged { .. }
            | Self::ChannelRegistered { .. }
            | Self::ChannelDropped { .. }
            | Self::AccessChanged { .. }
            | Self::FounderChanged { .. }
            | Self::MetadataCleared { .. }
            | Self::Invited { .. }
            | Self::Uninvited { .. }
            | Self::RaidEnded { .. }
            | Self::ServerBanRemoved { .. } => {}
        }
        self
    }
}
