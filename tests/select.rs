//! Frames of rendered rooms: what is kept sees nearly as much as the best of all, and more than frames taken evenly.
#![cfg(feature = "cli")]

use gnomon::eval::frame_of;
use gnomon::room::{Room, RoomCamera, RoomFrame, RoomOptions, RoomSequence, degrade};
use gnomon::select::{KeepOptions, Keeper, PointSampler, VoxelSets, greedy, uniform};

const EDGE_M: f64 = 0.10;

fn points(sampler: &mut PointSampler, frame: &RoomFrame) -> Vec<[f64; 3]> {
    sampler.points(&frame_of(frame).expect("a frame")).expect("points")
}

/// What every frame of a noisy walk sees.
fn walk(seed: u64) -> Vec<Vec<[f64; 3]>> {
    let room = Room::generate(seed);
    let camera = RoomCamera::default().reduced(4);
    let mut walk = RoomSequence::new(&room, RoomOptions { seed, camera, ..RoomOptions::default() });
    let mut sampler = PointSampler::default();
    (0..walk.len()).map(|at| points(&mut sampler, &degrade(&walk.render(at), seed, at))).collect()
}

fn voxels(points: &[[f64; 3]]) -> Vec<[i64; 3]> {
    points.iter().map(|point| point.map(|along| (along / EDGE_M).floor() as i64)).collect()
}

#[test]
fn frames_kept_as_they_come_see_nine_tenths_of_what_greedy_finds_and_greedy_more_than_even_ones() {
    for seed in [300, 301] {
        let frames = walk(seed);
        let sets = VoxelSets::of_keys(&frames.iter().map(|points| voxels(points)).collect::<Vec<_>>()).expect("small");
        for count in [8, 16, 32] {
            let mut keeper =
                Keeper::new(KeepOptions { count, edge_m: EDGE_M, ..KeepOptions::default() }).expect("options");
            for (number, points) in (0u64..).zip(&frames) {
                keeper.offer(number, points).expect("offered");
            }
            assert_eq!(keeper.kept().len(), count);
            let kept = sets.covered_by(keeper.kept().iter().map(|kept| kept.frame as usize));
            assert_eq!(keeper.covered(), kept);
            let best: usize = greedy(&sets, count).iter().map(|pick| pick.gain).sum();
            let even = sets.covered_by(uniform(frames.len(), count));
            println!("room {seed}, {count} frames: stream {kept}, greedy {best}, even {even} voxels");
            assert!(kept as f64 >= 0.9 * best as f64, "room {seed}, {count} frames: {kept} of {best}");
            assert!(best > even && kept > even, "room {seed}, {count} frames: {best}, {kept}, evenly {even}");
        }
    }
}
