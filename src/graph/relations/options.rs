//! Every threshold of the relations, by name.

use crate::error::{Error, Result};

/// One of a box's own directions on its footprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxAxis {
    /// Along +x, the length.
    PlusX,
    /// Along −x.
    MinusX,
    /// Along +y, the width.
    PlusY,
    /// Along −y.
    MinusY,
}

/// Where the relations draw their lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelationOptions {
    /// Left, right, front, behind: how much of the narrower extent may overlap, 0..1. Default 0.5.
    pub side_overlap: f64,
    /// On: how far from the top it rests on the lowest point may be, above or below, metres. Default 0.05.
    pub on_gap_m: f64,
    /// Under, above, below: how far heights may overlap and still be one over the other, metres. Default 0.05.
    pub height_slack_m: f64,
    /// Inside: how far out a corner may stand, metres. Default 0.05.
    pub inside_slack_m: f64,
    /// Touching: the widest gap, metres. Default 0.05: what boxes from depth images are off by.
    pub touching_m: f64,
    /// Near: the widest gap, metres. Default 0.5, an arm's reach.
    pub near_m: f64,
    /// Larger: the least ratio of volumes. Default 1.1.
    pub larger_ratio: f64,
    /// Taller: the least difference, metres. Default 0.02.
    pub taller_m: f64,
    /// Facing: the widest angle from the front to the middle of what is faced, radians. Default 45°.
    pub facing_rad: f64,
    /// Facing: which of a box's directions is its front. Default +x, as in files that know headings. Boxes that gnomon fits
    /// itself know their sides but not their front.
    pub front: BoxAxis,
}

impl Default for RelationOptions {
    fn default() -> Self {
        Self {
            side_overlap: 0.5,
            on_gap_m: 0.05,
            height_slack_m: 0.05,
            inside_slack_m: 0.05,
            touching_m: 0.05,
            near_m: 0.5,
            larger_ratio: 1.1,
            taller_m: 0.02,
            facing_rad: std::f64::consts::FRAC_PI_4,
            front: BoxAxis::PlusX,
        }
    }
}

impl RelationOptions {
    /// Refuses numbers that cannot be meant.
    pub fn check(&self) -> Result<()> {
        let bounded = [
            ("side_overlap", self.side_overlap, 0.0, 1.0),
            ("on_gap_m", self.on_gap_m, 0.0, 1000.0),
            ("height_slack_m", self.height_slack_m, 0.0, 1000.0),
            ("inside_slack_m", self.inside_slack_m, 0.0, 1000.0),
            ("touching_m", self.touching_m, 0.0, 1000.0),
            ("near_m", self.near_m, 0.0, 1000.0),
            ("larger_ratio", self.larger_ratio, 0.0, 1000.0),
            ("taller_m", self.taller_m, 0.0, 1000.0),
            ("facing_rad", self.facing_rad, 0.0, std::f64::consts::PI),
        ];
        for (name, value, low, high) in bounded {
            if !(low..=high).contains(&value) {
                return Err(Error::argument(format!("{name} is {value}, expected {low} to {high}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_cannot_be_meant_are_refused_by_name() {
        RelationOptions::default().check().expect("the defaults");
        let wrong = RelationOptions { side_overlap: 1.5, ..RelationOptions::default() };
        assert_eq!(wrong.check().expect_err("too much").to_string(), "side_overlap is 1.5, expected 0 to 1");
        assert!(RelationOptions { on_gap_m: -0.1, ..RelationOptions::default() }.check().is_err());
        assert!(RelationOptions { facing_rad: f64::NAN, ..RelationOptions::default() }.check().is_err());
    }
}
