//! `loggia find`: the servers on the local network.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Context as _;
use discovery::{Encryption, Found};

/// Looks for `wait` and returns what was found, a line for each server; says on standard error when there is none.
///
/// # Errors
/// When the system gives no thread.
pub fn find(wait: Duration) -> anyhow::Result<String> {
    let found = discovery::browse(wait).context("cannot look for servers")?;
    if found.is_empty() {
        eprintln!("There is no Loggia server on this network that announces itself.");
    }
    Ok(listing(&found))
}

fn listing(found: &[Found]) -> String {
    let mut text = String::new();
    for server in found {
        let addresses: Vec<String> = server.addresses.iter().map(ToString::to_string).collect();
        let tls = match server.encryption {
            Encryption::None => "",
            Encryption::Offered => "   TLS offered",
            Encryption::Required => "   TLS only",
        };
        let _ = write!(text, "{}   {}   {}{tls}", server.name, addresses.join(" "), server.room);
        if let Some(fingerprint) = &server.fingerprint {
            let _ = write!(text, "   sha256:{fingerprint}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_to_connect() {
        let server = Found {
            name: "Loggia (anna)".to_owned(),
            network: "Loggia".to_owned(),
            addresses: vec!["192.168.77.5:53000".parse().unwrap(), "[fd00::5]:53000".parse().unwrap()],
            encryption: Encryption::Offered,
            fingerprint: Some("ab".to_owned()),
            room: "#piazza".to_owned(),
        };
        assert_eq!(
            listing(&[server]),
            "Loggia (anna)   192.168.77.5:53000 [fd00::5]:53000   #piazza   TLS offered   sha256:ab\n"
        );
    }
}
