//! One thing, and the pictures that say where it is.

use super::SilhouetteOptions;
use super::fit::{Fit, View, beyond};
use crate::geom::OrientedBox;
use nalgebra::{Isometry3, Point3, Vector3};

/// The most pictures that one thing keeps: those from the most different directions.
const MAX_VIEWS: usize = 16;

/// With no more pictures than this the yaw is searched anew each time; later when their number has doubled.
const FEW_VIEWS: usize = 6;

/// A place is known that is off by less than this share of its distance, after this many sightings.
const KNOWN_SHARE: f64 = 0.04;
const KNOWN_AFTER: u32 = 8;

/// So many outlines in a row that reach beyond its box by this share of their size are those of something that was moved, once
/// it was seen this often: before that boxes grow.
const MOVED_SHARE: f64 = 0.25;
const MOVED_AFTER: usize = 3;
const SETTLED_AFTER: u32 = 24;

/// One thing.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub label: Box<str>,
    pub last_frame: u64,
    pub sightings: u32,
    views: Vec<View>,
    fit: Fit,
    is_known: bool,
    /// The newest views in a row that do not fit: kept, and not believed yet.
    misfits: usize,
}

impl Thing {
    pub fn begin(label: &str, view: View, frame: u64) -> Self {
        let fit = Fit::of_one(&view);
        Self {
            label: label.into(),
            last_frame: frame,
            sightings: 1,
            views: vec![view],
            fit,
            is_known: false,
            misfits: 0,
        }
    }

    /// Its box, as far as it is known.
    pub fn obb(&self) -> &OrientedBox {
        &self.fit.obb
    }

    /// Whether it was seen from places so different that its box is where it says.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes in another picture of it.
    pub fn see(&mut self, view: View, frame: u64, options: &SilhouetteOptions) {
        self.last_frame = frame;
        self.sightings += 1;
        let is_settled = self.is_known && self.sightings > SETTLED_AFTER;
        if is_settled && beyond(self.obb(), &view) > MOVED_SHARE {
            self.misfits += 1;
            self.views.push(view);
            if self.misfits < MOVED_AFTER {
                return;
            }
            self.views.drain(..self.views.len() - self.misfits);
            self.sightings = self.views.len() as u32;
            self.fit = Fit::of_one(&self.views[self.views.len() - 1]);
        } else {
            self.views.truncate(self.views.len() - self.misfits);
            self.views.push(view);
            if self.views.len() > MAX_VIEWS {
                self.forget_one();
            }
        }
        self.misfits = 0;
        let everywhere = self.views.len() <= FEW_VIEWS || self.sightings.is_power_of_two();
        self.fit = self.fit.refined(&self.views, everywhere, options);
        self.is_known = self.sightings >= KNOWN_AFTER && self.is_placed();
    }

    /// Whether the newest camera knows how far it is.
    fn is_placed(&self) -> bool {
        let Some(view) = self.views.last() else { return false };
        let ray = view.camera_from_world.inverse() * Vector3::z();
        let z = (view.camera_from_world * self.fit.obb.centre).z;
        let variance = (ray.transpose() * self.fit.centre_cov_m2 * ray)[0];
        z > 0.0 && variance.max(0.0).sqrt() < KNOWN_SHARE * z
    }

    /// Drops the picture that adds least: taken from nearly where two others were, or cut off.
    fn forget_one(&mut self) {
        let centre = self.fit.obb.centre;
        let from = |view: &View| (view.camera_from_world.inverse() * Point3::origin() - centre).normalize();
        let directions: Vec<Vector3<f64>> = self.views.iter().map(from).collect();
        let worth = |at: usize| {
            let mut nearest = [f64::INFINITY; 2];
            for (_, direction) in directions.iter().enumerate().filter(|(other, _)| *other != at) {
                let apart = (directions[at] - direction).norm();
                if apart < nearest[0] {
                    nearest = [apart, nearest[0]];
                } else {
                    nearest[1] = nearest[1].min(apart);
                }
            }
            (nearest[0] + nearest[1]) * (0.2 + self.views[at].outline.told() as f64)
        };
        if let Some(least) = (0..self.views.len()).min_by(|a, b| worth(*a).total_cmp(&worth(*b))) {
            self.views.remove(least);
        }
    }
}

/// A box, as rays of one camera meet it.
pub(super) struct Entry {
    box_from_camera: Isometry3<f64>,
    half: Vector3<f64>,
}

impl Entry {
    pub fn of(obb: &OrientedBox, world_from_camera: &Isometry3<f64>) -> Self {
        Self { box_from_camera: obb.pose().inverse() * world_from_camera, half: 0.5 * obb.size }
    }

    /// The depth along the camera's z at which a ray (z = 1) enters the box; `None` for one that misses it, or begins inside.
    pub fn depth_m(&self, ray: &Vector3<f64>) -> Option<f64> {
        let (origin, ray) = (self.box_from_camera.translation.vector, self.box_from_camera * ray);
        let (mut enter, mut leave) = (f64::NEG_INFINITY, f64::INFINITY);
        for k in 0..3 {
            let (a, b) = ((-self.half[k] - origin[k]) / ray[k], (self.half[k] - origin[k]) / ray[k]);
            // A ray along a face divides by zero: the comparisons leave what is no number out.
            enter = enter.max(a.min(b));
            leave = leave.min(a.max(b));
        }
        (enter <= leave && enter > 0.0).then_some(enter)
    }
}
