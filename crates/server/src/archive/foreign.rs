//! Files of other programs: opened, read, and handed to the store.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use import::{Said, Sink, Trouble, discord, irssi, mattermost, slack, weechat};
use irc::names::NameRules;
use jiff::tz::TimeZone;
use store::{Staging, StoreError};
use zip::ZipArchive;

use super::Import;
use super::naming::Naming;
use super::origin::{self, Format};
use super::progress::{Doing, Done};

/// The largest file of an export that is read in one piece: a day of a channel.
const PIECE_BYTES_MAX: u64 = 256 << 20;

/// The longest line.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// What was read of files, and what was left out of them.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) staging: Staging,
    left_out: BTreeMap<&'static str, u64>,
}

/// Reads files, all of them in one go: what they say of one channel is sorted by time.
///
/// # Errors
/// When one cannot be read, or is not what it is said to be.
pub(super) fn gather(
    files: &[(PathBuf, Format)],
    asked: &Import,
    rules: NameRules,
    progress: &mut dyn FnMut(Done),
) -> anyhow::Result<Gathered> {
    let zone = origin::time_zone(asked.time_zone.as_deref()).map_err(anyhow::Error::msg)?;
    let mut left_out = BTreeMap::new();
    let mut staging = Staging::begin(rules.casemapping)?;
    for (number, (file, format)) in files.iter().enumerate() {
        progress(Done { doing: Doing::Reading, done: number as u64, all: files.len() as u64 });
        let naming = Naming::new(rules, *format);
        let mut sink = Sorting { staging: &mut staging, naming, into: asked.into.as_deref(), left_out: &mut left_out };
        read(file, *format, asked, &zone, &mut sink)
            .with_context(|| format!("{} ({})", file.display(), format.name()))?;
    }
    Ok(Gathered { staging, left_out })
}

impl Gathered {
    /// Says what came of it, in lines.
    pub(super) fn told(&self, outcome: &store::Outcome) -> String {
        told(outcome, &self.left_out)
    }
}

fn told(outcome: &store::Outcome, left_out: &BTreeMap<&'static str, u64>) -> String {
    let known = match outcome.known {
        0 => String::new(),
        some => format!("; {some} were there already"),
    };
    let too_old = outcome.too_old.iter().map(|(channel, count)| {
        format!(
            "left out: {count} of {channel} that are older than what stands there; --into takes them to another channel"
        )
    });
    let without = Some(outcome.without_message).filter(|count| *count > 0);
    let without = without.map(|count| format!("left out: {count} signs under messages that are not here"));
    let other = left_out.iter().map(|(why, count)| format!("left out: {count} {why}"));
    let lines =
        std::iter::once(format!("imported {} messages{known}", outcome.new)).chain(too_old).chain(without).chain(other);
    lines.map(|line| line + "\n").collect()
}

/// Hands what is read to the temporary file that sorts it.
struct Sorting<'a> {
    staging: &'a mut Staging,
    naming: Naming,
    into: Option<&'a str>,
    left_out: &'a mut BTreeMap<&'static str, u64>,
}

impl Sink<StoreError> for Sorting<'_> {
    fn said(&mut self, mut said: Said) -> Result<(), StoreError> {
        if let Some(into) = self.into {
            into.clone_into(&mut said.channel);
        }
        self.naming.messages(&said).iter().try_for_each(|message| self.staging.stage(message))
    }

    fn left_out(&mut self, why: &'static str) {
        *self.left_out.entry(why).or_default() += 1;
    }
}

fn read(file: &Path, format: Format, asked: &Import, zone: &TimeZone, sink: &mut Sorting<'_>) -> anyhow::Result<()> {
    let name = file.display().to_string();
    match format {
        Format::Loggia => unreachable!("an archive of our own goes another way"),
        Format::Irssi => {
            let mut reader = irssi::Reader::new(&name, &channel_of(file, asked)?, zone.clone());
            lines(open(file)?, |line| reader.line(line, sink))
        }
        Format::Weechat => {
            let mut reader = weechat::Reader::new(&name, &channel_of(file, asked)?, zone.clone());
            lines(open(file)?, |line| reader.line(line, sink))
        }
        Format::Discord => Ok(discord::read(&name, open(file)?, asked.into.as_deref(), sink)?),
        Format::Mattermost => {
            let mut reader = mattermost::Reader::new(&name);
            let mut tree = Tree::open(file)?;
            let Some(name) = tree.names().into_iter().find(|name| has_ending(name, "jsonl")) else {
                bail!("there is no .jsonl file in it")
            };
            tree.with(&name, |file| lines(BufReader::new(file), |line| reader.line(line, sink)))
        }
        Format::Slack => slack(&mut Tree::open(file)?, sink),
    }
}

/// Reads the channels of an export one after the other, each in the order of its days.
fn slack(tree: &mut Tree, sink: &mut Sorting<'_>) -> anyhow::Result<()> {
    let names = tree.names();
    let top = names.iter().find_map(|name| name.strip_suffix("channels.json"));
    let top = top.context("there is no channels.json in it")?.to_owned();
    let users = slack::Users::read::<StoreError>(&tree.whole(&format!("{top}users.json"))?)?;
    let channels = slack::channels::<StoreError>(&tree.whole(&format!("{top}channels.json"))?)?;
    for channel in &channels {
        let folder = format!("{top}{}/", channel.name);
        let mut days: Vec<&String> =
            names.iter().filter(|name| name.starts_with(&folder) && has_ending(name, "json")).collect();
        days.sort();
        for day in days {
            slack::day(day, channel, &users, &tree.whole(day)?, sink)?;
        }
    }
    Ok(())
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::new(File::open(file).context("cannot open it")?))
}

/// Hands over line after line, without their ends. Bytes that are no UTF-8 become U+FFFD: old logs have them.
fn lines<E>(mut text: impl BufRead, mut take: impl FnMut(&str) -> Result<(), Trouble<E>>) -> anyhow::Result<()>
where
    Trouble<E>: std::error::Error + Send + Sync + 'static,
{
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = Read::take(&mut text, LINE_BYTES_MAX).read_until(b'\n', &mut line).context("cannot read it")?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LINE_BYTES_MAX {
            bail!("a line is longer than {LINE_BYTES_MAX} bytes");
        }
        let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        take(&String::from_utf8_lossy(&line[..end]))?;
    }
}

/// Returns the channel that a log is of: as was said, else by its file's name, `#tea.log` or `irc.net.#tea.weechatlog`.
fn channel_of(file: &Path, asked: &Import) -> anyhow::Result<String> {
    if let Some(into) = &asked.into {
        return Ok(into.clone());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let channel = name.find('#').map(|start| &name[start..]);
    let channel = channel.map(|name| name.strip_suffix(".weechatlog").or(name.strip_suffix(".log")).unwrap_or(name));
    match channel {
        Some(channel) if channel.len() > 1 => Ok(channel.to_owned()),
        _ => bail!("its name does not tell the channel: say it with --into '#channel'"),
    }
}

/// The files of an export: a folder, a zip file of one, or one file.
enum Tree {
    Folder(PathBuf),
    Zip(Box<ZipArchive<BufReader<File>>>),
    File(PathBuf),
}

impl Tree {
    fn open(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let mut begin = [0; 2];
        let is_zip = open(path)?.read_exact(&mut begin).is_ok() && begin == *b"PK";
        Ok(if is_zip {
            Self::Zip(Box::new(ZipArchive::new(open(path)?).context("cannot read the zip file")?))
        } else {
            Self::File(path.to_owned())
        })
    }

    /// Returns the names of all files, with `/` between folders. A folder is looked at two levels deep.
    fn names(&self) -> Vec<String> {
        match self {
            Self::Zip(zip) => zip.file_names().flatten().map(Cow::into_owned).collect(),
            Self::File(path) => vec![path.display().to_string()],
            Self::Folder(path) => {
                let of = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
                let mut names = Vec::new();
                for entry in of(path) {
                    let below = if entry.is_dir() { of(&entry).collect() } else { vec![entry] };
                    let shown = |file: &PathBuf| file.strip_prefix(path).ok().map(|name| name.display().to_string());
                    names.extend(below.iter().filter_map(shown));
                }
                names
            }
        }
    }

    fn with<T>(&mut self, name: &str, read: impl FnOnce(&mut dyn Read) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let reading = || format!("cannot read {name}");
        match self {
            Self::Zip(zip) => read(&mut zip.by_name(name).with_context(reading)?),
            Self::File(path) => read(&mut File::open(path).with_context(reading)?),
            Self::Folder(path) => read(&mut File::open(path.join(name)).with_context(reading)?),
        }
    }

    /// Reads a file in one piece.
    fn whole(&mut self, name: &str) -> anyhow::Result<Vec<u8>> {
        self.with(name, |file| {
            let mut bytes = Vec::new();
            file.take(PIECE_BYTES_MAX).read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
            if bytes.len() as u64 == PIECE_BYTES_MAX {
                bail!("{name} is larger than {PIECE_BYTES_MAX} bytes");
            }
            Ok(bytes)
        })
    }
}
