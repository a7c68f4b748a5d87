//! What a track can be held against: cues of its factor, metres a unit.

use super::track::PLACE_SIGMA;
use super::{Floor, Track};
use crate::error::{Error, Result};
use crate::scale::{Cue, CueKind, SparsePoint, UnitDepth};
use nalgebra::Point3;

/// Ways of odometry shorter than this share of the middle depth tell nothing; the next place is taken.
const LEAST_WAY: f64 = 0.05;

/// How far odometry is off, as a share of the way.
const WAY_SIGMA: f64 = 0.02;

impl Track {
    /// From the mean height of the cameras over the floor, metres, with its standard deviation. One cue for each picture that
    /// sees the floor; empty where none does. Fails for a height that cannot be.
    pub fn height_cues(&self, floor: &Floor, height_m: f64, sigma_m: f64) -> Result<Vec<Cue>> {
        if !(height_m > 0.0 && height_m.is_finite() && sigma_m >= 0.0 && sigma_m.is_finite()) {
            let words = format!("the cameras' height is {height_m} m with a standard deviation of {sigma_m}");
            return Err(Error::argument(format!("{words}, expected more than 0 and 0 or more")));
        }
        let mean = self.mean_height(floor);
        if floor.seen.is_empty() || !(mean > 0.0 && mean.is_finite()) {
            return Ok(Vec::new());
        }
        let arm = floor.seen.iter().map(|one| one.arm).sum::<f64>() / floor.seen.len() as f64;
        let shared_ln = (sigma_m / height_m).hypot(floor.up_sigma_rad * arm);
        // A picture that has the floor higher or lower than all together has its unit so much off.
        let seen = floor.seen.iter().filter(|one| one.below > 0.0);
        let cue = |off_ln: f64| Cue {
            kind: CueKind::CameraHeight,
            ln_factor: (height_m / mean).ln() - off_ln,
            sigma_ln: 0.0,
            shared_ln,
            samples: 1,
        };
        Ok(seen.map(|one| cue((one.below / one.height).ln())).collect())
    }

    /// From where odometry says cameras were: (picture, place in metres, in any world), by ascending picture. Ways follow each other
    /// and are long enough to tell.
    pub fn odometry_cues(&self, places: &[(usize, Point3<f64>)]) -> Result<Vec<Cue>> {
        let Some(depth) = self.middle_depth() else { return Ok(Vec::new()) };
        let here = |picture: usize| self.frames.iter().find(|frame| frame.picture == picture);
        let mut cues = Vec::new();
        let mut from = None;
        for (frame, place_m) in places.iter().filter_map(|(picture, place)| Some((here(*picture)?, place))) {
            let Some((last, last_m)) = from else {
                from = Some((frame.centre(), *place_m));
                continue;
            };
            let (way, way_m) = ((frame.centre() - last).norm(), (place_m - last_m).norm());
            if way < LEAST_WAY * depth || way_m <= 0.0 {
                continue;
            }
            cues.push(Cue::from_odometry(way, PLACE_SIGMA * depth, way_m, WAY_SIGMA * way_m)?);
            from = Some((frame.centre(), *place_m));
        }
        Ok(cues)
    }

    /// From points that a sensor measured in pictures: (picture, point); one cue for each picture of which enough lie on depth.
    pub fn point_cues(&self, points: &[(usize, SparsePoint)]) -> Result<Vec<Cue>> {
        let mut cues = Vec::new();
        for frame in &self.frames {
            let of_frame: Vec<SparsePoint> =
                points.iter().filter(|(picture, _)| *picture == frame.picture).map(|(_, point)| *point).collect();
            if !of_frame.is_empty() {
                cues.extend(Cue::from_points(&UnitDepth::new(&frame.depth, &frame.intrinsics)?, &of_frame)?);
            }
        }
        Ok(cues)
    }
}
