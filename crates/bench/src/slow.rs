//! `loggia bench slow`: what readers who do not keep up cost the others.
//!
//! The same room at the same pace three times, each with a freshly started server: everybody reads; one more member stops reading;
//! one more reads ten kilobytes a second.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use socket2::{Domain, Protocol, Socket, Type};

use crate::compare::{self, Figure};
use crate::crowd::{Crowd, Faults, Outcome, Plan};
use crate::fanout::WARM_UP;
use crate::report::{Report, grouped_count, mebibytes};
use crate::scratch::Stage;
use crate::subject::{Running, Subject};

/// What a slow line carries, and how often some of it.
const SLOW_BYTES_PER_SECOND: usize = 10_000;
const SLOW_STEP: Duration = Duration::from_millis(100);

/// What the slow reader's own system takes without being read, so that it is the server that sees how slow it is.
const RECEIVE_BUFFER_BYTES: usize = 4096;

/// How large a room, how fast.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    compare: compare::Options,
    /// Members of the room who read
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    members: u32,
    /// Deliveries per second to them
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    rate: u32,
    /// Seconds of each measurement, after one of warming up
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
}

/// The one who does not keep up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Laggard {
    Nobody,
    Stopped,
    Slow,
}

/// What one run gave.
struct Run {
    alone: Outcome,
    stopped: Outcome,
    slow: Outcome,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let all = options.compare.measure_unstarted(|subject| {
        let with = |laggard| one(options, stage, subject, laggard);
        Ok(Run { alone: with(Laggard::Nobody)?, stopped: with(Laggard::Stopped)?, slow: with(Laggard::Slow)? })
    })?;
    let mut report = Report::new("slow");
    report.say(format!(
        "A room of {} at {} deliveries per second, with one more who stops reading, or reads {} bytes a second; {} runs of {} s in turns\n",
        options.members,
        grouped_count(options.rate.into()),
        grouped_count(SLOW_BYTES_PER_SECOND as u64),
        options.compare.runs(),
        options.seconds
    ));
    report.value("members", options.members);
    report.value("rate", options.rate);
    compare::report(&mut report, &all, &figures());
    compare::judge(&mut report, &all, |run| {
        let mut faults = Faults::default();
        for outcome in [&run.alone, &run.stopped, &run.slow] {
            faults.add(outcome.faults);
        }
        faults
    });
    Ok(report)
}

fn figures() -> Vec<Figure<Run>> {
    fn quotient(value: f64) -> String {
        format!("{value:.3}")
    }
    fn ratio(with: &Outcome, without: &Outcome, share: f64) -> f64 {
        with.latencies.quantile_ms(share) / without.latencies.quantile_ms(share).max(1e-3)
    }
    fn more_memory(with: &Outcome, without: &Outcome) -> Option<f64> {
        let peak = |outcome: &Outcome| outcome.usage.map(|usage| mebibytes(usage.peak_resident_bytes));
        Some(peak(with)? - peak(without)?)
    }
    let figure = |title, name, of| Figure { title, name, of, write: quotient };
    vec![
        figure("alone: p50, ms", "alone_p50_ms", |run: &Run| Some(run.alone.latencies.quantile_ms(0.5))),
        figure("alone: p99, ms", "alone_p99_ms", |run| Some(run.alone.latencies.quantile_ms(0.99))),
        figure("one stops: p50 : alone", "stopped_p50_ratio", |run| Some(ratio(&run.stopped, &run.alone, 0.5))),
        figure("one stops: p99 : alone", "stopped_p99_ratio", |run| Some(ratio(&run.stopped, &run.alone, 0.99))),
        figure("one stops: more memory, MiB", "stopped_mib", |run| more_memory(&run.stopped, &run.alone)),
        figure("one is slow: p50 : alone", "slow_p50_ratio", |run| Some(ratio(&run.slow, &run.alone, 0.5))),
        figure("one is slow: p99 : alone", "slow_p99_ratio", |run| Some(ratio(&run.slow, &run.alone, 0.99))),
        figure("one is slow: more memory, MiB", "slow_mib", |run| more_memory(&run.slow, &run.alone)),
    ]
}

fn one(options: &Options, stage: &Stage, subject: &Subject, laggard: Laggard) -> anyhow::Result<Outcome> {
    let server: Running = subject.start(stage)?;
    let members = usize::try_from(options.members)?;
    let mut crowd = Crowd::enter(&server, Plan { rooms: 1, members, senders: 8.min(members) })?;
    let reader = match laggard {
        Laggard::Nobody => None,
        Laggard::Stopped | Laggard::Slow => Some(join(server.address)?),
    };
    let reader = match (laggard, reader) {
        (Laggard::Slow, Some(stream)) => Some(Reading::Slowly(SlowReader::start(stream)?)),
        (_, stream) => stream.map(Reading::Never),
    };
    let outcome = crowd.pace(&server, options.rate, WARM_UP, Duration::from_secs(options.seconds.into()))?;
    drop(reader);
    Ok(outcome)
}

/// Who is kept until the measurement is over.
#[expect(dead_code, reason = "kept for their sockets")]
enum Reading {
    Never(TcpStream),
    Slowly(SlowReader),
}

/// Lets somebody into the room whose own system takes very little without being read.
fn join(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let failed = "the slow reader cannot connect";
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP)).context(failed)?;
    // Before the connection is made: its window follows.
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES).context(failed)?;
    socket.connect(&address.into()).context(failed)?;
    let mut stream = TcpStream::from(socket);
    stream.write_all(b"NICK laggard\r\nUSER laggard 0 * :bench\r\n").context("cannot write to the server")?;
    read_until(&mut stream, &[" 376 ", " 422 "])?;
    stream.write_all(b"JOIN #bench0\r\n").context("cannot write to the server")?;
    read_until(&mut stream, &[" 366 "])?;
    Ok(stream)
}

fn read_until(stream: &mut TcpStream, words: &[&str]) -> anyhow::Result<()> {
    let (mut heard, mut piece) = (Vec::new(), [0; 1024]);
    while !words.iter().any(|word| memchr::memmem::find(&heard, word.as_bytes()).is_some()) {
        let count = stream.read(&mut piece).context("the server does not answer")?;
        anyhow::ensure!(count > 0, "the server ends the connection: {}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&piece[..count]);
    }
    Ok(())
}

/// A thread that reads as much as a slow line carries. It ends when this is dropped, or the server closes.
struct SlowReader {
    _stop: Sender<()>,
}

impl SlowReader {
    fn start(stream: TcpStream) -> anyhow::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        std::thread::Builder::new()
            .name("slow reader".into())
            .spawn(move || read_slowly(stream, &stopped))
            .context("cannot start a thread")?;
        Ok(Self { _stop: stop })
    }
}

fn read_slowly(mut stream: TcpStream, stopped: &Receiver<()>) -> io::Result<()> {
    let mut piece = [0; SLOW_BYTES_PER_SECOND / 10];
    while stopped.recv_timeout(SLOW_STEP) == Err(RecvTimeoutError::Timeout) {
        if stream.read(&mut piece)? == 0 {
            break;
        }
    }
    Ok(())
}
