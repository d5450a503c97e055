//! MODE on the wire: of channels, and the reading of MODE for users. Meaning: `chat::features::mode`, `user_mode`.
//! Proof: `scenarios/mode-*.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use chat::modes::{ChannelModes, MaskEntry, MaskList, ModeChange, shown_together};
use chat::time::Timestamp;
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::{CHANNEL_PREFIX, ChannelName};
use irc::numerics;
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter};
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{Render, event_line};
use crate::settings::Settings;

/// Reads `MODE #channel [letters [parameters…]]` and `MODE nick [letters]`. Which letter takes which parameter, and that a
/// list's letter without one asks for the list, is the hall's to know.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let target: Box<str> = message.params.get(0).unwrap_or_default().into();
    let letters = message.params.get(1).filter(|letters| !letters.is_empty()).map(Box::from);
    Ok(smallvec![match letters {
        letters if !target.starts_with(CHANNEL_PREFIX) => Command::UserMode { nick: target, letters },
        None => Command::ChannelModeQuery { channel: target },
        Some(letters) => {
            let params = message.params.iter().skip(2).map(Box::from).collect();
            Command::ChannelMode { channel: target, letters, params }
        }
    }])
}

/// Writes `MODE #channel +o-v alice bob`, in as many lines as it takes.
pub fn event(
    event: &Event,
    channel: &ChannelRef,
    changes: &[ModeChange],
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    let channel = channel.name.as_str();
    let source = event.actor.as_ref().map_or(settings.server_name(), |actor| actor.person.mask());
    let room = BODY_CONTENT_BYTES_MAX.saturating_sub(":  MODE ".len() + source.len() + channel.len());
    let mut rest = changes;
    while !rest.is_empty() {
        let (together, behind) = rest.split_at(fitting(rest, room));
        rest = behind;
        let (letters, params) = written(together);
        let line = event_line(out, event, caps, settings).command("MODE").param(channel).param(&letters);
        with_params(line, &params).end();
    }
}

fn written(changes: &[ModeChange]) -> (String, Vec<String>) {
    shown_together(changes.iter().map(ModeChange::shown))
}

/// Returns how many of the changes fit into `room` bytes, at least one.
fn fitting(changes: &[ModeChange], room: usize) -> usize {
    let fits = |count: &usize| {
        let (letters, params) = written(&changes[..*count]);
        letters.len() + params.iter().map(|param| 1 + param.len()).sum::<usize>() <= room
    };
    (1..=changes.len()).take_while(fits).last().unwrap_or(1)
}

fn with_params<'a>(line: LineWriter<'a>, params: &[String]) -> LineWriter<'a> {
    match params.split_last() {
        None => line,
        Some((last, others)) => others.iter().fold(line, |line, param| line.param(param)).last(last),
    }
}

/// Writes 324 and 329.
pub fn reply(channel: &ChannelName, modes: &ChannelModes, with_key: bool, created: Timestamp, render: &mut Render<'_>) {
    let channel = channel.as_str();
    let (letters, params) = modes.shown(with_key);
    let args: Vec<&str> = [channel, &letters].into_iter().chain(params.iter().map(String::as_str)).collect();
    render.numeric(numerics::RPL_CHANNELMODEIS, &args);
    render.numeric(numerics::RPL_CREATIONTIME, &[channel, &created.seconds().to_string()]);
}

/// Writes one of the lists, each mask with who set it when: 367 and 368, 348 and 349, or 346 and 347.
pub fn reply_list(channel: &ChannelName, list: MaskList, entries: &[MaskEntry], render: &mut Render<'_>) {
    let (entry, end) = match list {
        MaskList::Ban => (numerics::RPL_BANLIST, numerics::RPL_ENDOFBANLIST),
        MaskList::Exception => (numerics::RPL_EXCEPTLIST, numerics::RPL_ENDOFEXCEPTLIST),
        MaskList::InviteException => (numerics::RPL_INVEXLIST, numerics::RPL_ENDOFINVEXLIST),
    };
    for MaskEntry { mask, by, at } in entries {
        render.numeric(entry, &[channel.as_str(), mask, by, &at.seconds().to_string()]);
    }
    render.numeric(end, &[channel.as_str()]);
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;
    use chat::ids::UserId;
    use chat::modes::ChannelFlags;
    use chat::rank::Rank;

    use super::*;
    use crate::features::testing::{asked, rendered, settings, shown, tea};

    #[test]
    fn a_hash_makes_it_a_channel() {
        let user = |letters: Option<&str>| Command::UserMode { nick: "bob".into(), letters: letters.map(Box::from) };
        assert_eq!(asked(ask, "MODE bob"), [user(None)]);
        assert_eq!(asked(ask, "MODE bob +i x"), [user(Some("+i"))]);
        assert_eq!(asked(ask, "MODE #c"), [Command::ChannelModeQuery { channel: "#c".into() }]);
        assert_eq!(asked(ask, "MODE #c :"), [Command::ChannelModeQuery { channel: "#c".into() }]);
        let change = |letters: &str, params: &[&str]| Command::ChannelMode {
            channel: "#c".into(),
            letters: letters.into(),
            params: params.iter().map(|param| Box::from(*param)).collect(),
        };
        assert_eq!(asked(ask, "MODE #c b"), [change("b", &[])]);
        assert_eq!(asked(ask, "MODE #c +ok bob :two words"), [change("+ok", &["bob", "two words"])]);
    }

    fn lines(changes: &[ModeChange]) -> Vec<String> {
        let kind = EventKind::ModesChanged { channel: tea(), changes: changes.to_vec() };
        let written = shown(&kind, |happened, out| {
            event(happened, &tea(), changes, CapSet::empty(), &settings(), out);
        });
        written.split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn letters_come_together_and_parameters_in_their_order() {
        let rank = |rank, nick: &str, on| ModeChange::Rank { rank, member: UserId(1), nick: nick.into(), on };
        let changes = [
            ModeChange::Flag { flag: ChannelFlags::MODERATED, on: true },
            rank(Rank::Operator, "bob", true),
            ModeChange::Limit { limit: None },
            rank(Rank::Voice, "carol", false),
            ModeChange::Key { key: Some("earl".into()) },
        ];
        assert_eq!(lines(&changes), [":alice!~alice@home MODE #tea +mo-lv+k bob carol earl"]);
    }

    #[test]
    fn long_changes_take_several_lines() {
        let ban = |number: usize| ModeChange::Mask {
            list: MaskList::Ban,
            mask: format!("{number:0>100}!*@*").into(),
            on: true,
        };
        let changes: Vec<_> = (0..20).map(ban).collect();
        let lines = lines(&changes);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 510), "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with(":alice!~alice@home MODE #tea +b")));
        let words: Vec<&str> = lines.iter().flat_map(|line| line.split(' ').skip(4)).collect();
        assert_eq!(words, (0..20).map(|number| format!("{number:0>100}!*@*")).collect::<Vec<_>>());
    }

    #[test]
    fn lists_tell_who_and_when() {
        let entry = MaskEntry { mask: "b!*@*".into(), by: "alice".into(), at: Timestamp(5000) };
        for (list, numbers) in
            [(MaskList::Ban, (367, 368)), (MaskList::Exception, (348, 349)), (MaskList::InviteException, (346, 347))]
        {
            let written = rendered(|render| reply_list(&tea().name, list, std::slice::from_ref(&entry), render));
            let (first, end) = (format!(":loggia.local {} alice #tea b!*@* alice 5\r\n", numbers.0), numbers.1);
            assert!(written.starts_with(&format!("{first}:loggia.local {end} alice #tea :End of ")), "{written}");
        }
    }

    #[test]
    fn a_bare_plus_when_there_are_no_modes() {
        let modes = |modes: &ChannelModes| rendered(|render| reply(&tea().name, modes, false, Timestamp(7000), render));
        let age = ":loggia.local 329 alice #tea 7\r\n";
        assert_eq!(modes(&ChannelModes::default()), format!(":loggia.local 324 alice #tea +\r\n{age}"));
        let with_key = ChannelModes { key: Some("earl".into()), limit: Some(9), ..ChannelModes::default() };
        assert_eq!(modes(&with_key), format!(":loggia.local 324 alice #tea +kl * 9\r\n{age}"));
    }
}
