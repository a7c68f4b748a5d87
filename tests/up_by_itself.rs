//! `Up::Auto`: the world's up is found from the floor in view, whatever way the input's world is turned.

#![cfg(feature = "cli")]

use gnomon::eval::{frame_of, integrate_room_frame};
use gnomon::frame::{Frame, Pose, Up};
use gnomon::room::{Room, RoomFrame, RoomOptions, RoomSequence};
use gnomon::scene::{ObjectSource, Scene, SceneOptions, SupportKind};
use nalgebra::{Translation3, UnitQuaternion, Vector3};

fn frames(count: usize) -> Vec<RoomFrame> {
    let room = Room::generate(3);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed: 3, frames: 60, ..RoomOptions::default() });
    (0..count).map(|index| walk.render(index * 2)).collect()
}

fn scene() -> Scene {
    let options = SceneOptions { up: Up::Auto, source: ObjectSource::Geometry, ..SceneOptions::default() };
    Scene::new(options).expect("options")
}

/// Up of the room in the scene's world must be +Z; returns how far it is off, degrees.
fn up_error_deg(scene: &Scene, input_from_room: &Pose) -> f64 {
    let world_from_input = scene.world_from_input().expect("up was found");
    let up = world_from_input.rotation * (input_from_room.rotation * Vector3::z());
    up.angle(&Vector3::z()).to_degrees()
}

#[test]
fn a_room_turned_any_way_is_set_upright_with_its_floor_at_nought() {
    let shift = Translation3::new(3.0, -8.0, 1.5);
    for turn in [[0.3, -0.2, 1.0], [1.6, 0.4, -0.8], [-2.0, 1.2, 0.1]] {
        let input_from_room = Pose::from_parts(shift, UnitQuaternion::from_scaled_axis(Vector3::from(turn)));
        let mut scene = scene();
        for frame in &mut frames(12) {
            frame.world_from_camera = input_from_room * frame.world_from_camera;
            integrate_room_frame(&mut scene, frame, false).expect("taken in");
        }
        let off_deg = up_error_deg(&scene, &input_from_room);
        assert!(off_deg < 1.0, "{turn:?}: up is {off_deg} degrees off");
        let snapshot = scene.publish();
        let floor = snapshot.supports().iter().find(|s| s.kind == SupportKind::Floor).expect("a floor");
        assert!(floor.offset_m.abs() < 0.02, "{turn:?}: floor at {}", floor.offset_m);
        assert_eq!(Some(snapshot.world_from_input()), scene.world_from_input());
    }
}

#[test]
fn a_camera_that_stands_still_and_knows_no_pose_finds_its_floor() {
    let frame = &mut frames(1)[0];
    let room_from_camera = frame.true_world_from_camera;
    frame.world_from_camera = Pose::identity();
    let mut scene = scene();
    let report = integrate_room_frame(&mut scene, frame, false).expect("taken in");
    assert!(report.up_known);
    let off_deg = up_error_deg(&scene, &room_from_camera.inverse());
    assert!(off_deg < 1.0, "up is {off_deg} degrees off");
    let height_m = scene.publish().world_from_camera().translation.z;
    assert!((height_m - room_from_camera.translation.z).abs() < 0.02, "the camera is {height_m} m up");
}

#[test]
fn frames_without_a_floor_are_set_aside_until_one_shows_it() {
    let frame = &mut frames(1)[0];
    let depth_m = frame.depth_m.clone();
    let mut scene = scene();
    frame.depth_m.fill(f32::NAN);
    let report = integrate_room_frame(&mut scene, frame, false).expect("looked at");
    assert!(!report.up_known && scene.world_from_input().is_none());
    assert_eq!(scene.publish().frames(), 0);
    assert!(integrate_room_frame(&mut scene, frame, false).is_err(), "the clock has advanced: the stamp is old");
    frame.depth_m = depth_m;
    frame.stamp_ns += 1;
    assert!(integrate_room_frame(&mut scene, frame, false).expect("taken in").up_known);
    assert_eq!(scene.publish().frames(), 1);
}

#[test]
fn detections_are_refused_where_things_come_from_geometry() {
    let frame = &frames(1)[0];
    let mut with_detections = Scene::new(SceneOptions::default()).expect("options");
    integrate_room_frame(&mut with_detections, frame, false).expect("taken in");
    let options = SceneOptions { source: ObjectSource::Geometry, ..SceneOptions::default() };
    let mut scene = Scene::new(options).expect("options");
    let view = Frame { stamp_ns: 0, ..frame_of(frame).expect("a frame") };
    let cup =
        gnomon::lift::Detection { label: "cup", score: 0.9, bbox: [0.0, 0.0, 9.0, 9.0], mask: None, feature: None };
    let error = scene.integrate(&view, &[cup]).expect_err("refused");
    assert!(error.to_string().contains("from geometry alone, expected none"), "{error}");
}
