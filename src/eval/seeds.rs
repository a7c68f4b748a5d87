//! The same measurement over many seeds, on a few threads.

use crate::error::{Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};

/// Which rooms to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeds {
    /// Seed of the first room.
    pub first: u64,
    /// How many rooms.
    pub count: u64,
    /// Threads to use.
    pub threads: usize,
}

impl Seeds {
    /// What `measure` says of every seed, by ascending seed, whatever the number of threads.
    pub(super) fn measure<T: Send>(&self, measure: impl Fn(u64) -> Result<T> + Sync) -> Result<Vec<T>> {
        let next = AtomicU64::new(0);
        let work = || -> Result<Vec<(u64, T)>> {
            let mut done = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= self.count {
                    return Ok(done);
                }
                done.push((k, measure(self.first + k)?));
            }
        };
        let mut found = std::thread::scope(|scope| -> Result<Vec<(u64, T)>> {
            let threads: Vec<_> = (0..self.threads.max(1)).map(|_| scope.spawn(work)).collect();
            let mut all = Vec::new();
            for thread in threads {
                all.extend(thread.join().map_err(|_| Error::state("an evaluation thread panicked"))??);
            }
            Ok(all)
        })?;
        found.sort_by_key(|(k, _)| *k);
        Ok(found.into_iter().map(|(_, one)| one).collect())
    }
}
