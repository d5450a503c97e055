//! What METADATA is answered with, and what is told unasked.

use std::sync::Arc;

use chat::event::Event;
use chat::metadata::{Change, Shown, Values};
use chat::refusal::MetadataRefusal;
use chat::reply::MetadataReply;
use irc::capability::CapSet;
use irc::numerics::{self, Numeric};
use irc::write::{LineWriter, word_or_star};

use super::{Subscriptions, Version, is_aware, keys};
use crate::render::{Render, event_line, event_tags};
use crate::texts;

/// Whoever may see a value: everybody.
const VISIBLE_TO_ALL: &str = "*";

/// What stands for everybody and everything that a session hears of.
const ALL: &str = "*ALL";

/// How many seconds to wait before asking for what was not told: none.
const RETRY_AFTER_SECONDS: &str = "0";

/// The batch that lines are part of, if any.
pub(super) struct Frame(Option<String>);

impl Frame {
    /// No batch.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Writes lines as a batch of this type, for clients that know of batches.
    pub(super) fn around(
        kind: &str,
        about: Option<&str>,
        render: &mut Render<'_>,
        write: impl FnOnce(&Self, &mut Render<'_>),
    ) {
        if render.caps.contains(CapSet::BATCH) {
            render.batch_about(kind, about, |render, name| write(&Self(Some(name.to_owned())), render));
        } else {
            write(&Self::none(), render);
        }
    }

    fn line<'a>(&self, render: &'a mut Render<'_>) -> LineWriter<'a> {
        let line = LineWriter::new(render.out);
        match &self.0 {
            Some(name) => line.tag("batch", Some(name)),
            None => line,
        }
    }

    /// Writes a numeric.
    pub(super) fn numeric(&self, numeric: &Numeric, args: &[&str], render: &mut Render<'_>) {
        let (client, settings) = (render.client, render.settings);
        let line = self.line(render).source(settings.server_name());
        numeric.write(line, client, settings.language, args);
    }

    /// Writes a value, or that there is none.
    fn value(&self, target: &str, key: &str, value: Option<&str>, render: &mut Render<'_>) {
        match value {
            Some(value) => self.numeric(numerics::RPL_KEYVALUE, &[target, key, VISIBLE_TO_ALL, value], render),
            None => self.numeric(numerics::RPL_KEYNOTSET, &[target, key], render),
        }
    }

    /// Writes a value as news.
    fn news(&self, shown: &Shown, render: &mut Render<'_>) {
        match Version::of(render.caps) {
            Version::Two => {
                let settings = render.settings;
                let line = self.line(render).source(settings.server_name()).command("METADATA");
                let line = line.param(&shown.target).param(&shown.key).param(VISIBLE_TO_ALL);
                line.trailing(&shown.value).end_cut();
            }
            Version::Three => self.value(&shown.target, &shown.key, Some(&shown.value), render),
        }
    }
}

/// Says that a key is not valid, where others may be.
pub(super) fn warn_of_key(key: &str, frame: &Frame, render: &mut Render<'_>) {
    let (word, code) = Version::of(render.caps).choose(("FAIL", "KEY_INVALID"), ("WARN", "INVALID_KEY"));
    let (settings, text) = (render.settings, texts::metadata::key(render.settings.language));
    let line = frame.line(render).source(settings.server_name()).command(word).param("METADATA").param(code);
    line.param(word_or_star(key)).trailing(text).end_cut();
}

/// Writes an answer of the hall.
pub fn reply(reply: &MetadataReply, render: &mut Render<'_>) {
    let version = Version::of(render.caps);
    match reply {
        MetadataReply::Values { target, entries } => in_batch(target, render, |frame, render| {
            for (key, value) in entries {
                if value.is_none() && keys::key(version, key).is_none() {
                    warn_of_key(key, frame, render);
                } else {
                    frame.value(target, key, value.as_deref(), render);
                }
            }
        }),
        MetadataReply::Set { target, change: Change { key, value: None }, was_so: true } if version == Version::Two => {
            let text = texts::metadata::not_set(render.settings.language);
            render.fail("METADATA", "KEY_NOT_SET", &[target, key], text);
        }
        MetadataReply::Set { target, change, .. } => {
            Frame::none().value(target, &change.key, change.value.as_deref(), render);
        }
        MetadataReply::Cleared { target, keys } => in_batch(target, render, |frame, render| {
            for key in keys {
                frame.value(target, key, version.choose(Some(""), None), render);
            }
        }),
        MetadataReply::Synced { about, values } => synced(about, values.as_deref(), render),
        // The newer draft wants an answer also where there is nothing to tell. An invitation to ask again costs less than
        // an empty batch, for it is what clients and the conformance suite know.
        MetadataReply::Subscribed(Some(values)) if values.is_empty() => match version {
            Version::Two => {}
            Version::Three => later(ALL, render),
        },
        MetadataReply::Subscribed(values) => synced(ALL, values.as_deref(), render),
    }
}

fn in_batch(target: &Arc<str>, render: &mut Render<'_>, write: impl FnOnce(&Frame, &mut Render<'_>)) {
    Frame::around("metadata", Some(target), render, write);
}

fn synced(about: &str, values: Option<&[Shown]>, render: &mut Render<'_>) {
    let Some(values) = values else { return later(about, render) };
    Frame::around("metadata", Some(about), render, |frame, render| {
        for shown in values {
            frame.news(shown, render);
        }
    });
}

/// Writes 774: the client may ask.
fn later(about: &str, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_METADATASYNCLATER, &[about, RETRY_AFTER_SECONDS]);
}

/// Writes what a new user says of themself already: always, for clients that know of metadata.
pub fn welcome(nick: &str, values: &Values, render: &mut Render<'_>) {
    if is_aware(render.caps) {
        let shown = |(key, value): (&Arc<str>, &Arc<str>)| Shown {
            target: nick.into(),
            key: Arc::clone(key),
            value: Arc::clone(value),
        };
        let values: Vec<Shown> = values.iter().map(shown).collect();
        synced(nick, Some(&values), render);
    }
}

/// Writes the changes of an event that a session wants to know about. The newer draft's lines name the client, so nobody
/// shares them.
pub fn changed(event: &Event, target: &str, changes: &[Change], subscribed: &Subscriptions, render: &mut Render<'_>) {
    if !is_aware(render.caps) {
        return;
    }
    let (caps, settings, client) = (render.caps, render.settings, render.client);
    for Change { key, value } in changes.iter().filter(|change| subscribed.contains(&change.key)) {
        match (Version::of(caps), value) {
            (Version::Two, value) => {
                let line = event_line(render.out, event, caps, settings).command("METADATA").param(target).param(key);
                let line = line.param(VISIBLE_TO_ALL);
                match value {
                    Some(value) => line.trailing(value).end_cut(),
                    None => line.end_cut(),
                }
            }
            (Version::Three, value) => {
                let line = event_tags(LineWriter::new(render.out), event, caps).source(settings.server_name());
                match value {
                    Some(value) => {
                        let args = [target, key, VISIBLE_TO_ALL, value];
                        numerics::RPL_KEYVALUE.write(line, client, settings.language, &args);
                    }
                    None => numerics::RPL_KEYNOTSET.write(line, client, settings.language, &[target, key]),
                }
            }
        }
    }
}

/// Writes a refusal.
pub fn refused(refusal: &MetadataRefusal, render: &mut Render<'_>) {
    let text = texts::metadata::refusal(refusal, render.settings.language);
    let version = Version::of(render.caps);
    match refusal {
        MetadataRefusal::InvalidTarget(target) => {
            render.fail("METADATA", "INVALID_TARGET", &[word_or_star(target)], &text);
        }
        MetadataRefusal::NoPermission { target, key } => {
            let key = key.as_deref().map_or("*", word_or_star);
            render.fail("METADATA", "KEY_NO_PERMISSION", &[target, key], &text);
        }
        MetadataRefusal::LimitReached { target, limit } => match version {
            Version::Two => render.fail("METADATA", "LIMIT_REACHED", &[target], &text),
            Version::Three => {
                render.fail("METADATA", "LIMIT_REACHED", &["SET", target, &limit.to_string()], &text);
            }
        },
    }
}
