//! What the writer knows of one thing.

use super::edit::Said;
use super::index::Listing;
use super::labels::{LabelId, Labels};
use super::replace::OtherName;
use super::supports::{Rest, Supports, sigma_along_m};
use super::{LabelShare, Object, ObjectId, ObjectState};
use crate::geom::OrientedBox;
use crate::lift::{Cloud, FitOptions, FitScratch, Observation, Source, YawSearch, fit_box};
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

/// Seen depth below this share of the width is that of a panel, up to this size (metres),
const PANEL_SHARE: f64 = 0.2;
const PANEL_M: f64 = 1.3;

/// which is supposed to be this deep, as a share of its width;
const PANEL_DEPTH_SHARE: f64 = 0.35;

/// more is that of something bulging, up to this size (metres): supposed to be twice as deep as seen, up to this share
/// of its width.
const COMPACT_M: f64 = 0.6;
const BULGE_DEPTH_SHARE: f64 = 0.9;

/// What lies on something and is lower than this share of its width is flat: supposed to be this deep, as a share of it.
const FLAT_SHARE: f64 = 0.25;
const FLAT_DEPTH_SHARE: f64 = 0.5;

/// Depth is lost where its noise is more than this share of it, in what is higher than that share of its width.
const LOST_SHARE: f64 = 0.2;
const UPRIGHT_SHARE: f64 = 0.5;

/// Sine of the angle above a thing's top from which its top is seen, not grazed.
const TOP_SEEN_SIN: f32 = 0.31;

/// A well-known thing grows by this much at once at most, metres and as a share of its size,
const GROWTH_M: f64 = 0.05;
const GROWTH_SHARE: f64 = 0.1;

/// where more than this share of a sighting lies farther out.
const IMPLAUSIBLE_SHARE: f32 = 0.3;

/// Points of a sighting that are asked where they lie, about.
const TESTED: usize = 128;

/// The box is fitted anew when the sightings are more by this share, and at least every so many.
const FIT_SHARE: u32 = 8;
const MOST_BETWEEN_FITS: u32 = 16;

/// Of a sighting from a side that is known every so-manieth point is taken, in turn, beginning after so many sightings: the
/// others fall into the same cells.
const ALL_POINTS_UNTIL: u32 = 24;
const MOST_BETWEEN_POINTS: u32 = 8;

/// A full search of the yaw at least every so many sightings, and when there are more points by this share.
const FULL_SEARCH_EVERY: u64 = 64;
const NEW_POINTS_SHARE: usize = 10;

/// Standing of a thing in the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not seen often enough to be published.
    Tentative,
    /// Published.
    Believed,
    /// No thing, an operator says: not published, and takes in what frames see there.
    Deleted,
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
    /// Since when it is believed; meaningless before.
    pub believed_ns: i64,
    pub last_seen_ns: i64,
    /// When a detection last gave it the label it has: what is seen where it stood may be something else.
    pub last_named_ns: i64,
    pub last_seen_path_m: f64,
    pub last_frame: u32,
    pub observations: u32,
    /// Frames in which it was well in view, seen or not.
    pub in_view: u32,
    /// Frames in a row that saw its place empty.
    pub empty_frames: u32,
    /// What was found at its place since it was last seen.
    pub unseen: Unseen,
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
    /// Directions on the ground from which cameras saw it: sixteen sectors, a bit each.
    seen_from: u16,
    /// Sine of the steepest angle from which a camera looked down on its top.
    steepest: f32,
    /// The thing this one may be a duplicate of, and in how many frames it looked so.
    pub suspect: Option<(ObjectId, u8)>,
    rest: Rest,
    /// Its size as seen at another place, and the least standard deviation of the points there, metres.
    size_elsewhere: Option<(Vector3<f64>, f32)>,
    /// In how many more frames than not it looked like several things.
    pub heap_votes: i8,
    /// Since when it is seen under another name, if it is.
    pub other_name: Option<OtherName>,
    /// What an operator said of it.
    pub said: Said,
    search_yaw_rad: Option<f32>,
    cells_at_search: usize,
}

/// What frames found that looked at a thing's place and did not see it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unseen {
    /// Frames in which it could have been detected.
    pub chances: u32,
    /// Points found empty and there, over all frames.
    pub empty: u32,
    pub there: u32,
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
            believed_ns: sighting.stamp_ns,
            last_seen_ns: sighting.stamp_ns,
            last_named_ns: sighting.stamp_ns,
            last_seen_path_m: sighting.path_m,
            last_frame: sighting.frame,
            observations: 0,
            noise_weight: 0.0,
            in_view: 0,
            empty_frames: 0,
            unseen: Unseen::default(),
            cut_off: true,
            listing: None,
            feature: None,
            changed: false,
            sigma_m: sighting.sigma_m,
            noise_m2: Matrix3::zeros(),
            best_sigma_m: sighting.sigma_m,
            seen_from: 0,
            steepest: 0.0,
            suspect: None,
            rest: Rest::Unknown,
            size_elsewhere: None,
            heap_votes: 0,
            other_name: None,
            said: Said::default(),
            search_yaw_rad: None,
            cells_at_search: 0,
        };
        track.see(observation, points, sighting);
        track
    }

    /// Takes in the evidence of one sighting.
    pub fn see(&mut self, observation: &Observation, points: &[[f32; 3]], sighting: &Sighting<'_>) {
        self.other_name = OtherName::after(self, sighting.label);
        let shift = (sighting.camera_in_world - self.cloud.origin()).map(|v| v as f32);
        let sigma_m = sighting.sigma_m;
        let source = Source { frame: sighting.frame, keyframe: sighting.keyframe, sigma_m };
        let side = side_of(&observation.mean);
        let every = if self.seen_from & side != 0 { self.points_apart() } else { 1 };
        let told = points.iter().skip(self.observations as usize % every).step_by(every);
        let told = told.map(|p| [p[0] + shift.x, p[1] + shift.y, p[2] + shift.z]);
        if !self.tells_nothing_new(told.clone(), sighting) {
            self.replace_noisier(observation, shift.into(), sigma_m);
            let plausible = self.plausible_region(told.clone(), sigma_m);
            let wanted = told.filter(|p| plausible.as_ref().is_none_or(|region| region.holds(*p)));
            wanted.for_each(|p| self.cloud.insert(p, &source));
            let weight = observation.count as f32 / (sigma_m * sigma_m);
            self.noise_weight += weight;
            let rate = weight / self.noise_weight;
            self.sigma_m += (sigma_m - self.sigma_m) * rate;
            self.noise_m2 += (sighting.noise_m2(&observation.mean) - self.noise_m2) * rate;
        }
        let distance = Vector3::from(observation.mean).norm().max(0.1);
        self.steepest = self.steepest.max(-observation.high[2] / distance);
        self.seen_from |= side;
        self.best_sigma_m = self.best_sigma_m.min(sighting.sigma_m);
        self.observations += 1;
        self.in_view += 1;
        self.empty_frames = 0;
        self.log_odds = (self.log_odds + LOG_ODDS_SEEN * sighting.score).min(MAX_LOG_ODDS);
        self.last_seen_ns = self.last_seen_ns.max(sighting.stamp_ns);
        self.last_seen_path_m = sighting.path_m;
        self.last_frame = sighting.frame;
        self.cut_off &= observation.cut_off;
        self.add_label(sighting.label, sighting.score);
        if self.label() == sighting.label {
            self.last_named_ns = self.last_named_ns.max(sighting.stamp_ns);
            self.unseen = Unseen::default();
        }
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
        known.share_outside(points) <= NEW_SHARE
    }

    /// Where points of a well-known thing may lie, when a sighting puts many elsewhere: things grow by and by, as more of
    /// them comes into view; a sighting that doubles one is mostly something else. `None` when all points are plausible.
    fn plausible_region(&self, points: impl ExactSizeIterator<Item = [f32; 3]>, sigma_m: f32) -> Option<Region> {
        if self.observations < KNOWN_AFTER {
            return None;
        }
        let margin_m = GROWTH_M + GROWTH_SHARE * self.obb.size.max() + 3.0 * f64::from(sigma_m);
        let region = Region::round(&self.obb, self.cloud.origin(), margin_m);
        (region.share_outside(points) > IMPLAUSIBLE_SHARE).then_some(region)
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
        self.absorb_history(other);
    }

    /// Takes over what is known of another track of the same thing but for its points.
    pub fn absorb_history(&mut self, other: &Track) {
        self.said.take_over(&other.said);
        for &(label, weight) in &other.labels {
            self.add_label(label, weight);
        }
        self.observations += other.observations;
        self.in_view += other.in_view;
        self.log_odds = self.log_odds.max(other.log_odds);
        self.first_seen_ns = self.first_seen_ns.min(other.first_seen_ns);
        self.last_seen_ns = self.last_seen_ns.max(other.last_seen_ns);
        self.last_named_ns = self.last_named_ns.max(other.last_named_ns);
        self.last_seen_path_m = self.last_seen_path_m.max(other.last_seen_path_m);
        self.cut_off &= other.cut_off;
        self.seen_from |= other.seen_from;
        self.steepest = self.steepest.max(other.steepest);
    }

    /// Whether the last sighting calls for a new fit: what is well known changes little from one to the next, and things
    /// take turns.
    pub fn is_due(&self) -> bool {
        let every = (self.observations / FIT_SHARE).clamp(1, MOST_BETWEEN_FITS).next_power_of_two();
        self.has_grown() || self.turn().is_multiple_of(u64::from(every))
    }

    /// Every so-manieth point of the next sighting is enough, as long as it shows no new side.
    fn points_apart(&self) -> usize {
        (self.observations.saturating_sub(ALL_POINTS_UNTIL) / 8 + 1).min(MOST_BETWEEN_POINTS) as usize
    }

    /// Whether it has more points than when its yaw was last searched by enough to search it anew.
    fn has_grown(&self) -> bool {
        self.cloud.cells().len() * NEW_POINTS_SHARE > self.cells_at_search * (NEW_POINTS_SHARE + 1)
    }

    fn turn(&self) -> u64 {
        u64::from(self.observations).wrapping_add(self.id.0)
    }

    /// Fits the box anew.
    pub fn fit(&mut self, supports: &Supports, scratch: &mut FitScratch) {
        if let Some(pinned) = &self.said.pinned {
            self.obb = **pinned;
            return;
        }
        let everywhere = self.has_grown() || self.turn().is_multiple_of(FULL_SEARCH_EVERY);
        let options = FitOptions {
            noise_m2: self.noise_m2,
            yaw: match self.search_yaw_rad {
                Some(yaw) if !everywhere => YawSearch::Near(yaw),
                _ => YawSearch::Everywhere,
            },
            least_frames: if self.observations >= TRUST_AFTER { 2 } else { 1 },
        };
        if let Some(fit) = fit_box(&self.cloud, &options, scratch) {
            let (settled, rest) = supports.settle(&fit.obb, &self.noise_m2);
            self.rest = rest;
            self.obb = match self.size_elsewhere.filter(|(_, sigma_m)| *sigma_m < self.best_sigma_m) {
                _ if rest == Rest::OnWall => settled,
                Some((size, _)) => self.with_size(&settled, &size),
                None => self.with_unseen_back(&settled),
            };
            self.search_yaw_rad = Some(fit.search_yaw_rad);
            if everywhere {
                self.cells_at_search = self.cloud.cells().len();
            }
        }
    }

    /// True when it is known what carries it.
    pub fn rests(&self) -> bool {
        self.rest != Rest::Unknown || self.said.pinned.is_some()
    }

    /// Lengthens the box down to the floor: what carries it is hidden, and nothing floats.
    pub fn stand_on(&mut self, floor_m: f64) {
        let top_m = self.obb.centre.z + 0.5 * self.obb.size.z;
        self.obb.centre.z = 0.5 * (top_m + floor_m);
        self.obb.size.z = top_m - floor_m;
        self.rest = Rest::OnSurface;
    }

    /// Takes over the size of the same thing at its old place, as long as it was seen better there.
    pub fn remember_size(&mut self, old: &Track) {
        self.size_elsewhere = Some((old.obb.size, old.best_sigma_m));
    }

    /// The box with a size known from elsewhere: it grows to the side that nobody has seen, and down from its
    /// top: the top of something flat is easily taken for what it stands on.
    fn with_size(&self, obb: &OrientedBox, size: &Vector3<f64>) -> OrientedBox {
        let mut full = *obb;
        for k in 0..2 {
            let unseen = self.unseen_side(obb, k).unwrap_or_default();
            full.centre += unseen * (0.5 * (size[k] - obb.size[k]));
            full.size[k] = size[k];
        }
        if self.rest == Rest::OnSurface {
            full.centre.z -= 0.5 * (size.z - obb.size.z);
            full.size.z = size.z;
        }
        OrientedBox::canonical_upright(full.centre, full.size, full.yaw_rad())
    }

    /// A compact thing seen from one side shows less than half of its depth, unless it was seen from above too and its
    /// depth is more than noise; the rest is supposed on the side that nobody has seen: a panel has a foot or a case, what
    /// bulges goes on bulging.
    fn with_unseen_back(&self, obb: &OrientedBox) -> OrientedBox {
        let mut full = *obb;
        for k in 0..2 {
            let is_known = self.top_was_seen() && !self.is_lost_in_noise(obb, k);
            let Some(unseen) = self.unseen_side(obb, k).filter(|_| !is_known) else { continue };
            let (depth, width) = (obb.size[k], obb.size[1 - k].min(obb.size.z.max(0.5 * obb.size[1 - k])));
            let is_flat = self.rest == Rest::OnSurface && obb.size.z < FLAT_SHARE * obb.size[1 - k];
            let least = match depth < PANEL_SHARE * width {
                _ if is_flat && obb.size.max() <= COMPACT_M => FLAT_DEPTH_SHARE * obb.size[1 - k],
                true if obb.size.max() <= PANEL_M => PANEL_DEPTH_SHARE * width,
                false if obb.size.max() <= COMPACT_M => (2.0 * depth).min(BULGE_DEPTH_SHARE * width),
                _ => continue,
            };
            if depth < least {
                full.centre += unseen * (0.5 * (least - depth));
                full.size[k] = least;
            }
        }
        OrientedBox::canonical_upright(full.centre, full.size, full.yaw_rad())
    }

    /// True for something about as high as it is wide whose depth is hardly more than noise.
    fn is_lost_in_noise(&self, obb: &OrientedBox, k: usize) -> bool {
        let sigma_m = sigma_along_m(&self.noise_m2, &obb.axes()[k]);
        sigma_m > LOST_SHARE * obb.size[k] && obb.size.z > UPRIGHT_SHARE * obb.size[1 - k]
    }

    /// The direction along box axis `k` from which nobody has seen the thing, if it was seen from the other.
    fn unseen_side(&self, obb: &OrientedBox, k: usize) -> Option<Vector3<f64>> {
        let axis = obb.axes()[k];
        match (self.was_seen_from(&axis), self.was_seen_from(&-axis)) {
            (true, false) => Some(-axis),
            (false, true) => Some(axis),
            _ => None,
        }
    }

    /// True when a camera looked down on it steeply enough to see how deep it is.
    fn top_was_seen(&self) -> bool {
        self.steepest >= TOP_SEEN_SIN
    }

    /// True when a camera stood on this side of the thing, within 70° of the direction.
    fn was_seen_from(&self, direction: &Vector3<f64>) -> bool {
        (0..16).filter(|sector| self.seen_from & (1 << sector) != 0).any(|sector| {
            let (sin, cos) = (f64::from(sector) * std::f64::consts::PI / 8.0).sin_cos();
            direction.x * cos + direction.y * sin > 0.35
        })
    }

    /// True for what is known to stand on something.
    pub fn stands(&self) -> bool {
        self.rest == Rest::OnSurface
    }

    /// The label with the most evidence.
    pub fn label(&self) -> LabelId {
        self.labels[0].0
    }

    /// What readers are told that it is: what an operator said, or else what detectors say.
    pub fn called(&self) -> LabelId {
        self.said.label.unwrap_or_else(|| self.label())
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

    /// What readers are told.
    pub fn object(&mut self, labels: &mut Labels) -> Object {
        let label = self.called();
        if self.name.as_ref().is_none_or(|(named, _)| *named != label) {
            self.name = Some((label, labels.next_name(label)));
        }
        let given = self.name.as_ref().map_or_else(|| labels.text(label), |(_, name)| name.clone());
        let name = self.said.name.clone().unwrap_or(given);
        let total: f32 = self.labels.iter().map(|l| l.1).sum();
        let spread = Spread::of(self);
        Object {
            id: self.id,
            label: labels.text(label),
            name,
            labels: match self.said.label {
                Some(label) => Box::new([LabelShare { label: labels.text(label), probability: 1.0 }]),
                None => {
                    let share = |&(l, w): &(LabelId, f32)| LabelShare { label: labels.text(l), probability: w / total };
                    self.labels.iter().map(share).collect()
                }
            },
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

/// The sector on the ground in which the camera stands that sees a thing there: one bit of sixteen.
fn side_of(mean_from_camera: &[f32; 3]) -> u16 {
    let towards = mean_from_camera.map(|v| -f64::from(v));
    let sector = (towards[1].atan2(towards[0]) * 8.0 / std::f64::consts::PI).round() as i32;
    1 << sector.rem_euclid(16)
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

    /// Share of the points that lie outside, told by [`TESTED`] of them.
    fn share_outside(&self, points: impl ExactSizeIterator<Item = [f32; 3]>) -> f32 {
        let apart = points.len().div_ceil(TESTED).max(1);
        let (mut outside, mut tested) = (0u32, 0u32);
        for p in points.step_by(apart) {
            tested += 1;
            outside += u32::from(!self.holds(p));
        }
        outside as f32 / tested.max(1) as f32
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

/// Shares of a standard deviation of the centre along one box axis, found on rendered rooms with known truth (other
/// seeds than those evaluated): what was seen from both ends, what from one, what was settled on a plane.
mod spread {
    /// Both ends seen: floor, share of a point's noise, share of the extent.
    pub const BOTH: [f64; 3] = [0.0026, 0.26, 0.012];
    /// One end seen, length: floor and share of the extent.
    pub const LENGTH_FROM_ONE_END: [f64; 2] = [0.015, 0.008];
    /// One side seen, width, with the top in view: floor and share of the extent.
    pub const WIDTH_SEEN_FROM_ABOVE: [f64; 2] = [0.02, 0.08];
    /// One side seen, width, with the top out of view.
    pub const WIDTH_SUPPOSED: [f64; 2] = [0.02, 0.2];
    /// Against a wall, both ways on the ground.
    pub const ON_WALL: f64 = 0.013;
    /// Height of what stands on a known surface: floor and share.
    pub const HEIGHT_SETTLED: [f64; 2] = [0.0065, 0.004];
    /// Height of what does not.
    pub const HEIGHT_FREE: [f64; 2] = [0.009, 0.013];
    /// Added share for few sightings: `1 + FEW / n`.
    pub const FEW: f64 = 2.0;
    /// Share of the extent, over the number of sightings, that something may have hidden in all of them.
    pub const HIDDEN: f64 = 0.5;
    /// Share of the extent that what was always cut off by the image border may be off.
    pub const CUT_OFF: f64 = 0.1;
}

impl Spread {
    fn of(track: &Track) -> Self {
        if track.said.pinned.is_some() {
            return Self { centre_cov_m2: [0.0; 6], size_sigma_m: [0.0; 3], yaw_sigma_rad: 0.0 };
        }
        let few = 1.0 + spread::FEW / f64::from(track.observations.max(1));
        let sigma = Vector3::from_fn(|k, _| few * track.sigma_along(k));
        let turn: Matrix3<f64> = *track.obb.world_from_box.to_rotation_matrix().matrix();
        let cov = turn * Matrix3::from_diagonal(&sigma.component_mul(&sigma)) * turn.transpose();
        let lever = 0.5 * track.obb.size.x.max(0.02);
        Self {
            centre_cov_m2: [cov[(0, 0)], cov[(0, 1)], cov[(0, 2)], cov[(1, 1)], cov[(1, 2)], cov[(2, 2)]],
            size_sigma_m: [2.0 * sigma.x, 2.0 * sigma.y, 2.0 * sigma.z],
            yaw_sigma_rad: (sigma.y.min(sigma.x) / lever).min(1.0),
        }
    }
}

impl Track {
    /// Standard deviation of the centre along box axis `k`, metres.
    fn sigma_along(&self, k: usize) -> f64 {
        let size = self.obb.size[k];
        let line = |[floor, share]: [f64; 2]| floor + share * size;
        let sigma = match (k, self.rest) {
            (2, Rest::OnSurface) => line(spread::HEIGHT_SETTLED),
            (2, _) => line(spread::HEIGHT_FREE),
            (_, Rest::OnWall) => spread::ON_WALL,
            _ => {
                let noise = sigma_along_m(&self.noise_m2, &self.obb.axes()[k]);
                let [floor, of_noise, of_size] = spread::BOTH;
                let both = Vector3::new(floor, of_noise * noise, of_size * size).norm();
                let one = match (self.unseen_side(&self.obb, k), k, self.top_was_seen()) {
                    (None, ..) => 0.0,
                    (_, 0, _) => line(spread::LENGTH_FROM_ONE_END),
                    (_, _, true) => line(spread::WIDTH_SEEN_FROM_ABOVE),
                    (_, _, false) => line(spread::WIDTH_SUPPOSED),
                };
                let hidden = spread::HIDDEN / f64::from(self.observations.max(1)) * size;
                both.hypot(one).hypot(hidden)
            }
        };
        if self.cut_off { sigma.hypot(spread::CUT_OFF * size) } else { sigma }
    }
}
