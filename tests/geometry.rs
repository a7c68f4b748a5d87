//! A map from pictures alone, against the one from the depth sensor and its poses.
//!
//! The network is a twin: for each window it gives the recorded poses and depth in a gauge of its own, about its first camera
//! and times a factor. The recording is named by `GNOMON_TEST_DATA`.

#![cfg(all(feature = "onnx", feature = "cli"))]

use gnomon::depth::{Depth, DepthMap, View};
use gnomon::frame::{Frame, Mask, MetricZ, Pose, Up};
use gnomon::geom::OrientedBox;
use gnomon::geometry::{Floor, Joiner, Track, windows};
use gnomon::lift::OwnedDetection;
use gnomon::scale::{ScaleEstimate, SparsePoint};
use gnomon::scene::{ObjectSource, Scene, SceneOptions, Snapshot, Support};
use gnomon::sequence::{LoadedFrame, Sequence, SequenceOptions};
use nalgebra::Point3;
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

fn scene_of(
    options: SceneOptions,
    frames: &[LoadedFrame],
    track: Option<&Track>,
    found: &[Vec<OwnedDetection>],
) -> Snapshot {
    let mut scene = Scene::new(options).expect("options");
    for (i, loaded) in frames.iter().enumerate() {
        let mut frame: Frame<'_> = loaded.as_frame().expect("a frame");
        if let Some(posed) = track.and_then(|track| track.frames().get(i)) {
            let (width, height) = (posed.intrinsics.width, posed.intrinsics.height);
            frame.depth = MetricZ::from_metres(&posed.depth, width, height).expect("depth");
            (frame.intrinsics, frame.world_from_camera) = (posed.intrinsics, posed.world_from_camera);
        }
        let found = found.get(i).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<_> = found.iter().map(|one| one.as_detection().expect("a detection")).collect();
        scene.integrate(&frame, &found).expect("taken in");
    }
    scene.publish()
}

/// How high the cameras were over the floor, mean, metres: y is up in the recording.
fn mean_height_m(frames: &[LoadedFrame]) -> f64 {
    frames.iter().map(|frame| frame.world_from_camera.translation.y - FLOOR_M).sum::<f64>() / frames.len() as f64
}

/// What a detector would say of things whose boxes are known in the recording's world: masks from the sensor's depth.
fn detections(loaded: &LoadedFrame, things: &[(String, OrientedBox)]) -> Vec<OwnedDetection> {
    let (width, height) = (loaded.intrinsics.width, loaded.intrinsics.height);
    let mut masks = vec![vec![0u8; (width * height) as usize]; things.len()];
    let mut ends = vec![[f32::MAX, f32::MAX, 0.0, 0.0]; things.len()];
    for (at, mm) in loaded.depth.iter().enumerate().filter(|(_, mm)| **mm > 0) {
        let (u, v) = (at as u32 % width, at as u32 / width);
        let Some(ray) = loaded.intrinsics.ray(f64::from(u), f64::from(v)) else { continue };
        let point = loaded.world_from_camera * Point3::from(ray * (f64::from(*mm) * 1e-3));
        for ((_, obb), (mask, end)) in things.iter().zip(masks.iter_mut().zip(&mut ends)) {
            let in_box = obb.to_box(&point);
            if (0..3).all(|k| in_box[k].abs() <= 0.5 * obb.size[k] + 0.01) {
                mask[at] = 1;
                let [x0, y0, x1, y1] = *end;
                let (x, y) = (u as f32, v as f32);
                *end = [x0.min(x), y0.min(y), x1.max(x + 1.0), y1.max(y + 1.0)];
            }
        }
    }
    let seen =
        things.iter().zip(masks).zip(ends).filter(|((_, mask), _)| mask.iter().filter(|m| **m > 0).count() > 400);
    seen.map(|(((label, _), bits), bbox)| OwnedDetection {
        label: label.as_str().into(),
        score: 0.9,
        bbox,
        mask: Some(Mask { data: bits, x: 0, y: 0, width, height }),
        feature: None,
    })
    .collect()
}

/// Each thing of `truth` has one of its name in `ours`, with its centre within so many metres and its sides within twice that: a
/// thing of which a part was seen turns a little more easily.
fn assert_same_things(truth: &Snapshot, ours: &Snapshot, truth_from_ours: &Pose, within_m: f64) {
    assert_eq!(truth.len(), ours.len());
    for object in truth.objects() {
        let same = ours.object_named(&object.name).expect("the same thing");
        let off = (truth_from_ours * same.obb.centre - object.obb.centre).norm();
        let sides = (same.obb.size - object.obb.size).abs().max();
        println!("{}: centre {off:.3} m, sides {sides:.3} m of {:.2?}", object.name, object.obb.size.as_slice());
        assert!(off < within_m && sides < 2.0 * within_m, "{}: centre {off:.3} m, sides {sides:.3} m", object.name);
    }
}

/// How high a support lies, in another world.
fn height_of(support: &Support, truth_from_its: &Pose) -> f64 {
    let heights = support.polygon.iter().map(|point| (truth_from_its * point).z);
    heights.sum::<f64>() / support.polygon.len() as f64
}

/// Each floor and each larger table of `truth` has one in `ours` as high within so many metres and as large within a tenth.
fn assert_same_supports(truth: &Snapshot, ours: &Snapshot, truth_from_ours: &Pose, within_m: f64) {
    for support in truth.supports().iter().filter(|support| support.area_m2 > 0.5) {
        let height_m = height_of(support, &Pose::identity());
        let alike = ours.supports().iter().filter(|other| other.kind == support.kind);
        let off = alike.map(|other| {
            let larger = (other.area_m2 / support.area_m2 - 1.0).abs();
            ((height_of(other, truth_from_ours) - height_m).abs(), larger)
        });
        let (height, larger) = off.min_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1))).expect("a support of its kind");
        println!("{:?} at {height_m:.3}: {height:.3} m off, {:.1} % of its area", support.kind, 100.0 * larger);
        assert!(height < within_m && larger < 0.1, "{:?}: {height:.3} m, {larger:.3}", support.kind);
    }
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
    assert!(up.y > 0.5f64.to_radians().cos(), "up is {up} in the recording");
    let height_m = mean_height_m(&frames);
    let cues = track.height_cues(&floor, height_m, 0.02 * height_m).expect("a height");
    let scale = ScaleEstimate::of(&cues).expect("cues");
    println!("up {:.2}° off; {scale}; of {:.4}", up.y.acos().to_degrees(), 1.0 / UNITS_PER_METRE);
    assert!((scale.factor * UNITS_PER_METRE - 1.0).abs() < 0.03, "{scale}");
    assert!(scale.conflicts.is_empty() && (0.01..0.05).contains(&scale.sigma_ln), "{scale}");

    let by_geometry = SceneOptions { source: ObjectSource::Geometry, ..SceneOptions::default() };
    let sensor = scene_of(SceneOptions { up: Up::Y, ..by_geometry.clone() }, &frames, None, &[]);
    let first_in_truth = sensor.world_from_input() * frames[0].world_from_camera;
    let track = track.upright(floor.up, Some(&floor), scale.factor);
    let truth_from_ours = first_in_truth * track.frames()[0].world_from_camera.inverse();
    let ours = scene_of(by_geometry, &frames, Some(&track), &[]);
    assert_same_supports(&sensor, &ours, &truth_from_ours, 0.05);
    assert!(ours.floor_height_m().is_some_and(|height| height.abs() < 0.02), "{:?}", ours.floor_height_m());

    // The larger things that the sensor's geometry finds, called by name in both.
    let input_from_truth = sensor.world_from_input().inverse();
    let large = sensor.objects().filter(|object| object.obb.size.min() > 0.08 && object.obb.size.max() < 1.5);
    let things: Vec<(String, OrientedBox)> = large
        .map(|object| {
            let (centre, turn) = (input_from_truth * object.obb.centre, input_from_truth.rotation);
            let obb = OrientedBox { centre, size: object.obb.size, world_from_box: turn * object.obb.world_from_box };
            (object.name.replace('#', " "), obb)
        })
        .collect();
    assert!(things.len() >= 8, "{} things", things.len());
    let found: Vec<Vec<OwnedDetection>> = frames.iter().map(|loaded| detections(loaded, &things)).collect();
    let sensor = scene_of(SceneOptions { up: Up::Y, ..SceneOptions::default() }, &frames, None, &found);
    let ours = scene_of(SceneOptions::default(), &frames, Some(&track), &found);
    assert!(sensor.len() >= 8, "{} things", sensor.len());
    assert_same_things(&sensor, &ours, &truth_from_ours, 0.05);
}

#[test]
fn cues_that_contradict_each_other_are_named_and_those_that_agree_are_surer_together() {
    let Some(frames) = recorded() else { return };
    let track = joined(&frames);
    let floor = Floor::find(&track, None).expect("a floor");
    let height_m = mean_height_m(&frames);
    let height = |factor: f64| track.height_cues(&floor, factor * height_m, 0.02 * height_m).expect("a height");
    let places: Vec<(usize, Point3<f64>)> =
        frames.iter().enumerate().map(|(at, frame)| (at, frame.world_from_camera.translation.vector.into())).collect();
    let odometry = track.odometry_cues(&places).expect("ways");
    let point = |at: usize, k: usize| {
        let (u, v) = (40 + k * 97 % 460, 30 + k * 61 % 300);
        let z_m = f64::from(frames[at].depth[v * 540 + u]) * 1e-3;
        (at, SparsePoint { pixel: [u as f64, v as f64], z_m, sigma_m: 0.02 })
    };
    let points = (0..frames.len()).step_by(9).flat_map(|at| (0..40).map(move |k| (at, k)));
    let points: Vec<_> = points.map(|(at, k)| point(at, k)).filter(|(_, point)| point.z_m > 0.0).collect();
    let points = ScaleEstimate::of(&track.point_cues(&points).expect("points")).expect("cues");
    assert!((points.factor * UNITS_PER_METRE - 1.0).abs() < 0.03, "{points}");
    let alone = ScaleEstimate::of(&odometry).expect("odometry");
    assert!((alone.factor * UNITS_PER_METRE - 1.0).abs() < 0.03, "{alone}");
    let both = ScaleEstimate::of(&[height(1.0), odometry.clone()].concat()).expect("cues");
    assert!(both.conflicts.is_empty() && both.sigma_ln < alone.sigma_ln, "{both}");
    let wrong = ScaleEstimate::of(&[height(1.3), odometry].concat()).expect("cues");
    assert_eq!(wrong.conflicts.len(), 1, "{wrong}");
    assert!(wrong.to_string().contains("camera height and odometry differ by"), "{wrong}");
    assert!(wrong.sigma_ln > 2.0 * both.sigma_ln, "{wrong}");
}
