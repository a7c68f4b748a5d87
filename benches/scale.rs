//! What a map of a hundred things costs, and what one of a hundred thousand does, of which a frame sees the same twenty:
//! `cargo bench --bench scale --features cli`.
//!
//! Four maps are filled, then looked at in turn with frames of 640 × 480, each of another place than the one before, of
//! five that lie far apart where the map is large. Counted is the
//! time that the thread was on a processor, so that what else the machine does counts little; what the map itself does
//! with a frame (who is who, fusing, doubt, publishing) is the stages' time by the clock, or the whole frame's time on the
//! processor where that is less: the thread was put off.

#[path = "common/field.rs"]
mod field;

use field::{Field, THINGS, end_ns, map_of};
use gnomon::answer::{AskOptions, ask_text};
use gnomon::cogmap::{CogMapOptions, LocalCogMap, LocalFrame};
use gnomon::scene::Scene;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// Frames a map, after those that warm up, and the places that they look at in turn: as many as the smallest map has.
const FRAMES: usize = 400;
const WARM_UP: usize = 60;
const PLACES: usize = 5;

/// Nanoseconds from frame to frame.
const FRAME_NS: i64 = 33_333_333;

/// What is promised of the largest map: milliseconds, and the ratio of whole frames.
const UPDATE_P50_MS: f64 = 0.5;
const UPDATE_P99_MS: f64 = 2.0;
const WHOLE_RATIO: f64 = 1.1;
const COGMAP_P50_MS: f64 = 0.05;
const ANSWER_P99_MS: f64 = 1.0;
const PATH_P50_MS: f64 = 5.0;

/// One map, and what its frames cost, milliseconds.
struct Map {
    things: usize,
    scene: Scene,
    field: Field,
    bytes_each: f64,
    update: Vec<f64>,
    whole: Vec<f64>,
    cogmap: Vec<f64>,
    answer: Vec<f64>,
    path: Vec<f64>,
    stages: Vec<[f64; 7]>,
}

impl Map {
    fn new(things: usize) -> Self {
        let before = resident_bytes();
        let scene = map_of(things);
        let bytes_each = (resident_bytes() - before) / things as f64;
        let mut field = Field::new(640);
        field.stamp_ns = end_ns(things);
        let times = || Vec::with_capacity(FRAMES);
        let [update, whole, cogmap, answer, path] = std::array::from_fn(|_| times());
        Self { things, scene, field, bytes_each, update, whole, cogmap, answer, path, stages: Vec::new() }
    }

    /// Looks at another place than in the frame before, asks what is there, and notes what it cost.
    fn look(&mut self, turn: usize) {
        let place = turn % PLACES * (self.things / THINGS / PLACES);
        let (report, whole) = timed(|| {
            let report = self.field.see(&mut self.scene, place, FRAME_NS);
            self.scene.publish();
            report
        });
        assert_eq!((report.associated, report.begun), (THINGS as u32, 0), "place {place} of {}", self.things);
        let stages = self.scene.stage_times().stages().map(|(_, time)| ms(time));
        let snapshot = self.scene.snapshot();
        let pose = snapshot.world_from_camera().translation.vector;
        let (_, cogmap) = timed(|| {
            let observer = LocalFrame::new([pose.x, pose.y], 0.3).expect("a place");
            black_box(LocalCogMap::build(&snapshot, &observer, &CogMapOptions::default()).expect("a map"))
        });
        let near = snapshot.objects_within([pose.x - 0.5, pose.y - 0.4], [pose.x + 0.5, pose.y + 0.4]);
        let names = [&near[0].name, &near[near.len() / 2].name, &near[near.len() - 1].name];
        let question = match turn % 3 {
            0 => format!("What is the distance between the {} and the {}?", names[0], names[1]),
            1 => format!("What is the height of the {}?", names[0]),
            _ => format!(
                "If I am standing by the {} and facing the {}, is the {} to my left, right or back?",
                names[0], names[1], names[2]
            ),
        };
        let (_, answer) =
            timed(|| black_box(ask_text(&snapshot, &question, &[], &AskOptions::default()).expect("an answer")));
        if turn < WARM_UP {
            return;
        }
        self.update.push(stages[3..].iter().sum::<f64>().min(whole));
        self.whole.push(whole);
        self.cogmap.push(cogmap);
        self.answer.push(answer);
        self.path.push(whole + cogmap + answer);
        self.stages.push(stages);
    }
}

fn main() {
    let mut maps: Vec<Map> = SIZES.map(Map::new).into();
    for turn in 0..WARM_UP + FRAMES {
        maps.iter_mut().for_each(|map| map.look(turn));
    }
    println!("scale: {THINGS} things in view, 640 x 480, {FRAMES} frames a map in turn; milliseconds on the processor");
    println!("  things  bytes each  update p50    p99    max  frame p50    p99  LocalCogMap p50  answer p50    p99");
    for map in &mut maps {
        [&mut map.update, &mut map.whole, &mut map.cogmap, &mut map.answer, &mut map.path]
            .into_iter()
            .for_each(|times| times.sort_by(f64::total_cmp));
        println!(
            "{:8}  {:10.0}  {:10.3} {:6.3} {:6.3}  {:9.3} {:6.3}  {:15.4}  {:10.4} {:6.4}",
            map.things,
            map.bytes_each,
            of(&map.update, 50),
            of(&map.update, 99),
            of(&map.update, 100),
            of(&map.whole, 50),
            of(&map.whole, 99),
            of(&map.cogmap, 50),
            of(&map.answer, 50),
            of(&map.answer, 99),
        );
    }
    for map in &maps {
        let names = map.scene.stage_times().stages().map(|(name, _)| name);
        let stage = |at: usize| {
            let mut times: Vec<f64> = map.stages.iter().map(|stages| stages[at]).collect();
            times.sort_by(f64::total_cmp);
            format!("{} {:.3} ({:.3})", names[at], of(&times, 50), of(&times, 99))
        };
        println!("{:8}  p50 (p99) by the clock: {}", map.things, (0..7).map(stage).collect::<Vec<_>>().join(", "));
    }
    let (few, many) = (&maps[0], &maps[maps.len() - 1]);
    let promised = [
        ("update p50, ms", of(&many.update, 50), UPDATE_P50_MS),
        ("update p99, ms", of(&many.update, 99), UPDATE_P99_MS),
        ("whole frame p50, times that of 100", of(&many.whole, 50) / of(&few.whole, 50), WHOLE_RATIO),
        ("LocalCogMap p50, ms", of(&many.cogmap, 50), COGMAP_P50_MS),
        ("answer p99, ms", of(&many.answer, 99), ANSWER_P99_MS),
        ("frame, LocalCogMap and answer p50, ms", of(&many.path, 50), PATH_P50_MS),
    ];
    for (what, is, most) in promised {
        let word = if is <= most { "holds" } else { "DOES NOT HOLD" };
        println!("{:8}  {what}: {is:.4}, at most {most}: {word}", many.things);
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = on_processor();
    let result = work();
    (result, ms(on_processor().saturating_sub(began)))
}

/// How long this thread was on a processor.
fn on_processor() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn ms(time: Duration) -> f64 {
    1e3 * time.as_secs_f64()
}

fn of(sorted: &[f64], share: usize) -> f64 {
    sorted[(sorted.len() - 1) * share / 100]
}

/// Memory of the process that is in use, bytes; 0 where the system does not say.
fn resident_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0
}
