//! Pictures prepared for networks against what Pillow, OpenCV, torch and NumPy make of them, recorded by
//! `tests/golden/prepare/make.py`.
#![cfg(feature = "onnx")]

use gnomon::prepare::{
    Anchor, Corners, Filter, Fit, OpenCvFilter, Order, Pad, PillowFilter, Rgb, Rule, resize_f32, resize_rgb,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// What floats of 0 to 1 may differ by: the libraries sum in other orders, and some in doubles.
const ROUNDING: f32 = 2e-6;

#[derive(Deserialize)]
struct Recording<T> {
    recorded: Vec<T>,
}

fn recorded<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/prepare").join(name);
    let text = std::fs::read_to_string(path).expect("a recording");
    serde_json::from_str::<Recording<T>>(&text).expect("what was recorded").recorded
}

/// The bytes that make.py makes of the same seed.
fn noise(seed: u32, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

fn fnv(bytes: &[u8]) -> String {
    let step = |state: u64, byte: &u8| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    format!("{:016x}", bytes.iter().fold(0xCBF2_9CE4_8422_2325, step))
}

/// The largest difference from what was kept of a tensor: evenly spread values.
fn difference(values: &[f32], kept: &str) -> f32 {
    let kept: Vec<f32> = (0..kept.len() / 8)
        .map(|at| f32::from_bits(u32::from_str_radix(&kept[8 * at..8 * at + 8], 16).expect("hex")))
        .collect();
    let step = values.len().div_ceil(48).max(1);
    assert_eq!(values.len().div_ceil(step), kept.len(), "as many values as were recorded");
    values.iter().step_by(step).zip(&kept).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max)
}

fn filter(words: &str) -> Filter {
    let has = |word: &str| words.split(' ').any(|w| w == word);
    match words {
        "pillow box" => Filter::Pillow(PillowFilter::Box),
        "pillow bilinear" => Filter::Pillow(PillowFilter::Bilinear),
        "pillow bicubic" => Filter::Pillow(PillowFilter::Bicubic),
        "pillow lanczos" => Filter::Pillow(PillowFilter::Lanczos),
        "opencv linear" => Filter::OpenCv(OpenCvFilter::Linear),
        "opencv cubic" => Filter::OpenCv(OpenCvFilter::Cubic),
        "opencv area" => Filter::OpenCv(OpenCvFilter::Area),
        _ => {
            assert!(has("torch"), "{words}");
            let corners = if has("aligned") { Corners::Aligned } else { Corners::HalfPixel };
            Filter::Torch { corners, cubic: has("bicubic"), antialias: has("antialias") }
        }
    }
}

#[derive(Deserialize)]
struct Resize {
    filter: String,
    from: (usize, usize),
    to: (usize, usize),
    seed: u32,
    bytes: String,
    floats: String,
}

impl Resize {
    fn picture(&self) -> Rgb {
        Rgb::new(self.from.0, self.from.1, noise(self.seed, 3 * self.from.0 * self.from.1)).expect("a picture")
    }
}

#[test]
fn eight_bits_are_the_bytes_of_the_library() {
    let mut wrong: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let cases: Vec<Resize> = recorded("resizes.json");
    assert!(cases.len() >= 400);
    for case in &cases {
        let out = resize_rgb(&case.picture(), case.to.0, case.to.1, filter(&case.filter)).expect("a resize");
        if fnv(&out.data) != case.bytes {
            wrong.entry(case.filter.clone()).or_default().push((case.from, case.to));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn floats_are_those_of_the_library_to_rounding() {
    let mut largest: BTreeMap<String, (f32, String)> = BTreeMap::new();
    for case in recorded::<Resize>("resizes.json").into_iter().filter(|case| !case.floats.is_empty()) {
        let picture = case.picture();
        // Red and green, two planes.
        let plane = |c: usize| picture.data.iter().skip(c).step_by(3).map(|byte| f32::from(*byte) / 255.0);
        let planes: Vec<f32> = plane(0).chain(plane(1)).collect();
        let out = resize_f32(&planes, 2, case.from, case.to, filter(&case.filter)).expect("a resize");
        let off = difference(&out, &case.floats);
        let entry = largest.entry(case.filter.clone()).or_default();
        if off > entry.0 {
            *entry = (off, format!("{:?} to {:?}", case.from, case.to));
        }
    }
    println!("largest differences: {largest:#?}");
    assert!(largest.len() == 15 && largest.values().all(|(off, _)| *off <= ROUNDING), "{largest:#?}");
}

#[derive(Deserialize)]
struct Whole {
    rule: String,
    from: (usize, usize),
    network: (usize, usize),
    seed: u32,
    scaled: (usize, usize),
    offset: (i64, i64),
    floats: String,
}

impl Whole {
    fn rule_and_fit(&self) -> (Rule, Fit) {
        let plain = Rule {
            filter: Filter::OpenCv(OpenCvFilter::Linear),
            order: Order::Rgb,
            scale: 1.0 / 255.0,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
            pad: Pad::Colour([114.0; 3]),
            float_resize: false,
        };
        let unshifted = Rule { order: Order::Bgr, mean: [0.0; 3], std: [1.0; 3], ..plain };
        let (from, network) = (self.from, self.network);
        let (rule, fit) = match self.rule.as_str() {
            "letterbox centre" => (unshifted, Fit::letterbox(from, network, Anchor::Centre)),
            "letterbox corner" => (unshifted, Fit::letterbox(from, network, Anchor::TopLeft)),
            "stretch cubic floats" => {
                let filter = Filter::OpenCv(OpenCvFilter::Cubic);
                (Rule { filter, float_resize: true, ..plain }, Fit::stretch(from, network))
            }
            "crop bicubic" => {
                (Rule { filter: Filter::Pillow(PillowFilter::Bicubic), ..plain }, Fit::crop(from, network))
            }
            other => panic!("{other}"),
        };
        (rule, fit.expect("a fit"))
    }
}

#[test]
fn whole_ways_to_a_tensor_are_those_of_numpy() {
    let mut largest: BTreeMap<String, f32> = BTreeMap::new();
    for case in recorded::<Whole>("tensors.json") {
        let picture = Rgb::new(case.from.0, case.from.1, noise(case.seed, 3 * case.from.0 * case.from.1));
        let (rule, fit) = case.rule_and_fit();
        assert_eq!((fit.scaled(), fit.offset()), (case.scaled, case.offset), "{} of {:?}", case.rule, case.from);
        let mut tensor = Vec::new();
        rule.tensor(&picture.expect("a picture"), &fit, &mut tensor).expect("a tensor");
        assert_eq!(tensor.len(), 3 * case.network.0 * case.network.1);
        let off = difference(&tensor, &case.floats);
        let entry = largest.entry(case.rule.clone()).or_default();
        *entry = entry.max(off);
    }
    println!("largest differences: {largest:#?}");
    // A deviation of 0.224 makes rounding larger by as much.
    assert!(largest.len() == 4 && largest.values().all(|off| *off <= 5.0 * ROUNDING), "{largest:#?}");
}
