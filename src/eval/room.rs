//! The table of rendered rooms: recall, duplicates, ghosts, centre, overlap, yaw, labels, and whether sigma is honest.
//!
//! It is measured with the depth that was rendered, clean and noisy; or from colour alone, where a network's depth takes
//! the place of both, with things placed by their outlines, and the poses and detections stay as they are.

use super::matching::{Matches, match_boxes};
use super::seeds::Seeds;
use super::yaw::yaw_error_deg;
use crate::depth::{DepthNet, Stance};
use crate::error::Result;
use crate::frame::{DepthNoise, Frame, ImageView, Intrinsics, MaskView, MetricZ, PixelFormat};
use crate::geom::{OrientedBox, gap};
use crate::lift::Detection;
use crate::room::{
    COUNTED_FRAMES, COUNTED_PX, Room, RoomCamera, RoomDetection, RoomFrame, RoomOptions, RoomSequence, TruthObject,
    degrade,
};
use crate::runtime::Control;
use crate::scene::{FrameReport, Object, ObjectSource, PoseNoise, Scene, SceneOptions, Snapshot};
use crate::score::{DepthScore, DepthTally};
use crate::silhouette::{SilhouetteOptions, Silhouettes};
use nalgebra::{Matrix3, Point3, Vector3};
use std::sync::Arc;

/// Squared Mahalanobis distance that 90 % of a three-dimensional normal distribution lies within.
const CHI2_90_OF_3: f64 = 6.251_388_6;

/// Longest side up to which a thing is small, metres.
const SMALL_M: f64 = 0.30;

/// Shortest side up to which a thing is thin, metres.
const THIN_M: f64 = 0.05;

/// What geometry alone must find has a side longer than this, metres, and so much air around it, metres.
const FREE_LEAST_M: f64 = 0.20;
const FREE_GAP_M: f64 = 0.10;

/// Fewer sightings than this are few.
const FEW_SIGHTINGS: u32 = 10;

/// What to evaluate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoomEvalOptions {
    /// First seed.
    pub first_seed: u64,
    /// How many rooms.
    pub seeds: u64,
    /// Frames of each walk.
    pub frames: usize,
    /// Threads to use.
    pub threads: usize,
}

/// Counts and errors gathered over rooms, of one class of things.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    truths: usize,
    tracks: usize,
    duplicates: usize,
    ghosts: usize,
    centre_m: Vec<f64>,
    iou: Vec<f64>,
    yaw_deg: Vec<f64>,
    labels_right: usize,
    inside_90: usize,
    radius_m: Vec<f64>,
    named: Vec<String>,
}

/// Clean and noisy tallies of all things, and of the small and the thin.
#[derive(Debug, Clone, Default)]
pub struct RoomTable {
    /// Without noise: all, small, thin.
    pub clean: [Tally; 3],
    /// With noise: all, small, thin.
    pub noisy: [Tally; 3],
    /// With noise: small with few sightings, small with more, large with few, large with more.
    pub honesty: [Tally; 4],
    /// From detections without masks, with noise: their 2D boxes alone.
    pub boxes_only: Tally,
    /// From geometry alone, without and with noise: recall of what stands free and is over 20 cm; ghosts and
    /// duplicates among all tracks.
    pub without_detections: [Tally; 2],
    /// From colour alone: the network's depth by the noisy poses against that of the rendered surfaces, each frame counting
    /// once.
    pub depth: DepthTally,
}

impl RoomTable {
    /// Every row with its name, in order.
    pub fn rows(&self) -> Vec<(&'static str, &Tally)> {
        let names = [
            "clean",
            "clean, small",
            "clean, thin",
            "noisy",
            "noisy, small",
            "noisy, thin",
            "sigma: small, few seen",
            "sigma: small, more",
            "sigma: large, few seen",
            "sigma: large, more",
            "boxes only, noisy",
            "without detections",
            "without detections, noisy",
        ];
        let with_masks = self.clean.iter().chain(&self.noisy).chain(&self.honesty);
        let tallies = with_masks.chain([&self.boxes_only]).chain(&self.without_detections);
        names.into_iter().zip(tallies).collect()
    }

    /// The table as JSON: "clean" and "noisy" with rows of their own for small and thin things; from colour alone also
    /// "absrel" and "delta1".
    pub fn to_json(&self) -> serde_json::Value {
        let rows = self
            .rows()
            .into_iter()
            .map(|(name, tally)| (name.replace(", ", "_").replace([':', ' '], "_"), tally.to_json()));
        let mut document: serde_json::Map<String, serde_json::Value> = rows.collect();
        if let Some(depth) = self.depth.mean() {
            document.insert("absrel".into(), depth.abs_rel.into());
            document.insert("delta1".into(), depth.delta1.into());
        }
        serde_json::Value::Object(document)
    }
}

impl Tally {
    fn take(&mut self, truth: &TruthObject, found: Option<(&Object, f64)>) {
        self.truths += 1;
        let Some((object, iou)) = found else {
            self.named.push(format!("missed {} at {:.2?} size {:.2?}", truth.label, truth.centre, truth.size));
            return;
        };
        let off = object.obb.centre - Point3::from(truth.centre);
        self.centre_m.push(off.norm());
        self.iou.push(iou);
        self.labels_right += usize::from(*object.label == *truth.label);
        if !truth.round {
            self.yaw_deg.push(yaw_error_deg(&truth_box(truth), &object.obb));
        }
        let [xx, xy, xz, yy, yz, zz] = object.centre_cov_m2;
        let cov = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz);
        if let Some(inverse) = cov.try_inverse() {
            self.inside_90 += usize::from(off.dot(&(inverse * off)) <= CHI2_90_OF_3);
        }
        self.radius_m.push((CHI2_90_OF_3 * cov.determinant().max(0.0).cbrt()).sqrt());
    }

    fn add(&mut self, other: Tally) {
        self.truths += other.truths;
        self.tracks += other.tracks;
        self.duplicates += other.duplicates;
        self.ghosts += other.ghosts;
        self.centre_m.extend(other.centre_m);
        self.iou.extend(other.iou);
        self.yaw_deg.extend(other.yaw_deg);
        self.labels_right += other.labels_right;
        self.inside_90 += other.inside_90;
        self.radius_m.extend(other.radius_m);
        self.named.extend(other.named);
    }

    /// Truths that count.
    pub fn n(&self) -> usize {
        self.truths
    }

    /// Share of truths found.
    pub fn recall(&self) -> f64 {
        share(self.iou.len(), self.truths)
    }

    /// Share of tracks that are further tracks of a found thing.
    pub fn duplicates(&self) -> f64 {
        share(self.duplicates, self.tracks)
    }

    /// Share of tracks that are nothing.
    pub fn ghosts(&self) -> f64 {
        share(self.ghosts, self.tracks)
    }

    /// Median distance of centres, metres.
    pub fn centre_m_p50(&self) -> f64 {
        median(&self.centre_m)
    }

    /// Median intersection over union.
    pub fn iou_p50(&self) -> f64 {
        median(&self.iou)
    }

    /// Median yaw error, degrees.
    pub fn yaw_deg_p50(&self) -> f64 {
        median(&self.yaw_deg)
    }

    /// Share of found things with the right label.
    pub fn label_accuracy(&self) -> f64 {
        share(self.labels_right, self.iou.len())
    }

    /// Share of true centres inside the 90 % ellipsoid.
    pub fn sigma90(&self) -> f64 {
        share(self.inside_90, self.iou.len())
    }

    /// Median radius of the 90 % ellipsoid (that of the sphere of the same volume), metres.
    pub fn radius_m_p50(&self) -> f64 {
        median(&self.radius_m)
    }

    /// What was missed, duplicated or imagined, in words.
    pub fn mistakes(&self) -> &[String] {
        &self.named
    }

    /// The figures as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "n": self.n(), "recall": self.recall(), "duplicates": self.duplicates(), "ghosts": self.ghosts(),
            "center_m_p50": self.centre_m_p50(), "iou_p50": self.iou_p50(), "yaw_deg_p50": self.yaw_deg_p50(),
            "label_acc": self.label_accuracy(), "sigma90": self.sigma90(), "radius_m_p50": self.radius_m_p50(),
        })
    }
}

pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn median(values: &[f64]) -> f64 {
    super::scene::median(values.iter().copied()).unwrap_or(f64::NAN)
}

/// Gives one frame of a rendered room to a scene; to one that takes none, without its detections.
pub fn integrate_room_frame(scene: &mut Scene, frame: &RoomFrame, with_masks: bool) -> Result<FrameReport> {
    let wants_detections = scene.options().source == ObjectSource::Detections;
    let detections = if wants_detections { detections_of(frame, with_masks)? } else { Vec::new() };
    scene.integrate(&frame_of(frame)?, &detections)
}

fn detections_of(frame: &RoomFrame, with_masks: bool) -> Result<Vec<Detection<'_>>> {
    let one = |d| {
        let RoomDetection { label, score, bbox, mask, mask_x, mask_y, mask_w, mask_h, .. }: &RoomDetection = d;
        let mask = with_masks.then(|| MaskView::new(mask, *mask_x, *mask_y, *mask_w, *mask_h, 0)).transpose()?;
        Ok(Detection { label, score: *score, bbox: *bbox, mask, feature: None })
    };
    frame.detections.iter().map(one).collect()
}

/// A rendered frame as the map takes it, without colour. Fails for a camera that cannot be.
pub fn frame_of(frame: &RoomFrame) -> Result<Frame<'_>> {
    Ok(Frame {
        stamp_ns: frame.stamp_ns,
        ..Frame::of_depth(
            MetricZ::from_metres(&frame.depth_m, frame.camera.width, frame.camera.height)?,
            intrinsics_of(&frame.camera)?,
            frame.world_from_camera,
        )
    })
}

/// The camera that renders a room. Fails for one that cannot be.
pub fn intrinsics_of(camera: &RoomCamera) -> Result<Intrinsics> {
    Intrinsics::pinhole(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)
}

/// The box of a truth.
pub(super) fn truth_box(truth: &TruthObject) -> OrientedBox {
    OrientedBox::upright(Point3::from(truth.centre), Vector3::from(truth.size), truth.yaw)
}

/// What a scene is told of frames without noise.
pub(super) fn clean_options() -> SceneOptions {
    SceneOptions {
        depth_noise: DepthNoise { base_m: 0.0005, per_m2: 0.0, nearest_m: 0.0 },
        pose_noise: PoseNoise { translation_m: 0.0005, rotation_rad: 0.0, ..PoseNoise::default() },
        ..SceneOptions::default()
    }
}

fn is_small(truth: &TruthObject) -> bool {
    truth.size.iter().all(|&s| s <= SMALL_M)
}

fn is_thin(truth: &TruthObject) -> bool {
    truth.size.iter().any(|&s| s <= THIN_M)
}

/// Walks through every room once, taking the frames clean and noisy.
pub fn eval_rooms(options: &RoomEvalOptions) -> Result<RoomTable> {
    eval_seen(options, None)
}

/// As [`eval_rooms`], from colour alone: `net` gives the depth of every frame. Fails for a network that gives no metres, and
/// as it does.
pub fn eval_rooms_in_colour(options: &RoomEvalOptions, net: &DepthNet) -> Result<RoomTable> {
    net.expect_metric()?;
    eval_seen(options, Some(net))
}

fn eval_seen(options: &RoomEvalOptions, net: Option<&DepthNet>) -> Result<RoomTable> {
    let seeds = Seeds { first: options.first_seed, count: options.seeds, threads: options.threads };
    let tables = seeds.measure(|seed| eval_room(seed, options.frames, net))?;
    let mut total = RoomTable::default();
    for table in tables {
        let RoomTable { clean, noisy, honesty, boxes_only, without_detections, depth } = table;
        total.depth.merge(&depth);
        total.boxes_only.add(boxes_only);
        let into = total.clean.iter_mut().chain(&mut total.noisy).chain(&mut total.honesty);
        let into = into.chain(&mut total.without_detections);
        let from = clean.into_iter().chain(noisy).chain(honesty).chain(without_detections);
        into.zip(from).for_each(|(all, one)| all.add(one));
    }
    Ok(total)
}

/// What takes the place of rendered depth.
struct FromColour<'a> {
    net: &'a DepthNet,
    clean: Silhouettes,
    noisy: Silhouettes,
    boxes_only: Silhouettes,
}

/// How far the edges of exact masks are off where poses are exact, radians: a pixel.
const EXACT_EDGES_RAD: f64 = 0.002;

impl<'a> FromColour<'a> {
    fn new(net: &'a DepthNet) -> Result<Self> {
        let exact = SilhouetteOptions { edge_sigma_rad: EXACT_EDGES_RAD, ..SilhouetteOptions::default() };
        let noisy = || Silhouettes::new(SilhouetteOptions::default());
        Ok(Self { net, clean: Silhouettes::new(exact)?, noisy: noisy()?, boxes_only: noisy()? })
    }
}

/// Puts the depth of things by their outlines over that of the network.
fn refine(frame: &mut RoomFrame, silhouettes: &mut Silhouettes, with_masks: bool) -> Result<()> {
    let (camera, pose) = (intrinsics_of(&frame.camera)?, frame.world_from_camera);
    let mut depth_m = std::mem::take(&mut frame.depth_m);
    silhouettes.refine(&camera, &pose, &detections_of(frame, with_masks)?, &mut depth_m)?;
    frame.depth_m = depth_m;
    Ok(())
}

fn eval_room(seed: u64, frames: usize, net: Option<&DepthNet>) -> Result<RoomTable> {
    let room = Room::generate(seed);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, frames, ..RoomOptions::default() });
    let mut colour = net.map(FromColour::new).transpose()?;
    let scene = |options: SceneOptions, source: ObjectSource| {
        let depth_noise = net.map_or(Some(options.depth_noise), |net| match source {
            ObjectSource::Geometry => net.depth_noise(),
            ObjectSource::Detections => Some(Silhouettes::depth_noise()),
        });
        Scene::new(SceneOptions { depth_noise: depth_noise.unwrap_or(options.depth_noise), source, ..options })
    };
    let mut clean = scene(clean_options(), ObjectSource::Detections)?;
    let mut noisy = scene(SceneOptions::default(), ObjectSource::Detections)?;
    let mut boxes_only = scene(SceneOptions::default(), ObjectSource::Detections)?;
    let mut geometry =
        [scene(clean_options(), ObjectSource::Geometry)?, scene(SceneOptions::default(), ObjectSource::Geometry)?];
    let mut depth = DepthTally::default();
    let truths = room.truth();
    let mut frames_seen = vec![0u32; truths.len()];
    for index in 0..walk.len() {
        let mut frame = walk.render(index);
        for (count, &px) in frames_seen.iter_mut().zip(&frame.visible_px) {
            *count += u32::from(px >= COUNTED_PX);
        }
        let mut degraded = degrade(&frame, seed, index);
        if let Some(colour) = &colour {
            let seen = metres_of(colour.net, &degraded)?;
            DepthScore::of(&seen, &frame.depth_m)?.iter().for_each(|score| depth.add(score));
            degraded.depth_m = seen;
            frame.depth_m = metres_of(colour.net, &frame)?;
        }
        integrate_room_frame(&mut geometry[0], &frame, true)?;
        integrate_room_frame(&mut geometry[1], &degraded, true)?;
        let plain = colour.as_ref().map(|_| degraded.depth_m.clone());
        if let Some(colour) = &mut colour {
            refine(&mut frame, &mut colour.clean, true)?;
            refine(&mut degraded, &mut colour.noisy, true)?;
        }
        integrate_room_frame(&mut clean, &frame, true)?;
        integrate_room_frame(&mut noisy, &degraded, true)?;
        if let Some((colour, plain)) = colour.as_mut().zip(plain) {
            degraded.depth_m = plain;
            refine(&mut degraded, &mut colour.boxes_only, false)?;
        }
        integrate_room_frame(&mut boxes_only, &degraded, false)?;
    }
    let counted: Vec<bool> = frames_seen.iter().map(|&n| n >= COUNTED_FRAMES).collect();
    let mut table = RoomTable { depth, ..RoomTable::default() };
    tally(&truths, &counted, &clean.publish(), &mut table.clean, None);
    tally(&truths, &counted, &noisy.publish(), &mut table.noisy, Some(&mut table.honesty));
    let mut of_boxes = <[Tally; 3]>::default();
    tally(&truths, &counted, &boxes_only.publish(), &mut of_boxes, None);
    [table.boxes_only, ..] = of_boxes;
    for (scene, tally) in geometry.iter_mut().zip(&mut table.without_detections) {
        tally_geometry(&truths, &counted, &scene.publish(), tally);
    }
    let with_masks = table.clean.iter_mut().chain(&mut table.noisy);
    for tally in with_masks.chain([&mut table.boxes_only]).chain(&mut table.without_detections) {
        tally.named.iter_mut().for_each(|mistake| *mistake = format!("seed {seed}: {mistake}"));
    }
    Ok(table)
}

/// Depth of a frame's picture by a network that is told the pose, metres, 0 where there is none: rooms have their floor at
/// z = 0.
pub fn metres_of(net: &DepthNet, frame: &RoomFrame) -> Result<Vec<f32>> {
    let camera = intrinsics_of(&frame.camera)?;
    let picture = ImageView::new(&frame.rgb, camera.width, camera.height, 0, PixelFormat::Rgb8)?;
    let stance = Stance::of(&frame.world_from_camera, 0.0)?;
    let estimate = net.estimate_standing(&picture, Some(&camera), Some(&stance), &Control::default())?;
    Ok(estimate.metric()?.map().values().to_vec())
}

fn tally(
    truths: &[TruthObject],
    counted: &[bool],
    snapshot: &Snapshot,
    classes: &mut [Tally; 3],
    honesty: Option<&mut [Tally; 4]>,
) {
    let objects: Vec<&Arc<Object>> = snapshot.objects().collect();
    let boxes: Vec<OrientedBox> = truths.iter().map(truth_box).collect();
    let estimates: Vec<OrientedBox> = objects.iter().map(|o| o.obb).collect();
    let matches = match_boxes(&boxes, &estimates);
    let found =
        |truth: usize| matches.pairs.iter().find(|p| p.truth == truth).map(|p| (objects[p.estimate].as_ref(), p.iou));
    for (at, truth) in truths.iter().enumerate().filter(|(at, _)| counted[*at]) {
        let member = [true, is_small(truth), is_thin(truth)];
        classes.iter_mut().zip(member).filter(|(_, m)| *m).for_each(|(class, _)| class.take(truth, found(at)));
    }
    count_tracks(&matches, &objects, &mut classes[0]);
    if let Some(honesty) = honesty {
        for pair in matches.pairs.iter().filter(|p| counted[p.truth]) {
            let (truth, object) = (&truths[pair.truth], objects[pair.estimate]);
            let class = 2 * usize::from(!is_small(truth)) + usize::from(object.observations >= FEW_SIGHTINGS);
            honesty[class].take(truth, Some((object, pair.iou)));
        }
    }
}

/// Of things found by geometry alone: recall of what stands free and is over 20 cm, and what all tracks are.
fn tally_geometry(truths: &[TruthObject], counted: &[bool], snapshot: &Snapshot, into: &mut Tally) {
    let objects: Vec<&Arc<Object>> = snapshot.objects().collect();
    let boxes: Vec<OrientedBox> = truths.iter().map(truth_box).collect();
    let estimates: Vec<OrientedBox> = objects.iter().map(|o| o.obb).collect();
    let matches = match_boxes(&boxes, &estimates);
    for (at, truth) in truths.iter().enumerate().filter(|(at, _)| counted[*at] && is_free_standing(truths, *at)) {
        let pair = matches.pairs.iter().find(|p| p.truth == at);
        into.take(truth, pair.map(|p| (objects[p.estimate].as_ref(), p.iou)));
    }
    count_tracks(&matches, &objects, into);
}

/// Over 20 cm, not on a wall, with 10 cm between it and everything but what it stands on and what stands on it.
fn is_free_standing(truths: &[TruthObject], at: usize) -> bool {
    let truth = &truths[at];
    let is_alone = || {
        truths.iter().enumerate().all(|(other, t)| {
            let are_stacked = truth.standing_on == Some(other) || t.standing_on == Some(at);
            other == at || !t.present || are_stacked || gap(&truth_box(truth), &truth_box(t)).distance_m >= FREE_GAP_M
        })
    };
    truth.present && !truth.on_wall && truth.size.iter().any(|&s| s > FREE_LEAST_M) && is_alone()
}

fn count_tracks(matches: &Matches, objects: &[&Arc<Object>], all: &mut Tally) {
    all.tracks += objects.len();
    all.duplicates += matches.duplicates.len();
    all.ghosts += matches.ghosts.len();
    let describe = |what: &str, at: usize| {
        let o = objects[at];
        format!(
            "{what} {} at {:.2?} size {:.2?} seen {}",
            o.name,
            o.obb.centre.coords.as_slice(),
            o.obb.size.as_slice(),
            o.observations
        )
    };
    all.named.extend(matches.duplicates.iter().map(|&at| describe("duplicate", at)));
    all.named.extend(matches.misfits.iter().map(|&at| describe("misfit", at)));
    all.named.extend(matches.ghosts.iter().map(|&at| describe("ghost", at)));
}
