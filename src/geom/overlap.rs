//! How much of two full oriented boxes is the same space.
//!
//! The first box is a convex body of six polygons; each half-space of the second cuts it, and the cut is closed with a
//! cap. What is left is the intersection; its volume is the sum of the pyramids from an inner point to each polygon.

use super::OrientedBox;
use nalgebra::{Point3, Vector3};

/// Corner indices of the six faces, in order around each.
const FACES: [[usize; 4]; 6] = [[0, 2, 6, 4], [1, 5, 7, 3], [0, 4, 5, 1], [2, 3, 7, 6], [0, 1, 3, 2], [4, 6, 7, 5]];

/// A corner nearer than this to a cutting plane lies on it.
const ON_PLANE_M: f64 = 1e-10;

/// Volume shared by two boxes, m³. Exact for any tilt.
pub fn intersection_volume_m3(a: &OrientedBox, b: &OrientedBox) -> f64 {
    if !boxes_overlap(a, b) {
        return 0.0;
    }
    let corners = a.corners();
    let mut faces: Vec<Vec<Point3<f64>>> =
        FACES.iter().map(|face| face.iter().map(|&i| corners[i]).collect()).collect();
    for (axis, half) in b.axes().into_iter().zip([b.size.x, b.size.y, b.size.z].map(|s| s * 0.5)) {
        for outward in [axis, -axis] {
            faces = cut(faces, &outward, outward.dot(&b.centre.coords) + half);
        }
    }
    volume_of(&faces)
}

/// Intersection over union of two boxes, 0..1.
pub fn iou(a: &OrientedBox, b: &OrientedBox) -> f64 {
    let both = intersection_volume_m3(a, b);
    both / (a.volume_m3() + b.volume_m3() - both)
}

/// Separating axes: false when some plane lies strictly between the boxes.
pub(super) fn boxes_overlap(a: &OrientedBox, b: &OrientedBox) -> bool {
    let (axes_a, axes_b) = (a.axes(), b.axes());
    let between = b.centre - a.centre;
    let separates = |axis: &Vector3<f64>| {
        let length = axis.norm();
        if length < 1e-9 {
            return false;
        }
        let reach = |o: &OrientedBox, axes: &[Vector3<f64>; 3]| {
            (0..3).map(|k| (axes[k].dot(axis) * o.size[k]).abs()).sum::<f64>() * 0.5
        };
        between.dot(axis).abs() > reach(a, &axes_a) + reach(b, &axes_b) + 1e-12 * length
    };
    !axes_a.iter().chain(axes_b.iter()).any(separates)
        && !axes_a.iter().any(|x| axes_b.iter().any(|y| separates(&x.cross(y))))
}

/// Keeps what of the body lies where `outward · p <= offset`, and closes it with a cap.
fn cut(faces: Vec<Vec<Point3<f64>>>, outward: &Vector3<f64>, offset: f64) -> Vec<Vec<Point3<f64>>> {
    let height = |p: &Point3<f64>| {
        let height = outward.dot(&p.coords) - offset;
        if height.abs() < ON_PLANE_M { 0.0 } else { height }
    };
    let mut kept = Vec::new();
    let mut rim: Vec<Point3<f64>> = Vec::new();
    for face in faces {
        if face.iter().all(|p| height(p) == 0.0) {
            rim.extend(face); // lies in the cutting plane: the cap takes its place
            continue;
        }
        let mut inside = Vec::new();
        for (i, p) in face.iter().enumerate() {
            let q = &face[(i + 1) % face.len()];
            let (height_p, height_q) = (height(p), height(q));
            if height_p <= 0.0 {
                inside.push(*p);
            }
            if (height_p < 0.0 && height_q > 0.0) || (height_p > 0.0 && height_q < 0.0) {
                let crossing = p + (q - p) * (height_p / (height_p - height_q));
                inside.push(crossing);
                rim.push(crossing);
            } else if height_p == 0.0 {
                rim.push(*p);
            }
        }
        if inside.len() >= 3 {
            kept.push(inside);
        }
    }
    if rim.len() >= 3 {
        kept.push(ordered_cap(rim, outward));
    }
    kept
}

/// The rim points in order around their mean, seen along `outward`.
fn ordered_cap(mut rim: Vec<Point3<f64>>, outward: &Vector3<f64>) -> Vec<Point3<f64>> {
    let mean = mean_of(&rim);
    let across = if outward.x.abs() < 0.8 { Vector3::x() } else { Vector3::y() };
    let first = outward.cross(&across);
    let second = outward.cross(&first);
    let angle = |p: &Point3<f64>| (p - mean).dot(&second).atan2((p - mean).dot(&first));
    rim.sort_by(|p, q| angle(p).total_cmp(&angle(q)));
    rim
}

fn mean_of(points: &[Point3<f64>]) -> Point3<f64> {
    Point3::from(points.iter().map(|p| p.coords).sum::<Vector3<f64>>() / points.len() as f64)
}

fn volume_of(faces: &[Vec<Point3<f64>>]) -> f64 {
    if faces.len() < 4 {
        return 0.0;
    }
    let centres: Vec<_> = faces.iter().map(|face| mean_of(face)).collect();
    let inner = mean_of(&centres);
    faces
        .iter()
        .flat_map(|face| (1..face.len() - 1).map(move |i| (face[0], face[i], face[i + 1])))
        .map(|(p, q, r)| (p - inner).dot(&(q - inner).cross(&(r - inner))).abs() / 6.0)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::UnitQuaternion;

    fn tilted(centre: [f64; 3], size: [f64; 3], turn: [f64; 3]) -> OrientedBox {
        OrientedBox {
            centre: Point3::from(centre),
            size: Vector3::from(size),
            world_from_box: UnitQuaternion::from_euler_angles(turn[0], turn[1], turn[2]),
        }
    }

    #[test]
    fn a_box_overlaps_itself_wholly_at_any_tilt() {
        let a = tilted([0.3, -1.0, 2.0], [0.7, 1.9, 0.2], [0.4, 1.0, -2.0]);
        assert!((iou(&a, &a) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_shifted_cube_shares_what_arithmetic_says() {
        let a = tilted([0.0; 3], [1.0; 3], [0.0; 3]);
        let b = tilted([0.5, 0.25, 0.0], [1.0; 3], [0.0; 3]);
        assert!((intersection_volume_m3(&a, &b) - 0.375).abs() < 1e-12);
        assert_eq!(iou(&a, &tilted([1.1, 0.0, 0.0], [1.0; 3], [0.0; 3])), 0.0);
    }

    #[test]
    fn two_squares_an_eighth_turn_apart_share_the_octagon() {
        let a = tilted([0.0; 3], [1.0; 3], [0.0; 3]);
        let b = tilted([0.0; 3], [1.0; 3], [0.0, 0.0, std::f64::consts::FRAC_PI_4]);
        let octagon = 2.0 * (2f64.sqrt() - 1.0);
        assert!((intersection_volume_m3(&a, &b) - octagon).abs() < 1e-9);
    }

    #[test]
    fn tilted_boxes_agree_with_counting_points() {
        let a = tilted([0.0; 3], [1.0, 0.6, 0.8], [0.3, -0.5, 0.9]);
        let b = tilted([0.2, 0.1, -0.15], [0.7, 0.9, 0.5], [-0.8, 0.2, 0.1]);
        let steps = 60;
        let cell = 2.0 / f64::from(steps);
        let at = |i: i32| -1.0 + (f64::from(i) + 0.5) * cell;
        let mut inside = 0.0;
        for i in 0..steps * steps * steps {
            let p = Point3::new(at(i % steps), at(i / steps % steps), at(i / steps / steps));
            if a.distance_m(&p) == 0.0 && b.distance_m(&p) == 0.0 {
                inside += cell * cell * cell;
            }
        }
        assert!((intersection_volume_m3(&a, &b) - inside).abs() < 0.01 * inside);
    }
}
