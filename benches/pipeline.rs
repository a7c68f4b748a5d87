//! What a push costs the thread that pushes: `cargo bench --bench pipeline`.
//!
//! Frames of 640 × 480, colour and depth, are pushed into a pipeline whose scene works behind, as fast as a camera of 200
//! Hz: far more than it takes in, so that each push also drops a frame. Time is the pushing thread's own on a processor.
//! Fails when `push` takes 50 µs or more at the 99th of 100, or `push_copy` more than twice what copying the bytes takes.

use gnomon::frame::{DepthFormat, ImageView, Intrinsics, MetricZ, PixelFormat, Pose};
use gnomon::pipeline::{
    BorrowedFrame, Bytes, DepthPicture, LiveFrame, Picture, Pipeline, PipelineOptions, Release, Stages,
};
use gnomon::scene::{Scene, SceneOptions};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const PIXELS: usize = (WIDTH * HEIGHT) as usize;
const PUSHES: usize = 1500;
const PAUSE: Duration = Duration::from_millis(5);

const MOST_PUSH_US: f64 = 50.0;
const MOST_COPY_RATIO: f64 = 2.0;

/// Microseconds that this thread has been on a processor.
fn cpu_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 * 1e-3
}

fn percentiles(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_unstable_by(f64::total_cmp);
    [50, 99].map(|percent| times[(times.len() * percent / 100).min(times.len() - 1)])
}

fn pipeline() -> Pipeline {
    let scene = Scene::new(SceneOptions::default()).expect("options");
    Pipeline::open(scene, PipelineOptions::default(), Stages::default()).expect("a pipeline")
}

/// Times of each call, with a camera's pause between them.
fn timed(mut call: impl FnMut(i64)) -> [f64; 2] {
    let once = |at: i64, call: &mut dyn FnMut(i64)| {
        let begun = cpu_us();
        call(at);
        let took = cpu_us() - begun;
        std::thread::sleep(PAUSE);
        took
    };
    (0..100).for_each(|at| drop(once(at, &mut call).to_string()));
    percentiles((100..100 + PUSHES as i64).map(|at| once(at, &mut call)).collect())
}

fn main() {
    let camera = Intrinsics::pinhole(WIDTH, HEIGHT, 525.0, 525.0, 319.5, 239.5).expect("a camera");
    let colour: Arc<[u8]> = vec![90u8; 3 * PIXELS].into();
    let depth: Arc<[u8]> = bytemuck::cast_slice(&vec![2000u16; PIXELS]).into();

    let released = Arc::new(AtomicU64::new(0));
    let live = pipeline();
    let push = timed(|at| {
        let counter = released.clone();
        let frame = LiveFrame {
            colour: Some(Picture::new(Bytes::of(colour.clone()), WIDTH, HEIGHT, 0, PixelFormat::Rgb8).expect("colour")),
            depth: Some(
                DepthPicture::new(Bytes::of(depth.clone()), WIDTH, HEIGHT, 0, DepthFormat::U16_MILLIMETRES)
                    .expect("depth"),
            ),
            intrinsics: camera,
            depth_camera: None,
            world_from_camera: Some(Pose::identity()),
            stamp_ns: at,
            camera_id: 0,
            detections: None,
            release: Release::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            }),
        };
        live.push(frame).expect("open");
    });
    live.close();
    let statistics = live.statistics();
    assert_eq!(statistics.pushed, released.load(Ordering::Relaxed));
    println!(
        "push        p50 {:8.2} us  p99 {:8.2} us   ({} frames, {} published, {} dropped)",
        push[0],
        push[1],
        statistics.pushed,
        statistics.published,
        statistics.dropped.sum()
    );

    let live = pipeline();
    let borrowed = |at: i64| BorrowedFrame {
        colour: Some(ImageView::new(&colour, WIDTH, HEIGHT, 0, PixelFormat::Rgb8).expect("colour")),
        depth: Some(MetricZ::new(&depth, WIDTH, HEIGHT, 0, DepthFormat::U16_MILLIMETRES).expect("depth")),
        intrinsics: camera,
        depth_camera: None,
        world_from_camera: Some(Pose::identity()),
        stamp_ns: at,
        camera_id: 0,
        detections: None,
    };
    // Copies into memory that rests as long as a pool's does, in turn with the pipeline's own.
    let mut plain: Vec<(Vec<u8>, Vec<u8>)> = (0..4).map(|_| (vec![1; 3 * PIXELS], vec![1; 2 * PIXELS])).collect();
    let mut copies = Vec::new();
    let copy = timed(|at| {
        let begun = cpu_us();
        let (to_colour, to_depth) = &mut plain[at as usize % 4];
        to_colour.copy_from_slice(black_box(&colour));
        to_depth.copy_from_slice(black_box(&depth));
        black_box(&plain);
        copies.push(cpu_us() - begun);
        live.push_copy(&borrowed(at)).expect("open");
    });
    let plain = percentiles(copies);
    let pushed = copy[0] - plain[0];
    let ratio = pushed / plain[0];
    println!("memcpy      p50 {:8.2} us  p99 {:8.2} us   ({} bytes)", plain[0], plain[1], 5 * PIXELS);
    println!(
        "push_copy   p50 {pushed:8.2} us                    {ratio:.2} x memcpy, {} buffers",
        live.statistics().buffers_made
    );
    let fails = push[1] >= MOST_PUSH_US || ratio > MOST_COPY_RATIO;
    if fails {
        println!(
            "too slow: push p99 below {MOST_PUSH_US} us and push_copy within {MOST_COPY_RATIO} x memcpy are asked"
        );
        std::process::exit(1);
    }
}
