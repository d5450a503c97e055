//! Certificates from an authority by ACME (RFC 8555): had once, kept in the data directory, renewed in time.
//!
//! The authority looks for the answer to its challenge on port 443 (by TLS) or on port 80 (by HTTP). Which of them leads to
//! this server is not known here, so one is tried, and when it fails, the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, LetsEncrypt, NewAccount, NewOrder,
    OrderStatus, RetryPolicy,
};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::challenges::Challenges;
use super::{Shown, files};
use crate::{config, data_dir};

/// The file of the certificate and its key.
const CERTIFICATE: &str = "acme-certificate.pem";
/// The file of the account at the authority, with its key.
const ACCOUNT: &str = "acme-account.json";
/// How long after a failure the other challenge is tried.
const FIRST_RETRY: Duration = Duration::from_secs(15);
/// How long after further failures, doubling each time: authorities count them.
const RETRY: Duration = Duration::from_mins(10);
/// The longest time between two tries.
const RETRY_MAX: Duration = Duration::from_hours(6);
/// How often it is looked whether it is time to renew: a machine that slept must not miss it by much.
const LOOK_EVERY: Duration = Duration::from_hours(1);
/// How long the authority may take for one step.
const PATIENCE: Duration = Duration::from_mins(2);

/// Has certificates from an authority.
pub(super) struct Acme {
    pub(super) config: config::Acme,
    /// The data directory.
    pub(super) directory: PathBuf,
    pub(super) shown: Arc<Shown>,
    pub(super) challenges: Arc<Challenges>,
    /// Whether the challenge on port 80 is tried first.
    pub(super) http_first: bool,
    /// Told when there is a certificate.
    pub(super) news: Arc<AtomicBool>,
    pub(super) wake: Arc<super::Wake>,
}

/// The account, and at which authority.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    directory: String,
    credentials: AccountCredentials,
}

/// When a certificate is good, in seconds since 1970.
struct Validity {
    from: i64,
    until: i64,
}

impl Validity {
    /// After two thirds of its time, a certificate is renewed.
    fn is_to_be_renewed(&self, now: i64) -> bool {
        now >= self.until - (self.until - self.from) / 3
    }
}

impl Acme {
    /// Shows the certificate that is kept, if it is for these names and still good.
    pub(super) fn show_kept(&self) {
        let path = self.directory.join(CERTIFICATE);
        let Ok(pem) = std::fs::read(&path) else { return };
        let name = path.display().to_string();
        match files::parse(&pem, &pem, &name, &name).map_err(anyhow::Error::from).and_then(|kept| {
            ensure!(now() < validity(&kept)?.until, "it is out of date");
            ensure!(is_for(&kept, &self.config.domains)?, "it is for other names");
            Ok(kept)
        }) {
            Ok(kept) => self.show(kept),
            Err(error) => tracing::warn!("the certificate in {name} is not used: {error:#}"),
        }
    }

    fn show(&self, certificate: CertifiedKey) {
        self.shown.set(certificate);
        self.shown.is_trusted.store(true, Ordering::Release);
        self.news.store(true, Ordering::Release);
        self.wake.wake();
    }

    /// Starts the thread that has certificates and renews them; it ends with the process.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(super) fn start(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("acme".to_owned());
        thread.spawn(move || runtime.block_on(self.run())).context("cannot start the thread for ACME")?;
        Ok(())
    }

    async fn run(self) {
        let mut failures: u32 = 0;
        loop {
            let is_good = self.shown.is_trusted.load(Ordering::Acquire)
                && validity(&self.shown.get()).is_ok_and(|validity| !validity.is_to_be_renewed(now()));
            if is_good {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            let by_http = self.http_first ^ !failures.is_multiple_of(2);
            let outcome = self.have_one(by_http).await;
            self.challenges.clear();
            match outcome {
                Ok(()) => {
                    tracing::info!("the authority has given a certificate for {}", self.config.domains.join(", "));
                    failures = 0;
                }
                Err(error) => {
                    failures += 1;
                    let wait = pause(failures);
                    let port = if by_http { 80 } else { 443 };
                    let seconds = wait.as_secs();
                    tracing::error!(
                        "no certificate by ACME (challenge on port {port}), again in {seconds} s: {error:#}"
                    );
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// Goes once through the whole exchange with the authority.
    async fn have_one(&self, by_http: bool) -> anyhow::Result<()> {
        let account = self.account().await?;
        let names: Vec<_> = self.config.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await.context("the order was refused")?;
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            match authorization.status {
                AuthorizationStatus::Pending => {}
                AuthorizationStatus::Valid => continue,
                other => bail!("an authorization is {other:?}"),
            }
            let kind = if by_http { ChallengeType::Http01 } else { ChallengeType::TlsAlpn01 };
            let mut challenge = authorization.challenge(kind).context("the authority does not offer this challenge")?;
            let answer = challenge.key_authorization();
            if by_http {
                self.challenges.set_answer(&challenge.token, answer.as_str());
            } else {
                self.challenges.set_proof(&challenge.identifier().to_string(), answer.digest().as_ref())?;
            }
            challenge.set_ready().await?;
        }
        let patience = RetryPolicy::default().timeout(PATIENCE);
        let status = order.poll_ready(&patience).await?;
        ensure!(
            status == OrderStatus::Ready,
            "the authority does not find this server under all its names: {status:?}"
        );
        let key = order.finalize().await.context("the request was refused")?;
        let chain = order.poll_certificate(&patience).await?;
        let pem = format!("{chain}{key}");
        let certificate = files::parse(pem.as_bytes(), pem.as_bytes(), CERTIFICATE, CERTIFICATE)?;
        data_dir::write_whole(&self.directory, CERTIFICATE, pem.as_bytes())?;
        self.show(certificate);
        Ok(())
    }

    /// Returns the account that is kept, or a new one.
    async fn account(&self) -> anyhow::Result<Account> {
        let directory = match self.config.directory.as_str() {
            "" => LetsEncrypt::Production.url(),
            written => written,
        };
        let kept = std::fs::read(self.directory.join(ACCOUNT)).ok();
        if let Some(kept) = kept.and_then(|kept| serde_json::from_slice::<KeptAccount>(&kept).ok())
            && kept.directory == directory
        {
            let account = Account::builder()?.from_credentials(kept.credentials).await;
            return account.with_context(|| format!("the account at {directory} cannot be used"));
        }
        let contact: Vec<String> = Some(&self.config.contact)
            .filter(|contact| !contact.is_empty())
            .map(|contact| if contact.contains(':') { contact.clone() } else { format!("mailto:{contact}") })
            .into_iter()
            .collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let wanted = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let made = Account::builder()?.create(&wanted, directory.to_owned(), None).await;
        let (account, credentials) = made.with_context(|| format!("no account at {directory}"))?;
        let kept = KeptAccount { directory: directory.to_owned(), credentials };
        data_dir::write_whole(&self.directory, ACCOUNT, &serde_json::to_vec(&kept)?)?;
        Ok(account)
    }
}

/// Returns how long to wait after so many failures.
fn pause(failures: u32) -> Duration {
    match failures.checked_sub(2) {
        None => FIRST_RETRY,
        Some(doublings) => RETRY.saturating_mul(1 << doublings.min(16)).min(RETRY_MAX),
    }
}

fn validity(certificate: &CertifiedKey) -> anyhow::Result<Validity> {
    let (_, parsed) = X509Certificate::from_der(certificate.end_entity_cert()?).context("it cannot be read")?;
    let validity = parsed.validity();
    Ok(Validity { from: validity.not_before.timestamp(), until: validity.not_after.timestamp() })
}

/// Tells whether a certificate is for all these names.
fn is_for(certificate: &CertifiedKey, names: &[String]) -> anyhow::Result<bool> {
    let (_, parsed) = X509Certificate::from_der(certificate.end_entity_cert()?).context("it cannot be read")?;
    let alternatives = parsed.subject_alternative_name()?.map(|found| &found.value.general_names);
    let has = |name: &String| {
        alternatives
            .into_iter()
            .flatten()
            .any(|found| matches!(found, GeneralName::DNSName(found) if found.eq_ignore_ascii_case(name)))
    };
    Ok(names.iter().all(has))
}

#[expect(clippy::disallowed_methods, reason = "a certificate is out of date by the calendar, not by the loop's clock")]
fn now() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_further_and_further_apart() {
        let pauses: Vec<u64> = (1..=9).map(|failures| pause(failures).as_secs()).collect();
        assert_eq!(pauses, [15, 600, 1200, 2400, 4800, 9600, 19_200, 21_600, 21_600]);
        assert_eq!(pause(u32::MAX), RETRY_MAX);
    }

    #[test]
    fn renewed_after_two_thirds() {
        let validity = Validity { from: 1000, until: 1900 };
        assert!(!validity.is_to_be_renewed(1599) && validity.is_to_be_renewed(1600) && validity.is_to_be_renewed(5000));
    }
}
