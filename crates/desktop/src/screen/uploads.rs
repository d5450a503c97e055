//! Files on their way to the server: one after the other, each with a token of its own. What is done about them is an
//! output: whoever has the network asks for the token, whoever has threads sends the file.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::attachment::is_picture;

/// The most files that are there at once, with those that were refused.
pub const FILES_MAX: usize = 20;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file on this machine.
    File(PathBuf),
    /// A picture from the clipboard, as a PNG.
    Picture(Vec<u8>),
}

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be said: in the room, or to the person, of this name.
    Say(Box<str>),
    /// To be shown beside what the person says. Of these there is one.
    Portrait,
}

/// A file.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// What tells it from others.
    pub number: u64,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is called.
    pub name: String,
    /// How far it is.
    pub stage: Stage,
    source: Source,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Others are before it.
    Waiting,
    /// The server is asked for a token.
    Asking,
    /// It is sent: so much of it, between 0 and 1.
    Sending(f32),
    /// It was not taken.
    Refused(Refusal),
}

/// Why a file was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The word of the server, or of ours: a key of the catalogue under `upload.`, where it is known.
    pub code: Box<str>,
    /// The limit that it met; 0: none.
    pub limit: u64,
}

impl Refusal {
    /// Makes one without a limit.
    pub fn of(code: &str) -> Self {
        Self { code: code.into(), limit: 0 }
    }
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Ask the server for a token; [`Uploads::token`] takes the answer.
    AskToken,
    /// Send this; [`Uploads::progress`] and [`Uploads::finished`] take what comes of it.
    Send {
        /// The file's number.
        number: u64,
        /// What it is called.
        name: String,
        /// What it is.
        source: Source,
        /// The token.
        token: Box<str>,
    },
}

/// All of them, the oldest first.
#[derive(Debug, Default)]
pub struct Uploads {
    files: VecDeque<Upload>,
    tasks: VecDeque<Task>,
    last: u64,
}

impl Uploads {
    /// Takes a file. One that nobody could see as a portrait is refused at once, and stays to say so. Returns `false` when there
    /// are too many.
    pub fn add(&mut self, purpose: Purpose, name: String, source: Source) -> bool {
        if self.files.len() >= FILES_MAX {
            return false;
        }
        self.last += 1;
        let stage = if purpose == Purpose::Portrait && !is_picture(&name) {
            Stage::Refused(Refusal::of("NOT_A_PICTURE"))
        } else {
            Stage::Waiting
        };
        self.files.push_back(Upload { number: self.last, purpose, name, stage, source });
        self.begin();
        true
    }

    /// Returns the picture that is to be the person's own.
    pub fn portrait(&self) -> Option<&Upload> {
        self.files.iter().find(|file| file.purpose == Purpose::Portrait)
    }

    /// Returns them.
    pub fn files(&self) -> impl Iterator<Item = &Upload> {
        self.files.iter()
    }

    /// Returns the next thing to do.
    pub fn next_task(&mut self) -> Option<Task> {
        self.tasks.pop_front()
    }

    /// Stops a file, or takes away what was said about one. What is sent of it is for nothing.
    pub fn cancel(&mut self, number: u64) {
        self.files.retain(|file| file.number != number);
        self.begin();
    }

    /// Tells whether a file is still wanted.
    pub fn is_wanted(&self, number: u64) -> bool {
        self.files.iter().any(|file| file.number == number)
    }

    /// Takes the answer to the question for a token: a token, or why there is none.
    pub fn token(&mut self, answer: Result<Box<str>, Box<str>>) {
        let Some(file) = self.files.iter_mut().find(|file| file.stage == Stage::Asking) else { return };
        match answer {
            Ok(token) => {
                file.stage = Stage::Sending(0.0);
                let (number, name, source) = (file.number, file.name.clone(), file.source.clone());
                self.tasks.push_back(Task::Send { number, name, source, token });
            }
            Err(code) => {
                file.stage = Stage::Refused(Refusal::of(&code));
                self.begin();
            }
        }
    }

    /// A file is so far: between 0 and 1.
    pub fn progress(&mut self, number: u64, part: f32) {
        if let Some(Upload { stage: Stage::Sending(done), .. }) = self.file(number) {
            *done = part;
        }
    }

    /// A file is there, or was refused. Returns what it is for when it is there and still wanted.
    pub fn finished(&mut self, number: u64, refusal: Option<Refusal>) -> Option<Purpose> {
        let file = self.file(number)?;
        let purpose = file.purpose.clone();
        let is_taken = refusal.is_none();
        match refusal {
            Some(refusal) => file.stage = Stage::Refused(refusal),
            None => self.files.retain(|file| file.number != number),
        }
        self.begin();
        is_taken.then_some(purpose)
    }

    fn file(&mut self, number: u64) -> Option<&mut Upload> {
        self.files.iter_mut().find(|file| file.number == number)
    }

    /// Begins with the next file, when none is on its way.
    fn begin(&mut self) {
        let is_busy = |file: &Upload| matches!(file.stage, Stage::Asking | Stage::Sending(_));
        if self.files.iter().any(is_busy) {
            return;
        }
        if let Some(file) = self.files.iter_mut().find(|file| file.stage == Stage::Waiting) {
            file.stage = Stage::Asking;
            self.tasks.push_back(Task::AskToken);
        }
    }
}

/// Reads why a file was not taken from the answer of the server; some say it with the status alone.
pub fn refusal(status: u16, body: &[u8]) -> Refusal {
    #[derive(serde::Deserialize)]
    struct Said {
        code: Box<str>,
        #[serde(default)]
        limit: u64,
    }
    if let Ok(Said { code, limit }) = serde_json::from_slice(body) {
        return Refusal { code, limit };
    }
    Refusal::of(match status {
        401 => "WRONG_TOKEN",
        403 => "FORBIDDEN",
        413 => "TOO_LARGE",
        415 => "TYPE",
        429 | 503 => "BUSY",
        507 => "NO_ROOM",
        _ => "FAILED",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Source {
        Source::File(name.into())
    }

    fn say(target: &str) -> Purpose {
        Purpose::Say(target.into())
    }

    fn stages(uploads: &Uploads) -> Vec<(&str, Stage)> {
        uploads.files().map(|file| (&*file.name, file.stage.clone())).collect()
    }

    #[test]
    fn files_go_one_after_the_other_each_with_its_token() {
        let mut uploads = Uploads::default();
        assert!(uploads.add(say("#tea"), "a".into(), file("a")) && uploads.add(say("bob"), "b".into(), file("b")));
        assert_eq!((uploads.next_task(), uploads.next_task()), (Some(Task::AskToken), None));
        uploads.token(Ok("one".into()));
        let send = |number, name: &str, token: &str| {
            Some(Task::Send { number, name: name.into(), source: file(name), token: token.into() })
        };
        assert_eq!((uploads.next_task(), uploads.next_task()), (send(1, "a", "one"), None));
        uploads.progress(1, 0.5);
        assert_eq!(stages(&uploads), [("a", Stage::Sending(0.5)), ("b", Stage::Waiting)]);
        assert_eq!(uploads.finished(1, None), Some(say("#tea")));
        assert_eq!(uploads.next_task(), Some(Task::AskToken));
        uploads.token(Err("ACCOUNT_REQUIRED".into()));
        assert_eq!(stages(&uploads), [("b", Stage::Refused(Refusal::of("ACCOUNT_REQUIRED")))]);
        assert_eq!(uploads.next_task(), None);
        uploads.cancel(2);
        assert_eq!(stages(&uploads), []);
    }

    #[test]
    fn what_is_stopped_makes_room_and_is_not_said() {
        let mut uploads = Uploads::default();
        uploads.add(say("#tea"), "a".into(), file("a"));
        uploads.add(say("#tea"), "b".into(), file("b"));
        uploads.next_task();
        uploads.token(Ok("one".into()));
        uploads.next_task();
        uploads.cancel(1);
        assert!(!uploads.is_wanted(1) && uploads.is_wanted(2));
        assert_eq!(uploads.finished(1, None), None);
        assert_eq!(uploads.next_task(), Some(Task::AskToken));
        // The answer to the first question, had it come late, is as good for the second file.
        uploads.token(Ok("two".into()));
        assert!(matches!(uploads.next_task(), Some(Task::Send { number: 2, .. })));
        for number in 1..FILES_MAX {
            assert!(uploads.add(say("#tea"), number.to_string(), file("x")));
        }
        assert!(!uploads.add(say("#tea"), "more".into(), file("x")), "there is a most");
    }

    #[test]
    fn a_portrait_waits_as_others_do_and_is_a_picture() {
        let mut uploads = Uploads::default();
        uploads.add(say("#tea"), "a".into(), file("a"));
        uploads.add(Purpose::Portrait, "me.PNG".into(), file("me.PNG"));
        assert_eq!(uploads.portrait().map(|portrait| &portrait.stage), Some(&Stage::Waiting));
        uploads.token(Ok("one".into()));
        uploads.finished(1, None);
        uploads.token(Ok("two".into()));
        assert_eq!(uploads.finished(2, None), Some(Purpose::Portrait));
        assert_eq!(uploads.portrait(), None);
        while uploads.next_task().is_some() {}
        uploads.add(Purpose::Portrait, "me.txt".into(), file("me.txt"));
        let refused = Stage::Refused(Refusal::of("NOT_A_PICTURE"));
        assert_eq!(uploads.portrait().map(|portrait| &portrait.stage), Some(&refused));
        assert_eq!(uploads.next_task(), None);
    }

    #[test]
    fn why_it_was_not_taken_is_read() {
        let said = refusal(413, br#"{"code":"TOO_LARGE","limit":100,"text":"Too large"}"#);
        assert_eq!(said, Refusal { code: "TOO_LARGE".into(), limit: 100 });
        assert_eq!(refusal(507, b"<html>"), Refusal::of("NO_ROOM"));
        assert_eq!(refusal(500, b""), Refusal::of("FAILED"));
    }
}
