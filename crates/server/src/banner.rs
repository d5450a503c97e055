//! What `serve` tells people on standard output: where to join, where the data is, how to stop.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::config::{Config, Dialect, Language, Tls};
use crate::doors::{Door, Doors, Notice};
use crate::port_holder::Holder;
use crate::reach::Reach;

/// Prints everything but `ready`, with a QR code when standard output is a terminal.
///
/// A closed standard output is nobody's trouble: the server runs on.
///
/// `fingerprints` are those of the doors' self-made certificates.
pub fn print(config: &Config, doors: &Doors, reach: &Reach, fingerprints: &[Option<String>], data: &Path) {
    let mut text = banner(config, doors, reach, fingerprints, data);
    let mut output = io::stdout().lock();
    if output.is_terminal()
        && let Some(code) = join_link(&doors.doors, reach, fingerprints).and_then(|address| qr(&address))
    {
        text.push_str(&code);
        text.push('\n');
    }
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// Says on standard output, and to systemd, that every listener accepts.
pub fn ready() {
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "ready");
    let _ = output.flush();
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "cannot tell systemd that the server is ready");
    }
}

/// Shows at the first start by which word its owner becomes an operator.
pub fn first_operator(config: &Config, word: &str) {
    let text = match config.server.language {
        Language::English => format!(
            "To run this server from inside the chat, say there once: /msg NickServ REGISTER <password> invite:{word}\n\
             (with an account already: /msg NickServ OPERATOR {word})\n"
        ),
        Language::Italian => format!(
            "Per amministrare il server dalla chat, scrivi lì una volta: /msg NickServ REGISTER <password> invite:{word}\n\
             (se hai già un account: /msg NickServ OPERATOR {word})\n"
        ),
    };
    let mut output = io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// Returns the text of the banner.
pub fn banner(config: &Config, doors: &Doors, reach: &Reach, fingerprints: &[Option<String>], data: &Path) -> String {
    let italian = config.server.language == Language::Italian;
    let say = |english: &'static str, in_italian: &'static str| if italian { in_italian } else { english };
    let mut text = format!("Loggia {} — {}\n\n", env!("CARGO_PKG_VERSION"), config.server.network);
    for (number, door) in doors.doors.iter().enumerate() {
        let _ = writeln!(text, "  {}", line_of(door, reach, italian));
        let others = reach.other_hosts(door.address);
        if !others.is_empty() {
            let also = others.iter().map(|host| host.with_port(door.address.port())).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "    {} {also}", say("on other networks:", "su altre reti:"));
        }
        if let Some(fingerprint) = fingerprints.get(number).and_then(Option::as_ref) {
            let its = say("TLS certificate, self-made:", "certificato TLS, fatto in casa:");
            let _ = writeln!(text, "    {its} sha256:{fingerprint}");
        }
    }
    text.push('\n');
    for notice in &doors.notices {
        let _ = writeln!(text, "{}", sentence(notice, italian));
    }
    if doors.doors.iter().any(|door| door.settings.dialects.contains(&Dialect::Plain)) {
        text.push_str(say(
            "Plain clients (nc, telnet, classroom programs) have neither encryption nor passwords: use them on networks you trust.\n",
            "I client semplici (nc, telnet, programmi didattici) non hanno né cifratura né password: usali su reti di cui ti fidi.\n",
        ));
    }
    let _ = writeln!(text, "{} {}", say("Data:", "Dati:"), data.display());
    text.push_str(say("Stop with Ctrl-C.\n", "Per fermare: Ctrl-C.\n"));
    text
}

/// Returns one door's line: an address for each of its dialects.
fn line_of(door: &Door, reach: &Reach, italian: bool) -> String {
    let (host, port) = reach.host_and_port(door.address);
    let address = host.with_port(port);
    let ways: Vec<String> = door
        .settings
        .dialects
        .iter()
        .map(|dialect| match dialect {
            Dialect::Web => format!("web {}://{address}/", web_scheme(door)),
            Dialect::Irc if has_tls(door) => format!("irc {address} (TLS)"),
            Dialect::Irc => format!("irc {address}"),
            Dialect::Plain if door.settings.tls_required => format!("plain {address} (TLS)"),
            Dialect::Plain => format!("plain {address} (nc {} {port})", host.0),
        })
        .collect();
    let here = match (host.is_loopback(), italian) {
        (false, _) => "",
        (true, false) => "  (this machine only)",
        (true, true) => "  (solo questa macchina)",
    };
    format!("{}{here}", ways.join("   "))
}

fn sentence(notice: &Notice, italian: bool) -> String {
    let by = |holder: &Option<Holder>| match (holder, italian) {
        (Some(holder), false) => format!(" by {holder}"),
        (Some(Holder { process, name }), true) => format!(" da {name} (processo {process})"),
        (None, _) => String::new(),
    };
    match (notice, italian) {
        (Notice::PortTaken { wanted, used, holder }, false) => {
            format!(
                "Port {wanted} is taken{}; port {used} is used instead. To have it, stop that program, or choose with --listen.",
                by(holder)
            )
        }
        (Notice::PortTaken { wanted, used, holder }, true) => {
            format!(
                "La porta {wanted} è occupata{}; si usa la {used}. Per averla, ferma quel programma, oppure scegli con --listen.",
                by(holder)
            )
        }
        (Notice::IrcPortTaken { holder: None }, false) => {
            "127.0.0.1:6667 cannot be used; IRC clients use the address above.".to_owned()
        }
        (Notice::IrcPortTaken { holder: None }, true) => {
            "127.0.0.1:6667 non è utilizzabile; i client IRC usano l'indirizzo qui sopra.".to_owned()
        }
        (Notice::IrcPortTaken { holder }, false) => {
            format!("127.0.0.1:6667 is taken{}; IRC clients use the address above.", by(holder))
        }
        (Notice::IrcPortTaken { holder }, true) => {
            format!("127.0.0.1:6667 è occupata{}; i client IRC usano l'indirizzo qui sopra.", by(holder))
        }
        (Notice::NoIpv6 { address }, false) => format!("This machine has no IPv6: {address} is left out."),
        (Notice::NoIpv6 { address }, true) => format!("Questa macchina non ha IPv6: {address} è tralasciato."),
    }
}

fn has_tls(door: &Door) -> bool {
    door.settings.tls != Tls::Off
}

fn web_scheme(door: &Door) -> &'static str {
    if has_tls(door) { "https" } else { "http" }
}

/// Returns the address for browsers, preferably one that other machines can use. Where the certificate is self-made, it
/// is a link to join that holds the fingerprint, by which our own clients know the server, and begins with `http`: a phone
/// that reads the code is to show the page and no warning. (A door that takes nothing but TLS sends browsers there itself.)
pub fn join_link(doors: &[Door], reach: &Reach, fingerprints: &[Option<String>]) -> Option<String> {
    let takes_web = |(_, door): &(usize, &Door)| door.settings.dialects.contains(&Dialect::Web);
    let all = || doors.iter().enumerate().filter(takes_web);
    let others_can_use = |(_, door): &(usize, &Door)| !reach.host_and_port(door.address).0.is_loopback();
    let (number, door) = all().find(others_can_use).or_else(|| all().next())?;
    let (host, port) = reach.host_and_port(door.address);
    let address = host.with_port(port);
    Some(match fingerprints.get(number).and_then(Option::as_ref) {
        Some(fingerprint) => {
            let room = percent_encoded(&door.settings.room);
            format!("http://{address}/#join?room={room}&fp=sha256:{fingerprint}")
        }
        None => format!("{}://{address}/", web_scheme(door)),
    })
}

/// Writes a text as it may stand in the query of a link.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// Draws a QR code with half blocks, two modules to a character.
fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    // Most terminals show light on dark: what is light in the code is drawn, its margin included.
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::doors;

    fn doors() -> Doors {
        doors::open(&Config::default(), &["127.0.0.1:0".to_owned()]).unwrap()
    }

    fn at(address: &str, doors: &mut Doors) {
        doors.doors[0].address = address.parse().unwrap();
    }

    #[test]
    fn tells_where_to_join_and_how_to_stop() {
        let mut doors = doors();
        at("0.0.0.0:53000", &mut doors);
        doors.notices.push(Notice::PortTaken {
            wanted: 52_999,
            used: 53_000,
            holder: Some(Holder { process: 7, name: "python3".to_owned() }),
        });
        let reach = Reach { v4: Some([192, 168, 1, 5].into()), ..Reach::default() };
        let mut config = Config::default();
        assert_eq!(
            banner(&config, &doors, &reach, &[], Path::new("/srv/data")),
            format!(
                "Loggia {} — Loggia\n\n  web http://192.168.1.5:53000/   irc 192.168.1.5:53000   plain 192.168.1.5:53000 (nc 192.168.1.5 53000)\n\n\
                 Port 52999 is taken by python3 (process 7); port 53000 is used instead. To have it, stop that program, or choose with --listen.\n\
                 Plain clients (nc, telnet, classroom programs) have neither encryption nor passwords: use them on networks you trust.\n\
                 Data: /srv/data\nStop with Ctrl-C.\n",
                env!("CARGO_PKG_VERSION")
            )
        );
        config.server.language = Language::Italian;
        let italian = banner(&config, &doors, &reach, &[], Path::new("/srv/data"));
        assert!(italian.contains("La porta 52999 è occupata da python3 (processo 7); si usa la 53000."), "{italian}");
        assert!(
            italian.contains("né cifratura né password") && italian.ends_with("Per fermare: Ctrl-C.\n"),
            "{italian}"
        );
    }

    #[test]
    fn a_machine_on_several_networks_tells_all_of_them() {
        let mut doors = doors();
        at("0.0.0.0:53000", &mut doors);
        let all = ["192.168.1.5", "10.0.0.5", "172.16.0.5"].map(|ip| ip.parse().unwrap()).to_vec();
        let reach = Reach { v4: Some([192, 168, 1, 5].into()), all, ..Reach::default() };
        let text = banner(&Config::default(), &doors, &reach, &[], Path::new("d"));
        assert!(text.contains("\n    on other networks: 10.0.0.5:53000, 172.16.0.5:53000\n"), "{text}");
    }

    #[test]
    fn a_door_for_this_machine_says_so() {
        let mut doors = doors();
        at("127.0.0.1:6667", &mut doors);
        doors.doors[0].settings.dialects = vec![Dialect::Irc];
        let text = banner(&Config::default(), &doors, &Reach::default(), &[], Path::new("d"));
        assert!(text.contains("\n  irc 127.0.0.1:6667  (this machine only)\n"), "{text}");
        assert!(!text.contains("neither encryption"), "{text}");
        assert_eq!(join_link(&doors.doors, &Reach::default(), &[]), None);
    }

    #[test]
    fn a_self_made_certificate_is_told_by_its_fingerprint() {
        let mut doors = doors();
        at("0.0.0.0:53000", &mut doors);
        doors.doors[0].settings.tls = Tls::Auto;
        let reach = Reach { v4: Some([192, 168, 1, 5].into()), ..Reach::default() };
        let fingerprints = [Some("ab12".to_owned())];
        let text = banner(&Config::default(), &doors, &reach, &fingerprints, Path::new("d"));
        assert!(text.contains("web https://192.168.1.5:53000/   irc 192.168.1.5:53000 (TLS)"), "{text}");
        assert!(text.contains("\n    TLS certificate, self-made: sha256:ab12\n"), "{text}");
        assert_eq!(
            join_link(&doors.doors, &reach, &fingerprints).unwrap(),
            "http://192.168.1.5:53000/#join?room=%23piazza&fp=sha256:ab12"
        );
        assert_eq!(join_link(&doors.doors, &reach, &[None]).unwrap(), "https://192.168.1.5:53000/");
    }

    #[test]
    fn the_code_is_drawn_in_half_blocks() {
        let code = qr("http://192.168.1.5:53000/").unwrap();
        assert!(code.lines().count() > 10 && code.chars().all(|character| " █▀▄\n".contains(character)), "{code}");
        assert!(code.lines().next().unwrap().chars().all(|character| character == '█'), "the margin is light: {code}");
    }
}
