//! Pictures that were fetched, for as long as they are seen.

use std::collections::{HashMap, VecDeque};

use eframe::egui;
use egui::{ColorImage, TextureHandle, TextureOptions};

/// The most pictures that are kept: those that were asked for longest ago are fetched again when they are seen again.
const PICTURES_MAX: usize = 200;

/// What is known of a picture.
enum Picture {
    Coming,
    There(TextureHandle),
    /// There is none, or it cannot be drawn.
    Missing,
}

/// All of them, by their addresses.
#[derive(Default)]
pub struct Pictures {
    known: HashMap<Box<str>, Picture>,
    order: VecDeque<Box<str>>,
    /// What is to be fetched.
    wanted: Vec<Box<str>>,
}

impl Pictures {
    /// Returns a picture if it is there; one that is not known is asked for.
    pub(super) fn get(&mut self, address: &str) -> Option<TextureHandle> {
        match self.known.get(address) {
            Some(Picture::There(texture)) => Some(texture.clone()),
            Some(Picture::Coming | Picture::Missing) => None,
            None => {
                if self.order.len() >= PICTURES_MAX
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.known.remove(&oldest);
                }
                self.known.insert(address.into(), Picture::Coming);
                self.order.push_back(address.into());
                self.wanted.push(address.into());
                None
            }
        }
    }

    /// Tells whether a picture is there: then its row is as high as it needs.
    pub(super) fn is_there(&self, address: &str) -> bool {
        matches!(self.known.get(address), Some(Picture::There(_)))
    }

    /// Returns what is to be fetched, once.
    pub fn take_wanted(&mut self) -> Vec<Box<str>> {
        std::mem::take(&mut self.wanted)
    }

    /// Takes a picture that has come, or that there is none.
    pub fn put(&mut self, ctx: &egui::Context, address: &str, image: Option<ColorImage>) {
        // One that is not waited for any more is asked for again.
        if let Some(picture) = self.known.get_mut(address) {
            *picture = match image {
                Some(image) => Picture::There(ctx.load_texture(address, image, TextureOptions::LINEAR)),
                None => Picture::Missing,
            };
        }
    }

    /// Forgets that one was asked for: it could not be asked for now.
    pub fn give_back(&mut self, address: &str) {
        self.known.remove(address);
        self.order.retain(|known| **known != *address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_asked_for_once_and_the_oldest_is_forgotten() {
        let ctx = egui::Context::default();
        let mut pictures = Pictures::default();
        assert!(pictures.get("a").is_none() && pictures.get("a").is_none());
        assert_eq!(pictures.take_wanted(), ["a".into()]);
        pictures.put(&ctx, "a", Some(ColorImage::filled([2, 1], egui::Color32::RED)));
        assert!(pictures.is_there("a") && pictures.get("a").is_some_and(|texture| texture.size() == [2, 1]));
        assert!(pictures.get("b").is_none());
        pictures.put(&ctx, "b", None);
        assert!(pictures.get("b").is_none());
        assert_eq!(pictures.take_wanted(), ["b".into()], "what is not there is not asked for again");
        for number in 0..PICTURES_MAX {
            pictures.get(&number.to_string());
        }
        assert_eq!(pictures.take_wanted().len(), PICTURES_MAX);
        assert!(!pictures.is_there("a") && pictures.known.len() == PICTURES_MAX);
        pictures.give_back("0");
        pictures.get("0");
        assert_eq!(pictures.take_wanted(), ["0".into()]);
    }
}
