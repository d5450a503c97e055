//! What most have none of, or only for a moment: it takes memory only as long as there is something.

use core::ops::{Deref, DerefMut};
use std::collections::BTreeSet;

/// What may stand in a [`Rare`].
pub trait Nothing: Default + 'static {
    /// It, when there is nothing of it.
    const NOTHING: &'static Self;

    /// Tells whether there is nothing of it.
    fn is_nothing(&self) -> bool;
}

/// A `T` that is mostly nothing, and takes the room of a pointer then.
///
/// To read it costs nothing. To write to it makes room; whoever may have left nothing behind says so ([`Self::settle`]), or writes to it
/// by [`Self::change`].
#[derive(Clone)]
pub struct Rare<T>(Option<Box<T>>);

impl<T> Rare<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Self(None)
    }
}

impl<T: Nothing> Rare<T> {
    /// Makes a change.
    pub fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(self);
        self.settle();
        result
    }

    /// Lets go of the room when there is nothing in it.
    pub fn settle(&mut self) {
        if self.0.as_ref().is_some_and(|some| some.is_nothing()) {
            self.0 = None;
        }
    }

    /// Returns it where there is room for it, whether or not there is something.
    pub fn room(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// Takes everything out.
    pub fn take(&mut self) -> T {
        self.0.take().map(|some| *some).unwrap_or_default()
    }
}

impl<T: 'static> Nothing for BTreeSet<T> {
    const NOTHING: &'static Self = &Self::new();

    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Nothing> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Self((!value.is_nothing()).then(|| Box::new(value)))
    }
}

impl<T: Nothing> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::NOTHING)
    }
}

impl<T: Nothing> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Nothing + PartialEq> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Nothing + Eq> Eq for Rare<T> {}

impl<T: Nothing + core::fmt::Debug> core::fmt::Debug for Rare<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        T::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Eq)]
    struct Letters {
        all: Vec<char>,
    }

    impl Nothing for Letters {
        const NOTHING: &'static Self = &Self { all: Vec::new() };

        fn is_nothing(&self) -> bool {
            self.all.is_empty()
        }
    }

    #[test]
    fn there_is_room_only_for_something() {
        let mut rare = Rare::<Letters>::default();
        assert_eq!((size_of_val(&rare), rare.all.len(), rare.room().is_some()), (8, 0, false));
        rare.change(|letters| letters.all.push('a'));
        assert_eq!((rare.all.len(), rare.room().is_some()), (1, true));
        assert_eq!(rare.change(|letters| letters.all.pop()), Some('a'));
        assert!(rare.room().is_none(), "nothing is left");

        // What is changed in place is let go of when that is said.
        rare.all.push('b');
        rare.settle();
        assert_eq!(*rare, Letters { all: vec!['b'] });
        rare.all.clear();
        assert!(rare.room().is_some());
        rare.settle();
        assert!(rare.room().is_none());

        assert!(Rare::from(Letters::default()).room().is_none());
        let mut rare = Rare::from(Letters { all: vec!['c'] });
        assert_eq!((rare.take(), rare.room().is_some()), (Letters { all: vec!['c'] }, false));
    }
}
