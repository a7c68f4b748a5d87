//! Which of many frames see the most.

use crate::bridge::{Selection, VoxelSet};
use crate::held::{Failure, held};
use gnomon::Error;
use gnomon::select::{VoxelSets, fill, greedy};

/// The most frames that are chosen among at once.
const MAX_FRAMES: usize = 1 << 20;

/// Chooses frames by the voxels they see.
pub fn select_voxels(sets: &[VoxelSet], count: u64) -> Result<Selection, Failure> {
    held(|| {
        if sets.len() > MAX_FRAMES {
            return Err(Error::argument(format!("{} frames, expected at most {MAX_FRAMES}", sets.len())));
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(sets.len());
        let keys: Vec<Vec<u64>> = sets.iter().map(|set| set.voxels.clone()).collect();
        let sets = VoxelSets::of_keys(&keys)?;
        let picks: Vec<usize> = greedy(&sets, count).iter().map(|pick| pick.frame).collect();
        Ok(Selection {
            frames: fill(&picks, keys.len(), count).into_iter().map(|frame| frame as u64).collect(),
            covered: sets.covered_by(picks) as u64,
            seen: sets.covered_by(0..keys.len()) as u64,
        })
    })
}
