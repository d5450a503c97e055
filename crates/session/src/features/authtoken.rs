//! TOKEN on the wire: tokens by which a service outside knows who somebody is. There is one such service, the file host of this
//! server itself. Meaning: `chat::features::authtoken`. Proof: `scenarios/authtoken.txt`.
//!
//! Spec: `IRCv3` pull request 602, "authtoken". Only the file host takes these tokens, and it asks nobody: VALIDATE is
//! refused to all.

use chat::command::Command;
use chat::reply::FileToken;
use irc::message::Message;
use irc::names::CHANNEL_PREFIX;
use irc::numerics;
use irc::write::{is_middle, word_or_star};
use smallvec::smallvec;

use super::invitation::new_word;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::authtoken::{self as texts, Trouble};

const COMMAND: &str = "TOKEN";

/// The service's key.
const FILEHOST: &str = "FILEHOST";

/// Carries out `TOKEN SERVICELIST`, `TOKEN GENERATE service [scope]` and `TOKEN VALIDATE [service] token`.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let param = |place: usize| message.params.get(place).unwrap_or_default();
    match param(0).to_ascii_uppercase().as_str() {
        "SERVICELIST" => session.render(cx, services),
        "GENERATE" if !session.is_registered() => {
            session.render(cx, |render| render.numeric(numerics::ERR_NOTREGISTERED, &[]));
        }
        "GENERATE" => generate(session, param(1), Some(param(2)).filter(|scope| !scope.is_empty()), cx),
        "VALIDATE" => fail(session, "NO_PERMISSIONS", Some(FILEHOST), Trouble::Validate, cx),
        _ => fail(session, "UNKNOWN_COMMAND", Some(param(0)), Trouble::Subcommand, cx),
    }
}

/// Asks the hall for a token.
fn generate(session: &mut IrcSession, service: &str, scope: Option<&str>, cx: &mut Cx<'_>) {
    if cx.settings.filehost.is_none() || !service.eq_ignore_ascii_case(FILEHOST) {
        return fail(session, "UNKNOWN_SERVICE", Some(service), Trouble::Service, cx);
    }
    let names = &cx.settings.chat.names;
    let is_name = |scope: &str| scope.starts_with(CHANNEL_PREFIX) || names.nick(scope).is_ok();
    if let Some(scope) = scope.filter(|scope| !is_name(scope)) {
        return fail(session, "INVALID_SCOPE", Some(scope), Trouble::Scope, cx);
    }
    let word = new_word(session, cx).into();
    session.ask(smallvec![Command::FileToken { scope: scope.map(Box::from), word }], None, cx);
}

fn fail(session: &IrcSession, code: &str, about: Option<&str>, trouble: Trouble, cx: &mut Cx<'_>) {
    let about = about.map(|word| if is_middle(word) { word } else { "*" }).map(word_or_star);
    session.render(cx, |render| {
        let text = texts::trouble(trouble, render.settings.language);
        let context: Vec<&str> = about.into_iter().collect();
        render.fail(COMMAND, code, &context, text);
    });
}

/// Writes the token that the hall has allowed.
pub fn generated(session: &IrcSession, said: &FileToken, cx: &mut Cx<'_>) {
    let token = cx.settings.secrets.token(cx.id, cx.peer.counted_as(), said);
    session.render(cx, |render| {
        render.line().command(COMMAND).param("GENERATE").param(FILEHOST).trailing(&token).end();
    });
}

/// Lists the services.
pub fn services(render: &mut Render<'_>) {
    let language = render.settings.language;
    let filehost = render.settings.filehost.as_ref();
    let Some(address) = filehost.and_then(|filehost| filehost.address(render.secure)).cloned() else {
        let text = texts::no_services(language);
        return render.line().command("NOTE").param(COMMAND).param("NO_SERVICES").trailing(text).end();
    };
    render.batch_about("draft/authtoken", Some("*"), |render, batch| {
        let server = render.settings.server_name();
        irc::write::LineWriter::new(render.out)
            .tag("batch", Some(batch))
            .source(server)
            .command(COMMAND)
            .param("SERVICE")
            .param(FILEHOST)
            .param(&address)
            .trailing(texts::filehost(language))
            .end();
    });
}
