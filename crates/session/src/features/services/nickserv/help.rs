//! What `NickServ` understands, in order of use.

use irc::numerics::Language;

use crate::features::services::help::topics;

topics! {
    REGISTER "<password> [<e-mail>] [invite:<word>]" "Makes an account called like your nick." "Crea un account con il nome del tuo nick.";
    IDENTIFY "[<account>] <password>" "Logs you in." "Ti fa accedere.";
    LOGIN "[<account>] <password>" "The same as IDENTIFY." "Come IDENTIFY.";
    LOGOUT "[OTHERS]" "Logs you out; with OTHERS, disconnects your other sessions." "Ti fa uscire dall'account; con OTHERS chiude le tue altre sessioni.";
    SET "PASSWORD <old> <new> | EMAIL <address or *> | ENFORCE ON|OFF | ALWAYS-ON ON|OFF|DEFAULT" "Changes your account: ENFORCE keeps your nick for you, ALWAYS-ON keeps you in your channels." "Cambia il tuo account: ENFORCE riserva a te il nick, ALWAYS-ON ti lascia nei canali.";
    PASSWD "<old> <new>" "Changes your password." "Cambia la tua password.";
    CERT "ADD [<fingerprint>] | DEL [<fingerprint>] | LIST" "Says which client certificates log you in; without a fingerprint, yours." "Dice quali certificati ti fanno accedere; senza impronta, il tuo.";
    GHOST "<nick>" "Disconnects whoever has your nick." "Disconnette chi ha il tuo nick.";
    REGAIN "<nick>" "Disconnects whoever has your nick, and gives it to you." "Disconnette chi ha il tuo nick e te lo dà.";
    RECOVER "<nick>" "The same as REGAIN." "Come REGAIN.";
    RELEASE "<nick>" "Nicks are never held back here." "Qui i nick non vengono mai trattenuti.";
    SESSIONS "" "Lists your connections." "Elenca le tue connessioni.";
    LIST "" "The same as SESSIONS." "Come SESSIONS.";
    INFO "[<account>]" "Tells what is known of an account." "Dice che cosa si sa di un account.";
    DROP "[<account>] [<code>]" "Removes your account; you are told the code first." "Elimina il tuo account; prima ricevi il codice.";
    UNREGISTER "[<account>] [<code>]" "The same as DROP." "Come DROP.";
    VERIFY "<account> <code>" "There is nothing to verify here." "Qui non c'è nulla da verificare.";
    RESETPASS "<account> <code> <new password>" "Sets a new password with a code from an operator." "Imposta una nuova password con il codice di un operatore.";
    RESETCODE "<account>" "Makes such a code. For server operators." "Crea quel codice. Per gli operatori del server.";
    INVITATION "CREATE [<uses> [<days>]] | LIST | REVOKE <id> | USE <word>" "Lets somebody make an account. To make one is for server operators." "Permette a qualcuno di creare un account. Crearne è per gli operatori del server.";
    OPERATOR "<word>" "Makes you an operator, by the word that the server showed when it first started." "Ti rende operatore, con la parola che il server ha mostrato al primo avvio.";
}

/// What HELP begins with.
pub(super) fn first(language: Language) -> &'static str {
    match language {
        Language::En => {
            "An account keeps your nick, your channels and how far you have read. Passwords are shown to nobody."
        }
        Language::It => {
            "Un account conserva il tuo nick, i tuoi canali e fin dove hai letto. Le password non si mostrano a nessuno."
        }
    }
}
