//! A certificate of our own making, for networks where no authority vouches for anybody. Who connects compares its
//! fingerprint, so it is made once and kept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, SanType, date_time_ymd};
use rustls::sign::CertifiedKey;

use super::files::{self, CertificateError};
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::reach::Reach;

/// The file in the data directory that holds certificate and key.
const FILE: &str = "tls-self-made.pem";

/// Reads the certificate from the data directory, or makes it: ECDSA P-256, for this server's names and addresses. It is good until the
/// end of the century, because clients that know its fingerprint are not to be made to learn another.
///
/// # Errors
/// When the file cannot be read or written, or is not what it should be.
pub(super) fn read_or_make(config: &Config, reach: &Reach, data: &DataDir) -> anyhow::Result<CertifiedKey> {
    let path = data.path().join(FILE).display().to_string();
    let pem = data.read_or_write(FILE, || Ok(make(config, reach)?.into_bytes()))?;
    files::parse(&pem, &pem, &path, &path).map_err(|error: CertificateError| {
        anyhow::anyhow!(
            "{error}: restore it from a backup, or remove it to have a new one, which has another fingerprint"
        )
    })
}

fn make(config: &Config, reach: &Reach) -> anyhow::Result<String> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, config.server.name.as_str());
    // A clock that is wrong by years, as on small machines after a power cut, is not to make it invalid.
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let names = [Some(&config.server.name), reach.public.as_ref(), Some(&"localhost".to_owned())];
    let mut alternatives = Vec::new();
    for name in names.into_iter().flatten() {
        alternatives.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        });
    }
    let addresses = [Some(Ipv4Addr::LOCALHOST.into()), Some(Ipv6Addr::LOCALHOST.into())];
    let outside = [reach.v4.map(IpAddr::from), reach.v6.map(IpAddr::from)];
    alternatives.extend(addresses.into_iter().chain(outside).flatten().map(SanType::IpAddress));
    alternatives.dedup();
    params.subject_alt_names = alternatives;
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    Ok(format!("{}{}", params.self_signed(&key)?.pem(), key.serialize_pem()))
}
