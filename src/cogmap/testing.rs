//! Small scenes for the tests of this module.

pub use crate::scene::testing::boxed;
use crate::scene::{GroundCell, Object, Snapshot, Support, SupportId, SupportKind};
use nalgebra::{Point3, Vector3};

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
