//! Cameras and poses as networks give them, in gnomon's words.
//!
//! Depth Anything 3 and VGGT give `camera_from_world` as 3 x 4 or 4 x 4 matrices, axes as OpenCV's; we turn it round.
//! Both also have a code of nine numbers: translation, quaternion (x, y, z, w), fields of view across height and width in
//! radians. In VGGT's the motion is `camera_from_world`, in Depth Anything 3's `world_from_camera`: the same code, read
//! the other way. Its quaternion need not have length 1.
//!
//! Both unproject with integer pixels and `cx = W / 2`, so the principal point is taken as it stands: from the centre of the
//! first pixel. UniDepth's is from that pixel's edge, half a pixel less.

use super::graph::{Graph, shaped};
use super::lay::Lay;
use super::size::Size;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Intrinsics, Pose, pose_from_matrix, pose_from_parts};
use crate::models::Family;
use crate::runtime::Outputs;

/// A field of view is not narrower than this: tangent of its half, as Depth Anything 3 has it.
const LEAST_TANGENT: f64 = 1e-6;

/// Each view's camera and pose. Fails with [`ErrorKind::Model`] for what is no camera or no pose.
pub(super) fn cameras(
    family: Family,
    graph: &Graph,
    outputs: &Outputs,
    lays: &[Lay],
) -> Result<Vec<(Intrinsics, Pose)>> {
    let named =
        |at: usize| move |error: Error| Error::new(ErrorKind::Model, format!("view {at}: the network's {error}"));
    if let (Some(extrinsics), Some(intrinsics)) = (&graph.extrinsics, &graph.intrinsics) {
        let matrices = matrices(outputs, extrinsics, lays.len())?;
        let cameras = shaped(outputs, intrinsics, &[lays.len(), 3, 3])?;
        let views = lays.iter().zip(matrices.iter().zip(cameras.as_chunks::<9>().0)).enumerate();
        return views
            .map(|(at, (lay, (camera_from_world, camera)))| {
                let camera = lay.camera_to_source(pinhole_of(camera)).map_err(named(at))?;
                let camera_from_world = pose_from_matrix(camera_from_world).map_err(named(at))?;
                Ok((camera, camera_from_world.inverse()))
            })
            .collect();
    }
    let Some(name) = &graph.pose_code else {
        let sentence = "the graph gives no cameras: expected pose_enc, or extrinsics and intrinsics";
        return Err(Error::new(ErrorKind::Model, sentence));
    };
    let codes = shaped(outputs, name, &[lays.len(), 9])?;
    let views = lays.iter().zip(codes.as_chunks::<9>().0).enumerate();
    views
        .map(|(at, (lay, code))| {
            let (camera, motion) = decoded(code, lay.network()).map_err(named(at))?;
            let world_from_camera = if family == Family::Vggt { motion.inverse() } else { motion };
            Ok((lay.camera_to_source(camera).map_err(named(at))?, world_from_camera))
        })
        .collect()
}

/// The camera of one view alone, if the graph tells.
pub(super) fn one_camera(family: Family, graph: &Graph, outputs: &Outputs, lay: &Lay) -> Result<Option<Intrinsics>> {
    if !graph.has_cameras() {
        return Ok(None);
    }
    Ok(cameras(family, graph, outputs, std::slice::from_ref(lay))?.first().map(|(camera, _)| *camera))
}

/// fx, fy, cx, cy of a row-major 3 x 3 matrix.
pub(super) fn pinhole_of(camera: &[f32; 9]) -> [f64; 4] {
    [camera[0], camera[4], camera[2], camera[5]].map(f64::from)
}

/// Row-major 4 x 4 matrices of an output of 3 x 4 or 4 x 4 ones.
fn matrices(outputs: &Outputs, name: &str, views: usize) -> Result<Vec<[f64; 16]>> {
    let rows = if outputs.get(name)?.shape().iter().rev().nth(1) == Some(&4) { 4 } else { 3 };
    let numbers = shaped(outputs, name, &[views, rows, 4])?;
    let whole = |numbers: &[f32]| {
        let mut matrix = [0.0; 16];
        matrix[15] = 1.0;
        matrix.iter_mut().zip(numbers).for_each(|(into, number)| *into = f64::from(*number));
        matrix
    };
    Ok(numbers.chunks_exact(4 * rows).map(whole).collect())
}

/// The camera of the input (fx, fy, cx, cy) and the motion of a code of nine numbers.
fn decoded(code: &[f32; 9], (width, height): Size) -> Result<([f64; 4], Pose)> {
    let [x, y, z, qx, qy, qz, qw, fov_height, fov_width] = code.map(f64::from);
    let length = (qx * qx + qy * qy + qz * qz + qw * qw).sqrt();
    if !(length.is_finite() && length > 1e-6) {
        return Err(Error::argument(format!("pose has a quaternion of length {length}")));
    }
    let rotation = [qx / length, qy / length, qz / length, qw / length];
    let motion = pose_from_parts([x, y, z], rotation)?;
    let focal = |side: usize, fov: f64| side as f64 / 2.0 / (fov / 2.0).tan().max(LEAST_TANGENT);
    let camera = [focal(width, fov_width), focal(height, fov_height), width as f64 / 2.0, height as f64 / 2.0];
    Ok((camera, motion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_nine_numbers_is_a_camera_and_a_motion() {
        let half = std::f32::consts::FRAC_1_SQRT_2;
        // A quarter turn about z, of twice the length.
        let code = [1.0, 2.0, 3.0, 0.0, 0.0, 2.0 * half, 2.0 * half, 1.0, 1.2];
        let ([fx, fy, cx, cy], motion) = decoded(&code, (518, 392)).expect("a code");
        assert!((fx - 259.0 / (0.6f64).tan()).abs() < 1e-4 && (fy - 196.0 / (0.5f64).tan()).abs() < 1e-4);
        assert_eq!((cx, cy), (259.0, 196.0));
        let moved = motion * nalgebra::Point3::new(1.0, 0.0, 0.0);
        assert!((moved - nalgebra::Point3::new(1.0, 3.0, 3.0)).norm() < 1e-6, "{moved}");
        assert!(decoded(&[0.0; 9], (518, 392)).is_err() && decoded(&[f32::NAN; 9], (518, 392)).is_err());
    }
}
