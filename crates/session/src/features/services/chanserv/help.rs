//! What ChanServ understands, in order of use.

use irc::numerics::Language;

/// One word that ChanServ understands.
#[derive(Debug)]
pub(super) struct Topic {
    /// The word.
    pub(super) name: &'static str,
    usage: &'static str,
    english: &'static str,
    italian: &'static str,
}

impl Topic {
    /// Returns how it is written.
    pub(super) fn usage_line(&self, language: Language) -> String {
        match language {
            Language::En => format!("It is written: {} {}", self.name, self.usage),
            Language::It => format!("Si scrive: {} {}", self.name, self.usage),
        }
    }

    fn text(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.english,
            Language::It => self.italian,
        }
    }
}

macro_rules! topics {
    ($($name:ident $usage:literal $english:literal $italian:literal;)*) => {
        /// Everything.
        pub(super) const TOPICS: &[Topic] = &[$(
            Topic { name: stringify!($name), usage: $usage, english: $english, italian: $italian },
        )*];
    };
}

topics! {
    REGISTER "<channel>" "Makes the channel yours: it stays when everybody has left." "Rende tuo il canale: resta anche quando tutti sono usciti.";
    INFO "<channel>" "Tells whose the channel is, and its modes." "Dice di chi è il canale e i suoi modi.";
    ACCESS "<channel> [LIST | ADD <account> voice|halfop|op|admin | DEL <account>]" "Says which accounts get a rank when they enter." "Dice quali account ricevono un grado quando entrano.";
    FLAGS "<channel> [LIST | ADD <account> +v|+h|+o|+a | DEL <account>]" "The same as ACCESS." "Come ACCESS.";
    TRANSFER "<channel> <account>" "Gives the channel to another account." "Dà il canale a un altro account.";
    DROP "<channel> [<code>]" "Ends the registration; you are told the code first." "Annulla la registrazione; prima ricevi il codice.";
    OP "<channel> [<nick>]" "Makes somebody, or you, an operator." "Rende operatore qualcuno, o te.";
    DEOP "<channel> [<nick>]" "Takes that back." "Lo revoca.";
    HALFOP "<channel> [<nick>]" "Makes somebody, or you, a half operator." "Rende mezzo operatore qualcuno, o te.";
    DEHALFOP "<channel> [<nick>]" "Takes that back." "Lo revoca.";
    VOICE "<channel> [<nick>]" "Gives somebody, or you, the word." "Dà la parola a qualcuno, o a te.";
    DEVOICE "<channel> [<nick>]" "Takes that back." "La toglie.";
    PROTECT "<channel> [<nick>]" "Makes somebody, or you, an admin of the channel." "Rende amministratore del canale qualcuno, o te.";
    DEPROTECT "<channel> [<nick>]" "Takes that back." "Lo revoca.";
    OWNER "<channel> [<nick>]" "Gives you, the founder, your rank." "Dà a te, fondatore, il tuo grado.";
    DEOWNER "<channel> [<nick>]" "Takes that back." "Lo revoca.";
    TOPIC "<channel> [<text>]" "Sets the topic." "Imposta l'argomento.";
    KICK "<channel> <nick> [<reason>]" "Removes somebody." "Allontana qualcuno.";
    BAN "<channel> <nick or mask>" "Keeps somebody out." "Tiene fuori qualcuno.";
    UNBAN "<channel> <nick or mask>" "Lets them in again." "Lo riammette.";
    INVITE "<channel> <nick>" "Invites somebody." "Invita qualcuno.";
    GETKEY "<channel>" "Tells the channel's key." "Dice la chiave del canale.";
}

/// Finds a word, in capitals.
pub(super) fn find(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// Says that a word is unknown.
pub(super) fn unknown(name: &str, language: Language) -> String {
    match language {
        Language::En => format!("There is no {name} here; HELP tells what there is."),
        Language::It => format!("Qui non c'è {name}; HELP dice che cosa c'è."),
    }
}

/// Explains one word, or lists all.
pub(super) fn about(word: Option<&str>, language: Language) -> Vec<String> {
    if let Some(word) = word {
        let name = word.to_ascii_uppercase();
        return find(&name).map_or_else(
            || vec![unknown(&name, language)],
            |topic| vec![topic.usage_line(language), topic.text(language).to_owned()],
        );
    }
    let first = match language {
        Language::En => {
            "Registered channels stay when everybody has left, and their founder keeps the rank. Log in first."
        }
        Language::It => {
            "I canali registrati restano quando tutti sono usciti e chi li ha fondati conserva il grado. Prima accedi."
        }
    };
    let each = TOPICS.iter().map(|topic| format!("{} {}: {}", topic.name, topic.usage, topic.text(language)));
    core::iter::once(first.to_owned()).chain(each).collect()
}
