//! What a file is, and which program has written it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Programs whose files can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// An archive that `loggia export` has written
    Loggia,
    /// A log of irssi
    Irssi,
    /// A log of WeeChat
    Weechat,
    /// An export of Slack: the zip file or its folder
    Slack,
    /// A channel, as DiscordChatExporter writes it with `--format Json`
    Discord,
    /// A bulk export of Mattermost: the zip file, its folder, or the .jsonl file in it
    Mattermost,
}

/// The most that is read of a file to see what it is.
const LOOK_BYTES: u64 = 4096;

impl Format {
    /// Returns the name on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Loggia => "loggia",
            Self::Irssi => "irssi",
            Self::Weechat => "weechat",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Mattermost => "mattermost",
        }
    }
}

/// Says what a file is: as it was said to be, else as it looks.
///
/// # Errors
/// When it cannot be read, or looks like nothing that is known.
pub(super) fn format_of(file: &Path, said: Option<Format>) -> anyhow::Result<Format> {
    let metadata = file.metadata().with_context(|| format!("cannot read {}", file.display()))?;
    if let Some(format) = said {
        return Ok(format);
    }
    if metadata.is_dir() {
        return Ok(if file.join("channels.json").exists() { Format::Slack } else { Format::Mattermost });
    }
    let mut begin = Vec::new();
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    opened.take(LOOK_BYTES).read_to_end(&mut begin).with_context(|| format!("cannot read {}", file.display()))?;
    if begin.starts_with(b"PK") {
        let zip = zip::ZipArchive::new(BufReader::new(File::open(file)?))
            .with_context(|| format!("cannot read {}", file.display()))?;
        let is_slack = zip.file_names().flatten().any(|name| name.rsplit('/').next() == Some("channels.json"));
        return Ok(if is_slack { Format::Slack } else { Format::Mattermost });
    }
    let first = begin.as_slice().lines().next().and_then(Result::ok).unwrap_or_default();
    let text = String::from_utf8_lossy(&begin);
    let kind = serde_json::from_str::<serde_json::Value>(&first).ok();
    let kind = kind.as_ref().and_then(|line| line.get("type")?.as_str());
    Ok(if kind == Some("archive") {
        Format::Loggia
    } else if kind == Some("version") {
        Format::Mattermost
    } else if text.trim_start().starts_with('{') && text.contains(r#""guild""#) {
        Format::Discord
    } else if first.starts_with("--- Log opened") {
        Format::Irssi
    } else if first.split('\t').count() >= 3 {
        Format::Weechat
    } else {
        bail!("{} looks like nothing that is known; say with --format what it is", file.display())
    })
}

/// Finds a time zone by its name; without one, this machine's.
///
/// # Errors
/// A sentence.
pub(super) fn time_zone(name: Option<&str>) -> Result<TimeZone, String> {
    match name {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(name)
            .map_err(|_| format!("--time-zone {name}: there is no such zone; write one such as Europe/Rome or UTC")),
    }
}

/// Returns the name of this machine's zone, if it has one.
pub(super) fn name_of_this_zone() -> Option<String> {
    TimeZone::system().iana_name().map(str::to_owned)
}
