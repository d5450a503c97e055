//! INVITATION on the wire: words that let somebody make an account. Meaning: `chat::features::invitation`. Proof:
//! `scenarios/invitations.txt`.
//!
//! Spec: `docs/protocol/invite.md`, capability `loggia.chat/invite`.

use core::time::Duration;

use chat::command::{Command, InvitationCommand};
use chat::invitation::{Invitation, USES_MAX};
use chat::reply::InvitationReply;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::services::Service;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::secrets::hash_of_word;
use crate::texts::invitations as texts;

/// The most days for which an invitation holds.
const DAYS_MAX: u64 = 3650;

/// One day.
const DAY: Duration = Duration::from_hours(24);

/// What stands behind `INVITATION`, or is told to `NickServ` so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `CREATE [uses [days]]`.
    Create {
        /// How many accounts it makes.
        uses: u32,
        /// For how long it holds.
        time: Option<Duration>,
    },
    /// `LIST`.
    List,
    /// `REVOKE id`.
    Revoke(Box<str>),
    /// `USE word`.
    Use(Box<str>),
}

impl Wish {
    /// Reads the words; `None` when some are missing or wrong.
    pub fn read(words: &[&str]) -> Option<Self> {
        let number = |place: usize, most: u64| match words.get(place) {
            None => Some(None),
            Some(word) => word.parse::<u64>().ok().filter(|number| (1..=most).contains(number)).map(Some),
        };
        match words.first()?.to_ascii_uppercase().as_str() {
            "CREATE" => Some(Self::Create {
                uses: number(1, USES_MAX.into())?.and_then(|uses| uses.try_into().ok()).unwrap_or(1),
                time: number(2, DAYS_MAX)?.and_then(|days| u32::try_from(days).ok()).map(|days| DAY * days),
            }),
            "LIST" => Some(Self::List),
            "REVOKE" => words.get(1).map(|id| Self::Revoke((*id).into())),
            "USE" => words.get(1).map(|word| Self::Use((*word).into())),
            _ => None,
        }
    }
}

/// Carries out `INVITATION CREATE|LIST|REVOKE|USE`.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    match Wish::read(message.params.as_slice()) {
        Some(Wish::Use(word)) => {
            note(session, &word);
            session.render(cx, |render| render.line().command("INVITATION").param("NOTED").end());
        }
        Some(_) if !session.is_registered() => {
            session.render(cx, |render| render.numeric(numerics::ERR_NOTREGISTERED, &[]));
        }
        Some(wish) => ask(session, wish, None, cx),
        None => session.render(cx, |render| {
            let text = texts::usage(render.settings.language);
            render.fail("INVITATION", "INVALID_PARAMETERS", &[], text);
        }),
    }
}

/// Notes an invitation, which goes along with the next registration.
pub fn note(session: &mut IrcSession, word: &str) {
    session.busy.invitation = Some(hash_of_word(word.strip_prefix("invite:").unwrap_or(word)));
}

/// Asks the hall.
pub fn ask(session: &mut IrcSession, wish: Wish, service: Option<Service>, cx: &mut Cx<'_>) {
    let what = match wish {
        Wish::Create { uses, time } => {
            let word = new_word(session, cx);
            let hash = hash_of_word(&word);
            InvitationCommand::Create { word: word.into(), hash, uses, time, operator: false }
        }
        Wish::List => InvitationCommand::List,
        Wish::Revoke(id) => InvitationCommand::Revoke { id },
        Wish::Use(word) => return note(session, &word),
    };
    session.ask_for(smallvec![Command::Invitation(what)], service, cx);
}

/// Makes a word that nobody can guess.
pub fn new_word(session: &mut IrcSession, cx: &Cx<'_>) -> String {
    session.words = session.words.wrapping_add(1);
    cx.settings.secrets.word(cx.id, session.words, cx.now)
}

/// Writes `INVITATION CREATED`, `ENTRY` and `END`, or `REVOKED`.
pub fn reply(reply: &InvitationReply, render: &mut Render<'_>) {
    match reply {
        InvitationReply::Created { invitation, word } => {
            let (uses, until) = (invitation.uses.to_string(), until(invitation));
            let line = render.line().command("INVITATION").param("CREATED").param(&invitation.id);
            line.param(word).param(&uses).param(&until).end();
        }
        InvitationReply::List(all) => {
            for invitation in all {
                let (uses, until) = (invitation.uses.to_string(), until(invitation));
                let by = if invitation.by.is_empty() { "*" } else { &invitation.by };
                let line = render.line().command("INVITATION").param("ENTRY").param(&invitation.id);
                line.param(&uses).param(&until).param(by).end();
            }
            render.line().command("INVITATION").param("END").end();
        }
        InvitationReply::Revoked { id } => {
            render.line().command("INVITATION").param("REVOKED").param(id).end();
        }
    }
}

fn until(invitation: &Invitation) -> String {
    invitation.until.map_or_else(|| "*".to_owned(), |until| until.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_read() {
        let create = |uses, days: Option<u32>| Some(Wish::Create { uses, time: days.map(|days| DAY * days) });
        for (words, wish) in [
            (&["create"][..], create(1, None)),
            (&["CREATE", "30"], create(30, None)),
            (&["CREATE", "30", "7"], create(30, Some(7))),
            (&["LIST"], Some(Wish::List)),
            (&["REVOKE", "ab"], Some(Wish::Revoke("ab".into()))),
            (&["USE", "ab-cd"], Some(Wish::Use("ab-cd".into()))),
            (&["CREATE", "0"], None),
            (&["CREATE", "10001"], None),
            (&["CREATE", "1", "3651"], None),
            (&["CREATE", "many"], None),
            (&["REVOKE"], None),
            (&["sell"], None),
            (&[], None),
        ] {
            assert_eq!(Wish::read(words), wish, "{words:?}");
        }
    }
}
