//! What a certificate authority asks for, to be answered where it looks: on port 80 by the web server, on port 443 by TLS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::files;

/// The open challenges.
#[derive(Debug, Default)]
pub struct Challenges {
    /// For each token its answer: `http-01` of RFC 8555.
    answers: Mutex<BTreeMap<String, String>>,
    /// For each name a certificate that proves who answers: `tls-alpn-01` of RFC 8737.
    proofs: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Challenges {
    /// Returns the answer to `/.well-known/acme-challenge/TOKEN`.
    pub fn answer(&self, token: &str) -> Option<String> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    pub(super) fn set_answer(&self, token: &str, answer: &str) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), answer.to_owned());
    }

    /// Answers for a name with a certificate that holds this digest.
    pub(super) fn set_proof(&self, name: &str, digest: &[u8]) -> anyhow::Result<()> {
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let chain = vec![params.self_signed(&key)?.der().clone()];
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        // Not checked against each other: rustls would not read a certificate with this extension.
        let proof = CertifiedKey::new(chain, files::provider().key_provider.load_private_key(key)?);
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(name.to_ascii_lowercase(), Arc::new(proof));
        Ok(())
    }

    /// Forgets all: the authority has seen what it wanted, or not.
    pub(super) fn clear(&self) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned()
    }
}
