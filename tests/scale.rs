//! The factor that makes depth metric, on rendered rooms: found from each cue alone, and as sure as it says.
#![cfg(feature = "cli")]

use gnomon::frame::Intrinsics;
use gnomon::room::{Room, RoomFrame, RoomOptions, RoomSequence};
use gnomon::scale::{
    Cue, CueKind, InverseAlignment, ScaleEstimate, SparsePoint, Stabiliser, StabiliserOptions, UnitDepth,
};
use nalgebra::{UnitQuaternion, Vector3};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Metres a unit of the depth that is made here.
const TRUE_FACTOR: f64 = 0.37;

/// Rooms, frames of each, and how often each is tried with other errors.
const ROOMS: u64 = 15;
const FRAMES: usize = 8;
const TRIALS: u64 = 8;

struct Chance(Pcg64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn intrinsics(frame: &RoomFrame) -> Intrinsics {
    let c = &frame.camera;
    Intrinsics::pinhole(c.width, c.height, c.fx, c.fy, c.cx, c.cy).expect("a camera")
}

/// Depth as a network might give it: in units, wrong by some percent that neighbours share, and by chance at each pixel.
fn as_seen(frame: &RoomFrame, chance: &mut Chance) -> Vec<f32> {
    let (width, height) = (frame.camera.width as usize, frame.camera.height as usize);
    let field: Vec<f64> = (0..6 * 5).map(|_| 0.03 * chance.normal()).collect();
    let smooth = |u: usize, v: usize| {
        let (x, y) = (u as f64 / width as f64 * 5.0, v as f64 / height as f64 * 4.0);
        let (i, j) = (x as usize, y as usize);
        let (a, b) = (x - i as f64, y - j as f64);
        let at = |i: usize, j: usize| field[j * 6 + i];
        (at(i, j) * (1.0 - a) + at(i + 1, j) * a) * (1.0 - b) + (at(i, j + 1) * (1.0 - a) + at(i + 1, j + 1) * a) * b
    };
    let wrong = |at: usize, chance: &mut Chance| (smooth(at % width, at / width) + 0.01 * chance.normal()).exp();
    let units = |(at, z): (usize, &f32)| (f64::from(*z) / TRUE_FACTOR * wrong(at, chance)) as f32;
    frame.depth_m.iter().enumerate().map(units).collect()
}

/// Every few frames of a walk through each room, in small pictures.
fn walks() -> Vec<Vec<RoomFrame>> {
    let walk = |seed: u64| {
        let room = Room::generate(seed);
        let usual = RoomOptions { seed, frames: 120, noisy: false, ..RoomOptions::default() };
        let mut walk = RoomSequence::new(&room, RoomOptions { camera: usual.camera.reduced(4), ..usual });
        (0..FRAMES).map(|k| walk.render(k * 120 / FRAMES)).collect()
    };
    (1..=ROOMS).map(walk).collect()
}

/// Of how many estimates the interval of nine in ten holds the truth, and how far they are off in the middle.
fn held(what: &str, estimates: &[ScaleEstimate]) {
    let inside = |one: &&ScaleEstimate| (one.interval_90()[0]..=one.interval_90()[1]).contains(&TRUE_FACTOR);
    let share = estimates.iter().filter(inside).count() as f64 / estimates.len() as f64;
    let mut off: Vec<f64> = estimates.iter().map(|one| (one.factor / TRUE_FACTOR).ln().abs()).collect();
    off.sort_by(f64::total_cmp);
    let sigma: f64 = estimates.iter().map(|one| one.sigma_ln).sum::<f64>() / estimates.len() as f64;
    let middle = off[off.len() / 2];
    println!(
        "{what}: {:.1} % held of {}, off {:.2} % in the middle, sigma {:.2} %",
        100.0 * share,
        estimates.len(),
        100.0 * middle,
        100.0 * sigma
    );
    assert!((0.82..=0.97).contains(&share), "{what}: {share}");
    assert!(middle < 0.03, "{what}: {middle}");
}

#[test]
fn each_cue_alone_finds_the_factor_and_is_as_sure_as_it_says() {
    let [mut points, mut heights] = [Vec::new(), Vec::new()];
    for (room, walk) in walks().iter().enumerate() {
        for trial in 0..TRIALS {
            let mut chance = Chance::new(1000 * room as u64 + trial);
            let height_off_m = 0.015 * chance.normal();
            let tilt = [0, 1].map(|_| 0.4f64.to_radians() * chance.normal());
            let [mut of_points, mut of_height] = [Vec::new(), Vec::new()];
            for frame in walk {
                let (z, intrinsics) = (as_seen(frame, &mut chance), intrinsics(frame));
                let depth = UnitDepth::new(&z, &intrinsics).expect("a picture");
                let measured: Vec<SparsePoint> = (0..60).filter_map(|_| point(frame, &mut chance)).collect();
                of_points.extend(Cue::from_points(&depth, &measured).expect("points"));
                let pose = frame.true_world_from_camera;
                let up = pose.rotation.inverse() * Vector3::z();
                let up = UnitQuaternion::from_euler_angles(tilt[0], 0.0, tilt[1]) * up;
                let height_m = pose.translation.z + height_off_m;
                let cue = Cue::from_camera_height(&depth, &up, 0.4f64.to_radians(), height_m, 0.015);
                of_height.extend(cue.expect("a height"));
            }
            points.push(ScaleEstimate::of(&of_points).expect("cues"));
            heights.extend(ScaleEstimate::of(&of_height).ok());
        }
    }
    held("sensor points", &points);
    held("camera height", &heights);
    assert!(heights.len() * 10 >= points.len() * 9, "the floor is seen in {} of {}", heights.len(), points.len());
}

/// A point as a laser of 1 % sees it.
fn point(frame: &RoomFrame, chance: &mut Chance) -> Option<SparsePoint> {
    let (width, height) = (frame.camera.width as usize, frame.camera.height as usize);
    let at = ((chance.uniform() * width as f64) as usize, (chance.uniform() * height as f64) as usize);
    let z_m = f64::from(frame.depth_m[at.1 * width + at.0]);
    let seen_m = z_m * (1.0 + 0.01 * chance.normal());
    (z_m > 0.0).then_some(SparsePoint { pixel: [at.0 as f64, at.1 as f64], z_m: seen_m, sigma_m: 0.01 * z_m })
}

#[test]
fn sizes_and_ways_find_the_factor_and_are_as_sure_as_they_say() {
    let [mut sizes, mut ways] = [Vec::new(), Vec::new()];
    for trial in 0..200 {
        let mut chance = Chance::new(trial);
        let mut cue = |make: fn(f64, f64, f64, f64) -> gnomon::Result<Cue>, true_m: f64, known: f64, seen: f64| {
            let known_m = true_m * (1.0 + known * chance.normal());
            let seen_u = true_m / TRUE_FACTOR * (1.0 + seen * chance.normal());
            make(seen_u, seen * seen_u, known_m, known * known_m).expect("a cue")
        };
        let things: Vec<Cue> =
            (0..7).map(|k| cue(Cue::from_known_size, 0.4 + 0.2 * f64::from(k), 0.05, 0.03)).collect();
        let walked: Vec<Cue> =
            (0..12).map(|k| cue(Cue::from_odometry, 0.3 + 0.05 * f64::from(k), 0.02, 0.03)).collect();
        sizes.push(ScaleEstimate::of(&things).expect("cues"));
        ways.push(ScaleEstimate::of(&walked).expect("cues"));
    }
    held("known sizes", &sizes);
    held("odometry", &ways);
}

#[test]
fn cues_that_contradict_each_other_are_named_and_trusted_less() {
    let cue =
        |kind: CueKind, factor: f64| Cue { kind, ln_factor: factor.ln(), sigma_ln: 0.01, shared_ln: 0.0, samples: 9 };
    let agree = ScaleEstimate::of(&[cue(CueKind::CameraHeight, 0.37), cue(CueKind::Odometry, 0.373)]).expect("cues");
    assert!(agree.conflicts.is_empty() && agree.sigma_ln < 0.01, "{agree}");
    let apart = ScaleEstimate::of(&[cue(CueKind::CameraHeight, 0.37), cue(CueKind::Odometry, 0.45)]).expect("cues");
    let [conflict] = &apart.conflicts[..] else { panic!("{apart}") };
    assert_eq!(conflict.kinds, [CueKind::CameraHeight, CueKind::Odometry]);
    assert!(conflict.sigmas > 10.0 && apart.sigma_ln > 0.05, "{apart}");
    let said = apart.to_string();
    assert!(said.contains("camera height and odometry differ by 18 %"), "{said}");
    assert!(ScaleEstimate::of(&[]).is_err());
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let camera = Intrinsics::pinhole(8, 6, 8.0, 8.0, 3.5, 2.5).expect("a camera");
    assert!(UnitDepth::new(&[1.0; 47], &camera).is_err());
    let flat = [1.0f32; 48];
    let depth = UnitDepth::new(&flat, &camera).expect("a picture");
    let up = Vector3::new(0.0, -1.0, 0.0);
    assert!(Cue::from_camera_height(&depth, &up, 0.01, f64::NAN, 0.01).is_err());
    assert!(Cue::from_camera_height(&depth, &Vector3::zeros(), 0.01, 1.2, 0.01).is_err());
    assert_eq!(Cue::from_camera_height(&depth, &up, 0.01, 1.2, 0.01).expect("a wall"), None, "no floor is in sight");
    assert!(Cue::from_known_size(0.0, 0.1, 1.0, 0.1).is_err());
    let point = SparsePoint { pixel: [1.0, 1.0], z_m: 0.4, sigma_m: 0.01 };
    assert_eq!(Cue::from_points(&depth, &[point; 2]).expect("points"), None);
    assert!(InverseAlignment::from_points(&[(1.0, point); 2]).is_err());
}

#[test]
fn drift_from_frame_to_frame_is_held_and_what_really_changes_is_seen_at_once() {
    let room = Room::generate(3);
    let usual = RoomOptions { seed: 3, frames: 120, noisy: false, ..RoomOptions::default() };
    let mut walk = RoomSequence::new(&room, RoomOptions { camera: usual.camera.reduced(4), ..usual });
    let mut stabiliser = Stabiliser::new(StabiliserOptions::default()).expect("options");
    let mut chance = Chance::new(5);
    let [mut before, mut after] = [Vec::new(), Vec::new()];
    for at in 0..walk.len() {
        let mut frame = walk.render(at);
        let width = frame.camera.width as usize;
        // From frame 60 on somebody stands before the left third.
        let is_board = |at: usize| at % width < width / 3;
        if at >= 60 {
            (0..frame.depth_m.len()).filter(|at| is_board(*at)).for_each(|at| frame.depth_m[at] = 0.6);
        }
        let drift = 0.1 * (2.0 * chance.uniform() - 1.0);
        let mut z: Vec<f32> = frame.depth_m.iter().map(|z| (f64::from(*z) * drift.exp()) as f32).collect();
        let held = stabiliser.hold(&mut z, &intrinsics(&frame), &frame.true_world_from_camera).expect("a frame");
        before.push(drift);
        after.push(drift + held.factor.ln());
        // One factor for all of the picture: what is new in it is where it is.
        let board = (0..z.len()).find(|at| is_board(*at) && at % width > 2).expect("a pixel");
        assert!((f64::from(z[board] / frame.depth_m[board]).ln() - after[at]).abs() < 1e-4);
        assert!(at == 0 || held.agreeing >= 0.4, "frame {at}: {held:?}");
    }
    let steps = |all: &[f64]| {
        let squares: f64 = all.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        (squares / (all.len() - 1) as f64).sqrt()
    };
    let (was, is) = (steps(&before), steps(&after));
    println!("drift between frames {:.2} %, held {:.3} %: {:.0} times less", 100.0 * was, 100.0 * is, was / is);
    assert!(was > 5.0 * is, "{was} and {is}");
    let off = (after[40..].iter().map(|ln| ln * ln).sum::<f64>() / (after.len() - 40) as f64).sqrt();
    println!("off the truth by {:.2} %", 100.0 * off);
    assert!(off * 3.0 < was, "errors add up: {off}");

    // Another place altogether is taken as it is.
    let elsewhere = walk.render(0);
    let mut z: Vec<f32> = elsewhere.depth_m.iter().map(|z| 3.0 * z).collect();
    let mut far = elsewhere.true_world_from_camera;
    far.translation.z += 50.0;
    let held = stabiliser.hold(&mut z, &intrinsics(&elsewhere), &far).expect("a frame");
    assert_eq!((held.factor, held.agreeing), (1.0, 0.0), "{held:?}");
    assert!(Stabiliser::new(StabiliserOptions { memory: 0.0, ..StabiliserOptions::default() }).is_err());
}
