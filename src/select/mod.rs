//! The frames worth keeping: those that together see the most of a place.
//!
//! Two ways, one measure. What a frame sees is a set of voxels; what several frames see is the union.
//!
//! - [`select`] has all the frames and picks by greedy maximum coverage, as Spatial-MLLM samples the frames that its
//!   network gets (arXiv 2505.23747, section 3.3): same voxel edge, same order, same ties ([`Edge::Shortest`]). Greedy
//!   covers at least 1 − 1/e of what the best choice of as many frames would.
//! - [`Keeper`] meets the frames one after another and keeps exactly K, exchanging one where the new one adds enough
//!   (`stream.rs`). It covers at least a quarter of the best choice, at a cost that does not grow with the frames met.
//!
//! Points come from depth and pose ([`PointSampler`]), or from a network's point map with confidence ([`PointMap`]).
//! Nothing is random and nothing depends on the time: the same frames give the same choice.
//!
//! Not here: reading frames, and the keyframes that the map hangs on (`scene`), which are kept by distance walked.

mod batch;
mod block;
mod greedy;
mod sample;
mod stream;
mod voxels;

pub use batch::{Edge, PointMap, SelectOptions, Selection, select, select_sampled, uniform};
pub use greedy::{Pick, fill, greedy};
pub use sample::{MAX_SAMPLES, PointSampler};
pub use stream::{KeepOptions, Keeper, Kept, Swap};
pub use voxels::{MAX_VOXELS, VoxelSets};
