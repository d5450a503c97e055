//! What operators of the server read: bans, the raid mode, and what others of them did.

use chat::audit::{AuditAct, AuditEntry};
use chat::raid::Raid;
use chat::server_ban::ServerBan;
use chat::time::Timestamp;
use irc::numerics::Language::{self, En, It};

/// Returns a moment to the minute: `2026-11-21 03:45 UTC`.
pub fn minute(at: Timestamp) -> String {
    let written = at.to_string();
    let (day, time) = written.split_once('T').unwrap_or((&written, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or(time))
}

/// A ban was set.
pub fn ban_added(ban: &ServerBan, disconnected: u32, language: Language) -> String {
    let line = ban_line(ban, language);
    match language {
        En => format!("Banned {line} ({disconnected} disconnected). BAN DEL {} undoes it.", ban.shown()),
        It => format!("Bandito {line} ({disconnected} disconnessi). BAN DEL {} lo annulla.", ban.shown()),
    }
}

/// A ban was undone.
pub fn ban_removed(ban: &ServerBan, language: Language) -> String {
    match language {
        En => format!("{} is no longer banned.", ban.shown()),
        It => format!("{} non è più bandito.", ban.shown()),
    }
}

/// One line of the list of bans.
pub fn ban_line(ban: &ServerBan, language: Language) -> String {
    let nick = ban.nick.as_deref().map(|nick| format!(" ({nick})")).unwrap_or_default();
    format!("{}{nick} {}", ban.shown(), why(ban, language))
}

/// How long, by whom and why.
pub fn why(ban: &ServerBan, language: Language) -> String {
    let (by, reason) = (&ban.by, &ban.reason);
    match (ban.until.map(minute), language) {
        (Some(until), En) => format!("until {until}, by {by}: {reason}"),
        (Some(until), It) => format!("fino al {until}, da {by}: {reason}"),
        (None, En) => format!("for ever, by {by}: {reason}"),
        (None, It) => format!("per sempre, da {by}: {reason}"),
    }
}

/// The list of bans has an end.
pub fn bans_end(count: usize, language: Language) -> String {
    match language {
        En => format!("Bans: {count}. BAN DEL <what> undoes one."),
        It => format!("Bandi: {count}. BAN DEL <che cosa> ne annulla uno."),
    }
}

/// How the raid mode stands.
pub fn raid(raid: Option<&Raid>, language: Language) -> String {
    match (raid, language) {
        (None, En) => "The raid mode is off: everybody may speak.".to_owned(),
        (None, It) => "La modalità d'emergenza è spenta: tutti possono scrivere.".to_owned(),
        (Some(raid), En) => format!(
            "The raid mode is on since {}, by {}{}. Only people who are logged in may speak, and nobody can register. RAID OFF ends it.",
            minute(raid.since),
            raid.by,
            behind_colon(&raid.reason)
        ),
        (Some(raid), It) => format!(
            "La modalità d'emergenza è accesa dal {}, da {}{}. Scrive solo chi ha effettuato l'accesso, e nessuno può registrarsi. RAID OFF la spegne.",
            minute(raid.since),
            raid.by,
            behind_colon(&raid.reason)
        ),
    }
}

fn behind_colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// One line of the audit log.
pub fn audit_line(entry: &AuditEntry, language: Language) -> String {
    format!("#{} {} {}", entry.number, minute(entry.at), audited(entry, language))
}

/// Who did what to whom, and why.
pub fn audited(entry: &AuditEntry, language: Language) -> String {
    let target = entry.target.as_deref().unwrap_or("*");
    let act = match language {
        En => act_in_english(entry.act, target),
        It => act_in_italian(entry.act, target),
    };
    format!("{} {act}{}", entry.by, behind_colon(&entry.reason))
}

fn act_in_english(act: AuditAct, target: &str) -> String {
    match act {
        AuditAct::OperatorIn => format!("became an operator ({target})"),
        AuditAct::OperatorOut => format!("stepped down as an operator ({target})"),
        AuditAct::OperatorRefused => format!("tried in vain to become the operator {target}"),
        AuditAct::Killed => format!("disconnected {target}"),
        AuditAct::BanAdded => format!("banned {target}"),
        AuditAct::BanRemoved => format!("undid the ban of {target}"),
        AuditAct::RaidBegan => "switched the raid mode on".to_owned(),
        AuditAct::RaidEnded => "switched the raid mode off".to_owned(),
        AuditAct::HostChanged => format!("gave {target} another host"),
        AuditAct::Rehashed => "had the configuration read again".to_owned(),
        AuditAct::MetadataRemoved => format!("removed what {target} said of themself"),
        AuditAct::ChannelForced => format!("used an operator's right in {target}"),
        AuditAct::AccountChanged => format!("changed the account {target}"),
        AuditAct::UploadRemoved => format!("removed the file {target}"),
    }
}

fn act_in_italian(act: AuditAct, target: &str) -> String {
    match act {
        AuditAct::OperatorIn => format!("è diventato operatore ({target})"),
        AuditAct::OperatorOut => format!("non è più operatore ({target})"),
        AuditAct::OperatorRefused => format!("ha tentato invano di diventare l'operatore {target}"),
        AuditAct::Killed => format!("ha disconnesso {target}"),
        AuditAct::BanAdded => format!("ha bandito {target}"),
        AuditAct::BanRemoved => format!("ha annullato il bando di {target}"),
        AuditAct::RaidBegan => "ha acceso la modalità d'emergenza".to_owned(),
        AuditAct::RaidEnded => "ha spento la modalità d'emergenza".to_owned(),
        AuditAct::HostChanged => format!("ha dato un altro host a {target}"),
        AuditAct::Rehashed => "ha fatto rileggere la configurazione".to_owned(),
        AuditAct::MetadataRemoved => format!("ha tolto ciò che {target} diceva di sé"),
        AuditAct::ChannelForced => format!("ha usato un diritto d'operatore in {target}"),
        AuditAct::AccountChanged => format!("ha cambiato l'account {target}"),
        AuditAct::UploadRemoved => format!("ha tolto il file {target}"),
    }
}

/// What comes before a page of the audit log, if anything does.
pub fn audit_end(earlier: Option<(usize, u64)>, language: Language) -> String {
    match (earlier, language) {
        (Some((count, before)), En) => format!("Earlier: AUDIT {count} {before}"),
        (Some((count, before)), It) => format!("Precedenti: AUDIT {count} {before}"),
        (None, En) => "Nothing earlier.".to_owned(),
        (None, It) => "Niente di precedente.".to_owned(),
    }
}

/// The forms of BAN.
pub fn ban_usage(language: Language) -> &'static str {
    match language {
        En => "BAN ADD [duration] <what> [:reason], BAN DEL <what> or BAN LIST",
        It => "BAN ADD [durata] <che cosa> [:motivo], BAN DEL <che cosa> oppure BAN LIST",
    }
}

/// The forms of RAID.
pub fn raid_usage(language: Language) -> &'static str {
    match language {
        En => "RAID ON [:reason], RAID OFF, or RAID alone to see how it stands",
        It => "RAID ON [:motivo], RAID OFF, oppure RAID da solo per sapere se è accesa",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_said_in_both_languages() {
        for act in [
            AuditAct::OperatorIn,
            AuditAct::OperatorRefused,
            AuditAct::OperatorOut,
            AuditAct::Killed,
            AuditAct::BanAdded,
            AuditAct::BanRemoved,
            AuditAct::RaidBegan,
            AuditAct::RaidEnded,
            AuditAct::HostChanged,
            AuditAct::Rehashed,
            AuditAct::ChannelForced,
            AuditAct::MetadataRemoved,
            AuditAct::AccountChanged,
            AuditAct::UploadRemoved,
        ] {
            assert_ne!(act_in_english(act, "x"), act_in_italian(act, "x"), "{act:?}");
        }
        assert_eq!(minute(Timestamp(951_827_696_789)), "2000-02-29 12:34 UTC");
    }
}
