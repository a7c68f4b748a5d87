//! Where things are by how they look from several places: upright boxes from outlines, and depth that follows from them.
//!
//! A depth network knows floors and walls, and is off by a tenth or a third where small things are. Their outlines are sharp,
//! though, and a camera that moves and knows its poses sees each from several places: the upright box whose corners reach as far
//! as the masks do in all of these pictures is where the thing is (localisation from multi-view detections, as Rubino, Crocco
//! and Del Bue do with ellipsoids, "3D Object Localisation from Multi-View Image Detections", 2018, and Nicholson, Milford and
//! Sünderhauf in "QuadricSLAM", 2019; here with upright boxes and eight sides of each mask). [`Silhouettes::refine`] finds out
//! who is who from picture to picture, keeps such a box for each thing, and puts the depth of the box where the mask is, before a
//! map takes the frame in.
//!
//! What is needed: depth that is metres, if only roughly; poses in a world whose z points up, known to a few tenths of a
//! degree; detections of things that do not move. Masks tell more than bare boxes. Of a camera that only turns nothing is
//! learnt, and the network's depth is left as it is.
//!
//! Not here: depth itself (`depth`), and what becomes of it (`lift`, `scene`).

mod fit;
mod outline;
mod thing;

use crate::error::{Error, Result};
use crate::frame::{DepthNoise, Intrinsics, Pose};
use crate::lift::Detection;
use fit::{View, bounds_of};
use outline::{Bounds, Outline, for_runs, pixels};
use thing::{Entry, Thing};

/// The most things that are remembered: those seen last.
const MAX_THINGS: usize = 1024;

/// While a thing's place is not known its depth is withheld, up to this many sightings: a camera that does not move learns no
/// more.
const WITHHELD_SIGHTINGS: u32 = 24;

/// Outlines that overlap less are not the same thing; what that overlap is worth when the labels differ.
const LEAST_OVERLAP: f64 = 0.25;
const OTHER_LABEL: f64 = 0.6;

/// The network's depth may be off by this much, `ln`, from where a thing is known to be.
const MOST_DEPTH_LN: f64 = 0.9;

/// How outlines are taken.
#[derive(Debug, Clone, PartialEq)]
pub struct SilhouetteOptions {
    /// How far an edge of a mask is off, radians, above 0: its pixels, and how far the pose's rotation is off. Default: 0.004.
    pub edge_sigma_rad: f64,
    /// How far the network's depth of a thing is off, as a share, above 0. Default: 0.25.
    pub depth_sigma: f64,
    /// Labels of what moves by itself: left as it is. Default: person.
    pub movable_labels: Vec<String>,
}

impl Default for SilhouetteOptions {
    fn default() -> Self {
        Self { edge_sigma_rad: 0.004, depth_sigma: 0.25, movable_labels: vec!["person".into()] }
    }
}

/// What became of a frame's detections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Refined {
    /// Have the depth of their box now.
    pub placed: u32,
    /// Have no depth: where they are is not known yet.
    pub withheld: u32,
    /// Are as they were: they move by themselves, have no depth, or the camera has learnt nothing in many sightings.
    pub untouched: u32,
}

/// What was seen so far. One a camera's walk; not shared between threads.
#[derive(Debug, Clone)]
pub struct Silhouettes {
    options: SilhouetteOptions,
    things: Vec<Thing>,
    frame: u64,
}

impl Silhouettes {
    /// One that has seen nothing. Fails for deviations that are not above 0.
    pub fn new(options: SilhouetteOptions) -> Result<Self> {
        for (name, sigma) in [("edge_sigma_rad", options.edge_sigma_rad), ("depth_sigma", options.depth_sigma)] {
            if !(sigma > 0.0 && sigma.is_finite()) {
                return Err(Error::argument(format!("{name} is {sigma}, expected above 0")));
            }
        }
        Ok(Self { options, things: Vec::new(), frame: 0 })
    }

    /// How good depth is where outlines place what is detected: of a network whose floors and walls are a hundredth off.
    pub fn depth_noise() -> DepthNoise {
        DepthNoise { base_m: 0.005, per_m2: 0.001, nearest_m: 0.4 }
    }

    /// Takes in a frame's outlines and puts the depth of known boxes where they are: `depth_m` is metres along the optical axis in
    /// the camera's pixels, row-major, 0 or NaN for none. Where the place of a detected thing is not known yet, its depth is
    /// taken away. The pose is of a world whose z points up. Fails for depth of another size than the camera's and for detections
    /// that cannot be.
    pub fn refine(
        &mut self,
        camera: &Intrinsics,
        world_from_camera: &Pose,
        detections: &[Detection<'_>],
        depth_m: &mut [f32],
    ) -> Result<Refined> {
        if depth_m.len() != camera.width as usize * camera.height as usize {
            let (pixels, [w, h]) = (depth_m.len(), [camera.width, camera.height]);
            return Err(Error::argument(format!("{pixels} depths, expected {w} x {h}")));
        }
        camera.check()?;
        detections.iter().try_for_each(Detection::check)?;
        self.frame += 1;
        let things = self.take_in(camera, world_from_camera, detections, depth_m);
        let things: Vec<Option<&Thing>> = things.into_iter().map(|thing| thing.map(|at| &self.things[at])).collect();
        // What is nearer goes over what is farther: bare boxes overlap.
        let camera_from_world = world_from_camera.inverse();
        let far = |at: &usize| things[*at].map_or(f64::INFINITY, |thing| (camera_from_world * thing.obb().centre).z);
        let mut order: Vec<usize> = (0..detections.len()).collect();
        order.sort_by(|a, b| far(b).total_cmp(&far(a)));
        let mut refined = Refined::default();
        for at in order {
            let detection = &detections[at];
            match things[at] {
                Some(thing) if thing.is_known() => {
                    refined.placed += 1;
                    let entry = Entry::of(thing.obb(), world_from_camera);
                    let behind = detection.mask.is_none();
                    lay(detection, camera, depth_m, |u, v, z| {
                        let depth = camera.ray(u, v).and_then(|ray| entry.depth_m(&ray));
                        depth.map_or(if behind { z } else { 0.0 }, |depth| depth as f32)
                    });
                }
                Some(thing) if thing.sightings < WITHHELD_SIGHTINGS => {
                    refined.withheld += 1;
                    lay(detection, camera, depth_m, |_, _, _| 0.0);
                }
                _ => refined.untouched += 1,
            }
        }
        self.forget();
        Ok(refined)
    }

    /// Which thing each detection is, all of them brought up to date.
    fn take_in(
        &mut self,
        camera: &Intrinsics,
        world_from_camera: &Pose,
        detections: &[Detection<'_>],
        depth_m: &[f32],
    ) -> Vec<Option<usize>> {
        let camera_from_world = world_from_camera.inverse();
        let is_movable = |label: &str| self.options.movable_labels.iter().any(|movable| movable == label);
        let outlines: Vec<Option<Outline>> = detections
            .iter()
            .map(|seen| Outline::of(seen, camera, depth_m).filter(|_| !is_movable(seen.label)))
            .collect();
        let mut things = match Bounds::of_picture(camera) {
            Some(picture) => self.who_is_who(&camera_from_world, &picture, detections, &outlines),
            None => return vec![None; detections.len()],
        };
        for ((outline, thing), seen) in outlines.into_iter().zip(&mut things).zip(detections) {
            let Some(outline) = outline else { continue };
            let view = View { camera_from_world, outline };
            match thing {
                Some(at) => self.things[*at].see(view, self.frame, &self.options),
                None => {
                    *thing = Some(self.things.len());
                    self.things.push(Thing::begin(seen.label, view, self.frame));
                }
            }
        }
        things
    }

    /// Each outline's thing: best overlap first.
    fn who_is_who(
        &self,
        camera_from_world: &Pose,
        picture: &Bounds,
        detections: &[Detection<'_>],
        outlines: &[Option<Outline>],
    ) -> Vec<Option<usize>> {
        let mut pairs = Vec::new();
        for (thing, known) in self.things.iter().enumerate() {
            let Some(bounds) = bounds_of(known.obb(), camera_from_world) else { continue };
            let shown = bounds.shared(picture);
            let z = (camera_from_world * known.obb().centre).z;
            for (at, outline) in outlines.iter().enumerate() {
                let Some(outline) = outline else { continue };
                let alike = if *known.label == *detections[at].label { 1.0 } else { OTHER_LABEL };
                let score = alike * shown.iou(&outline.bounds);
                if score > LEAST_OVERLAP && (z / outline.depth_m).ln().abs() < MOST_DEPTH_LN {
                    pairs.push((score, thing, at));
                }
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut things = vec![None; outlines.len()];
        let mut is_taken = vec![false; self.things.len()];
        for (_, thing, at) in pairs {
            if things[at].is_none() && !is_taken[thing] {
                (things[at], is_taken[thing]) = (Some(thing), true);
            }
        }
        things
    }

    fn forget(&mut self) {
        if self.things.len() > MAX_THINGS {
            self.things.sort_by_key(|thing| std::cmp::Reverse(thing.last_frame));
            self.things.truncate(MAX_THINGS * 3 / 4);
        }
    }
}

/// Changes the depth of a detection's pixels.
fn lay(
    detection: &Detection<'_>,
    camera: &Intrinsics,
    depth_m: &mut [f32],
    mut change: impl FnMut(f64, f64, f32) -> f32,
) {
    for_runs(detection, camera, |v, first, end| {
        for u in pixels(detection, v, first, end) {
            let z = &mut depth_m[v as usize * camera.width as usize + u as usize];
            *z = change(f64::from(u), f64::from(v), *z);
        }
    });
}

#[cfg(test)]
mod tests;
