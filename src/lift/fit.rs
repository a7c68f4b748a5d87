//! An upright box round the points of one thing.
//!
//! Yaw: the turn whose rectangle is small and has the points near its sides. Area alone cannot tell an L (two walls of
//! a cabinet) from its diagonal: both rectangles have the same area. The distance to the nearest side can.
//!
//! Extent: noise carries points over the true edge. Of a surface of length L seen with noise σ the share
//! `σ / (L·√(2π))` lies beyond its edge, so the edge is taken where that share of the weight is left outside: exact for
//! an even surface, and never less than [`LEAST_TRIM`] nor more than [`MOST_TRIM`]. Where a thing is hardly thicker
//! than the noise, an even spread of length L has variance `L²/12 + σ²`, which gives L.
//!
//! Cost: a full search looks at [`SEARCH_POINTS`] points at 53 turns, a local one at 15, three passes each; the extent
//! takes three passes over all points.

use super::cloud::{Cell, Cloud, NO_FRACTION};
use crate::geom::OrientedBox;
use nalgebra::{Matrix3, Vector3};
use std::f64::consts::FRAC_PI_2;

/// Share of the weight left outside on each side at least.
const LEAST_TRIM: f32 = 0.002;

/// Share of the weight left outside on each side at most.
const MOST_TRIM: f32 = 0.06;

/// Points looked at when searching the yaw.
const SEARCH_POINTS: usize = 256;

/// A cell weighs at most this many times the mean, so that the side seen most does not drown the others.
const MOST_WEIGHT: f32 = 1.5;

/// Where the noise is more than this share of the extent its edges are lost in it; then the variance tells the extent.
const LOST_SHARE: f32 = 0.25;

/// Share of the variance that is taken for the thing's own at least: noise is known only so well.
const LEAST_OF_THING: f32 = 0.25;

/// Share of all hits that cells seen by several frames must hold to be taken alone.
const TRUSTED_SHARE: f32 = 0.75;

const COARSE_STEPS: usize = 45;
const COARSE_STEP_RAD: f32 = FRAC_PI_2 as f32 / COARSE_STEPS as f32;
const BINS: usize = 256;

/// Buffers of a fit; one per thread.
#[derive(Debug, Clone, Default)]
pub struct FitScratch {
    points: Vec<[f32; 4]>,
    search: Vec<[f32; 3]>,
    turned: Turned,
    bins: Bins,
}

/// Points on the ground in turned axes, each coordinate and the weights by themselves.
#[derive(Debug, Clone, Default)]
struct Turned {
    along: Vec<f32>,
    across: Vec<f32>,
    weights: Vec<f32>,
    /// All weights together.
    total: f32,
    distances: Vec<f32>,
}

/// Weights by place along one axis.
#[derive(Debug, Clone)]
struct Bins {
    weights: [f32; BINS],
    /// Those of every other point: sums that wait for each other less.
    others: [f32; BINS],
    places: Vec<u8>,
}

impl Default for Bins {
    fn default() -> Self {
        Self { weights: [0.0; BINS], others: [0.0; BINS], places: Vec::new() }
    }
}

impl FitOptions {
    fn sigma_along(&self, unit: &Vector3<f32>) -> f32 {
        unit.dot(&(self.noise_m2 * unit)).max(0.0).sqrt()
    }
}

/// Where the yaw of a box is looked for, radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum YawSearch {
    /// At every turn.
    Everywhere,
    /// Near the yaw found last time.
    Near(f32),
}

/// What a fit is told.
#[derive(Debug, Clone, Copy)]
pub struct FitOptions {
    /// Covariance of one point's noise, m²: along the ray it is that of depth, across it that of the pose.
    pub noise_m2: Matrix3<f32>,
    /// Where the yaw is looked for.
    pub yaw: YawSearch,
    /// Cells that fewer frames saw are left out, as long as nearly all hits remain.
    pub least_frames: u16,
}

/// A box fitted to points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The box, in canonical form.
    pub obb: OrientedBox,
    /// Yaw of the fit before it was made canonical, for the next local search, radians.
    pub search_yaw_rad: f32,
}

/// Fits an upright box to a cloud. `None` when fewer than four cells have anything to say.
pub fn fit_box(cloud: &Cloud, options: &FitOptions, scratch: &mut FitScratch) -> Option<Fit> {
    collect(cloud.cells(), trusted_frames(cloud.cells(), options.least_frames), &mut scratch.points);
    if scratch.points.len() < 4 {
        return None;
    }
    let stride = scratch.points.len().div_ceil(SEARCH_POINTS);
    scratch.search.clear();
    scratch.search.extend(scratch.points.iter().step_by(stride).map(|p| [p[0], p[1], p[3]]));
    let FitScratch { points, search, turned, bins } = scratch;
    let yaw = search_yaw(search, options, turned, bins);
    let (sin, cos) = yaw.sin_cos();
    let sigma = |axis: [f32; 3]| options.sigma_along(&axis.into());
    let (sigma_x, sigma_y, sigma_z) = (sigma([cos, sin, 0.0]), sigma([-sin, cos, 0.0]), sigma([0.0, 0.0, 1.0]));
    turned.weigh(points.iter().map(|p| p[3]));
    turned.turn(points.iter().map(|p| [p[0], p[1]]), sin, cos);
    let x = turned.edges(&turned.along, sigma_x, bins);
    let y = turned.edges(&turned.across, sigma_y, bins);
    turned.along.clear();
    turned.along.extend(points.iter().map(|p| p[2]));
    let z = turned.edges(&turned.along, sigma_z, bins);
    let mid = |e: [f32; 2]| f64::from((e[0] + e[1]) * 0.5);
    let side = |e: [f32; 2]| f64::from(e[1] - e[0]).max(0.004);
    let (sin, cos) = (f64::from(sin), f64::from(cos));
    let centre = cloud.origin() + Vector3::new(mid(x) * cos - mid(y) * sin, mid(x) * sin + mid(y) * cos, mid(z));
    let obb = OrientedBox::canonical_upright(centre, Vector3::new(side(x), side(y), side(z)), f64::from(yaw));
    Some(Fit { obb, search_yaw_rad: yaw })
}

/// `least_frames` if the cells that as many frames saw hold nearly all hits; else 1: where noise is wider than a cell,
/// most honest points are the only one in theirs.
fn trusted_frames(cells: &[Cell], least_frames: u16) -> u16 {
    let (mut trusted, mut all) = (0.0, 0.0);
    for cell in cells {
        all += f32::from(cell.hits);
        trusted += if cell.frames >= least_frames { f32::from(cell.hits) } else { 0.0 };
    }
    if trusted >= TRUSTED_SHARE * all { least_frames } else { 1 }
}

fn collect(cells: &[Cell], least_frames: u16, points: &mut Vec<[f32; 4]>) {
    points.clear();
    let wanted = || cells.iter().filter(|c| c.frames >= least_frames);
    let (count, hits) = wanted().fold((0.0, 0.0), |(count, hits), c| (count + 1.0, hits + f32::from(c.hits)));
    let most = MOST_WEIGHT * hits / f32::max(count, 1.0);
    points.extend(wanted().map(|c| [c.mean[0], c.mean[1], c.mean[2], f32::from(c.hits).min(most)]));
}

/// The turn in [0, π/2) with the least cost, refined below a quarter of a degree.
fn search_yaw(points: &[[f32; 3]], options: &FitOptions, turned: &mut Turned, bins: &mut Bins) -> f32 {
    turned.weigh(points.iter().map(|p| p[2]));
    let mut lowest = |best: (f32, f32), turns: &mut dyn Iterator<Item = f32>| {
        turns.fold(best, |best, turn| {
            let cost = rectangle_cost(points, turn, options, turned, bins);
            if cost < best.0 { (cost, turn) } else { best }
        })
    };
    let none = (f32::INFINITY, 0.0);
    let mut best = match options.yaw {
        YawSearch::Near(near) => lowest(none, &mut (-3..=3).map(|k| near + k as f32 * COARSE_STEP_RAD * 0.5)),
        _ => lowest(none, &mut (0..COARSE_STEPS).map(|k| k as f32 * COARSE_STEP_RAD)),
    };
    for finer in [2.0, 6.0] {
        let (step, middle) = (COARSE_STEP_RAD / finer, best.1);
        best = lowest(best, &mut [-2.0, -1.0, 1.0, 2.0].map(|k| middle + k * step * 0.5).into_iter());
    }
    best.1
}

/// Area of the rectangle at this turn, made dearer by points far from its sides.
fn rectangle_cost(points: &[[f32; 3]], turn: f32, options: &FitOptions, turned: &mut Turned, bins: &mut Bins) -> f32 {
    let (sin, cos) = turn.sin_cos();
    turned.turn(points.iter().map(|p| [p[0], p[1]]), sin, cos);
    let (sigma_x, sigma_y) =
        (options.sigma_along(&Vector3::new(cos, sin, 0.0)), options.sigma_along(&Vector3::new(-sin, cos, 0.0)));
    let x = trimmed_edges(&turned.along, turned, sigma_x, bins);
    let y = trimmed_edges(&turned.across, turned, sigma_y, bins);
    let (length, width) = (x[1] - x[0] + sigma_x, y[1] - y[0] + sigma_y);
    let reach = 0.25 * length.min(width);
    let distance = turned.distance_from_sides(x, y, reach);
    length * width * (1.0 + 0.5 * distance / (turned.total * reach))
}

impl Turned {
    fn weigh(&mut self, weights: impl Iterator<Item = f32>) {
        self.weights.clear();
        self.weights.extend(weights);
        self.total = sum(&self.weights);
    }

    fn turn(&mut self, points: impl ExactSizeIterator<Item = [f32; 2]>, sin: f32, cos: f32) {
        self.along.resize(points.len(), 0.0);
        self.across.resize(points.len(), 0.0);
        for ((along, across), [x, y]) in self.along.iter_mut().zip(&mut self.across).zip(points) {
            *along = x * cos + y * sin;
            *across = y * cos - x * sin;
        }
    }

    /// How far the points are from the nearest side of a rectangle, no farther than `reach` each, times their weights.
    fn distance_from_sides(&mut self, x: [f32; 2], y: [f32; 2], reach: f32) -> f32 {
        let distance = |a: f32, b: f32| {
            let sides = [(a - x[0]).abs(), (x[1] - a).abs(), (b - y[0]).abs(), (y[1] - b).abs()];
            lesser(lesser(lesser(sides[0], sides[1]), lesser(sides[2], sides[3])), reach)
        };
        self.distances.resize(self.weights.len(), 0.0);
        let points = self.along.iter().zip(&self.across).zip(&self.weights);
        for (far, ((a, b), weight)) in self.distances.iter_mut().zip(points) {
            *far = distance(*a, *b) * weight;
        }
        sum(&self.distances)
    }

    /// [`trimmed_edges`], or [`moment_edges`] where those are lost in the noise.
    fn edges(&self, values: &[f32], sigma_m: f32, bins: &mut Bins) -> [f32; 2] {
        let edges = trimmed_edges(values, self, sigma_m, bins);
        if sigma_m > LOST_SHARE * (edges[1] - edges[0]) { moment_edges(values, self, sigma_m, edges) } else { edges }
    }
}

/// `min` and `max` of numbers as one instruction, which the library's are not.
fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The edges of an even spread whose variance, with that of the noise, is the one seen; never outside `edges`.
fn moment_edges(values: &[f32], turned: &Turned, sigma_m: f32, edges: [f32; 2]) -> [f32; 2] {
    let weighed = || values.iter().zip(&turned.weights);
    let mean = weighed().fold(0.0, |sum, (value, weight)| sum + value * weight) / turned.total;
    let variance = weighed().map(|(value, weight)| weight * (value - mean).powi(2)).sum::<f32>() / turned.total;
    let of_thing = (variance - sigma_m * sigma_m).max(LEAST_OF_THING * variance);
    let half = (3.0 * of_thing).sqrt();
    [(mean - half).max(edges[0]), (mean + half).min(edges[1])]
}

/// Where the even-surface share of the weight is left outside on either side.
fn trimmed_edges(values: &[f32], turned: &Turned, sigma_m: f32, bins: &mut Bins) -> [f32; 2] {
    let [low, high] = ends(values);
    let span = high - low;
    if span <= 1e-4 {
        return [low, high];
    }
    let scale = BINS as f32 / span * 0.999_99;
    bins.fill(values, &turned.weights, low, scale);
    let outside = turned.total * (0.4 * sigma_m / span).clamp(LEAST_TRIM, MOST_TRIM);
    let from_low = bins_holding(outside, bins.weights.iter().zip(&bins.others));
    let from_high = bins_holding(outside, bins.weights.iter().zip(&bins.others).rev());
    [low + from_low / scale, high - from_high / scale]
}

/// How many bins, the last in part, hold so much weight.
fn bins_holding<'b>(mut weight: f32, bins: impl Iterator<Item = (&'b f32, &'b f32)>) -> f32 {
    let mut passed = 0.0;
    for (one, other) in bins {
        let here = one + other;
        if here > weight {
            return passed + weight / here;
        }
        weight -= here;
        passed += 1.0;
    }
    passed
}

impl Bins {
    fn fill(&mut self, values: &[f32], weights: &[f32], low: f32, scale: f32) {
        self.weights.fill(0.0);
        self.others.fill(0.0);
        self.places.resize(values.len(), 0);
        for (place, value) in self.places.iter_mut().zip(values) {
            *place = ((value - low) * scale - 0.5 + NO_FRACTION).to_bits() as u8;
        }
        let (places, last_place) = self.places.as_chunks::<2>();
        let (pairs, last) = weights.as_chunks::<2>();
        for ([place, other], [weight, other_weight]) in places.iter().zip(pairs) {
            self.weights[*place as usize] += weight;
            self.others[*other as usize] += other_weight;
        }
        for (place, weight) in last_place.iter().zip(last) {
            self.weights[*place as usize] += weight;
        }
    }
}

/// The least and the greatest value. Two passes: in one, compilers find no instruction for either.
fn ends(values: &[f32]) -> [f32; 2] {
    [over(values, f32::INFINITY, lesser), over(values, f32::NEG_INFINITY, greater)]
}

fn sum(values: &[f32]) -> f32 {
    over(values, 0.0, |a, b| a + b)
}

/// What `of` makes of all values, eight at a time.
#[inline(always)]
fn over(values: &[f32], none: f32, of: impl Fn(f32, f32) -> f32) -> f32 {
    let (lanes, rest) = values.as_chunks::<8>();
    let all = lanes.iter().fold([none; 8], |all, lane| std::array::from_fn(|at| of(lane[at], all[at])));
    all.into_iter().chain(rest.iter().copied()).fold(none, of)
}

#[cfg(test)]
mod tests {
    use super::super::cloud::Source;
    use super::*;
    use nalgebra::Point3;

    /// The visible shell of a box: its top and two of its sides.
    fn shell(truth: &OrientedBox, step: f64) -> Cloud {
        let mut cloud = Cloud::new(truth.centre, truth.size.max() as f32, 0.0);
        let half = truth.size * 0.5;
        let count = |side: f64| (side / step).ceil() as i32;
        let mut put = |p: Vector3<f64>| {
            let p = truth.world_from_box * p;
            cloud.insert([p.x as f32, p.y as f32, p.z as f32], &Source { frame: 0, keyframe: 0, sigma_m: 0.001 });
        };
        let at = |i: i32, side: f64| -side * 0.5 + side * f64::from(i) / f64::from(count(side));
        for i in 0..=count(truth.size.x) {
            for j in 0..=count(truth.size.y) {
                put(Vector3::new(at(i, truth.size.x), at(j, truth.size.y), half.z));
            }
            for k in 0..=count(truth.size.z) {
                put(Vector3::new(at(i, truth.size.x), -half.y, at(k, truth.size.z)));
            }
        }
        for j in 0..=count(truth.size.y) {
            for k in 0..=count(truth.size.z) {
                put(Vector3::new(half.x, at(j, truth.size.y), at(k, truth.size.z)));
            }
        }
        cloud
    }

    #[test]
    fn the_shell_of_a_box_gives_the_box() {
        for (size, yaw) in
            [([0.8, 0.5, 0.7], 0.4), ([1.8, 0.3, 2.0], -1.2), ([0.08, 0.06, 0.1], 1.0), ([0.3, 0.2, 0.03], 0.1)]
        {
            let truth = OrientedBox::canonical_upright(Point3::new(1.0, 2.0, 0.5), Vector3::from(size), yaw);
            let cloud = shell(&truth, truth.size.max() / 60.0);
            let options = FitOptions { noise_m2: Matrix3::zeros(), yaw: YawSearch::Everywhere, least_frames: 1 };
            let fit = fit_box(&cloud, &options, &mut FitScratch::default()).expect("points enough");
            let overlap = crate::geom::iou(&fit.obb, &truth);
            assert!(overlap > 0.9, "{size:?} {yaw}: {overlap} {:?}", fit.obb);
            let turn = crate::geom::wrap_half_turn(fit.obb.yaw_rad() - truth.yaw_rad()).abs();
            assert!(turn < 0.02, "{size:?} {yaw}: {turn}");
        }
    }

    #[test]
    fn too_few_points_are_no_box() {
        let mut cloud = Cloud::new(Point3::origin(), 0.1, 0.0);
        cloud.insert([0.0; 3], &Source { frame: 0, keyframe: 0, sigma_m: 0.001 });
        let options = FitOptions { noise_m2: Matrix3::identity() * 1e-4, yaw: YawSearch::Everywhere, least_frames: 2 };
        assert_eq!(fit_box(&cloud, &options, &mut FitScratch::default()), None);
    }
}
