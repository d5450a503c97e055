//! Certificates: which one each door shows, where they come from, and how they are exchanged while the server runs.
//!
//! A certificate is in files that somebody else keeps, or self-made, or had from an authority by ACME. A door's
//! handshakes ask for the current one each time, so a new one holds from the next connection on.

mod files;
mod self_made;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use transport::{AnyClient, TlsConfigs};

pub use self::files::{CertificateError, load, problems};
use crate::config::{Config, Listen, Tls, TlsFiles};
use crate::data_dir::DataDir;
use crate::reach::Reach;

/// How often the files are looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A certificate that can be exchanged while handshakes use it.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    fn new(certificate: CertifiedKey) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(certificate))))
    }

    fn get(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, certificate: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certificate);
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get())
    }
}

/// No certificate: nobody can be validated.
#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

/// A certificate and those doors' way of doing handshakes that show it.
#[derive(Debug)]
struct Source {
    tls: Tls,
    shown: Arc<Shown>,
    configs: Arc<TlsConfigs>,
    /// Which version of the files was looked at last, good or bad.
    seen: Mutex<[Option<(std::time::SystemTime, u64)>; 2]>,
}

/// The certificates of all doors.
#[derive(Debug)]
pub struct Certificates {
    sources: Vec<Source>,
    /// For each door, its place in `sources`.
    by_door: Vec<Option<usize>>,
}

impl Certificates {
    /// Finds or makes the certificates of these doors, and keeps looking at those in files.
    ///
    /// # Errors
    /// When a certificate cannot be used.
    pub fn open(config: &Config, doors: &[Listen], reach: &Reach, data: &DataDir) -> anyhow::Result<Arc<Self>> {
        let mut sources: Vec<Source> = Vec::new();
        let mut by_door = Vec::new();
        for door in doors {
            if door.tls == Tls::Off {
                by_door.push(None);
                continue;
            }
            let known = sources.iter().position(|source| source.tls == door.tls);
            by_door.push(Some(known.unwrap_or(sources.len())));
            if known.is_some() {
                continue;
            }
            let (certificate, seen) = match &door.tls {
                Tls::Files(files) => (load(files)?, files::version(files)),
                Tls::Auto | Tls::Off => (self_made::read_or_make(config, reach, data)?, Default::default()),
            };
            let shown = Shown::new(certificate);
            let configs = configs(&shown).context("cannot set up TLS")?;
            sources.push(Source { tls: door.tls.clone(), shown, configs, seen: Mutex::new(seen) });
        }
        let certificates = Arc::new(Self { sources, by_door });
        certificates.keep_looking()?;
        Ok(certificates)
    }

    /// Returns how handshakes at a door are done; none where there is no TLS.
    pub fn configs(&self, door: u16) -> Option<Arc<TlsConfigs>> {
        self.source(usize::from(door)).map(|source| Arc::clone(&source.configs))
    }

    /// Returns the fingerprint of a door's certificate, where it is self-made and people have to compare it.
    pub fn fingerprint(&self, door: usize) -> Option<String> {
        let source = self.source(door).filter(|source| source.tls == Tls::Auto)?;
        source.shown.get().cert.first().map(transport::fingerprint)
    }

    fn source(&self, door: usize) -> Option<&Source> {
        self.by_door.get(door).copied().flatten().map(|place| &self.sources[place])
    }

    /// Reads the files again. What is wrong with one stands in the log, and its old certificate goes on.
    pub fn reload(&self) {
        for source in &self.sources {
            if let Tls::Files(files) = &source.tls {
                source.read_again(files);
            }
        }
    }

    /// Starts the thread that looks at the files.
    fn keep_looking(self: &Arc<Self>) -> anyhow::Result<()> {
        if !self.sources.iter().any(|source| matches!(source.tls, Tls::Files(_))) {
            return Ok(());
        }
        // Ends with the last user of the certificates.
        let certificates = Arc::downgrade(self);
        let look = move || {
            while let Some(certificates) = certificates.upgrade() {
                for source in &certificates.sources {
                    source.look();
                }
                drop(certificates);
                std::thread::sleep(LOOK_EVERY);
            }
        };
        let thread = std::thread::Builder::new().name("certificates".to_owned()).spawn(look);
        thread.context("cannot start the thread that looks at certificates")?;
        Ok(())
    }
}

impl Source {
    /// Reads the files if they have changed.
    fn look(&self) {
        if let Tls::Files(files) = &self.tls
            && *self.seen.lock().unwrap_or_else(PoisonError::into_inner) != files::version(files)
        {
            self.read_again(files);
        }
    }

    fn read_again(&self, files: &TlsFiles) {
        // Before they are read: what changes meanwhile is seen the next time.
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = files::version(files);
        match load(files) {
            Ok(certificate) => {
                let is_new = certificate.cert != self.shown.get().cert;
                self.shown.set(certificate);
                if is_new {
                    tracing::info!("the certificate in {} has changed and holds from now on", files.cert);
                }
            }
            Err(error) => tracing::error!("the old certificate goes on: {error}"),
        }
    }
}

fn configs(shown: &Arc<Shown>) -> Result<Arc<TlsConfigs>, rustls::Error> {
    let provider = files::provider();
    let versions = || ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let resolver = || Arc::clone(shown) as Arc<dyn ResolvesServerCert>;
    let any_client = Arc::new(AnyClient::new(Arc::clone(&provider)));
    let programs = versions()?.with_client_cert_verifier(any_client).with_cert_resolver(resolver());
    let mut browsers = versions()?.with_no_client_auth().with_cert_resolver(resolver());
    browsers.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut authorities = versions()?.with_no_client_auth().with_cert_resolver(Arc::new(Nothing));
    authorities.alpn_protocols = vec![transport::ACME_PROTOCOL.to_vec()];
    Ok(Arc::new(TlsConfigs {
        browsers: Arc::new(browsers),
        authorities: Arc::new(authorities),
        programs: Arc::new(programs),
    }))
}
