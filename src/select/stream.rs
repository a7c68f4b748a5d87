//! Frames come one after another, for ever: K of them are kept.
//!
//! Let f be how many voxels the kept frames see together. A new frame v that adds g voxels takes the place of the frame u
//! whose loss is least, if f rises by that, Δ = g − loss > 0, and if what all frames ever taken in added stays below twice
//! what is seen then: U + g ≤ 2 (f + Δ). Of equal losses the oldest goes.
//!
//! So at least a quarter of what the best K frames of all would see is kept, as by the rule of Buchbinder, Feldman and
//! Schwartz (Online Submodular Maximization with Preemption, SODA 2015, Δ ≥ f / K), which this one contains: the least
//! loss is at most f / K, so Δ ≥ f / K gives g ≤ 2 Δ and the bound on U holds on. A frame that is refused therefore adds
//! less than 2 f / K; K such and all that was ever taken in together see at most U + 2 f ≤ 4 f. Swaps that rule would refuse
//! are made as long as U leaves room for them, and bring the choice near to that of greedy with all frames at hand.
//!
//! A frame that goes is forgotten: what is held is bounded by K times the points of a frame.

use super::sample::MAX_SAMPLES;
use crate::error::{Error, Result};
use crate::geom::OrientedBox;
use nalgebra::Point3;
use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};

/// The most frames that are kept.
const MAX_KEPT: usize = 1 << 20;

/// The most exchanges that the log holds.
const MAX_LOG: usize = 1 << 20;

/// Half the voxels along an axis: a key has 21 bits for each.
const HALF_SIDE: f64 = (1 << 20) as f64;

/// How frames are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeepOptions {
    /// How many frames are kept: 1 to 1,048,576.
    pub count: usize,
    /// The edge of a voxel, metres.
    pub edge_m: f64,
    /// How many exchanges the log holds, at most 1,048,576; older ones leave a count.
    pub log: usize,
}

impl Default for KeepOptions {
    /// 16 frames, voxels of 10 cm, 256 exchanges.
    fn default() -> Self {
        Self { count: 16, edge_m: 0.10, log: 256 }
    }
}

/// A frame that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The number it was offered under.
    pub frame: u64,
    /// Voxels that no other kept frame sees.
    pub alone: usize,
    /// Voxels that it sees, ascending.
    keys: Vec<u64>,
}

impl Kept {
    /// How many voxels it sees.
    pub fn voxels(&self) -> usize {
        self.keys.len()
    }
}

/// A frame was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swap {
    /// The new frame.
    pub frame: u64,
    /// What it added when it came, voxels.
    pub gain: usize,
    /// The frame that went for it, and how many voxels went with it that nobody sees now; `None` while there was room.
    pub instead_of: Option<(u64, usize)>,
}

/// Who sees a voxel: how many kept frames, and their numbers combined by exclusive or, which for one is its number.
#[derive(Debug, Clone, Copy, Default)]
struct Seers {
    count: u32,
    mixed: u64,
}

#[allow(clippy::disallowed_types, reason = "looked up, never walked; hashed alike in every run")]
type Voxels = std::collections::HashMap<u64, Seers, BuildHasherDefault<DefaultHasher>>;

/// Keeps the K frames worth keeping of all that it is offered. Plain data: one writer, and `&self` from any thread.
#[derive(Debug)]
pub struct Keeper {
    options: KeepOptions,
    /// In the order in which they came.
    kept: Vec<Kept>,
    voxels: Voxels,
    /// What every frame ever taken in added when it came.
    added: usize,
    offered: u64,
    last: Option<u64>,
    log: VecDeque<Swap>,
    forgotten: u64,
}

impl Keeper {
    /// Keeps nothing yet.
    ///
    /// # Errors
    /// Options out of range.
    pub fn new(options: KeepOptions) -> Result<Self> {
        if !(1..=MAX_KEPT).contains(&options.count) {
            return Err(Error::argument(format!("count is {}, expected 1 to {MAX_KEPT}", options.count)));
        }
        if !(0.001..=100.0).contains(&options.edge_m) {
            return Err(Error::argument(format!("edge_m is {}, expected 0.001 to 100", options.edge_m)));
        }
        if options.log > MAX_LOG {
            return Err(Error::argument(format!("log is {}, expected at most {MAX_LOG}", options.log)));
        }
        Ok(Self {
            options,
            kept: Vec::new(),
            voxels: Voxels::default(),
            added: 0,
            offered: 0,
            last: None,
            log: VecDeque::new(),
            forgotten: 0,
        })
    }

    /// Offers a frame: its points in the world, metres, at most [`MAX_SAMPLES`] of them (see
    /// [`PointSampler`](super::PointSampler)). Returns what became of it; `None`: it is not kept.
    ///
    /// # Errors
    /// A number that does not rise, too many points. Nothing changes then.
    pub fn offer(&mut self, frame: u64, points: &[[f64; 3]]) -> Result<Option<Swap>> {
        if let Some(last) = self.last.filter(|last| frame <= *last) {
            return Err(Error::argument(format!("frame {frame} comes after frame {last}: numbers rise")));
        }
        if points.len() > MAX_SAMPLES {
            return Err(Error::argument(format!(
                "frame {frame} has {} points, expected at most {MAX_SAMPLES}",
                points.len()
            )));
        }
        self.last = Some(frame);
        self.offered += 1;
        let mut keys: Vec<u64> = points.iter().filter_map(|point| self.key(*point)).collect();
        keys.sort_unstable();
        keys.dedup();
        let gain = keys.iter().filter(|key| !self.voxels.contains_key(key)).count();
        let mut instead_of = None;
        if self.kept.len() == self.options.count {
            let (at, loss) = self.least_loss(&keys);
            if gain <= loss || self.added + gain > 2 * (self.covered() + gain - loss) {
                return Ok(None);
            }
            instead_of = Some((self.let_go(at), loss));
        }
        self.take_in(frame, keys);
        self.added += gain;
        let swap = Swap { frame, gain, instead_of };
        self.note(swap);
        Ok(Some(swap))
    }

    /// The kept frame with which the fewest voxels would go, and how many, if what sees `keys` came in its place.
    fn least_loss(&self, keys: &[u64]) -> (usize, usize) {
        let mut losses: Vec<usize> = self.kept.iter().map(|kept| kept.alone).collect();
        for seers in keys.iter().filter_map(|key| self.voxels.get(key)).filter(|seers| seers.count == 1) {
            losses[place_of(&self.kept, seers.mixed)] -= 1;
        }
        losses.into_iter().enumerate().min_by_key(|&(_, loss)| loss).unwrap_or((0, 0))
    }

    fn take_in(&mut self, frame: u64, keys: Vec<u64>) {
        let mut alone = 0;
        for key in &keys {
            let seers = self.voxels.entry(*key).or_default();
            match seers.count {
                0 => alone += 1,
                1 => {
                    let at = place_of(&self.kept, seers.mixed);
                    self.kept[at].alone -= 1;
                }
                _ => (),
            }
            seers.count += 1;
            seers.mixed ^= frame;
        }
        self.kept.push(Kept { frame, alone, keys });
    }

    /// Removes a frame; returns its number.
    fn let_go(&mut self, at: usize) -> u64 {
        let gone = self.kept.remove(at);
        for key in &gone.keys {
            let Some(seers) = self.voxels.get_mut(key) else { continue };
            seers.count -= 1;
            seers.mixed ^= gone.frame;
            match *seers {
                Seers { count: 0, .. } => {
                    self.voxels.remove(key);
                }
                Seers { count: 1, mixed } => {
                    let at = place_of(&self.kept, mixed);
                    self.kept[at].alone += 1;
                }
                _ => (),
            }
        }
        gone.frame
    }

    fn note(&mut self, swap: Swap) {
        if self.log.len() == self.options.log {
            self.log.pop_front();
            self.forgotten += 1;
        }
        if self.options.log > 0 {
            self.log.push_back(swap);
        }
    }

    /// The voxel of a point; `None` for one that is not finite or a hundred kilometres away.
    fn key(&self, point: [f64; 3]) -> Option<u64> {
        let mut key = 0u64;
        for along in point {
            let cell = (along / self.options.edge_m).floor();
            if !(-HALF_SIDE..HALF_SIDE).contains(&cell) {
                return None;
            }
            key = key << 21 | (cell + HALF_SIDE) as u64;
        }
        Some(key)
    }

    /// The kept frames, in the order in which they came: exactly K once as many were offered.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Voxels that the kept frames see together.
    pub fn covered(&self) -> usize {
        self.voxels.len()
    }

    /// Frames offered so far.
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// The newest exchanges, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &Swap> {
        self.log.iter()
    }

    /// Exchanges that fell out of the log.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The kept frames that see something of a box, with how many voxels of it each sees; the most first, of equal ones
    /// the newest. The box is taken half a voxel larger on every side, as a surface lies on its border.
    pub fn seeing(&self, obb: &OrientedBox) -> Vec<(u64, usize)> {
        let wanted = self.voxels_of(obb);
        let seen = self.kept.iter().map(|kept| (kept.frame, count_common(&kept.keys, &wanted)));
        let mut seen: Vec<(u64, usize)> = seen.filter(|(_, count)| *count > 0).collect();
        seen.sort_by_key(|&(frame, count)| (std::cmp::Reverse(count), std::cmp::Reverse(frame)));
        seen
    }

    /// The voxels that some kept frame sees and whose centre lies in the box.
    fn voxels_of(&self, obb: &OrientedBox) -> BTreeSet<u64> {
        let edge = self.options.edge_m;
        let half = obb.size * 0.5 + nalgebra::Vector3::repeat(0.5 * edge);
        let is_inside = |key: u64| {
            let along = |shift: u32| ((key >> shift & 0x1f_ffff) as f64 - HALF_SIDE + 0.5) * edge;
            let local = obb.world_from_box.inverse() * (Point3::new(along(42), along(21), along(0)) - obb.centre);
            (0..3).all(|k| local[k].abs() <= half[k])
        };
        self.kept.iter().flat_map(|kept| &kept.keys).copied().filter(|key| is_inside(*key)).collect()
    }
}

/// Where a frame is among those that are kept.
fn place_of(kept: &[Kept], frame: u64) -> usize {
    kept.partition_point(|kept| kept.frame < frame)
}

fn count_common(keys: &[u64], wanted: &BTreeSet<u64>) -> usize {
    wanted.iter().filter(|key| keys.binary_search(key).is_ok()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{VoxelSets, greedy};
    use nalgebra::Vector3;
    use proptest::prelude::*;

    fn points(voxels: &[u32]) -> Vec<[f64; 3]> {
        voxels.iter().map(|&voxel| [f64::from(voxel) * 0.1 + 0.05, -0.05, 0.02]).collect()
    }

    fn keeper(count: usize) -> Keeper {
        Keeper::new(KeepOptions { count, ..KeepOptions::default() }).expect("options")
    }

    fn frames(keeper: &Keeper) -> Vec<u64> {
        keeper.kept().iter().map(|kept| kept.frame).collect()
    }

    #[test]
    fn a_frame_takes_the_place_of_the_one_with_which_least_goes() {
        let mut keeper = keeper(2);
        keeper.offer(0, &points(&[1, 2, 3, 4])).expect("fine");
        keeper.offer(1, &points(&[4, 5])).expect("fine");
        assert_eq!(keeper.offer(2, &points(&[6])).expect("fine"), None, "adds one, of frame 1 one would go");
        let swap = keeper.offer(3, &points(&[4, 6, 7])).expect("fine").expect("adds two");
        assert_eq!(swap, Swap { frame: 3, gain: 2, instead_of: Some((1, 1)) });
        assert_eq!((frames(&keeper), keeper.covered(), keeper.offered()), (vec![0, 3], 6, 4));
        let alone: Vec<usize> = keeper.kept().iter().map(|kept| kept.alone).collect();
        assert_eq!(alone, [3, 2]);
    }

    #[test]
    fn swaps_that_bring_little_end_when_all_ever_added_is_twice_what_is_seen() {
        let mut keeper = keeper(1);
        keeper.offer(0, &points(&(0..10).collect::<Vec<_>>())).expect("fine");
        let apart = |frame: u32| points(&(100 * frame..100 * frame + 10 + frame).collect::<Vec<_>>());
        assert!(keeper.offer(1, &apart(1)).expect("fine").is_some(), "adds 11 to 10: 21 of 22");
        assert!(keeper.offer(2, &apart(2)).expect("fine").is_none(), "12 more would be 33 of 24");
        let all: Vec<u32> = (1000..1050).collect();
        assert!(keeper.offer(3, &points(&all)).expect("fine").is_some(), "what brings enough always comes in");
    }

    #[test]
    fn the_log_forgets_the_oldest_and_counts_them() {
        let mut keeper = Keeper::new(KeepOptions { count: 9, log: 2, ..KeepOptions::default() }).expect("options");
        for frame in 0..5 {
            keeper.offer(frame, &points(&[frame as u32])).expect("fine");
        }
        assert_eq!(keeper.log().map(|swap| swap.frame).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(keeper.forgotten(), 3);
    }

    #[test]
    fn frames_that_see_a_box_come_with_the_most_of_it_first() {
        let mut keeper = keeper(3);
        keeper.offer(0, &points(&[20, 21])).expect("fine");
        keeper.offer(1, &points(&[20, 21, 22, 40])).expect("fine");
        keeper.offer(2, &points(&[70])).expect("fine");
        let obb = OrientedBox::upright(Point3::new(2.15, 0.0, 0.0), Vector3::new(0.4, 0.4, 0.4), 0.0);
        assert_eq!(keeper.seeing(&obb), [(1, 3), (0, 2)]);
    }

    #[test]
    fn points_without_a_place_are_passed_over_and_bad_frames_change_nothing() {
        let mut keeper = keeper(1);
        let lost = [[f64::NAN, 0.0, 0.0], [f64::INFINITY, 0.0, 0.0], [1e9, 0.0, 0.0], [0.0; 3]];
        keeper.offer(5, &lost).expect("fine");
        assert_eq!(keeper.covered(), 1);
        let error = keeper.offer(5, &[]).expect_err("the number does not rise");
        assert_eq!(error.to_string(), "frame 5 comes after frame 5: numbers rise");
        assert!(keeper.offer(6, &vec![[0.0; 3]; MAX_SAMPLES + 1]).is_err());
        assert_eq!(keeper.offered(), 1);
        assert!(Keeper::new(KeepOptions { count: 0, ..KeepOptions::default() }).is_err());
        assert!(Keeper::new(KeepOptions { edge_m: f64::NAN, ..KeepOptions::default() }).is_err());
    }

    /// Voxels that one frame sees and no other, counted plainly.
    fn alone(kept: &[Kept]) -> Vec<usize> {
        let others = |at: usize| kept.iter().enumerate().filter(move |(other, _)| *other != at).map(|(_, kept)| kept);
        let is_alone = |at: usize, key: &u64| !others(at).any(|other| other.keys.contains(key));
        (0..kept.len()).map(|at| kept[at].keys.iter().filter(|key| is_alone(at, key)).count()).collect()
    }

    /// What the best K frames see, by trying all.
    fn best(sets: &VoxelSets, count: usize) -> usize {
        let choices = (0u32..1 << sets.frames()).filter(|choice| choice.count_ones() as usize <= count);
        choices.map(|choice| sets.covered_by((0..sets.frames()).filter(|k| choice >> k & 1 == 1))).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn a_quarter_of_the_best_is_kept_and_the_counts_are_right(
            sets in prop::collection::vec(prop::collection::btree_set(0u32..40, 0..12), 1..11),
            count in 1usize..5,
        ) {
            let sets: Vec<Vec<u32>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let mut keeper = keeper(count);
            for (frame, set) in (0u64..).zip(&sets) {
                keeper.offer(frame, &points(set)).expect("fine");
                let all: BTreeSet<u64> = keeper.kept().iter().flat_map(|kept| kept.keys.clone()).collect();
                prop_assert_eq!(keeper.covered(), all.len());
                prop_assert_eq!(keeper.kept().iter().map(|kept| kept.alone).collect::<Vec<_>>(), alone(keeper.kept()));
                prop_assert_eq!(keeper.kept().len(), count.min(frame as usize + 1));
            }
            let bits = VoxelSets::of_keys(&sets).expect("small");
            prop_assert!(4 * keeper.covered() >= best(&bits, count));
            let greedily: usize = greedy(&bits, count).iter().map(|pick| pick.gain).sum();
            prop_assert!(greedily <= best(&bits, count));
        }
    }
}
