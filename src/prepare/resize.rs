//! Resizing: 8-bit colours and planes of floats.

use super::filter::Filter;
use super::rgb::{Rgb, check_size, filled};
use super::taps::Taps;
use crate::error::{Error, Result};

/// Resizes 8-bit colours, in the library's own 8-bit arithmetic.
///
/// Refuses a target of no pixels or with a side beyond 16,384, and a picture whose bytes are not its size.
pub fn resize_rgb(picture: &Rgb, width: usize, height: usize, filter: Filter) -> Result<Rgb> {
    picture.check()?;
    check_size("target", (width, height))?;
    let floats: Vec<f32> =
        (0..3).flat_map(|channel| picture.data.iter().skip(channel).step_by(3).map(|byte| f32::from(*byte))).collect();
    let resized = resize_f32(&floats, 3, picture.size(), (width, height), filter)?;
    let mut data = filled(3 * width * height, 0)?;
    for (channel, plane) in resized.chunks_exact(width * height).enumerate() {
        for (byte, value) in data.iter_mut().skip(channel).step_by(3).zip(plane) {
            *byte = value.round() as u8;
        }
    }
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
    let both_shrink = to.0 <= from.0 && to.1 <= from.1;
    let across = Taps::new(filter, from.0, to.0, both_shrink);
    let down = Taps::new(filter, from.1, to.1, both_shrink);
    let mut out = filled(channels * to.0 * to.1, 0.0)?;
    let mut narrowed = filled(to.0 * from.1, 0.0)?;
    for (plane, out) in planes.chunks_exact(from.0 * from.1).zip(out.chunks_exact_mut(to.0 * to.1)) {
        for (row, narrowed) in plane.chunks_exact(from.0).zip(narrowed.chunks_exact_mut(to.0)) {
            for (at, value) in narrowed.iter_mut().enumerate() {
                let (first, count) = across.spans[at];
                let weights = &across.weights[at * across.room..][..count];
                *value = row[first..][..count].iter().zip(weights).map(|(a, w)| f64::from(*a) * w).sum::<f64>() as f32;
            }
        }
        for (at, row) in out.chunks_exact_mut(to.0).enumerate() {
            let (first, count) = down.spans[at];
            let weights = &down.weights[at * down.room..][..count];
            for (u, value) in row.iter_mut().enumerate() {
                let column = weights.iter().enumerate().map(|(k, w)| f64::from(narrowed[(first + k) * to.0 + u]) * w);
                *value = column.sum::<f64>() as f32;
            }
        }
    }
    Ok(out)
}
