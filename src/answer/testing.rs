//! Rooms of boxes for tests.

use crate::geom::OrientedBox;
use crate::scene::{LabelShare, Object, ObjectId, ObjectState, Snapshot};
use nalgebra::{Point3, UnitQuaternion, Vector3};

/// A box along the axes of the world, metres.
pub(super) fn a_box(centre: [f64; 3], size: [f64; 3]) -> OrientedBox {
    OrientedBox { centre: Point3::from(centre), size: Vector3::from(size), world_from_box: UnitQuaternion::identity() }
}

/// A room of things that are known exactly: ids from 1, names `label#k`.
pub(super) fn room_of(boxes: &[(&str, OrientedBox)]) -> Snapshot {
    room_with_sigma(boxes, 0.0)
}

/// The same with this sigma on centres and sides, metres.
pub(super) fn room_with_sigma(boxes: &[(&str, OrientedBox)], sigma_m: f64) -> Snapshot {
    let variance = sigma_m * sigma_m;
    let object = |at: usize, (label, obb): &(&str, OrientedBox)| Object {
        id: ObjectId(at as u64 + 1),
        label: (*label).into(),
        name: format!("{label}#{}", boxes[..=at].iter().filter(|(other, _)| other == label).count()).into(),
        labels: [LabelShare { label: (*label).into(), probability: 1.0 }].into(),
        obb: *obb,
        centre_cov_m2: [variance, 0.0, 0.0, variance, 0.0, variance],
        size_sigma_m: [sigma_m; 3],
        yaw_sigma_rad: 0.0,
        existence: 1.0,
        truncated: false,
        state: ObjectState::Confirmed,
        first_seen_ns: 0,
        last_seen_ns: 0,
        observations: 0,
        last_seen_path_m: 0.0,
        feature: None,
    };
    let objects = boxes.iter().enumerate().map(|(at, one)| object(at, one)).collect();
    Snapshot::of(objects, Vec::new(), 0).expect("boxes of a sane size")
}
