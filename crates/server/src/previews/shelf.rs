//! What pages have said of themselves, for a while.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chat::time::Instant;
use tokio::sync::OnceCell;

use super::Said;

/// The most pages that are remembered: with their pictures some 30 megabytes, 70 at the very most.
const PAGES_MAX: usize = 500;
/// For how long it is what a page says.
const SAID_TIME: Duration = Duration::from_hours(1);
/// For how long a page that has said nothing is not asked again.
const NOTHING_TIME: Duration = Duration::from_mins(5);

/// The place of one page: empty while it is looked at for the first time.
pub(super) type Place = Arc<OnceCell<Said>>;

/// The places of pages.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    places: BTreeMap<String, (Instant, Place)>,
}

impl Shelf {
    /// Returns the place of the page at an address.
    pub(super) fn place(&mut self, address: &str, now: Instant) -> Place {
        if let Some((since, place)) = self.places.get(address)
            && now.since(*since) < time_of(place)
        {
            return Arc::clone(place);
        }
        if self.places.len() >= PAGES_MAX {
            self.make_room(now);
        }
        let place = Place::default();
        self.places.insert(address.to_owned(), (now, Arc::clone(&place)));
        place
    }

    /// Forgets what is too old, and at least the oldest.
    fn make_room(&mut self, now: Instant) {
        self.places.retain(|_, (since, place)| now.since(*since) < time_of(place));
        let oldest = self.places.iter().min_by_key(|(_, (since, _))| *since).map(|(address, _)| address.clone());
        if let Some(oldest) = oldest.filter(|_| self.places.len() >= PAGES_MAX) {
            self.places.remove(&oldest);
        }
    }
}

fn time_of(place: &Place) -> Duration {
    match place.get() {
        Some(Some(_)) => SAID_TIME,
        // Or it is being looked at still: not for longer than this.
        Some(None) | None => NOTHING_TIME,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_has_said_holds_for_an_hour_and_nothing_for_minutes() {
        let (mut shelf, start) = (Shelf::default(), Instant::default());
        let said = shelf.place("a", start);
        said.set(Some("{}".into())).unwrap();
        shelf.place("b", start).set(None).unwrap();
        let later = |minutes| start + Duration::from_mins(minutes);
        assert!(Arc::ptr_eq(&shelf.place("a", later(59)), &said));
        assert!(shelf.place("b", later(4)).initialized());
        assert!(!shelf.place("b", later(5)).initialized());
        assert!(!shelf.place("a", later(60)).initialized());
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let (mut shelf, start) = (Shelf::default(), Instant::default());
        for number in 0..PAGES_MAX {
            let place = shelf.place(&number.to_string(), start + Duration::from_millis(number.try_into().unwrap()));
            place.set(Some("{}".into())).unwrap();
        }
        let now = start + Duration::from_secs(10);
        shelf.place("one more", now);
        assert_eq!(shelf.places.len(), PAGES_MAX);
        assert!(!shelf.places.contains_key("0") && shelf.places.contains_key("1"));
        // Of those that are too old none stays.
        shelf.place("later", now + Duration::from_hours(1));
        assert_eq!(shelf.places.len(), 1);
    }
}
