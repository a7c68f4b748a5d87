//! Points thirty-two at a time, each axis by itself, so that the compiler works on several at once.

use super::batch::{Grid, PointMap};
use multiversion::multiversion;

/// Points in a block.
const SIZE: usize = 32;

/// Added to a number of 0 to 2²² − 1 it leaves the whole number in the low bits of the sum.
const WHOLE: f32 = (1 << 23) as f32;

/// The low bits of such a sum.
const WHOLE_BITS: u32 = (1 << 23) - 1;

/// Coordinates of [`SIZE`] points, and what is to be added to them: nothing, or not a number where a point does not count.
struct Block {
    along: [[f32; SIZE]; 3],
    left_out: [f32; SIZE],
}

impl Block {
    fn empty() -> Self {
        Self { along: [[0.0; SIZE]; 3], left_out: [0.0; SIZE] }
    }

    /// Points that count are finite and, where there are confidences, at least `least` sure and surer than `above`.
    #[inline(always)]
    fn fill(&mut self, points: &[[f32; 3]; SIZE], confidence: Option<&[f32; SIZE]>, least: f32, above: f32) {
        let [x, y, z] = &mut self.along;
        for at in 0..SIZE {
            x[at] = points[at][0];
            y[at] = points[at][1];
            z[at] = points[at][2];
        }
        for at in 0..SIZE {
            // 0 where all three are finite, NaN where one is not.
            self.left_out[at] = (x[at] + y[at] + z[at]) * 0.0;
        }
        if let Some(confidence) = confidence {
            for (left_out, sure) in self.left_out.iter_mut().zip(confidence) {
                let is_sure = *sure >= least && *sure > above;
                *left_out = if is_sure { *left_out } else { f32::NAN };
            }
        }
    }

    /// The points, those that do not count as what is not a number.
    #[inline(always)]
    fn counted(&self) -> [[f32; 3]; SIZE] {
        let [x, y, z] = &self.along;
        std::array::from_fn(|at| [x[at], y[at], z[at]].map(|along| along + self.left_out[at]))
    }
}

/// The points after the last whole block, filled up with what is not a number, and their confidences.
struct Rest {
    points: [[f32; 3]; SIZE],
    confidence: [f32; SIZE],
}

impl Rest {
    fn of(frame: &PointMap<'_>) -> Self {
        let mut rest = Self { points: [[f32::NAN; 3]; SIZE], confidence: [f32::NAN; SIZE] };
        let points = frame.points.as_chunks::<SIZE>().1;
        rest.points[..points.len()].copy_from_slice(points);
        if let Some(confidence) = frame.confidence {
            rest.confidence[..points.len()].copy_from_slice(confidence.as_chunks::<SIZE>().1);
        }
        rest
    }

    /// All blocks of the frame, this one last, with their confidences where there are any.
    #[inline(always)]
    fn after<'a>(
        &'a self,
        frame: &PointMap<'a>,
    ) -> impl Iterator<Item = (&'a [[f32; 3]; SIZE], Option<&'a [f32; SIZE]>)> {
        let points = frame.points.as_chunks().0;
        let confidence = frame.confidence.map(|confidence| confidence.as_chunks().0);
        (0..=points.len()).map(move |at| match points.get(at) {
            Some(points) => (points, confidence.map(|confidence| &confidence[at])),
            None => (&self.points, confidence.map(|_| &self.confidence)),
        })
    }
}

/// Coordinates of four points in a row: as many as fill registers with every axis at its own places.
const ROW: usize = 12;

/// Widens the box from `min` to `max` by the points of a frame that count.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn widen<'a>(frame: &PointMap<'a>, least: f32, above: f32, min: &mut [f32; 3], max: &mut [f32; 3]) {
    let (mut low, mut high) = ([f32::INFINITY; ROW], [f32::NEG_INFINITY; ROW]);
    let mut block = Block::empty();
    let rest = Rest::of(frame);
    for (points, confidence) in rest.after(frame) {
        let counted;
        let points = if confidence.is_none() && are_finite(points) {
            points
        } else {
            block.fill(points, confidence, least, above);
            counted = block.counted();
            &counted
        };
        for row in rows_of(points) {
            for at in 0..ROW {
                // What is not a number is neither less nor more.
                low[at] = if row[at] < low[at] { row[at] } else { low[at] };
                high[at] = if row[at] > high[at] { row[at] } else { high[at] };
            }
        }
    }
    for at in 0..ROW {
        min[at % 3] = min[at % 3].min(low[at]);
        max[at % 3] = max[at % 3].max(high[at]);
    }
}

#[inline(always)]
fn rows_of(points: &[[f32; 3]]) -> &[[f32; ROW]] {
    points.as_flattened().as_chunks().0
}

/// Whether all coordinates are numbers that end.
#[inline(always)]
fn are_finite(points: &[[f32; 3]; SIZE]) -> bool {
    let mut zeros = [0.0f32; ROW];
    for row in rows_of(points) {
        for at in 0..ROW {
            zeros[at] += row[at] * 0.0;
        }
    }
    zeros.iter().all(|zero| *zero == 0.0)
}

/// Marks with 1 the cells that hold points of a frame that count: number `(x · sides[1] + y) · sides[2] + z`, where x, y, z
/// are the point's distances from `min` in whole edges. No more than 2²² cells, and every point lies in one of them.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn mark<'a>(frame: &PointMap<'a>, least: f32, above: f32, grid: &Grid, cells: &mut [u8]) {
    // Whole numbers below 2²⁴ are exact in 32 bits, and so are their products and sums here.
    let [_, rows, columns] = grid.sides.map(|side| side as f32);
    let ([x0, y0, z0], edge) = (grid.min, grid.edge);
    let mut numbers = [0.0f32; SIZE];
    let mut block = Block::empty();
    let rest = Rest::of(frame);
    for (points, confidence) in rest.after(frame) {
        block.fill(points, confidence, least, above);
        let [x, y, z] = &block.along;
        for at in 0..SIZE {
            let (x, y, z) = (floor((x[at] - x0) / edge), floor((y[at] - y0) / edge), floor((z[at] - z0) / edge));
            numbers[at] = (x * rows + y) * columns + z + WHOLE + block.left_out[at];
        }
        for number in numbers {
            // What is not a number has at least 2²² in its low bits: no cell.
            if let Some(cell) = cells.get_mut((number.to_bits() & WHOLE_BITS) as usize) {
                *cell = 1;
            }
        }
    }
}

/// Packs cells that are 0 or 1 into words of 64, the first in the lowest bit.
pub(super) fn pack(cells: &[u8], words: &mut [u64]) {
    for (word, cells) in words.iter_mut().zip(cells.chunks(64)) {
        *word = 0;
        for (at, eight) in cells.chunks(8).enumerate() {
            let mut bytes = [0; 8];
            bytes[..eight.len()].copy_from_slice(eight);
            // The product brings the lowest bit of byte k to bit 56 + k.
            let bits = u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            *word |= bits << (8 * at);
        }
    }
}

/// `floor` of 0 to 2²² without the library call that it is on plain x86-64.
#[inline(always)]
fn floor(value: f32) -> f32 {
    let nearest = (value + WHOLE) - WHOLE;
    nearest - if nearest > value { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_packed_in_their_order() {
        let cells: Vec<u8> = (0..150).map(|at| u8::from(at % 3 == 0 || at % 7 == 0)).collect();
        let mut words = [u64::MAX; 3];
        pack(&cells, &mut words);
        for at in 0..192 {
            let bit = words[at / 64] >> (at % 64) & 1;
            assert_eq!(bit, u64::from(cells.get(at).copied().unwrap_or(0)), "{at}");
        }
    }

    #[test]
    fn the_floor_is_that_of_the_library() {
        for value in [0.0, 1e-9, 0.499_999_97, 0.5, 0.999_999_94, 1.0, 1.5, 2.5, 3.0, 1_023.999_94, 4_194_303.0] {
            assert_eq!(floor(value), value.floor(), "{value}");
        }
    }
}
