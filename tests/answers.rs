//! Answers as a caller sees them: from annotated rooms, from rooms that were walked through, from moved worlds.
#![cfg(feature = "cli")]

use gnomon::answer::{Answer, AskOptions, View, ask_text};
use gnomon::eval::{eval_questions, integrate_room_frame, read_questions};
use gnomon::frame::Pose;
use gnomon::room::{Room, RoomCamera, RoomOptions, RoomSequence, RoomSurvey, degrade, questions_of, write_questions};
use gnomon::scene::{Object, Scene, SceneOptions, Snapshot};
use gnomon::sequence::read_box_scenes;
use nalgebra::{Matrix3, Translation3, UnitQuaternion, Vector3};
use std::path::Path;

fn reduced(room: &Room, frames: usize) -> RoomSequence<'_> {
    let options =
        RoomOptions { seed: room.seed(), frames, camera: RoomCamera::default().reduced(4), ..RoomOptions::default() };
    RoomSequence::new(room, options)
}

/// The map of a noisy walk.
fn walked(room: &Room, frames: usize) -> Snapshot {
    let mut walk = reduced(room, frames);
    let mut scene = Scene::new(SceneOptions::default()).expect("options");
    for index in 0..walk.len() {
        let frame = degrade(&walk.render(index), room.seed(), index);
        integrate_room_frame(&mut scene, &frame, true).expect("taken in");
    }
    scene.publish()
}

/// Every question about the room, in all its wordings, asked of a map.
fn answers(snapshot: &Snapshot, room: &Room, survey: &RoomSurvey, options: &AskOptions) -> Vec<Answer> {
    let questions = questions_of(room, survey, 0);
    let ask = |q: &gnomon::room::RoomQuestion| {
        ask_text(snapshot, &q.question, &q.options.clone().unwrap_or_default(), options).expect("an answer")
    };
    questions.iter().map(ask).collect()
}

#[test]
fn every_benchmark_question_on_real_rooms_is_understood_and_right() {
    let Some(data) = std::env::var_os("GNOMON_TEST_DATA") else {
        println!("not run: GNOMON_TEST_DATA unset");
        return;
    };
    for rooms in ["arkitscenes", "scannet"] {
        let file = |what: &str| Path::new(&data).join("vsi_meta").join(format!("{rooms}_{what}"));
        let scenes = read_box_scenes(&file("meta_info_val.json")).expect("boxes");
        let text = std::fs::read_to_string(file("questions.jsonl")).expect("questions");
        let marks = eval_questions(&scenes, &read_questions(&text).expect("questions")).expect("marks");
        for (kind, task) in &marks.tasks {
            let floor = if kind.starts_with("object_rel_direction") { 1.0 } else { 0.99 };
            assert!(task.understood == task.n && task.score() >= floor, "{rooms} {kind}: {task:?}");
        }
    }
    println!("real data: ran vsi_meta");
}

#[test]
fn every_form_about_a_rendered_room_is_answered_from_its_boxes() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = RoomOptions { camera: RoomCamera::default().reduced(2), ..RoomOptions::default() };
    write_questions(dir.path(), [1, 2].into_iter(), options, |_, _| {}).expect("written");
    let scenes = read_box_scenes(&dir.path().join("boxes.json")).expect("boxes");
    let text = std::fs::read_to_string(dir.path().join("questions.jsonl")).expect("questions");
    let marks = eval_questions(&scenes, &read_questions(&text).expect("questions")).expect("marks");
    assert!(marks.tasks.len() >= 22, "{:?}", marks.tasks.keys());
    for (kind, task) in &marks.tasks {
        assert!(task.understood == task.n && task.score() >= 0.99, "{kind}: {task:?}");
    }
}

#[test]
fn three_replays_give_the_same_bytes() {
    let room = Room::generate(3);
    let survey = RoomSurvey::of(&mut reduced(&room, 40));
    let replay = || {
        let all = answers(&walked(&room, 40), &room, &survey, &AskOptions::default());
        all.iter().map(|answer| answer.to_json().to_string() + "\n").collect::<String>()
    };
    let first = replay();
    assert!(first.contains("probability"), "{first}");
    let threads = [std::thread::scope(|scope| scope.spawn(replay).join().expect("no panic")), replay()];
    assert!(threads.iter().all(|again| *again == first));
}

/// The map turned about the vertical and shifted.
fn moved(snapshot: &Snapshot, motion: &Pose) -> Snapshot {
    let turn = motion.rotation.to_rotation_matrix();
    let objects = snapshot.objects().map(|object| {
        let [xx, xy, xz, yy, yz, zz] = object.centre_cov_m2;
        let cov = turn.matrix() * Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz) * turn.matrix().transpose();
        let mut object: Object = (**object).clone();
        object.obb.centre = motion * object.obb.centre;
        object.obb.world_from_box = motion.rotation * object.obb.world_from_box;
        object.centre_cov_m2 = [cov[(0, 0)], cov[(0, 1)], cov[(0, 2)], cov[(1, 1)], cov[(1, 2)], cov[(2, 2)]];
        object
    });
    let supports = snapshot.supports().iter().map(|support| {
        let mut support = (**support).clone();
        support.normal = motion.rotation * support.normal;
        support.offset_m += support.normal.dot(&motion.translation.vector);
        support.polygon.iter_mut().for_each(|corner| *corner = motion * *corner);
        support
    });
    Snapshot::of(objects.collect(), supports.collect(), snapshot.stamp_ns()).expect("boxes")
}

#[test]
fn answers_do_not_depend_on_where_the_world_begins() {
    let room = Room::generate(5);
    let survey = RoomSurvey::of(&mut reduced(&room, 60));
    let snapshot = walked(&room, 60);
    let world_from_camera = snapshot.world_from_camera();
    let of = |snapshot: &Snapshot, world_from_camera: Pose| {
        let view = Some(View { world_from_camera, intrinsics: None });
        answers(snapshot, &room, &survey, &AskOptions { view, ..AskOptions::default() })
    };
    let before = of(&snapshot, world_from_camera);
    assert!(before.iter().filter(|answer| answer.found().is_some()).count() > 100);
    for (yaw, shift) in [(2.1, [40.0, -7.0, 3.0]), (-0.4, [0.3, 0.0, -1.0])] {
        let motion = Pose::from_parts(
            Translation3::from(Vector3::from(shift)),
            UnitQuaternion::from_axis_angle(&Vector3::z_axis(), yaw),
        );
        let after = of(&moved(&snapshot, &motion), motion * world_from_camera);
        for (a, b) in before.iter().zip(&after) {
            assert_eq!(a.with_unit(), b.with_unit(), "{} and {}", a.sentence(), b.sentence());
            if let (Some(a), Some(b)) = (a.found(), b.found()) {
                // One draw of 128 may lie on a boundary, and fall to either side by rounding.
                assert!((a.probability - b.probability).abs() <= 1.0 / 128.0 + 1e-9, "{a:?} and {b:?}");
            }
        }
    }
}
