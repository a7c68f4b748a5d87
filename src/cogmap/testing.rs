//! Small scenes for the tests of this module.

use crate::geom::OrientedBox;
use crate::scene::{GroundCell, Object, ObjectId, ObjectState, Snapshot, Support, SupportId, SupportKind};
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

/// A square floor at z = 0 round the origin.
pub fn floor(half_m: f64) -> Support {
    let corner = |x: f64, y: f64| Point3::new(x * half_m, y * half_m, 0.0);
    Support {
        id: SupportId(1),
        kind: SupportKind::Floor,
        normal: Vector3::z(),
        offset_m: 0.0,
        polygon: vec![corner(-1., -1.), corner(1., -1.), corner(1., 1.), corner(-1., 1.)],
        sigma_m: 0.005,
        area_m2: 4.0 * half_m * half_m,
    }
}

pub fn snapshot_of(objects: Vec<Object>) -> Snapshot {
    Snapshot::of(objects, vec![floor(5.0)], 10).expect("valid things")
}

pub fn floor_cell(last_seen_ns: i64) -> GroundCell {
    GroundCell { floor_seen: true, last_seen_ns, ..GroundCell::default() }
}

pub fn obstacle_cell(points: u16, low_m: f32, high_m: f32) -> GroundCell {
    GroundCell { floor_seen: false, obstacle_points: points, low_m, high_m, last_seen_ns: 7 }
}
