//! What was edited or taken back while the store was being asked.
//!
//! The store may have read a page before such a fact was in it, and its answer be shown after those who were there have
//! heard of it: then the page would show words that are gone. So what was committed meanwhile is done to the page too.

use std::sync::Arc;

use super::Found;
use crate::event::{Event, EventKind};
use crate::fact::Fact;
use crate::features::edit;
use crate::ids::{MsgId, Seq};

/// Edits and redactions since the oldest question that is open, in the order of the log.
#[derive(Debug, Default)]
pub struct Corrections(Vec<(Seq, Arc<Fact>)>);

impl Corrections {
    /// Notes a fact, if it is one of these.
    pub(crate) fn note(&mut self, seq: Seq, fact: &Arc<Fact>) {
        if matches!(**fact, Fact::Edited { .. } | Fact::Redacted { .. }) {
            self.0.push((seq, Arc::clone(fact)));
        }
    }

    /// Forgets all, when no question is open any more.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Does to an answer what became true behind the place that it knows of, as far as it is committed.
    pub(crate) fn apply(&self, found: &mut Found, known: MsgId, committed: Seq) {
        let news = self.0.iter().filter(|(seq, _)| known.seq < *seq && *seq <= committed);
        let entries = match found {
            Found::Page { entries, .. } | Found::Since { entries, .. } => entries,
            Found::Search { messages, .. } => {
                for (_, fact) in news {
                    if let Fact::Redacted { message, .. } = &**fact {
                        messages.retain(|kept| kept.id != *message);
                    }
                }
                return;
            }
            _ => return,
        };
        for (seq, fact) in news {
            match &**fact {
                Fact::Redacted { message, .. } => entries.retain(|event| subject(event) != Some(*message)),
                Fact::Edited { original, message, .. } => {
                    let said = entries.iter_mut().find(|event| event.id == Some(*original));
                    if let Some(Event { kind: EventKind::Message(said), .. }) = said {
                        let edit = MsgId { log: known.log, seq: *seq };
                        *said = Arc::new(edit::with_newest(said, edit, Arc::clone(&message.text)));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Returns the message whose words an entry shows.
fn subject(event: &Event) -> Option<MsgId> {
    match &event.kind {
        EventKind::Message(_) => event.id,
        EventKind::Edited { original, .. } => Some(*original),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests {
    use irc::names::{ChannelName, Nick, UserName};

    use super::*;
    use crate::event::{Message, MessageKind, Target};
    use crate::history::memory::said_event;
    use crate::ids::{ChannelId, LogId, UserId};
    use crate::person::{Person, PersonFields};
    use crate::time::Timestamp;

    fn id(seq: u64) -> MsgId {
        MsgId { log: LogId(1), seq: Seq(seq) }
    }

    fn target() -> Target {
        Target::Channel { id: ChannelId(1), name: ChannelName::trusted("#tea"), rank: None }
    }

    fn message(text: &str) -> Arc<Message> {
        let person = PersonFields {
            nick: Nick::trusted("bob"),
            username: UserName::trusted("~bob"),
            host: "home".into(),
            realname: "Bob".into(),
            shown: None,
            account: None,
            bot: false,
            operator: false,
        };
        Arc::new(Message {
            how: MessageKind::Privmsg,
            user: UserId(1),
            sender: Arc::new(Person::from(person)),
            target: target(),
            text: text.into(),
            tags: Vec::new(),
            concats: None,
            relayed_by: None,
        })
    }

    fn edited(original: u64, text: &str) -> Arc<Fact> {
        Arc::new(Fact::Edited { original: id(original), message: message(text), delivery: None })
    }

    fn redacted(message: u64) -> Arc<Fact> {
        Arc::new(Fact::Redacted {
            user: UserId(1),
            target: target(),
            message: id(message),
            by: None,
            reason: None,
            delivery: None,
        })
    }

    /// What a page of the messages 1, 2 and 3 says, when the store knew of all through place 10.
    fn page(facts: &[(u64, Arc<Fact>)], committed: u64) -> Vec<String> {
        let mut corrections = Corrections::default();
        for (seq, fact) in facts {
            corrections.note(Seq(*seq), fact);
        }
        let said = |seq: u64| said_event(id(seq), Timestamp(0), &message(&format!("m{seq}")));
        let mut found = Found::Page { entries: [1, 2, 3].map(said).to_vec(), is_end: true };
        corrections.apply(&mut found, id(10), Seq(committed));
        let Found::Page { entries, .. } = found else { unreachable!() };
        let text = |event: &Event| match &event.kind {
            EventKind::Message(message) => message.text.to_string(),
            other => panic!("{other:?}"),
        };
        entries.iter().map(text).collect()
    }

    #[test]
    fn what_became_true_meanwhile_is_done_to_the_answer() {
        let facts = [(9, redacted(3)), (11, edited(1, "one")), (12, redacted(2)), (13, edited(1, "uno"))];
        // The store knew of place 9: it is not our affair. What is not committed comes live, behind the answer.
        assert_eq!(page(&facts, 10), ["m1", "m2", "m3"]);
        assert_eq!(page(&facts, 12), ["one", "m3"]);
        assert_eq!(page(&facts, 13), ["uno", "m3"]);
        assert_eq!(page(&[(11, edited(2, "two")), (12, redacted(2)), (13, edited(2, "again"))], 13), ["m1", "m3"]);
    }
}
