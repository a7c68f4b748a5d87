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
//! Cost: a full search looks at [`SEARCH_POINTS`] points at 55 turns, a local one at 17, three passes each; the extent
//! takes three passes over all points.

use super::cloud::{Cell, Cloud};
use crate::geom::OrientedBox;
use nalgebra::{Matrix3, Vector3};
use std::f64::consts::FRAC_PI_2;

/// Share of the weight left outside on each side at least.
const LEAST_TRIM: f32 = 0.002;

/// Share of the weight left outside on each side at most.
const MOST_TRIM: f32 = 0.06;

/// Points looked at when searching the yaw.
const SEARCH_POINTS: usize = 400;

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
    bins: Vec<f32>,
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
    /// Nowhere: the yaw found last time is kept.
    Keep(f32),
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
    let yaw = search_yaw(&scratch.search, options, &mut scratch.bins);
    let (sin, cos) = yaw.sin_cos();
    let sigma = |axis: [f32; 3]| options.sigma_along(&axis.into());
    let points = &scratch.points;
    let along = |p: &[f32; 4]| p[0] * cos + p[1] * sin;
    let across = |p: &[f32; 4]| p[1] * cos - p[0] * sin;
    let up = |p: &[f32; 4]| p[2];
    let (sigma_x, sigma_y, sigma_z) = (sigma([cos, sin, 0.0]), sigma([-sin, cos, 0.0]), sigma([0.0, 0.0, 1.0]));
    let bins = &mut scratch.bins;
    let x = trimmed_edges(points.iter().map(|p| (along(p), p[3])), sigma_x, bins);
    let y = trimmed_edges(points.iter().map(|p| (across(p), p[3])), sigma_y, bins);
    let z = trimmed_edges(points.iter().map(|p| (up(p), p[3])), sigma_z, bins);
    let is_lost = |e: [f32; 2], sigma_m: f32| sigma_m > LOST_SHARE * (e[1] - e[0]);
    let x = if is_lost(x, sigma_x) { moment_edges(points.iter().map(|p| (along(p), p[3])), sigma_x, x) } else { x };
    let y = if is_lost(y, sigma_y) { moment_edges(points.iter().map(|p| (across(p), p[3])), sigma_y, y) } else { y };
    let z = if is_lost(z, sigma_z) { moment_edges(points.iter().map(|p| (up(p), p[3])), sigma_z, z) } else { z };
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
fn search_yaw(points: &[[f32; 3]], options: &FitOptions, bins: &mut Vec<f32>) -> f32 {
    let mut best = match options.yaw {
        YawSearch::Keep(yaw) => return yaw,
        YawSearch::Near(near) => {
            lowest((-3..=3).map(|k| near + k as f32 * COARSE_STEP_RAD * 0.5), points, options, bins)
        }
        YawSearch::Everywhere => lowest((0..COARSE_STEPS).map(|k| k as f32 * COARSE_STEP_RAD), points, options, bins),
    };
    for finer in [2.0, 6.0] {
        let step = COARSE_STEP_RAD / finer;
        let middle = best;
        best = lowest((-2..=2).map(|k| middle + k as f32 * step * 0.5), points, options, bins);
    }
    best
}

fn lowest(turns: impl Iterator<Item = f32>, points: &[[f32; 3]], options: &FitOptions, bins: &mut Vec<f32>) -> f32 {
    let mut best = (f32::INFINITY, 0.0);
    for turn in turns {
        let cost = rectangle_cost(points, turn, options, bins);
        if cost < best.0 {
            best = (cost, turn);
        }
    }
    best.1
}

/// Area of the rectangle at this turn, made dearer by points far from its sides.
fn rectangle_cost(points: &[[f32; 3]], turn: f32, options: &FitOptions, bins: &mut Vec<f32>) -> f32 {
    let (sin, cos) = turn.sin_cos();
    let along = |p: &[f32; 3]| p[0] * cos + p[1] * sin;
    let across = |p: &[f32; 3]| p[1] * cos - p[0] * sin;
    let (sigma_x, sigma_y) =
        (options.sigma_along(&Vector3::new(cos, sin, 0.0)), options.sigma_along(&Vector3::new(-sin, cos, 0.0)));
    let x = trimmed_edges(points.iter().map(|p| (along(p), p[2])), sigma_x, bins);
    let y = trimmed_edges(points.iter().map(|p| (across(p), p[2])), sigma_y, bins);
    let (length, width) = (x[1] - x[0] + sigma_x, y[1] - y[0] + sigma_y);
    let reach = 0.25 * length.min(width);
    let (mut distance, mut weight) = (0.0, 0.0);
    for p in points {
        let (a, b) = (along(p), across(p));
        let nearest = (a - x[0]).abs().min((x[1] - a).abs()).min((b - y[0]).abs()).min((y[1] - b).abs());
        distance += nearest.min(reach) * p[2];
        weight += p[2];
    }
    length * width * (1.0 + 0.5 * distance / (weight * reach))
}

/// The edges of an even spread whose variance, with that of the noise, is the one seen; never outside `edges`.
fn moment_edges(values: impl Iterator<Item = (f32, f32)> + Clone, sigma_m: f32, edges: [f32; 2]) -> [f32; 2] {
    let (mut total, mut mean) = (0.0, 0.0);
    for (value, weight) in values.clone() {
        total += weight;
        mean += value * weight;
    }
    mean /= total;
    let variance = values.map(|(value, weight)| weight * (value - mean).powi(2)).sum::<f32>() / total;
    let of_thing = (variance - sigma_m * sigma_m).max(LEAST_OF_THING * variance);
    let half = (3.0 * of_thing).sqrt();
    [(mean - half).max(edges[0]), (mean + half).min(edges[1])]
}

/// Where the even-surface share of the weight is left outside on either side.
fn trimmed_edges(values: impl Iterator<Item = (f32, f32)> + Clone, sigma_m: f32, bins: &mut Vec<f32>) -> [f32; 2] {
    let (mut low, mut high, mut total) = (f32::INFINITY, f32::NEG_INFINITY, 0.0);
    for (value, weight) in values.clone() {
        low = low.min(value);
        high = high.max(value);
        total += weight;
    }
    let span = high - low;
    if span <= 1e-4 {
        return [low, high];
    }
    bins.clear();
    bins.resize(BINS, 0.0);
    let scale = BINS as f32 / span * 0.999_99;
    for (value, weight) in values {
        bins[((value - low) * scale) as usize] += weight;
    }
    let outside = total * (0.4 * sigma_m / span).clamp(LEAST_TRIM, MOST_TRIM);
    let walk = |weights: &mut dyn Iterator<Item = &f32>| {
        let mut left = outside;
        let mut walked = 0.0;
        for weight in weights {
            if *weight > left {
                return walked + left / weight;
            }
            left -= weight;
            walked += 1.0;
        }
        walked
    };
    [low + walk(&mut bins.iter()) / scale, high - walk(&mut bins.iter().rev()) / scale]
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
