//! HELP and HELPOP on the wire: what each command is for. Proof: `scenarios/help.txt`.
//!
//! Spec: Modern IRC, "HELP message".

mod topics;

use irc::message::Message;
use irc::numerics::{self, Language};

use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use topics::{TOPICS, Topic};

/// The subject of the answers to a HELP without one.
const INDEX: &str = "*";

/// The most bytes of a line of subjects in the index.
const INDEX_LINE_BYTES_MAX: usize = 60;

/// Answers `HELP [subject]`: subjects are known in any case. 524 when there is nothing to say about one.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let subject = message.params.get(0).filter(|subject| !subject.is_empty() && *subject != INDEX);
    session.render(cx, |render| match subject {
        None => index(render),
        Some(subject) => match find(subject) {
            Some(topic) => about(subject, topic, render),
            None => render.numeric(numerics::ERR_HELPNOTFOUND, &[subject]),
        },
    });
}

fn find(subject: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name.eq_ignore_ascii_case(subject))
}

/// Writes 704, 705 and 706 about one subject; each repeats it as it was asked.
fn about(subject: &str, topic: &Topic, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_HELPSTART, &[subject, topic.usage]);
    for line in topic.text(render.settings.language).lines() {
        render.numeric(numerics::RPL_HELPTXT, &[subject, line]);
    }
    end(subject, render);
}

/// Writes what there is help about.
fn index(render: &mut Render<'_>) {
    let (title, how) = match render.settings.language {
        Language::En => ("What there is help about", "HELP <subject> tells more."),
        Language::It => ("Argomenti su cui c'è un aiuto", "HELP <argomento> spiega di più."),
    };
    render.numeric(numerics::RPL_HELPSTART, &[INDEX, title]);
    for line in index_lines() {
        render.numeric(numerics::RPL_HELPTXT, &[INDEX, &line]);
    }
    render.numeric(numerics::RPL_HELPTXT, &[INDEX, how]);
    end(INDEX, render);
}

fn index_lines() -> Vec<String> {
    let mut lines = vec![String::new()];
    for topic in TOPICS {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(topic.name),
            Some(line) if line.len() + 1 + topic.name.len() <= INDEX_LINE_BYTES_MAX => {
                line.push(' ');
                line.push_str(topic.name);
            }
            _ => lines.push(topic.name.to_owned()),
        }
    }
    lines
}

fn end(subject: &str, render: &mut Render<'_>) {
    let text = match render.settings.language {
        Language::En => "End of /HELP",
        Language::It => "Fine di /HELP",
    };
    render.numeric(numerics::RPL_ENDOFHELP, &[subject, text]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_in_order_and_said_in_both_languages() {
        assert!(TOPICS.is_sorted_by(|left, right| left.name < right.name));
        for topic in TOPICS {
            assert!(topic.name.bytes().all(|byte| byte.is_ascii_uppercase()), "{}", topic.name);
            for language in [Language::En, Language::It] {
                let lines: Vec<&str> = topic.text(language).lines().collect();
                assert!(!lines.is_empty(), "{} {language:?}", topic.name);
                assert!(lines.iter().all(|line| !line.is_empty() && line.len() <= 160), "{} {language:?}", topic.name);
            }
            assert_ne!(topic.text(Language::En), topic.text(Language::It), "{}", topic.name);
        }
    }

    #[test]
    fn subjects_are_found_in_any_case() {
        assert_eq!(find("join").map(|topic| topic.name), Some("JOIN"));
        assert!(find("teapots").is_none());
    }

    #[test]
    fn the_index_names_every_subject_once() {
        let lines = index_lines();
        assert!(lines.iter().all(|line| line.len() <= INDEX_LINE_BYTES_MAX));
        let named: Vec<&str> = lines.iter().flat_map(|line| line.split(' ')).collect();
        assert_eq!(named, TOPICS.iter().map(|topic| topic.name).collect::<Vec<_>>());
    }
}
