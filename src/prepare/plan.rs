//! A resize of 8-bit colours, planned: the tables of both axes and the arithmetic between.
//!
//! | plan | of | along a row | kept between | along a column |
//! |---|---|---|---|---|
//! | `Bytes` | Pillow (22 bits), torch (as many as 16-bit weights allow) | whole numbers, rounded | bytes | the same |
//! | `Linear` | OpenCV | 11 bits | whole numbers | 11 bits, truncated twice |
//! | `Cubic` | OpenCV | 11 bits | whole numbers | floats, and whole ones in the last 7 bytes |
//! | `Area` | OpenCV | floats | floats | floats, rounded at the end |
//! | `Blocks` | OpenCV, where a target pixel is whole source pixels | sums | - | one division |
//! | `Floats` | any, colours having become floats first | 22 bits | floats | floats |

use super::filter::{Filter, OpenCvFilter, PillowFilter};
use super::taps::{
    Points, Taps, at_borders, folded, opencv_cubic, opencv_linear, opencv_shares, opencv_shrinks, opencv_whole_shares,
    pillow, pillow_down_first, torch_near, torch_near_bytes, torch_widened, torch_widened_bytes,
};
use std::ops::Range;

/// Bits of Pillow's weights.
pub(super) const PILLOW_BITS: u32 = 22;
/// Bits of OpenCV's weights.
const OPENCV_BITS: u32 = 11;

/// The tables of a resize of 8-bit colours.
pub(super) enum Plan {
    Bytes { across: Whole, down: Column<i32>, down_bits: u32, down_first: bool },
    Linear { across: Whole, down: Column<i32> },
    Cubic { across: Whole, down: Column<f32>, down_whole: Column<i32> },
    Area { across: Taps<f32>, down: Column<f32> },
    Blocks { columns: usize, rows: usize },
    Floats { across: Whole, down: Column<f32> },
}

/// Taps of whole numbers: weights times 2 to the `bits`.
pub(super) struct Whole {
    pub(super) taps: Taps<i32>,
    pub(super) bits: u32,
}

/// Taps along a column: the rows that are needed at all, and of each target row its rows by their place among those.
pub(super) struct Column<W> {
    pub(super) needed: Vec<usize>,
    rows: Vec<usize>,
    weights: Vec<W>,
    ends: Vec<usize>,
}

impl<W: Copy + Default> Column<W> {
    fn of(taps: impl Iterator<Item = (usize, W)> + Clone, counts: impl Iterator<Item = usize>) -> Self {
        let mut needed: Vec<usize> = taps.clone().map(|(row, _)| row).collect();
        needed.sort_unstable();
        needed.dedup();
        let place = |row: usize| needed.partition_point(|needed| *needed < row);
        let rows = taps.clone().map(|(row, _)| place(row)).collect();
        let weights = taps.map(|(_, weight)| weight).collect();
        let ends = counts.scan(0, |end, count| {
            *end += count;
            Some(*end)
        });
        Self { rows, weights, ends: ends.collect(), needed }
    }

    fn of_taps(taps: &Taps<W>, targets: Range<usize>) -> Self {
        let all = targets.clone().map(|at| taps.of(at));
        let rows = all.clone().flat_map(|(first, weights)| (first..).zip(weights.iter().copied()));
        Self::of(rows, all.map(|(_, weights)| weights.len()))
    }

    /// Nothing is folded: the border's row stands as often as there are taps beyond.
    fn of_points<const N: usize>(points: &Points<W, N>, from: usize, targets: Range<usize>) -> Self {
        let place = move |row: i64| row.clamp(0, from as i64 - 1) as usize;
        let all = points[targets].iter();
        let rows = all.clone().flat_map(move |(first, weights)| (*first..).map(place).zip(weights.iter().copied()));
        Self::of(rows, all.map(|_| N))
    }

    /// The places and weights of a target row, the planned ones counted from 0.
    pub(super) fn target(&self, at: usize) -> (&[usize], &[W]) {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        (&self.rows[begin..self.ends[at]], &self.weights[begin..self.ends[at]])
    }

    /// Number of target rows.
    pub(super) fn targets(&self) -> usize {
        self.ends.len()
    }

    /// The most rows that lie between the first and the last of any target row, both counted.
    pub(super) fn reach(&self) -> usize {
        let reach = |at| self.target(at).0.first().zip(self.target(at).0.last()).map_or(1, |(a, b)| b - a + 1);
        (0..self.ends.len()).map(reach).max().unwrap_or(1)
    }
}

impl Plan {
    /// Tables for `filter` between these sizes, of which `columns` and `rows` of the target are wanted. With `floats` the
    /// colours count as floats, as if each were one before the resize.
    pub(super) fn new(
        filter: Filter,
        from: (usize, usize),
        to: (usize, usize),
        (columns, rows): (Range<usize>, Range<usize>),
        floats: bool,
    ) -> Self {
        if floats {
            let (across, down) = float_taps(filter, from, to);
            let across = Whole { taps: across.part(columns).map(|w| whole(w, PILLOW_BITS)), bits: PILLOW_BITS };
            return Self::Floats { across, down: Column::of_taps(&down.map(|w| w as f32), rows) };
        }
        match filter {
            Filter::Pillow(rule) | Filter::PillowBefore13(rule) => {
                let fixed = |from, to| pillow(rule, from, to).map(|w| whole(w, PILLOW_BITS));
                Self::Bytes {
                    across: Whole { taps: fixed(from.0, to.0).part(columns), bits: PILLOW_BITS },
                    down: Column::of_taps(&fixed(from.1, to.1), rows),
                    down_bits: PILLOW_BITS,
                    down_first: matches!(filter, Filter::Pillow(_)) && pillow_down_first(from, to),
                }
            }
            Filter::Torch { .. } | Filter::TorchLanczos => {
                let axis = |from, to| sixteen_bits(&torch_bytes(filter, from, to));
                let (across, down) = (axis(from.0, to.0), axis(from.1, to.1));
                Self::Bytes {
                    across: Whole { taps: across.taps.part(columns), bits: across.bits },
                    down: Column::of_taps(&down.taps, rows),
                    down_bits: down.bits,
                    down_first: false,
                }
            }
            Filter::OpenCv(OpenCvFilter::Cubic) => {
                let across = folded(&fixed_points(opencv_cubic(from.0, to.0)), from.0).part(columns);
                let down = fixed_points(opencv_cubic(from.1, to.1));
                let scale = 1.0 / (1u32 << (2 * OPENCV_BITS)) as f32;
                let scaled: Points<f32, 4> = down.iter().map(|(at, w)| (*at, w.map(|w| w as f32 * scale))).collect();
                Self::Cubic {
                    across: Whole { taps: across, bits: OPENCV_BITS },
                    down: Column::of_points(&scaled, from.1, rows.clone()),
                    down_whole: Column::of_points(&down, from.1, rows),
                }
            }
            Filter::OpenCv(rule) if opencv_shrinks(rule, from, to) => {
                if let (Some(columns), Some(rows)) =
                    (opencv_whole_shares(from.0, to.0), opencv_whole_shares(from.1, to.1))
                {
                    return Self::Blocks { columns, rows };
                }
                Self::Area {
                    across: opencv_shares(from.0, to.0).part(columns),
                    down: Column::of_taps(&opencv_shares(from.1, to.1), rows),
                }
            }
            Filter::OpenCv(rule) => {
                let as_area = rule == OpenCvFilter::Area;
                let across = fixed_points(at_borders(opencv_linear(from.0, to.0, as_area), from.0));
                let down = fixed_points(opencv_linear(from.1, to.1, as_area));
                Self::Linear {
                    across: Whole { taps: folded(&across, from.0).part(columns), bits: OPENCV_BITS },
                    down: Column::of_points(&down, from.1, rows),
                }
            }
        }
    }
}

/// The weights of both axes on floats.
pub(super) fn float_taps(filter: Filter, from: (usize, usize), to: (usize, usize)) -> (Taps<f64>, Taps<f64>) {
    let shrinks = matches!(filter, Filter::OpenCv(rule) if opencv_shrinks(rule, from, to));
    let axis = |from, to| match filter {
        Filter::Pillow(rule) | Filter::PillowBefore13(rule) => pillow(rule, from, to),
        Filter::OpenCv(OpenCvFilter::Cubic) => folded(&opencv_cubic(from, to), from).map(f64::from),
        Filter::OpenCv(OpenCvFilter::Area) if shrinks => opencv_shares(from, to).map(f64::from),
        Filter::OpenCv(rule) => {
            folded(&at_borders(opencv_linear(from, to, rule == OpenCvFilter::Area), from), from).map(f64::from)
        }
        Filter::Torch { corners, cubic, antialias: true } => torch_widened(cubic, from, to, corners).map(f64::from),
        Filter::Torch { corners, cubic: true, .. } => folded(&torch_near::<4>(from, to, corners), from).map(f64::from),
        Filter::Torch { corners, .. } => folded(&torch_near::<2>(from, to, corners), from).map(f64::from),
        Filter::TorchLanczos => pillow(PillowFilter::Lanczos, from, to),
    };
    (axis(from.0, to.0), axis(from.1, to.1))
}

fn torch_bytes(filter: Filter, from: usize, to: usize) -> Taps<f64> {
    match filter {
        Filter::Torch { corners, cubic, antialias: true } => torch_widened_bytes(cubic, from, to, corners),
        Filter::Torch { corners, cubic: true, .. } => folded(&torch_near_bytes::<4>(from, to, corners), from),
        Filter::Torch { corners, .. } => folded(&torch_near_bytes::<2>(from, to, corners), from),
        _ => pillow(PillowFilter::Lanczos, from, to),
    }
}

/// Away from zero at the half, as a cast after adding a half is.
fn whole(weight: f64, bits: u32) -> i32 {
    (weight * f64::from(1u32 << bits)).round() as i32
}

/// torch takes as many bits as keep the largest weight within 16, and never more than Pillow has.
fn sixteen_bits(taps: &Taps<f64>) -> Whole {
    let largest = (0..taps.len()).flat_map(|at| taps.of(at).1).fold(0.0f64, |a, w| a.max(*w));
    let fits = |bits: &u32| ((0.5 + largest * f64::from(1u32 << bits)) as i64) < 1 << 15;
    let bits = (1..=PILLOW_BITS).take_while(fits).last().unwrap_or(0);
    Whole { taps: taps.map(|w| whole(w, bits)), bits }
}

fn fixed_points<const N: usize>(points: Points<f32, N>) -> Points<i32, N> {
    let fixed = |w: f32| (w * (1u32 << OPENCV_BITS) as f32).round_ties_even() as i32;
    points.into_iter().map(|(at, weights)| (at, weights.map(fixed))).collect()
}
