//! Files that are sent to the chat's server, and pictures that are fetched from there: each on a thread of its own, because both take
//! their time.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use eframe::egui::ColorImage;
use image::{ImageFormat, ImageReader, Limits, RgbaImage};
use link::connection::{Plan, Trouble};
use link::http::{self, Post, Url};
use rfd::FileHandle;

use crate::screen::attachment::ENDINGS;
use crate::screen::uploads::{Refusal, Source, refusal};

/// The most pictures that wait to be fetched; what is more is asked for again when it is seen again.
const PICTURES_WAITING_MAX: usize = 64;

/// The most of what has come that waits to be looked at.
const TOLD_MAX: usize = 256;

/// The longest answer to a file that was sent, in bytes: a sentence.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The largest picture that is fetched, in bytes: the server makes small ones of what is larger.
const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The longest side of a picture that is drawn, in pixels, and what drawing it may take, in bytes.
const PICTURE_SIDE_MAX: u32 = 8192;
const PICTURE_MEMORY_MAX: u64 = 256 * 1024 * 1024;

/// The longest side of what is kept of it: more is not shown.
const SHOWN_SIDE_MAX: u32 = 640;

/// What has come of a task.
pub enum Told {
    /// So much of a file is sent, between 0 and 1.
    Progress(u64, f32),
    /// A file is there, at this address, or was not taken.
    Sent(u64, Result<String, Refusal>),
    /// A picture, or that there is none.
    Picture(Box<str>, Option<ColorImage>),
    /// The person has chosen these files, or none.
    Chosen(Choice, Vec<PathBuf>),
}

/// What files are chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// To be sent to a conversation: any.
    Files,
    /// To be the person's own picture: one.
    Picture,
}

/// A file to be sent.
struct Sending {
    number: u64,
    url: Url,
    token: Box<str>,
    name: String,
    source: Source,
    plan: Plan,
}

/// The threads. Dropped, they end with what they are at.
pub struct Files {
    send: SyncSender<Sending>,
    fetch: SyncSender<(Url, Plan)>,
    told: Receiver<Told>,
    /// What the system's dialog for files tells.
    tell: SyncSender<Told>,
    wake: Arc<dyn Fn() + Send + Sync>,
    is_choosing: Arc<AtomicBool>,
    /// The number of the file that is not wanted any more.
    stopped: Arc<AtomicU64>,
}

impl Files {
    /// Begins. `wake` is called when something has come of a task.
    ///
    /// # Errors
    ///
    /// The system has no thread left.
    pub fn start(wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let (send, to_send) = sync_channel::<Sending>(1);
        let (fetch, to_fetch) = sync_channel::<(Url, Plan)>(PICTURES_WAITING_MAX);
        let (tell, told) = sync_channel(TOLD_MAX);
        let stopped = Arc::new(AtomicU64::new(0));
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let (tell_of_pictures, wake_for_pictures) = (tell.clone(), Arc::clone(&wake));
        let (tell_of_files, wake_for_files, is_stopped) = (tell.clone(), Arc::clone(&wake), Arc::clone(&stopped));
        thread("files").spawn(move || {
            for sending in to_send {
                let number = sending.number;
                let mut progress = |part| {
                    // How far it is may be left out; the next piece says it again.
                    let _ = tell_of_files.try_send(Told::Progress(number, part));
                    wake_for_files();
                    is_stopped.load(Ordering::Relaxed) != number
                };
                let outcome = send_file(sending, &mut progress);
                if tell_of_files.send(Told::Sent(number, outcome)).is_err() {
                    return;
                }
                wake_for_files();
            }
        })?;
        thread("pictures").spawn(move || {
            for (url, plan) in to_fetch {
                let picture = fetch_picture(&url, &plan);
                if tell_of_pictures.send(Told::Picture(url.to_string().into(), picture)).is_err() {
                    return;
                }
                wake_for_pictures();
            }
        })?;
        Ok(Self { send, fetch, told, tell, wake, is_choosing: Arc::default(), stopped })
    }

    /// Sends a file. There is one at a time.
    pub fn send(&self, number: u64, url: Url, plan: Plan, (name, source, token): (String, Source, Box<str>)) {
        // One that was given up may still be at its end: it waits.
        let _ = self.send.try_send(Sending { number, url, token, name, source, plan });
    }

    /// Lets the person choose files, in the dialog of the system; one such at a time. `pictures`: what those are called there.
    pub fn choose(&self, choice: Choice, pictures: &str) {
        if self.is_choosing.swap(true, Ordering::Relaxed) {
            return;
        }
        // Made on the thread of the window, as macOS wants it, and waited for on another.
        let dialog = rfd::AsyncFileDialog::new();
        let dialog: Pin<Box<dyn Future<Output = Vec<FileHandle>> + Send>> = match choice {
            Choice::Files => {
                let files = dialog.pick_files();
                Box::pin(async { files.await.unwrap_or_default() })
            }
            Choice::Picture => {
                let file = dialog.add_filter(pictures, &ENDINGS).pick_file();
                Box::pin(async { file.await.into_iter().collect() })
            }
        };
        let (tell, wake, is_choosing) = (self.tell.clone(), Arc::clone(&self.wake), Arc::clone(&self.is_choosing));
        let wait = move || {
            let files = pollster::block_on(dialog);
            is_choosing.store(false, Ordering::Relaxed);
            // The network may have been left meanwhile.
            let _ = tell.send(Told::Chosen(choice, files.iter().map(|file| file.path().to_owned()).collect()));
            wake();
        };
        if std::thread::Builder::new().name("file dialog".to_owned()).spawn(wait).is_err() {
            self.is_choosing.store(false, Ordering::Relaxed);
        }
    }

    /// Gives a file up.
    pub fn stop(&self, number: u64) {
        self.stopped.store(number, Ordering::Relaxed);
    }

    /// Fetches a picture; `false` when too many wait already.
    pub fn fetch(&self, url: Url, plan: Plan) -> bool {
        self.fetch.try_send((url, plan)).is_ok()
    }

    /// Returns what has come.
    pub fn next(&self) -> Option<Told> {
        self.told.try_recv().ok()
    }
}

fn send_file(sending: Sending, progress: &mut dyn FnMut(f32) -> bool) -> Result<String, Refusal> {
    let Sending { url, token, name, source, plan, .. } = sending;
    let unreadable = |_| Refusal::of("UNREADABLE");
    let (mut file, length): (Box<dyn Read>, u64) = match source {
        Source::Picture(bytes) => {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            (Box::new(Cursor::new(bytes)), length)
        }
        Source::File(path) => {
            let file = File::open(path).map_err(unreadable)?;
            let about = file.metadata().map_err(unreadable)?;
            if !about.is_file() {
                return Err(Refusal::of("UNREADABLE"));
            }
            (Box::new(file), about.len())
        }
    };
    let mut told = 0;
    let mut each = |sent: u64| {
        let percent = sent.saturating_mul(100) / length.max(1);
        if percent == told {
            return true;
        }
        told = percent;
        #[expect(clippy::cast_precision_loss, reason = "a hundred steps")]
        progress(percent as f32 / 100.0)
    };
    let post = Post { token: &token, name: &name, file: &mut file, length, progress: &mut each };
    let answer = http::post(&url, &plan, ANSWER_BYTES_MAX, post).map_err(|trouble| {
        Refusal::of(match trouble {
            Trouble::NotEncrypted | Trouble::Certificate { .. } => "NOT_PRIVATE",
            Trouble::Protocol(_) => "FAILED",
            Trouble::Unknown(_) | Trouble::Unreachable(_) | Trouble::Closed => "UNREACHABLE",
        })
    })?;
    let location = answer.location.as_deref().filter(|_| answer.status == 201).and_then(|place| url.join(place));
    location.map(|url| url.to_string()).ok_or_else(|| refusal(answer.status, &answer.body))
}

fn fetch_picture(url: &Url, plan: &Plan) -> Option<ColorImage> {
    let answer = http::get(url, plan, PICTURE_BYTES_MAX).ok().filter(|answer| answer.status == 200)?;
    decode(&answer.body)
}

/// Draws a picture, small; nothing when it is none, or too large.
pub fn decode(bytes: &[u8]) -> Option<ColorImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(PICTURE_SIDE_MAX);
    limits.max_image_height = Some(PICTURE_SIDE_MAX);
    limits.max_alloc = Some(PICTURE_MEMORY_MAX);
    reader.limits(limits);
    let mut picture = reader.decode().ok()?;
    if picture.width().max(picture.height()) > SHOWN_SIDE_MAX {
        picture = picture.thumbnail(SHOWN_SIDE_MAX, SHOWN_SIDE_MAX);
    }
    let picture = picture.to_rgba8();
    let size = [usize::try_from(picture.width()).ok()?, usize::try_from(picture.height()).ok()?];
    Some(ColorImage::from_rgba_unmultiplied(size, picture.as_raw()))
}

/// Writes a picture from the clipboard as a PNG; nothing when it has no size.
pub fn encode(picture: &ColorImage) -> Option<Vec<u8>> {
    let [width, height] = picture.size.map(u32::try_from);
    let bytes = picture.pixels.iter().flat_map(eframe::egui::Color32::to_srgba_unmultiplied).collect();
    let picture = RgbaImage::from_raw(width.ok()?, height.ok()?, bytes).filter(|picture| picture.width() > 0)?;
    let mut png = Vec::new();
    picture.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
    Some(png)
}

#[cfg(test)]
mod tests {
    use eframe::egui::Color32;

    use super::*;

    #[test]
    fn a_picture_comes_back_as_it_was_and_a_large_one_small() {
        let picture = ColorImage::filled([3, 2], Color32::from_rgb(10, 200, 30));
        let png = encode(&picture).expect("a picture");
        let back = decode(&png).expect("a picture");
        assert_eq!((back.size, back.pixels[0]), ([3, 2], Color32::from_rgb(10, 200, 30)));
        let wide = encode(&ColorImage::filled([2000, 10], Color32::RED)).expect("a picture");
        assert_eq!(decode(&wide).expect("a picture").size[0], 640);
        assert_eq!(encode(&ColorImage::filled([0, 0], Color32::RED)), None);
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_none() {
        for bytes in [&b""[..], b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n"] {
            assert!(decode(bytes).is_none());
        }
        let huge = encode(&ColorImage::filled([PICTURE_SIDE_MAX as usize + 1, 1], Color32::RED)).expect("a picture");
        assert!(decode(&huge).is_none());
    }
}
