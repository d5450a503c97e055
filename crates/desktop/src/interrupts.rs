//! Being asked to end: Ctrl-C in the program's terminal, and what systems send.

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The program ends by itself.
    Wait,
    /// It ends now.
    End,
}

/// Asks what is to be done each time, on a thread of its own.
///
/// # Errors
///
/// The system has no thread left, or does not let signals be watched.
#[cfg(unix)]
pub(crate) fn watch(mut answer: impl FnMut() -> Answer + Send + 'static) -> anyhow::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            if answer() == Answer::End {
                // The default is the end; where it cannot be brought about, the window is still closing.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    })?;
    Ok(())
}

/// The same, for Ctrl-C and Ctrl-Break.
#[cfg(windows)]
pub(crate) fn watch(mut answer: impl FnMut() -> Answer + Send + 'static) -> anyhow::Result<()> {
    /// `STATUS_CONTROL_C_EXIT`, as whoever is not asked ends.
    const ENDED_BY_CTRL_C: i32 = -0x3FFF_FEC6;

    ctrlc::set_handler(move || {
        if answer() == Answer::End {
            std::process::exit(ENDED_BY_CTRL_C);
        }
    })?;
    Ok(())
}
