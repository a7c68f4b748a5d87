//! Every link of the chain broken on purpose names itself.

use super::rig::*;
use super::*;
use crate::frame::{Pose, Up};
use crate::scene::{ObjectSource, Scene, SceneOptions};
use std::time::Duration;

fn hint(pipeline: &Pipeline, link: Link) -> String {
    let explanation = pipeline.explain();
    let broken = explanation.broken.clone().unwrap_or_else(|| panic!("nothing is broken: {explanation}"));
    assert_eq!(broken.link, link, "{explanation}");
    broken.hint
}

fn assert_hint(pipeline: &Pipeline, link: Link, words: &[&str]) {
    let hint = hint(pipeline, link);
    for word in words {
        assert!(hint.contains(word), "\"{word}\" is not in: {hint}");
    }
}

/// Goes on with `then` until this link is broken and says these words.
fn until_hint(pipeline: &Pipeline, link: Link, words: &[&str], mut then: impl FnMut()) {
    until(|| {
        then();
        let broken = pipeline.explain().broken;
        broken.is_some_and(|broken| broken.link == link && words.iter().all(|word| broken.hint.contains(word)))
    });
}

/// Pushes the frame that comes next.
fn push_next(pipeline: &Pipeline, frame: impl Fn(i64) -> LiveFrame) {
    let _ = pipeline.push(frame(pipeline.statistics().pushed as i64 + 1));
}

fn short_wait() -> PipelineOptions {
    PipelineOptions { wait: Duration::from_millis(10), ..options() }
}

/// So that silence of the test itself is no stall.
fn patient() -> PipelineOptions {
    PipelineOptions { stalled_after: HANG, ..short_wait() }
}

#[test]
fn where_all_is_well_no_link_is_broken_and_the_chain_is_counted() {
    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, (1..=12).map(frame));
    let explanation = pipeline.explain();
    assert_eq!(explanation.broken, None, "{explanation}");
    assert_eq!(explanation.links.map(|count| count.frames), [12, 12, 12, 12, 11, 12]);
    assert!(explanation.remarks.is_empty(), "{explanation}");
    let json: serde_json::Value = serde_json::from_str(&explanation.to_json()).expect("JSON");
    assert_eq!((&json["links"][2]["link"], &json["links"][2]["frames"]), (&"depth_valid".into(), &12.into()));
    assert!(json["broken"].is_null());
    assert_eq!(
        explanation.to_string(),
        "frames in 12 -> posed 12 -> depth valid 12 -> detections 12 -> associated 11 -> published 12\nno link is broken"
    );
}

#[test]
fn no_frames_and_frames_that_stop_are_named() {
    let pipeline = open(options(), Stages::default());
    assert_hint(&pipeline, Link::Frames, &["no frame was pushed"]);
    push_all(&pipeline, (1..=3).map(frame));
    until_hint(&pipeline, Link::Frames, &["3 frames came, and none for", "camera stop"], || {});
    until(|| {
        push_next(&pipeline, frame);
        pipeline.settle(HANG) && pipeline.explain().broken.is_none()
    });
}

#[test]
fn poses_that_nobody_gives_are_named() {
    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, (1..=3).map(unposed));
    assert_hint(&pipeline, Link::Posed, &["3 frames, 0 had a pose", "none was handed in", "push a pose"]);
    assert_eq!(assert_balanced(&pipeline).dropped.no_pose, 3);
}

#[test]
fn poses_of_another_clock_are_named() {
    let pipeline = open(patient(), Stages::default());
    for at in 101..=103 {
        pipeline.push_pose(0, at * STEP_NS - 1_300_000_000, pose()).expect("open");
        push_all(&pipeline, std::iter::once(unposed(at)));
    }
    let words =
        ["3 frames, 0 had a pose within 20 ms", "newest pose is 1.3 s older than the newest frame", "same clock"];
    assert_hint(&pipeline, Link::Posed, &words);
}

#[test]
fn poses_of_another_camera_that_come_late_that_are_sparse_or_that_stop_are_named() {
    let pipeline = open(patient(), Stages::default());
    pipeline.push_pose(7, STEP_NS, pose()).expect("open");
    push_all(&pipeline, std::iter::once(unposed(1)));
    assert_hint(&pipeline, Link::Posed, &["none was handed in for camera 0", "camera_id"]);

    let pipeline = open(patient(), Stages::default());
    pipeline.push_pose(0, 10 * STEP_NS - 300_000_000, pose()).expect("open");
    push_all(&pipeline, std::iter::once(unposed(10)));
    assert_hint(&pipeline, Link::Posed, &["newest pose is 300 ms older", "raise wait"]);

    let pipeline = open(patient(), Stages::default());
    pipeline.push_pose(0, 10 * STEP_NS + 35_000_000, pose()).expect("open");
    push_all(&pipeline, std::iter::once(unposed(10)));
    assert_hint(&pipeline, Link::Posed, &["nearest pose was 35 ms off", "raise pose_tolerance_ns"]);

    let pipeline = open(short_wait(), Stages::default());
    pipeline.push_pose(0, STEP_NS, pose()).expect("open");
    until_hint(&pipeline, Link::Posed, &["the last one came", "stop?"], || push_next(&pipeline, |at| unposed(9 * at)));
}

#[test]
fn depth_that_is_missing_is_named() {
    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { depth: None, ..frame(at) }));
    assert_hint(&pipeline, Link::DepthValid, &["3 frames, 0 had a pixel of depth", "there is no depth network"]);
    assert_eq!(assert_balanced(&pipeline).dropped.no_depth, 3);
}

#[test]
fn depth_that_is_none_everywhere_is_named_with_its_unit() {
    let pipeline = open(patient(), Stages::default());
    let kilometres = vec![3000.0; (WIDTH * HEIGHT) as usize];
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { depth: Some(depth_of(&kilometres)), ..frame(at) }));
    assert_hint(&pipeline, Link::DepthValid, &["0 had a pixel of depth", "is the unit right"]);
    assert_eq!(pipeline.statistics().published, 3);
}

#[test]
fn a_depth_network_that_fails_panics_or_hangs_is_named() {
    let without = |at| LiveFrame { depth: None, ..frame(at) };
    let pipeline = open(patient(), estimating(|| Err(dead())));
    push_all(&pipeline, (1..=3).map(without));
    assert_hint(&pipeline, Link::DepthValid, &["the depth network failed 3 times of 3", "fell off the bus"]);

    let pipeline = open(patient(), estimating(|| panic!("the weights are gone")));
    push_all(&pipeline, (1..=2).map(without));
    assert_hint(&pipeline, Link::DepthValid, &["failed 2 times of 2", "a panic: the weights are gone"]);

    let pipeline = open(patient(), estimating(|| Ok(metres())));
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { colour: None, ..without(at) }));
    assert_hint(&pipeline, Link::DepthValid, &["neither depth nor a picture"]);
    push_all(&pipeline, (4..=6).map(without));
    assert_eq!(pipeline.explain().broken, None);

    let (go, wait) = crossbeam_channel::bounded::<()>(0);
    let stages = estimating(move || {
        let _ = wait.recv();
        Ok(metres())
    });
    let pipeline = open(options(), stages);
    // Dropped before the pipeline.
    let _go = go;
    let words = ["the depth network has been busy with one frame for"];
    until_hint(&pipeline, Link::DepthValid, &words, || push_next(&pipeline, without));
}

#[test]
fn detections_that_nobody_makes_are_named() {
    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, (1..=3).map(undetected));
    assert_hint(&pipeline, Link::Detections, &["3 frames with depth, 0 had detections", "there is no detector"]);
    assert_eq!(pipeline.statistics().published, 3, "floor and walls are seen all the same");

    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { detections: Some(Detections::Own(Vec::new())), ..frame(at) }));
    assert_hint(&pipeline, Link::Detections, &["what was pushed as detections is empty"]);
}

#[test]
fn a_detector_that_fails_panics_hangs_sees_nothing_or_gets_no_picture_is_named() {
    let pipeline = open(patient(), detecting(|| Err(dead())));
    push_all(&pipeline, (1..=3).map(undetected));
    assert_hint(&pipeline, Link::Detections, &["the detector failed 3 times of 3", "fell off the bus"]);

    let pipeline = open(patient(), detecting(|| panic!("not that picture")));
    push_all(&pipeline, (1..=3).map(undetected));
    assert_hint(&pipeline, Link::Detections, &["a panic: not that picture"]);

    let pipeline = open(patient(), detecting(|| Ok(Vec::new())));
    push_all(&pipeline, (1..=3).map(undetected));
    assert_hint(&pipeline, Link::Detections, &["the detector finds nothing", "upright"]);

    let pipeline = open(patient(), detecting(|| Ok(vec![the_box()])));
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { colour: None, ..undetected(at) }));
    assert_hint(&pipeline, Link::Detections, &["without a picture for the detector"]);

    let (go, wait) = crossbeam_channel::bounded::<()>(0);
    let stages = detecting(move || {
        let _ = wait.recv();
        Ok(vec![the_box()])
    });
    let pipeline = open(options(), stages);
    let _go = go;
    let words = ["the detector has been busy with one frame for"];
    until_hint(&pipeline, Link::Detections, &words, || push_next(&pipeline, undetected));
}

#[test]
fn detections_by_stamp_that_do_not_come_or_do_not_fit_are_named() {
    let late = || PipelineOptions { late_detections: true, ..patient() };
    let pipeline = open(late(), Stages::default());
    push_all(&pipeline, (1..=2).map(undetected));
    assert_hint(&pipeline, Link::Detections, &["wait for detections by stamp, and none was handed in"]);

    let pipeline = open(late(), Stages::default());
    for at in 1..=2 {
        pipeline.push_detections(0, at * STEP_NS + 7_000_000, vec![the_box()]).expect("open");
        push_all(&pipeline, std::iter::once(undetected(at)));
    }
    assert_hint(&pipeline, Link::Detections, &["2 sets", "7 ms newer than the newest frame", "stamps"]);
}

#[test]
fn geometry_that_proposes_nothing_is_named() {
    let options_of_scene = SceneOptions { source: ObjectSource::Geometry, ..SceneOptions::default() };
    let scene = Scene::new(options_of_scene).expect("a scene");
    let pipeline = Pipeline::open(scene, patient(), Stages::default()).expect("a pipeline");
    let wall = vec![3.0; (WIDTH * HEIGHT) as usize];
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { depth: Some(depth_of(&wall)), ..undetected(at) }));
    assert_hint(&pipeline, Link::Detections, &["from geometry", "nothing stands out"]);
}

#[test]
fn things_never_known_again_are_named() {
    // Each frame a metre on in the world, though the camera stands: the pose is wrong.
    let pipeline = open(patient(), Stages::default());
    let run_away = |at: i64| {
        let pose = Pose::from_parts(nalgebra::Translation3::new(0.0, 5.0 * at as f64, 1.2), pose().rotation);
        LiveFrame { world_from_camera: Some(pose), ..frame(at) }
    };
    push_all(&pipeline, (1..=12).map(run_away));
    assert_hint(&pipeline, Link::Associated, &["12 frames with detections", "world_from_camera camera to world"]);

    // Boxes where there is no depth.
    let pipeline = open(patient(), Stages::default());
    let mut holed = metres();
    for v in 15..45 {
        holed[v * WIDTH as usize + 25..][..30].fill(0.0);
    }
    push_all(&pipeline, (1..=12).map(|at| LiveFrame { depth: Some(depth_of(&holed)), ..frame(at) }));
    assert_hint(&pipeline, Link::Associated, &["0 had depth enough to become a box", "registered"]);
}

#[test]
fn a_floor_that_is_not_found_is_named() {
    let scene = Scene::new(SceneOptions { up: Up::Auto, ..SceneOptions::default() }).expect("a scene");
    let pipeline = Pipeline::open(scene, patient(), Stages::default()).expect("a pipeline");
    push_all(&pipeline, (1..=3).map(frame));
    assert_hint(&pipeline, Link::Published, &["3 frames, 0 were published", "no floor was seen"]);
    assert_eq!(assert_balanced(&pipeline).dropped.up_unknown, 3);
}

#[test]
fn stamps_that_do_not_rise_and_frames_that_the_scene_refuses_are_named() {
    let pipeline = open(patient(), Stages::default());
    push_all(&pipeline, std::iter::once(frame(1000)));
    push_all(&pipeline, (1..=60).map(frame));
    assert_hint(&pipeline, Link::Published, &["newer ones of their camera were taken in first", "clock set back"]);
    assert_eq!(assert_balanced(&pipeline).dropped.overtaken, 60);

    let pipeline = open(patient(), Stages::default());
    let small = crate::frame::Intrinsics::pinhole(40, 30, 60.0, 60.0, 20.0, 15.0).expect("a camera");
    push_all(&pipeline, (1..=3).map(|at| LiveFrame { intrinsics: small, ..frame(at) }));
    assert_hint(&pipeline, Link::Published, &["the scene refused them, the last time:", "80x60"]);
    assert_eq!(assert_balanced(&pipeline).dropped.refused, 3);
}

#[test]
fn frames_that_come_too_fast_or_too_late_are_named() {
    let slow = || {
        detecting(|| {
            std::thread::sleep(Duration::from_millis(30));
            Ok(vec![the_box()])
        })
    };
    let pipeline = open(patient(), slow());
    for at in 1..=60 {
        pipeline.push(undetected(at)).expect("open");
    }
    assert!(pipeline.settle(HANG));
    assert_hint(&pipeline, Link::Published, &["come faster than they are worked off", "detect takes "]);

    let pipeline = open(PipelineOptions { deadline: Some(Duration::from_millis(5)), ..patient() }, slow());
    push_all(&pipeline, (1..=3).map(undetected));
    assert_hint(&pipeline, Link::Published, &["older than their deadline of 5 ms", "a frame: push fewer"]);
    assert_eq!(assert_balanced(&pipeline).dropped.deadline, 3);
}

#[test]
fn a_scene_that_panics_or_hangs_is_named() {
    let pipeline = Pipeline::open_with(scene(), patient(), Stages::default(), |_, _, _| panic!("a corner of a corner"));
    let pipeline = pipeline.expect("a pipeline");
    push_all(&pipeline, (1..=4).map(frame));
    assert_hint(&pipeline, Link::Published, &["the scene panicked", "a corner of a corner"]);
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.dropped.panic, statistics.scenes_begun_anew), (4, 1));

    let pipeline = Pipeline::open_with(scene(), options(), Stages::default(), |scene, frame, detections| {
        std::thread::sleep(Duration::from_millis(300));
        scene.integrate(frame, detections)
    });
    let pipeline = pipeline.expect("a pipeline");
    let words = ["the scene has been busy with one frame for"];
    until_hint(&pipeline, Link::Published, &words, || push_next(&pipeline, frame));
}

#[test]
fn what_is_lost_without_a_broken_link_is_remarked() {
    let pipeline = open(options(), listening(|_| panic!("deaf")));
    push_all(&pipeline, (1..=10).map(frame));
    until(|| pipeline.statistics().told > 0);
    let remarks = pipeline.explain().remarks.join("\n");
    assert!(remarks.contains("the listener failed") && remarks.contains("deaf"), "{remarks}");
}
