//! Pictures of rooms with their depth, as many and as varied as a network wants to learn from.
//!
//! A walk has one camera that looks one way after the other; a network that saw nothing else would know that camera.
//! Here the places are the walk's and the cameras are many: focal lengths from [`FOCAL_PX`], a principal point that is
//! off the middle, some height, pitch and roll of one's own. Half of the views keep the default focal length.
//!
//! Colour is rendered several times larger and averaged, as pictures that are made smaller are; depth is that of the small
//! picture's own rays, so that no depth lies between a thing and what is behind it.

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::camera::RoomCamera;
use super::layout::Room;
use super::path::LAP_FRAMES;
use super::render::Rendered;

/// Shortest and longest focal length of a view, pixels of a picture of 640 columns.
pub const FOCAL_PX: [f64; 2] = [400.0, 700.0];
/// Colour is rendered this many times larger a side, then averaged.
const FINER: u32 = 4;
/// The principal point is so far off, pixels of a picture of 640 columns, at most.
const OFF_CENTRE_PX: f64 = 12.0;
/// How much higher or lower a view of its own height is, metres.
const HEIGHT_M: f64 = 0.15;
/// How much a view of its own pitch and roll is turned, radians.
const TILT_RAD: [f64; 2] = [0.07, 0.035];

/// A picture, its depth, its camera and how that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomView {
    /// The camera of this picture.
    pub camera: RoomCamera,
    /// The unit vector that points up, in the camera's axes, and metres over the floor.
    pub stance: [f64; 4],
    /// Three bytes a pixel, row-major.
    pub rgb: Vec<u8>,
    /// Depth along the camera's z, metres, row-major.
    pub depth_m: Vec<f32>,
}

/// So many views of a room, from places spread over one lap; the same room gives the same views. Pictures are 640 x 480,
/// made `reduction` times smaller.
pub fn views_of(room: &Room, count: usize, reduction: u32) -> Vec<RoomView> {
    let mut rng = Pcg64Mcg::seed_from_u64(room.seed() ^ 0x7669_6577);
    let path = room.camera_path(LAP_FRAMES);
    let mut buffers = [Rendered::default(), Rendered::default()];
    (0..count)
        .map(|index| {
            // One place in each of as many parts of the lap.
            let at = (index as f64 + rng.random::<f64>()) / count as f64 * LAP_FRAMES as f64;
            let pose = path[(at as usize).min(LAP_FRAMES - 1)];
            let fine = camera(&mut rng);
            let pose = if rng.random_bool(0.5) { moved(&pose, &mut rng) } else { pose };
            view(room, &fine, reduction, &pose, &mut buffers)
        })
        .collect()
}

/// A camera of 640 x 480.
fn camera(rng: &mut impl Rng) -> RoomCamera {
    let usual = RoomCamera::default();
    if rng.random_bool(0.5) {
        return usual;
    }
    let [shortest, longest] = FOCAL_PX.map(f64::ln);
    let focal = rng.random_range(shortest..longest).exp();
    let mut off = || rng.random_range(-OFF_CENTRE_PX..OFF_CENTRE_PX);
    RoomCamera { fx: focal, fy: focal, cx: usual.cx + off(), cy: usual.cy + off(), ..usual }
}

/// The same place and gaze, give or take a little.
fn moved(pose: &Isometry3<f64>, rng: &mut impl Rng) -> Isometry3<f64> {
    let mut within = |most: f64| rng.random_range(-most..most);
    let up = Translation3::new(0.0, 0.0, within(HEIGHT_M));
    let turn = UnitQuaternion::from_euler_angles(within(TILT_RAD[0]), 0.0, within(TILT_RAD[1]));
    up * pose * turn
}

fn view(
    room: &Room,
    whole: &RoomCamera,
    reduction: u32,
    pose: &Isometry3<f64>,
    [coloured, deep]: &mut [Rendered; 2],
) -> RoomView {
    let camera = whole.reduced(reduction);
    deep.render(room, &camera, pose);
    coloured.render(room, &enlarged(&camera), pose);
    let up = pose.rotation.inverse() * Vector3::z();
    let stance = [up.x, up.y, up.z, pose.translation.z];
    RoomView { camera, stance, rgb: averaged(&coloured.rgb, camera.width as usize), depth_m: deep.depth_m.clone() }
}

/// The same view in a picture [`FINER`] times larger.
fn enlarged(camera: &RoomCamera) -> RoomCamera {
    let scale = f64::from(FINER);
    RoomCamera {
        width: camera.width * FINER,
        height: camera.height * FINER,
        fx: camera.fx * scale,
        fy: camera.fy * scale,
        cx: (camera.cx + 0.5) * scale - 0.5,
        cy: (camera.cy + 0.5) * scale - 0.5,
    }
}

/// Squares of [`FINER`] a side made one pixel, rounded to the nearest.
fn averaged(fine: &[u8], width: usize) -> Vec<u8> {
    let side = FINER as usize;
    let area = u32::from((FINER * FINER) as u8);
    let row = width * side * 3;
    let mut small = Vec::with_capacity(fine.len() / (side * side));
    for rows in fine.chunks_exact(row * side) {
        for at in 0..width * 3 {
            let (column, channel) = (at / 3 * side, at % 3);
            let inside = (0..side * side).map(|k| rows[k / side * row + (column + k % side) * 3 + channel]);
            let sum: u32 = inside.map(u32::from).sum();
            small.push(((sum + area / 2) / area) as u8);
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_of_many_cameras_and_the_same_each_time() {
        let room = Room::generate(4);
        let views = views_of(&room, 12, 8);
        assert_eq!(views, views_of(&room, 12, 8));
        let usual = RoomCamera::default().reduced(8);
        let others = views.iter().filter(|view| view.camera != usual).count();
        assert!((2..=10).contains(&others), "{others}");
        for view in &views {
            assert!(view.stance[1] < -0.7 && (1.1..1.5).contains(&view.stance[3]), "{:?}", view.stance);
            assert_eq!((view.rgb.len(), view.depth_m.len()), (80 * 60 * 3, 80 * 60));
            assert!((FOCAL_PX[0]..FOCAL_PX[1]).contains(&(view.camera.fx * 8.0)));
            assert!(view.depth_m.iter().all(|&z| z > 0.02 && z < 12.0));
        }
    }

    #[test]
    fn averaging_keeps_a_picture_of_one_colour_and_halves_a_board() {
        let plain = [7, 8, 9].repeat(64);
        assert_eq!(averaged(&plain, 2), [7, 8, 9].repeat(4));
        let board: Vec<u8> = (0..64).flat_map(|at| [if (at + at / 8) % 2 == 0 { 0 } else { 255 }; 3]).collect();
        assert_eq!(averaged(&board, 2), [128; 12]);
    }
}
