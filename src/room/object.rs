//! A thing in the room: its model, its place, and the truth an estimate is compared with.

use std::f64::consts::{FRAC_PI_2, PI};

use nalgebra::{Vector2, Vector3};
use serde::Serialize;

use super::catalogue::{Kind, Model, Top};
use super::footprint::Footprint;

/// Where something stands or hangs, in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Middle of the base, metres.
    pub centre: Vector2<f64>,
    /// Height of the base above the floor, metres.
    pub base_z: f64,
    /// Angle from world x to the model's x, radians.
    pub yaw: f64,
    /// Index of the object underneath; none for the floor and the walls.
    pub standing_on: Option<usize>,
    /// The wall it backs on or hangs from: 0 to 3 for +x, +y, -x, -y.
    pub wall: Option<usize>,
}

/// A piece of the catalogue in its place.
#[derive(Clone, Debug)]
pub struct PlacedObject {
    /// What it is.
    pub kind: Kind,
    /// Its solids, in its own frame.
    pub model: Model,
    /// Where it is.
    pub place: Place,
    /// False once it was removed from the room. Indices of the others do not change.
    pub present: bool,
}

/// What is true of an object: its tight box and what it stands on. World frame, metres, radians.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TruthObject {
    /// What it is.
    pub label: &'static str,
    /// Middle of the box.
    #[serde(rename = "center")]
    pub centre: [f64; 3],
    /// Length, width, height; length >= width.
    pub size: [f64; 3],
    /// From world x to the length, in [-pi/2, pi/2); 0 where `round`.
    pub yaw: f64,
    /// Whether its yaw means nothing.
    pub round: bool,
    /// The object it stands on; none for the floor, and for what hangs on a wall.
    pub standing_on: Option<usize>,
    /// Whether it hangs on a wall.
    pub on_wall: bool,
    /// False once it was removed.
    pub present: bool,
}

impl Model {
    /// What it covers on the floor plan at a place.
    pub fn footprint(&self, centre: Vector2<f64>, yaw: f64) -> Footprint {
        Footprint {
            centre,
            half: Vector2::new(self.size[0], self.size[1]) / 2.0,
            yaw: if self.round { 0.0 } else { yaw },
        }
    }

    /// Extent from front to back and from side to side, metres.
    pub fn depth_and_breadth(&self) -> [f64; 2] {
        let [l, w, _] = self.size;
        if self.back_rad == FRAC_PI_2 { [w, l] } else { [l, w] }
    }
}

impl PlacedObject {
    /// What a detector would call it.
    pub fn label(&self) -> &'static str {
        self.kind.label()
    }

    /// What it covers on the floor plan: the plan of its truth box.
    pub fn footprint(&self) -> Footprint {
        self.model.footprint(self.place.centre, self.place.yaw)
    }

    /// Heights of its base and top, metres.
    pub fn z_range(&self) -> [f64; 2] {
        [self.place.base_z, self.place.base_z + self.model.size[2]]
    }

    /// The part of its top that can be stood on, if it has one.
    pub fn top(&self) -> Option<Top> {
        self.model.top
    }

    /// Shortest distance between the boxes of two objects, metres.
    pub fn gap_m(&self, other: &Self) -> f64 {
        let (a, b) = (self.z_range(), other.z_range());
        let above = (a[0] - b[1]).max(b[0] - a[1]).max(0.0);
        above.hypot(self.footprint().gap_to(&other.footprint()))
    }

    /// Longest side of at most 30 cm.
    pub fn is_small(&self) -> bool {
        self.model.size[0].max(self.model.size[2]) <= 0.30
    }

    /// Shortest side of at most 5 cm.
    pub fn is_thin(&self) -> bool {
        self.model.size[1].min(self.model.size[2]) <= 0.05
    }

    /// Made of three solids or more.
    pub fn is_compound(&self) -> bool {
        self.model.parts.len() >= 3
    }

    /// Length over width below 1.15: its yaw is hard to tell.
    pub fn is_squarish(&self) -> bool {
        self.model.size[0] < 1.15 * self.model.size[1]
    }

    /// Middle of its box, world, metres.
    pub fn centre(&self) -> Vector3<f64> {
        let centre = self.place.centre;
        Vector3::new(centre.x, centre.y, self.place.base_z + self.model.size[2] / 2.0)
    }

    /// Its box and support.
    pub fn truth(&self) -> TruthObject {
        TruthObject {
            label: self.label(),
            centre: self.centre().into(),
            size: self.model.size,
            yaw: if self.model.round { 0.0 } else { canonical_yaw(self.place.yaw) },
            round: self.model.round,
            standing_on: self.place.standing_on,
            on_wall: self.place.wall.is_some() && self.place.base_z > 0.0,
            present: self.present,
        }
    }
}

/// The same line in [-pi/2, pi/2).
fn canonical_yaw(yaw: f64) -> f64 {
    let wrapped = (yaw + FRAC_PI_2).rem_euclid(PI) - FRAC_PI_2;
    // The remainder may round up to pi itself.
    if wrapped >= FRAC_PI_2 { -FRAC_PI_2 } else { wrapped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yaw_and_its_opposite_are_the_same_line() {
        assert_eq!(canonical_yaw(FRAC_PI_2), -FRAC_PI_2);
        assert_eq!(canonical_yaw(-FRAC_PI_2), -FRAC_PI_2);
        assert!((canonical_yaw(PI + 0.3) - 0.3).abs() < 1e-12);
        assert!(canonical_yaw(-FRAC_PI_2 - 1e-18) < FRAC_PI_2);
    }
}
