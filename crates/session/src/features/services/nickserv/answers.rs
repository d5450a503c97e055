//! What `NickServ` says when something was done or asked.

use std::sync::Arc;

use chat::account::AccountChange;
use chat::reply::{AccountInfo, AccountReply, PersistenceStatus, SessionInfo};
use chat::user::OperatorClass;
use irc::numerics::Language;

use super::super::{Service, say};
use crate::features::time::in_words;
use crate::render::Render;

/// Writes an answer about an account.
pub fn reply(reply: &AccountReply, render: &mut Render<'_>) {
    for line in lines(reply, render.settings.language) {
        say(Service::NickServ, &line, render);
    }
}

fn lines(reply: &AccountReply, language: Language) -> Vec<String> {
    let english = language == Language::En;
    match reply {
        AccountReply::Changed { account, change } => changed(account, change, language),
        AccountReply::RemoveCode { account, code } if english => {
            vec![
                format!(
                    "{account} would lose its password, certificates, settings, channels, read markers and all that was said from it; its name is given to nobody again, you included."
                ),
                format!("This cannot be undone. To remove the account {account}, say: DROP {account} {code}"),
            ]
        }
        AccountReply::RemoveCode { account, code } => {
            vec![
                format!(
                    "{account} perderebbe password, certificati, impostazioni, canali, segni di lettura e tutto ciò che ha scritto; il suo nome non sarà più di nessuno, nemmeno tuo."
                ),
                format!("È irreversibile. Per eliminare l'account {account} scrivi: DROP {account} {code}"),
            ]
        }
        AccountReply::Removed { account, .. } if english => {
            vec![format!("The account {account} is gone, and nobody can register its name again.")]
        }
        AccountReply::Removed { account, .. } => {
            vec![format!("L'account {account} non esiste più, e nessuno può registrarne il nome.")]
        }
        AccountReply::Ghosted { nick } if english => vec![format!("{nick} is free.")],
        AccountReply::Ghosted { nick } => vec![format!("{nick} è libero.")],
        AccountReply::Info(info) => about(info, language),
        AccountReply::List(all) => all.iter().map(|info| info.account.name.to_string()).collect(),
        AccountReply::Sessions(all) => all.iter().map(|session| session_line(session, language)).collect(),
        AccountReply::SessionsEnded { count } if english => vec![format!("Other sessions ended: {count}.")],
        AccountReply::SessionsEnded { count } => vec![format!("Altre sessioni chiuse: {count}.")],
        // An errand goes on with it.
        AccountReply::MayReset => Vec::new(),
    }
}

fn changed(account: &str, change: &AccountChange, language: Language) -> Vec<String> {
    let english = language == Language::En;
    let line = match change {
        AccountChange::Password {} if english => format!("{account} has a new password."),
        AccountChange::Password {} => format!("{account} ha una nuova password."),
        AccountChange::Email {} if english => "Your e-mail address is changed.".to_owned(),
        AccountChange::Email {} => "Il tuo indirizzo e-mail è cambiato.".to_owned(),
        AccountChange::CertificateAdded { certificate } if english => {
            format!("This certificate proves {account} now: {certificate}")
        }
        AccountChange::CertificateAdded { certificate } => {
            format!("Questo certificato ora vale per {account}: {certificate}")
        }
        AccountChange::CertificateRemoved { certificate } if english => {
            format!("This certificate does not prove {account} any more: {certificate}")
        }
        AccountChange::CertificateRemoved { certificate } => {
            format!("Questo certificato non vale più per {account}: {certificate}")
        }
        AccountChange::Operator { operator: Some(_), .. } if english => {
            format!("{account} is an operator of the server now.")
        }
        AccountChange::Operator { operator: Some(_), .. } => format!("{account} ora è operatore del server."),
        AccountChange::Operator { operator: None, .. } if english => {
            format!("{account} is not an operator of the server any more.")
        }
        AccountChange::Operator { operator: None, .. } => format!("{account} non è più operatore del server."),
        AccountChange::Protection { on: true } if english => format!("Only you can be called {account} from now on."),
        AccountChange::Protection { on: true } => format!("D'ora in poi solo tu puoi chiamarti {account}."),
        AccountChange::Protection { on: false } if english => format!("Anybody can be called {account} from now on."),
        AccountChange::Protection { on: false } => format!("D'ora in poi chiunque può chiamarsi {account}."),
        // WEBPUSH answers in its own words.
        AccountChange::PushRegistered {} | AccountChange::PushUnregistered {} => return Vec::new(),
        AccountChange::ResetIssued { until, code } => return reset_issued(account, &in_words(*until), code, language),
    };
    vec![line]
}

fn reset_issued(account: &str, until: &str, code: &Arc<str>, language: Language) -> Vec<String> {
    match language {
        Language::En => vec![
            format!("Give this code to the owner of {account}; it holds once, until {until}: {code}"),
            format!("They say: /msg NickServ RESETPASS {account} {code} <new password>"),
        ],
        Language::It => vec![
            format!("Dai questo codice a chi possiede {account}; vale una volta, fino al {until}: {code}"),
            format!("Scriverà: /msg NickServ RESETPASS {account} {code} <nuova password>"),
        ],
    }
}

fn about(info: &AccountInfo, language: Language) -> Vec<String> {
    let english = language == Language::En;
    let account = &info.account;
    let (name, since) = (&account.name, in_words(account.registered));
    let mut lines = vec![if english {
        format!("{name}: registered {since}, connected now: {}.", info.connections)
    } else {
        format!("{name}: registrato {since}, connessioni attuali: {}.", info.connections)
    }];
    lines.extend(account.operator.map(|class| match (class, english) {
        (OperatorClass::Admin, true) => "Runs the server.".to_owned(),
        (OperatorClass::Moderator, true) => "Keeps order on the server.".to_owned(),
        (OperatorClass::Admin, false) => "Amministra il server.".to_owned(),
        (OperatorClass::Moderator, false) => "Modera il server.".to_owned(),
    }));
    if !info.with_private {
        return lines;
    }
    let email = account.email.as_deref();
    lines.extend(email.map(|email| if english { format!("E-mail: {email}") } else { format!("E-mail: {email}.") }));
    let on = |set: bool| match (set, english) {
        (true, true) => "on",
        (false, true) => "off",
        (true, false) => "sì",
        (false, false) => "no",
    };
    lines.push(if english {
        format!("Password: {}. Nick protected: {}.", on(info.has_password), on(!account.unprotected))
    } else {
        format!("Password: {}. Nick protetto: {}.", on(info.has_password), on(!account.unprotected))
    });
    lines.extend(account.certificates.iter().map(|certificate| {
        if english { format!("Certificate: {certificate}") } else { format!("Certificato: {certificate}") }
    }));
    lines
}

fn session_line(session: &SessionInfo, language: Language) -> String {
    let SessionInfo { nick, address, secure, own } = session;
    let mut line = match language {
        Language::En => format!("{nick} from {address}"),
        Language::It => format!("{nick} da {address}"),
    };
    line += match (secure, language) {
        (true, Language::En) => ", encrypted",
        (true, Language::It) => ", cifrata",
        (false, _) => "",
    };
    line += match (own, language) {
        (true, Language::En) => " (this one)",
        (true, Language::It) => " (questa)",
        (false, _) => "",
    };
    line
}

/// The asker is logged in.
pub(super) fn logged_in(account: &str, language: Language) -> String {
    match language {
        Language::En => format!("You are logged in as {account}."),
        Language::It => format!("Hai effettuato l'accesso come {account}."),
    }
}

/// The asker is logged out.
pub(super) fn logged_out(language: Language) -> &'static str {
    match language {
        Language::En => "You are logged out.",
        Language::It => "Sei uscito dal tuo account.",
    }
}

/// Who does not say so is logged in to nothing.
pub(super) fn log_in_first(language: Language) -> &'static str {
    match language {
        Language::En => "Log in to your account first.",
        Language::It => "Prima accedi al tuo account.",
    }
}

/// Name or password, one does not say which.
pub(super) fn wrong(language: Language) -> &'static str {
    match language {
        Language::En => "Wrong name or password.",
        Language::It => "Nome o password errati.",
    }
}

/// IDENTIFY without a password is for certificates.
pub(super) fn no_certificate(language: Language) -> &'static str {
    match language {
        Language::En => "It is written: IDENTIFY [<account>] <password>. Your client has shown no certificate.",
        Language::It => "Si scrive: IDENTIFY [<account>] <password>. Il tuo client non ha mostrato un certificato.",
    }
}

/// IDENTIFY without a password, with a certificate that nobody has added to an account.
pub(super) fn certificate_unknown(language: Language) -> &'static str {
    match language {
        Language::En => "Your client's certificate proves no account.",
        Language::It => "Il certificato del tuo client non vale per alcun account.",
    }
}

/// RELEASE.
pub(super) fn nothing_held(language: Language) -> &'static str {
    match language {
        Language::En => "No nick is ever held back here: just take it, once you are logged in.",
        Language::It => "Qui nessun nick viene trattenuto: prendilo, dopo aver effettuato l'accesso.",
    }
}

/// Whether the asker stays.
pub(super) fn always_on(status: PersistenceStatus, language: Language) -> String {
    match (status.stays, language) {
        (true, Language::En) => "You stay in your channels while you are not connected.",
        (false, Language::En) => "You leave when your last connection ends.",
        (true, Language::It) => "Resti nei tuoi canali anche quando non sei connesso.",
        (false, Language::It) => "Te ne vai quando si chiude la tua ultima connessione.",
    }
    .to_owned()
}
