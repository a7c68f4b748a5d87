//! What a cheap camera, an odometry and a real detector would have made of a frame.
//!
//! Depth: Gaussian noise that grows with distance, whole millimetres, holes in blobs and wherever the surface is seen
//! at a grazing angle, and pixels that fly between foreground and background at half of the edges. Pose: independent
//! errors from frame to frame. Detections: some missed, some mislabelled, some invented; masks stay exact. Colour
//! stays as it is. All of it follows from the seed and the frame's index.

use std::f32::consts::TAU;

use nalgebra::{Isometry3, Translation3, UnitQuaternion, Vector3};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::camera::RoomCamera;
use super::catalogue::LABELS;
use super::detect::RoomDetection;
use super::sequence::RoomFrame;

/// Share of the image lost in blobs.
pub const HOLE_SHARE: f64 = 0.15;
/// Beyond 75 degrees from the normal nothing comes back.
pub const GRAZING_COS: f32 = 0.258_819_04;
/// Share of the pixels at depth edges that fly.
pub const FLYING_SHARE: f64 = 0.5;
/// Standard deviation of the reported position, metres an axis.
pub const POSITION_SIGMA_M: f64 = 0.005;
/// Standard deviation of the reported rotation, degrees an axis.
pub const ROTATION_SIGMA_DEG: f64 = 0.2;
/// Share of the objects detected under another label.
pub const WRONG_LABEL_SHARE: f64 = 0.10;
/// Share of the objects not detected.
pub const MISSED_SHARE: f64 = 0.10;
/// False detections for each true one.
pub const FALSE_SHARE: f64 = 0.05;

/// Standard deviation of a depth of `z_m` metres, metres.
pub fn depth_sigma_m(z_m: f32) -> f32 {
    0.0012 + 0.0019 * (z_m - 0.4) * (z_m - 0.4)
}

/// The frame as it would really have come, drawn from `seed` and the frame's index.
pub fn degrade(clean: &RoomFrame, seed: u64, index: usize) -> RoomFrame {
    let stream = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ stream);
    RoomFrame {
        camera: clean.camera,
        rgb: clean.rgb.clone(),
        depth_m: degraded_depth(clean, &mut rng),
        ids: clean.ids.clone(),
        incidence_cos: clean.incidence_cos.clone(),
        true_world_from_camera: clean.true_world_from_camera,
        world_from_camera: clean.true_world_from_camera * pose_error(&mut rng),
        stamp_ns: clean.stamp_ns,
        detections: degraded_detections(clean, &mut rng),
        visible_px: clean.visible_px.clone(),
    }
}

fn degraded_depth(clean: &RoomFrame, rng: &mut impl Rng) -> Vec<f32> {
    let holes = blobs(&clean.camera, rng);
    let width = clean.camera.width as usize;
    let mut normals = Normals::default();
    (0..clean.depth_m.len())
        .map(|pixel| {
            let other = across_edge(&clean.depth_m, width, pixel);
            let mut z = clean.depth_m[pixel];
            if let Some(other) = other
                && rng.random_bool(FLYING_SHARE)
            {
                z += (other - z) * rng.random::<f32>();
            }
            z += depth_sigma_m(z) * normals.next(rng);
            if holes[pixel] || clean.incidence_cos[pixel] < GRAZING_COS {
                f32::NAN
            } else {
                (z * 1000.0).round() / 1000.0
            }
        })
        .collect()
}

/// Where there is a depth edge, the depth of the 4-neighbour on its other side: the one farthest off.
pub(super) fn across_edge(depth_m: &[f32], width: usize, pixel: usize) -> Option<f32> {
    let z = depth_m[pixel];
    let column = pixel % width;
    let neighbours = [
        (column > 0).then(|| depth_m[pixel - 1]),
        (column + 1 < width).then(|| depth_m[pixel + 1]),
        pixel.checked_sub(width).map(|above| depth_m[above]),
        depth_m.get(pixel + width).copied(),
    ];
    let farthest = neighbours.into_iter().flatten().max_by(|a, b| (a - z).abs().total_cmp(&(b - z).abs()))?;
    // More than a slanted surface does from pixel to pixel.
    ((farthest - z).abs() > 0.04 + 0.01 * z).then_some(farthest)
}

/// Ellipses anywhere on the image until they cover the share of holes.
fn blobs(camera: &RoomCamera, rng: &mut impl Rng) -> Vec<bool> {
    let mut holes = vec![false; camera.pixels()];
    let wanted = (HOLE_SHARE * camera.pixels() as f64) as usize;
    let largest = (camera.width as f32 / 24.0).max(3.0);
    let mut covered = 0;
    while covered < wanted {
        let centre = [camera.width, camera.height].map(|n| rng.random_range(0.0..n as f32));
        let radii = [(); 2].map(|()| rng.random_range(2.0..largest));
        covered += punch(&mut holes, camera, centre, radii);
    }
    holes
}

/// Marks an ellipse and says how many pixels were new.
fn punch(holes: &mut [bool], camera: &RoomCamera, centre: [f32; 2], radii: [f32; 2]) -> usize {
    let range = |axis: usize, count: u32| {
        let from = (centre[axis] - radii[axis]).max(0.0) as u32;
        from..((centre[axis] + radii[axis]) as u32 + 1).min(count)
    };
    let mut marked = 0;
    for v in range(1, camera.height) {
        for u in range(0, camera.width) {
            let x = (u as f32 - centre[0]) / radii[0];
            let y = (v as f32 - centre[1]) / radii[1];
            let hole = &mut holes[(v * camera.width + u) as usize];
            if x * x + y * y <= 1.0 && !*hole {
                *hole = true;
                marked += 1;
            }
        }
    }
    marked
}

fn pose_error(rng: &mut impl Rng) -> Isometry3<f64> {
    let mut normals = Normals::default();
    let mut three = |sigma: f64| Vector3::from_fn(|_, _| f64::from(normals.next(rng)) * sigma);
    let shift = three(POSITION_SIGMA_M);
    let turn = three(ROTATION_SIGMA_DEG.to_radians());
    Isometry3::from_parts(Translation3::from(shift), UnitQuaternion::from_scaled_axis(turn))
}

fn degraded_detections(clean: &RoomFrame, rng: &mut impl Rng) -> Vec<RoomDetection> {
    let mut detections = Vec::new();
    for detection in &clean.detections {
        if rng.random_bool(FALSE_SHARE) {
            detections.push(false_detection(&clean.camera, rng));
        }
        if rng.random_bool(MISSED_SHARE) {
            continue;
        }
        let mut detection = detection.clone();
        detection.score = rng.random_range(0.5..0.95);
        if rng.random_bool(WRONG_LABEL_SHARE) {
            detection.label = other_label(&detection.label, rng).to_owned();
        }
        detections.push(detection);
    }
    detections
}

fn other_label(label: &str, rng: &mut impl Rng) -> &'static str {
    loop {
        let other = LABELS[rng.random_range(0..LABELS.len())];
        if other != label {
            return other;
        }
    }
}

fn false_detection(camera: &RoomCamera, rng: &mut impl Rng) -> RoomDetection {
    let size = [camera.width, camera.height].map(|n| rng.random_range(n / 16 + 1..=n / 4 + 1));
    let x = rng.random_range(0..=camera.width - size[0]);
    let y = rng.random_range(0..=camera.height - size[1]);
    let label = LABELS[rng.random_range(0..LABELS.len())];
    let score = rng.random_range(0.3..0.8);
    let mask = vec![255; (size[0] * size[1]) as usize];
    RoomDetection::on_rectangle(None, label, score, [x, y, size[0], size[1]], mask)
}

/// Standard normal numbers, two at a time (Box and Muller).
#[derive(Default)]
struct Normals {
    spare: Option<f32>,
}

impl Normals {
    fn next(&mut self, rng: &mut impl Rng) -> f32 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
        let (sin, cos) = (TAU * rng.random::<f32>()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CLEAN_SCORE, Room, RoomOptions, RoomSequence};
    use super::*;

    fn frames(reduction: u32, frames: usize, step: usize) -> Vec<RoomFrame> {
        let room = Room::generate(6);
        let options =
            RoomOptions { camera: RoomCamera::default().reduced(reduction), frames, ..RoomOptions::default() };
        let mut sequence = RoomSequence::new(&room, options);
        let indices = (0..frames).step_by(step);
        indices.map(|index| sequence.render(index)).collect()
    }

    fn bits(depth_m: &[f32]) -> Vec<u32> {
        depth_m.iter().map(|z| z.to_bits()).collect()
    }

    #[test]
    fn depth_noise_has_the_stated_spread_in_whole_millimetres() {
        let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
        for (index, clean) in frames(1, 120, 30).iter().enumerate() {
            let noisy = degrade(clean, 1, index);
            for pixel in 0..clean.depth_m.len() {
                let (z, measured) = (clean.depth_m[pixel], noisy.depth_m[pixel]);
                if measured.is_nan() || across_edge(&clean.depth_m, 640, pixel).is_some() {
                    continue;
                }
                let millimetres = measured * 1000.0;
                assert!((millimetres - millimetres.round()).abs() < 1e-3);
                // Rounding to a millimetre adds the variance of a uniform error.
                let sigma = depth_sigma_m(z).hypot(0.001 / 12f32.sqrt());
                let error = f64::from((measured - z) / sigma);
                sum += error;
                squares += error * error;
                count += 1.0;
            }
        }
        assert!(count > 5e5);
        assert!((sum / count).abs() < 0.01, "mean {}", sum / count);
        assert!((squares / count - 1.0).abs() < 0.02, "{}", squares / count);
    }

    #[test]
    fn holes_are_blobs_of_the_stated_share_and_all_that_grazes() {
        for (index, clean) in frames(1, 120, 40).iter().enumerate() {
            let noisy = degrade(clean, 2, index);
            let (mut facing, mut lost, mut beside) = (0.0, 0.0, 0.0);
            for pixel in 0..clean.depth_m.len() - 1 {
                let hole = noisy.depth_m[pixel].is_nan();
                if clean.incidence_cos[pixel] < 75f32.to_radians().cos() {
                    assert!(hole);
                    continue;
                }
                facing += 1.0;
                lost += f64::from(u8::from(hole));
                beside += f64::from(u8::from(hole && noisy.depth_m[pixel + 1].is_nan()));
            }
            assert!((lost / facing - HOLE_SHARE).abs() < 0.03, "{}", lost / facing);
            assert!(beside / lost > 0.85, "{}", beside / lost);
        }
    }

    #[test]
    fn half_of_the_edge_pixels_fly_between_both_sides() {
        let (mut edges, mut flying) = (0.0, 0.0);
        for (index, clean) in frames(1, 120, 10).iter().enumerate() {
            let noisy = degrade(clean, 3, index);
            for pixel in 0..clean.depth_m.len() {
                let (z, measured) = (clean.depth_m[pixel], noisy.depth_m[pixel]);
                let Some(other) = across_edge(&clean.depth_m, 640, pixel) else {
                    continue;
                };
                if measured.is_nan() {
                    continue;
                }
                let noise = 6.0 * depth_sigma_m(z.max(other));
                assert!(measured > z.min(other) - noise && measured < z.max(other) + noise);
                edges += 1.0;
                // From here on the noise alone no longer explains it.
                flying += f64::from(u8::from((measured - z).abs() > 0.1 * (other - z).abs() + noise));
            }
        }
        assert!(edges > 5000.0);
        let share = flying / edges;
        assert!(share < FLYING_SHARE && share > 0.6 * FLYING_SHARE, "{share}");
    }

    #[test]
    fn reported_poses_err_by_the_stated_spread_independently() {
        let clean = frames(16, 1, 1).remove(0);
        let errors: Vec<_> = (0..1500)
            .map(|index| {
                let reported = degrade(&clean, 4, index).world_from_camera;
                let error = clean.true_world_from_camera.inverse() * reported;
                let turn = error.rotation.scaled_axis().map(f64::to_degrees);
                (error.translation.vector / POSITION_SIGMA_M, turn / ROTATION_SIGMA_DEG)
            })
            .collect();
        let count = errors.len() as f64;
        for axis in 0..3 {
            let variance = |of: &dyn Fn(usize) -> f64| (0..errors.len()).map(|i| of(i) * of(i)).sum::<f64>() / count;
            assert!((variance(&|i| errors[i].0[axis]) - 1.0).abs() < 0.15);
            assert!((variance(&|i| errors[i].1[axis]) - 1.0).abs() < 0.15);
            let neighbours = errors.windows(2).map(|pair| pair[0].0[axis] * pair[1].0[axis]);
            assert!((neighbours.sum::<f64>() / count).abs() < 0.1);
        }
    }

    #[test]
    fn detections_err_at_the_stated_rates() {
        let (mut all, mut kept, mut wrong, mut false_ones) = (0.0, 0.0, 0.0, 0.0);
        for (index, clean) in frames(2, 240, 1).iter().enumerate() {
            assert!(clean.detections.iter().all(|d| d.score == CLEAN_SCORE));
            all += clean.detections.len() as f64;
            for found in degrade(clean, 5, index).detections {
                assert!(LABELS.contains(&found.label.as_str()));
                assert_eq!(found.mask.len() as u32, found.mask_w * found.mask_h);
                assert!(found.mask_x + found.mask_w <= clean.camera.width);
                assert!(found.mask_y + found.mask_h <= clean.camera.height);
                let Some(object) = found.object else {
                    assert!((0.3..0.8).contains(&found.score));
                    false_ones += 1.0;
                    continue;
                };
                let true_one = clean.detections.iter().find(|d| d.object == Some(object));
                let true_one = true_one.unwrap();
                assert!((0.5..0.95).contains(&found.score));
                assert_eq!(found.mask, true_one.mask);
                kept += 1.0;
                wrong += f64::from(u8::from(found.label != true_one.label));
            }
        }
        assert!(all > 1000.0, "{all}");
        assert!((1.0 - kept / all - MISSED_SHARE).abs() < 0.03);
        assert!((wrong / kept - WRONG_LABEL_SHARE).abs() < 0.03);
        assert!((false_ones / all - FALSE_SHARE).abs() < 0.02);
    }

    #[test]
    fn noise_follows_from_seed_and_index_alone() {
        let clean = frames(4, 1, 1).remove(0);
        let once = degrade(&clean, 7, 0);
        let again = degrade(&clean, 7, 0);
        assert_eq!(bits(&once.depth_m), bits(&again.depth_m));
        assert_eq!(once.detections, again.detections);
        for (seed, index) in [(8, 0), (7, 1)] {
            let other = degrade(&clean, seed, index);
            assert_ne!(bits(&once.depth_m), bits(&other.depth_m));
            assert_ne!(once.world_from_camera, other.world_from_camera);
        }
        assert_eq!(once.rgb, clean.rgb);
        assert_eq!(once.ids, clean.ids);
    }
}
