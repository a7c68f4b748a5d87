//! What one frame costs, from image to published map, all but the networks.
//!
//! Noisy frames of a rendered room, 640 × 480 with twenty detections each: `cargo bench --bench frame`. After one lap of
//! warm-up the frames come again and again with rising stamps; the shares of the stages are printed at the end.

use criterion::{Criterion, criterion_group, criterion_main};
use gnomon::cogmap::{CogMapOptions, LocalCogMap, LocalFrame};
use gnomon::eval::integrate_room_frame;
use gnomon::room::{FRAME_NS, Room, RoomFrame, RoomOptions, RoomSequence};
use gnomon::scene::{Scene, SceneOptions};
use std::time::Duration;

const DETECTIONS: usize = 20;
const FRAMES: usize = 120;

/// A warmed-up scene and the frames that go on coming.
struct Stream {
    scene: Scene,
    frames: Vec<RoomFrame>,
    next: usize,
    stages: Vec<Vec<Duration>>,
}

impl Stream {
    /// The walk through one room, each frame filled up to twenty detections by repeating its own.
    fn new() -> Self {
        let room = Room::generate(3);
        let mut walk = RoomSequence::new(&room, RoomOptions { seed: 3, noisy: true, ..RoomOptions::default() });
        let frames: Vec<RoomFrame> = (0..FRAMES).map(|index| filled(walk.frame(index))).collect();
        let mut stream =
            Self { scene: Scene::new(SceneOptions::default()).expect("options"), frames, next: 0, stages: Vec::new() };
        (0..FRAMES).for_each(|_| stream.integrate());
        stream.stages.clear();
        stream
    }

    fn integrate(&mut self) {
        let frame = &mut self.frames[self.next % FRAMES];
        frame.stamp_ns = self.next as i64 * FRAME_NS;
        integrate_room_frame(&mut self.scene, frame, true).expect("a rendered frame");
        self.next += 1;
        self.stages.push(self.scene.stage_times().stages().iter().map(|(_, time)| *time).collect());
    }

    fn print_stages(&self) {
        let names = self.scene.stage_times().stages().map(|(name, _)| name);
        for (at, name) in names.iter().enumerate() {
            let mut times: Vec<Duration> = self.stages.iter().map(|stages| stages[at]).collect();
            times.sort_unstable();
            let of = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e3;
            println!("stage {name:<10} p50 {:7.3} ms  p99 {:7.3} ms", of(50), of(99));
        }
        let mut whole: Vec<Duration> = self.stages.iter().map(|stages| stages.iter().sum()).collect();
        whole.sort_unstable();
        let of = |share: usize| whole[(whole.len() - 1) * share / 100].as_secs_f64() * 1e3;
        println!("whole frame      p50 {:7.3} ms  p99 {:7.3} ms", of(50), of(99));
    }
}

/// The frame with exactly [`DETECTIONS`] detections: too many are cut, too few are filled up with parts of its largest.
fn filled(mut frame: RoomFrame) -> RoomFrame {
    frame.detections.sort_by_key(|d| std::cmp::Reverse(d.mask.len()));
    frame.detections.truncate(DETECTIONS);
    let found = frame.detections.len();
    for extra in 0..DETECTIONS.saturating_sub(found) {
        let again = frame.detections[extra % found.max(1)].clone();
        frame.detections.push(again);
    }
    frame
}

fn frame(criterion: &mut Criterion) {
    let mut stream = Stream::new();
    let found: usize = stream.frames.iter().map(|frame| frame.detections.len()).sum();
    assert_eq!(found, FRAMES * DETECTIONS);
    criterion.bench_function("frame/integrate", |bencher| bencher.iter(|| stream.integrate()));
    stream.stages.clear();
    criterion.bench_function("frame/integrate+publish", |bencher| {
        bencher.iter(|| {
            stream.integrate();
            stream.scene.publish()
        });
    });
    stream.print_stages();
}

fn cogmap(criterion: &mut Criterion) {
    let mut stream = Stream::new();
    let snapshot = stream.scene.publish();
    let observer = LocalFrame::from_pose(&snapshot.world_from_camera()).expect("it looks ahead");
    let options = CogMapOptions::default();
    criterion.bench_function("cogmap/build", |bencher| {
        bencher.iter(|| LocalCogMap::build(&snapshot, &observer, &options).expect("a map"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(8));
    targets = frame, cogmap
}
criterion_main!(benches);
