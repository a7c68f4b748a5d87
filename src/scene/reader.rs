//! The newest published snapshot, for threads that read while another writes.

use super::snapshot::{Snapshot, SnapshotData};
use parking_lot::Mutex;
use std::sync::Arc;

/// Hands out the newest published snapshot. Clones show the same scene; any thread may ask. The lock is held as long as it
/// takes to count one more owner, so who asks never waits for a frame. It goes on showing the last snapshot when the scene
/// is gone.
#[derive(Debug, Clone)]
pub struct SnapshotReader {
    // A list of readers by thread, as lock-free cells keep one, is lost where a thread's end calls in.
    newest: Arc<Mutex<Arc<SnapshotData>>>,
}

impl SnapshotReader {
    pub(super) fn new(first: Snapshot) -> Self {
        Self { newest: Arc::new(Mutex::new(first.0)) }
    }

    pub(super) fn show(&self, snapshot: &Snapshot) {
        let before = std::mem::replace(&mut *self.newest.lock(), snapshot.0.clone());
        // Who held it last may free it: not under the lock.
        drop(before);
    }

    /// The newest published snapshot; an empty one before the first.
    pub fn latest(&self) -> Snapshot {
        Snapshot(self.newest.lock().clone())
    }
}
