//! Where rows of a long list stand: it hangs on one row, so that nothing jumps when something is put in above, and only what
//! is seen is measured.

/// What the list hangs on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Anchor {
    /// The newest row stands at the lower end.
    #[default]
    End,
    /// A row stands so far below the upper end.
    Row {
        /// Which.
        key: u64,
        /// How far, in points; negative above.
        top: f32,
        /// Which number it had last: it is looked for there first, and if it is gone, the row that has its number takes its place.
        near: usize,
    },
}

/// What is seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// The number of the first row that is seen.
    pub first: usize,
    /// Where rows begin, from the first on, below the upper end.
    pub tops: Vec<f32>,
    /// What the list hangs on from now on.
    pub anchor: Anchor,
}

impl Placed {
    /// Returns the number of the row behind the last one that is seen.
    pub fn end(&self) -> usize {
        self.first + self.tops.len()
    }
}

/// Places rows in a view of a `height`, moved up by `scroll` (down when it is negative).
///
/// There are `count` rows, the newest last. `key_of` tells which one is; where nothing came in above, it is asked of two rows.
/// `height_of` measures one, which is asked of rows that are seen only, and of those that were scrolled over.
pub fn place(
    anchor: Anchor,
    scroll: f32,
    height: f32,
    count: usize,
    key_of: impl Fn(usize) -> u64,
    mut height_of: impl FnMut(usize) -> f32,
) -> Placed {
    let Some(last) = count.checked_sub(1) else { return Placed::default() };
    // The row that is placed first, and where.
    let (mut first, mut top) = match anchor {
        Anchor::Row { key, top, near } => {
            let is_there = |number: &usize| key_of(*number) == key;
            let near = near.min(last);
            (Some(near).filter(is_there).or_else(|| (0..count).rev().find(is_there)).unwrap_or(near), top)
        }
        Anchor::End => (last, height - height_of(last)),
    };
    top -= scroll;
    // Up, until nothing is free above.
    while first > 0 && top > 0.0 {
        first -= 1;
        top -= height_of(first);
    }
    // Nothing stands below the upper end but rows; a list that is shorter than the view stands at the lower end.
    if first == 0 && top > 0.0 {
        top = 0.0;
    }
    let mut tops = Vec::new();
    let mut next = top;
    let mut row = first;
    while row < count && next < height {
        tops.push(next);
        next += height_of(row);
        row += 1;
    }
    if row == count && next <= height {
        return from_the_end(height, count, height_of);
    }
    // Rows that were scrolled out above.
    let mut hidden = 0;
    while hidden + 1 < tops.len() && tops[hidden + 1] <= 0.0 {
        hidden += 1;
    }
    tops.drain(..hidden);
    first += hidden;
    let anchor = Anchor::Row { key: key_of(first), top: tops[0], near: first };
    Placed { first, tops, anchor }
}

fn from_the_end(height: f32, count: usize, mut height_of: impl FnMut(usize) -> f32) -> Placed {
    let mut tops = Vec::new();
    let mut top = height;
    let mut first = count;
    while first > 0 && top > 0.0 {
        first -= 1;
        top -= height_of(first);
        tops.push(top);
    }
    tops.reverse();
    Placed { first, tops, anchor: Anchor::End }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Rows of ten points, but every third of thirty.
    fn height_of(row: usize) -> f32 {
        if row.is_multiple_of(3) { 30.0 } else { 10.0 }
    }

    /// Places that many rows, which are told from each other by their numbers and a hundred.
    fn place(anchor: Anchor, scroll: f32, count: usize) -> Placed {
        super::place(anchor, scroll, 100.0, count, |row| row as u64 + 100, height_of)
    }

    #[test]
    fn the_newest_stands_at_the_lower_end() {
        let placed = place(Anchor::End, 0.0, 9);
        // 30 10 10 30 10 10 30 10 10: the last row ends at 100.
        assert_eq!((placed.first, placed.tops.last()), (3, Some(&90.0)));
        assert_eq!(placed.anchor, Anchor::End);
        let short = place(Anchor::End, 0.0, 2);
        assert_eq!((short.first, short.tops), (0, vec![60.0, 90.0]));
        assert_eq!(place(Anchor::End, 0.0, 0), Placed::default());
    }

    #[test]
    fn what_is_put_in_above_or_below_moves_nothing() {
        // Of thirty rows, ten in the middle are there at first.
        let placed = super::place(Anchor::End, -100.0, 100.0, 10, |row| row as u64 + 110, |row| height_of(row + 10));
        let (near, top) = (placed.first, placed.tops[0]);
        assert_eq!(placed.anchor, Anchor::Row { key: near as u64 + 110, top, near });
        let later = place(placed.anchor, 0.0, 30);
        assert_eq!((later.first, later.tops[0]), (near + 10, top));
    }

    #[test]
    fn scrolling_ends_where_the_list_does() {
        let up = place(Anchor::End, -100_000.0, 30);
        assert_eq!((up.first, up.tops[0]), (0, 0.0));
        let down = place(up.anchor, 100_000.0, 30);
        assert_eq!((down.anchor, down.end()), (Anchor::End, 30));
        // There and back again.
        let mut placed = up.clone();
        for _ in 0..7 {
            placed = place(placed.anchor, 23.0, 30);
        }
        for _ in 0..7 {
            placed = place(placed.anchor, -23.0, 30);
        }
        assert_eq!((placed.first, placed.tops[0]), (up.first, up.tops[0]));
    }

    #[test]
    fn in_the_place_of_a_row_that_is_gone_the_next_one_stands() {
        let placed = place(Anchor::Row { key: 1, top: -5.0, near: 6 }, 0.0, 30);
        assert_eq!((placed.first, placed.tops[0]), (6, -5.0));
        assert_eq!(placed.anchor, Anchor::Row { key: 106, top: -5.0, near: 6 });
        // Behind it were none.
        assert_eq!(place(Anchor::Row { key: 1, top: 5.0, near: 12 }, 0.0, 9).anchor, Anchor::End);
    }

    #[test]
    fn only_what_is_seen_is_measured() {
        let (mut measured, told) = (0, Cell::new(0));
        let mut anchor = Anchor::End;
        for _ in 0..2 {
            let key_of = |row| {
                told.set(told.get() + 1);
                row as u64
            };
            let placed = super::place(anchor, -50.0, 100.0, 100_000, key_of, |row| {
                measured += 1;
                height_of(row)
            });
            anchor = placed.anchor;
        }
        assert!(measured < 60 && told.get() < 5, "{measured}, {told:?}");
    }
}
