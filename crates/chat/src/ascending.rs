//! A map by numbers that are given out one after the other: users, connections, deadlines.
//!
//! A B-tree splits a full node in the middle. Where each key is larger than all before, nothing ever comes to the first half again, and
//! the whole map stays half empty. Here entries stand in pages, sorted; a new largest key begins a new page, and full ones stay full.

/// The most entries of a page: few enough that it costs little to move those behind a new one.
const PAGE_ENTRIES: usize = 64;

/// A sorted map whose keys mostly ascend. Any order is right; any other is slower and takes more room.
#[derive(Debug)]
pub struct Ascending<K, V> {
    /// None of them is empty, and each key of one is smaller than all of the next.
    pages: Vec<Vec<(K, V)>>,
    count: usize,
}

impl<K: Ord, V> Ascending<K, V> {
    /// Finds a value.
    pub fn get(&self, key: &K) -> Option<&V> {
        let (page, place) = self.find(key).ok()?;
        Some(&self.pages[page][place].1)
    }

    /// Finds a value, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (page, place) = self.find(key).ok()?;
        Some(&mut self.pages[page][place].1)
    }

    /// Tells whether there is such a key.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Puts a value in; returns the one that was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (page, place) = match self.find(&key) {
            Ok((page, place)) => return Some(core::mem::replace(&mut self.pages[page][place].1, value)),
            Err(nearest) => nearest,
        };
        self.count += 1;
        let is_last = page + 1 >= self.pages.len();
        match self.pages.get_mut(page) {
            Some(entries) if entries.len() < PAGE_ENTRIES => entries.insert(place, (key, value)),
            Some(entries) if !(is_last && place == PAGE_ENTRIES) => {
                let mut upper = entries.split_off(PAGE_ENTRIES / 2);
                match place.checked_sub(PAGE_ENTRIES / 2) {
                    Some(place) => upper.insert(place, (key, value)),
                    None => entries.insert(place, (key, value)),
                }
                self.pages.insert(page + 1, upper);
            }
            _ => {
                let mut entries = Vec::with_capacity(PAGE_ENTRIES);
                entries.push((key, value));
                self.pages.push(entries);
            }
        }
        None
    }

    /// Takes a value out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (page, place) = self.find(key).ok()?;
        let (_, value) = self.pages[page].remove(place);
        self.count -= 1;
        self.close_up(page);
        Some(value)
    }

    /// Takes the entry with the smallest key out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        let entry = self.pages.first_mut()?.remove(0);
        self.count -= 1;
        self.close_up(0);
        Some(entry)
    }

    /// Returns the entry with the smallest key.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// Returns all entries, by ascending key.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pages.iter().flatten().map(|(key, value)| (key, value))
    }

    /// Returns all values, by ascending key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the page and the place of a key; where there is none, those where it belongs.
    fn find(&self, key: &K) -> Result<(usize, usize), (usize, usize)> {
        // The last page that begins with this key or a smaller one.
        let later = self.pages.partition_point(|entries| entries.first().is_some_and(|(first, _)| first <= key));
        let page = later.saturating_sub(1);
        let Some(entries) = self.pages.get(page) else { return Err((0, 0)) };
        match entries.binary_search_by(|(other, _)| other.cmp(key)) {
            Ok(place) => Ok((page, place)),
            Err(place) => Err((page, place)),
        }
    }

    /// Lets a page go from which something was taken, when it is empty or its entries fit into half of a neighbour.
    fn close_up(&mut self, page: usize) {
        let count = |page: usize| self.pages.get(page).map_or(usize::MAX, Vec::len);
        let left = count(page);
        let into = [page.wrapping_sub(1), page + 1].into_iter().find(|other| {
            let together = left.saturating_add(count(*other));
            together <= PAGE_ENTRIES / 2
        });
        if left == 0 {
            self.pages.remove(page);
        } else if let Some(into) = into {
            let mut upper = self.pages.remove(page.max(into));
            self.pages[page.min(into)].append(&mut upper);
        } else if left <= PAGE_ENTRIES / 2 && self.pages[page].capacity() == PAGE_ENTRIES {
            self.pages[page].shrink_to(PAGE_ENTRIES / 2);
        }
    }
}

impl<K, V> Default for Ascending<K, V> {
    fn default() -> Self {
        Self { pages: Vec::new(), count: 0 }
    }
}

impl<K: Ord, V> core::ops::Index<&K> for Ascending<K, V> {
    type Output = V;

    /// # Panics
    /// When there is no such key.
    fn index(&self, key: &K) -> &V {
        self.get(key).unwrap_or_else(|| panic!("there is no such entry"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// A key larger than all before.
        Append,
        Insert(u16),
        Remove(u16),
        RemoveFirst,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Append),
            2 => (0_u16..400).prop_map(Step::Insert),
            3 => (0_u16..400).prop_map(Step::Remove),
            1 => Just(Step::RemoveFirst),
        ]
    }

    fn check(pages: &[Vec<(u16, usize)>]) {
        assert!(pages.iter().all(|page| (1..=PAGE_ENTRIES).contains(&page.len())));
        assert!(pages.iter().flatten().is_sorted_by(|(left, _), (right, _)| left < right), "{pages:?}");
    }

    proptest! {
        #[test]
        fn it_says_what_a_map_says(steps in vec(step(), 0..600), from in 0_u16..300) {
            let (mut ours, mut map) = (Ascending::default(), BTreeMap::new());
            let mut next = from;
            for (value, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Append => {
                        prop_assert_eq!(ours.insert(next, value), map.insert(next, value));
                        next += 1;
                    }
                    Step::Insert(key) => prop_assert_eq!(ours.insert(key, value), map.insert(key, value)),
                    Step::Remove(key) => prop_assert_eq!(ours.remove(&key), map.remove(&key)),
                    Step::RemoveFirst => {
                        prop_assert_eq!(ours.first(), map.first_key_value());
                        prop_assert_eq!(ours.pop_first(), map.pop_first());
                    }
                }
                prop_assert_eq!((ours.len(), ours.is_empty()), (map.len(), map.is_empty()));
                check(&ours.pages);
            }
            prop_assert!(ours.iter().eq(&map));
            for key in 0..1000 {
                prop_assert_eq!(ours.get(&key), map.get(&key));
                prop_assert_eq!(ours.get_mut(&key), map.get_mut(&key));
                prop_assert_eq!(ours.contains_key(&key), map.contains_key(&key));
            }
        }
    }

    #[test]
    fn full_pages_stay_full_and_empty_ones_go() {
        let mut map = Ascending::default();
        let count = 10 * PAGE_ENTRIES;
        for key in 0..count {
            map.insert(key, ());
        }
        assert_eq!(map.pages.iter().map(Vec::len).collect::<Vec<_>>(), [PAGE_ENTRIES; 10]);
        // Of those who have come, one of twenty stays.
        for key in (0..count).filter(|key| key % 20 != 0) {
            map.remove(&key);
        }
        assert_eq!(map.len(), count / 20);
        assert!(map.pages.len() <= 2, "{} pages", map.pages.len());
        let room: usize = map.pages.iter().map(Vec::capacity).sum();
        assert!(room <= PAGE_ENTRIES * 2, "room for {room}");
    }
}
