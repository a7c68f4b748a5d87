//! The newest published snapshot, for threads that read while another writes.

use super::snapshot::{Snapshot, SnapshotData};
use arc_swap::ArcSwap;
use std::sync::Arc;

/// Hands out the newest published snapshot. Clones show the same scene; any thread may ask, and neither who asks nor who
/// publishes waits for the other. It goes on showing the last snapshot when the scene is gone.
#[derive(Debug, Clone)]
pub struct SnapshotReader {
    newest: Arc<ArcSwap<SnapshotData>>,
}

impl SnapshotReader {
    pub(super) fn new(first: Snapshot) -> Self {
        Self { newest: Arc::new(ArcSwap::new(first.0)) }
    }

    pub(super) fn show(&self, snapshot: &Snapshot) {
        self.newest.store(snapshot.0.clone());
    }

    /// The newest published snapshot; an empty one before the first.
    pub fn latest(&self) -> Snapshot {
        Snapshot(self.newest.load_full())
    }
}
