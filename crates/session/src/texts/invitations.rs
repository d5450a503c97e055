//! What people read of invitations.

use chat::invitation::Invitation;
use irc::numerics::Language;

use crate::features::time::in_words;

/// How INVITATION is written.
pub fn usage(language: Language) -> &'static str {
    match language {
        Language::En => "It is written: INVITATION CREATE [<uses> [<days>]] | LIST | REVOKE <id> | USE <word>",
        Language::It => "Si scrive: INVITATION CREATE [<usi> [<giorni>]] | LIST | REVOKE <id> | USE <parola>",
    }
}

/// An invitation is made: what to do with it.
pub fn created(invitation: &Invitation, word: &str, language: Language) -> Vec<String> {
    let first = about(invitation, language);
    match language {
        Language::En => vec![
            format!("Invitation {first}"),
            format!("Pass this on; it is not shown again: {word}"),
            format!("Who has it says: /msg NickServ REGISTER <password> invite:{word}"),
        ],
        Language::It => vec![
            format!("Invito {first}"),
            format!("Passa questa parola a chi vuoi; non verrà più mostrata: {word}"),
            format!("Chi la riceve scrive: /msg NickServ REGISTER <password> invite:{word}"),
        ],
    }
}

/// One line about an invitation.
pub fn about(invitation: &Invitation, language: Language) -> String {
    let Invitation { id, by, uses, until, .. } = invitation;
    let mut line = match language {
        Language::En if *uses == 1 => format!("{id}: for one account"),
        Language::En => format!("{id}: for {uses} accounts"),
        Language::It => format!("{id}: account che può creare: {uses}"),
    };
    let (until_when, by_whom) = match language {
        Language::En => (", until ", ", by "),
        Language::It => (", fino al ", ", di "),
    };
    if let Some(until) = until {
        line += until_when;
        line += &in_words(*until);
    }
    if !by.is_empty() {
        line += by_whom;
        line += by;
    }
    line
}

/// There are none.
pub fn none(language: Language) -> &'static str {
    match language {
        Language::En => "There are no invitations.",
        Language::It => "Non ci sono inviti.",
    }
}

/// One is no more.
pub fn revoked(id: &str, language: Language) -> String {
    match language {
        Language::En => format!("Invitation {id} does not hold any more."),
        Language::It => format!("L'invito {id} non vale più."),
    }
}

/// It is noted for the next registration.
pub fn noted(language: Language) -> &'static str {
    match language {
        Language::En => "The invitation goes along when you register.",
        Language::It => "L'invito verrà usato quando ti registri.",
    }
}
