//! Whether a server is the one it should be: by the fingerprint that the person believes, or by the authorities that the
//! system does.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// Believes, and remembers what it did not.
#[derive(Debug)]
pub(super) struct Believer {
    pinned: Option<String>,
    system: Verifier,
    provider: Arc<CryptoProvider>,
    refused: Mutex<Option<String>>,
}

impl Believer {
    pub(super) fn new(pinned: Option<String>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let system = Verifier::new(Arc::clone(&provider))?;
        Ok(Self { pinned, system, provider, refused: Mutex::new(None) })
    }

    /// Returns the fingerprint that was not believed.
    pub(super) fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes what a TLS connection needs.
pub(super) fn config(believer: Arc<Believer>) -> Result<ClientConfig, Error> {
    let provider = Arc::clone(&believer.provider);
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(believer)
        .with_no_client_auth();
    Ok(config)
}

/// Writes a fingerprint so that people can compare it: in groups.
pub(crate) fn in_groups(fingerprint: &str) -> String {
    let digits = fingerprint.to_ascii_lowercase();
    let groups: Vec<&str> = digits.as_bytes().chunks(8).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

impl ServerCertVerifier for Believer {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = transport::fingerprint(certificate);
        let believed = match &self.pinned {
            // Whoever pins a certificate means this one, whatever others say of it.
            Some(pinned) if *pinned == shown => Ok(ServerCertVerified::assertion()),
            Some(_) => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
            None => self.system.verify_server_cert(certificate, intermediates, host, ocsp, now),
        };
        if believed.is_err() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        }
        believed
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
