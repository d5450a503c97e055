//! PLAIN: `authzid NUL authcid NUL password`.
//!
//! Spec: RFC 4616.

/// What a client said.
#[derive(Clone, PartialEq, Eq)]
pub struct Plain<'a> {
    /// Whose rights it wants; `None`: its own.
    pub authzid: Option<&'a str>,
    /// Whose password it knows.
    pub authcid: &'a str,
    /// The password.
    pub password: &'a str,
}

impl core::fmt::Debug for Plain<'_> {
    /// Leaves out the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Plain").field("authcid", &self.authcid).finish_non_exhaustive()
    }
}

/// Reads a payload; `None` when it is no such message, or name or password is missing.
pub fn parse(payload: &[u8]) -> Option<Plain<'_>> {
    let mut parts = core::str::from_utf8(payload).ok()?.split('\0');
    let (Some(wanted), Some(name), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let authzid = Some(wanted).filter(|wanted| !wanted.is_empty());
    (!name.is_empty() && !password.is_empty()).then_some(Plain { authzid, authcid: name, password })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_are_read() {
        for (payload, expected) in [
            (&b"\0anna\0hush"[..], Some((None, "anna", "hush"))),
            (b"anna\0anna\0hush", Some((Some("anna"), "anna", "hush"))),
            (b"\0anna\0caff\xc3\xa8", Some((None, "anna", "caffè"))),
            (b"", None),
            (b"anna", None),
            (b"\0\0hush", None),
            (b"\0anna\0", None),
            (b"\0anna\0hush\0", None),
            (b"\0anna\0hush\0more", None),
            (b"\0anna\0\xff", None),
        ] {
            let read = parse(payload).map(|plain| (plain.authzid, plain.authcid, plain.password));
            assert_eq!(read, expected, "{payload:?}");
        }
        assert!(!format!("{:?}", parse(b"\0anna\0hush")).contains("hush"));
    }
}
