//! What the vision graph made of pictures, kept by what is in them: a camera that stands still is looked at once.

use super::picture::Prepared;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What a picture is, in 256 bits of its prepared numbers.
pub(super) type Key = [u8; 32];

pub(super) fn key_of(picture: &Prepared) -> Key {
    let mut hash = Sha256::new();
    for side in picture.shape.iter().chain(picture.grid.iter().flatten()) {
        hash.update(side.to_le_bytes());
    }
    hash.update(bytemuck::cast_slice::<f32, u8>(&picture.pixels));
    hash.finalize().into()
}

/// What a picture is to a graph to which one is not the same beside others.
pub(super) fn key_among(all: &[Key], at: usize) -> Key {
    let mut hash = Sha256::new();
    hash.update(at.to_le_bytes());
    all.iter().for_each(|key| hash.update(key));
    hash.finalize().into()
}

/// Rows by picture, the least lately used let go first.
#[derive(Default)]
pub(super) struct Features {
    kept: Vec<(Key, Arc<Vec<f32>>)>,
    most_bytes: usize,
    /// Pictures that were found here, and that were not.
    pub hits: u64,
    pub misses: u64,
}

impl Features {
    pub(super) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, ..Self::default() }
    }

    pub(super) fn get(&mut self, key: &Key) -> Option<Arc<Vec<f32>>> {
        let Some(at) = self.kept.iter().position(|(kept, _)| kept == key) else {
            self.misses += 1;
            return None;
        };
        self.hits += 1;
        let found = self.kept.remove(at);
        let rows = found.1.clone();
        self.kept.push(found);
        Some(rows)
    }

    pub(super) fn put(&mut self, key: Key, rows: Arc<Vec<f32>>) {
        self.kept.retain(|(kept, _)| *kept != key);
        self.kept.push((key, rows));
        while self.bytes() > self.most_bytes && !self.kept.is_empty() {
            self.kept.remove(0);
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }

    pub(super) fn bytes(&self) -> usize {
        self.kept.iter().map(|(_, rows)| rows.len() * 4).sum()
    }
}
