//! WHO and WHOX on the wire. Meaning: `chat::features::who`. Proof: `scenarios/who.txt`, `whox.txt`.

use chat::command::{Command, WhoxFields};
use chat::modes::UserModes;
use chat::reply::{Who, WhoEntry};
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// The fields of WHOX, in the order they are answered in.
const FIELDS: &str = "tcuihsnfdlaor";

/// The most digits of a token.
const TOKEN_DIGITS_MAX: usize = 3;

/// What stands for a token that was not given, or is none.
const NO_TOKEN: &str = "0";

/// What stands for an address that is not told.
const HIDDEN_ADDRESS: &str = "255.255.255.255";

/// Servers between the asker and the one found: none.
const HOPS: &str = "0";

/// Reads `WHO mask [flags][%fields[,token]]`; among the flags, `o` means server operators only. Without a mask: everybody.
///
/// # Errors
/// None.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let mask = message.params.get(0).filter(|mask| !mask.is_empty()).unwrap_or("*").into();
    let options = message.params.get(1).unwrap_or_default();
    let (flags, fields) = match options.split_once('%') {
        Some((flags, fields)) => (flags, Some(fields)),
        None => (options, None),
    };
    Ok(smallvec![Command::Who { mask, operators_only: flags.contains('o'), fields: fields.map(read_fields) }])
}

fn read_fields(written: &str) -> WhoxFields {
    let (letters, token) = written.split_once(',').unwrap_or((written, NO_TOKEN));
    let is_token = (1..=TOKEN_DIGITS_MAX).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    WhoxFields { letters: letters.into(), token: if is_token { token } else { NO_TOKEN }.into() }
}

/// Writes 352 for each user, or 354 when fields were asked for, and 315.
pub fn reply(who: &Who, render: &mut Render<'_>) {
    for entry in &who.people {
        match &who.fields {
            None => row(entry, render),
            Some(fields) => extended_row(entry, fields, render),
        }
    }
    render.numeric(numerics::RPL_ENDOFWHO, &[&who.mask]);
}

fn row(entry: &WhoEntry, render: &mut Render<'_>) {
    let person = &entry.person;
    let args = [
        entry.channel.as_ref().map_or("*", |channel| channel.as_str()),
        person.username(),
        person.host(),
        render.settings.server_name(),
        person.nick().as_str(),
        &flags(entry, render.caps),
        HOPS,
        &person.realname,
    ];
    render.numeric(numerics::RPL_WHOREPLY, &args);
}

fn extended_row(entry: &WhoEntry, fields: &WhoxFields, render: &mut Render<'_>) {
    let row: Vec<String> = FIELDS
        .chars()
        .filter(|letter| fields.letters.contains(*letter))
        .map(|letter| field(letter, entry, fields, render))
        .collect();
    let args: Vec<&str> = row.iter().map(String::as_str).collect();
    render.numeric(numerics::RPL_WHOSPCRPL, &args);
}

/// Returns one field of 354.
///
/// Spec: `IRCv3` "whox", and as other servers have them `d` (hops) and `o` (operator level, which nobody has here).
fn field(letter: char, entry: &WhoEntry, fields: &WhoxFields, render: &Render<'_>) -> String {
    let person = &entry.person;
    match letter {
        't' => fields.token.to_string(),
        'c' => entry.channel.as_ref().map_or("*", |channel| channel.as_str()).to_owned(),
        'u' => person.username().to_owned(),
        'i' => entry.address.map_or_else(|| HIDDEN_ADDRESS.to_owned(), |address| as_word(&address.to_string())),
        'h' => person.host().to_owned(),
        's' => render.settings.server_name().to_owned(),
        'n' => person.nick().as_str().to_owned(),
        'f' => flags(entry, render.caps),
        'd' => HOPS.to_owned(),
        'l' => entry.idle_seconds.to_string(),
        'a' => person.account.as_deref().unwrap_or("0").to_owned(),
        'o' => "n/a".to_owned(),
        'r' => person.realname.to_string(),
        _ => unreachable!("FIELDS has no other letter"),
    }
}

/// An IPv6 address may begin with a colon, and a word may not: `::1` is written `0::1`, the same address.
pub(super) fn as_word(address: &str) -> String {
    if address.starts_with(':') { format!("0{address}") } else { address.to_owned() }
}

/// Returns `H` or `G` for away, `*` for a server operator, the bot's letter, and the ranks in the channel.
fn flags(entry: &WhoEntry, caps: CapSet) -> String {
    let bot = UserModes::LETTERS.iter().find(|(_, mode)| *mode == UserModes::BOT).map(|(letter, _)| *letter);
    [Some(if entry.away { 'G' } else { 'H' }), entry.operator.then_some('*'), bot.filter(|_| entry.person.bot)]
        .into_iter()
        .flatten()
        .chain(entry.ranks.symbols(caps.contains(CapSet::MULTI_PREFIX)))
        .collect()
}

#[cfg(test)]
mod tests {
    use chat::rank::RankSet;

    use super::*;
    use crate::features::testing::{alice, asked, rendered, rendered_with, tea};

    fn whox(letters: &str, token: &str) -> WhoxFields {
        WhoxFields { letters: letters.into(), token: token.into() }
    }

    #[test]
    fn mask_flags_fields_and_token() {
        let expected =
            |mask: &str, operators_only, fields| [Command::Who { mask: mask.into(), operators_only, fields }];
        assert_eq!(asked(ask, "WHO"), expected("*", false, None));
        assert_eq!(asked(ask, "WHO #tea"), expected("#tea", false, None));
        assert_eq!(asked(ask, "WHO * o"), expected("*", true, None));
        assert_eq!(asked(ask, "WHO bob %nuh"), expected("bob", false, Some(whox("nuh", "0"))));
        assert_eq!(asked(ask, "WHO bob o%tn,42"), expected("bob", true, Some(whox("tn", "42"))));
        for bad in ["1234", "4x", "", "-1"] {
            assert_eq!(
                asked(ask, &format!("WHO bob %tno,{bad}")),
                expected("bob", false, Some(whox("tno", "0"))),
                "{bad}"
            );
        }
    }

    fn entry() -> WhoEntry {
        WhoEntry {
            person: alice().with(|fields| fields.bot = true),
            channel: Some(tea().name),
            ranks: RankSet::OPERATOR | RankSet::VOICE,
            away: true,
            operator: true,
            idle_seconds: 7,
            address: Some(std::net::Ipv6Addr::LOCALHOST.into()),
        }
    }

    fn answer(fields: Option<WhoxFields>, entry: WhoEntry) -> Who {
        Who { mask: "#tea".into(), fields, people: vec![entry] }
    }

    #[test]
    fn the_ordinary_row() {
        let plain = rendered(|render| reply(&answer(None, entry()), render));
        let row = ":loggia.local 352 alice #tea ~alice home loggia.local alice G*B@ :0 Alice A\r\n";
        assert_eq!(plain, format!("{row}:loggia.local 315 alice #tea :End of /WHO list\r\n"));
        let all_ranks = rendered_with(CapSet::MULTI_PREFIX, |render| reply(&answer(None, entry()), render));
        assert!(all_ranks.starts_with(&row.replace("G*B@", "G*B@+")));
    }

    #[test]
    fn fields_have_one_order_whatever_was_asked() {
        let row = |letters: &str, entry: WhoEntry| {
            let written = rendered(|render| reply(&answer(Some(whox(letters, "42")), entry), render));
            written.lines().next().unwrap_or_default().trim_start_matches(":loggia.local 354 alice").to_owned()
        };
        let all = " 42 #tea ~alice 0::1 home loggia.local alice G*B@ 0 7 0 n/a :Alice A";
        assert_eq!(row("tcuihsnfdlaor", entry()), all);
        assert_eq!(row("roaldfnshiuct", entry()), all);
        assert_eq!(row("xnazu", entry()), " ~alice alice 0");
        let hidden = WhoEntry {
            channel: None,
            address: None,
            person: alice().with(|fields| fields.account = Some("al".into())),
            ..entry()
        };
        assert_eq!(row("aic", hidden), " * 255.255.255.255 al");
    }
}
