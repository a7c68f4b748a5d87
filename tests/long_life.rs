//! A scene that lives long, and threads that read it while it does.
//!
//! `make soak` runs the long form: `GNOMON_SOAK_FRAMES` frames, 200,000 of them.
#![cfg(feature = "cli")]

use gnomon::eval::frame_of;
use gnomon::frame::{Frame, MaskView};
use gnomon::graph::{PublishOptions, PublishedList};
use gnomon::lift::Detection;
use gnomon::room::{FRAME_NS, LAP_FRAMES, Room, RoomCamera, RoomDetection, RoomFrame, RoomOptions, RoomSequence};
use gnomon::scene::{Scene, SceneOptions, Snapshot};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A lap through each state of a room in which things come, go and move.
fn laps(states: usize) -> Vec<Vec<RoomFrame>> {
    let camera = RoomCamera::default().reduced(4);
    let was = Room::generate(5);
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let movable = was.movable_indices();
    (0..states)
        .map(|state| {
            let mut room = was.clone();
            for (k, at) in movable.iter().enumerate().filter(|(k, _)| state > 0 && k % states == state) {
                if k % 2 == 0 {
                    room.remove_object(*at)
                } else {
                    room.relocate(*at, &mut rng)
                };
            }
            let mut walk = RoomSequence::new(&room, RoomOptions { seed: 5, camera, ..RoomOptions::default() });
            (0..LAP_FRAMES).map(|index| walk.frame(index)).collect()
        })
        .collect()
}

fn detections(frame: &RoomFrame) -> Vec<Detection<'_>> {
    let detection =
        |one: &'_ RoomDetection| -> (u32, u32, u32, u32) { (one.mask_x, one.mask_y, one.mask_w, one.mask_h) };
    let of = |one| {
        let (x, y, w, h) = detection(one);
        let mask = MaskView::new(&one.mask, x, y, w, h, 0).expect("a rendered mask fits");
        Detection { label: &one.label, score: one.score, bbox: one.bbox, mask: Some(mask), feature: None }
    };
    frame.detections.iter().map(of).collect()
}

fn integrate(scene: &mut Scene, frame: &RoomFrame, index: usize) -> Snapshot {
    let stamp_ns = index as i64 * FRAME_NS;
    let posed = Frame { stamp_ns, ..frame_of(frame).expect("a rendered frame fits") };
    scene.integrate(&posed, &detections(frame)).expect("a frame");
    scene.publish()
}

/// What the process holds in memory, bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: u64 = text.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number");
    pages * 4096
}

#[test]
fn a_scene_that_lives_long_does_not_grow() {
    let frames: usize = std::env::var("GNOMON_SOAK_FRAMES").ok().and_then(|word| word.parse().ok()).unwrap_or(5_000);
    let laps = laps(4);
    let mut scene = Scene::new(SceneOptions::default()).expect("a scene");
    let mut list: Option<PublishedList> = None;
    // By then the rings are full and every state of the room was seen.
    let settled = if frames >= 100_000 { 20_000 } else { frames / 2 };
    let (mut at_first, mut most) = (0, 0);
    let mut things = 0;
    let started = Instant::now();
    for index in 0..frames {
        let lap = index / LAP_FRAMES;
        let snapshot = integrate(&mut scene, &laps[lap % laps.len()][index % LAP_FRAMES], index);
        if index % 10 == 0 {
            match &mut list {
                Some(list) => drop(list.update(&snapshot).expect("an update")),
                None => list = Some(PublishedList::of(&snapshot, PublishOptions::default()).expect("a list")),
            }
        }
        things = snapshot.len();
        if index == settled {
            at_first = resident();
        }
        if index >= settled && index % 100 == 0 {
            most = most.max(resident());
        }
        if index % 20_000 == 0 && frames >= 100_000 {
            let megabytes = resident() as f64 * 1e-6;
            println!("{index} frames, {things} things, {megabytes:.1} MB, {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    let growth = most as f64 / at_first as f64 - 1.0;
    println!(
        "{frames} frames, {things} things, {:.1} MB after {settled}, growth {:.2} %",
        at_first as f64 * 1e-6,
        growth * 100.0
    );
    assert!(things > 5, "the room is not empty");
    assert!(growth < 0.02, "grows by {:.2} % from frame {settled} on", growth * 100.0);
}

#[test]
fn eight_readers_never_wait_for_the_writer_and_see_no_half_of_anything() {
    let laps = laps(1);
    let mut scene = Scene::new(SceneOptions::default()).expect("a scene");
    let reader = scene.reader();
    let (done, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    let slowest_ns = AtomicU64::new(0);
    std::thread::scope(|threads| {
        for _ in 0..8 {
            let reader = reader.clone();
            threads.spawn(|| {
                let reader = reader;
                let mut last = (0, i64::MIN);
                while !done.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    let snapshot = reader.latest();
                    slowest_ns.fetch_max(asked.elapsed().as_nanos() as u64, Ordering::Relaxed);
                    reads.fetch_add(1, Ordering::Relaxed);
                    let now = (snapshot.frames(), snapshot.stamp_ns());
                    assert!(now >= last, "time runs backwards: {last:?}, then {now:?}");
                    // The stamp belongs to the number of frames: both are of one moment.
                    assert!(
                        now.0 == 0 || now.1 == (now.0 as i64 - 1) * FRAME_NS,
                        "half of one, half of another: {now:?}"
                    );
                    assert_eq!(snapshot.objects().count(), snapshot.len());
                    for object in snapshot.objects() {
                        let found = snapshot.object(object.id).expect("it is there");
                        assert_eq!((found.id, found.obb), (object.id, object.obb));
                    }
                    last = now;
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        }
        // A hundred frames a second, for two.
        let begun = Instant::now();
        for (index, frame) in laps[0].iter().cycle().take(200).enumerate() {
            integrate(&mut scene, frame, index);
            std::thread::sleep((SECOND / 100 * (index as u32 + 1)).saturating_sub(begun.elapsed()));
        }
        done.store(true, Ordering::Relaxed);
    });
    let reads = reads.load(Ordering::Relaxed);
    println!("{reads} reads beside 200 frames, the slowest {:.1} us", slowest_ns.load(Ordering::Relaxed) as f64 * 1e-3);
    assert!(reads > 200, "readers came to read");
    let last = reader.latest();
    drop(scene);
    assert_eq!(reader.latest().frames(), last.frames(), "what was published stays");
}
