//! The writer.

use crate::scene::{Scene, default_scene_options};

#[allow(missing_docs, unused_qualifications, reason = "names that say it need no line; cxx writes full paths")]
#[cxx::bridge(namespace = "gnomon::cxx")]
pub mod ffi {
    extern "C++" {
        include!("gnomon-cxx/src/bridge/camera.rs.h");
        type Frame<'a> = crate::bridge::Frame<'a>;
        type Detection<'a> = crate::bridge::Detection<'a>;
        include!("gnomon-cxx/src/bridge/snapshot.rs.h");
        type Edit = crate::bridge::Edit;
        type Snapshot = crate::bridge::Snapshot;
    }

    /// Which way is up in the input's world. `Vector`: as SceneOptions::up_vector says. `Auto`: from the floor.
    #[derive(Debug)]
    enum Up {
        Z,
        X,
        Y,
        NegX,
        NegY,
        NegZ,
        Vector,
        Auto,
    }

    /// Where things come from.
    #[derive(Debug)]
    enum Source {
        Detections,
        Geometry,
    }

    /// How a scene is made; begin with default_scene_options().
    #[derive(Debug, Clone)]
    struct SceneOptions {
        up: Up,
        /// Up::Vector: up in the input's world, of any length.
        up_vector: [f64; 3],
        source: Source,
        /// Labels of what moves by itself: doubted sooner, forgotten after movable_memory_ns unseen.
        movable_labels: Vec<String>,
        movable_memory_ns: i64,
        /// Frames that must see a thing before it is published.
        confirm_after: u32,
        /// Frames that must see a thing found by geometry alone before it is published.
        confirm_proposed_after: u32,
        /// Frames that must see its place empty before it is removed.
        remove_after: u32,
        /// How long a thing that left its place may be found again elsewhere.
        relocate_within_ns: i64,
        /// A new keyframe after the camera moved this far, metres.
        keyframe_distance_m: f64,
        /// A new keyframe after the camera turned this far, radians.
        keyframe_angle_rad: f64,
        /// Largest relative difference of sizes of a thing found again elsewhere.
        relocate_size_ratio: f64,
        /// Standard deviation of depth is base + growth * (z - nearest)^2: metres.
        depth_noise_base_m: f64,
        /// Growth of the standard deviation of depth, 1/m.
        depth_noise_per_m2: f64,
        /// Where the growth begins, metres.
        depth_noise_nearest_m: f64,
        /// Independent error of every pose: translation per axis, metres.
        pose_noise_translation_m: f64,
        /// Independent error of every pose: rotation per axis, radians.
        pose_noise_rotation_rad: f64,
        /// Error growing with the path: metres per metre. 0 for poses of a map.
        drift_per_m: f64,
        /// Error growing with the path: heading, radians per metre. 0 for poses of a map.
        heading_drift_rad_per_m: f64,
        /// Path after which evidence from drifting poses is dropped for newer, metres; used only with drift.
        drift_memory_m: f64,
    }

    /// What became of one frame.
    #[derive(Debug, Clone, Copy)]
    struct FrameReport {
        /// Number of the frame in this scene, from 0.
        frame: u64,
        /// The keyframe this frame became, or -1.
        keyframe: i64,
        /// False while Up::Auto has not found the floor: the frame was looked at and set aside.
        up_known: bool,
        /// Pixels with depth.
        depth_pixels: u32,
        /// Detections that came in, or were proposed from geometry.
        detections: u32,
        /// Of these, how many had depth enough to become a box.
        lifted: u32,
        /// Of these, how many were recognised as a thing already known.
        associated: u32,
        /// How many began a new thing, not yet published.
        begun: u32,
        /// Things that became believed.
        born: u32,
        /// Things found again elsewhere.
        moved: u32,
        /// Things that turned out to be one with another.
        merged: u32,
        /// Things removed because their place was empty.
        removed: u32,
    }

    /// A keyframe's corrected pose: camera to the input's world.
    #[derive(Debug, Clone, Copy)]
    struct KeyframePose {
        id: u32,
        world_from_camera: [f64; 16],
    }

    /// How long one stage of a scene took with the newest frame.
    #[derive(Debug, Clone)]
    struct StageTime {
        /// register, perceive, lift, associate, fuse, doubt or publish.
        name: String,
        /// Seconds; 0 before the first frame.
        time_s: f64,
    }

    /// How a scene's recording stands.
    #[derive(Debug, Clone)]
    struct Recording {
        /// Bytes written; 0 where there never was a recording.
        bytes: u64,
        /// Records written.
        records: u64,
        /// Whether what is done goes into it.
        is_open: bool,
        /// Why it ended before it was asked to; empty where it did not.
        ended: String,
    }

    /// How a recording ends: whole, full before the scene was done, or cut.
    #[derive(Debug)]
    enum Tail {
        Whole,
        Full,
        Cut,
    }

    /// A scene that was made of a recording, and what came of it.
    struct Replayed {
        /// Frames may go on from there.
        scene: Box<Scene>,
        /// Frames replayed, those refused included.
        frames: u64,
        tail: Tail,
        /// Tail::Cut: how many bytes were whole; else 0.
        whole_bytes: u64,
        /// What was decided otherwise than when it was recorded; empty where nothing was.
        differs: String,
        /// The same in words, a line each.
        words: String,
    }

    extern "Rust" {
        /// The defaults of a scene.
        fn default_scene_options() -> SceneOptions;

        /// The map of things. Any thread: calls that change it take turns, a second one throws GNOMON_E_BUSY at once;
        /// snapshot() never waits for them.
        type Scene;
        /// An empty scene.
        #[Self = "Scene"]
        fn create(options: &SceneOptions) -> Result<Box<Scene>>;
        /// Takes in one frame and what a detector found in it. When it throws, the scene is as it was.
        fn integrate(self: &Scene, frame: &Frame<'_>, detections: &[Detection<'_>]) -> Result<FrameReport>;
        /// Makes what is believed now visible, and hands it out.
        fn publish(self: &Scene) -> Result<Box<Snapshot>>;
        /// How long each stage took with the newest frame, and with the newest publication: a diagnosis.
        fn stage_times(self: &Scene) -> Result<Vec<StageTime>>;
        /// What was published last; an empty scene before the first.
        fn snapshot(self: &Scene) -> Box<Snapshot>;
        /// Moves keyframes, and with them what hangs on them. When it throws, the scene is as it was.
        fn update_poses(self: &Scene, poses: &[KeyframePose]) -> Result<()>;
        /// Takes in what an operator says of one thing, to be shown with the next publish(). It holds against what frames
        /// say later.
        fn edit(self: &Scene, said: &Edit) -> Result<()>;
        /// Names what goes in, at most 64 words: sequences, cameras, detectors. Before record().
        fn set_inputs(self: &Scene, inputs: &[&str]) -> Result<()>;
        /// Records from here on what the scene is given and decides, into a new file of at most `most_bytes`. Before the
        /// first frame, once. What becomes of the file later does not stop the scene: see recording().
        fn record(self: &Scene, path: &str, most_bytes: u64) -> Result<()>;
        /// How the recording stands.
        fn recording(self: &Scene) -> Result<Recording>;
        /// Ends the recording; the scene goes on. Without this a recording lacks its end, and is replayed all the same.
        fn end_recording(self: &Scene) -> Result<()>;
        /// Makes the scene of a recording again, byte for byte with the version that recorded.
        #[Self = "Scene"]
        fn replay(path: &str) -> Result<Replayed>;
    }
}
