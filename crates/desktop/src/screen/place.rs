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
/// `keys` are the rows, the newest last; `height_of` measures one, which is asked of rows that are seen only, and of those
/// that were scrolled over.
pub fn place(
    anchor: Anchor,
    scroll: f32,
    height: f32,
    keys: &[u64],
    mut height_of: impl FnMut(usize) -> f32,
) -> Placed {
    if keys.is_empty() {
        return Placed::default();
    }
    let hangs_on = match anchor {
        Anchor::Row { key, top } => keys.iter().rposition(|known| *known == key).map(|place| (place, top)),
        Anchor::End => None,
    };
    // The row that is placed first, and where.
    let (mut first, mut top) = hangs_on.unwrap_or_else(|| {
        let last = keys.len() - 1;
        (last, height - height_of(last))
    });
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
    while row < keys.len() && next < height {
        tops.push(next);
        next += height_of(row);
        row += 1;
    }
    if row == keys.len() && next <= height {
        return from_the_end(height, keys, height_of);
    }
    // Rows that were scrolled out above.
    let mut hidden = 0;
    while hidden + 1 < tops.len() && tops[hidden + 1] <= 0.0 {
        hidden += 1;
    }
    tops.drain(..hidden);
    first += hidden;
    let anchor = Anchor::Row { key: keys[first], top: tops[0] };
    Placed { first, tops, anchor }
}

fn from_the_end(height: f32, keys: &[u64], mut height_of: impl FnMut(usize) -> f32) -> Placed {
    let mut tops = Vec::new();
    let mut top = height;
    let mut first = keys.len();
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
    use super::*;

    /// Rows of ten points, but every third of thirty.
    fn height_of(row: usize) -> f32 {
        if row.is_multiple_of(3) { 30.0 } else { 10.0 }
    }

    fn keys(count: u64) -> Vec<u64> {
        (100..100 + count).collect()
    }

    #[test]
    fn the_newest_stands_at_the_lower_end() {
        let placed = place(Anchor::End, 0.0, 100.0, &keys(9), height_of);
        // 30 10 10 30 10 10 30 10 10: the last row ends at 100.
        assert_eq!((placed.first, placed.tops.last()), (3, Some(&90.0)));
        assert_eq!(placed.anchor, Anchor::End);
        let short = place(Anchor::End, 0.0, 100.0, &keys(2), height_of);
        assert_eq!((short.first, short.tops), (0, vec![60.0, 90.0]));
        assert_eq!(place(Anchor::End, 0.0, 100.0, &[], height_of), Placed::default());
    }

    #[test]
    fn what_is_put_in_above_or_below_moves_nothing() {
        let all = keys(30);
        let placed = place(Anchor::End, -100.0, 100.0, &all[10..20], |row| height_of(row + 10));
        let (key, top) = (all[10 + placed.first], placed.tops[0]);
        assert_eq!(placed.anchor, Anchor::Row { key, top });
        let later = place(placed.anchor, 0.0, 100.0, &all, height_of);
        assert_eq!((all[later.first], later.tops[0]), (key, top));
    }

    #[test]
    fn scrolling_ends_where_the_list_does() {
        let all = keys(30);
        let up = place(Anchor::End, -100_000.0, 100.0, &all, height_of);
        assert_eq!((up.first, up.tops[0]), (0, 0.0));
        let down = place(up.anchor, 100_000.0, 100.0, &all, height_of);
        assert_eq!((down.anchor, down.end()), (Anchor::End, 30));
        // There and back again.
        let mut placed = up.clone();
        for _ in 0..7 {
            placed = place(placed.anchor, 23.0, 100.0, &all, height_of);
        }
        for _ in 0..7 {
            placed = place(placed.anchor, -23.0, 100.0, &all, height_of);
        }
        assert_eq!((placed.first, placed.tops[0]), (up.first, up.tops[0]));
    }

    #[test]
    fn a_row_that_is_gone_lets_go() {
        let placed = place(Anchor::Row { key: 1, top: 5.0 }, 0.0, 100.0, &keys(9), height_of);
        assert_eq!(placed.anchor, Anchor::End);
    }

    #[test]
    fn only_what_is_seen_is_measured() {
        let all = keys(100_000);
        let mut measured = 0;
        place(Anchor::End, -50.0, 100.0, &all, |row| {
            measured += 1;
            height_of(row)
        });
        assert!(measured < 30, "{measured}");
    }
}
