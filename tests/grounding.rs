//! Places in a picture lifted through depth, in rendered rooms whose truth is known.
#![cfg(feature = "cli")]

use gnomon::Result;
use gnomon::frame::{DepthGrid, DepthNoise, Frame, Intrinsics, MetricZ, Pose, Registrar};
use gnomon::geom::iou;
use gnomon::lift::{LiftView, WallLine};
use gnomon::room::{Room, RoomFrame, RoomOptions, RoomSequence};
use gnomon::vlm::constraint::Box7Dof;
use gnomon::vlm::grounding::{Grounded2d, Region, lift, lift_in};

fn walls_of(room: &Room) -> [WallLine; 4] {
    let [length, width, _] = room.size();
    let wall = |normal: [f64; 2], away: f64| WallLine {
        normal,
        offset_m: -away,
        axis: [-normal[1], normal[0]],
        ends_m: [-50.0, 50.0],
    };
    [
        wall([-1.0, 0.0], length / 2.0),
        wall([1.0, 0.0], length / 2.0),
        wall([0.0, -1.0], width / 2.0),
        wall([0.0, 1.0], width / 2.0),
    ]
}

/// How a lifted box compares with the truth.
struct Mark {
    off_m: f64,
    iou: f64,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Lifts every thing that is whole in the picture and shows enough of itself, by its box or by the middle of it: from
/// the frame alone, and in a room whose floor, tops and walls are known.
fn marks(by_point: bool) -> [Vec<Mark>; 2] {
    let mut marks = [Vec::new(), Vec::new()];
    for seed in 0..4 {
        let room = Room::generate(seed);
        let truth = room.truth();
        let walls = walls_of(&room);
        let carried = truth.iter().filter(|thing| thing.standing_on.is_some());
        let tops = carried.map(|thing| thing.centre[2] - 0.5 * thing.size[2]);
        let levels_m: Vec<f64> = std::iter::once(0.0).chain(tops).collect();
        let mut sequence = RoomSequence::new(&room, RoomOptions::default());
        for index in (0..120).step_by(20) {
            let frame = sequence.render(index);
            let (camera, pose) = (frame.camera, frame.true_world_from_camera);
            let intrinsics =
                Intrinsics::pinhole(camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy)
                    .expect("a camera");
            let depth: Vec<f32> = frame.depth_m.iter().map(|z| if z.is_nan() { 0.0 } else { *z }).collect();
            let depth = MetricZ::from_metres(&depth, camera.width, camera.height).expect("an image");
            for (object, found) in seen_whole(&frame, by_point) {
                let true_box = Box7Dof {
                    label: String::new(),
                    centre_m: truth[object].centre,
                    size_m: truth[object].size,
                    yaw_rad: truth[object].yaw,
                };
                let alone = lift(&found, &depth, &intrinsics, &pose);
                let known = lifted_in_known_room(&found, &depth, &intrinsics, &pose, &levels_m, &walls);
                for (marks, lifted) in marks.iter_mut().zip([alone, known]) {
                    marks.push(mark(lifted.ok().as_ref(), &found.label, &true_box));
                }
            }
        }
    }
    marks
}

/// What a reply would say of a frame, with the number of the object: what is whole in it and shows enough of itself.
fn seen_whole(frame: &RoomFrame, by_point: bool) -> Vec<(usize, Grounded2d)> {
    let (width, height) = (f64::from(frame.camera.width), f64::from(frame.camera.height));
    let mut whole = Vec::new();
    for seen in &frame.detections {
        let object = seen.object.expect("clean");
        let [left, top, right, bottom] = seen.bbox.map(f64::from);
        let is_whole = left > 2.0 && top > 2.0 && right < width - 2.0 && bottom < height - 2.0;
        let [x, y] = [(left + right) / 2.0, (top + bottom) / 2.0];
        let shows_middle = usize::from(frame.ids[y as usize * width as usize + x as usize]) == object + 1;
        if is_whole && frame.visible_px[object] >= 1500 && (shows_middle || !by_point) {
            let region = if by_point { Region::Point([x, y]) } else { Region::Box([left, top, right, bottom]) };
            whole.push((object, Grounded2d { label: seen.label.clone(), region }));
        }
    }
    whole
}

fn mark(lifted: Option<&Box7Dof>, label: &str, true_box: &Box7Dof) -> Mark {
    let Some(lifted) = lifted else { return Mark { off_m: f64::INFINITY, iou: 0.0 } };
    assert_eq!(lifted.label, label);
    let (ours, truth) = (lifted.oriented(), true_box.oriented());
    Mark { off_m: (ours.centre - truth.centre).norm(), iou: iou(&ours, &truth) }
}

fn lifted_in_known_room(
    found: &Grounded2d,
    depth: &MetricZ<'_>,
    intrinsics: &Intrinsics,
    pose: &Pose,
    levels_m: &[f64],
    walls: &[WallLine],
) -> Result<Box7Dof> {
    let frame = Frame::of_depth(*depth, *intrinsics, *pose);
    let mut grid = DepthGrid::default();
    Registrar::default().register(&frame, &mut grid)?;
    let view = LiftView {
        grid: &grid,
        world_from_camera: pose,
        noise: &DepthNoise::default(),
        level_heights_m: levels_m,
        floor_m: Some(0.0),
        walls,
    };
    lift_in(found, &view)
}

fn told(name: &str, marks: &[Mark]) -> f64 {
    let near = marks.iter().filter(|mark| mark.off_m <= 0.15).count() as f64 / marks.len() as f64;
    println!(
        "{name}: {} things, centre off by {:.3} m (median), {:.0} % within 0.15 m, IoU {:.2} (median)",
        marks.len(),
        median(marks.iter().map(|mark| mark.off_m).collect()),
        near * 100.0,
        median(marks.iter().map(|mark| mark.iou).collect()),
    );
    near
}

#[test]
fn most_things_in_a_true_2d_box_are_lifted_to_where_they_are() {
    let [alone, in_known_room] = marks(false);
    assert!(alone.len() > 60, "{}", alone.len());
    let shares = [told("box, one frame alone", &alone), told("box, room known", &in_known_room)];
    assert!(shares.iter().all(|share| *share > 0.5), "{shares:?}");
}

#[test]
fn most_things_that_are_pointed_at_are_lifted_to_where_they_are() {
    let [alone, in_known_room] = marks(true);
    let shares = [told("point, one frame alone", &alone), told("point, room known", &in_known_room)];
    assert!(shares.iter().all(|share| *share > 0.5), "{shares:?}");
}
