//! What geometry alone says of a frame: surfaces with their normals, which way is up, level and upright planes.
//!
//! Not here: planes over time (`scene`), things from detections (`lift`).

mod blocks;
mod up;
mod upright;

pub use blocks::{BLOCK_PX, Block, Blocks};
pub use up::find_up;
pub use upright::{UprightPatch, UprightScratch, upright_patches};
