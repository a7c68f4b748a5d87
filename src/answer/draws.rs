//! What else a box may be: boxes drawn from the belief in a thing, the same ones every time.
//!
//! A draw moves the centre by its covariance, the sides by their sigma and the yaw by its sigma. Numbers come from the
//! id of the thing and the number of the draw alone (a hash, then Box and Muller), so answers repeat to the bit and draws of two things are
//! independent. They are made in the axes of the box, so a scene that is turned or shifted as a whole gives the same
//! probabilities.

use crate::geom::OrientedBox;
use crate::scene::Object;
use nalgebra::{Matrix3, UnitQuaternion, Vector3};
use std::cell::OnceCell;
use std::f64::consts::TAU;

/// How many boxes are drawn of a thing: the step of a probability is 1/128.
pub(super) const DRAWS: usize = 128;

/// A side never shrinks below this share of what is believed.
const LEAST_SIDE: f64 = 0.2;

/// A sigma beyond this is no belief at all, metres; draws stay finite.
const MAX_SIGMA_M: f64 = 10.0;

/// The draws of one thing, made when first asked for: who counts things needs none of their boxes.
#[derive(Debug, Clone)]
pub(super) struct Draws<'s> {
    object: &'s Object,
    /// One box a draw; a single one, the box itself, when the thing is known exactly.
    boxes: OnceCell<Vec<OrientedBox>>,
}

impl<'s> Draws<'s> {
    pub fn of(object: &'s Object) -> Self {
        Self { object, boxes: OnceCell::new() }
    }

    /// Draw number `k`.
    pub fn get(&self, k: usize) -> &OrientedBox {
        let boxes = self.boxes.get_or_init(|| draws(self.object));
        &boxes[k % boxes.len()]
    }

    /// A number in 0..1 of this thing and draw, for what is there or not.
    pub fn chance(&self, k: usize) -> f64 {
        uniform(self.object.id.0, k, 7)
    }
}

fn draws(object: &Object) -> Vec<OrientedBox> {
    let root = cov_root_in_box(object);
    let exact = root.norm() == 0.0 && object.size_sigma_m == [0.0; 3] && object.yaw_sigma_rad == 0.0;
    match exact {
        true => vec![object.obb],
        false => (0..DRAWS).map(|k| draw(object, &root, object.id.0, k)).collect(),
    }
}

/// A matrix A with A Aᵀ = covariance of the centre in the axes of the box.
fn cov_root_in_box(object: &Object) -> Matrix3<f64> {
    let [xx, xy, xz, yy, yz, zz] = object.centre_cov_m2.map(|c| c.clamp(-MAX_SIGMA_M.powi(2), MAX_SIGMA_M.powi(2)));
    let in_world = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz);
    let box_from_world = object.obb.world_from_box.inverse().to_rotation_matrix();
    let in_box = box_from_world.matrix() * in_world * box_from_world.matrix().transpose();
    // Cholesky that takes a singular covariance for what it is: a direction without doubt.
    let mut root = Matrix3::zeros();
    for j in 0..3 {
        let rest = in_box[(j, j)] - (0..j).map(|k| root[(j, k)] * root[(j, k)]).sum::<f64>();
        root[(j, j)] = rest.max(0.0).sqrt();
        for i in j + 1..3 {
            let shared = in_box[(i, j)] - (0..j).map(|k| root[(i, k)] * root[(j, k)]).sum::<f64>();
            root[(i, j)] = if root[(j, j)] > 1e-12 { shared / root[(j, j)] } else { 0.0 };
        }
    }
    root
}

fn draw(object: &Object, root: &Matrix3<f64>, seed: u64, k: usize) -> OrientedBox {
    let obb = &object.obb;
    let [a, b] = normals(seed, k, 0);
    let [c, d] = normals(seed, k, 1);
    let [e, f] = normals(seed, k, 2);
    let yaw = normals(seed, k, 3)[0] * object.yaw_sigma_rad.min(TAU);
    let grown = Vector3::from(object.size_sigma_m.map(|s| s.min(MAX_SIGMA_M))).component_mul(&Vector3::new(d, e, f));
    OrientedBox {
        centre: obb.centre + obb.world_from_box * (root * Vector3::new(a, b, c)),
        size: (obb.size + grown).zip_map(&obb.size, |drawn, believed| drawn.max(LEAST_SIDE * believed)),
        world_from_box: UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw) * obb.world_from_box,
    }
}

/// A standard normal number.
pub(super) fn normal(seed: u64, k: usize, which: u64) -> f64 {
    normals(seed, k, which)[0]
}

/// Two independent standard normal numbers (Box and Muller 1958).
fn normals(seed: u64, k: usize, which: u64) -> [f64; 2] {
    let radius = (-2.0 * uniform(seed, k, 2 * which + 16).ln()).sqrt();
    let (sin, cos) = (TAU * uniform(seed, k, 2 * which + 17)).sin_cos();
    [radius * cos, radius * sin]
}

/// A number in (0, 1), equally likely anywhere: the finaliser of SplitMix64 over the three numbers.
pub(super) fn uniform(seed: u64, k: usize, which: u64) -> f64 {
    let mut z =
        seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (k as u64).wrapping_mul(0xD1B5_4A32_D192_ED03) ^ (which << 56);
    for multiplier in [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB] {
        z = (z ^ (z >> 30)).wrapping_mul(multiplier);
        z ^= z >> 27;
    }
    ((z >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}
