use super::thing::Entry;
use super::*;
use crate::frame::MaskView;
use crate::geom::{OrientedBox, iou};
use nalgebra::{Isometry3, Matrix3, Point3, Rotation3, Translation3, UnitQuaternion, Vector3};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// A convex thing's outline as a mask of the whole picture.
struct Seen {
    mask: Vec<u8>,
    bbox: [f32; 4],
}

fn camera() -> Intrinsics {
    Intrinsics::pinhole(WIDTH, HEIGHT, 260.0, 260.0, 159.5, 119.5).expect("a camera")
}

/// A camera at `from` that looks at `at`.
fn looking(from: [f64; 3], at: [f64; 3]) -> Pose {
    let forward = (Vector3::from(at) - Vector3::from(from)).normalize();
    let right = forward.cross(&Vector3::z()).normalize();
    let axes = Matrix3::from_columns(&[right, forward.cross(&right), forward]);
    let rotation = UnitQuaternion::from_rotation_matrix(&Rotation3::from_matrix_unchecked(axes));
    Isometry3::from_parts(Translation3::from(from), rotation)
}

/// Cameras on a quarter of a circle round the origin.
fn walk(count: usize) -> Vec<Pose> {
    let place = |at: usize| {
        let angle = 1.6 * at as f64 / count as f64;
        looking([2.4 * angle.cos(), 2.4 * angle.sin(), 1.3], [0.0, 0.0, 0.4])
    };
    (0..count).map(place).collect()
}

/// Where rays of the camera enter the box.
fn see(obb: &OrientedBox, pose: &Pose) -> Seen {
    let (lens, entry) = (camera(), Entry::of(obb, pose));
    let (mut mask, mut bbox) = (vec![0; (WIDTH * HEIGHT) as usize], [f32::MAX, f32::MAX, f32::MIN, f32::MIN]);
    for v in 0..HEIGHT {
        for u in 0..WIDTH {
            let ray = lens.ray(f64::from(u), f64::from(v)).expect("a pinhole");
            if entry.depth_m(&ray).is_some() {
                mask[(v * WIDTH + u) as usize] = 255;
                let (u, v) = (u as f32, v as f32);
                bbox = [bbox[0].min(u), bbox[1].min(v), bbox[2].max(u + 1.0), bbox[3].max(v + 1.0)];
            }
        }
    }
    Seen { mask, bbox }
}

/// A frame with one thing in it, whose depth is `factor` times the truth of its centre; the depth afterwards, and what became of it.
fn frame(into: &mut Silhouettes, obb: &OrientedBox, pose: &Pose, factor: f64, has_mask: bool) -> (Vec<f32>, Refined) {
    let seen = see(obb, pose);
    let z = (pose.inverse() * obb.centre).z * factor;
    let mut depth = vec![z as f32; (WIDTH * HEIGHT) as usize];
    let mask = has_mask.then(|| MaskView::new(&seen.mask, 0, 0, WIDTH, HEIGHT, 0).expect("a mask"));
    let detection = Detection { label: "box", score: 0.9, bbox: seen.bbox, mask, feature: None };
    let refined = into.refine(&camera(), pose, &[detection], &mut depth).expect("a frame");
    (depth, refined)
}

fn block() -> OrientedBox {
    OrientedBox::upright(Point3::new(0.05, -0.04, 0.4), Vector3::new(0.42, 0.24, 0.3), 0.3)
}

fn silhouettes() -> Silhouettes {
    Silhouettes::new(SilhouetteOptions::default()).expect("options")
}

#[test]
fn a_walk_round_a_box_whose_depth_is_a_fifth_off_finds_it_to_centimetres() {
    for (has_mask, least) in [(true, 0.85), (false, 0.6)] {
        let mut all = silhouettes();
        let poses = walk(12);
        let became: Vec<Refined> = poses.iter().map(|pose| frame(&mut all, &block(), pose, 1.2, has_mask).1).collect();
        assert_eq!(became[0], Refined { withheld: 1, ..Refined::default() });
        assert_eq!(became[11], Refined { placed: 1, ..Refined::default() });
        assert_eq!(all.things.len(), 1);
        let found = all.things[0].obb();
        let (off, overlap) = ((found.centre - block().centre).norm(), iou(found, &block()));
        println!("with mask {has_mask}: centre {off:.4} m off, IoU {overlap:.3}");
        assert!(off < 0.02 && overlap > least, "{found:?}");
    }
}

#[test]
fn the_depth_laid_is_that_of_the_box_and_none_before_its_place_is_known() {
    let mut all = silhouettes();
    let poses = walk(10);
    let (first, _) = frame(&mut all, &block(), &poses[0], 0.8, true);
    let seen = see(&block(), &poses[0]);
    assert!(seen.mask.iter().zip(&first).all(|(&inside, &z)| (inside == 0) == (z > 0.0)), "withheld, and nothing else");
    let (mut last, pose) = (Vec::new(), poses[9]);
    poses.iter().skip(1).for_each(|pose| last = frame(&mut all, &block(), pose, 0.8, true).0);
    let seen = see(&block(), &pose);
    let middle = (pose.inverse() * block().centre).z as f32;
    let inside: Vec<f32> = last.iter().zip(&seen.mask).filter(|(z, m)| **m > 0 && **z > 0.0).map(|(z, _)| *z).collect();
    let count = seen.mask.iter().filter(|&&m| m > 0).count();
    assert!(inside.len() as f64 > 0.97 * count as f64, "{} of {count}", inside.len());
    // Of its faces: within half of the box's diagonal of the centre, and most of them before it.
    assert!(inside.iter().all(|&z| (z - middle).abs() < 0.3), "{middle}");
    assert!(inside.iter().sum::<f32>() < (middle - 0.05) * inside.len() as f32, "{middle}");
    let outside = last.iter().zip(&seen.mask).find(|(_, m)| **m == 0).map(|(z, _)| *z);
    assert_eq!(outside, Some((f64::from(middle) * 0.8) as f32), "the network's, untouched");
}

#[test]
fn of_two_bare_boxes_the_nearer_lies_over_the_farther() {
    let near = OrientedBox::upright(Point3::new(0.5, 0.5, 0.5), Vector3::repeat(0.12), 0.2);
    let far = OrientedBox::upright(Point3::new(0.0, 0.0, 0.4), Vector3::new(0.9, 0.8, 0.7), 0.1);
    let mut all = silhouettes();
    let mut depth = Vec::new();
    let poses = walk(14);
    for pose in &poses {
        let z = (pose.inverse() * far.centre).z as f32;
        depth = vec![z; (WIDTH * HEIGHT) as usize];
        let seen = [&near, &far].map(|obb| {
            let bbox = see(obb, pose).bbox;
            Detection { label: "box", score: 0.9, bbox, mask: None, feature: None }
        });
        all.refine(&camera(), pose, &seen, &mut depth).expect("a frame");
    }
    let middle = poses[13].inverse() * near.centre;
    let [u, v] = camera().project(&middle).expect("in front");
    let z = f64::from(depth[v as usize * WIDTH as usize + u as usize]);
    assert!(z < middle.z && z > middle.z - 0.15, "{z} of {}", middle.z);
}

#[test]
fn a_camera_that_only_turns_or_stands_leaves_the_depth_as_it_is_after_a_while() {
    let mut all = silhouettes();
    let pose = walk(1)[0];
    let became: Vec<Refined> = (0..28).map(|_| frame(&mut all, &block(), &pose, 1.2, true).1).collect();
    assert_eq!((became[22].withheld, became[23].untouched, became[27].untouched), (1, 1, 1), "{became:?}");
}

#[test]
fn what_was_moved_is_found_at_its_new_place() {
    let mut all = silhouettes();
    let poses = walk(40);
    poses[..26].iter().for_each(|pose| drop(frame(&mut all, &block(), pose, 1.1, true)));
    let moved = OrientedBox::upright(block().centre + Vector3::new(0.25, 0.0, 0.0), block().size, 0.3);
    poses[26..].iter().for_each(|pose| drop(frame(&mut all, &moved, pose, 1.1, true)));
    let last = all.things.iter().max_by_key(|thing| thing.last_frame).expect("a thing");
    assert!(last.is_known() && iou(last.obb(), &moved) > 0.7, "{:?}", last.obb());
}

#[test]
fn what_moves_by_itself_and_what_has_no_depth_is_left_alone() {
    let mut all =
        Silhouettes::new(SilhouetteOptions { movable_labels: vec!["box".into()], ..SilhouetteOptions::default() })
            .expect("options");
    let (depth, refined) = frame(&mut all, &block(), &walk(1)[0], 1.0, true);
    assert_eq!((refined.untouched, depth.iter().all(|&z| z > 0.0)), (1, true));
    let (_, refined) = frame(&mut silhouettes(), &block(), &walk(1)[0], 0.0, true);
    assert_eq!(refined.untouched, 1);
}

#[test]
fn no_more_than_so_many_things_are_remembered() {
    let mut all = silhouettes();
    let mut depth = vec![2.0; (WIDTH * HEIGHT) as usize];
    for at in 0..MAX_THINGS / 16 + 8 {
        // Sixteen detections a frame of a camera that is elsewhere each time.
        let pose = looking([100.0 * at as f64, 0.0, 1.0], [100.0 * at as f64 + 1.0, 0.0, 1.0]);
        let boxes = (0..16).map(|k| [20.0 * k as f32, 10.0, 20.0 * k as f32 + 15.0, 30.0]);
        let seen: Vec<Detection<'_>> =
            boxes.map(|bbox| Detection { label: "cup", score: 0.5, bbox, mask: None, feature: None }).collect();
        depth.fill(2.0);
        let refined = all.refine(&camera(), &pose, &seen, &mut depth).expect("a frame");
        assert_eq!(refined.withheld, 16);
        assert!(all.things.len() <= MAX_THINGS);
    }
}

#[test]
fn bad_input_is_refused_with_a_sentence() {
    let negative = SilhouetteOptions { edge_sigma_rad: -1.0, ..SilhouetteOptions::default() };
    let error = Silhouettes::new(negative).expect_err("negative").to_string();
    assert!(error.contains("edge_sigma_rad is -1, expected above 0"), "{error}");
    let error = silhouettes().refine(&camera(), &walk(1)[0], &[], &mut [1.0; 7]).expect_err("too few").to_string();
    assert!(error.contains("7 depths, expected 320 x 240"), "{error}");
    let bad = Detection { label: "", score: 0.5, bbox: [0.0, 0.0, 4.0, 4.0], mask: None, feature: None };
    let mut depth = vec![1.0; (WIDTH * HEIGHT) as usize];
    assert!(silhouettes().refine(&camera(), &walk(1)[0], &[bad], &mut depth).is_err());
    assert_eq!(depth, vec![1.0; (WIDTH * HEIGHT) as usize], "nothing was changed");
}
