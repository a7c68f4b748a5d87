//! Things of maps that are made, not seen.

use gnomon::geom::OrientedBox;
use gnomon::scene::{LabelShare, Object, ObjectId, ObjectState};

/// A thing that nobody doubts, the `number`th of its label.
pub fn confirmed(id: u64, label: &str, number: u64, obb: OrientedBox) -> Object {
    Object {
        id: ObjectId(id),
        label: label.into(),
        name: format!("{label}#{number}").into(),
        labels: Box::new([LabelShare { label: label.into(), probability: 1.0 }]),
        obb,
        centre_cov_m2: [1e-4, 0.0, 0.0, 1e-4, 0.0, 1e-4],
        size_sigma_m: [0.01; 3],
        yaw_sigma_rad: 0.1,
        existence: 0.9,
        truncated: false,
        state: ObjectState::Confirmed,
        first_seen_ns: id as i64,
        last_seen_ns: id as i64,
        observations: 9,
        last_seen_path_m: 0.0,
        feature: None,
    }
}
