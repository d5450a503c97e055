//! Whether everybody got everything once and in order.

use serde::Serialize;

use super::text::Said;

/// What was wrong with what members got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Faults {
    /// Deliveries that did not come.
    pub(crate) lost: u64,
    /// Deliveries that came again.
    pub(crate) doubled: u64,
    /// Deliveries that came after a later one of the same sender.
    pub(crate) reordered: u64,
}

impl Faults {
    /// Adds what was wrong elsewhere.
    pub(crate) fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.reordered += other.reordered;
    }
}

/// Follows what each member got of each sender of their room.
#[derive(Debug)]
pub(super) struct Checks {
    senders: usize,
    /// The last number of each member's senders.
    last: Vec<u32>,
    /// Numbers that were left out until now. Kept for all together: who said what late is not asked.
    skipped: u64,
    doubled: u64,
    reordered: u64,
}

impl Checks {
    pub(super) fn new(members: usize, senders: usize) -> Self {
        Self { senders, last: vec![0; members * senders], skipped: 0, doubled: 0, reordered: 0 }
    }

    /// Notes what a member got. Returns whether it is new.
    pub(super) fn got(&mut self, member: usize, said: Said) -> bool {
        let Some(last) = self.last.get_mut(member * self.senders + said.sender as usize) else { return false };
        if said.number == *last + 1 {
            *last = said.number;
            return true;
        }
        if said.number > *last {
            self.skipped += u64::from(said.number - *last - 1);
            *last = said.number;
            return true;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            self.reordered += 1;
            return true;
        }
        self.doubled += 1;
        false
    }

    /// Sums up, at an end where so many deliveries have not come; the next sum begins here.
    pub(super) fn take(&mut self, missing: u64) -> Faults {
        let faults = Faults { lost: missing, doubled: self.doubled, reordered: self.reordered };
        (self.skipped, self.doubled, self.reordered) = (0, 0, 0);
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What member 1 of two gets of sender 1 of two, and what is said of it when `missing` did not come.
    fn faults(numbers: &[u32], missing: u64) -> Faults {
        let mut checks = Checks::new(2, 2);
        for number in numbers {
            checks.got(1, Said { sender: 1, number: *number });
        }
        checks.take(missing)
    }

    #[test]
    fn each_fault_is_found() {
        assert_eq!(faults(&[1, 2, 3], 0), Faults::default());
        assert_eq!(faults(&[1, 3], 1), Faults { lost: 1, ..Faults::default() });
        assert_eq!(faults(&[1, 2, 2, 3], 0), Faults { doubled: 1, ..Faults::default() });
        assert_eq!(faults(&[1, 3, 2, 4], 0), Faults { reordered: 1, ..Faults::default() });
    }

    #[test]
    fn a_second_of_a_late_one_is_one_too_many() {
        assert_eq!(faults(&[1, 3, 2, 2], 0), Faults { doubled: 1, reordered: 1, lost: 0 });
    }
}
