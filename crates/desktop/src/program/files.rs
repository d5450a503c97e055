//! What is to be sent and fetched goes to threads, and what has come of it to the screen.

use std::path::PathBuf;

use client::outbox::What;
use eframe::egui;
use link::connection::Plan;
use link::http::Url;

use super::Program;
use crate::files::{Choice, Files, Told};
use crate::screen::uploads::{Purpose, Refusal, Source, Task};

impl Program {
    /// Sends files, and fetches pictures that are seen; takes what has come of it.
    pub(super) fn do_files(&mut self, ctx: &egui::Context) {
        while let Some(told) = self.files.as_ref().and_then(Files::next) {
            self.hear_of_file(ctx, told);
        }
        let Some(network) = &self.window.network else { return };
        let (plan, filehost) = {
            let live = network.live();
            (live.plan.clone(), live.network.state().isupport.filehost().and_then(Url::parse))
        };
        while let Some(task) = self.window.screen.uploads.next_task() {
            self.do_task(task, filehost.as_ref(), &plan);
        }
        self.fetch_pictures(&plan);
    }

    fn hear_of_file(&mut self, ctx: &egui::Context, told: Told) {
        match told {
            Told::Progress(number, part) => self.window.screen.uploads.progress(number, part),
            Told::Sent(number, Ok(address)) => match self.window.screen.uploads.finished(number, None) {
                Some(Purpose::Say(target)) => {
                    if let Some(network) = &self.window.network {
                        network.act(|live| live.network.say(What::say(&target, &address)));
                    }
                }
                Some(Purpose::Portrait) => self.window.screen.portrait_is_at(address),
                None => {}
            },
            Told::Sent(number, Err(refusal)) => {
                self.window.screen.uploads.finished(number, Some(refusal));
            }
            Told::Picture(address, image) => self.window.pictures.borrow_mut().put(ctx, &address, image),
            Told::Chosen(Choice::Files, paths) => self.send_chosen(paths),
            Told::Chosen(Choice::Picture, paths) => {
                for (name, path) in named(paths) {
                    self.window.portrait(name, Source::File(path));
                }
            }
        }
    }

    /// Sends files to the conversation that is shown.
    fn send_chosen(&mut self, paths: Vec<PathBuf>) {
        let Some(target) = self.window.target() else { return };
        for (name, path) in named(paths) {
            self.window.upload(&target, name, Source::File(path));
        }
    }

    fn do_task(&mut self, task: Task, filehost: Option<&Url>, plan: &Plan) {
        let (Some(network), Some(files)) = (&self.window.network, &self.files) else { return };
        let uploads = &mut self.window.screen.uploads;
        match (task, filehost) {
            (Task::AskToken, _) => {
                if !network.act(|live| live.network.ask_token()) {
                    let code = if filehost.is_some() { "OFFLINE" } else { "CLOSED" };
                    uploads.token(Err(code.into()));
                }
            }
            (Task::Send { number, name, source, token }, Some(url)) => {
                files.send(number, url.clone(), plan.clone(), (name, source, token));
            }
            (Task::Send { number, .. }, None) => {
                uploads.finished(number, Some(Refusal::of("CLOSED")));
            }
        }
    }

    /// Fetches the pictures that are seen and were not fetched yet.
    fn fetch_pictures(&self, plan: &Plan) {
        let Some(files) = &self.files else { return };
        let mut pictures = self.window.pictures.borrow_mut();
        for address in pictures.take_wanted() {
            let is_asked = Url::parse(&address).is_some_and(|url| files.fetch(url, plan.clone()));
            if !is_asked {
                pictures.give_back(&address);
            }
        }
    }
}

/// Returns files with what they are called.
fn named(paths: Vec<PathBuf>) -> impl Iterator<Item = (String, PathBuf)> {
    paths.into_iter().filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path)))
}
