//! `loggia-desktop [ADDRESS]`: a window on a chat server.

mod interrupts;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser};
use desktop::program::{self, Asked, Program};
use desktop::texts::Language;
use eframe::egui;

use interrupts::Answer;

/// A window on a chat server: Loggia, or any other that speaks IRC
#[derive(Debug, Parser)]
#[command(name = "loggia-desktop", version)]
struct Options {
    // Not a comment for the documentation, which would take the brackets for links.
    #[arg(help = "host[:port], irc:// ircs:// ws:// wss://host[:port][/path], \
                  plain://host:port?variant=quit|close|nick|username, or a link to join")]
    address: Option<String>,
    /// Your name; with an address, it connects at once
    #[arg(long)]
    nick: Option<String>,
    /// The room to enter
    #[arg(long)]
    room: Option<String>,
    /// The language [default: as chosen before, else as LC_ALL, LC_MESSAGES or LANG say]
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// Write the man page and shell completions of this program into a directory
    #[arg(long, value_name = "DIR", exclusive = true, hide = true)]
    write_manual: Option<PathBuf>,
}

/// The size of the window at the first start, and the smallest, in points.
const SIZE: (f32, f32) = (960.0, 640.0);
const SIZE_LEAST: [f32; 2] = [320.0, 320.0];

fn main() -> anyhow::Result<()> {
    let Options { address, nick, room, language, write_manual } = Options::parse();
    if let Some(directory) = write_manual {
        return manual::write(Options::command(), &directory)
            .with_context(|| format!("cannot write the manual into {}", directory.display()));
    }
    let asked = Asked { address, nick, room, language };
    let (directory, preferences) = program::kept();
    let size = preferences.window.unwrap_or(SIZE);
    let (is_interrupted, context) = (Arc::new(AtomicBool::new(false)), Arc::new(OnceLock::new()));
    watch_interrupts(Arc::clone(&is_interrupted), Arc::clone(&context)).context("cannot watch for Ctrl-C")?;
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("chat.loggia.Desktop")
        .with_inner_size([size.0, size.1])
        .with_min_inner_size(SIZE_LEAST);
    let options = eframe::NativeOptions { viewport, persist_window: false, ..eframe::NativeOptions::default() };
    let made = Box::new(move |creation: &eframe::CreationContext<'_>| {
        // It is set once: there is one window.
        let _ = context.set(creation.egui_ctx.clone());
        let program = Program::new(&creation.egui_ctx, asked, directory, preferences, is_interrupted);
        Ok(Box::new(program) as Box<dyn eframe::App>)
    });
    eframe::run_native("Loggia", options, made).map_err(|error| anyhow::anyhow!("cannot open a window: {error}"))
}

/// Closes the window when the program is asked to end (Ctrl-C in its terminal), and ends it at once when asked again.
fn watch_interrupts(is_interrupted: Arc<AtomicBool>, context: Arc<OnceLock<egui::Context>>) -> anyhow::Result<()> {
    interrupts::watch(move || {
        if is_interrupted.swap(true, Ordering::Relaxed) {
            return Answer::End;
        }
        if let Some(context) = context.get() {
            context.request_repaint();
        }
        Answer::Wait
    })
}
