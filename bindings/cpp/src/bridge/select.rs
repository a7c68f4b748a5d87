//! Which of many frames see the most.

use crate::select::select_voxels;

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    /// The voxels that one frame sees, by numbers of the caller's.
    #[derive(Debug, Clone)]
    struct VoxelSet {
        voxels: Vec<u64>,
    }

    /// Frames that were chosen.
    #[derive(Debug, Clone)]
    struct Selection {
        /// Numbers of the chosen frames, ascending.
        frames: Vec<u64>,
        /// Voxels that they see.
        covered: u64,
        /// Voxels that all see.
        seen: u64,
    }

    extern "Rust" {
        /// Chooses `count` of the frames that see these voxels, those that together see the most.
        fn select_voxels(sets: &[VoxelSet], count: u64) -> Result<Selection>;
    }
}
