//! What is kept, counted, and gone.

#![allow(clippy::unwrap_used)]

use super::*;

/// A directory that is gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("loggia-uploads-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn shelf(&self) -> Arc<Shelf> {
        Arc::new(Shelf::open(&self.0, limits()).unwrap())
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.join(DIRECTORY))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn limits() -> Limits {
    Limits { max_bytes: 1000, types: vec!["*/*".into()], quota_bytes: 2000, total_bytes: 3000, max_pixels: 1_000_000 }
}

fn anna() -> Owner {
    Owner::Account { account: "anna".into() }
}

fn guest(last: u8) -> Owner {
    Owner::Guest { address: [192, 0, 2, last].into(), session: "s".into() }
}

fn about(at: i64) -> About {
    About { shown: "tea.txt".into(), by: "anna".into(), at }
}

fn put(shelf: &Arc<Shelf>, owner: Owner, bytes: &[u8]) -> Result<StoredName, ShelfError> {
    let mut incoming = shelf.begin(owner, Some(bytes.len() as u64))?;
    incoming.write(bytes)?;
    Ok(incoming.finish(about(7))?.stored_name().unwrap())
}

fn refused<T: std::fmt::Debug>(result: Result<T, ShelfError>) -> Refused {
    match result {
        Err(ShelfError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn read(shelf: &Shelf, name: StoredName) -> String {
    let mut text = String::new();
    io::Read::read_to_string(&mut shelf.open_file(name).unwrap(), &mut text).unwrap();
    text
}

#[test]
fn a_file_is_kept_and_found_again_after_a_restart() {
    let scratch = Scratch::new("kept");
    let shelf = scratch.shelf();
    let name = put(&shelf, anna(), b"green tea").unwrap();
    let entry = shelf.find(name).unwrap();
    assert_eq!((entry.bytes, entry.shown.as_str(), entry.at), (9, "tea.txt", 7));
    assert_eq!(entry.sha256, HEX_OF_GREEN_TEA);
    drop(shelf);
    let shelf = scratch.shelf();
    assert_eq!(shelf.find(name).unwrap(), entry);
    assert_eq!(read(&shelf, name), "green tea");
    assert_eq!(shelf.totals(), (1, 9));
    assert_eq!(scratch.names(), [format!("{}.json", name.id), name.to_string()]);
    let other = StoredName { kind: crate::Kind::Png, ..name };
    assert_eq!(shelf.find(other), None, "its name is all of it");
    let report = verify(&scratch.0).unwrap();
    assert_eq!(report, Report { files: 1, damages: Vec::new() });
}

const HEX_OF_GREEN_TEA: &str = "69afc2ce866da3bb0282a3127f8770cbe24e817c40d689df0c15ea221d4d0832";

#[test]
fn what_is_not_whole_leaves_nothing() {
    let scratch = Scratch::new("part");
    let shelf = scratch.shelf();
    let mut incoming = shelf.begin(anna(), None).unwrap();
    incoming.write(b"green").unwrap();
    assert_eq!(shelf.totals(), (0, 5));
    drop(incoming);
    assert_eq!((scratch.names(), shelf.totals()), (Vec::new(), (0, 0)));
    let empty = shelf.begin(anna(), Some(0)).unwrap().finish(about(0));
    assert_eq!(refused(empty), Refused::Empty);
    // What a crash leaves: a part, a file without its entry, an entry without its file.
    let [one, two, three] = [1, 2, 3].map(|number| Id::of(&[number; 26]));
    let directory = scratch.0.join(DIRECTORY);
    for name in [format!("{one}.part"), format!("{two}.txt"), format!("{two}.thumbnail"), format!("{two}.json.part")] {
        fs::write(directory.join(name), "x").unwrap();
    }
    let kept = put(&shelf, anna(), b"tea").unwrap();
    let entry = Entry { name: format!("{three}.txt"), ..(*shelf.find(kept).unwrap()).clone() };
    fs::write(directory.join(format!("{three}.json")), serde_json::to_vec(&entry).unwrap()).unwrap();
    fs::write(directory.join("README"), "somebody's own").unwrap();
    drop(shelf);
    let shelf = scratch.shelf();
    let mut left = [format!("{}.json", kept.id), kept.to_string(), "README".to_owned()];
    left.sort();
    assert_eq!(scratch.names(), left);
    assert_eq!(shelf.totals(), (1, 3));
}

#[test]
fn the_limits_hold_also_when_no_length_was_told() {
    let scratch = Scratch::new("limits");
    let shelf = scratch.shelf();
    assert_eq!(refused(shelf.begin(anna(), Some(1001))), Refused::TooLarge { limit: 1000 });
    let mut incoming = shelf.begin(anna(), None).unwrap();
    incoming.write(&[b'x'; 1000]).unwrap();
    assert_eq!(refused(incoming.write(b"x")), Refused::TooLarge { limit: 1000 });
    incoming.finish(about(0)).unwrap();
    put(&shelf, anna(), &[b'x'; 900]).unwrap();
    assert_eq!(refused(shelf.begin(anna(), Some(101))), Refused::OverQuota { limit: 2000 });
    let mut more = shelf.begin(anna(), None).unwrap();
    more.write(&[b'x'; 100]).unwrap();
    assert_eq!(refused(more.write(b"x")), Refused::OverQuota { limit: 2000 });
    drop(more);
    put(&shelf, guest(1), &[b'x'; 600]).unwrap();
    assert_eq!(refused(shelf.begin(guest(2), Some(501))), Refused::NoRoom);
    let name = put(&shelf, guest(2), &[b'x'; 500]).unwrap();
    assert!(shelf.remove(name).unwrap());
    put(&shelf, guest(2), &[b'x'; 500]).unwrap();
    shelf.set_limits(Limits { total_bytes: 0, types: vec!["image/*".into()], ..limits() });
    assert_eq!(refused(put(&shelf, guest(2), b"tea")), Refused::Type);
}

#[test]
fn few_files_come_at_once_from_one_owner() {
    let scratch = Scratch::new("at-once");
    let shelf = scratch.shelf();
    let mut coming: Vec<_> = (0..AT_ONCE_MAX).map(|_| shelf.begin(anna(), None).unwrap()).collect();
    assert_eq!(refused(shelf.begin(anna(), None)), Refused::TooManyAtOnce);
    shelf.begin(guest(1), None).unwrap();
    coming.pop();
    shelf.begin(anna(), None).unwrap();
}

#[test]
fn files_are_removed_alone_and_together() {
    let scratch = Scratch::new("removed");
    let shelf = scratch.shelf();
    let names: Vec<_> = [anna(), guest(1), anna()].map(|owner| put(&shelf, owner, b"tea").unwrap()).into();
    assert_eq!(shelf.list(|entry| entry.owner == anna(), 10).len(), 2);
    assert_eq!(shelf.list(|_| true, 2).len(), 2);
    assert!(shelf.remove(names[0]).unwrap());
    assert!(!shelf.remove(names[0]).unwrap(), "it is gone");
    assert!(shelf.open_file(names[0]).is_err());
    assert_eq!(shelf.remove_all(|entry| entry.owner.account() == Some("anna")), 1);
    assert_eq!(shelf.totals(), (1, 3));
    assert_eq!(scratch.names().len(), 2);
}

#[test]
fn a_large_picture_has_a_smaller_one_and_damage_is_found() {
    let scratch = Scratch::new("picture");
    let limits = Limits { max_bytes: 1 << 20, quota_bytes: 1 << 20, total_bytes: 0, ..limits() };
    let shelf = Arc::new(Shelf::open(&scratch.0, limits).unwrap());
    let picture = image::RgbImage::from_fn(1000, 500, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 7]));
    let mut png = Vec::new();
    picture.write_with_encoder(image::codecs::png::PngEncoder::new(&mut png)).unwrap();
    let name = put(&shelf, anna(), &png).unwrap();
    let entry = shelf.find(name).unwrap();
    assert_eq!(entry.pixels, Some((1000, 500)));
    let thumbnail = entry.thumbnail.as_ref().unwrap();
    assert_eq!((thumbnail.content_type.as_str(), shelf.totals().1), ("image/jpeg", entry.bytes + thumbnail.bytes));
    assert_eq!(shelf.open_thumbnail(name).unwrap().metadata().unwrap().len(), thumbnail.bytes);
    let small = shelf.path(name.id, THUMBNAIL);
    fs::rename(&small, small.with_extension("away")).unwrap();
    let told = |report: Report| report.damages.join(" ");
    assert!(told(verify(&scratch.0).unwrap()).contains("smaller picture is missing"));
    fs::rename(small.with_extension("away"), &small).unwrap();
    fs::write(shelf.directory.join(name.to_string()), "other").unwrap();
    assert!(told(verify(&scratch.0).unwrap()).contains("not what was sent"));
    fs::write(shelf.path(name.id, ABOUT), "{}").unwrap();
    assert!(told(verify(&scratch.0).unwrap()).contains("cannot read"));
    assert!(shelf.remove(name).unwrap());
    assert_eq!(scratch.names(), [""; 0]);
}
