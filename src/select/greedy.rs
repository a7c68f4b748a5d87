//! Greedy maximum coverage, lazily: a frame's gain can only fall, so an old gain is a bound for the new one.

use super::voxels::VoxelSets;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A frame that was picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// Its number among the candidates.
    pub frame: usize,
    /// Voxels that no frame picked before it sees.
    pub gain: usize,
}

/// Picks up to `count` frames, each time the one that adds most; of equal ones the lowest number. Ends early when no
/// frame adds anything.
pub fn greedy(sets: &VoxelSets, count: usize) -> Vec<Pick> {
    let mut covered = vec![0u64; sets.words()];
    let mut picks: Vec<Pick> = Vec::with_capacity(count.min(sets.frames()));
    // The greatest bound first, of equal ones the lowest frame; with it how many were picked when it was counted.
    let counted = (0..sets.frames()).map(|frame| (sets.count(frame), Reverse(frame), 0));
    let mut bounds: BinaryHeap<(usize, Reverse<usize>, usize)> = counted.collect();
    while picks.len() < count
        && let Some((gain, Reverse(frame), at)) = bounds.pop()
        && gain > 0
    {
        if at == picks.len() {
            covered.iter_mut().zip(sets.row(frame)).for_each(|(all, word)| *all |= word);
            picks.push(Pick { frame, gain });
        } else {
            bounds.push((gain_over(sets.row(frame), &covered), Reverse(frame), picks.len()));
        }
    }
    picks
}

fn gain_over(row: &[u64], covered: &[u64]) -> usize {
    row.iter().zip(covered).map(|(word, all)| (word & !all).count_ones() as usize).sum()
}

/// Adds frames until `count` of `frames` are chosen: each time the one farthest, by number, from its nearest chosen one;
/// of equal ones the lowest. With nothing chosen it begins with frame 0. Returns them in ascending order.
pub fn fill(chosen: &[usize], frames: usize, count: usize) -> Vec<usize> {
    let mut is_chosen = vec![false; frames];
    chosen.iter().for_each(|&frame| is_chosen[frame] = true);
    for _ in chosen.len()..count.min(frames) {
        let farthest = farthest_from(&is_chosen);
        is_chosen[farthest] = true;
    }
    (0..frames).filter(|&frame| is_chosen[frame]).collect()
}

fn farthest_from(is_chosen: &[bool]) -> usize {
    let mut far = vec![usize::MAX; is_chosen.len()];
    let mut sweep = |order: &mut dyn Iterator<Item = usize>| {
        let mut since = usize::MAX;
        for frame in order {
            since = if is_chosen[frame] { 0 } else { since.saturating_add(1) };
            far[frame] = far[frame].min(since);
        }
    };
    sweep(&mut (0..is_chosen.len()));
    sweep(&mut (0..is_chosen.len()).rev());
    let best = far.iter().copied().max().unwrap_or(0);
    far.iter().position(|&distance| distance == best).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plain form: every frame is counted anew every time.
    fn plain(sets: &[Vec<u32>], count: usize) -> Vec<usize> {
        let mut covered: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
        let mut picks = Vec::new();
        for _ in 0..count {
            let gain = |set: &Vec<u32>| set.iter().filter(|voxel| !covered.contains(*voxel)).count();
            let mut best = (0, usize::MAX);
            for (frame, set) in sets.iter().enumerate().filter(|(frame, _)| !picks.contains(frame)) {
                if gain(set) > best.0 {
                    best = (gain(set), frame);
                }
            }
            if best.0 == 0 {
                break;
            }
            picks.push(best.1);
            covered.extend(&sets[best.1]);
        }
        picks
    }

    #[test]
    fn greedy_takes_the_greatest_gain_then_stops_and_is_filled_by_distance() {
        let frames = [vec![1, 2, 3], vec![3, 4, 5, 6], vec![1, 2, 7], vec![7]];
        let sets = VoxelSets::of_keys(&frames).expect("small");
        let picks = greedy(&sets, 3);
        assert_eq!(picks, [Pick { frame: 1, gain: 4 }, Pick { frame: 2, gain: 3 }]);
        let chosen: Vec<usize> = picks.iter().map(|pick| pick.frame).collect();
        assert_eq!(fill(&chosen, frames.len(), 3), [0, 1, 2]);
        assert_eq!(sets.covered_by(chosen), 7);
    }

    #[test]
    fn with_nothing_chosen_filling_spreads_the_frames() {
        assert_eq!(fill(&[], 9, 3), [0, 4, 8]);
        assert_eq!(fill(&[], 2, 5), [0, 1]);
        assert_eq!(fill(&[], 0, 5), [0usize; 0]);
    }

    proptest! {
        #[test]
        fn lazy_and_plain_greedy_pick_the_same(
            frames in prop::collection::vec(prop::collection::btree_set(0u32..60, 0..25), 0..14),
            count in 0usize..10,
        ) {
            let frames: Vec<Vec<u32>> = frames.into_iter().map(|set| set.into_iter().collect()).collect();
            let sets = VoxelSets::of_keys(&frames).expect("small");
            let picks: Vec<usize> = greedy(&sets, count).iter().map(|pick| pick.frame).collect();
            prop_assert_eq!(&picks, &plain(&frames, count));
            let all = fill(&picks, frames.len(), count);
            prop_assert_eq!(all.len(), count.min(frames.len()));
            prop_assert!(picks.iter().all(|frame| all.contains(frame)));
        }
    }
}
