//! What a picture shows of a thing's outline: how far it reaches each way.

use crate::frame::Intrinsics;
use crate::lift::{Detection, pixel_rectangle};

/// Directions in which an outline is measured: every 45 degrees, from the camera's x axis to its y axis.
pub(super) const DIRECTIONS: usize = 8;

/// The unit vectors of these.
pub(super) const NORMALS: [[f64; 2]; DIRECTIONS] = {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    [[1.0, 0.0], [half, half], [0.0, 1.0], [-half, half], [-1.0, 0.0], [-half, -half], [0.0, -1.0], [half, -half]]
};

/// A rectangle of directions, x / z and y / z in the camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub low: [f64; 2],
    pub high: [f64; 2],
}

impl Bounds {
    /// Of what reaches so far in each direction.
    pub fn of(reach: &[f64; DIRECTIONS]) -> Self {
        Self { low: [-reach[4], -reach[6]], high: [reach[0], reach[2]] }
    }

    /// What a picture shows.
    pub fn of_picture(camera: &Intrinsics) -> Option<Self> {
        let (right, bottom) = (f64::from(camera.width) - 0.5, f64::from(camera.height) - 0.5);
        let mut reach = [f64::NEG_INFINITY; DIRECTIONS];
        for (u, v) in [(-0.5, -0.5), (right, -0.5), (-0.5, bottom), (right, bottom)] {
            stretch(&mut reach, camera.ray(u, v)?.xy().into());
        }
        Some(Self::of(&reach))
    }

    fn area(&self) -> f64 {
        (0..2).map(|k| (self.high[k] - self.low[k]).max(0.0)).product()
    }

    pub fn diagonal(&self) -> f64 {
        (self.high[0] - self.low[0]).hypot(self.high[1] - self.low[1])
    }

    /// What two have in common.
    pub fn shared(&self, other: &Self) -> Self {
        let low = std::array::from_fn(|k| self.low[k].max(other.low[k]));
        Self { low, high: std::array::from_fn(|k| self.high[k].min(other.high[k])) }
    }

    /// Area in common over area in all, 0..1.
    pub fn iou(&self, other: &Self) -> f64 {
        let shared = self.shared(other).area();
        shared / (self.area() + other.area() - shared).max(f64::MIN_POSITIVE)
    }
}

/// One thing's outline in one picture, as directions x / z and y / z in the camera: free of the lens.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    /// How far it reaches along each of [`NORMALS`]; `None` where the picture ends or a bare box does not say.
    pub reach: [Option<f64>; DIRECTIONS],
    pub bounds: Bounds,
    /// The middle of what the depth network says of it, metres.
    pub depth_m: f64,
}

impl Outline {
    /// Of a detection in a picture with this depth; `None` for one without depth or beyond the lens.
    pub fn of(detection: &Detection<'_>, camera: &Intrinsics, depth_m: &[f32]) -> Option<Self> {
        let mut reach = [f64::NEG_INFINITY; DIRECTIONS];
        let mut depths = Vec::new();
        // First and last column and row, the last exclusive.
        let (mut low, mut high) = ([u32::MAX; 2], [0; 2]);
        for_runs(detection, camera, |v, first, end| {
            (low, high) = ([low[0].min(first), low[1].min(v)], [high[0].max(end), high[1].max(v + 1)]);
            let row = v as usize * camera.width as usize;
            let inside = pixels(detection, v, first, end).map(|u| depth_m[row + u as usize]);
            depths.extend(inside.filter(|&z| z > 0.0));
            for (u, v) in [(first, v), (end, v), (first, v + 1), (end, v + 1)] {
                if let Some(ray) = camera.ray(f64::from(u) - 0.5, f64::from(v) - 0.5) {
                    stretch(&mut reach, ray.xy().into());
                }
            }
        });
        let middle = depths.len() / 2;
        if depths.is_empty() || !reach.iter().all(|r| r.is_finite()) {
            return None;
        }
        let depth_m = f64::from(*depths.select_nth_unstable_by(middle, f32::total_cmp).1);
        let is_cut = [
            (high[0] == camera.width, [1.0, 0.0]),
            (high[1] == camera.height, [0.0, 1.0]),
            (low[0] == 0, [-1.0, 0.0]),
            (low[1] == 0, [0.0, -1.0]),
        ];
        let tells = |at: usize| {
            let [x, y] = NORMALS[at];
            let is_inside = is_cut.iter().all(|(cut, side)| !cut || x * side[0] + y * side[1] < 0.1);
            is_inside && (detection.mask.is_some() || at.is_multiple_of(2))
        };
        let told = std::array::from_fn(|at| tells(at).then_some(reach[at]));
        Some(Self { reach: told, bounds: Bounds::of(&reach), depth_m })
    }

    /// Sides that it tells.
    pub fn told(&self) -> usize {
        self.reach.iter().flatten().count()
    }
}

/// Makes it reach as far as a direction.
pub(super) fn stretch(reach: &mut [f64; DIRECTIONS], [x, y]: [f64; 2]) {
    for (reach, normal) in reach.iter_mut().zip(NORMALS) {
        *reach = reach.max(normal[0] * x + normal[1] * y);
    }
}

/// The columns of a run that are the thing's own.
pub(super) fn pixels(detection: &Detection<'_>, v: u32, first: u32, end: u32) -> impl Iterator<Item = u32> {
    (first..end).filter(move |&u| detection.mask.is_none_or(|mask| mask.contains(u, v)))
}

/// Calls for each row of a detection that has pixels: the row, its first column and the end of its last, which may have gaps
/// between them.
pub(super) fn for_runs(detection: &Detection<'_>, camera: &Intrinsics, mut call: impl FnMut(u32, u32, u32)) {
    match &detection.mask {
        Some(mask) => {
            for v in mask.y..(mask.y + mask.height).min(camera.height) {
                let shown = camera.width.saturating_sub(mask.x).min(mask.width);
                let row = &mask.row(v)[..shown as usize];
                if let Some(first) = row.iter().position(|&m| m != 0) {
                    let last = row.iter().rposition(|&m| m != 0).unwrap_or(first);
                    call(v, mask.x + first as u32, mask.x + last as u32 + 1);
                }
            }
        }
        None => {
            let picture = [camera.width as usize, camera.height as usize];
            let [first, top, end, bottom] = pixel_rectangle(detection.bbox, picture).map(|at| at as u32);
            if first < end {
                (top..bottom).for_each(|v| call(v, first, end));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::MaskView;

    fn camera() -> Intrinsics {
        Intrinsics::pinhole(64, 48, 50.0, 50.0, 31.5, 23.5).expect("a camera")
    }

    #[test]
    fn a_mask_tells_all_eight_sides_a_bare_box_four_and_the_border_none() {
        let depth = vec![2.0; 64 * 48];
        let data = vec![255; 10 * 8];
        let mask = MaskView::new(&data, 20, 10, 10, 8, 0).expect("a mask");
        let whole =
            Detection { label: "cup", score: 0.9, bbox: [20.0, 10.0, 30.0, 18.0], mask: Some(mask), feature: None };
        let outline = Outline::of(&whole, &camera(), &depth).expect("an outline");
        assert_eq!((outline.told(), outline.depth_m), (8, 2.0));
        // The right edge of the last column, 29, seen from the principal point, 31.5.
        assert!((outline.bounds.high[0] - (29.5 - 31.5) / 50.0).abs() < 1e-12, "{outline:?}");
        assert!((outline.bounds.low[1] - (9.5 - 23.5) / 50.0).abs() < 1e-12, "{outline:?}");
        let bare = Detection { mask: None, ..whole };
        assert_eq!(Outline::of(&bare, &camera(), &depth).expect("an outline").told(), 4);
        let cut = Detection { bbox: [-4.0, 10.0, 30.0, 18.0], ..bare };
        let cut = Outline::of(&cut, &camera(), &depth).expect("an outline");
        assert_eq!((cut.told(), cut.reach[4]), (3, None));
        assert_eq!(Outline::of(&bare, &camera(), &[0.0; 64 * 48]), None, "no depth");
    }

    #[test]
    fn rectangles_overlap_as_rectangles_do() {
        let one = Bounds { low: [0.0, 0.0], high: [2.0, 1.0] };
        let other = Bounds { low: [1.0, 0.0], high: [3.0, 1.0] };
        assert!((one.iou(&other) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(one.iou(&Bounds { low: [2.5, 0.0], high: [3.0, 1.0] }), 0.0);
    }
}
