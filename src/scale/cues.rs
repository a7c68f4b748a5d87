//! What tells the factor: one cue each.

use super::robust::{Sample, mean_of, median, of_cells};
use crate::error::{Error, Result};
use crate::frame::Intrinsics;
use nalgebra::{Point3, Vector3};

/// Depth in units whose length is not known.
#[derive(Debug, Clone, Copy)]
pub struct UnitDepth<'a> {
    z: &'a [f32],
    intrinsics: &'a Intrinsics,
}

impl<'a> UnitDepth<'a> {
    /// Depth along the optical axis, row-major at the size of the camera of `intrinsics`, 0 or not a number for "none".
    pub fn new(z: &'a [f32], intrinsics: &'a Intrinsics) -> Result<Self> {
        let (width, height) = (intrinsics.width, intrinsics.height);
        if z.len() != width as usize * height as usize {
            let given = z.len();
            return Err(Error::argument(format!("{given} depths, expected one for each of {width}x{height} pixels")));
        }
        Ok(Self { z, intrinsics })
    }

    /// The depth at the pixel nearest to (u, v).
    pub(super) fn at(&self, u: f64, v: f64) -> Option<f64> {
        let (width, height) = (f64::from(self.intrinsics.width), f64::from(self.intrinsics.height));
        let [u, v] = [u.round(), v.round()];
        let inside = (0.0..width).contains(&u) && (0.0..height).contains(&v);
        let z = inside.then(|| f64::from(self.z[v as usize * self.intrinsics.width as usize + u as usize]))?;
        (z > 0.0 && z.is_finite()).then_some(z)
    }

    /// The depth between four pixels of one surface: inverse depth is even along a plane.
    pub(super) fn between(&self, u: f64, v: f64) -> Option<f64> {
        let (left, top) = (u.floor(), v.floor());
        let (right, down) = (u - left, v - top);
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(du, dv)| self.at(left + du, top + dv));
        let [Some(a), Some(b), Some(c), Some(d)] = corners else { return None };
        let one_surface = [b, c, d].iter().all(|z| (z - a).abs() <= JUMP * a);
        let across = |a: f64, b: f64| (1.0 - right) / a + right / b;
        one_surface.then(|| ((1.0 - down) * across(a, b) + down * across(c, d)).recip())
    }

    /// The point of the pixel (u, v), camera axes, units.
    fn point(&self, u: usize, v: usize) -> Option<Point3<f64>> {
        let (u, v) = (u as f64, v as f64);
        let ray = self.intrinsics.ray(u, v)?;
        let z = self.at(u, v)?;
        (ray.z > 1e-6).then(|| Point3::from(ray * (z / ray.z)))
    }

    fn size(&self) -> [f64; 2] {
        [f64::from(self.intrinsics.width), f64::from(self.intrinsics.height)]
    }
}

/// What a cue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CueKind {
    /// Points that another sensor measured.
    SensorPoints,
    /// The camera's height over the floor.
    CameraHeight,
    /// Things of known size.
    KnownSize,
    /// How far odometry says the camera went.
    Odometry,
}

impl CueKind {
    /// In words: "camera height".
    pub fn words(self) -> &'static str {
        match self {
            Self::SensorPoints => "sensor points",
            Self::CameraHeight => "camera height",
            Self::KnownSize => "known sizes",
            Self::Odometry => "odometry",
        }
    }
}

/// One measurement of the factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cue {
    /// What it is.
    pub kind: CueKind,
    /// `ln(metres / unit)`.
    pub ln_factor: f64,
    /// Standard deviation of that which differs from one cue of the kind to the next.
    pub sigma_ln: f64,
    /// Standard deviation of what all cues of the kind have in common.
    pub shared_ln: f64,
    /// Samples that it is made of: cells of a picture, or 1.
    pub samples: usize,
}

/// A point that another sensor measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SparsePoint {
    /// Column and row in the picture, pixels.
    pub pixel: [f64; 2],
    /// Depth along the optical axis, metres.
    pub z_m: f64,
    /// Its standard deviation, metres.
    pub sigma_m: f64,
}

/// Samples of a picture that a cue needs at least.
const LEAST_SAMPLES: usize = 3;

/// A normal is upright if its cosine with up is above this.
const LEVEL_COS: f64 = 0.96;

/// Neighbours whose depths differ by more than this share are not of one surface.
const JUMP: f64 = 0.08;

/// Level surface within this share of a height is of one level,
const LEVEL_LN: f64 = 0.05;

/// and the lowest level of so large a part of the largest is the floor.
const FLOOR_SHARE: f64 = 0.3;

/// Columns that a picture is looked at.
const COLUMNS: usize = 160;

impl Cue {
    /// From points that another sensor measured in the same picture; of at least three, far apart if possible. `None` where
    /// fewer lie on depth. Fails for points that cannot be.
    pub fn from_points(depth: &UnitDepth<'_>, points: &[SparsePoint]) -> Result<Option<Self>> {
        let mut samples = Vec::new();
        for point in points {
            check_measured("a point's depth", point.z_m, point.sigma_m)?;
            let [u, v] = point.pixel;
            samples.extend(depth.at(u, v).map(|z| (u, v, ((point.z_m / z).ln(), point.sigma_m / point.z_m))));
        }
        if samples.len() < LEAST_SAMPLES {
            return Ok(None);
        }
        // Few points are what they are; many are of cells whose depths err together.
        let cells = of_cells(&samples, depth.size());
        let singly: Vec<Sample> = samples.iter().map(|(_, _, sample)| *sample).collect();
        Ok(Self::of(CueKind::SensorPoints, if cells.len() < LEAST_SAMPLES { &singly } else { &cells }, 0.0))
    }

    /// From the camera's height over the floor, metres, with its standard deviation. `up_in_camera` points up, in the camera's
    /// axes, and is `up_sigma_rad` off. The floor is the lowest of the large level surfaces; `None` where none is seen.
    pub fn from_camera_height(
        depth: &UnitDepth<'_>,
        up_in_camera: &Vector3<f64>,
        up_sigma_rad: f64,
        height_m: f64,
        sigma_m: f64,
    ) -> Result<Option<Self>> {
        check_measured("the camera's height", height_m, sigma_m)?;
        if !(0.0..0.5).contains(&up_sigma_rad) {
            return Err(Error::argument(format!("up is {up_sigma_rad} rad off, expected 0 to 0.5")));
        }
        let up = up_in_camera.try_normalize(1e-6).filter(|up| up.iter().all(|k| k.is_finite()));
        let up = up.ok_or_else(|| Error::argument("up has no length, expected a vector in the camera's axes"))?;
        let mut level = level_surface(depth, &up);
        let Some(floor_ln) = floor_of(&mut level) else { return Ok(None) };
        let floor: Vec<&Level> = level.iter().filter(|one| (one.below_ln - floor_ln).abs() < 2.0 * LEVEL_LN).collect();
        let samples: Vec<_> = floor.iter().map(|one| (one.u, one.v, (height_m.ln() - one.below_ln, 0.0))).collect();
        // A tilt moves what is ahead up and what is on the other side down: its mean arm counts.
        let arm = floor.iter().fold(Vector3::zeros(), |sum, one| sum + one.along) / floor.len().max(1) as f64;
        let shared = (sigma_m / height_m).hypot(up_sigma_rad * arm.norm());
        let cells = of_cells(&samples, depth.size());
        Ok(if cells.len() < LEAST_SAMPLES { None } else { Self::of(CueKind::CameraHeight, &cells, shared) })
    }

    /// From a thing whose size along one side is known: as seen, in units, and as it is, metres, each with its standard
    /// deviation.
    pub fn from_known_size(seen: f64, seen_sigma: f64, known_m: f64, known_sigma_m: f64) -> Result<Self> {
        check_measured("a seen size", seen, seen_sigma)?;
        check_measured("a known size", known_m, known_sigma_m)?;
        let sigma_ln = (seen_sigma / seen).hypot(known_sigma_m / known_m);
        Ok(Self { kind: CueKind::KnownSize, ln_factor: (known_m / seen).ln(), sigma_ln, shared_ln: 0.0, samples: 1 })
    }

    /// From the way between two frames: as the network's poses have it, in units, and as odometry does, metres, each with its
    /// standard deviation. Ways of frames in between count once: take those that follow each other.
    pub fn from_odometry(way: f64, way_sigma: f64, way_m: f64, sigma_m: f64) -> Result<Self> {
        check_measured("a way", way, way_sigma)?;
        check_measured("a way of odometry", way_m, sigma_m)?;
        let sigma_ln = (way_sigma / way).hypot(sigma_m / way_m);
        Ok(Self { kind: CueKind::Odometry, ln_factor: (way_m / way).ln(), sigma_ln, shared_ln: 0.0, samples: 1 })
    }

    fn of(kind: CueKind, samples: &[Sample], shared_ln: f64) -> Option<Self> {
        let mean = mean_of(samples)?;
        Some(Self { kind, ln_factor: mean.value, sigma_ln: mean.sigma, shared_ln, samples: mean.count })
    }

    /// Metres a unit.
    pub fn factor(&self) -> f64 {
        self.ln_factor.exp()
    }
}

fn check_measured(what: &str, value: f64, sigma: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() && sigma >= 0.0 && sigma.is_finite() {
        return Ok(());
    }
    Err(Error::argument(format!(
        "{what} is {value} with a standard deviation of {sigma}, expected more than 0 and 0 or more"
    )))
}

/// A piece of surface that lies level, below the camera.
struct Level {
    u: f64,
    v: f64,
    /// `ln` of how far below, units.
    below_ln: f64,
    /// Where it is on the ground, seen from below the camera, as a share of how far below.
    along: Vector3<f64>,
    area: f64,
}

fn level_surface(depth: &UnitDepth<'_>, up: &Vector3<f64>) -> Vec<Level> {
    let [width, height] = depth.size().map(|side| side as usize);
    let step = width.div_ceil(COLUMNS).max(1);
    let mut level = Vec::new();
    for v in (0..height.saturating_sub(step)).step_by(step) {
        for u in (0..width.saturating_sub(step)).step_by(step) {
            let points = [(u, v), (u + step, v), (u, v + step)].map(|(u, v)| depth.point(u, v));
            let [Some(here), Some(right), Some(down)] = points else { continue };
            let jumps = |other: &Point3<f64>| (other.z - here.z).abs() > JUMP * here.z;
            if jumps(&right) || jumps(&down) {
                continue;
            }
            let normal = (right - here).cross(&(down - here));
            let area = normal.norm();
            let below = -up.dot(&here.coords);
            if below > 0.0 && area > 0.0 && normal.dot(up).abs() > LEVEL_COS * area {
                let along = (here.coords + up * below) / below;
                level.push(Level { u: u as f64, v: v as f64, below_ln: below.ln(), along, area });
            }
        }
    }
    level
}

/// `ln` of how far the floor is below the camera: the lowest of the large levels.
fn floor_of(level: &mut [Level]) -> Option<f64> {
    level.sort_by(|a, b| a.below_ln.total_cmp(&b.below_ln));
    let mut from = 0;
    let mut held = 0.0;
    // Of each window of heights that ends at a piece: its area.
    let mut windows = Vec::with_capacity(level.len());
    for to in 0..level.len() {
        held += level[to].area;
        while level[to].below_ln - level[from].below_ln > LEVEL_LN {
            held -= level[from].area;
            from += 1;
        }
        windows.push((held, from, to));
    }
    let most = windows.iter().map(|(area, ..)| *area).fold(0.0, f64::max);
    let (_, from, to) = windows.iter().rev().find(|(area, ..)| *area >= FLOOR_SHARE * most && most > 0.0)?;
    // The window that first is large enough holds the floor's far edge: its middle is found where the area is largest near.
    let last = level[*to].below_ln;
    let near = windows.iter().filter(|(.., to)| (last - level[*to].below_ln) <= 2.0 * LEVEL_LN);
    let (from, to) = near.max_by(|a, b| a.0.total_cmp(&b.0)).map_or((*from, *to), |(_, from, to)| (*from, *to));
    median(level[from..=to].iter().map(|one| one.below_ln).collect())
}
