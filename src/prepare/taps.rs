//! Along one axis: which source pixels make a target pixel, and with what weight.

use super::filter::{Corners, Filter, OpenCvFilter, PillowFilter};

/// For each target pixel of one axis the first source pixel that counts and the weights from there on.
#[derive(Debug, Clone)]
pub(super) struct Taps {
    /// Weights that each target pixel has room for; those beyond its count are 0.
    pub(super) room: usize,
    /// First source pixel and number of source pixels, per target pixel.
    pub(super) spans: Vec<(usize, usize)>,
    /// `room` weights per target pixel.
    pub(super) weights: Vec<f64>,
}

impl Taps {
    /// The taps of `filter` from `from` pixels to `to`. `both_shrink` says that neither axis grows.
    pub(super) fn new(filter: Filter, from: usize, to: usize, both_shrink: bool) -> Self {
        match filter {
            Filter::Pillow(rule) => widened(from, to, pillow_support(rule), |x| pillow_weight(rule, x)),
            Filter::OpenCv(OpenCvFilter::Linear) => {
                near(from, to, false, opencv_source(from, to), |t| [0.0, 1.0 - t, t, 0.0])
            }
            Filter::OpenCv(OpenCvFilter::Cubic) => near(from, to, true, opencv_source(from, to), |t| keys(t, -0.75)),
            Filter::OpenCv(OpenCvFilter::Area) if both_shrink => shares(from, to),
            Filter::OpenCv(OpenCvFilter::Area) => {
                near(from, to, false, area_source(from, to), |t| [0.0, 1.0 - t, t, 0.0])
            }
            Filter::Torch { cubic, antialias: true, .. } => {
                let rule = if cubic { PillowFilter::Bicubic } else { PillowFilter::Bilinear };
                widened(from, to, pillow_support(rule), |x| pillow_weight(rule, x))
            }
            Filter::Torch { corners, cubic: true, .. } => {
                near(from, to, true, torch_source(from, to, corners), |t| keys(t, -0.75))
            }
            Filter::Torch { corners, .. } => {
                near(from, to, false, torch_source(from, to, corners), |t| [0.0, 1.0 - t, t, 0.0])
            }
        }
    }

    fn with_room(room: usize, to: usize) -> Self {
        Self { room, spans: Vec::with_capacity(to), weights: Vec::with_capacity(room * to) }
    }

    fn push(&mut self, first: usize, weights: &[f64]) {
        self.spans.push((first, weights.len()));
        self.weights.extend_from_slice(weights);
        self.weights.resize(self.spans.len() * self.room, 0.0);
    }
}

fn pillow_support(rule: PillowFilter) -> f64 {
    match rule {
        PillowFilter::Box => 0.5,
        PillowFilter::Bilinear => 1.0,
        PillowFilter::Bicubic => 2.0,
        PillowFilter::Lanczos => 3.0,
    }
}

fn pillow_weight(rule: PillowFilter, x: f64) -> f64 {
    let sinc = |x: f64| {
        let x = x * std::f64::consts::PI;
        if x == 0.0 { 1.0 } else { x.sin() / x }
    };
    match rule {
        PillowFilter::Box => f64::from(u8::from(x > -0.5 && x <= 0.5)),
        PillowFilter::Bilinear => (1.0 - x.abs()).max(0.0),
        PillowFilter::Bicubic => match x.abs() {
            x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
            _ => 0.0,
        },
        PillowFilter::Lanczos if (-3.0..3.0).contains(&x) => sinc(x) * sinc(x / 3.0),
        PillowFilter::Lanczos => 0.0,
    }
}

/// A filter as wide as `support` target pixels or source pixels, whichever is more; weights sum to 1.
fn widened(from: usize, to: usize, support: f64, weight: impl Fn(f64) -> f64) -> Taps {
    let scale = from as f64 / to as f64;
    let widening = scale.max(1.0);
    let (support, narrowing) = (support * widening, 1.0 / widening);
    let room = 2 * support.ceil() as usize + 1;
    let mut taps = Taps::with_room(room, to);
    let mut weights = Vec::with_capacity(room);
    for at in 0..to {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - support + 0.5).max(0.0) as usize;
        let end = ((centre + support + 0.5) as usize).min(from);
        weights.clear();
        weights.extend((first..end).map(|source| weight((source as f64 - centre + 0.5) * narrowing)));
        let sum: f64 = weights.iter().sum();
        if sum != 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        taps.push(first, &weights);
    }
    taps
}

/// Weights of the four pixels around, for a point `t` beyond the second.
fn keys(t: f64, a: f64) -> [f64; 4] {
    let near = |x: f64| ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a;
    [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]
}

fn opencv_source(from: usize, to: usize) -> impl Fn(usize) -> f64 {
    let scale = from as f64 / to as f64;
    move |at| (at as f64 + 0.5) * scale - 0.5
}

fn area_source(from: usize, to: usize) -> impl Fn(usize) -> f64 {
    let (scale, inverse) = (from as f64 / to as f64, to as f64 / from as f64);
    move |at| {
        let whole = (at as f64 * scale).floor();
        let part = (at as f64 + 1.0) - (whole + 1.0) * inverse;
        whole + if part <= 0.0 { 0.0 } else { part - part.floor() }
    }
}

fn torch_source(from: usize, to: usize, corners: Corners) -> impl Fn(usize) -> f64 {
    let aligned = if to > 1 { (from - 1) as f64 / (to - 1) as f64 } else { 0.0 };
    let scale = from as f64 / to as f64;
    move |at| match corners {
        Corners::Aligned => at as f64 * aligned,
        Corners::HalfPixel => (at as f64 + 0.5) * scale - 0.5,
    }
}

/// The four pixels around `source(at)`; those beyond the border are the border's.
fn near(from: usize, to: usize, beyond: bool, source: impl Fn(usize) -> f64, rule: impl Fn(f64) -> [f64; 4]) -> Taps {
    let mut taps = Taps::with_room(4, to);
    let last = from as i64 - 1;
    for at in 0..to {
        let point = source(at);
        let point = if beyond { point } else { point.clamp(0.0, last as f64) };
        let whole = point.floor();
        let weights = rule(point - whole);
        let place = |k: usize| (whole as i64 - 1 + k as i64).clamp(0, last) as usize;
        let mut folded = [0.0; 4];
        for (k, weight) in weights.into_iter().enumerate() {
            folded[place(k) - place(0)] += weight;
        }
        taps.push(place(0), &folded[..=place(3) - place(0)]);
    }
    taps
}

/// Each source pixel counts by its share of the target's.
fn shares(from: usize, to: usize) -> Taps {
    let scale = from as f64 / to as f64;
    let mut taps = Taps::with_room(scale.ceil() as usize + 2, to);
    for at in 0..to {
        let (begin, end) = (at as f64 * scale, ((at + 1) as f64 * scale).min(from as f64));
        let (first, beyond) = (begin.floor() as usize, (end.ceil() as usize).min(from));
        let share = |p: usize| ((p + 1) as f64).min(end) - (p as f64).max(begin);
        let weights: Vec<f64> = (first..beyond).map(|p| share(p) / (end - begin)).collect();
        taps.push(first, &weights);
    }
    taps
}
