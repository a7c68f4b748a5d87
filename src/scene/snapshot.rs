//! What readers hold: the scene at one moment, immutable, shared, never in the writer's way.

use super::ground::Ground;
use super::index::Index;
use super::keyframes::KeyframeMap;
use super::slots::{MAX_SLOTS, Slots};
use super::words::Words;
use super::{EditRecord, Event, Object, ObjectId, Provenance, Support, SupportKind};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Pose, Up};
use rpds::RedBlackTreeMapSync;
use std::sync::Arc;

/// What is said where metres are asked of a scene that has none.
pub(crate) const SCALE_UNKNOWN: &str = "the scene's scale is unknown: its lengths are no metres until the camera's height, odometry, \
    points of a sensor or a thing of known size tell it";

/// A kept frame: things hang on the poses of these.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keyframe {
    /// Its number, from 0.
    pub id: u32,
    /// When it was taken.
    pub stamp_ns: i64,
    /// Which camera took it.
    pub camera_id: u32,
    /// Its pose in gnomon's world (Z up).
    pub world_from_camera: Pose,
    /// Path walked until it, metres.
    pub path_m: f64,
}

#[derive(Debug, Clone)]
pub(super) struct SnapshotData {
    pub stamp_ns: i64,
    pub frames: u64,
    pub up: Up,
    pub world_from_input: Pose,
    pub world_from_camera: Pose,
    pub path_m: f64,
    pub slot_of: RedBlackTreeMapSync<ObjectId, u32>,
    pub objects: Slots<Arc<Object>>,
    pub index: Index,
    pub words: Words,
    pub ground: Ground,
    pub supports: Arc<[Arc<Support>]>,
    pub keyframes: KeyframeMap,
    pub events: Arc<[Event]>,
    pub edits: Arc<[EditRecord]>,
    pub provenance: Option<Arc<Provenance>>,
    /// False where the unit of length is not known.
    pub is_metric: bool,
}

/// The scene at one moment. Cloning shares; any thread may read.
#[derive(Debug, Clone)]
pub struct Snapshot(pub(super) Arc<SnapshotData>);

impl Snapshot {
    /// Stamp of the newest frame taken in; `i64::MIN` before the first.
    pub fn stamp_ns(&self) -> i64 {
        self.0.stamp_ns
    }

    /// Frames taken in so far.
    pub fn frames(&self) -> u64 {
        self.0.frames
    }

    /// The up axis asked for.
    pub fn up(&self) -> Up {
        self.0.up
    }

    /// Coordinates of the input's world to gnomon's world (Z up).
    pub fn world_from_input(&self) -> Pose {
        self.0.world_from_input
    }

    /// Pose of the camera that took the newest frame, in gnomon's world.
    pub fn world_from_camera(&self) -> Pose {
        self.0.world_from_camera
    }

    /// Whether lengths are metres. False for a scene that was made of depth whose factor nobody told
    /// ([`super::Scene::set_up_to_scale`]): then they are metres times one unknown factor, and what is asked about metres is refused.
    pub fn is_metric(&self) -> bool {
        self.0.is_metric
    }

    /// Fails with [`ErrorKind::Unsupported`] where lengths are no metres.
    pub fn expect_metric(&self) -> Result<()> {
        match self.is_metric() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Unsupported, SCALE_UNKNOWN)),
        }
    }

    /// Length of the path walked so far, metres.
    pub fn path_m(&self) -> f64 {
        self.0.path_m
    }

    /// How many things are believed to be there.
    pub fn len(&self) -> usize {
        self.0.slot_of.size()
    }

    /// True when no thing is believed to be there.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every thing, by ascending id.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.0.slot_of.values().filter_map(|&slot| self.0.objects.get(slot as usize))
    }

    /// One thing.
    pub fn object(&self, id: ObjectId) -> Option<&Arc<Object>> {
        self.0.objects.get(*self.0.slot_of.get(&id)? as usize)
    }

    /// The thing with this name (`chair#2`); of several the one with the smallest id.
    pub fn object_named(&self, name: &str) -> Option<&Arc<Object>> {
        self.named_in_any_case(name).find(|object| &*object.name == name)
    }

    /// The things whose name is this but for upper and lower case, by ascending id.
    pub fn named_in_any_case<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s Arc<Object>> + use<'s> {
        self.0.words.named(&name.to_lowercase()).filter_map(|id| self.object(id))
    }

    /// Every label that some frame gave a thing that is there, ascending, and whether it is the most probable one of any.
    pub fn labels(&self) -> impl Iterator<Item = (&Arc<str>, bool)> {
        self.0.words.labels()
    }

    /// The things that some frame gave this label, or that have it as their most probable one, by ascending id.
    pub fn labelled<'s>(&'s self, label: &str) -> impl Iterator<Item = &'s Arc<Object>> + use<'s> {
        self.0.words.labelled(label).filter_map(|id| self.object(id))
    }

    /// Whether a thing has this name, which is in lower case and no `label#k`: another than gnomon gives.
    pub(crate) fn has_plain_name(&self, name: &str) -> bool {
        self.0.words.has_plain_name(name)
    }

    /// As [`Self::labels`], those of one canonical form.
    pub(crate) fn labels_of_form<'s>(&'s self, form: &str) -> impl Iterator<Item = (&'s Arc<str>, bool)> + use<'s> {
        self.0.words.labels_of_form(form)
    }

    /// The canonical forms of labels of several words that end with this one, ascending.
    pub(crate) fn forms_ending_in<'s>(&'s self, tail: &str) -> impl Iterator<Item = &'s Arc<str>> + use<'s> {
        self.0.words.forms_ending_in(tail)
    }

    /// How many words labels and plain names have at most of which this, canonical, is the first; 0 where there is none.
    pub(crate) fn longest_headed(&self, head: &str) -> usize {
        self.0.words.longest_headed(head)
    }

    /// Things whose box reaches into the upright rectangle on the ground, by ascending id.
    pub fn objects_within(&self, low: [f64; 2], high: [f64; 2]) -> Vec<&Arc<Object>> {
        let mut found = Vec::with_capacity(MANY);
        self.0.index.for_each_candidate(low, high, |slot| found.extend(self.0.objects.get(slot as usize)));
        call_up(&found, |thing| thing.id.0 ^ thing.obb.centre.x.to_bits() ^ thing.last_seen_ns as u64);
        found.retain(|object| object.obb.touches_from_above(low, high));
        found.sort_by_key(|object| object.id);
        found
    }

    /// Things of which all is farther from a place on the ground than `beyond_m` and something is not farther than
    /// `radius_m`, where each is as large as the sphere round it; in no order that means anything.
    pub(crate) fn objects_round(&self, centre: [f64; 2], beyond_m: f64, radius_m: f64) -> Vec<&Arc<Object>> {
        let mut found = Vec::with_capacity(MANY);
        self.0.index.for_each_round(centre, radius_m, |slot| found.extend(self.0.objects.get(slot as usize)));
        call_up(&found, |thing| thing.obb.centre.x.to_bits() ^ Arc::strong_count(thing) as u64);
        found.retain(|object| {
            let [x, y] = [object.obb.centre.x - centre[0], object.obb.centre.y - centre[1]];
            let away_m = (x * x + y * y).sqrt();
            let nearest_m = away_m - object.obb.reach_m();
            nearest_m > beyond_m && nearest_m <= radius_m
        });
        found
    }

    /// What was seen of the ground.
    pub fn ground(&self) -> &Ground {
        &self.0.ground
    }

    /// Floors, walls and table tops, by ascending id.
    pub fn supports(&self) -> &[Arc<Support>] {
        &self.0.supports
    }

    /// Height of the largest floor, metres; `None` before one was seen.
    pub fn floor_height_m(&self) -> Option<f64> {
        let floors = self.supports().iter().filter(|s| s.kind == SupportKind::Floor);
        floors.max_by(|a, b| a.area_m2.total_cmp(&b.area_m2)).map(|s| s.offset_m * s.normal.z.signum())
    }

    /// Kept frames, oldest first; at most [`super::KEYFRAME_RING`] of a scene that is written here.
    pub fn keyframes(&self) -> impl Iterator<Item = &Keyframe> {
        self.0.keyframes.values()
    }

    /// How many keyframes fell out of the ring: older than those of [`Self::keyframes`].
    pub fn keyframes_forgotten(&self) -> u32 {
        self.0.keyframes.first().map_or(0, |(id, _)| *id)
    }

    /// The newest events, oldest first; at most [`super::EVENT_RING`].
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// How many events fell out of the ring: older than those of [`Self::events`].
    pub fn events_forgotten(&self) -> u64 {
        self.events().first().map_or(0, |event| event.sequence)
    }

    /// The newest edits, oldest first; at most [`super::EDIT_RING`].
    pub fn edits(&self) -> &[EditRecord] {
        &self.0.edits
    }

    /// How many edits fell out of the ring; what they said holds all the same.
    pub fn edits_forgotten(&self) -> u64 {
        self.edits().first().map_or(0, |record| record.sequence)
    }

    /// Where the scene comes from; none for one made of known things, or saved by an older gnomon.
    pub fn provenance(&self) -> Option<&Provenance> {
        self.0.provenance.as_deref()
    }
}

/// Room for what a search finds, as a rule.
const MANY: usize = 256;

/// Reads something of each of these things.
///
/// PERF: things lie in far memory, which sends more at a time when nobody waits for what comes.
pub(crate) fn call_up(things: &[&Arc<Object>], of: impl Fn(&Arc<Object>) -> u64) {
    std::hint::black_box(things.iter().fold(0, |sum, thing| sum ^ of(thing)));
}

impl SnapshotData {
    /// Shows a thing in its slot, in place of what was shown there.
    pub fn show(&mut self, slot: u32, object: Object) {
        self.words.list(self.objects.get(slot as usize).map(Arc::as_ref), &object);
        if !self.slot_of.contains_key(&object.id) {
            self.slot_of.insert_mut(object.id, slot);
        }
        self.objects.set(slot as usize, Some(Arc::new(object)));
    }

    /// Shows a thing no more. False when it was not shown.
    pub fn hide(&mut self, id: ObjectId, slot: u32) -> bool {
        if !self.slot_of.remove_mut(&id) {
            return false;
        }
        if let Some(object) = self.objects.get(slot as usize) {
            self.words.remove(object);
        }
        self.objects.set(slot as usize, None);
        true
    }

    pub fn empty(up: Up, world_from_input: Pose) -> Self {
        Self {
            stamp_ns: i64::MIN,
            frames: 0,
            up,
            world_from_input,
            world_from_camera: Pose::identity(),
            path_m: 0.0,
            slot_of: RedBlackTreeMapSync::new_sync(),
            objects: Slots::default(),
            index: Index::default(),
            words: Words::default(),
            ground: Ground::default(),
            supports: Arc::new([]),
            keyframes: KeyframeMap::new_sync(),
            events: Arc::new([]),
            edits: Arc::new([]),
            provenance: None,
            is_metric: true,
        }
    }
}

impl Snapshot {
    /// A scene made of known things: imported boxes, a loaded file, a test. Ids must differ, boxes must be valid.
    pub fn of(objects: Vec<Object>, supports: Vec<Support>, stamp_ns: i64) -> Result<Self> {
        let mut data = SnapshotData::empty(Up::Z, Pose::identity());
        data.stamp_ns = stamp_ns;
        if objects.len() > MAX_SLOTS {
            return Err(Error::argument(format!("{} objects, expected at most {MAX_SLOTS}", objects.len())));
        }
        for (slot, object) in (0u32..).zip(objects) {
            if !object.obb.is_valid() {
                return Err(Error::argument(format!(
                    "box of {} is not finite, positive and rotated by a unit quaternion",
                    object.name
                )));
            }
            data.index.list(slot, &object.obb, None);
            if data.slot_of.contains_key(&object.id) {
                return Err(Error::argument(format!("object id {} comes twice", object.id)));
            }
            data.show(slot, object);
        }
        data.supports = supports.into_iter().map(Arc::new).collect();
        Ok(Self(Arc::new(data)))
    }
}

#[cfg(test)]
impl Snapshot {
    /// The same scene, of lengths that are no metres.
    pub(crate) fn without_scale(&self) -> Self {
        let mut data = (*self.0).clone();
        data.is_metric = false;
        Self(Arc::new(data))
    }

    /// The same scene with this ground, walked path and kept frames.
    pub(crate) fn after_walk(&self, ground: Ground, path_m: f64, keyframes: Vec<Keyframe>) -> Self {
        let mut data = (*self.0).clone();
        (data.ground, data.path_m, data.keyframes) =
            (ground, path_m, keyframes.into_iter().map(|k| (k.id, k)).collect());
        Self(Arc::new(data))
    }
}
