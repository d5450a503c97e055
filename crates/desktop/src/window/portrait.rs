//! The picture of a person: painted beside what they say, and in the settings that of the person themself, which is chosen there.

use eframe::egui;
use egui::{FontId, Pos2, Rect, RichText, Sense, vec2};
use link::http::Url;

use super::acts::Act;
use super::{Look, Wish, look, uploads};
use crate::network_thread::Live;
use crate::screen::attachment::thumbnail;
use crate::screen::uploads::{Stage, Upload};
use crate::screen::{Myself, Screen};

/// How wide it is, in points.
const SIDE: f32 = 28.0;

/// Paints a person's picture, where it stands on the chat's own server, else a letter on their colour. `avatar`: its address; empty
/// when there is none.
pub(super) fn paint(ui: &egui::Ui, look: &Look<'_>, nick: &str, avatar: &str, center: Pos2) {
    let address = shown(look, avatar).map(|url| url.to_string());
    if let Some(texture) = address.and_then(|address| look.pictures.borrow_mut().get(&address)) {
        let circle = Rect::from_center_size(center, vec2(SIDE, SIDE));
        egui::Image::from_texture(&texture).corner_radius(14).paint_at(ui, circle);
        return;
    }
    let colour = look::colour_of(nick, ui.visuals());
    ui.painter().circle_filled(center, SIDE / 2.0, colour.gamma_multiply(0.25));
    let letter = nick.chars().next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    ui.painter().text(center, egui::Align2::CENTER_CENTER, letter, FontId::proportional(15.0), colour);
}

/// Returns what is fetched of a person's picture; nothing when it stands elsewhere.
fn shown(look: &Look<'_>, avatar: &str) -> Option<Url> {
    thumbnail(avatar, &Url::parse(look.live.network.state().isupport.filehost()?)?)
}

/// Tells whether what is dropped or pasted is to be the person's own picture: the settings are open, and the server takes it.
pub(super) fn is_taken(screen: &Screen, live: &Live) -> bool {
    screen.is_about_myself()
        && live.network.has("draft/metadata-2")
        && live.network.state().isupport.filehost().is_some()
}

/// Shows the person's own picture as it would be, and offers to choose one from this machine, where the server takes some.
/// `portrait`: the one on its way.
pub(super) fn show(
    ui: &mut egui::Ui,
    look: &Look<'_>,
    portrait: Option<&Upload>,
    myself: &Myself,
    acts: &mut Vec<Act>,
) {
    let language = look.language;
    let takes_files = look.live.network.state().isupport.filehost().is_some();
    let is_elsewhere = !myself.avatar.is_empty() && shown(look, &myself.avatar).is_none();
    let is_hosted = takes_files && !is_elsewhere;
    let hint = language.text(if is_hosted { "settings.avatarHint" } else { "settings.avatarElsewhere" });
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::hover());
        paint(ui, look, &myself.nick, &myself.avatar, place.center());
        // One that was refused makes room for another.
        let is_free = portrait.is_none_or(|portrait| matches!(portrait.stage, Stage::Refused(_)));
        if takes_files && is_free && ui.button(language.text("settings.avatarChoose")).clicked() {
            acts.push(Act::Wish(Wish::ChoosePicture));
        }
        if let Some(portrait) = portrait {
            uploads::stop(ui, language, portrait, acts);
            if !is_free {
                uploads::stage(ui, language, portrait);
            }
        }
    });
    if let Some(refused) = portrait.filter(|portrait| matches!(portrait.stage, Stage::Refused(_))) {
        uploads::stage(ui, language, refused);
    }
    ui.label(RichText::new(hint).small().weak());
}
