//! USERHOST on the wire. Meaning: `chat::features::userhost`. Proof: `scenarios/userhost.txt`.

use chat::command::Command;
use chat::reply::UserHost;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::packing::write_list_or_empty;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `USERHOST nick nick…`; the hall looks at the first five.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let nicks = message.params.iter().flat_map(str::split_ascii_whitespace).map(Box::from).collect();
    Ok(smallvec![Command::UserHost { nicks }])
}

/// Writes 302: `nick[*]=+user@host`, with `-` for those who are away and `*` for server operators.
pub fn reply(entries: &[UserHost], render: &mut Render<'_>) {
    let shown = entries.iter().map(|entry| {
        let person = &entry.person;
        let (operator, presence) = (if entry.operator { "*" } else { "" }, if entry.away { '-' } else { '+' });
        format!("{}{operator}={presence}{}@{}", person.nick(), person.username(), person.host())
    });
    write_list_or_empty(render, numerics::RPL_USERHOST, &[], ' ', shown);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{alice, rendered};

    #[test]
    fn flags_stand_where_the_specification_wants_them() {
        let entry = |operator, away| UserHost { person: alice(), operator, away };
        let written = |entries: &[UserHost]| rendered(|render| reply(entries, render));
        assert_eq!(written(&[]), ":loggia.local 302 alice :\r\n");
        assert_eq!(
            written(&[entry(false, false), entry(true, true)]),
            ":loggia.local 302 alice :alice=+~alice@home alice*=-~alice@home\r\n"
        );
    }
}
