//! How the person wants the program to be: kept beside what is known of servers.

use serde::{Deserialize, Serialize};

use crate::texts::Language;

/// The smallest and the largest text, beside the usual one.
pub const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.7..=2.0;

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has them.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the person has chosen, and where the window was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// None: the system's.
    pub language: Option<Language>,
    /// The colours.
    pub theme: Theme,
    /// How large the text is, beside the usual size.
    pub zoom: f32,
    /// Whether messages for the person are told while the window is not looked at.
    pub notifications: bool,
    /// The inner size of the window, in points.
    pub window: Option<(f32, f32)>,
    /// The room that was entered first.
    pub room: String,
    /// The account that was logged in to last. Its password is in the keyring of the system, or nowhere.
    pub account: Option<String>,
    /// Whether passwords are kept there.
    pub keeps_passwords: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: None,
            theme: Theme::System,
            zoom: 1.0,
            notifications: true,
            window: None,
            room: "#piazza".to_owned(),
            account: None,
            keeps_passwords: true,
        }
    }
}

impl Preferences {
    /// Makes what was read from a file usable, whatever stood there.
    #[must_use]
    pub fn in_bounds(mut self) -> Self {
        let (smallest, largest) = (*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        self.zoom = if self.zoom.is_finite() { self.zoom.clamp(smallest, largest) } else { 1.0 };
        let is_size = |size: f32| size.is_finite() && (100.0..=20_000.0).contains(&size);
        self.window = self.window.filter(|(width, height)| is_size(*width) && is_size(*height));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_the_file_can_be_used() {
        let read = |text: &str| serde_json::from_str::<Preferences>(text).expect("preferences").in_bounds();
        assert_eq!(read("{}"), Preferences::default());
        let odd = read(r#"{"zoom": 100, "window": [1e30, 5], "theme": "dark", "language": "it"}"#);
        assert_eq!((odd.zoom, odd.window, odd.theme, odd.language), (2.0, None, Theme::Dark, Some(Language::It)));
        assert_eq!(read(r#"{"window": [800, 600]}"#).window, Some((800.0, 600.0)));
    }
}
