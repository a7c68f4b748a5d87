//! What is measured, row by row.

use super::data::{Data, EDGE_M, LOOKS, PICKS, looked_at};
use super::spark;
use gnomon::frame::Frame;
use gnomon::select::{Edge, PointMap, PointSampler, SelectOptions, Selection, greedy, select};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Duration;

/// One call of a row: how long it took, and what came out.
pub type Call<'d> = Box<dyn FnMut() -> (Duration, Value) + 'd>;

/// What makes a row ready to be called.
pub type Begin = for<'d> fn(&'d Data) -> Call<'d>;

/// Every row by name.
pub const ROWS: [(&str, Begin); 13] = [
    ("sampler-greedy", sampler_greedy),
    ("sampler-points", sampler_points),
    ("voxels", voxels),
    ("backproject", backproject),
    ("memcpy", |data| memcpy(data, 11)),
    ("memcpy-least", |data| memcpy(data, 7)),
    ("planes", |data| geometry(data, true)),
    ("clusters", |data| geometry(data, false)),
    ("spark-insert", |_| spark::insert()),
    ("spark-update", |_| spark::update()),
    ("spark-snapshot", |_| spark::snapshot()),
    ("spark-save", spark::save),
    ("spark-load", spark::load),
];

/// How long `work` had this process on a processor.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let began = now();
    let result = work();
    (now().saturating_sub(began), result)
}

fn picks_of(selection: &Selection) -> Vec<usize> {
    selection.picks.iter().map(|pick| pick.frame).collect()
}

fn selection_of(data: &Data) -> Selection {
    let frames: Vec<PointMap<'_>> = data.points.iter().map(|points| PointMap { points, confidence: None }).collect();
    select(&frames, &SelectOptions { count: PICKS, ..SelectOptions::default() }).expect("sizes")
}

/// Voxel sets to picks.
fn sampler_greedy(data: &Data) -> Call<'_> {
    let sets = selection_of(data).sets;
    Box::new(move || {
        let (time, picks) = timed(|| greedy(black_box(&sets), PICKS));
        (time, json!({ "picks": picks.iter().map(|pick| pick.frame).collect::<Vec<_>>() }))
    })
}

/// Points to picks.
fn sampler_points(data: &Data) -> Call<'_> {
    Box::new(|| {
        let (time, selection) = timed(|| selection_of(black_box(data)));
        (time, json!({ "picks": picks_of(&selection), "seen": selection.seen, "covered": selection.covered }))
    })
}

/// Depth to points to the set of their voxels.
fn voxels(data: &Data) -> Call<'_> {
    let (mut sampler, mut points) = (PointSampler::default(), Vec::new());
    let options = SelectOptions { count: 1, edge: Edge::Length(EDGE_M), ..SelectOptions::default() };
    let frame = data.depth.as_frame();
    Box::new(move || {
        let (time, selection) = timed(|| {
            sampler.point_map(black_box(&frame), &mut points).expect("its size");
            select(&[PointMap { points: &points, confidence: None }], &options).expect("sizes")
        });
        (time, json!({ "voxels": selection.seen }))
    })
}

/// Depth to the points of all pixels in the world.
fn backproject(data: &Data) -> Call<'_> {
    let (mut sampler, mut points) = (PointSampler::default(), Vec::new());
    let frame = data.depth.as_frame();
    Box::new(move || {
        let (time, ()) = timed(|| sampler.point_map(black_box(&frame), &mut points).expect("its size"));
        black_box(&points);
        (time, json!({ "points": points.iter().filter(|p| p[0].is_finite()).count() }))
    })
}

/// A copy of as many bytes as [`backproject`] reads and writes, half of them each way. A pixel's are two of depth and eight of
/// its direction in, twelve of its point out; least of all are those without the direction, which some cameras can do
/// without.
fn memcpy(data: &Data, bytes_a_pixel: usize) -> Call<'_> {
    let bytes = bytes_a_pixel * data.depth.millimetres.len();
    let (from, mut to) = (vec![1u8; bytes], vec![0u8; bytes]);
    Box::new(move || {
        let (time, ()) = timed(|| to.copy_from_slice(black_box(&from)));
        black_box(&to);
        (time, json!({ "bytes": bytes }))
    })
}

/// A frame that a map takes in with geometry alone, after it looked there before: what tells floor, tables and walls, or from
/// there on until its things are points. By the clock, which is never less than the time on a processor.
fn geometry(data: &Data, planes: bool) -> Call<'_> {
    let frame = Frame { stamp_ns: LOOKS, ..data.real.as_frame() };
    Box::new(move || {
        let mut scene = looked_at(&data.real);
        scene.integrate(black_box(&frame), &[]).expect("a frame");
        let times = scene.stage_times();
        let time = if planes { times.perceive } else { times.lift };
        let snapshot = scene.publish();
        (time, json!({ "things": snapshot.len(), "planes": snapshot.supports().len(), "of": data.real.of }))
    })
}
