//! Resizing: 8-bit colours, and planes of floats.

use super::bytes;
use super::filter::Filter;
use super::isa::Isa;
use super::plan::{Plan, float_taps};
use super::rgb::{Rgb, check_size, filled};
use super::taps::Taps;
use crate::error::{Error, Result};

/// Resizes 8-bit colours, in the library's own 8-bit arithmetic.
///
/// Refuses a target of no pixels or with a side beyond 16,384, and a picture whose bytes are not its size.
pub fn resize_rgb(picture: &Rgb, width: usize, height: usize, filter: Filter) -> Result<Rgb> {
    resize_rgb_with(picture, width, height, filter, Isa::best())
}

fn resize_rgb_with(picture: &Rgb, width: usize, height: usize, filter: Filter, isa: Isa) -> Result<Rgb> {
    picture.check()?;
    check_size("target", (width, height))?;
    let mut data = filled(3 * width * height, 0)?;
    let plan = Plan::new(filter, picture.size(), (width, height), (0..width, 0..height), false);
    bytes::resize(picture, &plan, (0, width, height), width, isa, |at, line| {
        let planes = std::array::from_fn(|channel| &line.values[channel * line.plane..][..width]);
        isa.interleave(planes, &mut data[at * 3 * width..][..3 * width]);
    })?;
    Rgb::new(width, height, data)
}

/// Resizes planes of floats, one after another as in a tensor of C × H × W; sizes are (width, height).
///
/// Refuses sizes of none or with a side beyond 16,384, and any number of values but channels × width × height.
pub fn resize_f32(
    planes: &[f32],
    channels: usize,
    from: (usize, usize),
    to: (usize, usize),
    filter: Filter,
) -> Result<Vec<f32>> {
    check_size("planes", from)?;
    check_size("target", to)?;
    if channels.checked_mul(from.0 * from.1) != Some(planes.len()) {
        return Err(Error::argument(format!(
            "{} values for {channels} planes of {}x{} pixels, expected as many as there are pixels",
            planes.len(),
            from.0,
            from.1
        )));
    }
    let isa = Isa::best();
    let (across, down) = float_taps(filter, from, to);
    let (across, down) = (across.map(|w| w as f32), down.map(|w| w as f32));
    let mut out = filled(channels * to.0 * to.1, 0.0)?;
    let mut narrowed = filled(to.0 * from.1, 0.0)?;
    for (plane, out) in planes.chunks_exact(from.0 * from.1).zip(out.chunks_exact_mut(to.0 * to.1)) {
        for (row, narrowed) in plane.chunks_exact(from.0).zip(narrowed.chunks_exact_mut(to.0)) {
            along(row, &across, narrowed);
        }
        for (at, row) in out.chunks_exact_mut(to.0).enumerate() {
            let (first, weights) = down.of(at);
            let rows: Vec<&[f32]> = narrowed[first * to.0..].chunks_exact(to.0).take(weights.len()).collect();
            isa.floats(&rows, weights, row);
        }
    }
    Ok(out)
}

fn along(row: &[f32], taps: &Taps<f32>, out: &mut [f32]) {
    for (at, value) in out.iter_mut().enumerate() {
        let (first, weights) = taps.of(at);
        *value = row[first..].iter().zip(weights).map(|(value, weight)| value * weight).sum();
    }
}
