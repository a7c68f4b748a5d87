//! The upright box whose outline is that of a thing in every picture.
//!
//! Seven numbers: the centre, the logarithms of three sides, the yaw. Of each picture count, for every direction that its outline
//! tells, how much farther the box's corners reach than the mask does; how far the centre is against the network's depth, all
//! pictures together as one, because they share its error; and, weakly, that things are about as deep as wide. A mask that
//! reaches beyond the box is evidence against the box. One that falls short may be hidden behind something: from half a standard
//! deviation on that costs in proportion alone. Solved by Levenberg and Marquardt's steps on Huber's cost.

use super::SilhouetteOptions;
use super::outline::{Bounds, DIRECTIONS, Outline, stretch};
use crate::geom::OrientedBox;
use nalgebra::{Isometry3, Point3, SMatrix, SVector, Vector3};

const NUMBERS: usize = 7;
type Numbers = SVector<f64, NUMBERS>;
type Hessian = SMatrix<f64, NUMBERS, NUMBERS>;

/// From so many standard deviations on a residual costs in proportion: masks beyond the box, masks that fall short of it.
const MOST_BEYOND: f64 = 3.0;
const MOST_SHORT: f64 = 0.5;

/// Sides differ by so much, `ln`, and from so many standard deviations on that costs in proportion.
const SIDES_LN: f64 = 2.0;
const MOST_SIDES: f64 = 0.7;

/// A box that reaches behind a camera is as bad as this many standard deviations.
const BEHIND: f64 = 10.0;

/// What is nearer than this is behind, metres.
const NEAREST_M: f64 = 0.05;

/// Sides of a box, metres.
const LEAST_SIDE_M: f64 = 0.005;
const MOST_SIDE_M: f64 = 4.0;

/// A step changes the logarithm of a side and the yaw, radians, by at most this.
const MOST_STEP: f64 = 0.5;

/// Yaws from which a search begins: a quarter turn is the same box with its sides named otherwise.
const STARTS_RAD: [f64; 4] = [0.0, 0.4, 0.8, 1.2];

/// One picture's say.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub camera_from_world: Isometry3<f64>,
    pub outline: Outline,
}

/// A box, and how sure its place is.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    numbers: Numbers,
    pub obb: OrientedBox,
    /// Covariance of the centre, world axes, m².
    pub centre_cov_m2: nalgebra::Matrix3<f64>,
}

/// How far the box's corners reach in a camera, or `None` where one is behind it.
pub(super) fn reach_of(obb: &OrientedBox, camera_from_world: &Isometry3<f64>) -> Option<[f64; DIRECTIONS]> {
    let mut reach = [f64::NEG_INFINITY; DIRECTIONS];
    for corner in obb.corners() {
        let p = camera_from_world * corner;
        if p.z < NEAREST_M {
            return None;
        }
        stretch(&mut reach, [p.x / p.z, p.y / p.z]);
    }
    Some(reach)
}

/// Reaches in a camera, as a rectangle.
pub(super) fn bounds_of(obb: &OrientedBox, camera_from_world: &Isometry3<f64>) -> Option<Bounds> {
    reach_of(obb, camera_from_world).map(|reach| Bounds::of(&reach))
}

impl Fit {
    /// What one picture and the network's depth say: as deep as wide.
    pub fn of_one(view: &View) -> Self {
        let (bounds, z) = (&view.outline.bounds, view.outline.depth_m);
        let [width, height] =
            [0, 1].map(|k| ((bounds.high[k] - bounds.low[k]) * z).clamp(LEAST_SIDE_M, MOST_SIDE_M).ln());
        let [x, y] = [0, 1].map(|k| 0.5 * (bounds.high[k] + bounds.low[k]) * z);
        let centre = view.camera_from_world.inverse() * Point3::new(x, y, z);
        let numbers = Numbers::from([centre.x, centre.y, centre.z, width, width, height, 0.0]);
        Self { numbers, obb: box_of(&numbers), centre_cov_m2: nalgebra::Matrix3::identity() * (z * z) }
    }

    /// The box that fits all views, searched from this one, or from several yaws as well.
    pub fn refined(&self, views: &[View], everywhere: bool, options: &SilhouetteOptions) -> Self {
        let mut search = Search { views, options, now: Vec::new(), next: Vec::new() };
        let mut best = search.descend(self.numbers, 6);
        for yaw in STARTS_RAD.into_iter().filter(|_| everywhere) {
            let mut start = self.numbers;
            start[6] = yaw;
            let one = search.descend(start, 10);
            if one.cost < best.cost {
                best = one;
            }
        }
        let cov = best.hessian.try_inverse().unwrap_or_else(|| Hessian::identity() * 1e6);
        let centre_cov_m2 = cov.fixed_view::<3, 3>(0, 0).into_owned();
        Self { numbers: best.numbers, obb: box_of(&best.numbers), centre_cov_m2 }
    }
}

fn box_of(n: &Numbers) -> OrientedBox {
    OrientedBox::upright(Point3::new(n[0], n[1], n[2]), Vector3::new(n[3].exp(), n[4].exp(), n[5].exp()), n[6])
}

/// How far off one thing is, in standard deviations, and from how many on that costs in proportion.
#[derive(Debug, Clone, Copy)]
struct Residual {
    off: f64,
    most: f64,
}

impl Residual {
    fn cost(&self) -> f64 {
        let off = self.off.abs();
        if off <= self.most { off * off } else { self.most * (2.0 * off - self.most) }
    }

    fn weight(&self) -> f64 {
        let off = self.off.abs();
        if off <= self.most { 1.0 } else { self.most / off }
    }
}

struct Minimum {
    numbers: Numbers,
    cost: f64,
    hessian: Hessian,
}

struct Search<'a> {
    views: &'a [View],
    options: &'a SilhouetteOptions,
    now: Vec<Residual>,
    next: Vec<Residual>,
}

impl Search<'_> {
    fn descend(&mut self, start: Numbers, rounds: usize) -> Minimum {
        let mut numbers = start;
        let mut cost = self.look(&numbers);
        std::mem::swap(&mut self.now, &mut self.next);
        let mut damping = 1e-2;
        let mut hessian = Hessian::zeros();
        for _ in 0..rounds {
            let slope;
            (hessian, slope) = self.slopes(&numbers);
            let mut gained = 0.0;
            for _ in 0..4 {
                let Some(next) = stepped(&numbers, &hessian, &slope, damping) else {
                    damping *= 10.0;
                    continue;
                };
                let next_cost = self.look(&next);
                if next_cost < cost {
                    gained = (cost - next_cost) / cost;
                    (numbers, cost) = (next, next_cost);
                    std::mem::swap(&mut self.now, &mut self.next);
                    damping = (damping * 0.3_f64).max(1e-6);
                    break;
                }
                damping *= 5.0;
            }
            if gained < 1e-4 {
                break;
            }
        }
        Minimum { numbers, cost, hessian }
    }

    /// The cost; the residuals are in `next`.
    fn look(&mut self, numbers: &Numbers) -> f64 {
        residuals(numbers, self.views, self.options, &mut self.next);
        self.next.iter().map(Residual::cost).sum()
    }

    /// Weighted squares and slope at `numbers`, whose residuals are in `now`.
    fn slopes(&mut self, numbers: &Numbers) -> (Hessian, Numbers) {
        const STEP: f64 = 1e-4;
        let mut rows = vec![Numbers::zeros(); self.now.len()];
        for k in 0..NUMBERS {
            let mut beside = *numbers;
            beside[k] += STEP;
            residuals(&beside, self.views, self.options, &mut self.next);
            for ((row, now), next) in rows.iter_mut().zip(&self.now).zip(&self.next) {
                row[k] = (next.off - now.off) / STEP;
            }
        }
        let (mut hessian, mut slope) = (Hessian::zeros(), Numbers::zeros());
        for (row, now) in rows.iter().zip(&self.now) {
            let weighted = row * now.weight();
            hessian += weighted * row.transpose();
            slope += weighted * now.off;
        }
        (hessian, slope)
    }
}

fn stepped(numbers: &Numbers, hessian: &Hessian, slope: &Numbers, damping: f64) -> Option<Numbers> {
    let mut damped = *hessian;
    for k in 0..NUMBERS {
        damped[(k, k)] += damping * (hessian[(k, k)] + 1e-6);
    }
    let step = -damped.cholesky()?.solve(slope);
    let mut next =
        numbers + step.map_with_location(|k, _, by| if k < 3 { by } else { by.clamp(-MOST_STEP, MOST_STEP) });
    for k in 3..6 {
        next[k] = next[k].clamp(LEAST_SIDE_M.ln(), MOST_SIDE_M.ln());
    }
    next.iter().all(|number| number.is_finite()).then_some(next)
}

fn residuals(numbers: &Numbers, views: &[View], options: &SilhouetteOptions, out: &mut Vec<Residual>) {
    out.clear();
    let obb = box_of(numbers);
    let depth_sigma = options.depth_sigma * (views.len() as f64).sqrt();
    for View { camera_from_world, outline } in views {
        let reach = reach_of(&obb, camera_from_world);
        for (at, seen) in outline.reach.iter().enumerate() {
            let Some(seen) = seen else { continue };
            let off = reach.map_or(BEHIND, |reach| (reach[at] - seen) / options.edge_sigma_rad);
            out.push(Residual { off, most: if off < 0.0 { MOST_BEYOND } else { MOST_SHORT } });
        }
        let z = (camera_from_world * obb.centre).z.max(NEAREST_M);
        out.push(Residual { off: (z / outline.depth_m).ln() / depth_sigma, most: f64::INFINITY });
    }
    let [x, y, z] = [3, 4, 5].map(|k| numbers[k]);
    for off in [x - y, z - 0.5 * (x + y)] {
        out.push(Residual { off: off / SIDES_LN, most: MOST_SIDES });
    }
}

/// How far the outline reaches beyond the box, where it does most, as a share of the outline's own size.
pub(super) fn beyond(obb: &OrientedBox, view: &View) -> f64 {
    let Some(reach) = reach_of(obb, &view.camera_from_world) else { return f64::INFINITY };
    let told = view.outline.reach.iter().zip(reach).filter_map(|(seen, reach)| seen.map(|seen| seen - reach));
    told.fold(0.0, f64::max) / view.outline.bounds.diagonal().max(f64::MIN_POSITIVE)
}
