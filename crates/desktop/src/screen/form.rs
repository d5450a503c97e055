//! What stands in the form: read.

use irc::write::is_middle;
use link::address::{Address, AddressError, DEFAULT_PORT, Door};

/// Why the form cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server's address.
    Host,
    /// The port.
    Port,
    /// The name.
    Name,
    /// There is no password for the account, and the keyring has none.
    Password,
}

/// Reads the server's address. A port in the address, or in a link, is believed rather than the one beside it.
///
/// # Errors
///
/// Which of the two is wrong.
pub fn address(host: &str, port: &str) -> Result<Address, Fault> {
    let fault = |error| if error == AddressError::Port { Fault::Port } else { Fault::Host };
    let mut address = Address::parse(host).map_err(fault)?;
    let host = host.trim();
    let says_port = host.parse::<std::net::Ipv6Addr>().is_err()
        && host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_bare = address.door == Door::Any && !says_port;
    if is_bare && !port.trim().is_empty() {
        address.port = port.trim().parse().ok().filter(|port| *port > 0).ok_or(Fault::Port)?;
    }
    Ok(address)
}

/// Takes a port off an address that was kept, found or given, for the form.
pub fn parted(address: String) -> (String, String) {
    match Address::parse(&address) {
        Ok(parsed) if parsed.door == Door::Any => (parsed.host, parsed.port.to_string()),
        _ => (address, DEFAULT_PORT.to_string()),
    }
}

/// Reads the name. Which letters may stand in it, the server says.
///
/// # Errors
///
/// No server would take it.
pub fn name(name: &str) -> Result<&str, Fault> {
    let name = name.trim();
    let begins_well = !name.starts_with(|letter: char| letter.is_ascii_digit() || "#&:@+%~$-".contains(letter));
    if is_middle(name) && begins_well && !name.contains(['!', '@', ',', '*', '?']) {
        Ok(name)
    } else {
        Err(Fault::Name)
    }
}

/// Reads the room; none when there is none, or it is no name of one.
pub fn room(text: &str) -> Option<String> {
    let text = text.trim();
    let room = if text.starts_with(['#', '&']) { text.to_owned() } else { format!("#{text}") };
    (!text.is_empty() && is_middle(&room) && !room.contains(',')).then_some(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_stands_in_the_address_or_beside_it() {
        let shown = |host: &str, port: &str| address(host, port).map(|address| address.to_string());
        for (host, port, expected) in [
            ("chat.example", "53000", "chat.example:53000"),
            ("chat.example", " 7000", "chat.example:7000"),
            ("chat.example:7001", "53000", "chat.example:7001"),
            ("chat.example", "", "chat.example:53000"),
            ("::1", "7000", "[::1]:7000"),
            ("[::1]:7001", "7000", "[::1]:7001"),
            ("ircs://a", "7000", "ircs://a:6697"),
            ("http://a:8080/#join?room=%23x", "53000", "ws://a:8080/irc"),
        ] {
            assert_eq!(shown(host, port).as_deref(), Ok(expected), "{host} {port}");
        }
        for (host, port, fault) in [
            ("", "1", Fault::Host),
            ("a b", "1", Fault::Host),
            ("a", "0", Fault::Port),
            ("a", "x", Fault::Port),
            ("a:x", "1", Fault::Port),
        ] {
            assert_eq!(address(host, port), Err(fault), "{host} {port}");
        }
    }

    #[test]
    fn a_room_needs_no_sign() {
        for (text, expected) in
            [("#tea", Some("#tea")), (" caffè", Some("#caffè")), ("", None), ("a b", None), ("#a,#b", None)]
        {
            assert_eq!(room(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(name(" anna "), Ok("anna"));
        for text in ["", "a b", "1anna", "#anna", "an!na", "@anna", ":a"] {
            assert_eq!(name(text), Err(Fault::Name), "{text}");
        }
    }
}
