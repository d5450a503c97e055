//! RENAME on the wire. Meaning: `chat::features::channel_rename`. Proof: `scenarios/channel-rename.txt`.
//!
//! Spec: `IRCv3` draft "channel-rename".

use chat::command::Command;
use chat::event::{Actor, ChannelRef, Event, EventKind};
use chat::ids::UserId;
use chat::reply::{Moved, Reply};
use chat::time::Timestamp;
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::ChannelName;
use smallvec::smallvec;

use super::{join, names, part, read_marker, topic};
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `RENAME #old #new [:reason]`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let [channel, name, reason] = [0, 1, 2].map(|place| message.params.get(place).unwrap_or_default().into());
    Ok(smallvec![Command::Rename { channel, name, reason }])
}

/// Writes `RENAME #old #new :reason`, with an empty reason when there is none.
pub fn event(
    event: &Event,
    channel: &ChannelRef,
    old: &ChannelName,
    reason: &str,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    let line = event_line(out, event, caps, settings).command("RENAME").param(old.as_str());
    line.param(channel.name.as_str()).trailing(reason).end_cut();
}

/// Shows a member whose client does not know of RENAME how they leave the old channel and enter the new one.
pub fn moved(
    session: &IrcSession,
    user: UserId,
    read: Option<Timestamp>,
    metadata: Option<&Reply>,
    moved: &Moved,
    cx: &mut Cx<'_>,
) {
    let Some(person) = session.person().filter(|_| !session.caps().contains(CapSet::CHANNEL_RENAME)).cloned() else {
        return;
    };
    let (caps, settings) = (session.caps(), cx.settings);
    let reason = Some(moved.reason.clone()).filter(|reason| !reason.is_empty());
    let actor = Some(Actor { user, person });
    let left = EventKind::Parted { channel: moved.old.clone(), reason: reason.clone() };
    let left = Event { at: moved.at, id: None, actor: actor.clone(), kind: left };
    part::event(&left, &moved.old, reason.as_deref(), caps, settings, cx.out);
    let entered = EventKind::Joined { channel: moved.new.clone() };
    let entered = Event { at: moved.at, id: None, actor, kind: entered };
    join::event(&entered, &moved.new, caps, settings, cx.out);
    session.render(cx, |render| {
        if moved.topic.is_some() {
            topic::reply(&moved.new.name, moved.topic.as_ref(), render);
        }
        read_marker::reply(moved.new.name.as_str(), read, true, render);
        names::reply(&moved.names, render);
        if let Some(metadata) = metadata {
            super::reply(metadata, render);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::asked;

    #[test]
    fn the_reason_may_be_left_out() {
        let rename =
            |reason: &str| [Command::Rename { channel: "#a".into(), name: "#b".into(), reason: reason.into() }];
        assert_eq!(asked(ask, "RENAME #a #b"), rename(""));
        assert_eq!(asked(ask, "RENAME #a #b :Typo fix"), rename("Typo fix"));
    }
}
