//! TLS as clients have it: the server's certificate trusted, and certificates of their own, made as they are asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::CertifiedKey;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use crate::driver::Trouble;
use crate::fingerprint::fingerprint;

/// The server's own certificate in its data directory, with `tls = "auto"`.
const SELF_MADE: &str = "tls-self-made.pem";

/// The clients' certificates, by the name that the transcript gives them. What they say of their owner is the same in all: only the
/// key tells them apart.
#[derive(Default)]
pub(super) struct Certificates(BTreeMap<String, Pair>);

/// A certificate and its key.
pub(super) struct Pair {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Certificates {
    /// Returns the certificate of this name, made now if it is the first time.
    ///
    /// # Errors
    /// When none can be made.
    pub(super) fn named(&mut self, name: &str) -> Result<&Pair, Trouble> {
        if !self.0.contains_key(name) {
            let pair = Pair::new().map_err(|problem| Trouble(format!("cannot make a certificate: {problem}")))?;
            self.0.insert(name.to_owned(), pair);
        }
        Ok(&self.0[name])
    }
}

impl Pair {
    fn new() -> Result<Self, String> {
        let made = rcgen::generate_simple_self_signed(["client".to_owned()]).map_err(|error| error.to_string())?;
        let CertifiedKey { cert, signing_key } = made;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der())?;
        Ok(Self { certificate: cert.der().clone(), key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.certificate)
    }
}

/// A client of the server that has its data there: it trusts its certificate and no other, and shows its own if it has one.
///
/// # Errors
/// When that server has no certificate.
pub(super) fn client(data: &Path, own: Option<&Pair>) -> Result<ClientConnection, Trouble> {
    let file = data.join(SELF_MADE);
    let trouble = |problem: String| Trouble(format!("no TLS with {}: {problem}", file.display()));
    let pem = fs::read(&file).map_err(|error| trouble(format!("{error}; say `set listen.tls = \"auto\"`")))?;
    let server = CertificateDer::from_pem_slice(&pem).map_err(|error| trouble(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    roots.add(server).map_err(|error| trouble(error.to_string()))?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| trouble(error.to_string()))?
        .with_root_certificates(roots);
    let config = match own {
        Some(own) => config.with_client_auth_cert(vec![own.certificate.clone()], own.key.clone_key()),
        None => Ok(config.with_no_client_auth()),
    };
    let config = config.map_err(|error| trouble(error.to_string()))?;
    let name = ServerName::try_from("localhost").map_err(|error| trouble(error.to_string()))?;
    ClientConnection::new(Arc::new(config), name).map_err(|error| trouble(error.to_string()))
}
