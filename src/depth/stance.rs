//! How a camera stands: what a pose says of the floor.

use crate::error::{Error, Result};
use crate::frame::Pose;
use nalgebra::{UnitVector3, Vector3};

/// Which way is up for a camera, and how high it is over the floor. A network that takes it knows how far the floor is along
/// each ray, and with that what is a metre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stance {
    up_in_camera: UnitVector3<f64>,
    over_floor_m: f64,
}

impl Stance {
    /// Of a camera with this pose in a world whose z points up and whose floor is at z = `floor_z_m`, metres. Fails for a
    /// camera that is not above the floor.
    pub fn of(world_from_camera: &Pose, floor_z_m: f64) -> Result<Self> {
        let over_floor_m = world_from_camera.translation.z - floor_z_m;
        if !(over_floor_m.is_finite() && over_floor_m > 0.0) {
            return Err(Error::argument(format!(
                "the camera is {over_floor_m} m over the floor, expected more than 0"
            )));
        }
        let up = world_from_camera.rotation.inverse() * Vector3::z();
        let up_in_camera = UnitVector3::try_new(up, 1e-6);
        let up_in_camera = up_in_camera.ok_or_else(|| Error::argument("the camera's pose has no rotation"))?;
        Ok(Self { up_in_camera, over_floor_m })
    }

    /// The unit vector that points up, in the camera's axes.
    pub fn up_in_camera(&self) -> UnitVector3<f64> {
        self.up_in_camera
    }

    /// Height over the floor, metres.
    pub fn over_floor_m(&self) -> f64 {
        self.over_floor_m
    }

    /// Up and height as graphs take them.
    pub(super) fn numbers(&self) -> [f32; 4] {
        let up = self.up_in_camera;
        [up.x, up.y, up.z, self.over_floor_m].map(|number| number as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::pose_from_parts;

    #[test]
    fn a_level_camera_has_up_against_its_y_axis() {
        // Camera x right, y down, z forward; looking along the world's x.
        let level = pose_from_parts([3.0, 4.0, 1.5], [0.5, -0.5, 0.5, -0.5]).expect("a pose");
        let stance = Stance::of(&level, 0.25).expect("above the floor");
        assert!((stance.up_in_camera().into_inner() - Vector3::new(0.0, -1.0, 0.0)).norm() < 1e-12, "{stance:?}");
        assert_eq!(stance.numbers()[3], 1.25);
        assert!(Stance::of(&level, 1.5).is_err() && Stance::of(&level, f64::NAN).is_err());
    }
}
