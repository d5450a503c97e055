//! The tokens by which the file host of this server knows who sends it something.
//!
//! A token says of its bearer what the hall said when it was made, with a seal (HMAC-SHA-256) that only this process can make:
//! so nothing has to be kept of a token until it is used, whichever shard has made it, and none outlives the process. Whoever
//! takes tokens has to remember those that were used, for each may be used once.

use core::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use chat::ids::SessionId;
use chat::reply::FileToken;
use chat::time::Timestamp;
use chat::user::OperatorClass;

use crate::sasl::credentials::{KEY_BYTES, hmac};
use crate::secrets::{Secrets, same_secret};

/// The longest token: more is not looked at.
pub const TOKEN_BYTES_MAX: usize = 800;

/// Bytes of the seal that go into a token.
const SEAL_BYTES: usize = 24;

/// Who has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The account they are logged in to.
    pub account: Option<String>,
    /// Their nick; of an account, its name.
    pub by: String,
    /// The address that they are counted by.
    pub address: IpAddr,
    /// By what their connection is known, and no other ever.
    pub session: String,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
    /// Until when the token holds.
    pub until: Timestamp,
}

impl Secrets {
    /// Makes a token of what the hall has said of a session.
    pub fn token(&self, session: SessionId, address: IpAddr, said: &FileToken) -> String {
        let known_by =
            Base64UrlUnpadded::encode_string(&hmac(&self.fresh, &[b"bearer", &session.0.to_be_bytes()])[..12]);
        let operator = said.operator.map_or("", OperatorClass::name);
        // No name holds a line end; an account's name is shown in place of the nick, so that the longest names fit a line.
        let by = if said.account.is_some() { "" } else { &said.nick };
        let account = said.account.as_deref().unwrap_or_default();
        let text =
            [&said.until.0.to_string(), operator, &address.to_string(), &known_by, by, account, &said.word].join("\n");
        let words = [text.as_bytes(), &self.seal(&text)[..SEAL_BYTES]].map(Base64UrlUnpadded::encode_string);
        words.join(".")
    }

    /// Returns who has a token; `None` when it was not made by this process, or holds no more.
    pub fn bearer(&self, token: &str, now: Timestamp) -> Option<Bearer> {
        let (text, seal) = token.split_once('.').filter(|_| token.len() <= TOKEN_BYTES_MAX)?;
        let text = String::from_utf8(Base64UrlUnpadded::decode_vec(text).ok()?).ok()?;
        let expected = Base64UrlUnpadded::encode_string(&self.seal(&text)[..SEAL_BYTES]);
        if !same_secret(&expected, seal) {
            return None;
        }
        let fields: Vec<&str> = text.split('\n').collect();
        let [until, operator, address, session, by, account, _word] = fields[..] else { return None };
        let until = Timestamp(until.parse().ok()?);
        let by = if by.is_empty() { account } else { by };
        let bearer = Bearer {
            account: Some(account).filter(|account| !account.is_empty()).map(str::to_owned),
            by: by.to_owned(),
            address: address.parse().ok()?,
            session: session.to_owned(),
            operator: [OperatorClass::Moderator, OperatorClass::Admin]
                .into_iter()
                .find(|class| class.name() == operator),
            until,
        };
        (now < until).then_some(bearer)
    }

    fn seal(&self, text: &str) -> [u8; KEY_BYTES] {
        hmac(&self.fresh, &[b"token", text.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::SECRET_BYTES;

    fn said() -> FileToken {
        FileToken {
            account: Some("Anna".into()),
            nick: "anna_".into(),
            operator: None,
            until: Timestamp(1000),
            word: "a-word".into(),
        }
    }

    #[test]
    fn a_token_leads_back_to_its_bearer_until_its_time_is_over() {
        let secrets = Secrets { kept: [1; SECRET_BYTES], fresh: [2; SECRET_BYTES] };
        let address: IpAddr = [192, 0, 2, 1].into();
        let guest = FileToken { account: None, operator: Some(OperatorClass::Moderator), ..said() };
        let [anna, nobody] = [said(), guest].map(|said| secrets.token(SessionId(7), address, &said));
        let bearer = secrets.bearer(&anna, Timestamp(999)).expect("it holds");
        assert_eq!((bearer.account.as_deref(), &*bearer.by, bearer.address), (Some("Anna"), "Anna", address));
        let guest = secrets.bearer(&nobody, Timestamp(0)).expect("it holds");
        let expected = (None, "anna_", Some(OperatorClass::Moderator));
        assert_eq!((guest.account.as_deref(), &*guest.by, guest.operator), expected);
        assert_eq!(guest.session, bearer.session, "the same connection");
        assert_eq!(secrets.bearer(&anna, Timestamp(1000)), None, "it is over");
        let other = secrets.token(SessionId(8), address, &said());
        assert_ne!(secrets.bearer(&other, Timestamp(0)).map(|other| other.session), Some(bearer.session));
    }

    #[test]
    fn nobody_else_makes_one() {
        let secrets = Secrets { kept: [1; SECRET_BYTES], fresh: [2; SECRET_BYTES] };
        let another = Secrets { fresh: [3; SECRET_BYTES], ..secrets.clone() };
        let token = secrets.token(SessionId(7), [192, 0, 2, 1].into(), &said());
        assert_eq!(another.bearer(&token, Timestamp(0)), None);
        let (text, seal) = token.split_once('.').expect("a seal");
        let admin = Base64UrlUnpadded::encode_string(b"1000\nadmin\n192.0.2.1\nx\n\nAnna\nw");
        for forged in [format!("{admin}.{seal}"), format!("{text}."), text.to_owned(), String::new(), ".".to_owned()] {
            assert_eq!(secrets.bearer(&forged, Timestamp(0)), None, "{forged}");
        }
    }

    /// The longest names that there may be, on the line that carries the token.
    #[test]
    fn the_longest_token_fits_a_line() {
        let secrets = Secrets { kept: [1; SECRET_BYTES], fresh: [2; SECRET_BYTES] };
        let longest = FileToken {
            account: None,
            nick: "x".repeat(128).into(),
            operator: Some(OperatorClass::Moderator),
            until: Timestamp(9_999_999_999_999),
            word: "01234-01234-01234-01234".into(),
        };
        let address = "2001:db8:1234:5678:9abc:def0:1234:5678".parse().expect("an address");
        let token = secrets.token(SessionId(u64::MAX), address, &longest);
        let line = format!(":{} TOKEN GENERATE FILEHOST :{token}\r\n", "s".repeat(63));
        assert!(line.len() <= 512 && token.len() <= TOKEN_BYTES_MAX, "{}", line.len());
    }
}
