//! AUTHENTICATE on the wire: SASL. Meaning: `chat::features::login`. Proof: `scenarios/sasl-plain.txt`,
//! `sasl-external.txt`, and for SCRAM the tests of [`crate::sasl::scram`].
//!
//! Spec: `IRCv3` "sasl" (3.1 and 3.2). The client says which mechanism, then what it has to say in pieces; the hall finds the
//! account, a worker checks the password, and the hall logs in. Whoever fails may try again; who is logged in may log in
//! to another account.

use std::sync::Arc;

use chat::command::{Command, Guest};
use chat::refusal::Refusal;
use irc::message::Message;
use irc::numerics;
use irc::write::LineWriter;
use smallvec::smallvec;

use crate::irc_session::{Cx, IrcSession, Stage, Then};
use crate::sasl::credentials::scram_keys;
use crate::sasl::pieces::{PIECE_BYTES, Pieces, Taken, split};
use crate::sasl::scram::{ClientFirst, Exchange, ScramError};
use crate::sasl::{self, Mechanism};
use crate::texts::accounts::{self as texts, LogInTrouble};
use crate::work::{Outcome, Work};

/// Where a connection's log-in stands.
#[derive(Debug, Default)]
pub struct LogIn {
    stage: LogInStage,
}

#[derive(Debug, Default)]
enum LogInStage {
    #[default]
    None,
    /// It has failed, and more may be on its way: what still comes of it is passed over.
    Discarding,
    /// The client is to say something. Boxed, as the others: a connection is not to be bigger for what takes it a moment.
    Listening(Box<(Pieces, Step)>),
    /// The hall looks for the account; later lines wait.
    LookingUp(Box<Claim>),
    /// A worker checks the password; later lines wait.
    Checking(Box<Claimed>),
    /// The hall logs in.
    Entering,
}

/// What the client is to say.
#[derive(Debug)]
enum Step {
    First(Mechanism),
    ScramFinal {
        claimed: Claimed,
        exchange: Box<Exchange>,
    },
    /// The client has seen the server's proof, and says `+`.
    ScramEnd(Claimed),
}

/// The account that the client says it is.
#[derive(Debug)]
struct Claimed {
    account: Arc<str>,
    credentials: Credentials,
}

/// What the claim is checked with.
struct Credentials(Arc<str>);

impl core::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Credentials")
    }
}

/// Who the client says it is, before it is known whether there is such an account.
#[derive(Debug)]
enum Claim {
    Plain { password: Secret },
    Scram(Box<ClientFirst>),
}

/// A password.
struct Secret(Box<str>);

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret")
    }
}

impl LogIn {
    /// Nobody logs in.
    pub(crate) const NONE: Self = Self { stage: LogInStage::None };

    /// Tells whether there is nothing that matters later.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self.stage, LogInStage::None)
    }

    /// Tells whether something is under way.
    pub fn is_running(&self) -> bool {
        !matches!(self.stage, LogInStage::None | LogInStage::Discarding)
    }

    /// Tells whether the hall's next refusal is about this.
    pub fn awaits_hall(&self) -> bool {
        matches!(self.stage, LogInStage::LookingUp(_) | LogInStage::Entering)
    }
}

/// Carries out `AUTHENTICATE mechanism`, `AUTHENTICATE piece` and `AUTHENTICATE *`.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let word = message.params.get(0).unwrap_or_default();
    if word == "*" {
        return abort(session, cx);
    }
    match core::mem::take(&mut session.busy.log_in.stage) {
        LogInStage::None => start(session, word, cx),
        LogInStage::Discarding if word.len() == PIECE_BYTES => session.busy.log_in.stage = LogInStage::Discarding,
        LogInStage::Discarding if Mechanism::from_name(word).is_some() => start(session, word, cx),
        LogInStage::Discarding => {}
        LogInStage::Listening(mut listening) => match listening.0.take(word) {
            Taken::More => session.busy.log_in.stage = LogInStage::Listening(listening),
            Taken::Whole(payload) => heard(session, listening.1, &payload, cx),
            Taken::TooLong => session.render(cx, |render| render.numeric(numerics::ERR_SASLTOOLONG, &[])),
            Taken::Endless => {
                session.busy.log_in.stage = LogInStage::Discarding;
                fail(session, LogInTrouble::TooLong, cx);
            }
            Taken::Garbled => fail(session, LogInTrouble::Form("base64"), cx),
        },
        // Lines wait while these are under way.
        waiting @ (LogInStage::LookingUp(_) | LogInStage::Checking(_) | LogInStage::Entering) => {
            session.busy.log_in.stage = waiting;
        }
    }
}

/// Ends what is under way, on the client's wish or because registration goes on without it (906).
pub fn abort(session: &mut IrcSession, cx: &mut Cx<'_>) {
    session.busy.log_in.stage = LogInStage::None;
    session.render(cx, |render| render.numeric(numerics::ERR_SASLABORTED, &[]));
}

fn start(session: &mut IrcSession, name: &str, cx: &mut Cx<'_>) {
    let offered = sasl::offered(cx.settings, cx.peer);
    let Some(mechanism) = Mechanism::from_name(name).filter(|one| offered.contains(one)) else {
        let names = sasl::names(&offered);
        session.render(cx, |render| render.numeric(numerics::RPL_SASLMECHS, &[irc::write::word_or_star(&names)]));
        return fail(session, LogInTrouble::Mechanism, cx);
    };
    listen(session, Step::First(mechanism), b"", cx);
}

/// Says something and waits for what the client says then.
fn listen(session: &mut IrcSession, step: Step, say: &[u8], cx: &mut Cx<'_>) {
    for piece in split(say) {
        LineWriter::new(cx.out).command("AUTHENTICATE").param(&piece).end();
    }
    session.busy.log_in.stage = LogInStage::Listening(Box::new((Pieces::default(), step)));
}

/// Says no (904). The client may try again.
fn fail(session: &mut IrcSession, trouble: LogInTrouble, cx: &mut Cx<'_>) {
    let why = texts::log_in(trouble, cx.settings.language);
    session.render(cx, |render| render.numeric(numerics::ERR_SASLFAIL, &[&why]));
}

/// Says no to a client's last message of SCRAM. "The entire server-final-message is OPTIONAL" then (RFC 5802, section 7), and it
/// is left out: clients expect 904 here, and one that got `e=…` first would still answer it.
fn fail_scram(session: &mut IrcSession, error: ScramError, cx: &mut Cx<'_>) {
    let trouble =
        if error == ScramError::InvalidProof { LogInTrouble::Wrong } else { LogInTrouble::Form(error.word()) };
    fail(session, trouble, cx);
}

/// Takes what the client has said.
fn heard(session: &mut IrcSession, step: Step, payload: &[u8], cx: &mut Cx<'_>) {
    let mapping = cx.settings.chat.names.casemapping;
    let is_foreign = |authzid: Option<&str>, name: &str| authzid.is_some_and(|other| !mapping.same(other, name));
    match step {
        Step::First(Mechanism::Plain) => match sasl::plain::parse(payload) {
            None => fail(session, LogInTrouble::Form("PLAIN"), cx),
            Some(plain) if is_foreign(plain.authzid, plain.authcid) => fail(session, LogInTrouble::Foreign, cx),
            Some(plain) => {
                let password = Secret(sasl::prepared(plain.password).into());
                look_up(session, plain.authcid, Claim::Plain { password }, cx);
            }
        },
        Step::First(Mechanism::ScramSha256) => match ClientFirst::parse(payload) {
            Err(error) => fail(session, LogInTrouble::Form(error.word()), cx),
            Ok(first) if is_foreign(first.authzid.as_deref(), &first.name) => {
                fail(session, LogInTrouble::Foreign, cx);
            }
            Ok(first) => {
                let name = first.name.clone();
                look_up(session, &name, Claim::Scram(Box::new(first)), cx);
            }
        },
        Step::First(Mechanism::External) => external(session, payload, cx),
        Step::ScramFinal { claimed, exchange } => match exchange.finish(payload) {
            Ok(proof) => listen(session, Step::ScramEnd(claimed), proof.as_bytes(), cx),
            Err(error) => fail_scram(session, error, cx),
        },
        Step::ScramEnd(claimed) => enter(session, claimed, cx),
    }
}

/// Asks the hall to log in to the account that the connection's certificate proves. The payload is empty, or names the
/// account that it must be.
fn external(session: &mut IrcSession, payload: &[u8], cx: &mut Cx<'_>) {
    let (certificate, authzid) = (cx.peer.vouchers.certificate.clone(), core::str::from_utf8(payload));
    match (certificate, authzid) {
        (None, _) => fail(session, LogInTrouble::NoCertificate, cx),
        (_, Err(_)) => fail(session, LogInTrouble::Form("EXTERNAL"), cx),
        (Some(certificate), Ok(authzid)) => {
            let account = Some(authzid).filter(|name| !name.is_empty()).map(Box::from);
            session.busy.log_in.stage = LogInStage::Entering;
            session.ask(smallvec![Command::LogInByCertificate { certificate, account }], None, cx);
        }
    }
}

/// Asks the hall for what the account is checked with. Later lines wait.
fn look_up(session: &mut IrcSession, account: &str, claim: Claim, cx: &mut Cx<'_>) {
    let guest = guest(cx);
    session.busy.log_in.stage = LogInStage::LookingUp(Box::new(claim));
    session.ask(smallvec![Command::FindCredentials { account: account.into(), guest }], None, cx);
    session.wait(Then::Authenticate);
}

/// Takes what the hall has found: the account's name as it is shown, and its credentials, empty for nobody's.
pub fn found(session: &mut IrcSession, account: &Arc<str>, kept: &Arc<str>, cx: &mut Cx<'_>) {
    let LogInStage::LookingUp(claim) = core::mem::take(&mut session.busy.log_in.stage) else { return };
    let claimed = Claimed { account: Arc::clone(account), credentials: Credentials(Arc::clone(kept)) };
    session.go_on(cx, |session, cx| match *claim {
        Claim::Plain { password } => {
            session.busy.log_in.stage = LogInStage::Checking(Box::new(claimed));
            let work = Work::Password { credentials: Arc::clone(kept), password: password.0 };
            session.work(work, Then::Authenticate, cx);
        }
        Claim::Scram(first) => {
            session.nonces = session.nonces.wrapping_add(1);
            let nonce = cx.settings.secrets.nonce(cx.id, session.nonces, cx.now);
            let folded = cx.settings.chat.names.casemapping.fold(&first.name);
            let salt = cx.settings.secrets.salt(folded.as_str());
            let keys = scram_keys(kept);
            let (exchange, say) = Exchange::begin(*first, keys, &nonce, &salt, cx.settings.scram_iterations);
            let step = Step::ScramFinal { claimed, exchange: Box::new(exchange) };
            listen(session, step, say.as_bytes(), cx);
        }
    });
}

/// Goes on when the password is checked.
pub fn worked(session: &mut IrcSession, outcome: &Outcome, cx: &mut Cx<'_>) {
    let LogInStage::Checking(claimed) = core::mem::take(&mut session.busy.log_in.stage) else { return };
    match outcome {
        Outcome::Password(true) => enter(session, *claimed, cx),
        Outcome::Busy => fail(session, LogInTrouble::Busy, cx),
        _ => fail(session, LogInTrouble::Wrong, cx),
    }
}

/// Asks the hall to log in.
fn enter(session: &mut IrcSession, claimed: Claimed, cx: &mut Cx<'_>) {
    session.busy.log_in.stage = LogInStage::Entering;
    let Claimed { account, credentials: Credentials(credentials) } = claimed;
    let guest = guest(cx);
    session.ask(smallvec![Command::LogIn { account, credentials, guest }], None, cx);
}

/// The hall said no.
pub fn refused(session: &mut IrcSession, refusal: &Refusal, cx: &mut Cx<'_>) {
    session.busy.log_in.stage = LogInStage::None;
    let trouble = match refusal {
        Refusal::TooManyGuesses { seconds } => LogInTrouble::TooMany { seconds: *seconds },
        Refusal::CannotKeep { .. } => LogInTrouble::Busy,
        Refusal::ServerBanned { .. } => LogInTrouble::Banned,
        _ => LogInTrouble::Wrong,
    };
    session.go_on(cx, |session, cx| fail(session, trouble, cx));
}

/// The session is logged in: 900, and 903 when it was by AUTHENTICATE.
pub fn logged_in(session: &mut IrcSession, account: &Arc<str>, cx: &mut Cx<'_>) {
    let by_sasl = matches!(session.busy.log_in.stage, LogInStage::Entering);
    session.busy.log_in.stage = LogInStage::None;
    if let Stage::Greeting(greeting) = &mut session.stage {
        greeting.account = Some((Arc::clone(account), cx.now.instant));
    }
    let mask = session.known_mask(cx);
    session.render(cx, |render| {
        render.numeric(numerics::RPL_LOGGEDIN, &[&mask, account, account]);
        if by_sasl {
            render.numeric(numerics::RPL_SASLSUCCESS, &[]);
        }
    });
}

/// The session is logged out (901).
pub fn logged_out(session: &IrcSession, cx: &mut Cx<'_>) {
    let mask = session.known_mask(cx);
    session.render(cx, |render| render.numeric(numerics::RPL_LOGGEDOUT, &[&mask]));
}

/// Returns from where somebody tries to get in.
pub(crate) fn guest(cx: &Cx<'_>) -> Guest {
    Guest { address: (!cx.peer.is_loopback()).then(|| cx.peer.counted_as()) }
}
