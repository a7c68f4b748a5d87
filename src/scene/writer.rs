//! The one writer: what happens to a frame, in order.

use super::assign::{AssignScratch, Candidate, assign};
use super::associate::{Seen, score};
use super::ground::GroundWriter;
use super::keyframes::Keyframes;
use super::labels::{LabelId, Labels};
use super::proposed::Proposed;
use super::provenance::check_origin;
use super::reader::SnapshotReader;
use super::relocate::Missing;
use super::sight::{Eye, InView, Sample};
use super::snapshot::SnapshotData;
use super::store::Store;
use super::supports::Supports;
use super::track::{Sighting, Standing, Track};
use super::{EditRecord, Event, EventKind, FrameReport, ObjectSource, Provenance, SceneOptions, Snapshot, StageTimes};
use crate::error::{Error, Result};
use crate::frame::{Clock, DepthGrid, Frame, Intrinsics, Pose, Registrar};
use crate::lift::{Detection, FitScratch, LiftScratch, LiftView, Lifted, MAX_DETECTIONS, lift, rotation_rows};
use crate::perceive::Blocks;
use nalgebra::{Point3, Vector3};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// The map of things, written by one thread. Readers hold [`Snapshot`]s.
pub struct Scene {
    pub(super) options: SceneOptions,
    pub(super) clock: Clock,
    pub(super) labels: Labels,
    pub(super) store: Store,
    pub(super) keyframes: Keyframes,
    pub(super) supports: Supports,
    pub(super) ground: GroundWriter,
    pub(super) missing: Vec<Missing>,
    /// Slots of things lately begun, believed or not.
    pub(super) young: Vec<u32>,
    pub(super) events: VecDeque<Event>,
    pub(super) next_event: u64,
    pub(super) news: bool,
    pub(super) edits: VecDeque<EditRecord>,
    pub(super) next_edit: u64,
    pub(super) edited: bool,
    pub(super) state: SnapshotData,
    pub(super) report: FrameReport,
    pub(super) scratch: Scratch,
    changed: Vec<u32>,
    pub(super) times: StageTimes,
    pub(super) knows_up: bool,
    published: SnapshotReader,
}

/// Buffers that a frame fills and the next one fills again.
#[derive(Default)]
pub(super) struct Scratch {
    registrar: Registrar,
    pub grid: DepthGrid,
    pub blocks: Blocks,
    lift: LiftScratch,
    pub lifted: Lifted,
    pub labels: Vec<LabelId>,
    pub proposed: Proposed,
    in_reach: Vec<u32>,
    pub views: Vec<InView>,
    pub samples: Vec<Sample>,
    candidates: Vec<Candidate>,
    assigned: Vec<Option<usize>>,
    assign: AssignScratch,
    pub fit: FitScratch,
    /// Slots of things seen in this frame.
    pub seen: Vec<u32>,
}

/// One frame after its checks: where the camera stood and what hangs on it.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub frame: u32,
    pub keyframe: u32,
    pub stamp_ns: i64,
    pub path_m: f64,
    pub intrinsics: Intrinsics,
    pub world_from_camera: Pose,
}

impl Moment {
    pub fn camera_in_world(&self) -> Point3<f64> {
        Point3::from(self.world_from_camera.translation.vector)
    }
}

impl Scene {
    /// An empty scene.
    pub fn new(options: SceneOptions) -> Result<Self> {
        options.check()?;
        let rotation = options.up.rotation()?;
        let knows_up = rotation.is_some();
        let rotation = rotation.unwrap_or_default();
        let mut state = SnapshotData::empty(options.up, Pose::from_parts(Default::default(), rotation));
        state.provenance = Some(Arc::default());
        Ok(Self {
            labels: Labels::new(&options.movable_labels),
            supports: Supports::new(options.source == ObjectSource::Geometry),
            options,
            clock: Clock::default(),
            store: Store::default(),
            keyframes: Keyframes::default(),
            ground: GroundWriter::default(),
            missing: Vec::new(),
            young: Vec::new(),
            events: VecDeque::with_capacity(super::EVENT_RING),
            next_event: 0,
            news: false,
            edits: VecDeque::new(),
            next_edit: 0,
            edited: false,
            report: FrameReport::default(),
            scratch: Scratch::default(),
            changed: Vec::new(),
            times: StageTimes::default(),
            knows_up,
            published: SnapshotReader::new(Snapshot(Arc::new(state.clone()))),
            state,
        })
    }

    /// Names what goes into the scene, for whoever reads it later: sequences, cameras, detectors. Kept in the order given
    /// and in place of what was named before; shown with the next publication.
    ///
    /// # Errors
    /// More than [`super::MAX_INPUTS`], or a word that is empty or longer than [`super::MAX_ORIGIN_BYTES`].
    pub fn set_inputs(&mut self, inputs: &[&str]) -> Result<()> {
        inputs.iter().try_for_each(|input| check_origin("an input", input))?;
        let named = Provenance { inputs: inputs.iter().map(|&input| input.into()).collect(), ..self.provenance() };
        named.check()?;
        self.state.provenance = Some(Arc::new(named));
        Ok(())
    }

    /// Says that the metres of frames and poses are metres times one factor that nobody knows: shown with the next publication, saved
    /// with the scene, and answers about metres are refused ([`Snapshot::is_metric`]). Thresholds stay as they are, so that lengths
    /// should be about as large as metres.
    ///
    /// # Errors
    /// `State` after the first frame: nothing that was metric ceases to be.
    pub fn set_up_to_scale(&mut self) -> Result<()> {
        if self.has_met_frames() {
            return Err(Error::state("that the scale is unknown is said before the first frame"));
        }
        self.state.is_metric = false;
        Ok(())
    }

    /// Whether lengths are metres.
    pub(crate) fn is_metric(&self) -> bool {
        self.state.is_metric
    }

    fn provenance(&self) -> Provenance {
        self.state.provenance.as_deref().cloned().unwrap_or_default()
    }

    /// Takes in one frame and what a detector found in it. On an error the scene is as it was.
    pub fn integrate(&mut self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport> {
        let started = Instant::now();
        self.check(frame, detections)?;
        self.scratch.registrar.register(frame, &mut self.scratch.grid)?;
        self.intern_labels(detections)?;
        if !self.knows_up && !self.find_up(frame) {
            let (register, publish) = (started.elapsed(), self.times.publish);
            self.times = StageTimes { register, publish, ..StageTimes::default() };
            return Ok(self.set_aside(frame));
        }
        let moment = self.begin_frame(frame);
        self.times.register = started.elapsed();

        self.timed(|times| &mut times.perceive, |scene| scene.perceive(&moment));
        match self.options.source {
            ObjectSource::Detections => self.take_in(&moment, detections),
            ObjectSource::Geometry => {
                self.clear_off_planes();
                self.take_in_proposals(&moment);
            }
        }
        Ok(self.report)
    }

    /// Lifts the detections and lets them change the map.
    pub(super) fn take_in(&mut self, moment: &Moment, detections: &[Detection<'_>]) {
        self.report.detections = detections.len() as u32;
        self.timed(|times| &mut times.lift, |scene| scene.lift(moment, detections));
        self.timed(
            |times| &mut times.associate,
            |scene| {
                scene.look(moment);
                if scene.options.source == ObjectSource::Geometry {
                    scene.give_up_heaps();
                }
                scene.associate(moment, detections);
            },
        );
        self.timed(|times| &mut times.fuse, |scene| scene.fuse(moment, detections));
        self.timed(
            |times| &mut times.doubt,
            |scene| {
                scene.doubt(moment);
                scene.merge(moment);
                scene.mature(moment);
                scene.relocate(moment);
            },
        );
    }

    fn timed(&mut self, stage: impl Fn(&mut StageTimes) -> &mut std::time::Duration, work: impl FnOnce(&mut Self)) {
        let started = Instant::now();
        work(self);
        *stage(&mut self.times) = started.elapsed();
    }

    fn check(&self, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<()> {
        if detections.len() > MAX_DETECTIONS {
            return Err(Error::argument(format!("{} detections, expected at most {MAX_DETECTIONS}", detections.len())));
        }
        if self.options.source == ObjectSource::Geometry && !detections.is_empty() {
            return Err(Error::argument(format!(
                "{} detections given to a scene whose things come from geometry alone, expected none",
                detections.len()
            )));
        }
        detections.iter().try_for_each(Detection::check)?;
        self.clock.check(frame.camera_id, frame.stamp_ns)
    }

    fn intern_labels(&mut self, detections: &[Detection<'_>]) -> Result<()> {
        self.scratch.labels.clear();
        for detection in detections {
            self.scratch.labels.push(self.labels.id(detection.label)?);
        }
        Ok(())
    }

    /// A frame that was looked at while up is not known: only the clock goes on.
    fn set_aside(&mut self, frame: &Frame<'_>) -> FrameReport {
        self.clock.advance(frame.camera_id, frame.stamp_ns);
        self.report = FrameReport {
            frame: self.state.frames,
            depth_pixels: self.scratch.grid.z.iter().filter(|z| **z > 0.0).count() as u32,
            ..FrameReport::default()
        };
        self.report
    }

    fn begin_frame(&mut self, frame: &Frame<'_>) -> Moment {
        self.clock.advance(frame.camera_id, frame.stamp_ns);
        let world_from_camera = self.state.world_from_input * frame.world_from_camera;
        let (keyframe, is_new) =
            self.keyframes.note(frame.camera_id, frame.stamp_ns, &world_from_camera, &self.options);
        let number = self.state.frames;
        if number == 0 {
            let first_stamp_ns = Some(frame.stamp_ns);
            self.state.provenance = Some(Arc::new(Provenance { first_stamp_ns, ..self.provenance() }));
        }
        self.state.frames += 1;
        self.state.stamp_ns = self.clock.newest_ns().unwrap_or(frame.stamp_ns);
        self.state.world_from_camera = world_from_camera;
        self.state.path_m = self.keyframes.path_m();
        self.report = FrameReport {
            frame: number,
            up_known: true,
            depth_pixels: self.scratch.grid.z.iter().filter(|z| **z > 0.0).count() as u32,
            keyframe: is_new.then_some(keyframe),
            ..FrameReport::default()
        };
        Moment {
            frame: number as u32,
            keyframe,
            stamp_ns: frame.stamp_ns,
            path_m: self.keyframes.path_m(),
            intrinsics: frame.intrinsics,
            world_from_camera,
        }
    }

    /// Planes, and what was seen of the ground.
    fn perceive(&mut self, moment: &Moment) {
        let Scratch { grid, blocks, .. } = &mut self.scratch;
        blocks.fill(grid, &rotation_rows(&moment.world_from_camera), &self.options.depth_noise);
        self.supports.see(blocks, moment.camera_in_world(), &self.options.depth_noise);
        if self.options.source == ObjectSource::Geometry {
            self.supports.renew_parts();
        }
        if let Some(floor_m) = self.supports.floor_m() {
            let camera = moment.camera_in_world();
            let points =
                blocks.blocks.iter().filter(|b| b.has_depth()).map(|b| camera + Vector3::from(b.point.map(f64::from)));
            self.ground.see(points, floor_m, moment.frame, moment.stamp_ns);
        }
    }

    fn lift(&mut self, moment: &Moment, detections: &[Detection<'_>]) {
        if detections.iter().any(|detection| detection.mask.is_none()) {
            self.supports.renew_wall_lines();
        }
        let view = LiftView {
            grid: &self.scratch.grid,
            world_from_camera: &moment.world_from_camera,
            noise: &self.options.depth_noise,
            level_heights_m: self.supports.heights_m(),
            floor_m: self.supports.floor_m(),
            walls: self.supports.wall_lines(),
        };
        lift(&view, detections, &mut self.scratch.lifted, &mut self.scratch.lift);
        self.report.lifted = self.scratch.lifted.observations.len() as u32;
    }

    /// Looks at every known thing that may be in the image.
    fn look(&mut self, moment: &Moment) {
        let Scratch { grid, views, samples, in_reach, .. } = &mut self.scratch;
        views.clear();
        samples.clear();
        in_reach.clear();
        let Some((low, high)) = ground_rectangle(grid, &moment.world_from_camera) else { return };
        self.state.index.for_each_candidate(low, high, |slot| in_reach.push(slot));
        in_reach.sort_unstable();
        let eye = Eye::new(grid, moment, &self.options);
        for &slot in in_reach.iter() {
            if let Some(track) = self.store.get(slot) {
                views.extend(eye.look(slot, track, samples));
            }
        }
    }

    fn associate(&mut self, moment: &Moment, detections: &[Detection<'_>]) {
        let Scratch { lifted, labels, views, samples, candidates, assigned, assign: buffers, .. } = &mut self.scratch;
        candidates.clear();
        for (row, observation) in lifted.observations.iter().enumerate() {
            let seen = Seen {
                observation,
                points: &lifted.points[observation.first..observation.first + observation.count],
                detection: &detections[observation.detection],
                label: labels[observation.detection],
                camera_in_world: moment.camera_in_world(),
                sigma_m: point_sigma_m(&self.options, f64::from(observation.depth_m)),
            };
            for (column, view) in views.iter().enumerate() {
                let Some(track) = self.store.get(view.slot) else { continue };
                let score = score(&seen, track, view, samples);
                candidates.extend(score.map(|score| Candidate { row, column, score }));
            }
        }
        assign(lifted.observations.len(), views.len(), candidates, assigned, buffers);
    }

    /// Takes every observation into its thing, or begins a new one.
    fn fuse(&mut self, moment: &Moment, detections: &[Detection<'_>]) {
        self.scratch.seen.clear();
        for row in 0..self.scratch.lifted.observations.len() {
            let observation = self.scratch.lifted.observations[row];
            let detection = &detections[observation.detection];
            let sighting = Sighting {
                frame: moment.frame,
                keyframe: moment.keyframe,
                stamp_ns: moment.stamp_ns,
                path_m: moment.path_m,
                label: self.scratch.labels[observation.detection],
                score: detection.score,
                sigma_m: point_sigma_m(&self.options, f64::from(observation.depth_m)) as f32,
                sigma_across_m: pose_sigma_m(&self.options, f64::from(observation.depth_m)) as f32,
                camera_in_world: moment.camera_in_world(),
                feature: detection.feature,
            };
            if self.options.source == ObjectSource::Geometry
                && self.scratch.assigned[row].is_none()
                && !self.is_news(moment, row, detections)
            {
                self.absorb_piece(&observation, &sighting);
                continue;
            }
            let points = &self.scratch.lifted.points[observation.first..observation.first + observation.count];
            let slot = match self.scratch.assigned[row].map(|column| self.scratch.views[column].slot) {
                Some(slot) => {
                    let Some(track) = self.store.get_mut(slot) else { continue };
                    track.see(&observation, points, &sighting);
                    self.report.associated += 1;
                    self.report.outvoted += u32::from(track.label() != sighting.label);
                    slot
                }
                None if self.store.is_full() => continue,
                None => {
                    let id = self.store.next_id();
                    let slot =
                        self.store.insert(Track::begin(id, &observation, points, &sighting), &mut self.state.index);
                    self.young.push(slot);
                    self.report.begun += 1;
                    slot
                }
            };
            self.scratch.seen.push(slot);
            self.cut_at_top(slot, observation.detection);
        }
        self.forget_what_drifted(moment);
        for at in 0..self.scratch.seen.len() {
            let slot = self.scratch.seen[at];
            // Pieces of things are told from things by their boxes: those of geometry alone are always up to date.
            let is_due = |track: &&mut Track| self.options.source == ObjectSource::Geometry || track.is_due();
            if let Some(track) = self.store.get_mut(slot).filter(is_due) {
                track.fit(&self.supports, &mut self.scratch.fit);
                if self.options.source == ObjectSource::Geometry
                    && let Some(floor_m) = self.supports.floor_m()
                    && !track.rests()
                    && track.obb.centre.z - 0.5 * track.obb.size.z < floor_m + super::proposed::HIDDEN_UP_TO_M
                    && self.ground.hides_what_is_under(&track.obb, floor_m)
                {
                    track.stand_on(floor_m);
                }
            }
            self.store.relist(slot, &mut self.state.index);
            self.mark_changed(slot);
        }
    }

    /// With drifting poses, what hangs on keyframes far back on the path no longer fits what was seen just now.
    fn forget_what_drifted(&mut self, moment: &Moment) {
        let noise = &self.options.pose_noise;
        if noise.drift_per_m <= 0.0 && noise.heading_drift_rad_per_m <= 0.0 {
            return;
        }
        let oldest_path_m = moment.path_m - self.options.drift_memory_m;
        let keyframes = &self.keyframes;
        for &slot in &self.scratch.seen {
            if let Some(track) = self.store.get_mut(slot) {
                track.cloud.retain(|cell| keyframes.get(cell.keyframe).is_some_and(|k| k.path_m >= oldest_path_m));
            }
        }
    }

    /// Notes that readers must be told of this track at the next publication.
    pub(super) fn mark_changed(&mut self, slot: u32) {
        if let Some(track) = self.store.get_mut(slot)
            && !std::mem::replace(&mut track.changed, true)
        {
            self.changed.push(slot);
        }
    }

    pub(super) fn note_event(&mut self, stamp_ns: i64, object: super::ObjectId, kind: EventKind) {
        if self.events.len() == super::EVENT_RING {
            self.events.pop_front();
        }
        self.events.push_back(Event { sequence: self.next_event, stamp_ns, object, kind });
        self.next_event += 1;
        self.news = true;
    }

    /// Makes what is believed now visible to readers, and returns it.
    pub fn publish(&mut self) -> Snapshot {
        let started = Instant::now();
        for at in 0..self.changed.len() {
            let slot = self.changed[at];
            let Some(track) = self.store.get_mut(slot) else { continue };
            track.changed = false;
            if track.standing == Standing::Believed {
                let object = track.object(&mut self.labels);
                self.state.show(slot, object);
            }
        }
        self.changed.clear();
        if std::mem::take(&mut self.news) {
            self.state.events = self.events.iter().copied().collect();
        }
        if std::mem::take(&mut self.edited) {
            self.state.edits = self.edits.iter().cloned().collect();
        }
        self.state.keyframes = self.keyframes.list().clone();
        self.state.ground = self.ground.publish();
        if let Some(supports) = self.supports.publish() {
            self.state.supports = supports;
        }
        let snapshot = Snapshot(Arc::new(self.state.clone()));
        self.published.show(&snapshot);
        self.times.publish = started.elapsed();
        snapshot
    }

    /// The newest published snapshot.
    pub fn snapshot(&self) -> Snapshot {
        self.published.latest()
    }

    /// What hands it out, for threads that read while this one writes.
    pub fn reader(&self) -> SnapshotReader {
        self.published.clone()
    }

    /// How long the stages of the newest frame took.
    pub fn stage_times(&self) -> StageTimes {
        self.times
    }

    /// True after the first frame, also one that was set aside while up was not known.
    pub(crate) fn has_met_frames(&self) -> bool {
        self.clock.newest_ns().is_some()
    }

    /// What the scene was told.
    pub fn options(&self) -> &SceneOptions {
        &self.options
    }
}

/// Standard deviation of one point along its ray: depth noise and pose noise together, metres.
pub(super) fn point_sigma_m(options: &SceneOptions, depth_m: f64) -> f64 {
    options.depth_noise.sigma_m(depth_m).hypot(pose_sigma_m(options, depth_m))
}

/// How far a pose's noise moves a point at this depth, metres.
fn pose_sigma_m(options: &SceneOptions, depth_m: f64) -> f64 {
    let pose = &options.pose_noise;
    pose.translation_m.hypot(pose.rotation_rad * depth_m)
}

/// The greatest depth of every seventh pixel.
fn farthest_m(z: &[f32]) -> f32 {
    // PERF: of one running maximum each step would wait for the one before, 0.07 ms a picture.
    let mut farthest = [0.0f32; 8];
    let (chunks, rest) = z.as_chunks::<56>();
    for pixels in chunks {
        farthest = std::array::from_fn(|at| if pixels[7 * at] > farthest[at] { pixels[7 * at] } else { farthest[at] });
    }
    rest.iter().step_by(7).chain(&farthest).fold(0.0, |far, z| far.max(*z))
}

/// The rectangle on the ground that the image's depth reaches into.
fn ground_rectangle(grid: &DepthGrid, world_from_camera: &Pose) -> Option<([f64; 2], [f64; 2])> {
    let farthest = farthest_m(&grid.z);
    if farthest <= 0.0 {
        return None;
    }
    let eye = world_from_camera.translation.vector;
    let (mut low, mut high) = ([eye.x, eye.y], [eye.x, eye.y]);
    let ([left, top], [right, bottom]) = (grid.low, grid.high);
    for (a, b) in [(left, top), (right, top), (left, bottom), (right, bottom)] {
        let reached = world_from_camera * Point3::from(Vector3::new(a, b, 1.0) * (f64::from(farthest) + 0.5));
        for k in 0..2 {
            low[k] = low[k].min(reached[k]);
            high[k] = high[k].max(reached[k]);
        }
    }
    Some((low, high))
}
