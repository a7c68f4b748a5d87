//! The factor that makes depth metric, from what is known of the world, and how sure it is.
//!
//! Networks that see one picture, or many without poses, give depth up to one factor. What tells the factor is a *cue*:
//! points that another sensor measured, the height of the camera over the floor, things whose size is known, the way that
//! odometry says the camera went. Each cue is `ln(metres / unit)` with two standard deviations: of what differs from one cue to
//! the next, and of what all cues of a kind share (a tape measure that is off stays off). [`ScaleEstimate::of`] joins them, says
//! how far each is from the whole, and names those that contradict each other.
//!
//! Numbers of neighbouring pixels err together, so a picture counts as its medians in a grid of cells, not as its pixels.
//!
//! Depth that is affine and inverse (`a / z + b`) has two unknowns: [`InverseAlignment`]. What drifts from frame to frame is held
//! by a [`Stabiliser`]. Nothing here knows a network; depth is numbers with a camera ([`UnitDepth`]).

mod cues;
mod estimate;
mod inverse;
mod robust;
mod stabilise;

pub use cues::{Cue, CueKind, SparsePoint, UnitDepth};
pub use estimate::{Conflict, KindReport, ScaleEstimate};
pub use inverse::InverseAlignment;
pub(crate) use robust::median;
pub use stabilise::{Stabilised, Stabiliser, StabiliserOptions};
