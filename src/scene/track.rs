//! What the writer knows of one thing.

use super::index::Listing;
use super::labels::{LabelId, Labels};
use super::supports::{Rest, Supports};
use super::{LabelShare, Object, ObjectId, ObjectState, SceneOptions};
use crate::geom::OrientedBox;
use crate::lift::{Cloud, FitOptions, FitScratch, Observation, Source, fit_box};
use nalgebra::{Matrix3, Vector3};
use std::sync::Arc;

/// The most labels one thing keeps evidence for.
const MAX_LABELS: usize = 8;

/// Existence is never surer than this log-odds either way.
const MAX_LOG_ODDS: f32 = 6.0;

/// Log-odds that one sighting of score 1 adds.
const LOG_ODDS_SEEN: f32 = 1.2;

/// Log-odds that one sight of its empty place takes.
pub(super) const LOG_ODDS_EMPTY: f32 = 1.5;

/// After this many sightings only cells that two frames saw count, so that stray points fall out.
const TRUST_AFTER: u32 = 4;

/// Share of the label evidence that must speak for one label before a thing is believed.
const ONE_MIND: f32 = 0.55;

/// A sighting this many times noisier than the best tells nothing where the thing is known already,
const NOISIER: f32 = 1.5;

/// once it has been seen this often,
const KNOWN_AFTER: u32 = 6;

/// unless more than this share of its points lies elsewhere.
const NEW_SHARE: f32 = 0.3;

/// Things up to this size are compact as a rule, metres.
const COMPACT_M: f64 = 0.35;

/// Least depth of a compact thing, as a share of its width or height, whichever is less.
const LEAST_DEPTH_SHARE: f64 = 0.6;

/// A full search of the yaw at least every so many sightings.
const FULL_SEARCH_EVERY: u32 = 12;

/// Standing of a thing in the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not seen often enough to be published.
    Tentative,
    /// Published.
    Believed,
}

/// One thing, with all its evidence.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub id: ObjectId,
    pub standing: Standing,
    pub cloud: Cloud,
    pub obb: OrientedBox,
    pub labels: Vec<(LabelId, f32)>,
    pub name: Option<(LabelId, Arc<str>)>,
    pub log_odds: f32,
    pub first_seen_ns: i64,
    pub last_seen_ns: i64,
    pub last_seen_path_m: f64,
    pub last_frame: u32,
    pub observations: u32,
    /// Frames in which it was well in view, seen or not.
    pub in_view: u32,
    /// Frames in a row that saw its place empty.
    pub empty_frames: u32,
    pub cut_off: bool,
    pub listing: Option<Listing>,
    pub feature: Option<(f32, Arc<[f32]>)>,
    pub changed: bool,
    /// Mean standard deviation of its points, metres.
    pub sigma_m: f32,
    /// Mean covariance of its points' noise, world axes, m².
    noise_m2: Matrix3<f32>,
    /// Weight of the sightings in these means: points over variance.
    noise_weight: f32,
    /// The least standard deviation of any sighting's points, metres.
    pub best_sigma_m: f32,
    /// Sum over sightings of the share of independent evidence, for the covariance.
    pub evidence: f32,
    /// Directions on the ground from which cameras saw it: sixteen sectors, a bit each.
    seen_from: u16,
    /// The thing this one may be a duplicate of, and in how many frames it looked so.
    pub suspect: Option<(ObjectId, u8)>,
    /// In how many more frames than not it looked like several things.
    pub heap_votes: u8,
    search_yaw_rad: Option<f32>,
    cells_at_search: usize,
}

/// What a sighting brings besides its points.
pub(super) struct Sighting<'a> {
    pub frame: u32,
    pub keyframe: u32,
    pub stamp_ns: i64,
    pub path_m: f64,
    pub label: LabelId,
    pub score: f32,
    /// Standard deviation of a point along its ray, metres.
    pub sigma_m: f32,
    /// Standard deviation of a point across its ray, metres.
    pub sigma_across_m: f32,
    pub camera_in_world: nalgebra::Point3<f64>,
    pub feature: Option<&'a [f32]>,
}

impl Sighting<'_> {
    /// Covariance of one point: depth noise along the ray, pose noise every way.
    fn noise_m2(&self, mean_from_camera: &[f32; 3]) -> Matrix3<f32> {
        let ray = Vector3::from(*mean_from_camera).try_normalize(1e-6).unwrap_or_default();
        let along = self.sigma_m * self.sigma_m - self.sigma_across_m * self.sigma_across_m;
        Matrix3::identity() * (self.sigma_across_m * self.sigma_across_m) + ray * ray.transpose() * along.max(0.0)
    }
}

impl Track {
    /// A new thing, seen once.
    pub fn begin(id: ObjectId, observation: &Observation, points: &[[f32; 3]], sighting: &Sighting<'_>) -> Self {
        let extent = (0..3).map(|k| observation.high[k] - observation.low[k]).fold(0.0, f32::max);
        let origin = sighting.camera_in_world + Vector3::from(observation.mean.map(f64::from));
        let mut track = Self {
            id,
            standing: Standing::Tentative,
            cloud: Cloud::new(origin, extent, sighting.sigma_m),
            obb: OrientedBox::upright(origin, Vector3::repeat(f64::from(extent).max(0.01)), 0.0),
            labels: Vec::with_capacity(MAX_LABELS),
            name: None,
            log_odds: -0.5,
            first_seen_ns: sighting.stamp_ns,
            last_seen_ns: sighting.stamp_ns,
            last_seen_path_m: sighting.path_m,
            last_frame: sighting.frame,
            observations: 0,
            noise_weight: 0.0,
            in_view: 0,
            empty_frames: 0,
            cut_off: true,
            listing: None,
            feature: None,
            changed: false,
            sigma_m: sighting.sigma_m,
            noise_m2: Matrix3::zeros(),
            best_sigma_m: sighting.sigma_m,
            evidence: 0.0,
            seen_from: 0,
            suspect: None,
            heap_votes: 0,
            search_yaw_rad: None,
            cells_at_search: 0,
        };
        track.see(observation, points, sighting);
        track
    }

    /// Takes in the evidence of one sighting.
    pub fn see(&mut self, observation: &Observation, points: &[[f32; 3]], sighting: &Sighting<'_>) {
        let shift = (sighting.camera_in_world - self.cloud.origin()).map(|v| v as f32);
        let sigma_m = sighting.sigma_m;
        let source = Source { frame: sighting.frame, keyframe: sighting.keyframe, sigma_m };
        let in_cloud = |p: &[f32; 3]| [p[0] + shift.x, p[1] + shift.y, p[2] + shift.z];
        if !self.tells_nothing_new(points.iter().map(in_cloud), sighting) {
            self.replace_noisier(observation, shift.into(), sigma_m);
            points.iter().map(in_cloud).for_each(|p| self.cloud.insert(p, &source));
            let weight = observation.count as f32 / (sigma_m * sigma_m);
            self.noise_weight += weight;
            let rate = weight / self.noise_weight;
            self.sigma_m += (sigma_m - self.sigma_m) * rate;
            self.noise_m2 += (sighting.noise_m2(&observation.mean) - self.noise_m2) * rate;
        }
        let towards = observation.mean.map(|v| -f64::from(v));
        let sector = (towards[1].atan2(towards[0]) * 8.0 / std::f64::consts::PI).round() as i32;
        self.seen_from |= 1 << sector.rem_euclid(16);
        self.best_sigma_m = self.best_sigma_m.min(sighting.sigma_m);
        self.observations += 1;
        self.in_view += 1;
        self.empty_frames = 0;
        self.log_odds = (self.log_odds + LOG_ODDS_SEEN * sighting.score).min(MAX_LOG_ODDS);
        self.last_seen_ns = self.last_seen_ns.max(sighting.stamp_ns);
        self.last_seen_path_m = sighting.path_m;
        self.last_frame = sighting.frame;
        self.cut_off &= observation.cut_off;
        self.evidence += 1.0;
        self.add_label(sighting.label, sighting.score);
        if let Some(feature) = sighting.feature
            && self.feature.as_ref().is_none_or(|(best, _)| sighting.score > *best)
        {
            self.feature = Some((sighting.score, feature.into()));
        }
    }

    /// Takes in another piece of what this frame has shown of it already.
    pub fn see_more(&mut self, observation: &Observation, points: &[[f32; 3]], sighting: &Sighting<'_>) {
        let shift = (sighting.camera_in_world - self.cloud.origin()).map(|v| v as f32);
        let source = Source { frame: sighting.frame, keyframe: sighting.keyframe, sigma_m: sighting.sigma_m };
        let in_cloud = |p: &[f32; 3]| [p[0] + shift.x, p[1] + shift.y, p[2] + shift.z];
        if !self.tells_nothing_new(points.iter().map(in_cloud), sighting) {
            points.iter().map(in_cloud).for_each(|p| self.cloud.insert(p, &source));
        }
        self.cut_off &= observation.cut_off;
    }

    /// True for a sighting much noisier than what is known, of which hardly a point lies where the thing is not known yet.
    fn tells_nothing_new(&self, points: impl ExactSizeIterator<Item = [f32; 3]>, sighting: &Sighting<'_>) -> bool {
        if sighting.sigma_m <= NOISIER * self.best_sigma_m || self.observations < KNOWN_AFTER {
            return false;
        }
        let known = Region::round(&self.obb, self.cloud.origin(), 3.0 * f64::from(sighting.sigma_m));
        let count = points.len();
        let outside = points.filter(|p| !known.holds(*p)).count();
        outside as f32 <= NEW_SHARE * count as f32
    }

    /// Drops what was seen with much more noise where this sighting sees it well.
    fn replace_noisier(&mut self, observation: &Observation, shift: [f32; 3], sigma_m: f32) {
        if sigma_m * NOISIER > self.sigma_m {
            return;
        }
        self.cloud.retain(|cell| {
            let reach = 2.5 * cell.sigma_m;
            let seen_well = (0..3).all(|k| {
                let at = cell.mean[k] - shift[k];
                at >= observation.low[k] - reach && at <= observation.high[k] + reach
            });
            cell.sigma_m < NOISIER * sigma_m || !seen_well
        });
    }

    pub fn add_label(&mut self, label: LabelId, weight: f32) {
        match self.labels.iter_mut().find(|(known, _)| *known == label) {
            Some((_, total)) => *total += weight,
            None => {
                if self.labels.len() == MAX_LABELS {
                    self.labels.pop(); // the least probable: the list is kept sorted
                }
                self.labels.push((label, weight));
            }
        }
        self.labels.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    }

    /// Takes over the evidence of another track of the same thing.
    pub fn absorb(&mut self, other: &Track) {
        self.cloud.absorb(&other.cloud);
        for &(label, weight) in &other.labels {
            self.add_label(label, weight);
        }
        self.observations += other.observations;
        self.in_view += other.in_view;
        self.evidence += other.evidence;
        self.log_odds = self.log_odds.max(other.log_odds);
        self.first_seen_ns = self.first_seen_ns.min(other.first_seen_ns);
        self.last_seen_ns = self.last_seen_ns.max(other.last_seen_ns);
        self.last_seen_path_m = self.last_seen_path_m.max(other.last_seen_path_m);
        self.cut_off &= other.cut_off;
        self.seen_from |= other.seen_from;
    }

    /// Fits the box anew.
    pub fn fit(&mut self, supports: &Supports, scratch: &mut FitScratch) {
        let cells = self.cloud.cells().len();
        let grown = cells * 20 > self.cells_at_search * 21 || self.observations.is_multiple_of(FULL_SEARCH_EVERY);
        let options = FitOptions {
            noise_m2: self.noise_m2,
            near_yaw_rad: self.search_yaw_rad.filter(|_| !grown),
            least_frames: if self.observations >= TRUST_AFTER { 2 } else { 1 },
        };
        if let Some(fit) = fit_box(&self.cloud, &options, scratch) {
            let (settled, rest) = supports.settle(&fit.obb);
            self.obb = if rest == Rest::OnSurface { self.with_unseen_back(&settled) } else { settled };
            self.search_yaw_rad = Some(fit.search_yaw_rad);
            if grown {
                self.cells_at_search = cells;
            }
        }
    }

    /// A small, compact thing seen from one side only shows less than half of its depth: what stands on something is
    /// taken to be at least [`LEAST_DEPTH_SHARE`] as deep as it is wide or high, on the side that nobody has seen.
    fn with_unseen_back(&self, obb: &OrientedBox) -> OrientedBox {
        let mut full = *obb;
        if obb.size.max() > COMPACT_M {
            return full;
        }
        for k in 0..2 {
            let least = LEAST_DEPTH_SHARE * obb.size[1 - k].min(obb.size.z);
            let axis = obb.axes()[k];
            let (front, back) = (self.was_seen_from(&axis), self.was_seen_from(&-axis));
            if obb.size[k] < least && front != back {
                let unseen = if front { -axis } else { axis };
                full.centre += unseen * (0.5 * (least - obb.size[k]));
                full.size[k] = least;
            }
        }
        OrientedBox::canonical_upright(full.centre, full.size, full.yaw_rad())
    }

    /// True when a camera stood on this side of the thing, within 70° of the direction.
    fn was_seen_from(&self, direction: &Vector3<f64>) -> bool {
        (0..16).filter(|sector| self.seen_from & (1 << sector) != 0).any(|sector| {
            let (sin, cos) = (f64::from(sector) * std::f64::consts::PI / 8.0).sin_cos();
            direction.x * cos + direction.y * sin > 0.35
        })
    }

    /// The label with the most evidence.
    pub fn label(&self) -> LabelId {
        self.labels[0].0
    }

    /// Share of the label evidence that speaks for `label`, 0..1.
    pub fn label_share(&self, label: LabelId) -> f32 {
        let total: f32 = self.labels.iter().map(|l| l.1).sum();
        self.labels.iter().find(|l| l.0 == label).map_or(0.0, |l| l.1 / total)
    }

    /// True when most of the label evidence speaks for one label: what is something else each time is nothing.
    pub fn is_of_one_mind(&self) -> bool {
        self.label_share(self.label()) >= ONE_MIND && self.log_odds > 0.0
    }

    /// Lowers the belief in its existence.
    pub fn doubt(&mut self, log_odds: f32) {
        self.log_odds = (self.log_odds - log_odds).max(-MAX_LOG_ODDS);
    }

    /// Covariance of the centre and standard deviations of size and yaw.
    pub fn spread(&self, options: &SceneOptions) -> Spread {
        Spread::of(self, options)
    }

    /// What readers are told.
    pub fn object(&mut self, labels: &mut Labels, options: &SceneOptions) -> Object {
        let label = self.label();
        if self.name.as_ref().is_none_or(|(named, _)| *named != label) {
            self.name = Some((label, labels.next_name(label)));
        }
        let name = self.name.as_ref().map_or_else(|| labels.text(label), |(_, name)| name.clone());
        let total: f32 = self.labels.iter().map(|l| l.1).sum();
        let spread = self.spread(options);
        Object {
            id: self.id,
            label: labels.text(label),
            name,
            labels: self
                .labels
                .iter()
                .map(|&(l, w)| LabelShare { label: labels.text(l), probability: w / total })
                .collect(),
            obb: self.obb,
            centre_cov_m2: spread.centre_cov_m2,
            size_sigma_m: spread.size_sigma_m,
            yaw_sigma_rad: spread.yaw_sigma_rad,
            existence: 1.0 / (1.0 + f64::from(-self.log_odds).exp()),
            truncated: self.cut_off,
            state: if self.empty_frames > 0 { ObjectState::Doubted } else { ObjectState::Confirmed },
            first_seen_ns: self.first_seen_ns,
            last_seen_ns: self.last_seen_ns,
            observations: self.observations,
            last_seen_path_m: self.last_seen_path_m,
            feature: self.feature.as_ref().map(|(_, feature)| feature.clone()),
        }
    }
}

/// An upright region in a cloud's coordinates.
struct Region {
    centre: [f32; 3],
    cos: f32,
    sin: f32,
    half: [f32; 3],
}

impl Region {
    fn round(obb: &OrientedBox, origin: nalgebra::Point3<f64>, margin_m: f64) -> Self {
        let centre = obb.centre - origin;
        let (sin, cos) = obb.yaw_rad().sin_cos();
        let half = obb.size * 0.5 + Vector3::repeat(margin_m);
        Self {
            centre: [centre.x as f32, centre.y as f32, centre.z as f32],
            cos: cos as f32,
            sin: sin as f32,
            half: [half.x as f32, half.y as f32, half.z as f32],
        }
    }

    fn holds(&self, p: [f32; 3]) -> bool {
        let [x, y, z] = [p[0] - self.centre[0], p[1] - self.centre[1], p[2] - self.centre[2]];
        (x * self.cos + y * self.sin).abs() <= self.half[0]
            && (y * self.cos - x * self.sin).abs() <= self.half[1]
            && z.abs() <= self.half[2]
    }
}

/// How far a box may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub centre_cov_m2: [f64; 6],
    pub size_sigma_m: [f64; 3],
    pub yaw_sigma_rad: f64,
}

impl Spread {
    fn of(track: &Track, options: &SceneOptions) -> Self {
        let size = track.obb.size;
        let independent = f64::from(track.evidence.max(1.0));
        let noise = f64::from(track.sigma_m) / independent.sqrt();
        let floor = 0.25 * options.pose_noise.translation_m.max(0.0005);
        // Edges found by trimming are off by a share of the noise that does not average out, and by a share of the size.
        let sigma = Vector3::from_fn(|k, _| {
            let shape = 0.012 * size[k] + 0.12 * f64::from(track.sigma_m);
            (noise * noise + shape * shape + floor * floor).sqrt()
        });
        let turn: Matrix3<f64> = *track.obb.world_from_box.to_rotation_matrix().matrix();
        let cov = turn * Matrix3::from_diagonal(&sigma.component_mul(&sigma)) * turn.transpose();
        let lever = 0.5 * size.x.max(0.02);
        Self {
            centre_cov_m2: [cov[(0, 0)], cov[(0, 1)], cov[(0, 2)], cov[(1, 1)], cov[(1, 2)], cov[(2, 2)]],
            size_sigma_m: [2.0 * sigma.x, 2.0 * sigma.y, 2.0 * sigma.z],
            yaw_sigma_rad: (sigma.y / lever).min(1.0),
        }
    }
}
