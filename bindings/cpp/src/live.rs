//! The live pipeline: frames go in and are never waited for, scenes come out.
//!
//! What C++ throws while it is told is kept, and thrown by the next `close`.

use crate::bridge::{
    Buffers, Detection, Explanation, Frame, Link, Listener, Parts, PipelineOptions, PipelineStatistics, Published,
    SceneOptions, StageStatistics,
};
use crate::convert::{detections_of, live_frame_of, no_such, pose_of};
use crate::held::{Failure, held};
use crate::scene::{options_of, report_of};
use crate::snapshot::Snapshot;
#[cfg(feature = "onnx")]
use crate::{
    bridge::DetectOptions,
    network::{DepthNet, Detector},
};
use cxx::UniquePtr;
use gnomon::lift::OwnedDetection;
use gnomon::pipeline::{self, BorrowedFrame, LiveFrame, Release};
#[cfg(feature = "onnx")]
use gnomon::pipeline::{DepthStage, DetectorStage};
use gnomon::{Error, Result as Outcome, scene};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Who works in a pipeline beside the scene, and who is told.
#[derive(Default)]
pub struct Stages {
    pub(crate) stages: pipeline::Stages,
    thrown: Thrown,
}

/// What the listener threw first.
type Thrown = Arc<Mutex<Option<String>>>;

/// A scene behind live cameras.
pub struct Pipeline {
    pipeline: pipeline::Pipeline,
    thrown: Thrown,
}

fn ns_of(time: Duration) -> i64 {
    time.as_nanos().try_into().unwrap_or(i64::MAX)
}

fn time_of(ns: i64, name: &str) -> Outcome<Duration> {
    let ns = u64::try_from(ns).map_err(|_| Error::argument(format!("{name} is {ns}, expected 0 or more")))?;
    Ok(Duration::from_nanos(ns))
}

/// The defaults of a pipeline.
pub fn default_pipeline_options() -> PipelineOptions {
    let ours = pipeline::PipelineOptions::default();
    PipelineOptions {
        queue: ours.queue as u32,
        waiting: ours.waiting as u32,
        poses: ours.poses as u32,
        judged: ours.judged as u32,
        late_detections: ours.late_detections,
        wait_ns: ns_of(ours.wait),
        deadline_ns: ours.deadline.map_or(0, ns_of),
        pose_tolerance_ns: ours.pose_tolerance_ns,
        detection_tolerance_ns: ours.detection_tolerance_ns,
        stalled_after_ns: ns_of(ours.stalled_after),
    }
}

impl PipelineOptions {
    fn read(&self) -> Outcome<pipeline::PipelineOptions> {
        let deadline = time_of(self.deadline_ns, "deadline_ns")?;
        Ok(pipeline::PipelineOptions {
            queue: self.queue as usize,
            waiting: self.waiting as usize,
            wait: time_of(self.wait_ns, "wait_ns")?,
            deadline: (!deadline.is_zero()).then_some(deadline),
            pose_tolerance_ns: self.pose_tolerance_ns,
            poses: self.poses as usize,
            late_detections: self.late_detections,
            detection_tolerance_ns: self.detection_tolerance_ns,
            judged: self.judged as usize,
            stalled_after: time_of(self.stalled_after_ns, "stalled_after_ns")?,
        })
    }
}

impl Parts {
    /// Whether there is a pose, and whether somebody looked for things, were it to find none.
    fn read(self, detections: usize) -> Outcome<(bool, bool)> {
        let parts = match self {
            Self::None => (false, false),
            Self::Pose => (true, false),
            Self::Detections => (false, true),
            Self::Both => (true, true),
            other => return Err(no_such("has", other.repr)),
        };
        if detections > 0 && !parts.1 {
            return Err(Error::argument(format!("{detections} detections, and has lacks Parts::Detections")));
        }
        Ok(parts)
    }
}

/// A frame that is pushed, and its detections where it has any said of it.
fn pushed_of<'a>(
    frame: &Frame<'a>,
    has: Parts,
    detections: &[Detection<'a>],
) -> Outcome<(BorrowedFrame<'a>, Option<Vec<gnomon::lift::Detection<'a>>>)> {
    let (has_pose, has_detections) = has.read(detections.len())?;
    let (frame, detections) = (live_frame_of(frame, has_pose)?, detections_of(detections)?);
    Ok((frame, has_detections.then_some(detections)))
}

fn published_of(newest: pipeline::Published) -> Published {
    Published {
        stamp_ns: newest.stamp_ns,
        camera_id: newest.camera_id,
        latency_ns: ns_of(newest.latency),
        report: report_of(&newest.report),
        snapshot: Box::new(Snapshot(newest.snapshot)),
    }
}

fn link_of(link: pipeline::Link) -> Link {
    match link {
        pipeline::Link::Frames => Link::Frames,
        pipeline::Link::Posed => Link::Posed,
        pipeline::Link::DepthValid => Link::DepthValid,
        pipeline::Link::Detections => Link::Detections,
        pipeline::Link::Associated => Link::Associated,
        pipeline::Link::Published => Link::Published,
    }
}

fn stage_of(stage: &pipeline::StageStatistics) -> StageStatistics {
    StageStatistics {
        name: stage.stage.into(),
        runs: stage.runs,
        errors: stage.errors,
        panics: stage.panics,
        p50_s: stage.p50_s,
        p99_s: stage.p99_s,
        busy_s: stage.busy_s,
    }
}

impl Stages {
    /// Nobody yet.
    pub fn none() -> Box<Self> {
        Box::default()
    }

    /// Who is told. Errors: nobody.
    pub fn set_listener(&mut self, mut listener: UniquePtr<Listener>) -> Result<(), Failure> {
        held(|| {
            if listener.is_null() {
                return Err(Error::argument("the listener is null"));
            }
            let thrown = self.thrown.clone();
            self.stages.listener = Some(Box::new(move |published: &pipeline::Published| {
                let snapshot = Box::new(Snapshot(published.snapshot.clone()));
                let told = listener.pin_mut().published(published.stamp_ns, published.camera_id, snapshot);
                if let Err(exception) = told {
                    let mut first = thrown.lock().unwrap_or_else(PoisonError::into_inner);
                    first.get_or_insert_with(|| exception.what().to_owned());
                }
            }));
            Ok(())
        })
    }
}

#[cfg(feature = "onnx")]
impl Stages {
    /// Who makes depth. Errors: it gives no metres.
    pub fn set_depth(&mut self, net: &DepthNet) -> Result<(), Failure> {
        held(|| {
            net.net.expect_metric()?;
            self.stages.depth = Some(Box::new(DepthStage::new(net.net.clone())));
            Ok(())
        })
    }

    /// Who finds things. Errors: options out of range.
    pub fn set_detector(&mut self, detector: &Detector, wanted: &DetectOptions) -> Result<(), Failure> {
        held(|| {
            self.stages.detect = Some(Box::new(DetectorStage::new(detector.detector.clone(), wanted.read()?)));
            Ok(())
        })
    }
}

impl Pipeline {
    /// An empty scene with threads of its own. Errors: options out of range, no thread to be had.
    pub fn open(scene: &SceneOptions, options: &PipelineOptions, stages: Box<Stages>) -> Result<Box<Self>, Failure> {
        held(|| {
            let Stages { stages, thrown } = *stages;
            let scene = scene::Scene::new(options_of(scene)?)?;
            let pipeline = pipeline::Pipeline::open(scene, options.read()?, stages)?;
            Ok(Box::new(Self { pipeline, thrown }))
        })
    }

    /// Takes a frame whose images, texts and masks stay where they are until `buffers` is dropped. Errors: a frame that
    /// cannot be meant, a closed pipeline.
    pub fn push(
        &self,
        frame: &Frame<'static>,
        has: Parts,
        detections: &[Detection<'static>],
        buffers: UniquePtr<Buffers>,
    ) -> Result<(), Failure> {
        held(|| {
            let (frame, detections) = pushed_of(frame, has, detections)?;
            self.pipeline.push(LiveFrame::lent(frame, detections, Release::new(move || drop(buffers))))
        })
    }

    /// Takes a copy of a frame. Errors: as [`Self::push`].
    pub fn push_copy(&self, frame: &Frame<'_>, has: Parts, detections: &[Detection<'_>]) -> Result<(), Failure> {
        held(|| {
            let (frame, detections) = pushed_of(frame, has, detections)?;
            self.pipeline.push_copy(&BorrowedFrame { detections: detections.as_deref(), ..frame })
        })
    }

    /// Where a camera stood at a stamp. Errors: no pose, a closed pipeline.
    pub fn push_pose(&self, camera_id: u32, stamp_ns: i64, world_from_camera: &[f64; 16]) -> Result<(), Failure> {
        held(|| self.pipeline.push_pose(camera_id, stamp_ns, pose_of(world_from_camera, "world_from_camera")?))
    }

    /// What was found in a frame. Errors: detections that cannot be meant, nobody waits for them, a closed pipeline.
    pub fn push_detections(&self, camera_id: u32, stamp_ns: i64, detections: &[Detection<'_>]) -> Result<(), Failure> {
        held(|| {
            let owned = detections_of(detections)?.iter().map(OwnedDetection::of).collect();
            self.pipeline.push_detections(camera_id, stamp_ns, owned)
        })
    }

    /// The newest that was published since the last time it was asked.
    pub fn poll(&self) -> Result<Vec<Published>, Failure> {
        held(|| Ok(self.pipeline.poll().map(published_of).into_iter().collect()))
    }

    /// The newest published scene.
    pub fn snapshot(&self) -> Box<Snapshot> {
        Box::new(Snapshot(self.pipeline.snapshot()))
    }

    /// Waits until no frame is under way. Errors: a time below 0.
    pub fn settle(&self, timeout_ns: i64) -> Result<bool, Failure> {
        held(|| Ok(self.pipeline.settle(time_of(timeout_ns, "timeout_ns")?)))
    }

    /// Why nothing comes out, or that all is well.
    pub fn explain(&self) -> Explanation {
        let explanation = self.pipeline.explain();
        Explanation {
            broken: explanation.broken.as_ref().map_or(Link::None, |broken| link_of(broken.link)),
            text: explanation.to_string(),
            json: explanation.to_json(),
        }
    }

    /// Counts and times.
    pub fn statistics(&self) -> PipelineStatistics {
        let of = self.pipeline.statistics();
        PipelineStatistics {
            pushed: of.pushed,
            published: of.published,
            under_way: of.under_way,
            dropped_overload: of.dropped.overload,
            dropped_deadline: of.dropped.deadline,
            dropped_no_pose: of.dropped.no_pose,
            dropped_no_depth: of.dropped.no_depth,
            dropped_overtaken: of.dropped.overtaken,
            dropped_refused: of.dropped.refused,
            dropped_up_unknown: of.dropped.up_unknown,
            dropped_panic: of.dropped.panic,
            dropped_closed: of.dropped.closed,
            told: of.told,
            untold: of.untold,
            poses: of.poses,
            detections: of.detections,
            detections_unused: of.detections_unused,
            buffers_made: of.buffers_made,
            scenes_begun_anew: of.scenes_begun_anew,
            stages: of.stages.iter().map(stage_of).collect(),
        }
    }

    /// Ends it. Errors: what the listener threw.
    pub fn close(&self) -> Result<(), Failure> {
        held(|| {
            self.pipeline.close();
            Ok(())
        })?;
        let thrown = self.thrown.lock().unwrap_or_else(PoisonError::into_inner).take();
        thrown.map_or(Ok(()), |thrown| Err(Failure::thrown(&format!("the listener threw: {thrown}"))))
    }
}
