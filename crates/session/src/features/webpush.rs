//! WEBPUSH on the wire, and what a notification holds. Meaning: `chat::features::webpush`. Proof: `scenarios/webpush.txt`,
//! `tests/e2e/test_webpush.py`.
//!
//! Spec: `IRCv3` "draft/webpush" (specification pull request #471), the same as `soju.im/webpush`.

use std::sync::Arc;

use chat::command::{Command, WebPushCommand};
use chat::event::Event;
use chat::push::Subscription;
use chat::reply::WebPushed;
use data_encoding::BASE64URL_NOPAD;
use irc::capability::{CapSet, Capability};
use irc::message::Message;
use irc::numerics;
use irc::tags::Tags;
use irc::write::{is_middle, word_or_star};
use p256::PublicKey;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::settings::Settings;
use crate::texts::webpush::{self as texts, Trouble};

const COMMAND: &str = "WEBPUSH";

/// Bytes of a public key on P-256, uncompressed (RFC 8291 section 2.1).
const PUBLIC_KEY_BYTES: usize = 65;
/// Bytes of the secret that the device shares (RFC 8291 section 3.2).
const SECRET_BYTES: usize = 16;
/// The most bytes that one notification carries: what RFC 8291 section 4 leaves of the 4096 that push services have to
/// take, without the header (86), the padding's delimiter (1) and the authentication tag (16).
pub const PAYLOAD_BYTES_MAX: usize = 4096 - 86 - 1 - 16;

/// What a notification needs not say: it is one line, never part of a batch or an answer.
const NOT_PUSHED: CapSet = CapSet::BATCH.union(CapSet::LABELED_RESPONSE);

/// Reads `WEBPUSH REGISTER endpoint keys` and `WEBPUSH UNREGISTER endpoint`.
///
/// # Errors
/// `INVALID_PARAMS`; 421 where nobody is notified.
pub fn ask(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if cx.settings.vapid.is_none() {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[message.command]));
    }
    let params = &message.params;
    let (subcommand, endpoint) = (params.get(0).unwrap_or_default(), params.get(1).unwrap_or_default());
    let wrong = |trouble| {
        let context = [subcommand, endpoint].map(|word| word_or_star(if is_middle(word) { word } else { "*" }));
        Complaint::fail_about(COMMAND, "INVALID_PARAMS", &context, texts::trouble(trouble, cx.settings.language))
    };
    let count = params.len();
    let command = match subcommand.to_ascii_uppercase().as_str() {
        "REGISTER" if count != 3 => return Err(wrong(Trouble::Count)),
        "UNREGISTER" if count != 2 => return Err(wrong(Trouble::Count)),
        "REGISTER" | "UNREGISTER" if !is_endpoint(endpoint) => return Err(wrong(Trouble::Endpoint)),
        "REGISTER" if cx.settings.push_reach.refuses(endpoint) => return Err(wrong(Trouble::Private)),
        "REGISTER" => {
            let (p256dh, auth) = keys(params.get(2).unwrap_or_default()).ok_or_else(|| wrong(Trouble::Keys))?;
            let names: Vec<_> = (session.caps() - NOT_PUSHED).capabilities().map(Capability::name).collect();
            let capabilities = names.join(" ").into();
            WebPushCommand::Register(Box::new(Subscription { endpoint: endpoint.into(), p256dh, auth, capabilities }))
        }
        "UNREGISTER" => WebPushCommand::Unregister(endpoint.into()),
        _ => return Err(wrong(Trouble::Subcommand)),
    };
    Ok(smallvec![Command::WebPush(command)])
}

/// Tells whether notifications can be sent to an address: encrypted, to a host, without a name and password for it. Whether a
/// host that is a name may be reached is looked at when it is.
fn is_endpoint(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && !b"#<>\"\\^`{|}".contains(&byte));
    is_plain && !authority.is_empty() && !authority.starts_with(':') && !authority.contains('@')
}

/// Reads `p256dh=…;auth=…`, in any order and with others among them.
fn keys(written: &str) -> Option<(Arc<str>, Arc<str>)> {
    let tags = Tags::new(written);
    let key = |name, bytes: usize| {
        let value = tags.value(name)?;
        let value = value.trim_end_matches('=');
        let decoded = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        (decoded.len() == bytes).then(|| (Arc::<str>::from(value), decoded))
    };
    let (p256dh, point) = key("p256dh", PUBLIC_KEY_BYTES)?;
    let (auth, _) = key("auth", SECRET_BYTES)?;
    // What is no point of the curve is refused while somebody is there to hear of it: nothing could ever be encrypted for it.
    PublicKey::from_sec1_bytes(&point).ok()?;
    Some((p256dh, auth))
}

/// Writes `WEBPUSH REGISTER endpoint` or `WEBPUSH UNREGISTER endpoint`.
pub fn reply(pushed: &WebPushed, render: &mut Render<'_>) {
    let (subcommand, endpoint) = match pushed {
        WebPushed::Registered(endpoint) => ("REGISTER", endpoint),
        WebPushed::Unregistered(endpoint) => ("UNREGISTER", endpoint),
    };
    render.line().command(COMMAND).param(subcommand).param(endpoint).end();
}

/// Writes an event as a notification for a device with these capabilities: one line without its end. Of a message of several
/// lines it is the first. `None`: there is nothing that fits.
pub fn payload(event: &Event, capabilities: &str, settings: &Settings) -> Option<Vec<u8>> {
    let caps: CapSet = capabilities.split(' ').filter_map(Capability::from_name).collect();
    let caps = caps - NOT_PUSHED;
    // "servers MAY drop some or all message tags … MUST NOT drop the `msgid` tag"
    [caps, caps & CapSet::MESSAGE_TAGS].into_iter().find_map(|caps| {
        let mut lines = Vec::new();
        super::event(event, caps, settings, &mut lines);
        let end = lines.windows(2).position(|pair| pair == b"\r\n")?;
        lines.truncate(end);
        (end <= PAYLOAD_BYTES_MAX).then_some(lines)
    })
}
