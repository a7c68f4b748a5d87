//! A map from pictures alone, against the one from the depth sensor and its poses.
//!
//! The network is a twin: for each window it gives the recorded poses and depth in a gauge of its own, about its first camera
//! and times a factor. The recording is named by `GNOMON_TEST_DATA`.

#![cfg(all(feature = "onnx", feature = "cli"))]

use gnomon::depth::{Depth, DepthMap, View};
use gnomon::frame::{Frame, MetricZ, Pose, Up};
use gnomon::geometry::{Floor, Joiner, Track, windows};
use gnomon::scale::ScaleEstimate;
use gnomon::scene::{ObjectSource, Scene, SceneOptions, Snapshot, SupportKind};
use gnomon::sequence::{LoadedFrame, Sequence, SequenceOptions};
use std::ops::Range;
use std::path::Path;

/// Units of the first window in a metre.
const UNITS_PER_METRE: f64 = 0.37;

/// Height of the floor in the recording, metres.
const FLOOR_M: f64 = -1.535;

fn recorded() -> Option<Vec<LoadedFrame>> {
    let Some(data) = std::env::var_os("GNOMON_TEST_DATA") else {
        println!("not run: GNOMON_TEST_DATA unset");
        return None;
    };
    let folder = Path::new(&data).join("hololens_table");
    let sequence = Sequence::open(&folder, &SequenceOptions::default()).expect("the recording");
    Some((0..sequence.len()).map(|i| sequence.load(i).expect("a frame")).collect())
}

/// What the twin says of a window: poses from its first camera, all in `unit` a metre.
fn views(frames: &[LoadedFrame], window: &Range<usize>, unit: f64) -> Vec<View> {
    let first_from_world = frames[window.start].world_from_camera.inverse();
    let view = |frame: &LoadedFrame| {
        let mut world_from_camera = first_from_world * frame.world_from_camera;
        world_from_camera.translation.vector *= unit;
        let depth = frame.depth.iter().map(|mm| (f64::from(*mm) * 1e-3 * unit) as f32).collect();
        let [width, height] = frame.depth_size.map(|side| side as usize);
        View {
            depth: Depth::UpToScaleZ(DepthMap::new(width, height, depth).expect("a map")),
            confidence: None,
            points_in_world: None,
            points_confidence: None,
            intrinsics: frame.intrinsics,
            world_from_camera,
        }
    };
    frames[window.clone()].iter().map(view).collect()
}

fn joined(frames: &[LoadedFrame]) -> Track {
    let mut joiner = Joiner::default();
    for (at, window) in windows(frames.len(), 8, 2).expect("windows").into_iter().enumerate() {
        // Each window's unit is its own: between a half and twice the first one's.
        let unit = UNITS_PER_METRE * [1.0, 0.6, 1.7, 0.9, 1.3][at % 5];
        joiner.add(window.start, views(frames, &window, unit)).expect("joined");
    }
    joiner.finish()
}

fn scene_of(options: SceneOptions, frames: &[LoadedFrame], track: Option<&Track>) -> Snapshot {
    let mut scene = Scene::new(options).expect("options");
    for (i, loaded) in frames.iter().enumerate() {
        let mut frame: Frame<'_> = loaded.as_frame().expect("a frame");
        if let Some(posed) = track.and_then(|track| track.frames().get(i)) {
            let (width, height) = (posed.intrinsics.width, posed.intrinsics.height);
            frame.depth = MetricZ::from_metres(&posed.depth, width, height).expect("depth");
            (frame.intrinsics, frame.world_from_camera) = (posed.intrinsics, posed.world_from_camera);
        }
        scene.integrate(&frame, &[]).expect("taken in");
    }
    scene.publish()
}

/// How high the cameras were over the floor, mean, metres: y is up in the recording.
fn mean_height_m(frames: &[LoadedFrame]) -> f64 {
    frames.iter().map(|frame| frame.world_from_camera.translation.y - FLOOR_M).sum::<f64>() / frames.len() as f64
}

#[test]
fn windows_in_gauges_of_their_own_and_a_camera_height_make_the_scene_that_the_sensor_makes() {
    let Some(frames) = recorded() else { return };
    let track = joined(&frames);
    for (frame, loaded) in track.frames().iter().zip(&frames) {
        let truth = frames[0].world_from_camera.inverse() * loaded.world_from_camera;
        let off = frame.world_from_camera.translation.vector / UNITS_PER_METRE - truth.translation.vector;
        assert!(off.norm() < 0.01, "camera {} is {:.3} m off", frame.picture, off.norm());
    }
    let floor = Floor::find(&track, None).expect("a floor");
    let up = frames[0].world_from_camera.rotation * floor.up.into_inner();
    println!("up off by {:.3} deg", up.y.clamp(-1.0, 1.0).acos().to_degrees());
    let height_m = mean_height_m(&frames);
    let cues = track.height_cues(&floor, height_m, 0.02 * height_m).expect("a height");
    let scale = ScaleEstimate::of(&cues).expect("cues");
    println!("{scale}; ratio {:.4}", scale.factor * UNITS_PER_METRE);
    assert!((scale.factor * UNITS_PER_METRE - 1.0).abs() < 0.03, "{scale}");

    let options = SceneOptions { source: ObjectSource::Geometry, ..SceneOptions::default() };
    let truth = scene_of(SceneOptions { up: Up::Y, ..options.clone() }, &frames, None);
    let first_in_truth: Pose = truth.world_from_input() * frames[0].world_from_camera;
    let track = track.upright(floor.up, Some(&floor), scale.factor);
    let truth_from_ours = first_in_truth * track.frames()[0].world_from_camera.inverse();
    let ours = scene_of(SceneOptions { up: Up::Z, ..options }, &frames, Some(&track));
    println!("{} {} things; supports {} {}", truth.len(), ours.len(), truth.supports().len(), ours.supports().len());
    for (name, snapshot) in [("truth", &truth), ("ours", &ours)] {
        for s in snapshot.supports() {
            println!("{name} {:?} {:.3} area {:.2}", s.kind, s.offset_m, s.area_m2);
        }
    }
    for object in truth.objects() {
        let near = ours.objects().map(|o| ((truth_from_ours * o.obb.centre) - object.obb.centre).norm());
        println!("{} {:?} {:.2?} nearest {:.3}", object.name, object.obb.centre, object.obb.size, near.fold(f64::INFINITY, f64::min));
    }
    let _ = SupportKind::Floor;
}
