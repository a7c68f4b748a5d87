//! Things for the tests of this module and of those above it.

use super::{Object, ObjectId, ObjectState};
use crate::geom::OrientedBox;
use nalgebra::{Point3, Vector3};

/// An upright thing 0.8 m high standing at z = 0.
pub fn boxed(id: u64, name: &str, at: [f64; 2], sides: [f64; 2], yaw_rad: f64) -> Object {
    Object {
        id: ObjectId(id),
        label: name.split('#').next().unwrap_or(name).into(),
        name: name.into(),
        labels: Box::new([]),
        obb: OrientedBox::upright(Point3::new(at[0], at[1], 0.4), Vector3::new(sides[0], sides[1], 0.8), yaw_rad),
        centre_cov_m2: [0.01, 0.0, 0.0, 0.04, 0.0, 0.01],
        size_sigma_m: [0.01; 3],
        yaw_sigma_rad: 0.1,
        existence: 0.9,
        truncated: false,
        state: ObjectState::Confirmed,
        first_seen_ns: 1,
        last_seen_ns: 5,
        observations: 3,
        last_seen_path_m: 0.0,
        feature: None,
    }
}
