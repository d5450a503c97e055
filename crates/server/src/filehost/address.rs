//! Where clients are told to send files.

use session::settings::FileHost;

use crate::config::Dialect;
use crate::web::{Certificate, PageInfo};

/// The path.
pub(crate) const UPLOAD_PATH: &str = "/upload";

/// Returns the addresses to tell; `None` when no door takes browsers. `is_proxied`: there is a proxy in front that may have ended
/// TLS, and everybody comes by the public address.
pub fn addresses(page: &PageInfo, is_proxied: bool, previews: bool) -> Option<FileHost> {
    let mut doors: Vec<_> = page.doors.iter().filter(|door| door.dialects.contains(&Dialect::Web)).collect();
    // Those that other machines can use come first.
    doors.sort_by_key(|door| door.loopback);
    let address = |scheme: &str, port: u16, loopback: bool| {
        let host = if loopback { "127.0.0.1" } else { page.public_host.as_deref().unwrap_or(&page.fallback_host.0) };
        format!("{scheme}://{}{UPLOAD_PATH}", crate::reach::Host(host.to_owned()).with_port(port)).into()
    };
    let secure = doors.iter().find(|door| door.certificate != Certificate::None);
    let trusted = doors.iter().find(|door| door.certificate == Certificate::Trusted);
    let plain = doors.iter().find(|door| !door.tls_required);
    let by_proxy = page.public_host.as_deref().filter(|_| is_proxied).map(|host| {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let port = page.public_port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("https://{host}{port}{UPLOAD_PATH}").into()
    });
    let by_tls = secure.map(|door| address("https", door.port, door.loopback));
    let filehost = FileHost {
        secure: by_tls.or(by_proxy),
        plain: match (trusted, plain) {
            (Some(door), _) => Some(address("https", door.port, door.loopback)),
            (None, Some(door)) => Some(address("http", door.port, door.loopback)),
            (None, None) => None,
        },
        previews,
    };
    (filehost.secure.is_some() || filehost.plain.is_some()).then_some(filehost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Language, PlainVariant};
    use crate::reach::Host;
    use crate::web::PageDoor;

    fn door(port: u16, loopback: bool, dialects: &[Dialect], certificate: Certificate, tls_required: bool) -> PageDoor {
        PageDoor {
            port,
            loopback,
            dialects: dialects.to_vec(),
            variant: PlainVariant::Quit,
            room: "#piazza".to_owned(),
            certificate,
            tls_required,
        }
    }

    fn told(public: Option<&str>, is_proxied: bool, doors: Vec<PageDoor>) -> Option<(String, String)> {
        let page = PageInfo {
            network: String::new(),
            description: String::new(),
            language: Language::English,
            public_host: public.map(str::to_owned),
            public_port: None,
            fallback_host: Host("192.168.1.5".to_owned()),
            hosts: Vec::new(),
            fingerprint: None,
            doors,
        };
        let text = |address: Option<std::sync::Arc<str>>| address.map(|text| text.to_string()).unwrap_or_default();
        addresses(&page, is_proxied, false).map(|filehost| (text(filehost.plain), text(filehost.secure)))
    }

    #[test]
    fn files_go_where_browsers_go() {
        let (web, irc) = ([Dialect::Web, Dialect::Irc], [Dialect::Irc]);
        let open = || door(53_000, false, &web, Certificate::None, false);
        let told_open = told(None, false, vec![door(6667, true, &irc, Certificate::None, false), open()]);
        assert_eq!(told_open, Some(("http://192.168.1.5:53000/upload".into(), String::new())));
        assert_eq!(told(None, false, vec![door(6667, false, &irc, Certificate::None, false)]), None);
        let here = told(None, false, vec![door(53_000, true, &web, Certificate::None, false)]);
        assert_eq!(here, Some(("http://127.0.0.1:53000/upload".into(), String::new())));
        let self_made = told(Some("chat.example"), false, vec![door(443, false, &web, Certificate::SelfMade, false)]);
        let both = ("http://chat.example:443/upload".into(), "https://chat.example:443/upload".into());
        assert_eq!(self_made, Some(both));
        let trusted =
            told(Some("chat.example"), false, vec![open(), door(443, false, &web, Certificate::Trusted, true)]);
        let secure: String = "https://chat.example:443/upload".into();
        assert_eq!(trusted, Some((secure.clone(), secure)));
        let proxied = told(Some("chat.example"), true, vec![open()]);
        let addresses = ("http://chat.example:53000/upload".into(), "https://chat.example/upload".into());
        assert_eq!(proxied, Some(addresses));
    }
}
