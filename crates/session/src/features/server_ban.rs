//! BAN, KLINE, UNKLINE, DLINE, UNDLINE on the wire. Meaning: `chat::features::server_ban`. Proof: `scenarios/ban.txt`,
//! `kline.txt`, `dline.txt`.

use chat::command::{BanCommand, BanWord, Command};
use chat::server_ban::{BanKind, ServerBan};
use chat::span;
use irc::message::Message;
use irc::numerics::{self, Language};
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::moderation as texts;

/// Reads `BAN ADD [duration] what [:reason]`, `BAN DEL what`, `BAN LIST` or `BAN`.
///
/// # Errors
/// 461 without what is to be banned, `FAIL BAN INVALID_PARAMS` for another word.
pub fn ask_ban(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let given = given(message);
    let word = given.first().copied().unwrap_or("LIST").to_ascii_uppercase();
    match word.as_str() {
        "ADD" => add("BAN", BanWord::Any, &given[1..], cx),
        "DEL" => remove("BAN", BanWord::Any, &given[1..]),
        "LIST" => Ok(list(BanWord::Any)),
        _ => Err(Complaint::fail("BAN", "INVALID_PARAMS", texts::ban_usage(cx.settings.language))),
    }
}

/// Reads `KLINE [duration] mask [:reason]` or `KLINE LIST`.
///
/// # Errors
/// 461.
pub fn ask_kline(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    add_or_list("KLINE", BanWord::Mask, &given(message), cx)
}

/// Reads `DLINE [duration] address [:reason]` or `DLINE LIST`.
///
/// # Errors
/// 461.
pub fn ask_dline(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    add_or_list("DLINE", BanWord::Network, &given(message), cx)
}

/// Reads `UNKLINE mask`.
///
/// # Errors
/// 461.
pub fn ask_unkline(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    remove("UNKLINE", BanWord::Mask, &given(message))
}

/// Reads `UNDLINE address`.
///
/// # Errors
/// 461.
pub fn ask_undline(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    remove("UNDLINE", BanWord::Network, &given(message))
}

/// Reads `STATS k` and `STATS d`; `None` for other queries.
pub fn ask_stats(query: &str) -> Option<Commands> {
    let letter = query.chars().next().filter(|letter| query.len() == letter.len_utf8())?;
    let word = match letter.to_ascii_lowercase() {
        'k' => BanWord::Mask,
        'd' => BanWord::Network,
        _ => return None,
    };
    Some(smallvec![Command::ServerBan(BanCommand::List { word, statistics: Some(letter) })])
}

fn given<'a>(message: &'a Message<'_>) -> Vec<&'a str> {
    (0..message.params.len()).filter_map(|place| message.params.get(place)).filter(|word| !word.is_empty()).collect()
}

fn list(word: BanWord) -> Commands {
    smallvec![Command::ServerBan(BanCommand::List { word, statistics: None })]
}

fn add_or_list(name: &str, word: BanWord, given: &[&str], cx: &Cx<'_>) -> Result<Commands, Complaint> {
    match given {
        [] => Ok(list(word)),
        [only] if only.eq_ignore_ascii_case("LIST") => Ok(list(word)),
        _ => add(name, word, given, cx),
    }
}

/// A duration stands before what is banned, never alone. A reason without its colon is still a reason.
fn add(name: &str, word: BanWord, given: &[&str], cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let (seconds, rest) = match given {
        [first, rest @ ..] if !rest.is_empty() && span::read(first).is_some() => (span::read(first), rest),
        _ => (None, given),
    };
    let [what, reason @ ..] = rest else { return Err(Complaint::need_more_params(name)) };
    let reason = if reason.is_empty() { no_reason(cx.settings.language).to_owned() } else { reason.join(" ") };
    let (what, reason) = ((*what).into(), reason.into());
    Ok(smallvec![Command::ServerBan(BanCommand::Add { word, what, seconds, reason })])
}

fn remove(name: &str, word: BanWord, given: &[&str]) -> Result<Commands, Complaint> {
    let what = given.first().ok_or_else(|| Complaint::need_more_params(name))?;
    Ok(smallvec![Command::ServerBan(BanCommand::Remove { word, what: (*what).into() })])
}

/// Returns the reason of those who give none.
pub(super) fn no_reason(language: Language) -> &'static str {
    match language {
        Language::En => "No reason given",
        Language::It => "Nessun motivo indicato",
    }
}

/// Tells that a ban was set, and whom it hit.
pub fn reply_added(ban: &ServerBan, disconnected: u32, render: &mut Render<'_>) {
    render.notice(&texts::ban_added(ban, disconnected, render.settings.language));
}

/// Tells that a ban was undone.
pub fn reply_removed(ban: &ServerBan, render: &mut Render<'_>) {
    render.notice(&texts::ban_removed(ban, render.settings.language));
}

/// Lists bans: in words, or as STATS does (216 and 225, then 219).
pub fn reply_list(bans: &[ServerBan], statistics: Option<char>, render: &mut Render<'_>) {
    let language = render.settings.language;
    let Some(query) = statistics else {
        for ban in bans {
            render.notice(&texts::ban_line(ban, language));
        }
        return render.notice(&texts::bans_end(bans.len(), language));
    };
    for ban in bans {
        let why = texts::why(ban, language);
        match ban.kind {
            BanKind::Network => render.numeric(numerics::RPL_STATSDLINE, &[&ban.shown(), &why]),
            BanKind::Mask | BanKind::Account => {
                render.numeric(numerics::RPL_STATSKLINE, &[&ban.shown(), &why]);
            }
        }
    }
    render.numeric(numerics::RPL_ENDOFSTATS, &[query.encode_utf8(&mut [0; 4])]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained};

    fn add(word: BanWord, seconds: Option<u64>, what: &str, reason: &str) -> [Command; 1] {
        [Command::ServerBan(BanCommand::Add { word, what: what.into(), seconds, reason: reason.into() })]
    }

    #[test]
    fn a_duration_stands_before_what_is_banned() {
        let none = "No reason given";
        assert_eq!(asked(ask_kline, "KLINE *!*@x"), add(BanWord::Mask, None, "*!*@x", none));
        assert_eq!(
            asked(ask_kline, "KLINE 1d12h *!*@x :too bad"),
            add(BanWord::Mask, Some(129_600), "*!*@x", "too bad")
        );
        assert_eq!(
            asked(ask_dline, "DLINE 5 192.0.2.1 too bad"),
            add(BanWord::Network, Some(300), "192.0.2.1", "too bad")
        );
        assert_eq!(asked(ask_ban, "BAN add 0 eve :x"), add(BanWord::Any, Some(0), "eve", "x"));
        assert_eq!(asked(ask_ban, "BAN ADD eve 5"), add(BanWord::Any, None, "eve", "5"));
        assert_eq!(asked(ask_ban, "BAN ADD 5"), add(BanWord::Any, None, "5", none));
    }

    #[test]
    fn lists_and_undoing() {
        let list = |word, statistics| [Command::ServerBan(BanCommand::List { word, statistics })];
        assert_eq!(asked(ask_ban, "BAN"), list(BanWord::Any, None));
        assert_eq!(asked(ask_ban, "BAN list"), list(BanWord::Any, None));
        assert_eq!(asked(ask_kline, "KLINE LIST"), list(BanWord::Mask, None));
        assert_eq!(asked(ask_dline, "DLINE"), list(BanWord::Network, None));
        assert_eq!(ask_stats("K").map(Commands::into_vec), Some(list(BanWord::Mask, Some('K')).to_vec()));
        assert_eq!(ask_stats("d").map(Commands::into_vec), Some(list(BanWord::Network, Some('d')).to_vec()));
        assert!(ask_stats("u").is_none() && ask_stats("kk").is_none());
        let remove = |word, what: &str| [Command::ServerBan(BanCommand::Remove { word, what: what.into() })];
        assert_eq!(asked(ask_unkline, "UNKLINE *!*@x"), remove(BanWord::Mask, "*!*@x"));
        assert_eq!(asked(ask_undline, "UNDLINE 192.0.2.1"), remove(BanWord::Network, "192.0.2.1"));
        assert_eq!(asked(ask_ban, "BAN DEL eve"), remove(BanWord::Any, "eve"));
    }

    #[test]
    fn what_is_missing_or_unknown() {
        assert_eq!(complained(ask_ban, "BAN ADD"), ":loggia.local 461 alice BAN :Not enough parameters\r\n");
        assert_eq!(complained(ask_unkline, "UNKLINE"), ":loggia.local 461 alice UNKLINE :Not enough parameters\r\n");
        assert!(complained(ask_ban, "BAN eve").starts_with(":loggia.local FAIL BAN INVALID_PARAMS :BAN ADD "));
    }
}
