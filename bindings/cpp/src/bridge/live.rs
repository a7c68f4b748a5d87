//! A scene behind live cameras.

use crate::live::{Pipeline, Stages, default_pipeline_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Frame<'a> = crate::bridge::Frame<'a>;
        type Detection<'a> = crate::bridge::Detection<'a>;
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        type Snapshot = crate::bridge::Snapshot;
        include!("gnomon-cxx/src/bridge/scene.rs.h");
        type SceneOptions = crate::bridge::SceneOptions;
        type FrameReport = crate::bridge::FrameReport;
    }

    #[cfg(feature = "onnx")]
    extern "C++" {
        include!("gnomon-cxx/src/bridge/network.rs.h");
        type DepthNet = crate::bridge::DepthNet;
        type Detector = crate::bridge::Detector;
        type DetectOptions = crate::bridge::DetectOptions;
    }

    unsafe extern "C++" {
        include!("gnomon-cxx/include/live.h");
        type Buffers;
        type Listener;
        fn published(self: Pin<&mut Listener>, stamp_ns: i64, camera_id: u32, snapshot: Box<Snapshot>) -> Result<()>;
    }

    /// What a frame that is pushed has beside its images.
    #[derive(Debug)]
    enum Parts {
        None,
        Pose,
        Detections,
        Both,
    }

    /// The links of the chain from a frame to a scene.
    #[derive(Debug)]
    enum Link {
        None,
        Frames,
        Posed,
        DepthValid,
        Detections,
        Associated,
        Published,
    }

    /// How long queues are, how long frames wait; begin with default_pipeline_options().
    #[derive(Debug, Clone, Copy)]
    struct PipelineOptions {
        /// Frames of one camera that may stand before a stage, complete, 1 to 64. 1: the newest alone.
        queue: u32,
        /// Frames of all cameras that may wait for a pose or detections, 1 to 256.
        waiting: u32,
        /// Poses kept for frames yet to come, 1 to 65536.
        poses: u32,
        /// Newest frames that an explanation judges, 1 to 65536.
        judged: u32,
        /// Whether a frame without detections waits for push_detections().
        late_detections: bool,
        /// How long a frame waits, from its push, for what is handed in by stamp, nanoseconds.
        wait_ns: i64,
        /// A frame older than this, from its push, is dropped before its next stage, nanoseconds; 0: never.
        deadline_ns: i64,
        /// How far the stamp of a pose may be from its frame's, nanoseconds; 0: they are equal.
        pose_tolerance_ns: i64,
        /// How far the stamp of detections may be from their frame's, nanoseconds; 0: they are equal.
        detection_tolerance_ns: i64,
        /// A stage busy with one frame for longer, or cameras silent for longer, are told as stalled, nanoseconds.
        stalled_after_ns: i64,
    }

    /// What was published: the frame, what became of it, the scene after it.
    struct Published {
        stamp_ns: i64,
        camera_id: u32,
        /// From its push until the snapshot was there, nanoseconds.
        latency_ns: i64,
        report: FrameReport,
        snapshot: Box<Snapshot>,
    }

    /// Why nothing comes out, or that all is well.
    #[derive(Debug, Clone)]
    struct Explanation {
        /// The first broken link, or Link::None.
        broken: Link,
        /// The chain with its counts, the broken link with what to do, what else is lost.
        text: String,
        /// The same as JSON: links, broken, remarks.
        json: String,
    }

    /// What a stage of a pipeline did: depth, detect, scene, tell, or whole: from the push until published.
    #[derive(Debug, Clone)]
    struct StageStatistics {
        name: String,
        /// Frames it was done with, well or not.
        runs: u64,
        /// Of these, how many it failed.
        errors: u64,
        /// Of these, at how many it failed by a defect.
        panics: u64,
        /// The middle time of the newest runs, seconds; 0 before the first.
        p50_s: f64,
        /// The time that 99 of 100 of the newest runs did not exceed, seconds.
        p99_s: f64,
        /// How long it has been busy with one frame, seconds; 0: it is not.
        busy_s: f64,
    }

    /// Counts since a pipeline was opened: pushed is published, under_way and all dropped_* together.
    #[derive(Debug, Clone)]
    struct PipelineStatistics {
        pushed: u64,
        published: u64,
        under_way: u64,
        /// Frames pushed out of a queue by a newer one.
        dropped_overload: u64,
        /// Frames older than the deadline.
        dropped_deadline: u64,
        /// Frames without a pose of their stamp within the wait.
        dropped_no_pose: u64,
        /// Frames that had no depth, and none was made.
        dropped_no_depth: u64,
        /// Frames of which a later one of their camera was taken in before.
        dropped_overtaken: u64,
        /// Frames that the scene refused: their numbers, their stamp.
        dropped_refused: u64,
        /// Frames looked at while no floor had shown which way is up.
        dropped_up_unknown: u64,
        /// Frames at which the scene failed by a defect.
        dropped_panic: u64,
        /// Frames under way when the pipeline closed.
        dropped_closed: u64,
        /// Published frames that the listener was told of.
        told: u64,
        /// Published frames that were overtaken before the listener was free.
        untold: u64,
        /// Poses handed in by stamp.
        poses: u64,
        /// Sets of detections handed in by stamp.
        detections: u64,
        /// Of these, how many were displaced or came too late.
        detections_unused: u64,
        /// Buffers that copies took anew from memory.
        buffers_made: u64,
        /// How often the scene was begun anew, after defects.
        scenes_begun_anew: u64,
        stages: Vec<StageStatistics>,
    }

    extern "Rust" {
        /// The defaults of a pipeline.
        fn default_pipeline_options() -> PipelineOptions;

        /// Who works in a pipeline beside the scene, and who is told.
        type Stages;
        /// Nobody yet.
        #[Self = "Stages"]
        fn none() -> Box<Stages>;
        /// `listener` (see listener() of live.h) is told of what is published. Destroyed when it is told no more.
        fn set_listener(self: &mut Stages, listener: UniquePtr<Listener>) -> Result<()>;

        /// Frames without depth get it from this network, which may be gone before the pipeline. Throws
        /// GNOMON_E_UNSUPPORTED for one that gives no metres.
        #[cfg(feature = "onnx")]
        fn set_depth(self: &mut Stages, net: &DepthNet) -> Result<()>;
        /// Frames without detections get them from this detector, which may be gone before the pipeline.
        #[cfg(feature = "onnx")]
        fn set_detector(self: &mut Stages, detector: &Detector, wanted: &DetectOptions) -> Result<()>;

        /// A scene behind live cameras, with threads of its own: frames are pushed and never waited for. Any thread, any
        /// number at a time; no call waits but settle(), close() and the end of the box, which closes it.
        type Pipeline;
        /// An empty scene behind `stages`, which it takes over.
        #[Self = "Pipeline"]
        fn open(scene: &SceneOptions, options: &PipelineOptions, stages: Box<Stages>) -> Result<Box<Pipeline>>;
        /// Takes a frame; nothing of its images is copied, nor of detections' texts and masks. `buffers` (see keep() of
        /// live.h) is what keeps them alive: it is destroyed once the frame has ended, on any thread, also if this throws.
        /// Never waits: what is too much is dropped and counted. Images without bytes: there is none.
        fn push(
            self: &Pipeline,
            frame: &Frame<'static>,
            has: Parts,
            detections: &[Detection<'static>],
            buffers: UniquePtr<Buffers>,
        ) -> Result<()>;
        /// As push(), for buffers that are borrowed for the call: they are copied into buffers that are used again.
        fn push_copy(self: &Pipeline, frame: &Frame<'_>, has: Parts, detections: &[Detection<'_>]) -> Result<()>;
        /// Hands in where a camera stood at a stamp, for a frame that waits or is yet to come.
        fn push_pose(self: &Pipeline, camera_id: u32, stamp_ns: i64, world_from_camera: &[f64; 16]) -> Result<()>;
        /// Hands in what was found in a frame that waits or is yet to come; of use with late_detections alone.
        fn push_detections(self: &Pipeline, camera_id: u32, stamp_ns: i64, detections: &[Detection<'_>]) -> Result<()>;
        /// The newest that was published since the last poll(): one, or none.
        fn poll(self: &Pipeline) -> Result<Vec<Published>>;
        /// The newest published scene, an empty one before the first.
        fn snapshot(self: &Pipeline) -> Box<Snapshot>;
        /// Waits until no frame is under way, at most so long; false if some still are.
        fn settle(self: &Pipeline, timeout_ns: i64) -> Result<bool>;
        /// Why nothing comes out, or that all is well.
        fn explain(self: &Pipeline) -> Explanation;
        /// Counts and times.
        fn statistics(self: &Pipeline) -> PipelineStatistics;
        /// Ends it: frames on their way are dropped and their buffers destroyed; returns when nobody is told any more.
        /// Throws what the listener threw first. What was published can still be asked for. May be called again.
        fn close(self: &Pipeline) -> Result<()>;
    }
}

// SAFETY: live.h says of both that they are called and destroyed on a thread of the pipeline, one at a time.
unsafe impl Send for ffi::Buffers {}
// SAFETY: as above.
unsafe impl Send for ffi::Listener {}
