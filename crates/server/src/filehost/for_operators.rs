//! What operators see of the files, and remove: UPLOADS by IRC, carried out by a worker.

use chat::time::Timestamp;
use irc::write::is_middle;
use session::features::uploads::Upload;
use session::work::Outcome;
use uploads::headers::cleaned_name;
use uploads::{Entry, Shelf, StoredName};

/// Lists up to `count` files, the newest first: of all, or of those behind a place.
pub fn list(shelf: &Shelf, count: usize, before: Option<&str>) -> Outcome {
    let before = before.and_then(Place::parse);
    let is_meant = |entry: &Entry| before.as_ref().is_none_or(|before| before.is_newer_than(entry));
    // One more than is wanted tells whether there are more.
    let mut found = shelf.list(is_meant, count.saturating_add(1));
    let has_more = found.len() > count;
    found.truncate(count);
    let before = found.last().filter(|_| has_more).map(|last| Place::of(last).written().into());
    Outcome::Uploads { page: found.iter().map(|entry| upload(entry)).collect(), before }
}

/// Removes a file.
pub fn remove(shelf: &Shelf, name: &str) -> Outcome {
    let found = StoredName::parse(name).and_then(|name| Some((name, shelf.find(name)?)));
    let Some((name, entry)) = found else { return Outcome::UploadRemoved(None) };
    match shelf.remove(name) {
        // Somebody else was quicker.
        Ok(false) => Outcome::UploadRemoved(None),
        Ok(true) => {
            tracing::info!(%name, of = entry.by, "an operator has removed a shared file");
            Outcome::UploadRemoved(Some(Box::new(upload(&entry))))
        }
        Err(error) => {
            tracing::error!(%error, %name, "a file that was shared cannot be removed");
            Outcome::Failed
        }
    }
}

/// Returns what operators are told of a file. What is kept on the disk may have been changed by somebody: only what can stand
/// in a line is told.
pub fn upload(entry: &Entry) -> Upload {
    let word = |word: &str| Box::from(if is_middle(word) { word } else { "*" });
    Upload {
        name: word(&entry.name),
        bytes: entry.bytes,
        at: Timestamp(entry.at),
        by: word(&entry.by),
        account: entry.owner.account().map(word),
        shown: cleaned_name(&entry.shown).into(),
    }
}

/// A place in the list: behind a file, whether that is still there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    at: i64,
    name: String,
}

impl Place {
    fn of(entry: &Entry) -> Self {
        Self { at: entry.at, name: entry.name.clone() }
    }

    fn parse(word: &str) -> Option<Self> {
        let (at, name) = word.split_once('.')?;
        Some(Self { at: at.parse().ok()?, name: name.to_owned() })
    }

    fn written(&self) -> String {
        format!("{}.{}", self.at, self.name)
    }

    /// The shelf lists by time, and by name what came at the same time.
    fn is_newer_than(&self, entry: &Entry) -> bool {
        (self.at, self.name.as_str()) > (entry.at, entry.name.as_str())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use uploads::{About, Limits, Owner};

    use super::*;

    fn shelf(directory: &std::path::Path) -> Arc<Shelf> {
        let limits =
            Limits { max_bytes: 1000, types: vec!["*/*".into()], quota_bytes: 1000, total_bytes: 0, max_pixels: 1000 };
        Arc::new(Shelf::open(directory, limits).unwrap())
    }

    fn share(shelf: &Arc<Shelf>, shown: &str, at: i64) -> Arc<Entry> {
        let owner = Owner::Account { account: "bobby".into() };
        let mut incoming = shelf.begin(owner, None).unwrap();
        incoming.write(shown.as_bytes()).unwrap();
        incoming.finish(About { shown: shown.into(), by: "bob".into(), at }).unwrap()
    }

    fn page(outcome: Outcome) -> (Vec<String>, Option<Box<str>>) {
        let Outcome::Uploads { page, before } = outcome else { panic!("{outcome:?}") };
        (page.into_iter().map(|upload| upload.shown.into()).collect(), before)
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended_whatever_was_removed_meanwhile() {
        let directory = crate::testing::Scratch::new();
        let shelf = shelf(directory.path());
        // Three came at the same time.
        for (shown, at) in [("a", 1), ("b", 2), ("c", 2), ("d", 2), ("e", 3)] {
            share(&shelf, shown, at);
        }
        let mut seen = Vec::new();
        let mut before: Option<Box<str>> = None;
        for expected in [2, 2, 1] {
            let (names, next) = page(list(&shelf, 2, before.as_deref()));
            assert_eq!(names.len(), expected);
            if expected == 2 {
                let last = shelf.list(|entry| entry.shown == *names.last().unwrap(), 1).remove(0);
                assert!(matches!(remove(&shelf, &last.name), Outcome::UploadRemoved(Some(_))));
            }
            seen.extend(names);
            before = next;
        }
        assert_eq!(before, None);
        assert_eq!((seen.first().map(String::as_str), seen.last().map(String::as_str)), (Some("e"), Some("a")));
        seen.sort();
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
        let (all, end) = page(list(&shelf, 20, Some("nonsense")));
        assert_eq!((all.len(), end), (3, None));
    }

    #[test]
    fn what_was_removed_is_gone_once() {
        let directory = crate::testing::Scratch::new();
        let shelf = shelf(directory.path());
        let entry = share(&shelf, "tea.txt", 5);
        let Outcome::UploadRemoved(Some(removed)) = remove(&shelf, &entry.name) else { panic!("it is there") };
        assert_eq!((&*removed.by, removed.account.as_deref(), &*removed.shown), ("bob", Some("bobby"), "tea.txt"));
        for name in [&*entry.name, "../tea.txt", "tea.txt", ""] {
            assert_eq!(remove(&shelf, name), Outcome::UploadRemoved(None), "{name}");
        }
    }

    #[test]
    fn what_cannot_stand_in_a_line_is_left_out() {
        let entry = Entry {
            name: "x y".into(),
            shown: "tea\r\nQUIT".into(),
            bytes: 1,
            sha256: String::new(),
            owner: Owner::Account { account: ":a".into() },
            by: String::new(),
            at: 5,
            pixels: None,
            thumbnail: None,
        };
        let shown = upload(&entry);
        assert_eq!(
            (&*shown.name, &*shown.by, shown.account.as_deref(), &*shown.shown),
            ("*", "*", Some("*"), "teaQUIT")
        );
    }
}
