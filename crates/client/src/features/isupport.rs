//! What a server says of itself in 005: how names are compared, what channels begin with, which ranks there are.
//!
//! Spec: Modern IRC, "RPL_ISUPPORT parameters". What a server does not say is as the specification has it.

use std::borrow::Cow;

use irc::casemap::CaseMapping;

use crate::catch_up::{PAGE_ENTRIES, page_entries};

/// How names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folding {
    /// As Loggia does it.
    Known(CaseMapping),
    /// `{}|^` are the small letters of `[]\~`; with `strict`, `^` and `~` are two.
    Rfc1459 { strict: bool },
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isupport {
    folding: Folding,
    channel_types: Box<str>,
    /// Mode letters of ranks and what stands before a nick for them, the highest first.
    ranks: Vec<(char, char)>,
    /// Modes by what they take: lists, always a parameter, a parameter when set.
    lists: Box<str>,
    always: Box<str>,
    when_set: Box<str>,
    status_targets: Box<str>,
    network: Option<Box<str>>,
    page_entries: u32,
    has_history: bool,
    /// Where files are sent to: by soju's name, and by the draft's.
    filehosts: [Option<Box<str>>; 2],
    has_tokens: bool,
}

impl Default for Isupport {
    fn default() -> Self {
        Self {
            folding: Folding::Rfc1459 { strict: false },
            channel_types: "#&".into(),
            ranks: vec![('o', '@'), ('v', '+')],
            lists: "b".into(),
            always: "k".into(),
            when_set: "l".into(),
            status_targets: "".into(),
            network: None,
            page_entries: PAGE_ENTRIES,
            has_history: false,
            filehosts: [None, None],
            has_tokens: false,
        }
    }
}

impl Isupport {
    /// Takes one token, such as `CHANTYPES=#` or `-NETWORK`.
    pub fn take(&mut self, token: &str) {
        let (name, value) = token.split_once('=').unwrap_or((token, ""));
        let default = Self::default();
        match name {
            "CASEMAPPING" => {
                self.folding = match value {
                    "rfc1459" => Folding::Rfc1459 { strict: false },
                    "rfc1459-strict" | "strict-rfc1459" => Folding::Rfc1459 { strict: true },
                    other => Folding::Known(CaseMapping::from_isupport(other).unwrap_or_default()),
                };
            }
            "-CASEMAPPING" => self.folding = default.folding,
            "CHANTYPES" => self.channel_types = value.into(),
            "-CHANTYPES" => self.channel_types = default.channel_types,
            "PREFIX" => self.ranks = ranks(value),
            "-PREFIX" => self.ranks = default.ranks,
            "CHANMODES" => {
                let mut kinds = value.split(',').map(Box::from);
                let mut next = || kinds.next().unwrap_or_default();
                (self.lists, self.always, self.when_set) = (next(), next(), next());
            }
            "STATUSMSG" => self.status_targets = value.into(),
            "NETWORK" => self.network = Some(value.into()),
            "soju.im/FILEHOST" => self.filehosts[0] = Some(value.into()),
            "draft/FILEHOST" => self.filehosts[1] = Some(value.into()),
            "-soju.im/FILEHOST" => self.filehosts[0] = None,
            "-draft/FILEHOST" => self.filehosts[1] = None,
            "draft/AUTHTOKEN" => self.has_tokens = true,
            "-draft/AUTHTOKEN" => self.has_tokens = false,
            "CHATHISTORY" => {
                self.has_history = true;
                self.page_entries = page_entries(token).unwrap_or(self.page_entries);
            }
            _ => {}
        }
    }

    /// Folds a name: two that are the same on this server become equal.
    pub fn fold<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self.folding {
            Folding::Known(mapping) => mapping.fold_cow(name),
            Folding::Rfc1459 { strict } => {
                let small = |letter: char| match letter {
                    '[' => '{',
                    ']' => '}',
                    '\\' => '|',
                    '~' if !strict => '^',
                    other => other.to_ascii_lowercase(),
                };
                if name.chars().all(|letter| small(letter) == letter) {
                    Cow::Borrowed(name)
                } else {
                    Cow::Owned(name.chars().map(small).collect())
                }
            }
        }
    }

    /// Tells whether two names are the same.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.fold(one) == self.fold(other)
    }

    /// Tells whether a name is a channel's.
    pub fn is_channel(&self, name: &str) -> bool {
        name.starts_with(|first| self.channel_types.contains(first))
    }

    /// Returns the channel that a target means: `@#tea` is said in `#tea`, to some.
    pub fn channel_of<'n>(&self, target: &'n str) -> Option<&'n str> {
        let bare = target.trim_start_matches(|first| self.status_targets.contains(first));
        [target, bare].into_iter().find(|name| self.is_channel(name))
    }

    /// Parts what stands before a nick in a list of members from it.
    pub fn parted<'n>(&self, shown: &'n str) -> (&'n str, &'n str) {
        let is_rank = |first: char| self.ranks.iter().any(|(_, sign)| *sign == first);
        let nick = shown.trim_start_matches(is_rank);
        shown.split_at(shown.len() - nick.len())
    }

    /// Returns the sign of a mode that is a rank.
    pub fn sign_of(&self, mode: char) -> Option<char> {
        self.ranks.iter().find(|(letter, _)| *letter == mode).map(|(_, sign)| *sign)
    }

    /// Returns how high a sign is: 0 is the highest.
    pub fn height(&self, sign: char) -> usize {
        self.ranks.iter().position(|(_, known)| *known == sign).unwrap_or(usize::MAX)
    }

    /// Tells whether a mode takes a parameter.
    pub fn takes_parameter(&self, mode: char, set: bool) -> bool {
        self.sign_of(mode).is_some()
            || self.lists.contains(mode)
            || self.always.contains(mode)
            || (set && self.when_set.contains(mode))
    }

    /// Returns the network's name.
    pub fn network(&self) -> Option<&str> {
        self.network.as_deref()
    }

    /// Returns the address that files are sent to, where the server takes some.
    pub fn filehost(&self) -> Option<&str> {
        self.filehosts.iter().flatten().map(|address| &**address).find(|address| !address.is_empty())
    }

    /// Tells whether the server gives tokens, by which others see who sends a file.
    pub fn has_tokens(&self) -> bool {
        self.has_tokens
    }

    /// Tells whether the server can be asked for what was said (`CHATHISTORY`).
    pub fn has_history(&self) -> bool {
        self.has_history
    }

    /// Returns how many entries of history are asked for at once.
    pub fn page_entries(&self) -> u32 {
        self.page_entries
    }
}

/// Reads `(ov)@+`; what is not of this form is no ranks.
fn ranks(value: &str) -> Vec<(char, char)> {
    let Some((letters, signs)) = value.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
        return Vec::new();
    };
    letters.chars().zip(signs.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tokens: &[&str]) -> Isupport {
        let mut isupport = Isupport::default();
        for token in tokens {
            isupport.take(token);
        }
        isupport
    }

    #[test]
    fn names_are_compared_as_the_server_does_it() {
        for (mapping, same, other) in [
            ("", ("Nick[]\\~", "nick{}|^"), ("a", "b")),
            ("CASEMAPPING=rfc1459-strict", ("A[]", "a{}"), ("~", "^")),
            ("CASEMAPPING=ascii", ("Nick", "nick"), ("[", "{")),
            ("CASEMAPPING=precis", ("Ärger", "ärger"), ("[", "{")),
            ("CASEMAPPING=unheard-of", ("Nick", "nick"), ("[", "{")),
        ] {
            let isupport = told(&[mapping]);
            assert!(isupport.same(same.0, same.1), "{mapping}");
            assert!(!isupport.same(other.0, other.1), "{mapping}");
        }
        assert_eq!(told(&["CASEMAPPING=ascii", "-CASEMAPPING"]), Isupport::default());
    }

    #[test]
    fn ranks_and_channels_are_as_the_server_has_them() {
        let isupport =
            told(&["PREFIX=(qaohv)~&@%+", "STATUSMSG=~&@%+", "CHANTYPES=#!", "NETWORK=Tea", "CHATHISTORY=50"]);
        assert_eq!(isupport.parted("~@anna"), ("~@", "anna"));
        assert_eq!((isupport.sign_of('h'), isupport.sign_of('b')), (Some('%'), None));
        assert!(isupport.height('~') < isupport.height('+') && isupport.height('x') == usize::MAX);
        assert_eq!(isupport.channel_of("@#tea"), Some("#tea"));
        assert_eq!((isupport.channel_of("!x"), isupport.channel_of("@bob")), (Some("!x"), None));
        assert_eq!((isupport.network(), isupport.page_entries()), (Some("Tea"), 50));
        assert_eq!(told(&["PREFIX="]).parted("@anna"), ("", "@anna"));
        assert_eq!(told(&["PREFIX=", "-PREFIX", "CHANTYPES=x", "-CHANTYPES"]), Isupport::default());
    }

    #[test]
    fn where_files_are_sent_to_may_change() {
        let both = ["soju.im/FILEHOST=https://a/upload", "draft/FILEHOST=https://a/u", "draft/AUTHTOKEN"];
        let isupport = told(&both);
        assert_eq!((isupport.filehost(), isupport.has_tokens()), (Some("https://a/upload"), true));
        let mut later = isupport.clone();
        later.take("-soju.im/FILEHOST");
        assert_eq!(later.filehost(), Some("https://a/u"));
        later.take("-draft/FILEHOST");
        later.take("-draft/AUTHTOKEN");
        assert_eq!(later, Isupport::default());
    }

    #[test]
    fn which_modes_take_a_parameter_is_known() {
        let isupport = told(&["CHANMODES=beI,k,lf,imnt"]);
        for (mode, set, unset) in
            [('b', true, true), ('k', true, true), ('l', true, false), ('i', false, false), ('o', true, true)]
        {
            assert_eq!(
                (isupport.takes_parameter(mode, true), isupport.takes_parameter(mode, false)),
                (set, unset),
                "{mode}"
            );
        }
    }
}
