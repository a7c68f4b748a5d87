//! Where the observer stands and which way it faces: the frame of a local map.
//!
//! With the unit forward `f` on the ground, right is `r = (f_y, -f_x)`; a world point P has the local metres
//! `u = (P - origin) · r` to the right and `v = (P - origin) · f` ahead. Offsets below a nanometre are rounding and
//! count as 0, so that what is exactly ahead stays exactly ahead however the world is turned.

use crate::error::{Error, Result};
use crate::frame::{MAX_COORDINATE_M, Pose};
use crate::scene::{ObjectId, Snapshot};
use nalgebra::Vector3;

/// Two points closer than this give no heading, metres.
pub const MIN_BASELINE_M: f64 = 0.05;

/// A horizontal part of a unit vector shorter than this is straight up or down.
const MIN_HORIZONTAL: f64 = 1e-6;

/// Offsets smaller than this are rounding, metres: 1e6 m from the origin an f64 resolves 1e-10 m.
const ROUNDING_M: f64 = 1e-9;

/// An observer on the ground: a place and a heading, in gnomon's world (metric, Z up).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct LocalFrame {
    origin: [f64; 2],
    forward: [f64; 2],
    fallback: bool,
}

impl LocalFrame {
    /// Standing at `origin` (x, y in metres), facing `heading_rad` counter-clockwise from world +X.
    pub fn new(origin: [f64; 2], heading_rad: f64) -> Result<Self> {
        if !heading_rad.is_finite() {
            return Err(Error::argument(format!("heading is {heading_rad}, expected a finite angle in radians")));
        }
        let (sin, cos) = heading_rad.sin_cos();
        Self::facing(origin, [cos, sin], false)
    }

    /// Standing under the camera, facing where it looks: forward is the horizontal part of the optical axis. A camera
    /// that looks straight up or down faces nowhere and is refused.
    pub fn from_pose(world_from_camera: &Pose) -> Result<Self> {
        let axis = world_from_camera.rotation * Vector3::z();
        let horizontal = axis.x.hypot(axis.y);
        if horizontal <= MIN_HORIZONTAL || horizontal.is_nan() {
            return Err(Error::argument("the camera looks straight up or down and so faces nowhere on the ground"));
        }
        let at = world_from_camera.translation.vector;
        Self::facing([at.x, at.y], [axis.x / horizontal, axis.y / horizontal], false)
    }

    /// Standing at `a`, facing `b` (world x, y in metres). Where they are closer than [`MIN_BASELINE_M`] the heading is
    /// `fallback`, of any length, or world +Y if that is shorter than 1e-6, and [`Self::is_fallback`] tells; without a
    /// fallback such a pair is refused.
    pub fn standing_at(a: [f64; 2], b: [f64; 2], fallback: Option<[f64; 2]>) -> Result<Self> {
        let between = [b[0] - a[0], b[1] - a[1]];
        let baseline_m = between[0].hypot(between[1]);
        if !baseline_m.is_finite() {
            return Err(Error::argument(format!("standing at {a:?} facing {b:?}, expected finite metres")));
        }
        if baseline_m >= MIN_BASELINE_M {
            return Self::facing(a, between.map(|m| m / baseline_m), false);
        }
        let Some(heading) = fallback else {
            return Err(Error::argument(format!(
                "the two places are {baseline_m:.3} m apart, expected at least {MIN_BASELINE_M} m or a fallback heading"
            )));
        };
        let length = heading[0].hypot(heading[1]);
        if !length.is_finite() {
            return Err(Error::argument(format!("fallback heading is {heading:?}, expected finite numbers")));
        }
        let forward = if length < MIN_HORIZONTAL { [0.0, 1.0] } else { heading.map(|h| h / length) };
        Self::facing(a, forward, true)
    }

    /// Standing at the centre of thing `a`, facing the centre of thing `b`; otherwise as [`Self::standing_at`].
    pub fn standing_at_object(
        snapshot: &Snapshot,
        a: ObjectId,
        b: ObjectId,
        fallback: Option<[f64; 2]>,
    ) -> Result<Self> {
        let place = |id: ObjectId| {
            let found = snapshot.object(id).map(|object| [object.obb.centre.x, object.obb.centre.y]);
            found.ok_or_else(|| Error::argument(format!("no object with id {id} is believed to be there")))
        };
        Self::standing_at(place(a)?, place(b)?, fallback)
    }

    fn facing(origin: [f64; 2], forward: [f64; 2], fallback: bool) -> Result<Self> {
        if !origin.iter().all(|m| m.abs() <= MAX_COORDINATE_M) {
            return Err(Error::argument(format!(
                "observer is at {origin:?} m, expected finite and within {MAX_COORDINATE_M:e} m of the origin"
            )));
        }
        Ok(Self { origin, forward, fallback })
    }

    /// Where the observer stands, world x and y in metres.
    pub fn origin(&self) -> [f64; 2] {
        self.origin
    }

    /// Unit vector ahead, in the world.
    pub fn forward(&self) -> [f64; 2] {
        self.forward
    }

    /// Unit vector to the right, in the world.
    pub fn right(&self) -> [f64; 2] {
        [self.forward[1], -self.forward[0]]
    }

    /// Heading, radians counter-clockwise from world +X, in [−π, π].
    pub fn heading_rad(&self) -> f64 {
        self.forward[1].atan2(self.forward[0])
    }

    /// True when the heading is a fallback, since the two places gave none.
    pub fn is_fallback(&self) -> bool {
        self.fallback
    }

    /// Local metres (right, ahead) of a world point.
    pub fn to_local(&self, world: [f64; 2]) -> [f64; 2] {
        let [x, y] = [world[0] - self.origin[0], world[1] - self.origin[1]];
        let ([rx, ry], [fx, fy]) = (self.right(), self.forward);
        [x * rx + y * ry, x * fx + y * fy].map(|m| if m.abs() < ROUNDING_M { 0.0 } else { m })
    }

    /// The world point at local metres (right, ahead).
    pub fn to_world(&self, local_m: [f64; 2]) -> [f64; 2] {
        let ([u, v], r, f) = (local_m, self.right(), self.forward);
        std::array::from_fn(|k| self.origin[k] + u * r[k] + v * f[k])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{Translation3, UnitQuaternion};

    #[test]
    fn facing_north_the_east_is_right() {
        let frame = LocalFrame::standing_at([1.0, 1.0], [1.0, 3.0], None).expect("apart");
        assert_eq!(frame.to_local([2.0, 1.0]), [1.0, 0.0]);
        assert_eq!(frame.to_world([1.0, 2.0]), [2.0, 3.0]);
        assert!((frame.heading_rad() - std::f64::consts::FRAC_PI_2).abs() < 1e-12);
    }

    #[test]
    fn a_camera_faces_the_horizontal_part_of_its_axis() {
        // OpenCV's camera looking along world +X and 30 degrees down.
        let level = UnitQuaternion::from_matrix(&nalgebra::Matrix3::new(0., 0., 1., -1., 0., 0., 0., -1., 0.));
        let down = UnitQuaternion::from_axis_angle(&Vector3::x_axis(), -30f64.to_radians());
        let pose = Pose::from_parts(Translation3::new(2.0, -1.0, 1.5), level * down);
        let frame = LocalFrame::from_pose(&pose).expect("faces somewhere");
        assert!((frame.forward()[0] - 1.0).abs() < 1e-9 && frame.forward()[1].abs() < 1e-9);
        assert_eq!(frame.origin(), [2.0, -1.0]);
        assert!(LocalFrame::from_pose(&Pose::identity()).is_err(), "the identity looks straight up");
    }

    #[test]
    fn two_places_that_are_one_need_a_fallback() {
        let (a, b) = ([4.0, 2.0], [4.02, 2.0]);
        assert!(LocalFrame::standing_at(a, b, None).is_err());
        let turned = LocalFrame::standing_at(a, b, Some([-3.0, 0.0])).expect("a fallback");
        assert!(turned.is_fallback() && turned.forward() == [-1.0, 0.0]);
        let upright = LocalFrame::standing_at(a, b, Some([0.0, 1e-9])).expect("a fallback");
        assert_eq!(upright.forward(), [0.0, 1.0]);
        assert!(!LocalFrame::standing_at(a, [4.05, 2.0], None).is_ok_and(|frame| frame.is_fallback()));
    }

    #[test]
    fn places_and_headings_that_are_no_numbers_are_refused() {
        assert!(LocalFrame::new([f64::NAN, 0.0], 0.0).is_err());
        assert!(LocalFrame::new([0.0, 2e6], 0.0).is_err());
        assert!(LocalFrame::new([0.0, 0.0], f64::INFINITY).is_err());
        assert!(LocalFrame::standing_at([0.0, 0.0], [f64::NAN, 0.0], Some([0.0, 1.0])).is_err());
        assert!(LocalFrame::standing_at([0.0, 0.0], [0.0, 0.0], Some([f64::NAN, 1.0])).is_err());
    }
}
