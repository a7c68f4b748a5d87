//! Shapes without a story: oriented boxes, and polygons on the ground.
//!
//! A box has a centre, a size (l, w, h: along its own x, y, z) and a unit quaternion `world_from_box`. What gnomon
//! lifts from pixels is upright (turned about +Z alone); what is imported may be tilted, so [`gap()`], [`overlap`] and
//! the footprint work on the full box. Metres and radians; the world is right-handed with Z up.
//!
//! Not here: cameras (`frame`), how a box is fitted to points (`lift`). Knows no other module.

mod gap;
mod obb;
mod overlap;
pub mod polygon;

pub use gap::{Gap, gap};
pub use obb::{MAX_UPRIGHT_TILT_RAD, OrientedBox, wrap_half_turn, wrap_turn};
pub use overlap::{intersection_volume_m3, iou};
