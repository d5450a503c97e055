//! AUDIT on the wire: what operators of the server have done. Meaning: `chat::features::audit`. Proof:
//! `scenarios/audit.txt`.

use chat::audit::AuditEntry;
use chat::command::Command;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::moderation as texts;

/// How many entries are shown to those who give no number.
const PAGE_ENTRIES: usize = 20;

/// Reads `AUDIT [count [before]]`: up to so many entries, the newest, or those before the one with this number. What is no
/// number is passed over.
///
/// # Errors
/// None of its own: 481 is the hall's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let count = message.params.get(0).and_then(|count| count.parse().ok()).unwrap_or(PAGE_ENTRIES);
    let before = message.params.get(1).and_then(|number| number.trim_start_matches('#').parse().ok());
    Ok(smallvec![Command::Audit { count, before }])
}

/// Writes a page, and how to ask for the one before.
pub fn reply(entries: &[AuditEntry], render: &mut Render<'_>) {
    let language = render.settings.language;
    for entry in entries {
        render.notice(&texts::audit_line(entry, language));
    }
    let earlier = entries.first().filter(|first| first.number > 1).map(|first| (entries.len(), first.number));
    render.notice(&texts::audit_end(earlier, language));
}

/// Tells what another operator has just done.
pub fn reply_news(entry: &AuditEntry, render: &mut Render<'_>) {
    render.notice(&format!("*** {}", texts::audited(entry, render.settings.language)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::asked;

    #[test]
    fn pages() {
        let audit = |count, before| [Command::Audit { count, before }];
        assert_eq!(asked(ask, "AUDIT"), audit(20, None));
        assert_eq!(asked(ask, "AUDIT 5"), audit(5, None));
        assert_eq!(asked(ask, "AUDIT 5 #17"), audit(5, Some(17)));
        assert_eq!(asked(ask, "AUDIT x y"), audit(20, None));
    }
}
