//! Along one axis: which source pixels make a target pixel, and with what weight, as each library computes it.
//!
//! The libraries agree on the formulas and differ in where they round: Pillow's weights are doubles, OpenCV's and torch's
//! positions are floats, whose rounding is seen in the output where a picture is wide. So each is computed here in the
//! precision its library has.

use super::filter::{Corners, OpenCvFilter, PillowFilter};
use std::ops::{AddAssign, Range};

/// Of each target pixel its first source pixel, and the weights of the source pixels from there on.
#[derive(Debug, Clone)]
pub(super) struct Taps<W> {
    /// Weights that each target pixel has room for.
    pub(super) room: usize,
    spans: Vec<(usize, usize)>,
    weights: Vec<W>,
}

/// Of each target pixel the place of its first tap, which may lie beyond the border, and the weights of all.
pub(super) type Points<W, const N: usize> = Vec<(i64, [W; N])>;

impl<W: Copy + Default> Taps<W> {
    fn with_room(room: usize) -> Self {
        Self { room, spans: Vec::new(), weights: Vec::new() }
    }

    fn push(&mut self, first: usize, weights: &[W]) {
        self.spans.push((first, weights.len()));
        self.weights.extend_from_slice(weights);
        self.weights.resize(self.spans.len() * self.room, W::default());
    }

    /// Number of target pixels.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The first source pixel of target pixel `at`, and the weights from there on.
    pub(super) fn of(&self, at: usize) -> (usize, &[W]) {
        let (first, count) = self.spans[at];
        (first, &self.weights[at * self.room..][..count])
    }

    /// As [`of`](Self::of), of all `N` that there is room for: what is beyond the taps weighs nothing.
    pub(super) fn fixed<const N: usize>(&self, at: usize) -> (usize, Option<&[W; N]>) {
        (self.spans[at].0, self.weights[at * self.room..].first_chunk())
    }

    /// The same taps with other weights.
    pub(super) fn map<V>(&self, weight: impl Fn(W) -> V) -> Taps<V> {
        Taps { room: self.room, spans: self.spans.clone(), weights: self.weights.iter().map(|w| weight(*w)).collect() }
    }

    /// The target pixels of `range` alone.
    pub(super) fn part(mut self, range: Range<usize>) -> Self {
        self.weights = self.weights[range.start * self.room..range.end * self.room].to_vec();
        self.spans = self.spans[range].to_vec();
        self
    }
}

/// Taps from `points`; the weights of those beyond the border of `from` pixels are the border's.
pub(super) fn folded<W: Copy + Default + AddAssign, const N: usize>(points: &Points<W, N>, from: usize) -> Taps<W> {
    let mut taps = Taps::with_room(N);
    for (base, weights) in points {
        let place = |k: usize| (base + k as i64).clamp(0, from as i64 - 1) as usize;
        let mut sums = [W::default(); N];
        for (k, weight) in weights.iter().enumerate() {
            sums[place(k) - place(0)] += *weight;
        }
        taps.push(place(0), &sums[..=place(N - 1) - place(0)]);
    }
    taps
}

/// Pillow's weights: the filter covers as many source pixels as it has target pixels, when shrinking; the sum is 1.
pub(super) fn pillow(rule: PillowFilter, from: usize, to: usize) -> Taps<f64> {
    let scale = from as f64 / to as f64;
    let support = match rule {
        PillowFilter::Box => 0.5,
        PillowFilter::Bilinear => 1.0,
        PillowFilter::Bicubic => 2.0,
        PillowFilter::Lanczos => 3.0,
    };
    let place = Place { scale, support: support * scale.max(1.0) };
    widened(&place, from, to, |x| pillow_weight(rule, x * (1.0 / scale.max(1.0))))
}

fn pillow_weight(rule: PillowFilter, x: f64) -> f64 {
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

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x == 0.0 { 1.0 } else { x.sin() / x }
}

struct Place {
    scale: f64,
    support: f64,
}

fn widened(place: &Place, from: usize, to: usize, weight: impl Fn(f64) -> f64) -> Taps<f64> {
    let room = 2 * place.support.ceil() as usize + 1;
    let mut taps = Taps::with_room(room);
    let mut weights = Vec::new();
    for at in 0..to {
        let centre = (at as f64 + 0.5) * place.scale;
        let first = (centre - place.support + 0.5).max(0.0) as usize;
        let end = ((centre + place.support + 0.5) as usize).min(from);
        weights.clear();
        weights.extend((first..end).take(room).map(|source| weight(source as f64 - centre + 0.5)));
        let sum: f64 = weights.iter().sum();
        if sum != 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        taps.push(first, &weights);
    }
    taps
}

/// OpenCV's linear rule; of two pixels beyond the border none is looked at. With `as_area` the positions of `INTER_AREA`
/// where a side grows.
pub(super) fn opencv_linear(from: usize, to: usize, as_area: bool) -> Points<f32, 2> {
    let inverse = to as f64 / from as f64;
    let scale = 1.0 / inverse;
    let point = |at: usize| {
        let (whole, part) = if as_area {
            let whole = (at as f64 * scale).floor();
            let part = ((at as f64 + 1.0) - (whole + 1.0) * inverse) as f32;
            (whole as i64, if part <= 0.0 { 0.0 } else { part - part.floor() })
        } else {
            split(((at as f64 + 0.5) * scale - 0.5) as f32)
        };
        (whole, [1.0 - part, part])
    };
    (0..to).map(point).collect()
}

/// Along a row OpenCV looks at the border pixel alone where a tap lies beyond it; along a column it does not care.
pub(super) fn at_borders(mut points: Points<f32, 2>, from: usize) -> Points<f32, 2> {
    for (first, weights) in &mut points {
        if *first < 0 || *first >= from as i64 - 1 {
            (*first, *weights) = ((*first).clamp(0, from as i64 - 1), [1.0, 0.0]);
        }
    }
    points
}

/// OpenCV's cubic rule, a = -0.75.
pub(super) fn opencv_cubic(from: usize, to: usize) -> Points<f32, 4> {
    let scale = 1.0 / (to as f64 / from as f64);
    let point = |at: usize| {
        let (whole, t) = split(((at as f64 + 0.5) * scale - 0.5) as f32);
        const A: f32 = -0.75;
        let first = ((A * (t + 1.0) - 5.0 * A) * (t + 1.0) + 8.0 * A) * (t + 1.0) - 4.0 * A;
        let second = ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0;
        let third = ((A + 2.0) * (1.0 - t) - (A + 3.0)) * (1.0 - t) * (1.0 - t) + 1.0;
        (whole - 1, [first, second, third, 1.0 - first - second - third])
    };
    (0..to).map(point).collect()
}

fn split(point: f32) -> (i64, f32) {
    let whole = point.floor();
    (whole as i64, point - whole)
}

/// OpenCV's shares: how much of each source pixel lies under a target pixel; what is less than a thousandth is nothing.
pub(super) fn opencv_shares(from: usize, to: usize) -> Taps<f32> {
    let scale = 1.0 / (to as f64 / from as f64);
    let mut taps = Taps::with_room(scale.ceil() as usize + 2);
    let mut weights = Vec::new();
    for at in 0..to {
        let begin = at as f64 * scale;
        let end = begin + scale;
        let cell = scale.min(from as f64 - begin);
        let last = (end.floor() as usize).min(from - 1);
        let first = (begin.ceil() as usize).min(last);
        weights.clear();
        let before = first as f64 - begin > 1e-3;
        if before {
            weights.push(((first as f64 - begin) / cell) as f32);
        }
        weights.extend((first..last).map(|_| (1.0 / cell) as f32));
        if end - last as f64 > 1e-3 {
            weights.push(((end - last as f64).min(1.0).min(cell) / cell) as f32);
        }
        taps.push(first - usize::from(before), &weights);
    }
    taps
}

/// The whole number of source pixels to a target pixel, where it is one, for which OpenCV has sums of its own.
pub(super) fn opencv_whole_shares(from: usize, to: usize) -> Option<usize> {
    let scale = 1.0 / (to as f64 / from as f64);
    let whole = scale.round_ties_even();
    ((scale - whole).abs() < f64::EPSILON).then_some(whole as usize)
}

/// torch's rule without `antialias` on floats: positions are floats too.
pub(super) fn torch_near<const N: usize>(from: usize, to: usize, corners: Corners) -> Points<f32, N> {
    let scale = torch_scale_f32(from, to, corners);
    let point = |at: usize| {
        let source = match corners {
            Corners::Aligned => scale * at as f32,
            Corners::HalfPixel => scale * (at as f32 + 0.5) - 0.5,
        };
        let source = if N == 2 { source.max(0.0) } else { source };
        let whole = (source.floor() as i64).min(from as i64 - 1);
        let part = (source - whole as f32).clamp(0.0, 1.0);
        near_weights(whole, f64::from(part))
    };
    (0..to).map(point).map(|(first, weights)| (first, weights.map(|weight| weight as f32))).collect()
}

/// The same on 8 bits: positions are doubles.
pub(super) fn torch_near_bytes<const N: usize>(from: usize, to: usize, corners: Corners) -> Points<f64, N> {
    let scale = torch_scale(from, to, corners);
    let point = |at: usize| {
        let source = match corners {
            Corners::Aligned => scale * at as f64,
            Corners::HalfPixel => scale * (at as f64 + 0.5) - 0.5,
        };
        let source = if N == 2 { source.max(0.0) } else { source };
        let whole = (source.floor() as i64).min(from as i64 - 1);
        near_weights(whole, (source - whole as f64).clamp(0.0, 1.0))
    };
    (0..to).map(point).collect()
}

fn torch_scale(from: usize, to: usize, corners: Corners) -> f64 {
    match corners {
        Corners::Aligned if to > 1 => (from - 1) as f64 / (to - 1) as f64,
        Corners::Aligned => 0.0,
        Corners::HalfPixel => from as f64 / to as f64,
    }
}

fn torch_scale_f32(from: usize, to: usize, corners: Corners) -> f32 {
    match corners {
        Corners::Aligned if to > 1 => (from - 1) as f32 / (to - 1) as f32,
        Corners::Aligned => 0.0,
        Corners::HalfPixel => from as f32 / to as f32,
    }
}

/// Weights of two or four pixels for a point `t` beyond `whole`.
fn near_weights<const N: usize>(whole: i64, t: f64) -> (i64, [f64; N]) {
    let weight = |k: usize| match N {
        2 => [1.0 - t, t][k],
        _ => keys([t + 1.0, t, 1.0 - t, 2.0 - t][k], -0.75),
    };
    (whole + 1 - N as i64 / 2, std::array::from_fn(weight))
}

fn keys(x: f64, a: f64) -> f64 {
    match x {
        x if x < 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
        x if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
        _ => 0.0,
    }
}

/// torch's rule with `antialias` on 8 bits: Pillow's, but that aligned corners change the scale and nothing else.
pub(super) fn torch_widened_bytes(cubic: bool, from: usize, to: usize, corners: Corners) -> Taps<f64> {
    let scale = torch_scale(from, to, corners);
    let widening = scale.max(1.0);
    let place = Place { scale, support: if cubic { 2.0 } else { 1.0 } * widening };
    widened(&place, from, to, |x| torch_weight(cubic, x * (1.0 / widening)))
}

/// The same on floats, where torch rounds to floats at every step that it keeps.
pub(super) fn torch_widened(cubic: bool, from: usize, to: usize, corners: Corners) -> Taps<f32> {
    let scale = torch_scale_f32(from, to, corners);
    let widening = scale.max(1.0);
    let (support, narrowing) = (if cubic { 2.0 } else { 1.0 } * widening, 1.0 / widening);
    let room = 2 * support.ceil() as usize + 1;
    let mut taps = Taps::with_room(room);
    let mut weights = Vec::new();
    for at in 0..to {
        let centre = (f64::from(scale) * (at as f64 + 0.5)) as f32;
        let first = (f64::from(centre - support) + 0.5).max(0.0) as usize;
        let end = ((f64::from(centre + support) + 0.5) as usize).min(from);
        let place = |source: usize| ((f64::from(source as f32 - centre) + 0.5) * f64::from(narrowing)) as f32;
        weights.clear();
        weights.extend((first..end).take(room).map(|source| torch_weight(cubic, f64::from(place(source))) as f32));
        let sum: f32 = weights.iter().sum();
        if sum != 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= sum);
        }
        taps.push(first, &weights);
    }
    taps
}

fn torch_weight(cubic: bool, x: f64) -> f64 {
    if cubic { keys(x.abs(), -0.5) } else { (1.0 - x.abs()).max(0.0) }
}

/// Whether Pillow, from its version 13 on, goes down the columns before it goes along the rows: where a picture loses more
/// than twice as many rows as columns. Bytes are rounded between, so it is seen.
pub(super) fn pillow_down_first(from: (usize, usize), to: (usize, usize)) -> bool {
    let lost = |from: usize, to: usize| from as i64 - to as i64;
    to.1 < from.1 && lost(from.1, to.1) > 2 * lost(from.0, to.0)
}

/// `filter` of OpenCV as it is on these sizes: shares only where no side grows.
pub(super) fn opencv_shrinks(filter: OpenCvFilter, from: (usize, usize), to: (usize, usize)) -> bool {
    filter == OpenCvFilter::Area && to.0 <= from.0 && to.1 <= from.1
}
