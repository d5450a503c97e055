//! Running one input: panics are caught, and so is an input that never comes to an end.

use std::cell::RefCell;
use std::panic::{self, PanicHookInfo};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::{fs, process, thread};

use fuzz::Target;

/// No input is worth more time; what takes this long hangs.
const INPUT_TIME_MAX: Duration = Duration::from_secs(30);

/// Why an input failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what a panic says instead of printing it.
pub(crate) fn note_panic(panic: &PanicHookInfo<'_>) {
    let what = panic.payload_as_str().unwrap_or("a panic without words");
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    LAST_PANIC.with_borrow_mut(|last| *last = format!("{what}{place}"));
}

/// Runs a target's inputs, watched by a thread that knows what time it is.
pub(crate) struct Runner {
    target: &'static Target,
    watch: Sender<Watched>,
}

enum Watched {
    Begins(Vec<u8>),
    Ends,
}

impl Runner {
    pub(crate) fn new(target: &'static Target) -> Self {
        let (watch, watched) = channel();
        thread::spawn(move || watch_over(target, &watched));
        Self { target, watch }
    }

    /// Runs one input.
    pub(crate) fn run(&mut self, input: &[u8]) -> Result<(), Failure> {
        // The watcher lives as long as this end of the channel.
        let _ = self.watch.send(Watched::Begins(input.to_vec()));
        let result = panic::catch_unwind(|| (self.target.run)(input));
        let _ = self.watch.send(Watched::Ends);
        result.map_err(|_| Failure { what: LAST_PANIC.take() })
    }
}

fn watch_over(target: &Target, watched: &Receiver<Watched>) {
    while let Ok(message) = watched.recv() {
        let Watched::Begins(input) = message else { continue };
        if matches!(watched.recv_timeout(INPUT_TIME_MAX), Err(RecvTimeoutError::Timeout)) {
            let path = path_for(target, "hangs");
            let saved = fs::write(&path, &input);
            println!("{}: FAILED: an input takes more than {INPUT_TIME_MAX:?}", target.name);
            println!("    input ({} bytes): {}", input.len(), input.escape_ascii());
            println!("    {} {}", if saved.is_ok() { "saved as" } else { "cannot be saved as" }, path.display());
            println!("0 passed, 1 failed");
            process::exit(1);
        }
    }
}

/// Where an input is saved that failed.
pub(crate) fn path_for(target: &Target, how: &str) -> PathBuf {
    std::env::temp_dir().join(format!("loggia-fuzz-{}-{how}-{}", target.name, process::id()))
}
