//! LIST on the wire. Meaning: `chat::features::list`. Proof: `scenarios/list.txt`.

use chat::command::Command;
use chat::reply::ListEntry;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `LIST [#a,#b] [>1,C<5]`: names and conditions, in either parameter or in both.
///
/// # Errors
/// None.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let filters = message.params.iter().flat_map(|param| param.split(',')).filter(|filter| !filter.is_empty());
    Ok(smallvec![Command::List { filters: filters.map(Box::from).collect() }])
}

/// Writes 321, 322 for each channel, and 323.
pub fn reply(entries: &[ListEntry], render: &mut Render<'_>) {
    render.numeric(numerics::RPL_LISTSTART, &[]);
    for entry in entries {
        render.numeric(numerics::RPL_LIST, &[entry.channel.as_str(), &entry.members.to_string(), &entry.topic]);
    }
    render.numeric(numerics::RPL_LISTEND, &[]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::asked;

    #[test]
    fn names_and_conditions_come_apart() {
        let list = |filters: &[&str]| [Command::List { filters: filters.iter().map(|f| Box::from(*f)).collect() }];
        assert_eq!(asked(ask, "LIST"), list(&[]));
        assert_eq!(asked(ask, "LIST #a,#b"), list(&["#a", "#b"]));
        assert_eq!(asked(ask, "LIST >1,C<5"), list(&[">1", "C<5"]));
        assert_eq!(asked(ask, "LIST #a, >1"), list(&["#a", ">1"]));
    }
}
