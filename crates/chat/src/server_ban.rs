//! Bans of the server: whom they fit, and how long. How they are set and undone: [`crate::features::server_ban`].

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;
use irc::casemap::{CaseMapping, Folded};
use irc::mask::{Mask, glob};
use serde::{Deserialize, Serialize};

use crate::person::Person;
use crate::refusal::{BadServerBan, Refusal};
use crate::time::Timestamp;

/// The most bans there may be.
pub const SERVER_BANS_MAX: usize = 4096;

/// The longest text of what is banned, in bytes.
pub const WHAT_BYTES_MAX: usize = 128;

/// The widest IPv4 network that can be banned: a 256th of all addresses.
pub const IPV4_PREFIX_MIN: u8 = 8;

/// The widest IPv6 network that can be banned: what a registry gives to the largest providers.
pub const IPV6_PREFIX_MIN: u8 = 19;

/// A mask with wildcards in each of its parts needs so many other letters and digits.
pub const LITERALS_MIN: usize = 4;

/// An IPv6 customer has at least so much: banning one address of it would be in vain.
const IPV6_CUSTOMER_PREFIX: u8 = 64;

/// What a ban looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BanKind {
    /// `nick!user@host` with wildcards; the host is the one that others see, or the address.
    Mask,
    /// An address or a network.
    Network,
    /// An account.
    Account,
}

/// One ban, as it is kept. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerBan {
    /// What it looks at.
    pub kind: BanKind,
    /// The mask, the network (`192.0.2.0/24`), or the account's name.
    pub what: Arc<str>,
    /// `nick!user@host` of who set it.
    pub by: Arc<str>,
    /// When it was set.
    pub at: Timestamp,
    /// When it ends; `None`: when it is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The nick it was set on, when somebody online was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick: Option<Arc<str>>,
    /// Why.
    #[serde(default)]
    pub reason: Arc<str>,
}

impl ServerBan {
    /// Tells whether it has come to its end.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Returns what is banned as an operator would write it to undo it.
    pub fn shown(&self) -> String {
        match self.kind {
            BanKind::Mask => self.what.to_string(),
            BanKind::Network => {
                let shown = address_or_network(&self.what);
                // A colon first would begin a last parameter.
                if shown.starts_with(':') { format!("0{shown}") } else { shown }
            }
            BanKind::Account => format!("account:{}", self.what),
        }
    }

    /// Tells whether it fits somebody.
    pub fn fits(&self, who: &Candidate<'_>, mapping: CaseMapping) -> bool {
        Pattern::of(self).fits(&self.what, who, mapping)
    }
}

/// A network of one address is shown as the address.
fn address_or_network(what: &str) -> String {
    match what.parse::<IpNet>() {
        Ok(network) if network.prefix_len() == network.max_prefix_len() => network.addr().to_string(),
        _ => what.to_owned(),
    }
}

/// Somebody whom a ban may fit.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// How they present themself, with their account.
    pub person: &'a Person,
    /// Where they are, when that is looked at.
    pub address: Option<IpAddr>,
}

impl<'a> Candidate<'a> {
    /// Describes a user at an address.
    pub fn new(person: &'a Person, address: Option<IpAddr>) -> Self {
        Self { person, address: address.map(|address| address.to_canonical()) }
    }
}

/// What a ban looks at, ready to be compared.
#[derive(Clone, Debug)]
enum Pattern {
    Mask,
    /// `None` for a network that cannot be read: it fits nobody.
    Network(Option<IpNet>),
    Account,
}

impl Pattern {
    fn of(ban: &ServerBan) -> Self {
        match ban.kind {
            BanKind::Mask => Self::Mask,
            BanKind::Network => Self::Network(ban.what.parse().ok()),
            BanKind::Account => Self::Account,
        }
    }

    fn fits(&self, what: &str, who: &Candidate<'_>, mapping: CaseMapping) -> bool {
        match self {
            Self::Mask => fits_mask(what, who, mapping),
            // This machine is never locked out of itself.
            Self::Network(network) => who
                .address
                .filter(|address| !address.is_loopback())
                .is_some_and(|address| network.is_some_and(|network| network.contains(&address))),
            Self::Account => {
                who.person.account.as_deref().is_some_and(|account| Mask::new(what).matches(account, mapping))
            }
        }
    }
}

fn fits_mask(what: &str, who: &Candidate<'_>, mapping: CaseMapping) -> bool {
    let mask = mapping.fold_cow(what);
    if glob(&mask, &mapping.fold_cow(who.person.mask())) {
        return true;
    }
    let Some(address) = who.address else { return false };
    let real = format!("{}!{}@{address}", who.person.nick(), who.person.username());
    glob(&mask, &mapping.fold_cow(&real))
}

/// All bans of the server.
#[derive(Clone, Debug, Default)]
pub struct ServerBans {
    bans: BTreeMap<(BanKind, Folded), (ServerBan, Pattern)>,
}

impl ServerBans {
    /// Adds a ban, or puts it in the place of the one on the same.
    pub fn put(&mut self, ban: ServerBan, mapping: CaseMapping) {
        let pattern = Pattern::of(&ban);
        self.bans.insert((ban.kind, mapping.fold(&ban.what)), (ban, pattern));
    }

    /// Removes a ban.
    pub fn remove(&mut self, kind: BanKind, what: &str, mapping: CaseMapping) -> Option<ServerBan> {
        self.bans.remove(&(kind, mapping.fold(what))).map(|(ban, _)| ban)
    }

    /// Finds a ban.
    pub fn get(&self, kind: BanKind, what: &str, mapping: CaseMapping) -> Option<&ServerBan> {
        self.bans.get(&(kind, mapping.fold(what))).map(|(ban, _)| ban)
    }

    /// Returns all bans by kind and text, also those that are over and not swept yet.
    pub fn all(&self) -> impl Iterator<Item = &ServerBan> {
        self.bans.values().map(|(ban, _)| ban)
    }

    /// Finds a ban that keeps somebody out now.
    pub fn fitting(&self, who: &Candidate<'_>, now: Timestamp, mapping: CaseMapping) -> Option<&ServerBan> {
        let mut bans = self.bans.values();
        bans.find(|(ban, pattern)| !ban.is_over(now) && pattern.fits(&ban.what, who, mapping)).map(|(ban, _)| ban)
    }

    /// Finds a ban that keeps an account out now.
    pub fn of_account(&self, account: &str, now: Timestamp, mapping: CaseMapping) -> Option<&ServerBan> {
        let accounts = self.bans.values().filter(|(ban, _)| ban.kind == BanKind::Account && !ban.is_over(now));
        accounts.map(|(ban, _)| ban).find(|ban| Mask::new(&ban.what).matches(account, mapping))
    }

    /// Returns the networks that are banned.
    pub fn networks(&self) -> BannedNetworks {
        let networks = self.bans.values().filter_map(|(ban, pattern)| match pattern {
            Pattern::Network(network) => Some(((*network)?, ban.until, Arc::clone(&ban.reason))),
            Pattern::Mask | Pattern::Account => None,
        });
        BannedNetworks(networks.collect())
    }

    /// Takes out the bans that are over.
    pub fn sweep(&mut self, now: Timestamp) -> Vec<ServerBan> {
        let over: Vec<_> =
            self.bans.iter().filter(|(_, (ban, _))| ban.is_over(now)).map(|(key, _)| key.clone()).collect();
        over.iter().filter_map(|key| self.bans.remove(key)).map(|(ban, _)| ban).collect()
    }

    /// Returns the number of bans.
    pub fn len(&self) -> usize {
        self.bans.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bans.is_empty()
    }
}

/// The networks that are banned, each until when and why: for whoever accepts connections, before anything is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannedNetworks(Vec<(IpNet, Option<Timestamp>, Arc<str>)>);

impl BannedNetworks {
    /// Finds what keeps an address out now; never this machine itself.
    pub fn refusal(&self, address: IpAddr, now: Timestamp) -> Option<Refusal> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        let fits = |(network, until, _): &&(IpNet, Option<Timestamp>, Arc<str>)| {
            until.is_none_or(|until| now < until) && network.contains(&address)
        };
        let (_, until, reason) = self.0.iter().find(fits)?;
        Some(Refusal::ServerBanned { reason: Arc::clone(reason), until: *until })
    }
}

/// What an operator wrote to say whom they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// An address, a network, a mask or an account.
    What(BanKind, String),
    /// A nick, or nothing that can be banned.
    Nick,
}

/// Finds out what a word names: `192.0.2.7`, `192.0.2.0/24`, `nick!user@host`, `*.example.org`, `account:name`; else a nick.
pub fn read(word: &str) -> Written {
    if let Some(network) = network(word) {
        return Written::What(BanKind::Network, network.to_string());
    }
    if let Some(account) = word.strip_prefix("account:").or_else(|| word.strip_prefix("a:")) {
        return Written::What(BanKind::Account, account.to_owned());
    }
    if word.contains(['!', '@']) {
        return Written::What(BanKind::Mask, Mask::parse_hostmask(word).to_string());
    }
    // No nick has these: it is a host.
    if word.contains(['.', ':', '*', '/']) {
        return Written::What(BanKind::Mask, Mask::parse_hostmask(&format!("*!*@{word}")).to_string());
    }
    Written::Nick
}

/// Reads an address or a network; what stands behind the prefix is cut off, and an IPv4 address in IPv6 is the IPv4 one.
pub fn network(word: &str) -> Option<IpNet> {
    match word.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical().into()),
        Err(_) => word.parse::<IpNet>().ok().map(|network| canonical(network.trunc())),
    }
}

/// Returns the IPv4 network that an IPv6 one stands for, when all of it is such addresses (`::ffff:192.0.2.0/120`).
fn canonical(network: IpNet) -> IpNet {
    /// The bits in front of an IPv4 address inside of an IPv6 one.
    const MAPPED_BITS: u8 = 96;
    let address = network.addr().to_canonical();
    match network.prefix_len().checked_sub(MAPPED_BITS) {
        Some(prefix) if network.addr().is_ipv6() && address.is_ipv4() => IpNet::new(address, prefix).unwrap_or(network),
        _ => network,
    }
}

/// Returns what to ban so that whoever is at this address stays out: the address, or an IPv6 customer's network. `None` for
/// this machine itself.
pub fn network_of(address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    if address.is_loopback() {
        return None;
    }
    let prefix = if address.is_ipv4() { 32 } else { IPV6_CUSTOMER_PREFIX };
    IpNet::new(address, prefix).ok().map(|network| network.trunc())
}

/// Looks for what is wrong with a ban, whoever is online.
///
/// # Errors
/// [`BadServerBan::Unreadable`], [`BadServerBan::Loopback`], [`BadServerBan::TooWide`].
pub fn judge(kind: BanKind, what: &str) -> Result<(), BadServerBan> {
    let unusable = what.is_empty()
        || what.len() > WHAT_BYTES_MAX
        || (kind != BanKind::Network && what.starts_with(':'))
        || what.contains(|character: char| character.is_whitespace() || character.is_control());
    if unusable {
        return Err(BadServerBan::Unreadable);
    }
    match kind {
        BanKind::Network => {
            let network: IpNet = what.parse().map_err(|_| BadServerBan::Unreadable)?;
            let loopback = match network {
                IpNet::V4(_) => network.addr().is_loopback(),
                IpNet::V6(_) => network.prefix_len() == network.max_prefix_len() && network.addr().is_loopback(),
            };
            let narrowest = if matches!(network, IpNet::V4(_)) { IPV4_PREFIX_MIN } else { IPV6_PREFIX_MIN };
            if network.prefix_len() < narrowest {
                Err(BadServerBan::TooWide)
            } else if loopback {
                Err(BadServerBan::Loopback)
            } else {
                Ok(())
            }
        }
        BanKind::Mask if is_too_wide(what) => Err(BadServerBan::TooWide),
        BanKind::Account if what.chars().all(|character| matches!(character, '*' | '?')) => Err(BadServerBan::TooWide),
        BanKind::Mask | BanKind::Account => Ok(()),
    }
}

/// Tells whether a mask says too little: no part of it is free of wildcards, and it has too few letters and digits.
fn is_too_wide(mask: &str) -> bool {
    let parts = mask.split(['!', '@']).filter(|part| !part.is_empty());
    let one_is_literal = parts.into_iter().any(|part| !part.contains(['*', '?']));
    !one_is_literal && mask.chars().filter(|character| character.is_alphanumeric()).count() < LITERALS_MIN
}

#[cfg(test)]
mod tests {
    use irc::names::{Nick, UserName};
    use proptest::prelude::*;

    use super::*;
    use crate::person::PersonFields;

    const MAPPING: CaseMapping = CaseMapping::Ascii;

    fn person(account: Option<&str>) -> Person {
        Person::from(PersonFields {
            nick: Nick::trusted("Eve"),
            username: UserName::trusted("~eve"),
            host: "a1b2.cloak".into(),
            realname: "Eve".into(),
            shown: None,
            account: account.map(Arc::from),
            bot: false,
            operator: false,
        })
    }

    fn ban(kind: BanKind, what: &str, until: Option<i64>) -> ServerBan {
        let until = until.map(Timestamp);
        ServerBan { kind, what: what.into(), by: "op".into(), at: Timestamp(0), until, nick: None, reason: "x".into() }
    }

    fn fits(word: &str, address: &str, account: Option<&str>) -> bool {
        let Written::What(kind, what) = read(word) else { panic!("{word} is a nick") };
        ban(kind, &what, None).fits(&Candidate::new(&person(account), address.parse().ok()), MAPPING)
    }

    #[test]
    fn what_words_name() {
        for (word, kind, what) in [
            ("192.0.2.7", BanKind::Network, "192.0.2.7/32"),
            ("192.0.2.7/24", BanKind::Network, "192.0.2.0/24"),
            ("::ffff:192.0.2.7", BanKind::Network, "192.0.2.7/32"),
            ("2001:db8::1/32", BanKind::Network, "2001:db8::/32"),
            ("account:Eve", BanKind::Account, "Eve"),
            ("a:Eve", BanKind::Account, "Eve"),
            ("*!*@host", BanKind::Mask, "*!*@host"),
            ("~eve@host", BanKind::Mask, "*!~eve@host"),
            ("*.example.org", BanKind::Mask, "*!*@*.example.org"),
            ("192.0.2.*", BanKind::Mask, "*!*@192.0.2.*"),
        ] {
            assert_eq!(read(word), Written::What(kind, what.to_owned()), "{word}");
        }
        assert_eq!(read("eve"), Written::Nick);
    }

    #[test]
    fn whom_they_fit() {
        assert!(fits("192.0.2.0/24", "192.0.2.9", None) && !fits("192.0.2.0/24", "192.0.3.9", None));
        assert!(fits("192.0.2.9", "::ffff:192.0.2.9", None));
        assert!(fits("2001:db8::/32", "2001:db8:1::7", None) && !fits("2001:db8::/32", "192.0.2.1", None));
        assert!(fits("EVE!*@*", "192.0.2.9", None) && fits("*!~eve@*.CLOAK", "x", None));
        assert!(fits("*!*@192.0.2.*", "192.0.2.9", None) && !fits("*!eve@*", "192.0.2.9", None));
        assert!(fits("account:EVA", "x", Some("eva")) && !fits("account:eva", "x", None));
        assert!(!fits("127.0.0.0/8", "127.0.0.1", None), "never this machine");
    }

    #[test]
    fn what_is_not_banned() {
        use BadServerBan::{Loopback, TooWide, Unreadable};
        for (word, wrong) in [
            ("*!*@*", Some(TooWide)),
            ("*!*@*.it", Some(TooWide)),
            ("*!*@*.info", None),
            ("eve!*@*", None),
            ("*!~a@*", None),
            ("account:*", Some(TooWide)),
            ("account:", Some(Unreadable)),
            ("10.0.0.0/7", Some(TooWide)),
            ("10.0.0.0/8", None),
            ("2000::/3", Some(TooWide)),
            ("127.0.0.1", Some(Loopback)),
            ("127.0.0.0/8", Some(Loopback)),
            ("::1", Some(Loopback)),
            ("a b@c", Some(Unreadable)),
        ] {
            let Written::What(kind, what) = read(word) else { panic!("{word} is a nick") };
            assert_eq!(judge(kind, &what).err(), wrong, "{word}");
        }
    }

    #[test]
    fn bans_end_and_are_swept() {
        let mut bans = ServerBans::default();
        bans.put(ban(BanKind::Mask, "eve!*@*", Some(100)), MAPPING);
        bans.put(ban(BanKind::Account, "eva", None), MAPPING);
        let (eve, now) = (person(Some("Eva")), Timestamp);
        let who = Candidate::new(&eve, Some([192, 0, 2, 9].into()));
        assert_eq!(bans.fitting(&who, now(99), MAPPING).map(|ban| ban.kind), Some(BanKind::Mask));
        assert_eq!(bans.fitting(&who, now(100), MAPPING).map(|ban| ban.kind), Some(BanKind::Account));
        assert!(
            bans.of_account("EVA", now(100), MAPPING).is_some() && bans.of_account("eve", now(0), MAPPING).is_none()
        );
        assert!(bans.sweep(now(99)).is_empty());
        assert_eq!((bans.sweep(now(100)).len(), bans.len()), (1, 1));
        assert!(bans.remove(BanKind::Account, "EVA", MAPPING).is_some() && bans.is_empty());
    }

    #[test]
    fn customers_have_networks() {
        let of = |address: &str| address.parse().ok().and_then(network_of).map(|network| network.to_string());
        assert_eq!(of("192.0.2.9").as_deref(), Some("192.0.2.9/32"));
        assert_eq!(of("2001:db8:0:7:1::9").as_deref(), Some("2001:db8:0:7::/64"));
        assert_eq!((of("127.0.0.1"), of("::1")), (None, None));
    }

    proptest! {
        #[test]
        fn a_network_has_the_addresses_that_begin_as_it_does(
            address in any::<[u8; 4]>(),
            other in any::<[u8; 4]>(),
            prefix in 0_u8..=32,
        ) {
            let shown = |octets: [u8; 4]| IpAddr::from(octets).to_string();
            let bits = |octets: [u8; 4]| u64::from(u32::from_be_bytes(octets)) >> (32 - prefix);
            let Written::What(kind, what) = read(&format!("{}/{prefix}", shown(address))) else { unreachable!() };
            let eve = person(None);
            let there = shown(other).parse().ok();
            let fits = ban(kind, &what, None).fits(&Candidate::new(&eve, there), MAPPING);
            prop_assert_eq!(fits, bits(address) == bits(other) && other[0] != 127);
        }

        #[test]
        fn what_is_read_is_read_again_as_the_same(word in "[a-z0-9*?!@.:/~]{0,16}") {
            if let Written::What(kind, what) = read(&word) {
                let by = ban(kind, &what, None).shown();
                prop_assert_eq!(read(&by), Written::What(kind, what), "{}", by);
            }
        }
    }
}
