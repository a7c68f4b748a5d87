//! What geometry alone says of a frame: surfaces with their normals, which way is up, level and upright planes, and the
//! things that stand among them.
//!
//! Not here: planes over time (`scene`), things from detections (`lift`).

mod blocks;
mod links;
mod pieces;
mod propose;
mod tops;
mod up;
mod upright;

pub use blocks::{BLOCK_PX, Block, Blocks};
pub use propose::{Known, MAX_PROPOSALS, Proposal, ProposeScratch, propose};
pub use tops::TopPlane;
pub use up::find_up;
pub use upright::{UprightPatch, UprightScratch, upright_patches};
