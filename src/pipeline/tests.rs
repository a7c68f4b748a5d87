//! Under load, with stages that stall, die and come back, and closed from everywhere.

use super::rig::*;
use super::*;
use crate::error::ErrorKind;
use crate::frame::{DepthFormat, MetricZ};
use crate::lift::OwnedDetection;
use crate::silhouette::SilhouetteOptions;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

#[test]
fn what_is_pushed_is_seen_by_who_polls_once_and_by_who_listens() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    let pipeline = open(options(), listening(move |published| told.lock().push(published.stamp_ns)));
    assert!(pipeline.poll().is_none() && pipeline.snapshot().frames() == 0);
    for at in 1..=5 {
        push_all(&pipeline, std::iter::once(frame(at)));
        until(|| heard.lock().len() == at as usize);
    }
    let published = pipeline.poll().expect("news");
    assert_eq!((published.stamp_ns, published.report.associated, published.snapshot.len()), (5 * STEP_NS, 1, 1));
    assert!(pipeline.poll().is_none(), "no news");
    assert_eq!(pipeline.snapshot().frames(), 5);
    assert_eq!(*heard.lock(), (1..=5).map(|at| at * STEP_NS).collect::<Vec<_>>());
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, statistics.told, statistics.untold), (5, 5, 0));
    let whole = &statistics.stages[Stage::Whole as usize];
    assert!(whole.runs == 5 && whole.p50_s > 0.0 && whole.p50_s <= whole.p99_s, "{whole:?}");
}

#[test]
fn the_pipeline_makes_the_map_that_the_scene_makes_alone() {
    let pipeline = open(options(), Stages::default());
    push_all(&pipeline, (1..=8).map(frame));
    let mut scene = scene();
    for at in 1..=8 {
        let live = frame(at);
        let views = live.detections.as_ref().expect("detections").views().expect("views");
        let frame = crate::frame::Frame {
            colour: None,
            depth: live.depth.as_ref().expect("depth").view().expect("a view"),
            intrinsics: live.intrinsics,
            depth_camera: None,
            world_from_camera: pose(),
            stamp_ns: live.stamp_ns,
            camera_id: 0,
        };
        scene.integrate(&frame, &views).expect("a frame");
    }
    let alone = crate::scene::scene_to_json(&scene.publish());
    assert_eq!(crate::scene::scene_to_json(&pipeline.snapshot()), alone);
}

#[test]
fn at_three_times_its_capacity_the_newest_is_kept_and_every_drop_is_counted() {
    let releases = Releases::default();
    let pipeline = open(
        options(),
        detecting(|| {
            std::thread::sleep(Duration::from_millis(12));
            Ok(vec![the_box()])
        }),
    );
    for at in 1..=120 {
        pipeline.push(LiveFrame { release: releases.one(), ..undetected(at) }).expect("open");
        std::thread::sleep(Duration::from_millis(4));
    }
    assert!(pipeline.settle(HANG));
    let statistics = assert_balanced(&pipeline);
    assert_eq!(statistics.pushed, 120);
    assert_eq!(statistics.published + statistics.dropped.overload, 120, "{statistics:?}");
    assert!((10..=80).contains(&statistics.published), "{statistics:?}");
    assert_eq!(pipeline.poll().map(|newest| newest.stamp_ns), Some(120 * STEP_NS));
    let explanation = pipeline.explain();
    assert!(explanation.remarks.iter().any(|remark| remark.contains("detect takes 1")), "{explanation}");
    pipeline.close();
    releases.assert_once();
}

#[test]
fn while_the_scene_takes_a_frame_in_the_next_is_detected_and_the_one_after_gets_its_depth() {
    static DETECTED: AtomicU32 = AtomicU32::new(0);
    static ESTIMATED: AtomicU32 = AtomicU32::new(0);
    let take_in: work::TakeIn = |scene, frame, detections| {
        // Were the stages to follow each other, this would wait for ever.
        let number = (frame.stamp_ns / STEP_NS) as u32;
        until(|| DETECTED.load(Ordering::SeqCst) >= (number + 1).min(6));
        until(|| ESTIMATED.load(Ordering::SeqCst) >= (number + 2).min(6));
        scene.integrate(frame, detections)
    };
    let stages = Stages {
        depth: estimating(|| {
            ESTIMATED.fetch_add(1, Ordering::SeqCst);
            Ok(metres())
        })
        .depth,
        ..detecting(|| {
            DETECTED.fetch_add(1, Ordering::SeqCst);
            Ok(vec![the_box()])
        })
    };
    let wide = PipelineOptions { queue: 8, ..options() };
    let pipeline = Pipeline::open_with(scene(), wide, stages, take_in).expect("a pipeline");
    for at in 1..=6 {
        pipeline.push(LiveFrame { depth: None, ..undetected(at) }).expect("open");
    }
    assert!(pipeline.settle(HANG));
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, statistics.stages[Stage::Scene as usize].panics), (6, 0));
}

#[test]
fn outlines_place_what_is_detected_in_a_network_s_depth_and_leave_a_sensor_s_alone() {
    let lifted = |silhouettes: Option<SilhouetteOptions>, sensor: bool| {
        let pipeline = open(options(), Stages { silhouettes, ..estimating(|| Ok(metres())) });
        let pushed = if sensor { frame(1) } else { LiveFrame { depth: None, ..frame(1) } };
        push_all(&pipeline, std::iter::once(pushed));
        assert!(pipeline.settle(HANG));
        pipeline.poll().map(|published| published.report.lifted)
    };
    let outlines = || Some(SilhouetteOptions::default());
    // Of what was seen from one place alone it is not known where it is.
    assert_eq!((lifted(None, false), lifted(outlines(), false), lifted(outlines(), true)), (Some(1), Some(0), Some(1)));
}

#[test]
fn after_a_stall_the_newest_comes_and_all_is_well_again() {
    let (go, wait) = crossbeam_channel::unbounded::<()>();
    let pipeline = open(
        options(),
        detecting(move || {
            let _ = wait.recv();
            Ok(vec![the_box()])
        }),
    );
    // Dropped before the pipeline.
    let go = go;
    let mut at = 0;
    until(|| {
        // It comes back although nobody takes anything.
        at += 1;
        pipeline.push(undetected(at)).expect("open");
        at >= 50 && pipeline.explain().broken.is_some_and(|broken| broken.link == Link::Detections)
    });
    assert_eq!(pipeline.statistics().under_way, 2, "one in the detector, the newest before it");
    drop(go);
    assert!(pipeline.settle(HANG));
    assert_eq!(pipeline.poll().map(|newest| newest.stamp_ns), Some(at * STEP_NS));
    let statistics = assert_balanced(&pipeline);
    assert!((1..=2).contains(&statistics.published) && statistics.dropped.overload >= at as u64 - 2, "{statistics:?}");
    until(|| {
        at += 1;
        push_all(&pipeline, std::iter::once(undetected(at)));
        pipeline.explain().broken.is_none()
    });
}

#[test]
fn a_dead_detector_leaves_the_map_going_and_comes_back() {
    let dies = Arc::new(AtomicBool::new(true));
    let is_dead = dies.clone();
    let pipeline = open(
        PipelineOptions { judged: 16, stalled_after: HANG, ..options() },
        detecting(move || if is_dead.load(Ordering::SeqCst) { Err(dead()) } else { Ok(vec![the_box()]) }),
    );
    push_all(&pipeline, (1..=20).map(undetected));
    assert_eq!(pipeline.explain().broken.map(|broken| broken.link), Some(Link::Detections));
    let statistics = pipeline.statistics();
    assert_eq!((statistics.published, statistics.stages[Stage::Detect as usize].errors), (20, 20));
    dies.store(false, Ordering::SeqCst);
    push_all(&pipeline, (21..=40).map(undetected));
    let explanation = pipeline.explain();
    assert_eq!(explanation.broken, None, "{explanation}");
    assert_eq!(pipeline.snapshot().len(), 1);
}

#[test]
fn late_poses_are_waited_for_and_those_that_are_too_late_are_counted() {
    let patient = PipelineOptions { wait: HANG, stalled_after: HANG, ..options() };
    let pipeline = open(patient.clone(), Stages::default());
    // Ten frames before their poses: all are taken in, in order, as the poses come.
    (1..=10).for_each(|at| pipeline.push(unposed(at)).expect("open"));
    assert_eq!(pipeline.statistics().under_way, 10);
    for at in 1..=10 {
        pipeline.push_pose(0, at * STEP_NS, pose()).expect("open");
        until(|| pipeline.statistics().published == at as u64);
    }
    assert_eq!(assert_balanced(&pipeline).dropped.sum(), 0);

    let pipeline = open(PipelineOptions { wait: Duration::from_millis(10), ..patient }, Stages::default());
    (11..=20).for_each(|at| pipeline.push(unposed(at)).expect("open"));
    assert!(pipeline.settle(HANG));
    (11..=20).for_each(|at| pipeline.push_pose(0, at * STEP_NS, pose()).expect("open"));
    assert_eq!(assert_balanced(&pipeline).dropped.no_pose, 10);
    assert_eq!(pipeline.explain().broken.map(|broken| broken.link), Some(Link::Posed));
    // They are there for who comes later, and all is well again.
    push_all(&pipeline, (11..=20).map(unposed));
    assert_eq!((assert_balanced(&pipeline).published, pipeline.explain().broken), (10, None));
}

#[test]
fn frames_that_wait_are_bounded_the_oldest_goes_first() {
    let bounded = PipelineOptions { wait: HANG, waiting: 4, ..options() };
    let pipeline = open(bounded, Stages::default());
    (1..=10).for_each(|at| pipeline.push(unposed(at)).expect("open"));
    let statistics = pipeline.statistics();
    assert_eq!((statistics.under_way, statistics.dropped.no_pose), (4, 6));
    pipeline.push_pose(0, 7 * STEP_NS, pose()).expect("open");
    until(|| pipeline.statistics().published == 1);
    pipeline.close();
    assert_eq!(assert_balanced(&pipeline).dropped.closed, 3);
}

#[test]
fn the_nearest_pose_is_taken_once_a_later_one_is_there_or_the_wait_is_over() {
    let pipeline = open(PipelineOptions { wait: HANG, ..options() }, Stages::default());
    let other = crate::frame::Pose::from_parts(nalgebra::Translation3::new(9.0, 0.0, 1.2), pose().rotation);
    pipeline.push_pose(0, STEP_NS - 5_000_000, other).expect("open");
    pipeline.push(unposed(1)).expect("open");
    assert_eq!(pipeline.statistics().under_way, 1, "a nearer one may come");
    pipeline.push_pose(0, STEP_NS + 4_000_000, pose()).expect("open");
    assert!(pipeline.settle(HANG));
    let x_of = |pipeline: &Pipeline| pipeline.snapshot().world_from_camera().translation.x;
    assert_eq!((x_of(&pipeline), pipeline.statistics().published), (0.0, 1));

    let pipeline = open(PipelineOptions { wait: Duration::from_millis(10), ..options() }, Stages::default());
    pipeline.push_pose(0, 2 * STEP_NS - 15_000_000, other).expect("open");
    pipeline.push(unposed(2)).expect("open");
    assert!(pipeline.settle(HANG));
    assert_eq!((x_of(&pipeline), pipeline.statistics().published), (9.0, 1));
}

#[test]
fn late_detections_find_their_frame_and_frames_go_on_without_when_none_come() {
    let late = PipelineOptions { late_detections: true, wait: HANG, ..options() };
    let pipeline = open(late.clone(), Stages::default());
    for at in 1..=4 {
        pipeline.push(undetected(at)).expect("open");
        assert_eq!(pipeline.statistics().under_way, 1);
        pipeline.push_detections(0, at * STEP_NS, vec![the_box()]).expect("open");
        assert!(pipeline.settle(HANG));
    }
    assert_eq!(pipeline.poll().map(|newest| newest.report.associated), Some(1));
    pipeline.push_detections(0, 3 * STEP_NS, vec![the_box()]).expect("open");
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, statistics.detections, statistics.detections_unused), (4, 5, 1));

    let pipeline = open(PipelineOptions { wait: Duration::from_millis(10), ..late }, Stages::default());
    push_all(&pipeline, std::iter::once(undetected(1)));
    assert_eq!(assert_balanced(&pipeline).published, 1);
    let without = open(options(), Stages::default());
    assert_eq!(without.push_detections(0, 1, Vec::new()).expect_err("nobody waits").kind(), ErrorKind::State);
}

#[test]
fn each_camera_keeps_its_own_newest() {
    let (go, wait) = crossbeam_channel::unbounded::<()>();
    let pipeline = open(
        options(),
        detecting(move || {
            let _ = wait.recv();
            Ok(vec![the_box()])
        }),
    );
    // Dropped before the pipeline.
    let go = go;
    for at in 1..=10 {
        for camera_id in 0..3 {
            pipeline.push(LiveFrame { camera_id, ..undetected(at) }).expect("open");
        }
    }
    drop(go);
    assert!(pipeline.settle(HANG));
    let published = assert_balanced(&pipeline).published;
    assert!((3..=4).contains(&published), "the newest of each, and the first that was taken at once: {published}");
}

#[test]
fn a_frame_that_a_later_one_overtook_is_dropped() {
    let pipeline = open(PipelineOptions { wait: HANG, ..options() }, Stages::default());
    pipeline.push(unposed(1)).expect("open");
    pipeline.push(frame(2)).expect("open");
    assert!(pipeline.settle(HANG));
    pipeline.push_pose(0, STEP_NS, pose()).expect("open");
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, statistics.dropped.overtaken), (1, 1));
}

#[test]
fn a_scene_that_panics_at_a_frame_goes_on_with_the_next() {
    let take_in: work::TakeIn = |scene, frame, detections| {
        assert_ne!(frame.stamp_ns, 6 * STEP_NS, "the sixth");
        scene.integrate(frame, detections)
    };
    let pipeline = Pipeline::open_with(scene(), options(), Stages::default(), take_in).expect("a pipeline");
    push_all(&pipeline, (1..=10).map(frame));
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, statistics.dropped.panic, statistics.scenes_begun_anew), (9, 1, 0));
    let stage = &statistics.stages[Stage::Scene as usize];
    assert!(stage.panics == 1 && stage.last_error.as_ref().is_some_and(|why| why.contains("the sixth")), "{stage:?}");
    assert_eq!((pipeline.snapshot().len(), pipeline.snapshot().frames()), (1, 9));
}

#[test]
fn a_listener_that_is_slow_holds_nobody_up_and_one_that_panics_is_called_again() {
    let calls = Arc::new(AtomicU32::new(0));
    let called = calls.clone();
    let pipeline = open(
        options(),
        listening(move |_| {
            std::thread::sleep(Duration::from_millis(50));
            assert!(called.fetch_add(1, Ordering::SeqCst) > 0, "the first");
        }),
    );
    push_all(&pipeline, (1..=20).map(frame));
    assert_eq!(assert_balanced(&pipeline).published, 20);
    until(|| calls.load(Ordering::SeqCst) > 1);
    let statistics = pipeline.statistics();
    assert!(statistics.untold > 0 && statistics.stages[Stage::Tell as usize].panics == 1, "{statistics:?}");
}

#[test]
fn copies_are_the_frames_own_and_their_buffers_are_used_again() {
    let pipeline = open(options(), Stages::default());
    // Rows with something between them.
    let stride = 4 * WIDTH as usize + 12;
    let mut padded = vec![0xAA; stride * HEIGHT as usize];
    for (row, metres) in padded.chunks_mut(stride).zip(metres().chunks(WIDTH as usize)) {
        row[..4 * WIDTH as usize].copy_from_slice(bytemuck::cast_slice(metres));
    }
    let mut scratch = padded.clone();
    for at in 1..=200 {
        scratch.copy_from_slice(&padded);
        let depth = MetricZ::new(&scratch, WIDTH, HEIGHT, stride, DepthFormat::F32Metres).expect("depth");
        let detection = the_box();
        let views = [detection.as_detection().expect("a view")];
        let live = frame(at);
        let borrowed = BorrowedFrame {
            colour: live.colour.as_ref().map(|picture| picture.view().expect("a view")),
            depth: Some(depth),
            intrinsics: camera(),
            depth_camera: None,
            world_from_camera: Some(pose()),
            stamp_ns: live.stamp_ns,
            camera_id: 0,
            detections: Some(&views),
        };
        pipeline.push_copy(&borrowed).expect("open");
        // The caller's memory is the caller's again.
        scratch.fill(0);
        assert!(pipeline.settle(HANG));
    }
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.published, pipeline.snapshot().len()), (200, 1));
    assert!((2..=8).contains(&statistics.buffers_made), "{}", statistics.buffers_made);
}

#[test]
fn what_is_refused_is_released() {
    let releases = Releases::default();
    let pipeline = open(options(), Stages::default());
    let bad = OwnedDetection { score: 2.0, ..the_box() };
    let frame_of = |detections| LiveFrame { detections: Some(detections), release: releases.one(), ..frame(1) };
    let error = pipeline.push(frame_of(Detections::Own(vec![bad]))).expect_err("a score of 2");
    assert_eq!(error.kind(), ErrorKind::Argument);
    pipeline.close();
    let error = pipeline.push(frame_of(Detections::Own(Vec::new()))).expect_err("closed");
    assert_eq!(error.kind(), ErrorKind::State);
    assert!(pipeline.push_pose(0, 1, pose()).is_err() && pipeline.push_detections(0, 1, Vec::new()).is_err());
    assert_eq!(pipeline.statistics().pushed, 0);
    releases.assert_once();
    pipeline.close();
}

#[test]
fn every_frame_is_released_once_whenever_the_pipeline_is_closed_1000_times() {
    for round in 0..1000u64 {
        let releases = Releases::default();
        let calls = Arc::new(AtomicU32::new(0));
        let called = calls.clone();
        let mut turn = round;
        let stages = Stages {
            detect: detecting(move || {
                turn += 1;
                match turn % 4 {
                    0 => Err(dead()),
                    1 if turn % 7 == 1 => std::panic::resume_unwind(Box::new("now and then")),
                    _ => Ok(vec![the_box()]),
                }
            })
            .detect,
            depth: estimating(|| Ok(metres())).depth,
            listener: listening(move |_| {
                called.fetch_add(1, Ordering::SeqCst);
            })
            .listener,
            silhouettes: Some(SilhouetteOptions::default()),
        };
        let options = PipelineOptions { wait: Duration::from_millis(1), ..options() };
        let take_in: work::TakeIn = |scene, frame, detections| {
            // Not `panic!`: hundreds of reports would bury what else the tests have to say.
            if frame.stamp_ns % (5 * STEP_NS) == 0 {
                std::panic::resume_unwind(Box::new("every fifth"));
            }
            scene.integrate(frame, detections)
        };
        let pipeline = Pipeline::open_with(scene(), options, stages, take_in).expect("a pipeline");
        for at in 1..=(round % 9) as i64 {
            let frame = match at % 3 {
                0 => LiveFrame { depth: None, ..undetected(at) },
                1 => unposed(at),
                _ => frame(at),
            };
            pipeline.push(LiveFrame { release: releases.one(), ..frame }).expect("open");
        }
        // Moments from before the first stage to after the last.
        for _ in 0..(round * 7919) % 20_011 {
            std::hint::spin_loop();
        }
        if round % 2 == 0 {
            pipeline.close();
            assert_balanced(&pipeline);
        } else {
            drop(pipeline);
        }
        releases.assert_once();
        let told = calls.load(Ordering::SeqCst);
        std::thread::yield_now();
        assert_eq!(calls.load(Ordering::SeqCst), told, "called after the close");
    }
}

#[test]
fn pushed_from_eight_threads_and_closed_meanwhile_every_frame_is_released_once() {
    for round in 0..20 {
        let releases = Releases::default();
        let pipeline = open(options(), detecting(|| Ok(vec![the_box()])));
        std::thread::scope(|scope| {
            for camera_id in 0..8 {
                let (pipeline, releases) = (&pipeline, &releases);
                scope.spawn(move || {
                    for at in 1..=40 {
                        let frame = LiveFrame { camera_id, release: releases.one(), ..undetected(at) };
                        if pipeline.push(frame).is_err() {
                            break;
                        }
                    }
                });
            }
            std::thread::sleep(Duration::from_millis(round));
            pipeline.close();
        });
        releases.assert_once();
        assert_balanced(&pipeline);
    }
}

#[test]
fn close_waits_for_the_listener_that_runs_and_none_is_called_after() {
    let state = Arc::new(AtomicU32::new(0));
    let inside = state.clone();
    let pipeline = open(
        options(),
        listening(move |_| {
            inside.store(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            inside.store(2, Ordering::SeqCst);
        }),
    );
    pipeline.push(frame(1)).expect("open");
    until(|| state.load(Ordering::SeqCst) == 1);
    pipeline.close();
    assert_eq!(state.load(Ordering::SeqCst), 2);
}

#[test]
fn close_may_be_called_from_the_listener_from_a_stage_and_from_a_release() {
    type Place = Arc<Mutex<Option<Arc<Pipeline>>>>;
    let closes = |place: &Place, closed: &Arc<AtomicU32>| {
        let (place, closed) = (place.clone(), closed.clone());
        move || {
            let pipeline = place.lock().take();
            if let Some(pipeline) = pipeline {
                pipeline.close();
                closed.fetch_add(1, Ordering::SeqCst);
                // It may be the last owner.
                drop(pipeline);
            }
        }
    };
    for from in 0..3 {
        for round in 0..50 {
            let (place, closed, releases) = (Place::default(), Arc::default(), Releases::default());
            let close = closes(&place, &closed);
            let stages = match from {
                0 => listening(move |_| close()),
                1 => detecting(move || {
                    close();
                    Ok(vec![the_box()])
                }),
                _ => Stages::default(),
            };
            let pipeline = Arc::new(open(options(), stages));
            *place.lock() = Some(pipeline.clone());
            for at in 1..=5 {
                let release = if from == 2 && at == 3 { Release::new(closes(&place, &closed)) } else { releases.one() };
                let _ = pipeline.push(LiveFrame { release, ..undetected(at) });
            }
            if round % 2 == 0 {
                // From outside at the same time.
                drop(pipeline);
            } else {
                until(|| closed.load(Ordering::SeqCst) == 1);
                drop(pipeline);
            }
            let inner = place.lock().take();
            drop(inner);
            until(|| releases.0.lock().iter().all(|count| count.load(Ordering::SeqCst) == 1));
        }
    }
}

#[test]
fn a_network_is_told_to_stop_when_the_pipeline_closes() {
    struct Hangs(Arc<AtomicBool>);
    impl Detect for Hangs {
        fn detect(
            &mut self,
            _: &crate::frame::ImageView<'_>,
            turn: &Turn<'_>,
            _: &mut Vec<OwnedDetection>,
        ) -> crate::error::Result<()> {
            until(|| self.0.load(Ordering::SeqCst));
            assert!(turn.is_closing() && turn.within().is_none());
            Err(dead())
        }
        fn stopper(&self) -> Option<Stopper> {
            let stopped = self.0.clone();
            Some(Box::new(move || stopped.store(true, Ordering::SeqCst)))
        }
    }
    let releases = Releases::default();
    let stages = Stages { detect: Some(Box::new(Hangs(Arc::default()))), ..Stages::default() };
    let pipeline = open(options(), stages);
    pipeline.push(LiveFrame { release: releases.one(), ..undetected(1) }).expect("open");
    until(|| pipeline.statistics().stages[Stage::Detect as usize].busy_s > 0.0);
    pipeline.close();
    releases.assert_once();
    let statistics = assert_balanced(&pipeline);
    assert_eq!((statistics.dropped.closed, statistics.stages[Stage::Detect as usize].panics), (1, 0));
}

#[test]
fn options_that_cannot_be_meant_are_refused() {
    let of = |change: fn(&mut PipelineOptions)| {
        let mut options = options();
        change(&mut options);
        Pipeline::open(scene(), options, Stages::default()).expect_err("refused").to_string()
    };
    assert!(of(|options| options.queue = 0).contains("queue is 0, expected 1 to 64"));
    assert!(of(|options| options.waiting = 257).contains("waiting"));
    assert!(of(|options| options.poses = 0).contains("poses"));
    assert!(of(|options| options.judged = 0).contains("judged"));
    assert!(of(|options| options.pose_tolerance_ns = -1).contains("pose_tolerance_ns"));
}
