//! Certificates in files: PEM, a chain and its key.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use thiserror::Error;

use crate::config::{Config, Tls, TlsFiles};

/// Why a certificate cannot be used; the sentence names the file.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{file} {problem}")]
    Wrong {
        /// The file.
        file: String,
        /// What is wrong, as the end of the sentence.
        problem: String,
    },
    /// The two do not belong together.
    #[error("{key} is not the key of the certificate in {cert}")]
    NotItsKey {
        /// The file of the certificate.
        cert: String,
        /// The file of the key.
        key: String,
    },
}

/// What tells one version of a file from the next: when it was changed, and its size.
type Version = Option<(SystemTime, u64)>;

/// Returns what tells whether the files of a certificate have changed.
pub(super) fn version(files: &TlsFiles) -> [Version; 2] {
    [&files.cert, &files.key].map(|file| {
        let about = fs::metadata(file).ok()?;
        Some((about.modified().ok()?, about.len()))
    })
}

/// Reads a certificate and its key.
///
/// # Errors
/// When a file cannot be read, is not PEM, or the key is not the certificate's.
pub fn load(files: &TlsFiles) -> Result<CertifiedKey, CertificateError> {
    let chain = read(&files.cert)?;
    let key = if files.key == files.cert { chain.clone() } else { read(&files.key)? };
    parse(&chain, &key, &files.cert, &files.key)
}

/// Makes a certificate out of PEM; the names of the files are for errors only.
pub(super) fn parse(chain: &[u8], key: &[u8], cert: &str, key_file: &str) -> Result<CertifiedKey, CertificateError> {
    let wrong =
        |file: &str, problem: &str| CertificateError::Wrong { file: file.to_owned(), problem: problem.to_owned() };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, pem::Error>>()
        .map_err(|error| wrong(cert, &format!("is not PEM: {error}")))?;
    if chain.is_empty() {
        return Err(wrong(
            cert,
            "holds no certificate: a section that begins with -----BEGIN CERTIFICATE----- is needed",
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
        pem::Error::NoItemsFound => wrong(
            key_file,
            "holds no key: a section that begins with -----BEGIN PRIVATE KEY----- is needed, without a password",
        ),
        error => wrong(key_file, &format!("is not PEM: {error}")),
    })?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            CertificateError::NotItsKey { cert: cert.to_owned(), key: key_file.to_owned() }
        }
        rustls::Error::InvalidCertificate(_) => wrong(cert, "holds a certificate that cannot be read"),
        error => wrong(key_file, &format!("holds a key that cannot be used: {error}")),
    })
}

/// Returns what is wrong with the certificates that a configuration names, one sentence for each listener.
pub fn problems(config: &Config) -> Vec<String> {
    let listens = config.listen.iter().enumerate();
    let wrong = listens.filter_map(|(position, listen)| match &listen.tls {
        Tls::Files(files) => Some(format!("listen[{}].tls: {}", position + 1, load(files).err()?)),
        Tls::Off | Tls::Auto => None,
    });
    wrong.collect()
}

fn read(file: &str) -> Result<Vec<u8>, CertificateError> {
    fs::read(Path::new(file)).map_err(|source| CertificateError::Unreadable { file: file.to_owned(), source })
}

/// Returns the cryptography that everything here uses; named explicitly, because a process may hold several.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
