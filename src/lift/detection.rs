//! What a detector says of one frame.

use crate::error::{Error, Result};
use crate::frame::{Mask, MaskView};

/// The longest label, bytes.
pub const MAX_LABEL_BYTES: usize = 65_536;

/// The longest feature, numbers.
pub const MAX_FEATURE_LEN: usize = 65_536;

/// The most detections in one frame.
pub const MAX_DETECTIONS: usize = 4096;

/// One detection: a 2D box and, if the detector gives it, a mask. Borrowed for the call.
#[derive(Debug, Clone, Copy)]
pub struct Detection<'a> {
    /// What the detector calls it.
    pub label: &'a str,
    /// How sure the detector is, 0..1.
    pub score: f32,
    /// x0, y0, x1, y1 in pixels of the colour image; x1 and y1 are exclusive. May reach over the border.
    pub bbox: [f32; 4],
    /// Which pixels belong to it; without one, depth tells the thing from its background.
    pub mask: Option<MaskView<'a>>,
    /// The detector's feature of the thing, any length, or none.
    pub feature: Option<&'a [f32]>,
}

impl Detection<'_> {
    /// Refuses what no detector can mean.
    pub fn check(&self) -> Result<()> {
        if self.label.is_empty() || self.label.len() > MAX_LABEL_BYTES {
            return Err(Error::argument(format!(
                "label has {} bytes, expected 1 to {MAX_LABEL_BYTES}",
                self.label.len()
            )));
        }
        if !(0.0..=1.0).contains(&self.score) {
            return Err(Error::argument(format!("score of \"{}\" is {}, expected 0 to 1", self.label, self.score)));
        }
        let [x0, y0, x1, y1] = self.bbox;
        if !(self.bbox.iter().all(|v| v.abs() <= 1e6) && x0 < x1 && y0 < y1) {
            return Err(Error::argument(format!(
                "box of \"{}\" is {:?}, expected finite x0 < x1 and y0 < y1",
                self.label, self.bbox
            )));
        }
        if let Some(feature) = self.feature {
            if feature.len() > MAX_FEATURE_LEN {
                return Err(Error::argument(format!(
                    "feature of \"{}\" has {} numbers, expected at most {MAX_FEATURE_LEN}",
                    self.label,
                    feature.len()
                )));
            }
            if feature.iter().any(|v| !v.is_finite()) {
                return Err(Error::argument(format!(
                    "feature of \"{}\" holds a number that is not finite",
                    self.label
                )));
            }
        }
        Ok(())
    }
}

/// A detection that owns what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedDetection {
    /// What the detector calls it.
    pub label: Box<str>,
    /// How sure the detector is, 0..1.
    pub score: f32,
    /// x0, y0, x1, y1 in pixels of the colour image; x1 and y1 are exclusive.
    pub bbox: [f32; 4],
    /// Which pixels belong to it.
    pub mask: Option<Mask>,
    /// The detector's feature of the thing.
    pub feature: Option<Box<[f32]>>,
}

impl OwnedDetection {
    /// A copy of what `detection` says.
    pub fn of(detection: &Detection<'_>) -> Self {
        let mask = detection.mask.map(|mask| Mask {
            data: (mask.y..mask.y + mask.height).flat_map(|v| mask.row(v)).copied().collect(),
            x: mask.x,
            y: mask.y,
            width: mask.width,
            height: mask.height,
        });
        Self {
            label: detection.label.into(),
            score: detection.score,
            bbox: detection.bbox,
            mask,
            feature: detection.feature.map(Into::into),
        }
    }

    /// Borrows it as a scene takes it.
    pub fn as_detection(&self) -> Result<Detection<'_>> {
        Ok(Detection {
            label: &self.label,
            score: self.score,
            bbox: self.bbox,
            mask: self.mask.as_ref().map(Mask::view).transpose()?,
            feature: self.feature.as_deref(),
        })
    }
}
