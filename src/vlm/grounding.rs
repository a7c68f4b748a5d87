//! Boxes and points in a reply's text: back to the picture, and up to the world.
//!
//! Families write places in their own ways ([`Convention`]), and always of the picture as the model was given it: resized,
//! padded, cropped. [`read`] finds them in the text and takes them back through the inverse of the very map that prepared
//! the picture ([`Fit`]), so that a box on a picture that is not square lies where the model saw it. [`lift`] takes one of
//! them through depth to a box in the world.
//!
//! What comes back is in pixels of the original picture, counted from its edges: pixel u covers u to u + 1. Boxes are cut
//! off where the picture ends. What cannot be meant (corners the wrong way round, three numbers for a box, a place beyond
//! the picture, a tag that is not closed) is told with the line it stands on, and the rest is read on.
//!
//! **Lifting** is what a detector's box would go through ([`crate::lift`]): depth tells the thing in the box from what is
//! behind it, and an upright box is fitted to its points. It ends where the camera saw the thing end: a cupboard seen from
//! the front is as deep as what shows of its sides, and what is hidden is not made up. For a point the pixels are taken
//! that hang together with it in depth, floor and known walls left out, no farther than [`POINT_REACH_M`].
//!
//! Not here: which convention a model has (its folder says), and the boxes that a reply tells of the world by itself
//! ([`crate::vlm::constraint::BoxesText`]).

mod around;
mod planes;
mod readers;

use self::around::around;
use self::planes::Planes;
use self::readers::{Gathered, read_json, read_locs, read_pairs, read_points};
use super::constraint::Box7Dof;
use crate::cogmap::MAX_TEXT_BYTES;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{DepthGrid, DepthNoise, Frame, Intrinsics, MetricZ, Pose, Registrar};
use crate::geom::OrientedBox;
use crate::graph::Rejected;
use crate::lift::{
    Cloud, Detection, FitOptions, FitScratch, LiftScratch, LiftView, Lifted, Source, YawSearch, fit_box,
    lift as lift_detections,
};
use crate::prepare::Fit;
use nalgebra::{Matrix3, Point3, Vector3};

/// The most places of one text.
pub const MAX_FOUND: usize = 4096;

/// Of a thing that is pointed at nothing farther from the point is taken, metres.
pub const POINT_REACH_M: f64 = 1.5;

/// So near a known plane a pixel belongs to it, metres.
const ON_PLANE_M: f64 = 0.025;

/// A thing whose lowest point is so far above a level, and this share of its height more, stands on it, metres.
const STANDS_GAP_M: f64 = 0.05;
const STANDS_SHARE: f64 = 0.1;

/// How a family of models writes places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Convention {
    /// Qwen2-VL: `<|object_ref_start|>a chair<|object_ref_end|><|box_start|>(x1,y1),(x2,y2)<|box_end|>`, thousandths of
    /// the sides. Without the tags, which are special tokens, too; a label is then the words in front.
    ThousandthTags,
    /// Qwen2.5-VL: `[{"bbox_2d":[x1,y1,x2,y2],"label":"chair"}]` or `"point_2d":[x,y]`, in pixels of the network's input;
    /// in a code block or not.
    PixelJson,
    /// Qwen3-VL: the same in thousandths of the sides.
    ThousandthJson,
    /// The same in shares of the sides, 0 to 1, or bare lists `[x1,y1,x2,y2]` and `[x,y]`, as LLaVA writes.
    Shares,
    /// Molmo: `<point x="10.5" y="20.0" alt="chair">chair</point>`, `<points x1=… y1=… x2=…>`, percent of the sides.
    PercentTags,
    /// PaliGemma: `<loc0123><loc0456><loc0789><loc1000> chair`: top, left, bottom, right in 1024ths of the sides; several
    /// with `;` between.
    LocTags,
}

/// Where something is in a picture: pixels counted from its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Region {
    /// Left, top, right, bottom.
    Box([f64; 4]),
    /// x and y.
    Point([f64; 2]),
}

/// Something that a reply says is in the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounded2d {
    /// What the reply calls it; empty if it does not.
    pub label: String,
    /// Where it is in the original picture.
    pub region: Region,
}

/// What was read of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroundedText {
    /// The places, in the order of the text.
    pub found: Vec<Grounded2d>,
    /// The first [`crate::graph::MAX_REJECTED`] that were left out.
    pub rejected: Vec<Rejected>,
    /// How many were left out in all.
    pub rejected_in_all: usize,
}

impl GroundedText {
    /// Lifts place `index` through the depth of a frame whose picture is the one that was placed.
    ///
    /// # Errors
    /// No such place, a camera of another size than the picture's, what [`lift_frame`] refuses.
    pub fn lift(&self, index: usize, placed: &Fit, frame: &Frame<'_>) -> Result<Box7Dof> {
        let beyond = || Error::argument(format!("place {index} of {}: they count from 0", self.found.len()));
        let found = self.found.get(index).ok_or_else(beyond)?;
        let (width, height) = placed.from();
        let camera = &frame.intrinsics;
        if (camera.width as usize, camera.height as usize) != (width, height) {
            return Err(Error::argument(format!(
                "intrinsics are for {}x{} pixels, expected the picture's {width}x{height}",
                camera.width, camera.height
            )));
        }
        lift_frame(found, frame)
    }
}

/// Reads all places of a reply about one picture, which lies in what the model was given as `placed` says.
///
/// Refused is only a text that is too long; what is wrong with single places is told in [`GroundedText::rejected`].
pub fn read(text: &str, convention: Convention, placed: &Fit) -> Result<GroundedText> {
    if text.len() > MAX_TEXT_BYTES {
        let length = text.len();
        return Err(Error::argument(format!("reply has {length} bytes, expected at most {MAX_TEXT_BYTES}")));
    }
    let mut gathered = Gathered::new(text, placed, convention.unit(placed));
    match convention {
        Convention::ThousandthTags => read_pairs(&mut gathered),
        Convention::PixelJson | Convention::ThousandthJson => read_json(&mut gathered, false),
        Convention::Shares => read_json(&mut gathered, true),
        Convention::PercentTags => read_points(&mut gathered),
        Convention::LocTags => read_locs(&mut gathered),
    }
    Ok(gathered.read)
}

/// Lifts what a reply found through the depth of the same picture, which must show the room's planes by itself: see
/// [`lift_in`].
///
/// `depth` has the picture's pixels, `intrinsics` are those of the picture, `world_from_camera` leads to a world with Z
/// up. An error: a size that does not fit, or too little depth where the thing is.
pub fn lift(
    found: &Grounded2d,
    depth: &MetricZ<'_>,
    intrinsics: &Intrinsics,
    world_from_camera: &Pose,
) -> Result<Box7Dof> {
    lift_frame(found, &Frame::of_depth(*depth, *intrinsics, *world_from_camera))
}

/// As [`lift`], through the depth of a frame, which another camera than the picture's may have taken.
pub fn lift_frame(found: &Grounded2d, frame: &Frame<'_>) -> Result<Box7Dof> {
    let mut grid = DepthGrid::default();
    Registrar::default().register(frame, &mut grid)?;
    let world_from_camera = &frame.world_from_camera;
    let noise = DepthNoise::default();
    let planes = Planes::of(&grid, world_from_camera, &noise);
    let view = LiftView {
        grid: &grid,
        world_from_camera,
        noise: &noise,
        level_heights_m: &planes.heights_m,
        floor_m: planes.floor_m,
        walls: &planes.walls,
    };
    lift_in(found, &view)
}

/// Lifts what a reply found to an upright box in the world of `view`, whose known floor, tables and walls tell the thing
/// from what it stands on and hangs at.
pub fn lift_in(found: &Grounded2d, view: &LiftView<'_>) -> Result<Box7Dof> {
    let named = |error: Error| error.within(format!("\"{}\"", found.label));
    let mask;
    let (bbox, mask) = match found.region {
        Region::Box(edges) => (edges.map(|edge| edge as f32), None),
        Region::Point(point) => {
            mask = around(point, view).map_err(named)?;
            let [x, y, width, height] = [mask.x, mask.y, mask.width, mask.height].map(|side| side as f32);
            ([x, y, x + width, y + height], Some(mask.view()?))
        }
    };
    // A label of some kind: what is lifted is called after the reply, not after the detection.
    let detection = Detection { label: "thing", score: 1.0, bbox, mask, feature: None };
    detection.check().map_err(named)?;
    let (mut lifted, mut scratch) = (Lifted::default(), LiftScratch::default());
    lift_detections(view, &[detection], &mut lifted, &mut scratch);
    let obb = lifted.observations.first().and_then(|seen| {
        let points = &lifted.points[seen.first..seen.first + seen.count];
        let sigma_m = view.noise.sigma_m(f64::from(seen.depth_m)) as f32;
        let reach = (0..3).map(|k| seen.high[k] - seen.low[k]).fold(0.0, f32::max);
        let camera_in_world = Point3::from(view.world_from_camera.translation.vector);
        let mut cloud = Cloud::new(camera_in_world + Vector3::from(seen.mean.map(f64::from)), reach, sigma_m);
        let source = Source { frame: 0, keyframe: 0, sigma_m };
        for p in points {
            cloud.insert(std::array::from_fn(|k| p[k] - seen.mean[k]), &source);
        }
        let ray = Vector3::from(seen.mean).try_normalize(1e-6)?;
        let noise_m2: Matrix3<f32> = ray * ray.transpose() * (sigma_m * sigma_m);
        let options = FitOptions { noise_m2, yaw: YawSearch::Everywhere, least_frames: 1 };
        fit_box(&cloud, &options, &mut FitScratch::default())
    });
    match obb {
        Some(fit) => Ok(Box7Dof::of(&found.label, &settled(&fit.obb, view))),
        None => Err(named(Error::new(ErrorKind::State, "there is too little depth where it is seen"))),
    }
}

/// The box with its bottom on the highest known level that is close under it.
fn settled(obb: &OrientedBox, view: &LiftView<'_>) -> OrientedBox {
    let (low, high) = (obb.centre.z - 0.5 * obb.size.z, obb.centre.z + 0.5 * obb.size.z);
    let gap = STANDS_GAP_M + STANDS_SHARE * obb.size.z;
    let levels = view.level_heights_m.iter().copied().chain(view.floor_m);
    let under = levels.filter(|level| (low - gap..low + ON_PLANE_M).contains(level) && high - level > 0.01);
    let Some(bottom) = under.reduce(f64::max) else { return *obb };
    let mut settled = *obb;
    (settled.size.z, settled.centre.z) = (high - bottom, 0.5 * (high + bottom));
    settled
}

impl Convention {
    /// Pixels of the network's input per unit of the text, along x and y.
    fn unit(self, placed: &Fit) -> [f64; 2] {
        let whole = match self {
            Self::PixelJson => return [1.0, 1.0],
            Self::ThousandthTags | Self::ThousandthJson => 1000.0,
            Self::Shares => 1.0,
            Self::PercentTags => 100.0,
            Self::LocTags => 1024.0,
        };
        let (width, height) = placed.network();
        [width as f64 / whole, height as f64 / whole]
    }
}

#[cfg(test)]
mod tests;
