//! METADATA before registration: what somebody says of themself who is nobody yet.
//!
//! Spec: `before-connect` in both drafts. Proof: `scenarios/metadata-before-connect.txt`.

use std::sync::Arc;

use chat::metadata::{Change, Early, Shown, put};
use chat::refusal::MetadataRefusal;
use chat::reply::MetadataReply;
use irc::message::Message;

use super::{ONESELF, Version, is_aware, keys, refused, reply};
use crate::irc_session::{Cx, IrcSession};

/// The most keys that somebody may set who is nobody yet: nobody knows yet whether they will be somebody.
pub const KEYS_MAX: usize = 32;

/// Carries out GET, LIST, SET, CLEAR and SYNC of somebody's own metadata.
pub(super) fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let version = Version::of(session.caps);
    let params = message.params.as_slice().get(2..).unwrap_or_default();
    let limit = cx.settings.chat.metadata_keys.min(KEYS_MAX);
    let subscribed = session.metadata.clone();
    let Some(greeting) = session.greeting() else { return };
    let (target, values): (Arc<str>, _) = (ONESELF.into(), &mut greeting.metadata);
    let answer = match message.params.get(1).unwrap_or_default().to_ascii_uppercase().as_str() {
        "GET" => {
            let keys = keys::given(version, params).into_iter();
            Ok(MetadataReply::Values {
                target,
                entries: keys.map(|key| (key.clone(), values.get(&key).cloned())).collect(),
            })
        }
        "LIST" => {
            let entries = values.iter().map(|(key, value)| (Arc::clone(key), Some(Arc::clone(value)))).collect();
            Ok(MetadataReply::Values { target, entries })
        }
        "SET" => {
            let (key, value) = keys::setting(version, params);
            let change = Change { key, value };
            if change.value.is_some() && !values.contains_key(&change.key) && values.len() >= limit {
                Err(MetadataRefusal::LimitReached { target, limit })
            } else {
                let was_so = !put(values, &change);
                Ok(MetadataReply::Set { target, change, was_so })
            }
        }
        "CLEAR" => Ok(MetadataReply::Cleared { target, keys: core::mem::take(values).into_keys().collect() }),
        _ => {
            let wanted = values.iter().filter(|(key, _)| subscribed.contains(*key));
            let shown = |(key, value): (&Arc<str>, &Arc<str>)| Shown {
                target: ONESELF.into(),
                key: Arc::clone(key),
                value: Arc::clone(value),
            };
            Ok(MetadataReply::Synced { about: ONESELF.into(), values: Some(wanted.map(shown).collect()) })
        }
    };
    session.render(cx, |render| match answer {
        Ok(answer) => reply(&answer, render),
        Err(refusal) => refused(&refusal, render),
    });
}

/// Returns what the hall is to know of it when the session becomes a user; nothing for clients that know nothing of
/// metadata.
pub fn of(session: &mut IrcSession) -> Option<Box<Early>> {
    let keys = is_aware(session.caps).then(|| session.metadata.iter().cloned().collect())?;
    let values = session.greeting().map(|greeting| greeting.metadata.clone()).unwrap_or_default();
    Some(Box::new(Early { keys, values }))
}
