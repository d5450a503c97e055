//! Colours, sizes and fonts.

use eframe::egui;
use egui::{Color32, FontFamily, TextStyle, Theme, Visuals};

use crate::preferences;

/// Sets everything that does not change while the program runs.
pub fn set(ctx: &egui::Context) {
    ctx.set_visuals_of(Theme::Dark, visuals(true));
    ctx.set_visuals_of(Theme::Light, visuals(false));
    ctx.all_styles_mut(|style| {
        style.text_styles.insert(TextStyle::Body, egui::FontId::new(14.5, FontFamily::Proportional));
        style.text_styles.insert(TextStyle::Button, egui::FontId::new(14.0, FontFamily::Proportional));
        style.text_styles.insert(TextStyle::Small, egui::FontId::new(11.5, FontFamily::Proportional));
        style.spacing.button_padding = egui::vec2(8.0, 4.0);
        style.spacing.item_spacing = egui::vec2(8.0, 5.0);
        // What moves costs, and distracts.
        style.animation_time = 0.0;
    });
}

/// Sets what the person has chosen.
pub fn prefer(ctx: &egui::Context, chosen: &preferences::Preferences) {
    ctx.set_theme(match chosen.theme {
        preferences::Theme::System => egui::ThemePreference::System,
        preferences::Theme::Light => egui::ThemePreference::Light,
        preferences::Theme::Dark => egui::ThemePreference::Dark,
    });
    ctx.set_zoom_factor(chosen.zoom);
}

fn visuals(is_dark: bool) -> Visuals {
    let mut visuals = if is_dark { Visuals::dark() } else { Visuals::light() };
    // The contrast of text on its ground is at least 7:1.
    let text = if is_dark { Color32::from_gray(226) } else { Color32::from_gray(28) };
    // A cursor that blinks draws the whole window twice a second.
    visuals.text_cursor.blink = false;
    visuals.widgets.noninteractive.fg_stroke.color = text;
    visuals.widgets.inactive.fg_stroke.color = text;
    visuals.panel_fill = if is_dark { Color32::from_rgb(27, 28, 33) } else { Color32::from_rgb(250, 250, 248) };
    visuals.window_fill = visuals.panel_fill;
    visuals.extreme_bg_color = if is_dark { Color32::from_rgb(18, 19, 23) } else { Color32::WHITE };
    visuals.hyperlink_color = if is_dark { Color32::from_rgb(130, 180, 255) } else { Color32::from_rgb(0, 82, 165) };
    visuals.warn_fg_color = if is_dark { Color32::from_rgb(255, 200, 100) } else { Color32::from_rgb(140, 75, 0) };
    visuals.error_fg_color = if is_dark { Color32::from_rgb(255, 140, 130) } else { Color32::from_rgb(170, 20, 20) };
    visuals
}

/// The colour of what is for the person.
pub(super) fn accent(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(255, 170, 90) } else { Color32::from_rgb(165, 70, 0) }
}

/// What stands behind what is for the person.
pub(super) fn mention_ground(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(70, 52, 30) } else { Color32::from_rgb(255, 236, 210) }
}

/// The colour of somebody's name, always the same: readable on the ground of each theme.
pub(super) fn colour_of(nick: &str, visuals: &Visuals) -> Color32 {
    const DARK: [(u8, u8, u8); 8] = [
        (255, 150, 140),
        (255, 190, 110),
        (220, 215, 110),
        (150, 220, 140),
        (110, 215, 205),
        (135, 190, 255),
        (200, 170, 255),
        (255, 155, 210),
    ];
    const LIGHT: [(u8, u8, u8); 8] = [
        (168, 36, 28),
        (145, 78, 0),
        (105, 98, 0),
        (30, 110, 40),
        (0, 108, 104),
        (20, 84, 170),
        (104, 60, 180),
        (160, 30, 110),
    ];
    let number =
        nick.to_lowercase().bytes().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let (red, green, blue) = if visuals.dark_mode { DARK[number % DARK.len()] } else { LIGHT[number % LIGHT.len()] };
    Color32::from_rgb(red, green, blue)
}

/// IRC's sixteen colours, kept readable: white and black are the text's own colour on the ground on which they would vanish.
pub(super) fn irc_colour(number: u8, visuals: &Visuals) -> Color32 {
    const DARK: [u32; 16] = [
        0xff_ffff, 0x9a_9a9a, 0x7d_a7ff, 0x6f_d96f, 0xff_6f6f, 0xe0_9060, 0xd8_90ff, 0xff_b060, 0xff_f080, 0x9f_ff9f,
        0x60_d8d8, 0x90_ffff, 0xa0_b8ff, 0xff_a0ff, 0xa8_a8a8, 0xd8_d8d8,
    ];
    const LIGHT: [u32; 16] = [
        0x60_6060, 0x00_0000, 0x00_0090, 0x00_7000, 0xc8_0000, 0x80_2800, 0x80_0090, 0xa8_5000, 0x80_7000, 0x00_7800,
        0x00_7070, 0x00_6c80, 0x00_00d8, 0xb0_00b0, 0x58_5858, 0x70_7070,
    ];
    let table = if visuals.dark_mode { DARK } else { LIGHT };
    let [_, red, green, blue] = table[usize::from(number % 16)].to_be_bytes();
    Color32::from_rgb(red, green, blue)
}
