//! WEBIRC: a gateway says for whom it connects.
//!
//! Spec: IRCv3 "webirc". Proof: `scenarios/webirc.txt`, `tests/e2e/test_proxies.py`.
//!
//! Who may say it is told by the address (`server.trusted_proxies`) and, where there is one, by `server.webirc_password`. The
//! host name is not used: a user's host is made from the address, which the gateway cannot choose freely for a ban to miss.
//! Operators, and the user, see in WHOIS by which gateway somebody came.

use core::net::IpAddr;

use irc::message::Message;
use irc::text::truncate_at_char;

use crate::irc_session::{Cx, IrcSession};
use crate::secrets::same_secret;
use crate::settings::Vouchers;
use crate::texts;

/// The most bytes of a gateway's name that are kept and shown.
const GATEWAY_BYTES_MAX: usize = 64;

/// Carries out `WEBIRC password gateway hostname ip [:options]`, the first line of a connection.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let language = cx.settings.language;
    if !cx.settings.trusted_proxies.contains(cx.peer.address) {
        return session.close(texts::webirc_not_trusted(language), cx);
    }
    if !session.is_first_line() {
        return session.close(texts::webirc_not_first(language), cx);
    }
    let given = message.params.get(0).unwrap_or_default();
    if cx.settings.webirc_password.as_deref().is_some_and(|expected| !same_secret(expected, given)) {
        return session.close(texts::webirc_bad_password(language), cx);
    }
    let Some(address) = message.params.get(3).and_then(|address| address.parse::<IpAddr>().ok()) else {
        return session.close(texts::webirc_bad_address(language), cx);
    };
    let mut options = (4..message.params.len()).filter_map(|place| message.params.get(place));
    let is_secure = options.any(|words| words.split(' ').any(is_secure_option));
    cx.peer.address = address.to_canonical();
    let gateway = message.params.get(1).map(|name| truncate_at_char(name, GATEWAY_BYTES_MAX).into());
    // A certificate is the gateway's.
    cx.peer.vouchers = Vouchers { gateway, certificate: None }.into();
    // "Servers MUST ONLY treat the connection as secure if this flag is sent and the connection from the gateway to the
    // server is also secure with TLS."
    cx.peer.secure &= is_secure;
}

/// Options may have a value some day: it changes nothing.
fn is_secure_option(option: &str) -> bool {
    option.split_once('=').map_or(option, |(name, _)| name) == "secure"
}

#[cfg(test)]
mod tests {
    use chat::ids::SessionId;
    use chat::time::Now;

    use super::*;
    use crate::features::isupport::Isupport;
    use crate::features::testing::settings;
    use crate::settings::{Peer, Settings};
    use crate::trusted_proxies::TrustedProxies;

    fn trusting() -> Settings {
        Settings { trusted_proxies: TrustedProxies::new(["10.0.0.1"]), ..settings() }
    }

    /// Sends lines from a gateway at 10.0.0.1; returns what it was told, and who it speaks for then.
    fn said(secure: bool, lines: &[&str]) -> (String, String, bool) {
        said_to(&trusting(), secure, lines)
    }

    fn said_to(settings: &Settings, secure: bool, lines: &[&str]) -> (String, String, bool) {
        let mut peer = Peer { secure, ..Peer::new([10, 0, 0, 1].into()) };
        let told = receive(settings, &mut peer, lines);
        (told, peer.address.to_string(), peer.secure)
    }

    fn receive(settings: &Settings, peer: &mut Peer, lines: &[&str]) -> String {
        let mut session = IrcSession::new(Now::default());
        let (mut out, mut requests, mut actions) = (Vec::new(), Vec::new(), Vec::new());
        let mut cx = Cx {
            settings,
            isupport: &Isupport::of(settings),
            now: Now::default(),
            id: SessionId(1),
            peer,
            out: &mut out,
            requests: &mut requests,
            actions: &mut actions,
            unknown: 0,
        };
        session.receive(lines.join("\r\n").as_bytes(), &mut cx);
        session.receive(b"\r\n", &mut cx);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_gateway_names_the_client() {
        for (line, address, secure) in [
            ("WEBIRC hunter2 gateway host.example 198.51.100.3", "198.51.100.3", false),
            ("WEBIRC x g 0::ffff:198.51.100.3 0::ffff:198.51.100.3", "198.51.100.3", false),
            ("WEBIRC x g 0::1 0::1 secure", "::1", true),
            ("WEBIRC x g h 2001:db8::1 :remote-port=1 secure=examplevalue123 local-port=6697", "2001:db8::1", true),
            ("WEBIRC x g h 198.51.100.3 :insecure securely=1", "198.51.100.3", false),
        ] {
            assert_eq!(said(true, &[line]), (String::new(), address.to_owned(), secure), "{line}");
            assert!(!said(false, &[line]).2, "{line}: not from the gateway to here");
        }
    }

    #[test]
    fn it_comes_first_and_once_and_with_an_address() {
        for (lines, reason) in [
            (&["WEBIRC x g h nowhere"][..], "WEBIRC: the fourth parameter is not an address"),
            (&["WEBIRC x g h 192.0.2.1:80"], "WEBIRC: the fourth parameter is not an address"),
            (&["CAP LS 302", "WEBIRC x g h 192.0.2.1"], "WEBIRC must be the first command"),
            (&["USER a 0 * :A", "WEBIRC x g h 192.0.2.1"], "WEBIRC must be the first command"),
            (&["PASS x", "WEBIRC x g h 192.0.2.1"], "WEBIRC must be the first command"),
            (&["WEBIRC x g h 10.0.0.1", "WEBIRC x g h 192.0.2.1"], "WEBIRC must be the first command"),
            (
                &["WEBIRC x g h 192.0.2.1", "WEBIRC x g h 192.0.2.2"],
                "WEBIRC is only for gateways that this server knows",
            ),
        ] {
            let (told, ..) = said(false, lines);
            let last = told.lines().last().unwrap_or_default();
            assert!(last.starts_with("ERROR :Closing Link: ") && last.ends_with(&format!("({reason})")), "{told}");
        }
        assert!(said(false, &["WEBIRC x g h"]).0.contains(" 461 * WEBIRC "));
    }

    #[test]
    fn a_gateway_may_have_to_know_a_password() {
        let settings = Settings { webirc_password: Some("hunter2".into()), ..trusting() };
        for (given, address) in [("hunter2", "192.0.2.1"), ("hunter", "10.0.0.1"), ("hunter22", "10.0.0.1")] {
            let line = format!("WEBIRC {given} g h 192.0.2.1");
            assert_eq!(said_to(&settings, false, &[&line]).1, address, "{given}");
        }
    }

    #[test]
    fn the_name_of_a_gateway_is_bounded() {
        let settings = trusting();
        let mut peer = Peer::new([10, 0, 0, 1].into());
        receive(&settings, &mut peer, &[&format!("WEBIRC x {} h 192.0.2.1", "è".repeat(40))]);
        assert_eq!(peer.vouchers.gateway.as_deref(), Some("è".repeat(32).as_str()));
    }
}
