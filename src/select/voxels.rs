//! Which voxels each of several frames sees: one row of bits a frame.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// The most bits of all frames together: 1 GiB.
pub const MAX_VOXELS: usize = 1 << 33;

/// Voxels by frame, as bits. Voxel numbers are small and dense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoxelSets {
    frames: usize,
    words: usize,
    bits: Vec<u64>,
}

impl VoxelSets {
    /// Empty sets of `frames` frames over voxels 0 to `voxels` − 1.
    ///
    /// # Errors
    /// More than [`MAX_VOXELS`] bits in all.
    pub fn new(frames: usize, voxels: usize) -> Result<Self> {
        let words = voxels.div_ceil(64);
        match frames.checked_mul(words * 64) {
            Some(bits) if bits <= MAX_VOXELS => Ok(Self { frames, words, bits: vec![0; frames * words] }),
            _ => Err(Error::argument(format!(
                "{frames} frames over {voxels} voxels take more than {MAX_VOXELS} bits: choose a longer voxel edge"
            ))),
        }
    }

    /// Sets of any numbers, which may repeat.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_keys<K: Ord + Copy>(frames: &[Vec<K>]) -> Result<Self> {
        let mut place: BTreeMap<K, usize> = frames.iter().flatten().map(|&key| (key, 0)).collect();
        place.values_mut().enumerate().for_each(|(at, slot)| *slot = at);
        let mut sets = Self::new(frames.len(), place.len())?;
        for (frame, keys) in frames.iter().enumerate() {
            keys.iter().for_each(|key| sets.insert(frame, place[key]));
        }
        Ok(sets)
    }

    /// Notes that a frame sees a voxel. Panics when there is no such frame or voxel.
    #[inline]
    pub fn insert(&mut self, frame: usize, voxel: usize) {
        self.row_mut(frame)[voxel / 64] |= 1 << (voxel % 64);
    }

    /// The bits of one frame, to be set.
    pub(super) fn row_mut(&mut self, frame: usize) -> &mut [u64] {
        &mut self.bits[frame * self.words..][..self.words]
    }

    /// The bits of one frame: voxel v is bit v mod 64 of word v / 64.
    pub fn row(&self, frame: usize) -> &[u64] {
        &self.bits[frame * self.words..][..self.words]
    }

    /// How many frames.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// Words of 64 voxels a frame.
    pub fn words(&self) -> usize {
        self.words
    }

    /// How many voxels a frame sees.
    pub fn count(&self, frame: usize) -> usize {
        self.row(frame).iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many voxels some of the frames see together.
    pub fn covered_by(&self, frames: impl IntoIterator<Item = usize>) -> usize {
        let mut all = vec![0u64; self.words];
        for frame in frames {
            all.iter_mut().zip(self.row(frame)).for_each(|(all, word)| *all |= word);
        }
        all.iter().map(|word| word.count_ones() as usize).sum()
    }
}
