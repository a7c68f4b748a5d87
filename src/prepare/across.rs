//! Along a row: 8-bit colours to planes of the target's width.
//!
//! What is written here is the meaning; `x86.rs` computes the same numbers with AVX2. A row of the source is three bytes
//! a pixel; a row of the target is three planes, each `padded` values long.

use super::plan::{PILLOW_BITS, Whole};
use super::taps::Taps;

/// Target pixels are made in groups of this many; rows between the passes are padded to it.
pub(super) const GROUP: usize = 8;

/// `width` rounded up to whole groups.
pub(super) fn padded(width: usize) -> usize {
    width.next_multiple_of(GROUP)
}

/// What a sum of weighted bytes is kept as for the pass along columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "the plain loops ask the type itself"))]
pub(super) enum Kind {
    /// A byte, rounded.
    Byte,
    /// The sum itself.
    Int,
    /// The sum as a float, in units of [`unit`].
    Float,
}

/// A type that sums are kept in.
pub(super) trait Kept: bytemuck::Pod {
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "the plain loops ask the type itself"))]
    const KIND: Kind;

    /// The value of `sum`, whose weights had `bits` bits.
    fn of(sum: i32, bits: u32) -> Self;
}

impl Kept for u8 {
    const KIND: Kind = Kind::Byte;

    #[inline(always)]
    fn of(sum: i32, bits: u32) -> Self {
        ((sum + (1 << bits >> 1)) >> bits).clamp(0, 255) as u8
    }
}

impl Kept for i32 {
    const KIND: Kind = Kind::Int;

    #[inline(always)]
    fn of(sum: i32, _: u32) -> Self {
        sum
    }
}

impl Kept for f32 {
    const KIND: Kind = Kind::Float;

    #[inline(always)]
    fn of(sum: i32, bits: u32) -> Self {
        sum as f32 * unit(bits)
    }
}

/// What a kept float is of a sum: with fine weights as a byte counts; OpenCV divides its 11 bits out at the end only.
pub(super) fn unit(bits: u32) -> f32 {
    if bits == PILLOW_BITS { 1.0 / (1u32 << bits) as f32 } else { 1.0 }
}

/// One row by whole numbers.
pub(super) fn whole_row<T: Kept>(source: &[u8], whole: &Whole, out: &mut [T]) {
    let plane = padded(whole.taps.len());
    let (red, rest) = out.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    for (at, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate().take(whole.taps.len()) {
        let (first, weights) = whole.taps.of(at);
        let mut sums = [0i32; 3];
        for (pixel, weight) in source[3 * first..].as_chunks::<3>().0.iter().zip(weights) {
            for (sum, byte) in sums.iter_mut().zip(pixel) {
                *sum += i32::from(*byte) * weight;
            }
        }
        [*red, *green, *blue] = sums.map(|sum| T::of(sum, whole.bits));
    }
}

/// One row by floats, summed from the left.
pub(super) fn float_row(source: &[u8], taps: &Taps<f32>, out: &mut [f32]) {
    let plane = padded(taps.len());
    let (red, rest) = out.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    for (at, ((red, green), blue)) in red.iter_mut().zip(green).zip(blue).enumerate().take(taps.len()) {
        let (first, weights) = taps.of(at);
        let mut sums = [0f32; 3];
        for (pixel, weight) in source[3 * first..].as_chunks::<3>().0.iter().zip(weights) {
            for (sum, byte) in sums.iter_mut().zip(pixel) {
                *sum += f32::from(*byte) * weight;
            }
        }
        [*red, *green, *blue] = sums;
    }
}
