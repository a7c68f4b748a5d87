//! Pixels to points to boxes: what one frame says of one thing.
//!
//! A detection names pixels; depth at pixel (u, v) puts a point at `z · ((u − cx)/fx, (v − cy)/fy, 1)` in camera
//! coordinates. The points of a thing, gathered over frames in a [`Cloud`], get an upright box by [`fit_box`].
//!
//! Not here: which thing of the map a detection is (`scene`), planes and proposals (`perceive`).

mod cloud;
mod detection;
mod fit;
mod lifter;
mod segment;

pub use cloud::{Cell, Cloud, MAX_CELLS, Source};
pub use detection::{Detection, MAX_DETECTIONS, MAX_FEATURE_LEN, MAX_LABEL_BYTES, OwnedDetection};
pub use fit::{Fit, FitOptions, FitScratch, YawSearch, fit_box};
pub use lifter::{LiftScratch, LiftView, Lifted, MAX_POINTS, MIN_POINTS, Observation, WallLine, lift};
pub(crate) use lifter::{pixel_rectangle, rotate, rotation_rows};
