//! `loggia serve`: from the configuration to a server that is ready to run.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use discovery::{Announcement, Offer};
use fetch::Fetcher;
use rustix::process::{Resource, getrlimit, setrlimit};
use session::settings::{FileHost, Sts};
use session::trusted_proxies::TrustedProxies;

use crate::admin::{self, Readiness};
use crate::certificates::{self, Certificates};
use crate::cli::Failure;
use crate::config::{Config, ConfigErrors, ConfigSource, not_yet};
use crate::data_dir::DataDir;
use crate::doors::{self, Door, Doors};
use crate::metrics::Metrics;
use crate::push::{self, Vapid};
use crate::reach::Reach;
use crate::settings::{self, Reload};
use crate::signals::Signals;
use crate::translate::Told;
use crate::web::{PageInfo, Rules, Web, WebHandle};
use crate::{announcing, banner, event_loop, logging};

/// Everything that the event loop takes over.
#[derive(Debug)]
pub struct Prepared {
    /// The configuration.
    pub config: Config,
    /// Where it came from, for a reload.
    pub source: ConfigSource,
    /// The listening sockets, never none.
    pub doors: Vec<Door>,
    /// How other machines reach this one.
    pub reach: Reach,
    /// The port by which IRC clients find TLS.
    pub sts_port: Option<u16>,
    /// Where files may be sent; none: nowhere.
    pub file_addresses: Option<FileHost>,
    /// The public key by which push services know this server; none: nobody is notified.
    pub vapid: Option<Arc<str>>,
    /// Asks servers that somebody else has named: push services, and the pages behind links.
    pub fetcher: Fetcher,
    /// The certificates of the doors.
    pub certificates: Arc<Certificates>,
    /// The data directory, held as long as this value lives; it knows the secret for cloaked addresses.
    pub data: DataDir,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What `/ready` tells; the event loop keeps it true.
    pub readiness: Arc<Readiness>,
    /// Where connections that speak HTTP go.
    pub web: WebHandle,
    /// What the signals ask for.
    pub signals: Signals,
    /// What the local network is to be told.
    pub offer: Option<Offer>,
    /// That it is told; withdrawn when this is dropped.
    pub announcement: Option<Announcement>,
}

impl Prepared {
    /// Says that every listener accepts: prints `ready`, tells systemd, `/ready` and the local network.
    pub fn announce_ready(&mut self) {
        self.readiness.set_listening(true);
        banner::ready();
        self.announcement = self.offer.as_ref().and_then(announcing::announce);
    }

    /// Opens the key that devices are notified with; `None` where they are not.
    ///
    /// # Errors
    /// When the key by which push services know this server cannot be read or made.
    pub fn open_push(&mut self) -> anyhow::Result<Option<Vapid>> {
        let config = &self.config;
        if !config.push.enabled {
            return Ok(None);
        }
        let vapid = Vapid::open(&self.data, push::contact(config))?;
        self.vapid = Some(vapid.public_key().into());
        Ok(Some(vapid))
    }

    /// Returns what clients are told of the way here.
    pub fn told(&self) -> Told {
        Told { sts: self.sts(), filehost: self.file_addresses.clone(), vapid: self.vapid.clone() }
    }

    /// Returns what clients are told of strict transport security: nothing while a certificate is self-made, because no client
    /// that believed it could come back.
    pub fn sts(&self) -> Option<Sts> {
        let seconds = self.config.sts.seconds;
        let port = self.sts_port.filter(|_| seconds > 0 && self.certificates.are_trusted())?;
        Some(Sts { seconds, port })
    }

    /// Reads the configuration again and takes over what may change in a running server; the sentences are for the log.
    ///
    /// # Errors
    /// When the file is wrong; nothing has changed then.
    pub fn reload(&mut self) -> Result<Vec<String>, ConfigErrors> {
        let Reload { effective, sentences } = settings::reload(&self.config, &self.source.load()?);
        self.config = effective;
        Ok(sentences)
    }
}

/// Runs the server until it is told to stop; `listen` are the addresses of the command line.
///
/// # Errors
/// When the configuration is wrong or asks for what this version lacks, when the data directory, a port or the system
/// says no, and when the event loop fails.
pub fn serve(source: ConfigSource, listen: &[String]) -> Result<(), Failure> {
    let config = source.load()?;
    let refusals = not_yet::refusals(&config);
    if !refusals.is_empty() {
        return Err(Failure::Usage(refusals.join("\n")));
    }
    let problems = certificates::problems(&config);
    if !problems.is_empty() {
        return Err(Failure::Usage(problems.join("\n")));
    }
    logging::start(config.log.format);
    for sentence in not_yet::warnings(&config) {
        tracing::warn!("{sentence}");
    }
    Ok(event_loop::run(prepare(config, source, listen)?)?)
}

fn prepare(config: Config, source: ConfigSource, listen: &[String]) -> anyhow::Result<Prepared> {
    let signals = Signals::install().context("cannot listen to signals")?;
    raise_file_limit();
    let data = DataDir::open(Path::new(&config.server.data), migrate)?;
    let opened = doors::open(&config, listen)?;
    let reach = Reach::find(&config.server.public_address);
    let listens: Vec<_> = opened.doors.iter().map(|door| door.settings.clone()).collect();
    let certificates = Certificates::open(&config, &listens, &reach, &data).context("cannot encrypt")?;
    let fingerprints: Vec<_> = (0..opened.doors.len()).map(|door| certificates.fingerprint(door)).collect();
    let metrics = Arc::new(Metrics::new());
    let readiness = Arc::new(Readiness::default());
    let web = Web::start(
        PageInfo::new(&config, &opened.doors, &reach, &fingerprints),
        rules(&config, &opened.doors, &certificates),
        metrics.connections_open.web.clone(),
    )
    .context("cannot start the thread for HTTP")?;
    if let Some(admin) = &config.admin {
        let listener = doors::open_one(&admin.address).context("cannot open the admin listener")?;
        let address = listener.local_addr().context("cannot tell where the admin listener is")?;
        let router = admin::router(Arc::clone(&metrics), Arc::clone(&readiness));
        web.serve(listener, router).context("cannot start the admin listener")?;
        tracing::info!(%address, "admin listener");
    }
    banner::print(&config, &opened, &reach, &fingerprints, data.path());
    let Doors { doors, .. } = opened;
    let offer = announcing::offer(&config, &doors, &fingerprints);
    let fetcher = push::fetcher(&config.push);
    Ok(Prepared {
        config,
        source,
        doors,
        reach,
        sts_port: None,
        file_addresses: None,
        vapid: None,
        fetcher,
        certificates,
        data,
        metrics,
        readiness,
        web,
        signals,
        offer,
        announcement: None,
    })
}

/// Returns who may open a WebSocket, whose word about browsers is believed, and what certificate authorities are told.
fn rules(config: &Config, doors: &[Door], certificates: &Certificates) -> Rules {
    Rules {
        trusted_proxies: TrustedProxies::new(config.server.trusted_proxies.iter().map(String::as_str)),
        origins: doors.iter().map(|door| door.settings.websocket_origins.clone()).collect(),
        challenges: certificates.challenges(),
    }
}

/// Brings an older data directory to the newest format. There is no older one yet.
pub(crate) fn migrate(_directory: &Path, format: u32) -> io::Result<()> {
    Err(io::Error::other(format!("format {format} is not known")))
}

/// Asks for as many open files as the system allows: each connection is one.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "cannot raise the limit of open files");
        }
    }
}
