//! What pictures cost on their way to a network: `cargo bench --bench prepare`; beside Pillow, OpenCV and NumPy:
//! `python3 benches/prepare_peers.py`. One thread.

use criterion::{Criterion, criterion_group, criterion_main};
use gnomon::prepare::{
    Anchor, Corners, Filter, Fit, OpenCvFilter, Order, Pad, PillowFilter, Rgb, Rule, resize_f32, resize_rgb,
};

const FROM: (usize, usize) = (1920, 1080);
const TO: (usize, usize) = (924, 518);

fn noise() -> Rgb {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    Rgb::new(FROM.0, FROM.1, (0..3 * FROM.0 * FROM.1).map(|_| next()).collect()).expect("a picture")
}

fn rule(filter: Filter, float_resize: bool) -> Rule {
    Rule {
        filter,
        order: Order::Rgb,
        scale: 1.0 / 255.0,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        pad: Pad::Colour([114.0; 3]),
        float_resize,
    }
}

fn prepare(criterion: &mut Criterion) {
    let picture = noise();
    let filters = [
        ("pillow-box", Filter::Pillow(PillowFilter::Box)),
        ("pillow-bilinear", Filter::Pillow(PillowFilter::Bilinear)),
        ("pillow-bicubic", Filter::Pillow(PillowFilter::Bicubic)),
        ("opencv-linear", Filter::OpenCv(OpenCvFilter::Linear)),
        ("opencv-cubic", Filter::OpenCv(OpenCvFilter::Cubic)),
        ("opencv-area", Filter::OpenCv(OpenCvFilter::Area)),
    ];
    for (name, filter) in filters {
        criterion.bench_function(&format!("prepare/resize/{name}"), |bencher| {
            bencher.iter(|| resize_rgb(&picture, TO.0, TO.1, filter).expect("a resize"));
        });
    }
    let cubic = Filter::OpenCv(OpenCvFilter::Cubic);
    let linear = Filter::OpenCv(OpenCvFilter::Linear);
    let stretch = Fit::stretch(FROM, TO).expect("a fit");
    let letterbox = Fit::letterbox(FROM, (640, 640), Anchor::Centre).expect("a fit");
    let ways = [
        ("opencv-cubic", rule(cubic, false), stretch),
        ("opencv-cubic-floats", rule(cubic, true), stretch),
        ("opencv-linear-letterbox", rule(linear, false), letterbox),
    ];
    for (name, rule, fit) in ways {
        let mut tensor = Vec::new();
        criterion.bench_function(&format!("prepare/tensor/{name}"), |bencher| {
            bencher.iter(|| rule.tensor(&picture, &fit, &mut tensor).expect("a tensor"));
        });
    }
    let depth: Vec<f32> = (0..TO.0 * TO.1).map(|at| (at % 977) as f32 * 0.01).collect();
    let aligned = Filter::Torch { corners: Corners::Aligned, cubic: false, antialias: false };
    criterion.bench_function("prepare/depth/torch-bilinear-aligned", |bencher| {
        bencher.iter(|| resize_f32(&depth, 1, TO, FROM, aligned).expect("a resize"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = prepare
}
criterion_main!(benches);
