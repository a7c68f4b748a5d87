//! Poses: a rotation and a translation, named by what they do.

use crate::error::{Error, Result};
use nalgebra::{Isometry3, Matrix3, Quaternion, Rotation3, Translation3, UnitQuaternion, Vector3};

/// A rigid motion, f64. A pose of a camera is `world_from_camera`.
pub type Pose = Isometry3<f64>;

/// Farther than this from the world's origin the metres of a pose are refused.
pub const MAX_COORDINATE_M: f64 = 1e6;

/// How far a rotation read from text may be from orthonormal before it is refused rather than repaired.
const MAX_ROTATION_ERROR: f64 = 0.02;

/// A pose from a row-major 4×4 matrix. The rotation may be off by rounding and is made orthonormal again.
pub fn pose_from_matrix(m: &[f64; 16]) -> Result<Pose> {
    if m.iter().any(|v| !v.is_finite()) {
        return Err(Error::argument("pose matrix holds a number that is not finite"));
    }
    if [m[12], m[13], m[14], m[15] - 1.0].iter().any(|v| v.abs() > 1e-6) {
        return Err(Error::argument(format!("pose matrix ends in {:?}, expected the row 0 0 0 1", &m[12..])));
    }
    let rotation = Matrix3::new(m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]);
    let error = (rotation * rotation.transpose() - Matrix3::identity()).abs().max();
    if error > MAX_ROTATION_ERROR || rotation.determinant() < 0.0 {
        return Err(Error::argument(format!(
            "pose matrix is no rotation: off by {error:.3} from orthonormal, determinant {:.3}, expected 0 and 1",
            rotation.determinant()
        )));
    }
    let nearest = Rotation3::from_matrix_eps(&rotation, 1e-12, 100, Rotation3::identity());
    pose_at(Vector3::new(m[3], m[7], m[11]), UnitQuaternion::from_rotation_matrix(&nearest))
}

/// A pose from a translation and a quaternion (x, y, z, w), which may be off unit length by rounding.
pub fn pose_from_parts(translation_m: [f64; 3], rotation_xyzw: [f64; 4]) -> Result<Pose> {
    let [x, y, z, w] = rotation_xyzw;
    let quaternion = Quaternion::new(w, x, y, z);
    let norm = quaternion.norm();
    if norm.is_nan() || (norm - 1.0).abs() > MAX_ROTATION_ERROR {
        return Err(Error::argument(format!("pose quaternion has length {norm}, expected 1")));
    }
    pose_at(Vector3::from(translation_m), UnitQuaternion::from_quaternion(quaternion))
}

fn pose_at(translation: Vector3<f64>, rotation: UnitQuaternion<f64>) -> Result<Pose> {
    if !translation.iter().all(|t| t.abs() <= MAX_COORDINATE_M) {
        return Err(Error::argument(format!(
            "pose is at {:?} m, expected finite and within {MAX_COORDINATE_M:e} m of the origin",
            translation.as_slice()
        )));
    }
    Ok(Pose::from_parts(Translation3::from(translation), rotation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_read_from_text_becomes_its_pose() {
        let truth =
            Pose::from_parts(Translation3::new(1.0, -2.0, 0.5), UnitQuaternion::from_euler_angles(0.3, -1.0, 2.0));
        let mut rows = [0.0; 16];
        let m = truth.to_homogeneous();
        for (i, v) in rows.iter_mut().enumerate() {
            *v = (m[(i / 4, i % 4)] * 1e6f64).round() / 1e6;
        }
        let read = pose_from_matrix(&rows).expect("a pose");
        assert!((read.translation.vector - truth.translation.vector).norm() < 1e-6);
        assert!(read.rotation.angle_to(&truth.rotation) < 1e-5);
    }

    #[test]
    fn what_is_no_pose_is_refused() {
        let mut m = [0.0; 16];
        for k in 0..4 {
            m[k * 5] = 1.0;
        }
        assert!(pose_from_matrix(&m).is_ok());
        let with = |i: usize, v: f64| {
            let mut changed = m;
            changed[i] = v;
            pose_from_matrix(&changed)
        };
        assert!(with(3, f64::NAN).is_err() && with(3, 1e9).is_err() && with(0, 2.0).is_err());
        assert!(with(0, -1.0).is_err() && with(12, 1.0).is_err());
        assert!(
            pose_from_parts([0.0; 3], [0.0; 4]).is_err()
                && pose_from_parts([0.0; 3], [f64::NAN, 0.0, 0.0, 1.0]).is_err()
        );
    }
}
