//! What depth costs beside the network alone, and what preparing a picture costs beside OpenCV with NumPy: one thread,
//! one process for the first, in turn for the second. `cargo bench --bench depth`; `GNOMON_BENCH_PYTHON` names a Python
//! that has NumPy and OpenCV for the second, without which it is left out and said so.
//!
//! The network has the shape of Depth Anything V2 Small, 12 blocks of 384 over 37 × 49 patches and a head of 64 channels,
//! and random weights: what it costs does not hang on what it says.

#[path = "../../src/runtime/testing.rs"]
mod onnx;
mod vits;

use gnomon::depth::DepthNet;
use gnomon::frame::{ImageView, PixelFormat};
use gnomon::models::{Family, ModelFolder};
use gnomon::runtime::{Control, FindOptions, Runtime, SessionOptions, TensorView};
use rand::{RngExt, SeedableRng};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;

/// How often the network runs each way, and how often the passing one.
const ROUNDS: usize = 7;
const PASSES: usize = 60;

fn main() {
    let runtime = match Runtime::find(&FindOptions::default()) {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("depth: not run: {error}");
            return;
        }
    };
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("depth");
    std::fs::create_dir_all(&dir).expect("a folder to write to");
    let picture = picture();
    let whole = open(&runtime, &dir.join("vits.onnx"), &vits::network());
    let passing = open(&runtime, &dir.join("passing.onnx"), &vits::passing());

    let (ours, plain) = in_turn(&whole, &picture, ROUNDS);
    let ratio = ours.as_secs_f64() / plain.as_secs_f64();
    println!("depth: estimate {ours:.1?}, Run alone {plain:.1?}: {ratio:.4} x");
    let (ours, plain) = in_turn(&passing, &picture, PASSES);
    let around = ours.saturating_sub(plain);
    println!("depth: before and after the network {around:.2?} of {WIDTH} x {HEIGHT}");
    match peer(&dir, &picture) {
        Ok(peer) => println!(
            "depth: OpenCV and NumPy {peer:.2?}: {:.2} x as long as ours",
            peer.as_secs_f64() / around.as_secs_f64()
        ),
        Err(why) => println!("depth: OpenCV and NumPy not run: {why}"),
    }
}

fn picture() -> Vec<u8> {
    let mut random = rand_pcg::Pcg64::seed_from_u64(7);
    (0..3 * WIDTH * HEIGHT).map(|_| random.random()).collect()
}

fn open(runtime: &Arc<Runtime>, path: &Path, model: &[u8]) -> DepthNet {
    std::fs::write(path, model).expect("the model is written");
    let folder = ModelFolder::open(path, Some(Family::DepthAnythingV2), None).expect("a model");
    let options = SessionOptions { threads: 1, ..SessionOptions::default() };
    DepthNet::open(runtime, &folder, None, &options).expect("a network of the family")
}

/// The medians of our whole call and of the run alone, one after the other each time.
fn in_turn(net: &DepthNet, picture: &[u8], rounds: usize) -> (Duration, Duration) {
    let view = ImageView::new(picture, WIDTH, HEIGHT, 0, PixelFormat::Rgb8).expect("a picture");
    let shape = vits::INPUT;
    let numbers: Vec<f32> = (0..shape.iter().product()).map(|k| (k % 255) as f32 / 255.0).collect();
    let tensor = TensorView::new(&shape, &numbers).expect("its shape");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..=rounds {
        let began = Instant::now();
        net.estimate(&view, None, &Control::default()).expect("depth");
        ours.push(began.elapsed());
        let began = Instant::now();
        net.session().run(&[("pixel_values", tensor.into())]).expect("depth");
        plain.push(began.elapsed());
    }
    (median(ours), median(plain))
}

/// The first warms up and does not count.
fn median(mut times: Vec<Duration>) -> Duration {
    times.remove(0);
    times.sort_unstable();
    times[times.len() / 2]
}

fn peer(dir: &Path, picture: &[u8]) -> Result<Duration, String> {
    let python = std::env::var("GNOMON_BENCH_PYTHON").map_err(|_| "GNOMON_BENCH_PYTHON is not set")?;
    let file = dir.join("picture.rgb");
    std::fs::write(&file, picture).map_err(|error| error.to_string())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/depth/peer.py");
    let run = Command::new(python).arg(script).arg(&file).args([WIDTH.to_string(), HEIGHT.to_string()]).output();
    let run = run.map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&run.stdout);
    let seconds: f64 = said.trim().parse().map_err(|_| String::from_utf8_lossy(&run.stderr).into_owned())?;
    Ok(Duration::from_secs_f64(seconds))
}
