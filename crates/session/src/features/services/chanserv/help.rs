//! What ChanServ understands, in order of use.

use irc::numerics::Language;

use crate::features::services::help::topics;

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
    UNINVITE "<channel> <nick>" "Withdraws an invitation." "Ritira un invito.";
    GETKEY "<channel>" "Tells the channel's key." "Dice la chiave del canale.";
}

/// What HELP begins with.
pub(super) fn first(language: Language) -> &'static str {
    match language {
        Language::En => {
            "Registered channels stay when everybody has left, and their founder keeps the rank. Log in first."
        }
        Language::It => {
            "I canali registrati restano quando tutti sono usciti e chi li ha fondati conserva il grado. Prima accedi."
        }
    }
}
