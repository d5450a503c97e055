//! UPLOADS on the wire: operators see what people share, and remove it. The edge keeps the files; a worker of it lists and
//! removes. Meaning: `chat::features::uploads`. Proof: `scenarios/uploads.txt`, `tests/e2e/test_uploads.py`.
//!
//! Spec: `docs/protocol/filehost.md`, "For operators".

use chat::command::{Command, OperatorAct, RemovedUpload};
use chat::refusal::Refusal;
use chat::time::Timestamp;
use irc::message::Message;
use irc::write::{is_text, word_or_star};
use smallvec::smallvec;

use crate::irc_session::{Cx, IrcSession, Then};
use crate::render::Render;
use crate::texts::uploads::{self as texts, Trouble};
use crate::work::{Outcome, Work};

const COMMAND: &str = "UPLOADS";

/// How many files are shown to those who give no number.
const PAGE_FILES: usize = 20;

/// The most files of one page.
pub const PAGE_FILES_MAX: usize = 100;

/// What an operator wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `LIST [count [before]]`, or nothing: the newest files, or those before a place.
    List {
        /// The most files.
        count: usize,
        /// Where the page before this one has ended, in the words of the file host.
        before: Option<Box<str>>,
    },
    /// `REMOVE name`.
    Remove {
        /// As typed.
        name: Box<str>,
    },
}

impl Wish {
    /// Reads the words; `None` when some are missing or wrong.
    fn read(words: &[&str]) -> Option<Self> {
        let word = words.first().copied().unwrap_or("LIST").to_ascii_uppercase();
        match (word.as_str(), words.get(1..).unwrap_or_default()) {
            ("LIST", []) => Some(Self::List { count: PAGE_FILES, before: None }),
            ("LIST", [count, before @ ..]) if before.len() <= 1 => {
                let count = count.parse().ok().filter(|count| *count > 0)?;
                Some(Self::List { count: PAGE_FILES_MAX.min(count), before: before.first().map(|word| (*word).into()) })
            }
            ("REMOVE", [name]) => Some(Self::Remove { name: (*name).into() }),
            _ => None,
        }
    }

    fn work(&self) -> Work {
        match self.clone() {
            Self::List { count, before } => Work::ListUploads { count, before },
            Self::Remove { name } => Work::RemoveUpload { name },
        }
    }
}

/// A file, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The name under which it is fetched.
    pub name: Box<str>,
    /// Its size.
    pub bytes: u64,
    /// When it came.
    pub at: Timestamp,
    /// Who sent it: the nick at that time; of an account, its name.
    pub by: Box<str>,
    /// The account that it belongs to.
    pub account: Option<Box<str>>,
    /// What its sender called it; empty: nothing.
    pub shown: Box<str>,
}

/// Carries out `UPLOADS [LIST [count [before]]]` and `UPLOADS REMOVE name`: the hall says whether the asker may, and a worker of
/// the edge does it. The session waits.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let Some(wish) = Wish::read(message.params.as_slice()) else {
        return fail(session, "INVALID_PARAMS", &[], Trouble::Usage, cx);
    };
    if cx.settings.filehost.is_none() {
        return fail(session, "DISABLED", &[], Trouble::Disabled, cx);
    }
    session.busy.uploads = Some(Box::new(wish));
    session.ask(smallvec![Command::AskOperator { what: OperatorAct::Uploads }], None, cx);
    session.wait(Then::Uploads);
}

/// The hall said yes: has it done by somebody who may wait for the disk.
pub fn permitted(session: &mut IrcSession, cx: &mut Cx<'_>) {
    let Some(work) = session.busy.uploads.as_deref().map(Wish::work) else { return };
    session.go_on(cx, |session, cx| session.work(work, Then::Uploads, cx));
}

/// The hall said no.
pub fn refused(session: &mut IrcSession, refusal: &Refusal, cx: &mut Cx<'_>) {
    session.busy.uploads = None;
    session.go_on(cx, |session, cx| session.render(cx, |render| super::refusal::reply(refusal, render)));
}

/// Goes on when it is done: shows the page, or tells what was removed and has it noted.
pub fn worked(session: &mut IrcSession, outcome: &Outcome, cx: &mut Cx<'_>) {
    let Some(wish) = session.busy.uploads.take() else { return };
    let name = match &*wish {
        Wish::List { .. } => "*",
        Wish::Remove { name } => word_or_star(name),
    };
    match outcome {
        Outcome::Uploads { page, before } => {
            session.render(cx, |render| reply_list(page, before.as_deref(), render));
        }
        Outcome::UploadRemoved(Some(upload)) => {
            session.render(cx, |render| reply_removed(&upload.name, render));
            let removed = RemovedUpload { name: upload.name.clone(), about: about(upload), by: "".into() };
            session.ask(smallvec![Command::UploadRemoved(Box::new(removed))], None, cx);
        }
        Outcome::UploadRemoved(None) => fail(session, "NO_SUCH_FILE", &[name], Trouble::NoSuchFile, cx),
        Outcome::Failed => fail(session, "CANNOT_REMOVE", &[name], Trouble::CannotRemove, cx),
        _ => fail(session, "TEMPORARILY_UNAVAILABLE", &[name], Trouble::Busy, cx),
    }
}

/// Returns what a removed file was, for those who look later: what it was called, and by whom.
pub fn about(upload: &Upload) -> Box<str> {
    let from = match &upload.account {
        Some(account) if *account != upload.by => format!("{}, {account}", upload.by),
        _ => upload.by.to_string(),
    };
    if upload.shown.is_empty() { from.into() } else { format!("{} ({from})", upload.shown).into() }
}

fn reply_list(page: &[Upload], before: Option<&str>, render: &mut Render<'_>) {
    for upload in page {
        let (bytes, at) = (upload.bytes.to_string(), upload.at.to_string());
        let account = upload.account.as_deref().map_or("*", word_or_star);
        let shown = if is_text(&upload.shown) { &*upload.shown } else { "" };
        let line = render.line().command(COMMAND).param("ENTRY").param(word_or_star(&upload.name)).param(&bytes);
        line.param(&at).param(word_or_star(&upload.by)).param(account).trailing(shown).end_cut();
    }
    render.line().command(COMMAND).param("END").param(before.map_or("*", word_or_star)).end();
}

fn reply_removed(name: &str, render: &mut Render<'_>) {
    render.line().command(COMMAND).param("REMOVED").param(word_or_star(name)).end();
}

fn fail(session: &IrcSession, code: &str, context: &[&str], trouble: Trouble, cx: &mut Cx<'_>) {
    session.render(cx, |render| {
        let text = texts::trouble(trouble, render.settings.language);
        render.fail(COMMAND, code, context, text);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::rendered;

    fn upload() -> Upload {
        Upload {
            name: "3k9.jpg".into(),
            bytes: 48_213,
            at: Timestamp(1000),
            by: "bob".into(),
            account: None,
            shown: "tea time.jpg".into(),
        }
    }

    #[test]
    fn words_are_read() {
        let list = |count, before: Option<&str>| Some(Wish::List { count, before: before.map(Box::from) });
        for (words, wish) in [
            (&[][..], list(20, None)),
            (&["list"], list(20, None)),
            (&["LIST", "5"], list(5, None)),
            (&["LIST", "1000"], list(PAGE_FILES_MAX, None)),
            (&["LIST", "5", "1000.3k9.jpg"], list(5, Some("1000.3k9.jpg"))),
            (&["remove", "3k9.jpg"], Some(Wish::Remove { name: "3k9.jpg".into() })),
            (&["LIST", "0"], None),
            (&["LIST", "many"], None),
            (&["LIST", "5", "1000.3k9.jpg", "x"], None),
            (&["REMOVE"], None),
            (&["REMOVE", "3k9.jpg", "4k9.jpg"], None),
            (&["sell"], None),
        ] {
            assert_eq!(Wish::read(words), wish, "{words:?}");
        }
    }

    #[test]
    fn pages_are_written_and_say_where_they_go_on() {
        let of_account = Upload { account: Some("bobby".into()), shown: "".into(), ..upload() };
        assert_eq!(
            rendered(|render| reply_list(&[upload(), of_account], Some("1000.3k9.jpg"), render)),
            ":loggia.local UPLOADS ENTRY 3k9.jpg 48213 1970-01-01T00:00:01.000Z bob * :tea time.jpg\r\n\
             :loggia.local UPLOADS ENTRY 3k9.jpg 48213 1970-01-01T00:00:01.000Z bob bobby :\r\n\
             :loggia.local UPLOADS END 1000.3k9.jpg\r\n"
        );
        assert_eq!(rendered(|render| reply_list(&[], None, render)), ":loggia.local UPLOADS END *\r\n");
        // What was kept on the disk may have been changed there.
        let odd = Upload { by: "".into(), account: Some("a b".into()), shown: "x\r\nQUIT".into(), ..upload() };
        assert_eq!(
            rendered(|render| reply_list(&[odd], None, render)),
            ":loggia.local UPLOADS ENTRY 3k9.jpg 48213 1970-01-01T00:00:01.000Z * * :\r\n\
             :loggia.local UPLOADS END *\r\n"
        );
    }

    #[test]
    fn what_was_removed_is_called_as_people_know_it() {
        assert_eq!(&*about(&upload()), "tea time.jpg (bob)");
        let account = |name: &str| Upload { account: Some(name.into()), ..upload() };
        assert_eq!(&*about(&account("bob")), "tea time.jpg (bob)");
        assert_eq!(&*about(&account("bobby")), "tea time.jpg (bob, bobby)");
        assert_eq!(&*about(&Upload { shown: "".into(), ..upload() }), "bob");
    }
}
