//! Certificates: which one each door shows, where they come from, and how they are exchanged while the server runs.
//!
//! A certificate is in files that somebody else keeps, or self-made, or had from an authority by ACME. A door's
//! handshakes ask for the current one each time, so a new one holds from the next connection on.

mod acme;
mod challenges;
mod files;
mod self_made;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use transport::{AnyClient, TlsConfigs};

use self::acme::Acme;
pub use self::challenges::Challenges;
pub use self::files::{CertificateError, load, problems};
use crate::config::{Config, Dialect, Listen, Tls, TlsFiles};
use crate::data_dir::DataDir;
use crate::reach::Reach;

/// How often the files are looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A certificate that can be exchanged while handshakes use it.
#[derive(Debug)]
struct Shown {
    certificate: RwLock<Arc<CertifiedKey>>,
    /// Whether clients can know it without having seen it: it is not self-made.
    is_trusted: AtomicBool,
}

impl Shown {
    fn new(certificate: CertifiedKey, is_trusted: bool) -> Arc<Self> {
        let certificate = RwLock::new(Arc::new(certificate));
        Arc::new(Self { certificate, is_trusted: AtomicBool::new(is_trusted) })
    }

    fn get(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certificate.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, certificate: CertifiedKey) {
        *self.certificate.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certificate);
    }
}

/// Whom to wake when a certificate has come.
#[derive(Default)]
struct Wake(Mutex<Option<Box<dyn Fn() + Send>>>);

impl std::fmt::Debug for Wake {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Wake").finish_non_exhaustive()
    }
}

impl Wake {
    fn wake(&self) {
        if let Some(wake) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            wake();
        }
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get())
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
    challenges: Arc<Challenges>,
    /// Whether a certificate has come from an authority since it was last asked.
    news: Arc<AtomicBool>,
    wake: Arc<Wake>,
    /// The thread that looks at files ends with it.
    _looking: Sender<()>,
}

impl Certificates {
    /// Finds or makes the certificates of these doors, and keeps looking at those in files.
    ///
    /// # Errors
    /// When a certificate cannot be used.
    pub fn open(config: &Config, doors: &[Listen], reach: &Reach, data: &DataDir) -> anyhow::Result<Arc<Self>> {
        let challenges = Arc::new(Challenges::default());
        let (news, wake) = (Arc::new(AtomicBool::new(false)), Arc::new(Wake::default()));
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
            let shown = Shown::new(certificate, door.tls != Tls::Auto);
            let configs = configs(&shown, &challenges).context("cannot set up TLS")?;
            if door.tls == Tls::Auto && !config.acme.domains.is_empty() {
                let acme = Acme {
                    config: config.acme.clone(),
                    directory: data.path().to_owned(),
                    shown: Arc::clone(&shown),
                    challenges: Arc::clone(&challenges),
                    http_first: http_first(doors),
                    news: Arc::clone(&news),
                    wake: Arc::clone(&wake),
                };
                acme.show_kept();
                acme.start()?;
            }
            sources.push(Source { tls: door.tls.clone(), shown, configs, seen: Mutex::new(seen) });
        }
        let (looking, ended) = mpsc::channel();
        let certificates = Arc::new(Self { sources, by_door, challenges, news, wake, _looking: looking });
        certificates.keep_looking(ended)?;
        Ok(certificates)
    }

    /// Returns how handshakes at a door are done; none where there is no TLS.
    pub fn configs(&self, door: u16) -> Option<Arc<TlsConfigs>> {
        self.source(usize::from(door)).map(|source| Arc::clone(&source.configs))
    }

    /// Returns the fingerprint of a door's certificate, where it is self-made and people have to compare it.
    pub fn fingerprint(&self, door: usize) -> Option<String> {
        let source = self.source(door).filter(|source| !source.shown.is_trusted.load(Ordering::Acquire))?;
        source.shown.get().cert.first().map(transport::fingerprint)
    }

    /// Tells whether all doors with TLS have certificates that clients can know without having seen them.
    pub fn are_trusted(&self) -> bool {
        self.sources.iter().all(|source| source.shown.is_trusted.load(Ordering::Acquire))
    }

    /// Returns what a certificate authority looks for on port 80.
    pub fn challenges(&self) -> Arc<Challenges> {
        Arc::clone(&self.challenges)
    }

    /// Says what to call, on another thread, when a certificate has come from an authority.
    pub fn set_wake(&self, wake: impl Fn() + Send + 'static) {
        *self.wake.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(wake));
    }

    /// Tells whether a certificate has come from an authority, once for each time.
    pub fn take_news(&self) -> bool {
        self.news.swap(false, Ordering::AcqRel)
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
    fn keep_looking(self: &Arc<Self>, ended: Receiver<()>) -> anyhow::Result<()> {
        if !self.sources.iter().any(|source| matches!(source.tls, Tls::Files(_))) {
            return Ok(());
        }
        let certificates = Arc::downgrade(self);
        let look = move || {
            while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                let Some(certificates) = certificates.upgrade() else { return };
                certificates.sources.iter().for_each(Source::look);
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

/// Tells whether a certificate authority more likely finds the web server on port 80 than TLS on port 443.
fn http_first(doors: &[Listen]) -> bool {
    let on_443 = |door: &Listen| door.tls == Tls::Auto && door.address.ends_with(":443");
    let plain_web = |door: &Listen| door.tls == Tls::Off && door.dialects.contains(&Dialect::Web);
    !doors.iter().any(on_443) && doors.iter().any(plain_web)
}

fn configs(shown: &Arc<Shown>, challenges: &Arc<Challenges>) -> Result<Arc<TlsConfigs>, rustls::Error> {
    let provider = files::provider();
    let versions = || ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let resolver = || Arc::clone(shown) as Arc<dyn ResolvesServerCert>;
    let any_client = Arc::new(AnyClient::new(Arc::clone(&provider)));
    let programs = versions()?.with_client_cert_verifier(any_client).with_cert_resolver(resolver());
    let mut browsers = versions()?.with_no_client_auth().with_cert_resolver(resolver());
    browsers.alpn_protocols = vec![b"http/1.1".to_vec()];
    let mut authorities =
        versions()?.with_no_client_auth().with_cert_resolver(Arc::clone(challenges) as Arc<dyn ResolvesServerCert>);
    authorities.alpn_protocols = vec![transport::ACME_PROTOCOL.to_vec()];
    Ok(Arc::new(TlsConfigs {
        browsers: Arc::new(browsers),
        authorities: Arc::new(authorities),
        programs: Arc::new(programs),
    }))
}
