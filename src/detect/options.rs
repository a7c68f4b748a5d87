//! What a detector is asked for, and what it says.

use crate::error::{Error, Result};
use crate::frame::Mask;
use crate::lift::{Detection, MAX_DETECTIONS, OwnedDetection};
use std::sync::Arc;

/// What is wanted of one picture. What is `None` is as the folder says, else as the family's makers have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectOptions {
    /// Only what has a score above this is told, 0..1.
    pub min_score: Option<f32>,
    /// Of two boxes of one class that overlap by more than this (intersection over union) the weaker is dropped, 0..1.
    /// Families whose boxes do not repeat pass it over.
    pub iou: Option<f32>,
    /// The most that are told, surest first; at most [`MAX_DETECTIONS`].
    pub max: usize,
}

impl Default for DetectOptions {
    /// As the folder or the family has it; 300 at most.
    fn default() -> Self {
        Self { min_score: None, iou: None, max: 300 }
    }
}

impl DetectOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        for (name, number) in [("min_score", self.min_score), ("iou", self.iou)] {
            if let Some(number) = number.filter(|number| !(0.0..=1.0).contains(number)) {
                return Err(Error::argument(format!("{name} is {number}, expected 0 to 1")));
            }
        }
        if !(1..=MAX_DETECTIONS).contains(&self.max) {
            return Err(Error::argument(format!("max is {}, expected 1 to {MAX_DETECTIONS}", self.max)));
        }
        Ok(())
    }
}

/// One thing in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The number of its class.
    pub class: usize,
    /// The name of its class; "class 7" where the folder gives none.
    pub label: Arc<str>,
    /// How sure the network is, 0..1.
    pub score: f32,
    /// x0, y0, x1, y1: edges in pixels of the picture, x0 < x1 and y0 < y1. May reach over the border.
    pub bbox: [f32; 4],
    /// Which pixels belong to it, if the network says.
    pub mask: Option<Mask>,
}

impl Found {
    /// Borrows it as a scene takes it.
    pub fn as_detection(&self) -> Result<Detection<'_>> {
        Ok(Detection {
            label: &self.label,
            score: self.score,
            bbox: self.bbox,
            mask: self.mask.as_ref().map(Mask::view).transpose()?,
            feature: None,
        })
    }
}

impl From<Found> for OwnedDetection {
    fn from(found: Found) -> Self {
        Self { label: (*found.label).into(), score: found.score, bbox: found.bbox, mask: found.mask, feature: None }
    }
}
