//! What the person wants that the window does not do itself.

use eframe::egui;
use egui::ViewportCommand;

use super::Program;
use crate::files::Choice;
use crate::network_thread::Live;
use crate::window::Wish;

impl Program {
    /// Does what has been wished for since the last picture.
    pub(super) fn do_wishes(&mut self, ctx: &egui::Context) {
        for wish in std::mem::take(&mut self.window.wishes) {
            self.do_wish(ctx, wish);
        }
    }

    fn do_wish(&mut self, ctx: &egui::Context, wish: Wish) {
        match wish {
            Wish::SignIn => self.sign_in(ctx),
            Wish::Leave => self.leave(),
            Wish::Believe(fingerprint) => {
                self.connect_again(|live| live.plan.pinned = Some(fingerprint.clone()));
                self.keep_about_server(|server| server.fingerprint = Some(fingerprint));
            }
            Wish::BeClear => {
                self.connect_again(|live| live.plan.may_be_clear = true);
                self.keep_about_server(|server| server.may_be_clear = true);
            }
            Wish::Keep => {
                let muted = self.window.screen.muted.iter().map(ToString::to_string).collect();
                let ignored = self.window.screen.ignored.iter().map(ToString::to_string).collect();
                self.keep_about_server(|server| (server.muted, server.ignored) = (muted, ignored));
            }
            Wish::ChooseFiles => self.choose(Choice::Files),
            Wish::ChoosePicture => self.choose(Choice::Picture),
            Wish::StopFile(number) => {
                if let Some(files) = &self.files {
                    files.stop(number);
                }
            }
            Wish::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    fn choose(&self, choice: Choice) {
        if let Some(files) = &self.files {
            files.choose(choice, self.window.language().text("upload.picture"));
        }
    }

    /// Lets the next connection do what the person has allowed, and opens it at once.
    fn connect_again(&self, allow: impl FnOnce(&mut Live)) {
        let Some(network) = &self.window.network else { return };
        let now = network.now();
        network.act(|live| {
            allow(live);
            live.network.hurry(now);
        });
    }
}
