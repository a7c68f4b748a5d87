//! Pixels to points to boxes: what one frame says of one thing.

mod detection;

pub use detection::{Detection, MAX_DETECTIONS, MAX_FEATURE_LEN, MAX_LABEL_BYTES};
