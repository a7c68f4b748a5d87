//! Which way is up and where the floor is, in a track whose unit is not known.
//!
//! Surface is taken in coarse triangles, each with its normal turned to its camera. What may lie level faces against the down
//! direction of its picture within 60°, so a ceiling and most walls are out from the beginning. Up is the direction that most of
//! that surface faces; the floor is the lowest of its levels that is large, and its plane is fitted once more to what lies
//! on it. All bounds are shares of the height of the cameras: nothing is in metres.

use super::track::{Track, TrackFrame};
use nalgebra::{Matrix3, UnitVector3, Vector3};

/// Triangles along a picture's width.
const COLUMNS: usize = 64;

/// The most pictures that are looked at, evenly spread.
const MOST_PICTURES: usize = 96;

/// What lies level faces against the picture's down by at least this cosine.
const FACING_COS: f64 = 0.5;

/// What faces one way does so within about 10°.
const SAME_COS: f64 = 0.985;

/// Neighbours whose depths differ by more than this share are not of one surface.
const JUMP: f64 = 0.08;

/// Directions that are tried.
const PROPOSALS: usize = 200;

/// Surface within this share of the cameras' height is of one level,
const LEVEL_SHARE: f64 = 0.04;

/// and the lowest level of so large a part of the largest is the floor.
const FLOOR_SHARE: f64 = 0.3;

/// Fewer triangles than this are no floor.
const LEAST_TRIANGLES: usize = 60;

/// How far up may be off where a plane was fitted, radians.
const FITTED_SIGMA_RAD: f64 = 0.005;

/// Up and the floor of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// Up in the track's world.
    pub up: UnitVector3<f64>,
    /// How far along up the floor is from the origin, the track's unit.
    pub offset: f64,
    /// How far up may be off, radians.
    pub up_sigma_rad: f64,
    /// Where each picture that sees it has it, by ascending picture.
    pub(super) seen: Vec<FloorSeen>,
}

/// The floor as one picture has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FloorSeen {
    /// The picture.
    pub picture: usize,
    /// Its camera over the plane as the picture shows it, the track's unit.
    pub below: f64,
    /// Its camera over the plane of the whole track.
    pub height: f64,
    /// How far sideways the middle of what is seen lies, over the height.
    pub arm: f64,
}

/// A piece of surface in the track's world.
struct Triangle {
    frame: usize,
    point: Vector3<f64>,
    normal: Vector3<f64>,
    area: f64,
}

impl Floor {
    /// Finds up and the floor, or of `up` (a direction of the track's world) the floor alone. `None` where no large level surface
    /// is seen below the cameras.
    pub fn find(track: &Track, up: Option<UnitVector3<f64>>) -> Option<Self> {
        let all = triangles(track, up);
        let told = up;
        let up = up.or_else(|| dominant(&all))?;
        let level: Vec<&Triangle> = all.iter().filter(|one| one.normal.dot(&up) > SAME_COS).collect();
        let heights = track.frames.iter().map(|frame| up.dot(&frame.centre())).collect();
        let camera = quantile(heights, 0.5)?;
        let tall = camera - quantile(level.iter().map(|one| up.dot(&one.point)).collect(), 0.02)?;
        let reach = LEVEL_SHARE * tall;
        let height = lowest_large(&level, &up, reach).filter(|height| camera - height > reach)?;
        let near: Vec<&Triangle> =
            level.iter().copied().filter(|one| (up.dot(&one.point) - height).abs() < 1.5 * reach).collect();
        if near.len() < LEAST_TRIANGLES {
            return None;
        }
        let (up, offset) = match told {
            Some(up) => (up, quantile(near.iter().map(|one| up.dot(&one.point)).collect(), 0.5)?),
            None => fitted(near.clone(), up, reach)?,
        };
        let seen = seen(track, &near, &up, offset, reach);
        let up_sigma_rad = if told.is_some() { 0.0 } else { FITTED_SIGMA_RAD };
        Some(Self { up, offset, up_sigma_rad, seen })
    }

    /// How high a place of the track's world is over it, the track's unit.
    pub fn height_of(&self, place: &Vector3<f64>) -> f64 {
        self.up.dot(place) - self.offset
    }
}

fn triangles(track: &Track, up: Option<UnitVector3<f64>>) -> Vec<Triangle> {
    let every = track.frames.len().div_ceil(MOST_PICTURES).max(1);
    let mut all = Vec::new();
    for (at, frame) in track.frames.iter().enumerate().step_by(every) {
        let up_in_camera = up.map(|up| frame.world_from_camera.rotation.inverse() * up.into_inner());
        let (against, least) = up_in_camera.map_or((-Vector3::y(), FACING_COS), |up| (up, SAME_COS));
        of_frame(frame, at, &against, least, &mut all);
    }
    // Of what is far the triangles are large and little is known: none counts for more than some of the middle ones.
    let most = 4.0 * quantile(all.iter().map(|one| one.area).collect(), 0.5).unwrap_or(0.0);
    all.iter_mut().for_each(|one| one.area = one.area.min(most));
    all
}

/// The triangles of a picture that face `against` by at least the cosine `least`, both in the camera's axes.
fn of_frame(frame: &TrackFrame, at: usize, against: &Vector3<f64>, least: f64, all: &mut Vec<Triangle>) {
    let (width, height) = (frame.intrinsics.width as usize, frame.intrinsics.height as usize);
    let step = width.div_ceil(COLUMNS).max(1);
    for v in (0..height.saturating_sub(step)).step_by(step) {
        for u in (0..width.saturating_sub(step)).step_by(step) {
            let points = [(u, v), (u + step, v), (u, v + step)].map(|(u, v)| frame.point(u, v));
            let [Some(here), Some(right), Some(down)] = points else { continue };
            if [right, down].iter().any(|other| (other.z - here.z).abs() > JUMP * here.z) {
                continue;
            }
            let normal = (down - here).cross(&(right - here));
            let area = normal.norm();
            // Turned to the camera, which is at the origin.
            let normal = if normal.dot(&here.coords) > 0.0 { -normal } else { normal };
            if area > 0.0 && normal.dot(against) > least * area {
                let normal = frame.world_from_camera.rotation * (normal / area);
                let point = (frame.world_from_camera * here).coords;
                all.push(Triangle { frame: at, point, normal, area });
            }
        }
    }
}

/// The direction that most of the surface faces.
fn dominant(all: &[Triangle]) -> Option<UnitVector3<f64>> {
    let stride = all.len().div_ceil(PROPOSALS).max(1);
    let facing = |way: &Vector3<f64>| {
        let same = all.iter().filter(|one| one.normal.dot(way) > SAME_COS);
        same.fold((0.0, Vector3::zeros()), |(area, sum), one| (area + one.area, sum + one.normal * one.area))
    };
    let mut best = (0.0, Vector3::zeros());
    for seed in all.iter().step_by(stride) {
        let found = facing(&seed.normal);
        if found.0 > best.0 {
            best = found;
        }
    }
    for _ in 0..3 {
        best = facing(&best.1.try_normalize(1e-12)?);
    }
    UnitVector3::try_new(best.1, 1e-12)
}

/// The height of the lowest large level.
fn lowest_large(level: &[&Triangle], up: &UnitVector3<f64>, reach: f64) -> Option<f64> {
    let mut pieces: Vec<(f64, f64)> = level.iter().map(|one| (up.dot(&one.point), one.area)).collect();
    pieces.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut from, mut held) = (0, 0.0);
    // Of each window of heights that ends at a piece: its area, its first and its last piece.
    let mut windows = Vec::new();
    for to in 0..pieces.len() {
        held += pieces[to].1;
        while pieces[to].0 - pieces[from].0 > reach {
            held -= pieces[from].1;
            from += 1;
        }
        windows.push((held, from, to));
    }
    let most = windows.iter().map(|(area, ..)| *area).fold(0.0, f64::max);
    let (_, _, first) = *windows.iter().find(|(area, ..)| *area >= FLOOR_SHARE * most && most > 0.0)?;
    // The window that first is large enough ends in the midst of the level: where the area is largest near, is its middle.
    let near = windows.iter().filter(|(.., to)| (0.0..=2.0 * reach).contains(&(pieces[*to].0 - pieces[first].0)));
    let (_, from, to) = *near.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(pieces[from + (to - from) / 2].0)
}

/// The plane of least squares through the pieces, those that lie off left out; up and its offset.
fn fitted(mut pieces: Vec<&Triangle>, up: UnitVector3<f64>, reach: f64) -> Option<(UnitVector3<f64>, f64)> {
    let (mut up, mut offset) = (up, 0.0);
    for round in 0..4 {
        let area: f64 = pieces.iter().map(|one| one.area).sum();
        let mean = pieces.iter().fold(Vector3::zeros(), |sum, one| sum + one.point * one.area) / area;
        let spread = pieces.iter().fold(Matrix3::zeros(), |sum, one| {
            let away = one.point - mean;
            sum + away * away.transpose() * one.area
        });
        let eigen = (spread / area).symmetric_eigen();
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| eigen.eigenvalues[*a].total_cmp(&eigen.eigenvalues[*b]));
        // A strip that is narrow leans as it likes: then what the pieces face tells more.
        let is_wide = eigen.eigenvalues[order[1]].max(0.0).sqrt() > 4.0 * reach;
        let normal = match is_wide {
            true => eigen.eigenvectors.column(order[0]).into_owned(),
            false => pieces.iter().fold(Vector3::zeros(), |sum, one| sum + one.normal * one.area),
        };
        let normal = UnitVector3::try_new(normal, 1e-12)?;
        up = if normal.dot(&up) < 0.0 { -normal } else { normal };
        offset = up.dot(&mean);
        let off = |one: &&Triangle| (up.dot(&one.point) - offset).abs();
        let middle = quantile(pieces.iter().map(off).collect(), 0.5)?;
        let bound = (4.0 * middle).max(1e-9 * reach);
        if round < 3 {
            pieces.retain(|one| off(one) <= bound);
        }
    }
    Some((up, offset))
}

fn seen(track: &Track, near: &[&Triangle], up: &UnitVector3<f64>, offset: f64, reach: f64) -> Vec<FloorSeen> {
    let mut seen = Vec::new();
    // Pieces stand in the order of pictures.
    for of_one in near.chunk_by(|a, b| a.frame == b.frame) {
        let Some(frame) = of_one.first().and_then(|one| track.frames.get(one.frame)) else { continue };
        let eye = frame.centre();
        let heights = of_one.iter().map(|one| up.dot(&one.point)).filter(|at| (at - offset).abs() < reach).collect();
        let height = up.dot(&eye) - offset;
        let Some(at) = quantile(heights, 0.5).filter(|_| of_one.len() >= LEAST_TRIANGLES / 4 && height > 0.0) else {
            continue;
        };
        let mean = of_one.iter().fold(Vector3::zeros(), |sum, one| sum + one.point) / of_one.len() as f64;
        let way = mean - eye;
        let arm = (way - up.into_inner() * up.dot(&way)).norm() / height;
        seen.push(FloorSeen { picture: frame.picture, below: up.dot(&eye) - at, height, arm });
    }
    seen
}

fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get((share * values.len() as f64) as usize).copied()
}
