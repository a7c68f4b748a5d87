//! What geometry alone says of a frame: surfaces with their normals, which way is up, level and upright planes, and the
//! things that stand among them.
//!
//! Not here: planes over time (`scene`), things from detections (`lift`).

mod blocks;
mod propose;
mod up;
mod upright;

pub use blocks::{BLOCK_PX, Block, Blocks};
pub use propose::{Known, MAX_PROPOSALS, Proposal, ProposeScratch, TopPlane, propose};
pub use up::find_up;
pub use upright::{UprightPatch, UprightScratch, upright_patches};
