//! How others join: in words for people without JavaScript and with other programs, and as a link and a code for cameras.

use std::fmt::Write as _;

use qrcode::QrCode;
use qrcode::render::svg;

use super::page::{Certificate, PageDoor, PageInfo};
use crate::banner::percent_encoded;
use crate::config::{Dialect, Language, PlainVariant};
use crate::reach::Host;

/// How these pages look.
pub(super) const STYLE: &str = include_str!("join.css");

/// The words of the page in one language.
struct Words {
    code: &'static str,
    what: &'static str,
    join: &'static str,
    irc: &'static str,
    terminal: &'static str,
    classroom: &'static str,
    host_and_port: [&'static str; 2],
    variants: &'static str,
    here: &'static str,
    plain_warning: &'static str,
    browser: &'static str,
    invitation: &'static str,
    scan: &'static str,
    other_networks: &'static str,
}

const ENGLISH: Words = Words {
    code: "en",
    what: "This is a chat server, run with Loggia. Whichever way you come in, you meet the same people.",
    join: "How to join",
    irc: "IRC client",
    terminal: "Terminal",
    classroom: "Classroom client",
    host_and_port: ["host", "port"],
    variants: "variant",
    here: "on the server's own machine only",
    plain_warning: "Terminal and classroom clients have neither encryption nor passwords: use them on networks you trust.",
    browser: "Browser",
    invitation: "You are invited",
    scan: "Point a phone's camera at the code, or open the link. It has to be on the same network.",
    other_networks: "From another network of this machine:",
};

const ITALIAN: Words = Words {
    code: "it",
    what: "Questo è un server di chat, fatto con Loggia. Da qualunque parte entri, incontri le stesse persone.",
    join: "Come entrare",
    irc: "Client IRC",
    terminal: "Terminale",
    classroom: "Client didattico",
    host_and_port: ["host", "porta"],
    variants: "variante",
    here: "solo sulla macchina del server",
    plain_warning: "Terminale e client didattici non hanno né cifratura né password: usali su reti di cui ti fidi.",
    browser: "Browser",
    invitation: "Sei invitato",
    scan: "Inquadra il codice con il telefono, o apri il link. Deve essere sulla stessa rete.",
    other_networks: "Da un'altra rete di questa macchina:",
};

fn words(page: &PageInfo) -> &'static Words {
    match page.language {
        Language::English => &ENGLISH,
        Language::Italian => &ITALIAN,
    }
}

/// Returns the page that tells a browser that came by `host` how to join with other programs.
pub(super) fn page(page: &PageInfo, host: &Host) -> String {
    frame(page, &ways(page, host))
}

/// Returns the page that shows others the way into a room: a code for cameras, the link in it, and the other ways.
pub(super) fn invitation(page: &PageInfo, host: &Host, query: &str) -> String {
    let words = words(page);
    let link = escape(&link(page, host, query));
    let mut body = format!(
        "<h2>{}</h2>\n<p>{}</p>\n<p><img src=\"/invite.svg?{}\" alt=\"{link}\"></p>\n<p><a href=\"{link}\">{link}</a></p>\n",
        words.invitation,
        words.scan,
        escape(query)
    );
    let chosen = asked_host(page, query).unwrap_or(host);
    let others = addresses(page, chosen);
    if others.len() > 1 {
        let _ = writeln!(body, "<p>{}</p>\n<ul>", words.other_networks);
        for address in &others[1..] {
            let link = escape(&format!("{address}/{}", fragment(page, query)));
            let _ = writeln!(body, "<li><a href=\"{link}\">{link}</a></li>");
        }
        body.push_str("</ul>\n");
    }
    frame(page, &(body + &ways(page, host)))
}

/// Returns the link by which a browser enters the room that the query names, or the first room; with the word of an
/// invitation, if the query has one. `at` chooses among the hosts of a machine on several networks.
pub(super) fn link(page: &PageInfo, host: &Host, query: &str) -> String {
    format!("{}/{}", address(page, asked_host(page, query).unwrap_or(host)), fragment(page, query))
}

/// Returns everywhere that browsers may find the server, the place that `host` names first.
pub(super) fn addresses(page: &PageInfo, host: &Host) -> Vec<String> {
    let mut found = vec![address(page, host)];
    for other in &page.hosts {
        let other = address(page, other);
        if !found.contains(&other) {
            found.push(other);
        }
    }
    found
}

/// Returns the part of a link behind the host: which room, by which invitation.
fn fragment(page: &PageInfo, query: &str) -> String {
    let room = part(query, "room=").filter(|room| is_encoded_name(room));
    let room = room.map_or_else(|| percent_encoded(page.first_room()), str::to_owned);
    let token = part(query, "token=").filter(|word| is_word(word)).map(|word| format!("&token={word}"));
    let fingerprint = page.fingerprint.as_ref().map(|digits| format!("&fp=sha256:{digits}"));
    format!("#join?room={room}{}{}", token.unwrap_or_default(), fingerprint.unwrap_or_default())
}

fn part<'query>(query: &'query str, name: &str) -> Option<&'query str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name))
}

/// Returns the host that the query asks for, if it is one of this machine's.
fn asked_host<'page>(page: &'page PageInfo, query: &str) -> Option<&'page Host> {
    let asked = part(query, "at=")?;
    page.hosts.iter().find(|host| asked == host.0 || asked == percent_encoded(&host.0))
}

/// Returns where browsers find the server, without a path.
///
/// It begins with `http` where browsers do not know the certificate: a warning is no welcome, and a port that takes nothing
/// but TLS sends them there itself. What came by `localhost` gets the address that others can use.
pub(super) fn address(page: &PageInfo, host: &Host) -> String {
    let usable = |door: &&PageDoor| door.dialects.contains(&Dialect::Web) && !door.loopback;
    let door = page.doors.iter().find(usable).or_else(|| page.doors.first());
    let host = if host.is_loopback() { &page.fallback_host } else { host };
    let (scheme, port) = door.map_or(("http", 80), |door| {
        (if door.certificate == Certificate::Trusted { "https" } else { "http" }, door.port)
    });
    format!("{scheme}://{}", host.with_port(port))
}

/// Whether a part of a query can be the name of a room, percent-encoded: it goes into a link as it is.
fn is_encoded_name(text: &str) -> bool {
    /// The longest name of a room, every byte of it encoded.
    const ENCODED_BYTES_MAX: usize = 3 * 64;
    text.starts_with("%23")
        && text.len() <= ENCODED_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte))
}

/// Whether a part of a query can be the word of an invitation: letters, digits and hyphens.
fn is_word(text: &str) -> bool {
    /// Words are shorter; a code with more in it would be hard to read for a camera.
    const BYTES_MAX: usize = 64;
    (1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Draws a link as a QR code. None when it is too long for one.
pub(super) fn code(link: &str) -> Option<String> {
    let code = QrCode::new(link).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build())
}

fn frame(page: &PageInfo, body: &str) -> String {
    let words = words(page);
    let network = escape(&page.network);
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{network}</title>\n\
         <link rel=\"icon\" href=\"/icon.svg\">\n<link rel=\"stylesheet\" href=\"/join.css\">\n</head>\n<body>\n<main>\n<h1>{network}</h1>\n\
         <p class=\"description\">{description}</p>\n<p>{what}</p>\n{body}</main>\n</body>\n</html>\n",
        code = words.code,
        description = escape(&page.description),
        what = words.what,
    )
}

/// Returns the ways in, as a list.
pub(super) fn ways(page: &PageInfo, host: &Host) -> String {
    let words = words(page);
    let link = escape(&link(page, host, ""));
    let mut html = format!(
        "<h2>{}</h2>\n<dl>\n<dt>{}</dt>\n<dd><a href=\"{link}\"><code>{link}</code></a></dd>\n",
        words.join, words.browser
    );
    let mut any_plain = false;
    for door in page.doors.iter().filter(|door| !door.loopback || host.is_loopback()) {
        let here = if door.loopback { format!(" <small>({})</small>", words.here) } else { String::new() };
        if door.dialects.contains(&Dialect::Irc) {
            irc(&mut html, words, host, door, &here);
        }
        if door.dialects.contains(&Dialect::Plain) && !door.tls_required {
            any_plain = true;
            plain(&mut html, words, host, door, &here);
        }
    }
    html.push_str("</dl>\n");
    if any_plain {
        let _ = writeln!(html, "<p>{}</p>", words.plain_warning);
    }
    html
}

fn irc(html: &mut String, words: &Words, host: &Host, door: &PageDoor, here: &str) {
    let address = escape(&host.with_port(door.port));
    let room = escape(&door.room);
    let link = room.replace('#', "%23");
    let (scheme, tls) = if door.certificate == Certificate::None { ("irc", "") } else { ("ircs", " TLS") };
    let _ = writeln!(
        html,
        "<dt>{}</dt>\n<dd><a href=\"{scheme}://{address}/{link}\"><code>{address}</code></a> <code>{room}</code>{tls}{here}</dd>",
        words.irc
    );
}

fn plain(html: &mut String, words: &Words, host: &Host, door: &PageDoor, here: &str) {
    let (name, port) = (escape(&host.0), door.port);
    let _ = writeln!(html, "<dt>{}</dt>\n<dd><code>nc {name} {port}</code>{here}</dd>", words.terminal);
    let variant = match door.variant {
        PlainVariant::Quit => "quit",
        PlainVariant::Close => "close",
        PlainVariant::Nick => "nick",
        PlainVariant::Username => "username",
    };
    let [host_word, port_word] = words.host_and_port;
    let _ = writeln!(
        html,
        "<dt>{}</dt>\n<dd>{host_word} <code>{name}</code>, {port_word} <code>{port}</code>, {} <code>{variant}</code>{here}</dd>",
        words.classroom, words.variants
    );
}

/// Makes text safe between tags and inside quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping_leaves_nothing_that_opens() {
        assert_eq!(escape("<a href=\"'&'\">"), "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;");
    }

    #[test]
    fn only_names_of_rooms_go_into_links() {
        for name in ["%23tea", "%23caff%C3%A8", "%23a-b.c"] {
            assert!(is_encoded_name(name), "{name}");
        }
        for name in ["", "tea", "%23\"><b>", "%23a&x=y", "%23a#b", &format!("%23{}", "x".repeat(200))] {
            assert!(!is_encoded_name(name), "{name}");
        }
    }
}
