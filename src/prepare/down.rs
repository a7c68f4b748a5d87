//! Along columns: kept rows to a row of the target, all three planes in one line.
//!
//! Plain loops over lines of equal length, which compilers make vectors of; `x86.rs` compiles them once more for AVX2.
//! Sums are in the order in which the library takes them, so the two are equal to the last bit.

/// Values that are summed side by side: enough to keep the sums in registers.
const BLOCK: usize = 32;

/// Rounds half to even and cuts off at 0 and 255.
#[inline(always)]
pub(super) fn byte(value: f32) -> u8 {
    // Beyond this number floats are whole ones: adding it rounds, and leaves the number in the low bits.
    const WHOLE: f32 = 12_582_912.0;
    (value.clamp(0.0, 255.0) + WHOLE).to_bits() as u8
}

/// Pillow's and torch's way: bytes times whole numbers, rounded.
#[inline(always)]
pub(super) fn bytes(rows: &[&[u8]], weights: &[i32], bits: u32, out: &mut [u8]) {
    let half = 1 << bits >> 1;
    let finish = |sum: i32| (sum >> bits).clamp(0, 255) as u8;
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for (at, block) in blocks.iter_mut().enumerate() {
        let mut sums = [half; BLOCK];
        for (row, weight) in rows.iter().zip(weights) {
            for (sum, byte) in sums.iter_mut().zip(&row[at * BLOCK..][..BLOCK]) {
                *sum += i32::from(*byte) * weight;
            }
        }
        for (out, sum) in block.iter_mut().zip(sums) {
            *out = finish(sum);
        }
    }
    let done = blocks.len() * BLOCK;
    for (at, out) in rest.iter_mut().enumerate() {
        let sum = |sum: i32, (row, weight): (&&[u8], &i32)| sum + i32::from(row[done + at]) * weight;
        *out = finish(rows.iter().zip(weights).fold(half, sum));
    }
}

/// OpenCV's linear way: sums lose 4 bits, products 16, and the sum of both is rounded by the last 2.
#[inline(always)]
pub(super) fn linear(rows: [&[i32]; 2], weights: [i32; 2], out: &mut [u8]) {
    let [upper, lower] = rows;
    for ((out, upper), lower) in out.iter_mut().zip(upper).zip(lower) {
        let sum = ((weights[0] * (upper >> 4)) >> 16) + ((weights[1] * (lower >> 4)) >> 16);
        *out = ((sum + 2) >> 2).clamp(0, 255) as u8;
    }
}

/// OpenCV's cubic way where it has vectors: floats, from the last row to the first.
#[inline(always)]
pub(super) fn cubic(rows: [&[f32]; 4], weights: [f32; 4], out: &mut [u8]) {
    let [first, second, third, fourth] = rows;
    let lines = first.iter().zip(second).zip(third).zip(fourth);
    for (out, (((first, second), third), fourth)) in out.iter_mut().zip(lines) {
        let sum = third * weights[2] + fourth * weights[3];
        *out = byte(first * weights[0] + (second * weights[1] + sum));
    }
}

/// OpenCV's cubic way where it has none.
pub(super) fn cubic_whole(values: [f32; 4], weights: [i32; 4]) -> u8 {
    // The floats are whole numbers of less than 24 bits.
    let sum: i64 = values.iter().zip(weights).map(|(value, weight)| *value as i64 * i64::from(weight)).sum();
    ((sum + (1 << 21)) >> 22).clamp(0, 255) as u8
}

/// Floats, from the first row to the last.
#[inline(always)]
pub(super) fn floats(rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for (at, block) in blocks.iter_mut().enumerate() {
        *block = [0.0; BLOCK];
        for (row, weight) in rows.iter().zip(weights) {
            for (sum, value) in block.iter_mut().zip(&row[at * BLOCK..][..BLOCK]) {
                *sum += value * weight;
            }
        }
    }
    let done = blocks.len() * BLOCK;
    for (at, out) in rest.iter_mut().enumerate() {
        *out = rows.iter().zip(weights).fold(0.0, |sum, (row, weight)| sum + row[done + at] * weight);
    }
}

/// Three planes as pixels, as many as `out` has room for.
pub(super) fn interleave([red, green, blue]: [&[u8]; 3], out: &mut [u8]) {
    for (pixel, ((red, green), blue)) in out.as_chunks_mut::<3>().0.iter_mut().zip(red.iter().zip(green).zip(blue)) {
        *pixel = [*red, *green, *blue];
    }
}

/// `value * scale + shift`.
#[inline(always)]
pub(super) fn normalise(values: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = f32::from(*value) * scale + shift);
}

/// The same of floats.
#[inline(always)]
pub(super) fn normalise_floats(values: &[f32], scale: f32, shift: f32, out: &mut [f32]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value * scale + shift);
}
