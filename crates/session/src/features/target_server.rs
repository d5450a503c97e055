//! The `<target>` of MOTD, VERSION, TIME and their kin: which server is asked. There is one.
//!
//! Spec: Modern IRC, "Server Queries and Commands".

use irc::mask::glob;
use irc::message::Message;
use irc::numerics;

use crate::irc_session::{Cx, IrcSession};

/// Tells whether the parameter at `place` names this server: not given, its name or a mask of it, or the asker's own
/// nick. When it names another, the client has been told so (402).
pub fn is_this_server(session: &IrcSession, message: &Message<'_>, place: usize, cx: &mut Cx<'_>) -> bool {
    let Some(target) = message.params.get(place).filter(|target| !target.is_empty()) else { return true };
    let mapping = cx.settings.chat.names.casemapping;
    let (wanted, name) = (target.to_ascii_lowercase(), cx.settings.server_name().to_ascii_lowercase());
    let found = glob(&wanted, &name) || mapping.same(target, session.client());
    if !found {
        session.render(cx, |render| render.numeric(numerics::ERR_NOSUCHSERVER, &[target]));
    }
    found
}
