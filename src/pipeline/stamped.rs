//! What is handed in by stamp and waits for its frame: a bounded list, the first handed in goes first.

use std::collections::VecDeque;

/// What has the stamp that was asked for, or the nearest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Near {
    /// Where it stands in the list.
    pub at: usize,
    /// Its stamp less the one asked for, nanoseconds.
    pub off_ns: i64,
    /// Whether none nearer is to be expected: the stamps are equal, or a later one is there.
    pub is_final: bool,
}

struct Entry<T> {
    stamp_ns: i64,
    camera_id: u32,
    /// Rises with each one handed in.
    turn: u64,
    value: T,
}

/// Values by camera and stamp, sorted by stamp.
pub(super) struct Stamped<T> {
    entries: VecDeque<Entry<T>>,
    most: usize,
    turns: u64,
}

impl<T> Stamped<T> {
    pub fn new(most: usize) -> Self {
        Self { entries: VecDeque::new(), most, turns: 0 }
    }

    /// Takes a value in, in place of one with the same camera and stamp; gives back what went out for it.
    pub fn push(&mut self, camera_id: u32, stamp_ns: i64, value: T) -> Option<T> {
        self.turns += 1;
        let key = (stamp_ns, camera_id);
        let mut out = None;
        match self.entries.binary_search_by_key(&key, |entry| (entry.stamp_ns, entry.camera_id)) {
            Ok(at) => {
                self.entries[at].turn = self.turns;
                return Some(std::mem::replace(&mut self.entries[at].value, value));
            }
            Err(_) if self.entries.len() >= self.most => {
                let oldest = (0..self.entries.len()).min_by_key(|at| self.entries[*at].turn);
                out = oldest.and_then(|at| self.entries.remove(at)).map(|entry| entry.value);
            }
            Err(_) => {}
        }
        let at = self.entries.partition_point(|entry| (entry.stamp_ns, entry.camera_id) < key);
        self.entries.insert(at, Entry { stamp_ns, camera_id, turn: self.turns, value });
        out
    }

    /// The nearest within `tolerance_ns`; of two equally near the earlier one.
    pub fn near(&self, camera_id: u32, stamp_ns: i64, tolerance_ns: i64) -> Option<Near> {
        let first = stamp_ns.saturating_sub(tolerance_ns);
        let first = self.entries.partition_point(|entry| entry.stamp_ns < first);
        let mut best: Option<Near> = None;
        for (at, entry) in self.entries.iter().enumerate().skip(first) {
            let off_ns = entry.stamp_ns.saturating_sub(stamp_ns);
            if entry.camera_id != camera_id {
                continue;
            }
            let is_later = off_ns >= 0;
            let is_nearer = best.is_none_or(|best| off_ns.unsigned_abs() < best.off_ns.unsigned_abs());
            if is_nearer && off_ns <= tolerance_ns {
                best = Some(Near { at, off_ns, is_final: is_later });
            }
            if is_later {
                return best.map(|best| Near { is_final: true, ..best });
            }
        }
        best
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.entries.get(at).map(|entry| &entry.value)
    }

    pub fn take(&mut self, at: usize) -> Option<T> {
        self.entries.remove(at).map(|entry| entry.value)
    }

    /// The newest stamp of a camera.
    pub fn newest_ns(&self, camera_id: u32) -> Option<i64> {
        self.entries.iter().rev().find(|entry| entry.camera_id == camera_id).map(|entry| entry.stamp_ns)
    }

    pub fn drain(&mut self) -> impl Iterator<Item = T> {
        std::mem::take(&mut self.entries).into_iter().map(|entry| entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_final_once_a_later_one_is_there() {
        let mut poses = Stamped::new(8);
        poses.push(0, 100, "a");
        poses.push(1, 104, "of another camera");
        assert_eq!(poses.near(0, 103, 2), None);
        assert_eq!(poses.near(0, 103, 5), Some(Near { at: 0, off_ns: -3, is_final: false }));
        poses.push(0, 110, "b");
        assert_eq!(poses.near(0, 103, 5), Some(Near { at: 0, off_ns: -3, is_final: true }));
        assert_eq!(poses.near(0, 107, 9).map(|near| (near.off_ns, near.is_final)), Some((3, true)));
        assert_eq!(poses.near(0, 110, 0).map(|near| (near.at, near.is_final)), Some((2, true)));
        assert_eq!((poses.newest_ns(0), poses.newest_ns(7)), (Some(110), None));
        assert_eq!(poses.near(0, i64::MIN, 5), None);
        assert_eq!(poses.near(0, i64::MAX, i64::MAX).map(|near| near.is_final), Some(false));
    }

    #[test]
    fn the_list_is_bounded_and_a_stamp_stands_in_it_once() {
        let mut list = Stamped::new(2);
        assert_eq!(list.push(0, 10, 'a'), None);
        assert_eq!(list.push(0, 20, 'b'), None);
        assert_eq!(list.push(0, 20, 'c'), Some('b'));
        // The clock was set back: what was handed in first goes first all the same.
        assert_eq!(list.push(0, 3, 'd'), Some('a'));
        assert_eq!(list.push(0, 4, 'e'), Some('c'));
        assert_eq!((list.take(1), list.get(0), list.get(1)), (Some('e'), Some(&'d'), None));
        assert_eq!(list.drain().collect::<String>(), "d");
    }
}
